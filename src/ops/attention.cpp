#include "ops/ops.hpp"
#include "platform/store/gather.hpp"
#include "sql.hpp"

namespace stateset::ops {
namespace {

constexpr std::int64_t usual_limit = 20;

// How long something may take before it counts as stuck. A worker that does its duty needs seconds;
// people and carriers need days.
constexpr Span by_workers = minutes(10);
constexpr Span by_gateways = hours(1);
constexpr Span by_people = hours(48);
constexpr Span by_carriers = hours(72);
constexpr Span at_once = minutes(-1);  // also what happened within this minute

struct Wanted {
    Time before;
    Date today;
    std::int64_t most;
};

struct Found {
    Uuid id;
    std::string label;
    std::optional<Uuid> order_id;
    Time since;
    std::optional<std::string> note;
};

// How a kind of trouble is found and what is said of it. `{note}` stands for the row's note,
// `{id}` for its id.
struct Search {
    Trouble kind;
    const sql::Query& query;
    Span patience;
    std::string_view title, reason, advice, http_method, path, permission, self, console;
};

const Search searches[] = {
    {Trouble::charge_without_order, sql::ops::charges_without_order, by_workers,
     "Money without an order", "The order is cancelled, its payment is still {note}.",
     "Give the money back", "POST", "/api/v1/payments/{id}/refund", "payments:refund",
     "/api/v1/payments/{id}", "/console/orders/{order}"},
    {Trouble::payment_processing, sql::ops::payments_processing, by_workers,
     "Payment without an outcome",
     "{note} has not said what became of the payment; it is asked again by itself.",
     "Look it up at the gateway; do not charge again", "GET", "/api/v1/payments/{id}",
     "payments:read", "/api/v1/payments/{id}", "/console/orders/{order}"},
    {Trouble::refund_processing, sql::ops::refunds_processing, by_gateways,
     "Refund without an outcome",
     "{note} has not said what became of the refund; it is asked again by itself.",
     "Look it up at the gateway; do not refund again", "GET", "/api/v1/refunds/{id}",
     "payments:read", "/api/v1/refunds/{id}", "/console/orders/{order}"},
    {Trouble::paid_not_reserved, sql::ops::paid_not_reserved, by_workers,
     "Paid, but no stock set aside", "The money is {note}; nobody processed the order.",
     "Set its stock aside", "POST", "/api/v1/orders/{id}/process", "orders:process",
     "/api/v1/orders/{id}", "/console/orders/{id}"},
    {Trouble::paid_not_shipped, sql::ops::paid_not_shipped, by_people, "Paid, but not sent",
     "The order is paid and {note} for two days.", "Make a shipment of what is there", "POST",
     "/api/v1/orders/{id}/ship", "shipments:ship", "/api/v1/orders/{id}", "/console/orders/{id}"},
    {Trouble::reservation_overdue, sql::ops::reservations_overdue, by_workers,
     "Reservation past its end", "It holds stock at {note} that should be free.",
     "Release the reservation", "POST", "/api/v1/inventory/reservations/{id}/release",
     "inventory:reserve", "/api/v1/inventory/reservations/{id}", "/console/inventory/{label}"},
    {Trouble::shipment_exception, sql::ops::shipments_with_exception, at_once,
     "Carrier reports trouble", "The carrier reported an exception for {note}.",
     "Read what the carrier said, and ask it", "GET", "/api/v1/shipments/{id}", "shipments:read",
     "/api/v1/shipments/{id}", "/console/orders/{order}"},
    {Trouble::shipment_not_sent, sql::ops::shipments_not_sent, by_people,
     "Label made, goods still here", "{note} has had its label for two days.",
     "Record that it has left, once it has", "POST", "/api/v1/shipments/{id}/ship",
     "shipments:ship", "/api/v1/shipments/{id}", "/console/orders/{order}"},
    {Trouble::shipment_without_movement, sql::ops::shipments_without_movement, by_carriers,
     "Shipment without movement", "Nothing was heard of {note} for three days.",
     "Ask the carrier where it is", "GET", "/api/v1/shipments/{id}", "shipments:read",
     "/api/v1/shipments/{id}", "/console/orders/{order}"},
    {Trouble::work_order_late, sql::ops::work_orders_late, at_once, "Work order past its day",
     "{note} should have been finished.", "See what it lacks", "GET", "/api/v1/work-orders/{id}",
     "manufacturing:read", "/api/v1/work-orders/{id}", "/console/work-orders/{id}"},
    {Trouble::endpoint_off, sql::ops::endpoints_off, at_once, "Webhook endpoint switched off",
     "It is disabled: {note}.", "Enable it once the receiver answers again", "POST",
     "/api/v1/webhooks/endpoints/{id}/enable", "webhooks:manage", "/api/v1/webhooks/endpoints/{id}",
     "/console/webhooks"},
    {Trouble::delivery_dead, sql::ops::deliveries_dead, at_once, "Webhook message given up",
     "{note} took none of its attempts.", "Try it again", "POST",
     "/api/v1/webhooks/deliveries/{id}/retry", "webhooks:manage",
     "/api/v1/webhooks/deliveries/{id}", "/console/webhooks/{id}"},
    {Trouble::message_dead, sql::ops::messages_dead, at_once, "Customer not told",
     "No attempt to send it by {note} came through.", "Try it again", "POST",
     "/api/v1/notifications/messages/{id}/retry", "notifications:manage",
     "/api/v1/notifications/messages/{id}", "/console/orders/{order}"},
};

std::string filled(std::string_view text, const Found& row) {
    std::string result;
    while (true) {
        auto open = text.find('{');
        result += text.substr(0, open);
        if (open == text.npos) return result;
        auto close = text.find('}', open);
        auto name = text.substr(open + 1, close - open - 1);
        if (name == "id") result += to_string(row.id);
        if (name == "label") result += row.label;
        if (name == "note") result += row.note.value_or("It");
        if (name == "order") result += row.order_id ? to_string(*row.order_id) : "";
        text = text.substr(close + 1);
    }
}

// A charge that was only authorized is not refunded but let go.
SafeAction action_for(const Search& search, const Found& row) {
    if (search.kind == Trouble::charge_without_order && row.note == "authorized") {
        return {.advice = "Let the authorized money go",
                .http_method = "POST",
                .path = "/api/v1/payments/" + to_string(row.id) + "/void",
                .permission = "payments:void"};
    }
    return {.advice = std::string(search.advice),
            .http_method = std::string(search.http_method),
            .path = filled(search.path, row),
            .permission = std::string(search.permission)};
}

StuckCase case_of(const Search& search, Found row) {
    std::optional<std::string> order;
    if (row.order_id) order = "/api/v1/orders/" + to_string(*row.order_id);
    return {.id = row.id,
            .label = row.label,
            .since = row.since,
            .reason = filled(search.reason, row),
            .safe_action = action_for(search, row),
            .links = {.self = filled(search.self, row),
                      .order = std::move(order),
                      .console = filled(search.console, row)}};
}

// A query may run again, and must then ask the same: to the minute.
Time this_minute() {
    auto now = system_now().micros;
    return {now - now % minutes(1).micros};
}

TroubleKind kind_of(Reads& reads, const Search& search, Time now, std::int64_t limit) {
    Wanted wanted{.before = now - search.patience, .today = date_of(now), .most = limit + 1};
    auto rows = reads.all<Found>(search.query, wanted);
    TroubleKind kind{.kind = search.kind, .title = std::string(search.title)};
    kind.more = static_cast<std::int64_t>(rows.size()) > limit;
    if (kind.more) rows.pop_back();
    kind.found = static_cast<std::int64_t>(rows.size());
    for (auto& row : rows) kind.cases.push_back(case_of(search, std::move(row)));
    return kind;
}

}  // namespace

Attention attention(Reads& reads, const Actor&, const AskAttention& wanted) {
    auto now = this_minute();
    auto limit = wanted.limit ? wanted.limit->value : usual_limit;
    std::vector<const Search*> asked;
    for (const auto& search : searches) {
        if (!wanted.kind || *wanted.kind == search.kind) asked.push_back(&search);
    }
    Attention all{.as_of = now};
    all.kinds = gather_each(
        reads, asked, [&](const Search* search) { return kind_of(reads, *search, now, limit); });
    for (const auto& kind : all.kinds) all.found += kind.found;
    return all;
}

}  // namespace stateset::ops
