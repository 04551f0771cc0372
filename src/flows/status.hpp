#pragma once
// What the parts of an order say about the whole, after every change.

#include "inventory/inventory.hpp"
#include "orders/orders.hpp"
#include "orders/sums.hpp"

namespace stateset::flows {

// How long an unpaid order that is being processed keeps its reservations. Set once, before the
// first command runs.
struct OrderRules {
    Span reservation_lifetime = hours(24);
};
OrderRules& order_rules();

// Derives payment_status and fulfillment_status from the sums of the order's payments, reservations
// and lines, by the pure functions orders::payment_status and orders::fulfillment_status. Each
// line's `reserved` follows its reservations, and these expire exactly while the order is being
// processed unpaid (orders::reservations_expire): money on its way or there, a hold and sale on
// account stop the clock, and it starts anew when they end. Lines wait for stock only while it is
// being processed. Emits nothing. The order must be being edited.
void refresh(Tx&, orders::Order&);

// Asks for the order's lines, reservations and payments at once, so that a command that needs them
// misses once. The order must be locked.
void load_parts(Tx&, const orders::Order&);

// What the order still holds in stock.
std::vector<const inventory::Reservation*> active_reservations(Tx&, const orders::Order&);

// The order's payments, added up.
orders::PaymentSums payment_sums(Tx&, const orders::Order&);

}  // namespace stateset::flows
