#pragma once
// An order is called off: stock is free again, what has not left does not leave, money goes back.

#include "inventory/inventory.hpp"
#include "orders/orders.hpp"

namespace stateset::flows {

struct CancelOrder {
    orders::OrderId id;
    Reason reason;
};

// One transaction releases the reservations, cancels the shipments that have not left and begins to
// give the money back. Refuses with illegal_transition once goods have left. Emits order.cancelled.
orders::Order cancel_order(Tx&, const Actor&, const CancelOrder&);

// The same for a flow that has its reasons, a declined payment for one. The order must be being
// edited.
void cancel(Tx&, orders::Order&, std::optional<std::string> reason);

}  // namespace stateset::flows
