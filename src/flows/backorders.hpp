#pragma once
// Lines that wait for stock. A product may allow it (`backorder`): then processing an order
// reserves what is there and the rest waits, oldest first, until stock arrives in whatever way. The
// order is processing meanwhile and can be shipped in part.
//
// Nobody overtakes: an item keeps what it owes to those who wait (inventory::Item::backordered),
// and whoever comes later leaves that much, so that stock which arrives is still there when its
// turn comes. An order on hold keeps its place and is given stock; one that is cancelled, goes back
// to pending or loses its reservations loses its place too.
//
// Invariants: a line's `backordered` and its item's are the sums of these rows.

#include "inventory/inventory.hpp"
#include "orders/orders.hpp"

namespace stateset::flows {

// A line that waits. There is one row a line; split lines keep their place.
struct Backorder {
    Id<Backorder> id;
    orders::OrderId order_id;
    orders::LineId order_item_id;
    inventory::ItemId item_id;
    std::string sku;
    std::int64_t quantity = 0;  // pieces
    Time since;                 // the place in the queue
};

// What of a line is not there.
struct Shortage {
    orders::LineId order_item_id;
    inventory::ItemId item_id;
    std::string sku;
    std::int64_t quantity = 0;
};

// Takes out of the needs what lines that may wait cannot have now. Lines that may not wait are
// served first. Reads nothing when no line of the order may wait.
std::vector<Shortage> leave_out_missing(Tx&, const orders::Order&, std::vector<inventory::Need>&);
// Lines its order up for what is missing.
void begin_waiting(Tx&, const orders::Order&, const std::vector<Shortage>&, Time since);
// The order's lines wait no longer. Called by flows::refresh for every order that is not being
// processed; reads nothing when no line waits.
void stop_waiting(Tx&, const orders::Order&);
// Asks for what stop_waiting will need, when a line waits. The order's lines must be loaded.
void gather_waiting(Tx&, const orders::Order&);
// `pieces` of a waiting line wait no longer: it, its line and its item are told. The item must be
// locked and the order's waiting lines loaded.
void wait_for_less(Tx&, const Backorder&, std::int64_t pieces);

// A waiting line whose turn has come, and for how many pieces, as a query saw it.
struct Turn {
    Tenant tenant;
    Id<Backorder> id;
    orders::OrderId order_id;
    std::int64_t quantity;
};

// Reserves for one order what has come for its lines, as far as it is there now. Unpaid orders have
// their time to pay from now on. Emits inventory.reserved and order.updated; nothing when its turn
// has passed.
void fill_backorders(Tx&, orders::OrderId, const std::vector<Turn>&);

}  // namespace stateset::flows

template <>
struct stateset::store::Table<stateset::flows::Backorder>
    : stateset::store::Named<"backorders", "backorder"> {
    using parent = Child<"orders", &stateset::flows::Backorder::order_id>;
};
