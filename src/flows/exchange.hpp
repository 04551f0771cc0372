#pragma once
// Something else instead of what came back: an order of the replacements at the catalogue's prices
// of today, paid as far as it goes by what the goods are worth. No gateway moves that money: it
// counts as refunded on the payments it came from and as captured on the new order. What the new
// order costs beyond it is owed there like on any other order.

#include "returns/returns.hpp"

namespace stateset::flows {

struct Exchanged {
    Money paid;                               // of the credit; at most the new order's total
    std::vector<payments::RefundId> refunds;  // that took it from the payments before
};

// Makes the order and links it with the return. `credit` is at most what the first order's payments
// can give back; that order is locked and its payments loaded. Refuses as orders::place does.
Exchanged exchange(Tx&, const Actor&, const orders::Order& from, returns::Return&, Money credit);

// Asks for what `exchange` will read, before the order is locked.
void ask_for_replacements(Tx&, const returns::Return&);
// The same for what depends on the order, once that is locked.
void ask_for_rates(Tx&, const orders::Order& from, const returns::Return&);

}  // namespace stateset::flows
