#pragma once
// The lines of an order change while it is pending; totals and what is owed follow.

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
    Change<Amount> unit_price;  // only who may orders:price names another than the line has
};

// All refuse with illegal_transition when the order is not pending, and emit order.updated. The
// order's discount is spread anew and falls to the subtotal where it would exceed it.
orders::Line add_item(Tx&, const Actor&, const AddItem&);
orders::Line change_item(Tx&, const Actor&, const ItemChanges&);
void remove_item(Tx&, const Actor&,
                 const orders::OneItem&);  // refuses the last with order_needs_items

}  // namespace stateset::flows
