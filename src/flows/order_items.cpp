#include "flows/order_items.hpp"

#include "flows/status.hpp"
#include "orders/pricing.hpp"
#include "platform/store/gather.hpp"

namespace stateset::flows {
namespace {

using orders::Line;
using orders::Order;

void require_pending(const Order& order) {
    if (order.status == orders::Status::pending) return;
    throw Refusal(codes::illegal_transition,
                  "Lines and amounts change only while the order is pending; it is `" +
                      std::string(reflect::name(order.status)) + "`.");
}

Order& pending(Tx& tx, orders::OrderId id) {
    auto& order = tx.edit<Order>(id);
    require_pending(order);
    return order;
}

taxes::Table rates_for(Tx& tx, const Order& order) {
    return taxes::table_for(tx, order.shipping_address, order.billing_address);
}

// Its parts and the rates of where it goes, in one question.
taxes::Table load(Tx& tx, const Order& order) {
    gather(tx, [&] { load_parts(tx, order); }, [&] { rates_for(tx, order); });
    return rates_for(tx, order);
}

Line& line_of(Tx& tx, const Order& order, orders::LineId wanted) {
    const auto* line = tx.find<Line>(wanted);
    if (!line || line->order_id != order.id) {
        throw Refusal(codes::not_found, "The order has no such line.");
    }
    return tx.edit(*line);
}

std::vector<Line*> lines_of(Tx& tx, const Order& order) {
    std::vector<Line*> lines;
    for (const auto* line : tx.all<Line>(order.id)) lines.push_back(&tx.edit(*line));
    return lines;
}

// Totals, what is owed, and the event.
void settle(Tx& tx, Order& order) {
    orders::total_up(order, lines_of(tx, order));
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

// What the line now costs before discounts.
Money gross_of(const Line& line) try {
    return line.unit_price * line.quantity;
} catch (const std::overflow_error&) {
    throw invalid("/quantity", "too_large", "the line's price does not fit");
}

Money discount_for(const Actor& actor, const Line& line, Amount wanted) {
    orders::Findings findings;
    auto discount = orders::discount_for(actor, wanted, gross_of(line), "/discount", findings);
    findings.refuse_if_any();
    return discount;
}

void set_tax_rate(const Actor& actor, Line& line, std::optional<Quantity> wanted, Quantity due) {
    orders::Findings findings;
    auto rate = wanted.value_or(due);
    if (rate < Quantity{} || rate > Quantity::of(1)) {
        findings.invalid.push_back({"/tax_rate", "too_large", "must be a share from 0 to 1", {}});
    }
    orders::require_price_permission(actor, rate != due, "/tax_rate", findings);
    findings.refuse_if_any();
    line.tax_rate = rate;
    line.tax_rate_given.value = wanted.has_value();
}

bool changes_amounts(const orders::OrderChanges& wanted) {
    return wanted.discount_total.given || wanted.shipping_total.given;
}

bool moves(const orders::OrderChanges& wanted, const Order& order) {
    return (wanted.shipping_address.given &&
            wanted.shipping_address.value != order.shipping_address) ||
           (wanted.billing_address.given && wanted.billing_address.value != order.billing_address);
}

void set_amounts(const Actor& actor, Order& order, const orders::OrderChanges& wanted) {
    orders::Findings findings;
    auto set = [&](const Change<Amount>& change, Money& to, const std::string& pointer) {
        if (!change.given) return;
        auto amount = orders::money_of(change.value, order.currency, pointer, findings);
        orders::require_price_permission(actor, amount != to, pointer, findings);
        to = amount;
    };
    set(wanted.discount_total, order.order_discount, "/discount_total");
    set(wanted.shipping_total, order.shipping_total, "/shipping_total");
    findings.refuse_if_any();
}

void tax_anew(Tx& tx, const Order& order, const taxes::Assessor& assessor) {
    for (auto* line : lines_of(tx, order)) {
        if (!line->tax_rate_given.value) line->tax_rate = assessor.rate_for(line->tax_category);
    }
}

}  // namespace

Line add_item(Tx& tx, const Actor& actor, const AddItem& wanted) {
    const products::Variant* variant = nullptr;
    gather(
        tx, [&] { tx.find<Order>(wanted.id); },
        [&] { variant = orders::variant_of(tx, wanted.item.value); });
    auto& order = pending(tx, wanted.id);
    auto rates = load(tx, order);
    require(tx.all<Line>(order.id).size() < orders::most_lines, orders::order_needs_items,
            "The order has 1,000 lines already.");
    orders::Findings findings;
    auto line = orders::line_for(tx, actor, wanted.item.value, variant, rates, order.currency, "",
                                 findings);
    findings.refuse_if_any();
    line.order_id = order.id;
    const auto& added = tx.add(std::move(line));
    settle(tx, order);
    return added;
}

Line change_item(Tx& tx, const Actor& actor, const ItemChanges& wanted) {
    auto& order = pending(tx, wanted.id);
    auto rates = load(tx, order);
    auto& line = line_of(tx, order, wanted.order_item_id);
    if (wanted.quantity.given) line.quantity = wanted.quantity.value;
    if (wanted.unit_price.given) line.unit_price = price_for(actor, line, wanted.unit_price.value);
    if (wanted.discount.given)
        line.line_discount = discount_for(actor, line, wanted.discount.value);
    if (wanted.tax_rate.given) {
        set_tax_rate(actor, line, wanted.tax_rate.value, rates.rate_for(line.tax_category));
    }
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

Order update_order(Tx& tx, const Actor& actor, const orders::OrderChanges& wanted) {
    auto& order = tx.edit<Order>(wanted.id);
    auto status = order.held_from.value.value_or(order.status);
    bool goes_elsewhere = moves(wanted, order) && status == orders::Status::pending;
    gather(
        tx,
        [&] {
            if (wanted.tags.given) tx.all<orders::Tag>(order.id);
        },
        [&] {
            if (goes_elsewhere || changes_amounts(wanted)) load_parts(tx, order);
        },
        [&] {
            // By what the addresses will be.
            auto after = order;
            wanted.shipping_address.apply(after.shipping_address);
            wanted.billing_address.apply(after.billing_address);
            if (goes_elsewhere) rates_for(tx, after);
        });
    orders::change(tx, order, wanted);
    if (changes_amounts(wanted)) {
        require_pending(order);
        set_amounts(actor, order, wanted);
    }
    if (goes_elsewhere) tax_anew(tx, order, rates_for(tx, order));
    if (goes_elsewhere || changes_amounts(wanted)) {
        auto wished = order.order_discount;
        orders::total_up(order, lines_of(tx, order));
        if (wanted.discount_total.given && order.order_discount < wished) {
            throw invalid("/discount_total", "too_large", "must not exceed the lines' prices");
        }
        refresh(tx, order);
    }
    tx.emit("order.updated", order);
    return order;
}

}  // namespace stateset::flows
