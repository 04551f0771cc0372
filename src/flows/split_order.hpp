#pragma once
// A part of an order becomes an order of its own, with what is reserved for it and its place in the
// queue for what is not there. Two or more pending orders become one.
//
// Money stays where it was paid, so only orders without any are split or merged.

#include "inventory/inventory.hpp"
#include "orders/orders.hpp"

namespace stateset::flows {

inline constexpr Code order_has_payments{
    "order_has_payments", 409, "Money was paid for it",
    "Only an order without payments made or in flight is split or merged; void or refund them, or "
    "place another order."};
inline constexpr Code orders_differ{
    "orders_differ", 409, "The orders do not go together",
    "Merge orders of one customer, currency, payment terms and addresses; `errors` names what "
    "differs."};

struct ItemToMove {
    orders::LineId order_item_id;
    Int<1, 1'000'000> quantity;
};

struct SplitOrder {
    orders::OrderId id;
    List<ItemToMove, 1, orders::most_lines> items;
    Reason reason;
};

struct MergeOrders {
    orders::OrderId id;  // the one that stays
    List<orders::OrderId, 1, 50> order_ids;
    Reason reason;
};

// The new order: same customer, terms, addresses, metadata and tags, origin `split`, in the same
// status. Of each line the pieces that wait for stock go first, then reserved ones; a line's
// discount and the order's go along in proportion, shipping_total stays. Refuses with
// illegal_transition unless it is pending or processing, order_has_payments, invalid (more than the
// line has outside of shipments) and order_needs_items when nothing would be left. Emits
// order.created and order.updated.
orders::Order split_order(Tx&, const Actor&, const SplitOrder&);

// The order with the lines of the others: discounts and shipping_total are added up, notes and tags
// are joined. The others are cancelled and name it as merged_into. Refuses with illegal_transition
// unless all are pending, order_has_payments, orders_differ, and order_needs_items beyond 1,000
// lines. Emits order.cancelled for each of the others and order.updated.
orders::Order merge_orders(Tx&, const Actor&, const MergeOrders&);

}  // namespace stateset::flows
