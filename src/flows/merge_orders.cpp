#include <algorithm>

#include "flows/split_order.hpp"
#include "flows/status.hpp"
#include "orders/lifecycle.hpp"
#include "orders/pricing.hpp"
#include "payments/payments.hpp"
#include "platform/store/gather.hpp"

namespace stateset::flows {
namespace {

using orders::Line;
using orders::Order;

constexpr std::size_t most_notes = 10'000;  // bytes, as of any order

std::string pointer_to(std::size_t at) { return "/order_ids/" + std::to_string(at); }

// All of them locked at once, each named once.
std::vector<const Order*> others_of(Tx& tx, const MergeOrders& wanted) {
    auto found = tx.each(wanted.order_ids, [&](orders::OrderId id) { return tx.find<Order>(id); });
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (!found[i]) throw unknown_reference(pointer_to(i));
        bool twice = found[i]->id == wanted.id;
        for (std::size_t j = 0; j < i; ++j) twice |= found[j]->id == found[i]->id;
        if (twice) throw invalid(pointer_to(i), "duplicate", "is given twice");
    }
    return found;
}

void require_can_merge(Tx& tx, const Order& order) {
    if (order.status != orders::Status::pending) {
        throw Refusal(codes::illegal_transition,
                      "Only pending orders are merged; " + order.order_number + " is `" +
                          std::string(reflect::name(order.status)) + "`.");
    }
    for (const auto* payment : tx.all<payments::Payment>(order.id)) {
        require(payments::counted(*payment).minor == 0, order_has_payments,
                "Payments made or in flight belong to " + order.order_number + ".");
    }
}

void require_alike(const Order& order, const std::vector<const Order*>& others) {
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < others.size(); ++i) {
        const auto& other = *others[i];
        auto differ = [&](bool differs, const char* code) {
            if (!differs) return;
            faults.push_back(
                {pointer_to(i), code, other.order_number + " has another " + code, {}});
        };
        differ(other.customer_id != order.customer_id, "customer");
        differ(other.currency != order.currency, "currency");
        differ(other.payment_terms != order.payment_terms, "payment_terms");
        differ(other.shipping_address != order.shipping_address, "shipping_address");
        differ(other.billing_address != order.billing_address, "billing_address");
    }
    if (!faults.empty()) {
        throw Refusal(orders_differ, "The orders do not go together.", std::move(faults));
    }
}

void join_notes(Order& order, const Order& other) {
    if (!other.notes) return;
    auto joined = order.notes ? *order.notes + "\n" + *other.notes : *other.notes;
    if (joined.size() > most_notes) {
        throw invalid("/order_ids", "too_long", "the notes together would exceed 10,000 bytes");
    }
    order.notes = std::move(joined);
}

void take_in(Tx& tx, Order& order, const Order& other) {
    for (const auto* line : tx.all<Line>(other.id)) {
        auto copy = *line;
        copy.id = tx.new_id();
        copy.order_id = order.id;
        tx.add(std::move(copy));
    }
    order.order_discount += other.order_discount;
    order.shipping_total += other.shipping_total;
    join_notes(order, other);
    auto tags = order.tags;
    std::ranges::copy(other.tags, std::back_inserter(tags));
    orders::set_tags(tx, order, std::move(tags));
    order.metadata.insert(other.metadata.begin(), other.metadata.end());
}

void give_up(Tx& tx, Order& other, const Order& into) {
    orders::move(other, orders::Action::cancel);
    other.cancel_reason = "Merged into " + into.order_number + ".";
    other.merged_into = into.id;
    refresh(tx, other);
    tx.emit("order.cancelled", other);
}

}  // namespace

Order merge_orders(Tx& tx, const Actor&, const MergeOrders& wanted) {
    std::vector<const Order*> others;
    gather(tx, [&] { tx.get<Order>(wanted.id); }, [&] { others = others_of(tx, wanted); });
    auto& order = tx.edit<Order>(wanted.id);
    gather(
        tx, [&] { load_parts(tx, order); }, [&] { tx.all<orders::Tag>(order.id); },
        [&] {
            tx.each(others, [&](const Order* other) {
                load_parts(tx, *other);
                return true;
            });
        });
    require_can_merge(tx, order);
    for (const auto* other : others) require_can_merge(tx, *other);
    require_alike(order, others);
    for (const auto* other : others) {
        take_in(tx, order, *other);
        give_up(tx, tx.edit(*other), order);
    }
    std::vector<Line*> lines;
    for (const auto* line : tx.all<Line>(order.id)) lines.push_back(&tx.edit(*line));
    require(lines.size() <= orders::most_lines, orders::order_needs_items,
            "Together they have more than 1,000 lines.");
    orders::total_up(order, lines);
    refresh(tx, order);
    tx.emit("order.updated", order);
    return order;
}

}  // namespace stateset::flows
