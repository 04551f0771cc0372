#include <algorithm>
#include <set>

#include "orders/lifecycle.hpp"
#include "orders/pricing.hpp"
#include "orders/sums.hpp"
#include "platform/store/gather.hpp"

namespace stateset::orders {
namespace {

constexpr std::int64_t first_number = 1001;
constexpr std::size_t most_notes = 10'000;  // bytes of all notes together

template <std::size_t Max>
std::optional<std::string> text(const std::optional<Text<Max>>& from) {
    return from ? std::optional<std::string>(from->value) : std::nullopt;
}

std::vector<std::string> words(const std::vector<Text<50>>& from) {
    return {from.begin(), from.end()};
}

taxes::Table rates_for(Tx& tx, const PlaceOrder& wanted) {
    return taxes::table_for(tx, wanted.shipping_address, wanted.billing_address);
}

// The customer, the tax rates and the variants of all lines, in one question.
std::vector<const products::Variant*> look_up(Tx& tx, const PlaceOrder& wanted) {
    std::vector<const products::Variant*> variants;
    gather(
        tx, [&] { tx.peek<customers::Customer>(wanted.customer_id); },
        [&] { rates_for(tx, wanted); },
        [&] {
            variants =
                tx.each(wanted.items, [&](const NewLine& line) { return variant_of(tx, line); });
        });
    return variants;
}

void check_customer(Tx& tx, const PlaceOrder& wanted, Findings& findings) {
    const auto* customer = tx.peek<customers::Customer>(wanted.customer_id);
    if (customer && !customer->erased_at) return;
    findings.invalid.push_back(
        {"/customer_id",
         customer ? "erased" : "unknown",
         customer ? "names a customer whose data was erased" : "names nothing that exists",
         {}});
}

// What only who may orders:price decides for the whole order.
void check_terms(const Actor& actor, const PlaceOrder& wanted, Findings& findings) {
    auto needs = [&](bool given, std::string pointer) {
        require_price_permission(actor, given, std::move(pointer), findings);
    };
    needs(wanted.discount_total.has_value(), "/discount_total");
    needs(wanted.shipping_total.has_value(), "/shipping_total");
    needs(wanted.payment_terms == PaymentTerms::on_account, "/payment_terms");
}

std::vector<Line> lines_for(Tx& tx, const Actor& actor, const PlaceOrder& wanted,
                            Currency& currency, Findings& findings) {
    auto variants = look_up(tx, wanted);
    auto rates = rates_for(tx, wanted);
    std::vector<Line> lines;
    for (std::size_t i = 0; i < wanted.items.size(); ++i) {
        lines.push_back(line_for(tx, actor, wanted.items[i], variants[i], rates, currency,
                                 "/items/" + std::to_string(i), findings));
    }
    return lines;
}

void price(Order& order, std::vector<Line>& lines, const PlaceOrder& wanted, Findings& findings) {
    const Amount nothing;
    order.order_discount = money_of(wanted.discount_total.value_or(nothing), order.currency,
                                    "/discount_total", findings);
    order.shipping_total = money_of(wanted.shipping_total.value_or(nothing), order.currency,
                                    "/shipping_total", findings);
    findings.refuse_if_any();
    auto discount = order.order_discount;
    std::vector<Line*> all;
    for (auto& line : lines) all.push_back(&line);
    total_up(order, all);
    if (discount > order.order_discount) {
        throw invalid("/discount_total", "too_large", "must not exceed the lines' prices");
    }
}

void require_not_shipped(const Order& order) {
    switch (order.status) {
        case Status::pending:
        case Status::processing:
        case Status::on_hold:
        case Status::cancelled: return;
        case Status::partially_shipped:
        case Status::shipped:
        case Status::delivered:
            throw Refusal(codes::illegal_transition,
                          "The addresses cannot change any more: goods have left.");
    }
}

// Each once, in the order given.
void make_unique(std::vector<std::string>& tags) {
    std::set<std::string> seen;
    std::erase_if(tags, [&](const std::string& tag) { return !seen.insert(tag).second; });
}

}  // namespace

std::string next_number(Tx& tx) {
    return "SO-" + std::to_string(tx.next_number("order", first_number));
}

// The number comes first: when none is left the whole batch starts over to lease some.
Order place(Tx& tx, const Actor& actor, const PlaceOrder& wanted) {
    const auto number = next_number(tx);
    Findings findings;
    auto currency = wanted.currency.value_or(Currency{});
    auto lines = lines_for(tx, actor, wanted, currency, findings);
    check_customer(tx, wanted, findings);
    check_terms(actor, wanted, findings);

    Order order{.id = tx.new_id(),
                .order_number = number,
                .customer_id = wanted.customer_id,
                .currency = currency,
                .payment_terms = wanted.payment_terms.value_or(PaymentTerms::prepaid),
                .shipping_address = wanted.shipping_address,
                .billing_address = wanted.billing_address,
                .notes = text(wanted.notes),
                .metadata = wanted.metadata};
    price(order, lines, wanted, findings);
    order.payment_status = payment_status({.due = order.total.minor});

    auto& placed = tx.add(std::move(order));
    set_tags(tx, placed, words(wanted.tags));
    for (auto& line : lines) {
        line.order_id = placed.id;
        tx.add(std::move(line));
    }
    tx.emit("order.created", placed);
    return placed;
}

void change(Tx& tx, Order& order, const OrderChanges& wanted) {
    if (wanted.shipping_address.given || wanted.billing_address.given) require_not_shipped(order);
    if (wanted.notes.given) order.notes = text(wanted.notes.value);
    if (wanted.tags.given) set_tags(tx, order, words(wanted.tags.value));
    wanted.metadata.apply(order.metadata);
    wanted.shipping_address.apply(order.shipping_address);
    wanted.billing_address.apply(order.billing_address);
}

void set_tags(Tx& tx, Order& order, std::vector<std::string> tags) {
    make_unique(tags);
    std::set<std::string> missing(tags.begin(), tags.end());
    for (const auto* tag : tx.all<Tag>(order.id)) {
        if (missing.erase(tag->tag) == 0) tx.remove(*tag);
    }
    for (const auto& tag : missing) {
        tx.add(Tag{.id = tx.new_id(), .order_id = order.id, .tag = tag});
    }
    order.tags = std::move(tags);
}

Order add_note(Tx& tx, const Actor&, const AddNote& wanted) {
    auto& order = tx.edit<Order>(wanted.id);
    auto notes = order.notes ? *order.notes + "\n" + wanted.note.value : wanted.note.value;
    if (notes.size() > most_notes) {
        throw invalid("/note", "too_long", "the order's notes would exceed 10,000 bytes");
    }
    order.notes = std::move(notes);
    tx.emit("order.updated", order);
    return order;
}

Order archive(Tx& tx, const Actor&, const ArchiveOrder& wanted) {
    auto& order = tx.edit<Order>(wanted.id);
    if (order.status != Status::delivered && order.status != Status::cancelled) {
        throw Refusal(codes::illegal_transition,
                      "Only a delivered or cancelled order is archived; this one is `" +
                          std::string(reflect::name(order.status)) + "`.");
    }
    if (!order.archived_at) order.archived_at = tx.now();
    tx.emit("order.updated", order);
    return order;
}

void move(Order& order, Action action) {
    auto to = next(lifecycle, order.status, action);
    if (action == Action::hold) order.held_from.value = order.status;
    if (action == Action::release) to = order.held_from.value.value_or(to);
    if (order.status == Status::on_hold) {
        order.held_from.value.reset();
        order.hold_reason.reset();
    }
    order.status = to;
}

OrderView view(Tx& tx, const Order& order) {
    OrderView shown{.order = {order}, .items = {}, .customer = {}};
    for (const auto* line : tx.all<Line>(order.id)) shown.items.push_back(*line);
    return shown;
}

}  // namespace stateset::orders
