#pragma once
// What an order set aside and nobody paid for becomes free again.

#include "orders/orders.hpp"

namespace stateset::flows {

// Called for an order that seems to have reservations past their time; looks again under its lock.
// When they are due and nothing pins them, all of the order's reservations expire together, what
// was packed is unpacked, and it goes back to pending, where it can be edited and processed again.
// Money there or on its way, a hold and sale on account pin them: then they lose their time
// instead. Emits inventory.expired, shipment.cancelled and order.updated. An order that does not
// exist is left alone.
void expire_reservations(Tx&, orders::OrderId);

}  // namespace stateset::flows
