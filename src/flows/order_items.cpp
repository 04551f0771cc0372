#include "flows/order_items.hpp"

#include "flows/status.hpp"
#include "orders/pricing.hpp"
#include "platform/store/gather.hpp"

namespace stateset::flows {
namespace {

using orders::Line;
using orders::Order;

Order& pending(Tx& tx, orders::OrderId id) {
    auto& order = tx.edit<Order>(id);
    if (order.status != orders::Status::pending) {
        throw Refusal(codes::illegal_transition,
                      "Lines change only while the order is pending; it is `" +
                          std::string(reflect::name(order.status)) + "`.");
    }
    return order;
}

Line& line_of(Tx& tx, const Order& order, orders::LineId wanted) {
    const auto* line = tx.find<Line>(wanted);
    if (!line || line->order_id != order.id) {
        throw Refusal(codes::not_found, "The order has no such line.");
    }
    return tx.edit(*line);
}

// Totals, what is owed, and the event.
void settle(Tx& tx, Order& order) {
    std::vector<Line*> lines;
    for (const auto* line : tx.all<Line>(order.id)) lines.push_back(&tx.edit(*line));
    orders::total_up(order, lines);
    refresh(tx, order);
    tx.emit("order.updated", order);
}

Money price_for(const Actor& actor, const Line& line, Amount wanted) {
    orders::Findings findings;
    auto price = orders::money_of(wanted, line.currency, "/unit_price", findings);
    if (price != line.unit_price && !actor.may("orders:price")) {
        findings.mismatched.push_back({"/unit_price",
                                       "price_mismatch",
                                       "the price is " + to_string(line.unit_price),
                                       {{"sku", line.sku}, {"price", to_string(line.unit_price)}}});
    }
    findings.refuse_if_any();
    return price;
}

}  // namespace

Line add_item(Tx& tx, const Actor& actor, const AddItem& wanted) {
    const products::Variant* variant = nullptr;
    gather(
        tx, [&] { tx.find<Order>(wanted.id); },
        [&] { variant = orders::variant_of(tx, wanted.item.value); });
    auto& order = pending(tx, wanted.id);
    load_parts(tx, order);
    require(tx.all<Line>(order.id).size() < orders::most_lines, orders::order_needs_items,
            "The order has 1,000 lines already.");
    orders::Findings findings;
    auto line =
        orders::line_for(tx, actor, wanted.item.value, variant, order.currency, "", findings);
    findings.refuse_if_any();
    line.order_id = order.id;
    const auto& added = tx.add(std::move(line));
    settle(tx, order);
    return added;
}

Line change_item(Tx& tx, const Actor& actor, const ItemChanges& wanted) {
    auto& order = pending(tx, wanted.id);
    load_parts(tx, order);
    auto& line = line_of(tx, order, wanted.order_item_id);
    if (wanted.quantity.given) line.quantity = wanted.quantity.value;
    if (wanted.unit_price.given) line.unit_price = price_for(actor, line, wanted.unit_price.value);
    settle(tx, order);
    return line;
}

void remove_item(Tx& tx, const Actor&, const orders::OneItem& wanted) {
    auto& order = pending(tx, wanted.id);
    load_parts(tx, order);
    const auto& line = line_of(tx, order, wanted.order_item_id);
    require(tx.all<Line>(order.id).size() > 1, orders::order_needs_items,
            "This is the order's last line.");
    tx.remove(line);
    settle(tx, order);
}

}  // namespace stateset::flows
