#include <algorithm>
#include <map>

#include "orders/pricing.hpp"
#include "platform/store/gather.hpp"
#include "returns/lifecycle.hpp"
#include "returns/serials.hpp"

namespace stateset::returns {
namespace {

using orders::Line;
using orders::LineId;
using orders::Order;

constexpr std::int64_t first_number = 1001;

template <std::size_t Max>
std::optional<std::string> text(const std::optional<Text<Max>>& from) {
    return from ? std::optional<std::string>(from->value) : std::nullopt;
}

std::string at(std::string_view list, std::size_t index, std::string_view member = {}) {
    return std::string(list) + "/" + std::to_string(index) + std::string(member);
}

Fault unknown_at(std::string pointer) {
    return {std::move(pointer), "unknown", "names nothing that exists", {}};
}

// ---- requesting

// The order, locked, and what the replacements name, in one question.
const Order& order_of(Tx& tx, const RequestReturn& wanted) {
    gather(
        tx, [&] { tx.get<Order>(wanted.order_id, "/order_id"); },
        [&] {
            tx.each(wanted.replacements,
                    [&](const Replacement& one) { return orders::variant_of(tx, line_of(one)); });
        });
    return tx.get<Order>(wanted.order_id, "/order_id");
}

// What the order's returns claim of each line.
std::map<LineId, std::int64_t> claimed_pieces(Tx& tx, const Order& order) {
    gather(tx, [&] { tx.all<Line>(order.id); }, [&] { tx.all<Return>(order.id); });
    auto all = tx.all<Return>(order.id);
    std::erase_if(all, [](const Return* one) { return !claims(*one); });
    std::map<LineId, std::int64_t> pieces;
    for (const auto& items :
         tx.each(all, [&](const Return* one) { return tx.all<ReturnItem>(one->id); })) {
        for (const auto* item : items) pieces[item->order_item_id] += claimed(*item);
    }
    return pieces;
}

Fault too_many(const Line& line, std::int64_t left, std::string pointer) {
    return {std::move(pointer),
            std::string(return_exceeds_shipped.name),
            std::to_string(left) + " of " + line.sku + " can be returned",
            {{"sku", line.sku}, {"returnable", std::to_string(left)}}};
}

// The lines that the items name, one for each. Refuses what is not of this order, and more than
// was shipped and is not claimed.
std::vector<const Line*> lines_of(Tx& tx, const Order& order, const RequestReturn& wanted) {
    auto taken = claimed_pieces(tx, order);
    auto lines = tx.all<Line>(order.id);
    std::vector<const Line*> named;
    std::vector<Fault> unknown, exceeding;
    for (std::size_t i = 0; i < wanted.items.size(); ++i) {
        const auto& item = wanted.items[i];
        auto line = std::ranges::find(lines, item.order_item_id, &Line::id);
        if (line == lines.end()) {
            unknown.push_back(unknown_at(at("/items", i, "/order_item_id")));
            continue;
        }
        auto left = (*line)->shipped - taken[(*line)->id];
        if (item.quantity > left) {
            exceeding.push_back(too_many(**line, left, at("/items", i, "/quantity")));
        }
        taken[(*line)->id] += item.quantity;
        named.push_back(*line);
    }
    if (!unknown.empty()) {
        throw Refusal(codes::invalid, "Some items are no lines of this order.", unknown);
    }
    if (!exceeding.empty()) {
        auto detail = exceeding.front().message + ".";
        throw Refusal(return_exceeds_shipped, std::move(detail), exceeding);
    }
    return named;
}

void check_replacement(const products::Variant& variant, const Order& order,
                       const std::string& pointer, orders::Findings& findings) {
    if (variant.status != products::Status::active) {
        findings.unavailable.push_back({pointer,
                                        "product_unavailable",
                                        "is " + std::string(reflect::name(variant.status)),
                                        {{"sku", variant.sku}}});
    }
    if (variant.currency != order.currency) {
        findings.invalid.push_back({pointer,
                                    "currency_mismatch",
                                    "is sold in " + std::string(variant.currency.text()),
                                    {{"sku", variant.sku}}});
    }
}

// What is wanted instead must be sold, in the order's currency. Its price is the catalogue's of the
// day when the exchange is made.
void check_replacements(Tx& tx, const Order& order, const RequestReturn& wanted) {
    orders::Findings findings;
    for (std::size_t i = 0; i < wanted.replacements.size(); ++i) {
        const auto& one = wanted.replacements[i];
        auto pointer = at("/replacements", i);
        const auto* variant = orders::variant_of(tx, line_of(one));
        if (bool(one.sku) == bool(one.product_id)) {
            findings.invalid.push_back(
                {pointer + "/sku", "required", "give either `sku` or `product_id`", {}});
        } else if (!variant) {
            findings.invalid.push_back(unknown_at(pointer + (one.sku ? "/sku" : "/product_id")));
        } else {
            check_replacement(*variant, order, pointer, findings);
        }
    }
    findings.refuse_if_any();
}

// ---- receiving and inspecting

// The return of a path, being edited, with its items.
Return& edited(Tx& tx, ReturnId id) {
    const auto& found = locked(tx, id);
    tx.all<ReturnItem>(id);
    return tx.edit(found);
}

// The items of a request by the item of the return that each names. Refuses what it does not name
// or names twice.
template <class Given>
std::map<ReturnItemId, std::size_t> by_item(const std::vector<const ReturnItem*>& items,
                                            const Given& given) {
    std::map<ReturnItemId, std::size_t> places;
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < given.size(); ++i) {
        auto id = given[i].return_item_id;
        auto pointer = at("/items", i, "/return_item_id");
        if (std::ranges::find(items, id, &ReturnItem::id) == items.end()) {
            faults.push_back(unknown_at(std::move(pointer)));
        } else if (!places.emplace(id, i).second) {
            faults.push_back({std::move(pointer), "duplicate", "is given twice", {}});
        }
    }
    if (!faults.empty()) {
        throw Refusal(codes::invalid, "Some items are not right.", std::move(faults));
    }
    return places;
}

void take_in(ReturnItem& item, const ReceivedItem& given, const std::string& pointer) {
    if (given.quantity > item.quantity) {
        auto message = std::to_string(item.quantity) + " of " + item.sku + " are announced";
        throw Refusal(exceeds_return, message,
                      {{pointer + "/quantity", "exceeds_return", message, {}}});
    }
    bool counted = given.serial_numbers.empty() ||
                   static_cast<std::int64_t>(given.serial_numbers.size()) == given.quantity.value;
    if (!counted) {
        throw invalid(pointer + "/serial_numbers", "wrong_number", "must be one for each piece");
    }
    item.received = given.quantity;
    if (given.condition) item.condition = given.condition->value;
    item.serial_numbers.assign(given.serial_numbers.begin(), given.serial_numbers.end());
}

void check_location(Tx& tx, inventory::LocationId id) {
    if (!tx.peek<inventory::Location>(id, "/location_id").active) {
        throw invalid("/location_id", "inactive", "is not active");
    }
}

void judge(ReturnItem& item, const InspectedItem& given, const std::string& pointer) {
    if (item.received.value_or(0) == 0) {
        throw invalid(pointer + "/return_item_id", "not_received", "nothing of it arrived");
    }
    item.disposition = given.disposition;
    if (given.condition) item.condition = given.condition->value;
}

Return decided(Tx& tx, const DecideReturn& wanted, Action action, std::string_view event) {
    auto& goods = edited(tx, wanted.id);
    progress(goods, action, tx.now(), wanted.reason);
    tx.emit(event, goods);
    return goods;
}

}  // namespace

orders::NewLine line_of(const Replacement& wanted) {
    return {.sku = wanted.sku, .product_id = wanted.product_id, .quantity = wanted.quantity};
}

Return request(Tx& tx, const Actor&, const RequestReturn& wanted) {
    const auto number = tx.next_number("return", first_number);
    const auto& order = order_of(tx, wanted);
    auto lines = lines_of(tx, order, wanted);
    check_replacements(tx, order, wanted);
    const Money nothing{0, order.currency};
    auto& goods = tx.add(Return{.id = tx.new_id(),
                                .rma_number = "RMA-" + std::to_string(number),
                                .order_id = order.id,
                                .customer_id = order.customer_id,
                                .currency = order.currency,
                                .value = nothing,
                                .exchanged = nothing,
                                .refund_amount = nothing,
                                .unrefundable = nothing,
                                .refunded = nothing,
                                .refunding = nothing,
                                .replacements = wanted.replacements,
                                .history = {{Status::requested, tx.now(), {}}},
                                .notes = text(wanted.notes),
                                .metadata = wanted.metadata});
    for (std::size_t i = 0; i < lines.size(); ++i) {
        tx.add(ReturnItem{.id = tx.new_id(),
                          .return_id = goods.id,
                          .order_item_id = lines[i]->id,
                          .sku = lines[i]->sku,
                          .quantity = wanted.items[i].quantity,
                          .reason = text(wanted.items[i].reason),
                          .currency = order.currency,
                          .value = nothing});
    }
    tx.emit("return.requested", goods);
    return goods;
}

Return approve(Tx& tx, const Actor&, const DecideReturn& wanted) {
    return decided(tx, wanted, Action::approve, "return.approved");
}

Return reject(Tx& tx, const Actor&, const DecideReturn& wanted) {
    return decided(tx, wanted, Action::reject, "return.rejected");
}

Return cancel(Tx& tx, const Actor&, const DecideReturn& wanted) {
    return decided(tx, wanted, Action::cancel, "return.cancelled");
}

Return receive(Tx& tx, const Actor&, const ReceiveReturn& wanted) {
    auto& goods = edited(tx, wanted.id);
    progress(goods, Action::receive, tx.now(), wanted.reason);
    if (wanted.location_id) check_location(tx, *wanted.location_id);
    goods.location_id = wanted.location_id;
    auto items = tx.all<ReturnItem>(goods.id);
    std::map<ReturnItemId, std::size_t> places;
    if (wanted.items) places = by_item(items, *wanted.items);
    std::vector<const ReturnItem*> arrived;
    for (const auto* found : items) {
        auto& item = tx.edit(*found);
        auto place = places.find(item.id);
        if (place != places.end()) {
            take_in(item, (*wanted.items)[place->second], at("/items", place->second));
        } else {
            item.received = wanted.items ? 0 : item.quantity;
        }
        if (item.received > 0) arrived.push_back(&item);
    }
    if (arrived.empty()) throw invalid("/items", "too_small", "at least one piece must be there");
    check_serials(tx, arrived, [&](const ReturnItem& item) {
        auto place = places.find(item.id);
        return place == places.end() ? std::string("/items") : at("/items", place->second);
    });
    tx.emit("return.received", goods);
    return goods;
}

Return inspect(Tx& tx, const Actor&, const InspectReturn& wanted) {
    auto& goods = edited(tx, wanted.id);
    progress(goods, Action::inspect, tx.now(), wanted.reason);
    auto items = tx.all<ReturnItem>(goods.id);
    std::map<ReturnItemId, std::size_t> places;
    if (wanted.items) places = by_item(items, *wanted.items);
    std::vector<Fault> missing;
    for (const auto* found : items) {
        auto place = places.find(found->id);
        if (place != places.end()) {
            judge(tx.edit(*found), (*wanted.items)[place->second], at("/items", place->second));
        } else if (found->received.value_or(0) > 0 && wanted.items) {
            missing.push_back({"/items", "required", "must name " + to_string(found->id), {}});
        } else if (found->received.value_or(0) > 0) {
            tx.edit(*found).disposition = Disposition::restock;
        }
    }
    if (!missing.empty()) {
        throw Refusal(codes::invalid, "Everything that arrived needs a disposition.", missing);
    }
    tx.emit("return.inspected", goods);
    return goods;
}

const Return& locked(Tx& tx, ReturnId id) {
    const auto* seen = tx.peek<Return>(id);
    if (!seen) throw Refusal(codes::not_found, "There is no such return.");
    auto order = seen->order_id;
    gather(tx, [&] { tx.get<Order>(order); }, [&] { tx.get<Return>(id); });
    return tx.get<Return>(id);
}

void progress(Return& goods, Action action, Time at, const Reason& note) {
    goods.status = next(lifecycle, goods.status, action);
    auto said = note && !note->value.empty() ? std::optional(note->value) : std::nullopt;
    goods.history.push_back({.status = goods.status, .at = at, .note = std::move(said)});
}

bool claims(const Return& goods) {
    return goods.status != Status::rejected && goods.status != Status::cancelled;
}

std::int64_t claimed(const ReturnItem& item) { return item.received.value_or(item.quantity); }

void follow(Tx& tx, const payments::Refund& refund) {
    if (!refund.return_id) return;
    auto& goods = tx.edit<Return>(*refund.return_id);
    goods.refunding -= refund.amount;
    if (refund.status == payments::RefundStatus::succeeded) goods.refunded += refund.amount;
    goods.refund_status = refund_progress(goods);
}

RefundProgress refund_progress(const Return& goods) {
    if (goods.refund_amount.minor == 0) return RefundProgress::none;
    if (goods.refunding.minor > 0) return RefundProgress::processing;
    return goods.refunded == goods.refund_amount ? RefundProgress::succeeded
                                                 : RefundProgress::failed;
}

ReturnView view(Tx& tx, const Return& goods) {
    ReturnView shown{.returned_goods = {goods}, .items = {}, .refunds = {}};
    for (const auto* item : tx.all<ReturnItem>(goods.id)) shown.items.push_back(*item);
    auto refunds = tx.each(goods.refund_ids.value,
                           [&](payments::RefundId id) { return &tx.get<payments::Refund>(id); });
    for (const auto* refund : refunds) shown.refunds.push_back(*refund);
    return shown;
}

}  // namespace stateset::returns
