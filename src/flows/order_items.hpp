#pragma once
// An order and its lines change while it is pending; totals, tax and what is owed follow. It may
// come to cost less than was paid for it: then it is paid, nothing more is owed, and what is too
// much goes back by a refund. Such a change is not refused, since only the change tells how much
// that is. (Splitting and merging, which would leave it open whose money it is, are.)

#include "orders/orders.hpp"

namespace stateset::flows {

struct AddItem {
    orders::OrderId id;
    Flat<orders::NewLine> item;
};

struct ItemChanges {
    orders::OrderId id;
    orders::LineId order_item_id;
    Change<Int<1, 1'000'000>> quantity;
    // Only who may orders:price names other ones than the line has.
    Change<Amount> unit_price;
    Change<Amount> discount;                   // of the line by itself
    Change<std::optional<Quantity>> tax_rate;  // null: that of where it goes
};

// All refuse with illegal_transition when the order is not pending, and emit order.updated. The
// order's discount is spread anew and falls to the subtotal where it would exceed it.
orders::Line add_item(Tx&, const Actor&, const AddItem&);
orders::Line change_item(Tx&, const Actor&, const ItemChanges&);
void remove_item(Tx&, const Actor&,
                 const orders::OneItem&);  // refuses the last with order_needs_items
// Another address of a pending order is taxed as what goes there, except where the caller gave the
// rate. discount_total is what is taken off the order as a whole, beside its lines' own discounts;
// it and shipping_total need orders:price and a pending order. Emits order.updated.
orders::Order update_order(Tx&, const Actor&, const orders::OrderChanges&);

}  // namespace stateset::flows
