#pragma once
// What the parts of an order say about the whole, after every change.

#include "orders/orders.hpp"

namespace stateset::flows {

// Derives payment_status and fulfillment_status from the sums of the order's payments, reservations
// and lines, by the pure functions orders::payment_status and orders::fulfillment_status. Emits
// nothing. The order must be being edited.
void refresh(Tx&, orders::Order&);

}  // namespace stateset::flows
