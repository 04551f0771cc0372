#include "events/events.hpp"
#include "platform/events/pattern.hpp"
#include "platform/events/position.hpp"
#include "sql.hpp"

namespace stateset::events {
namespace {

constexpr Int<1, 100> page_size{100};

struct Found {
    std::int64_t position = 0;
    Uuid id;
    std::string type, aggregate_type, aggregate_id;
    std::int64_t sequence = 0;
    Time occurred_at;
    std::string actor;
    RawJson data;
};

struct FeedWanted {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<std::int64_t> after;
    std::optional<std::string> types, actor;
    std::optional<bool> somebody;  // the actor is not the server itself; for the index of those
    std::optional<std::string> aggregate_type, aggregate_id;
    std::optional<Uuid> order_id;  // the aggregate is this order: its timeline has an index
};

std::string actor_from(const std::string& text) {
    bool known = text == "system";
    for (std::string_view kind : {"user:", "api_key:"}) {
        known |= text.starts_with(kind) && uuid_from(text.substr(kind.size()));
    }
    if (!known) throw invalid("?actor", "malformed", "is no user:<id>, api_key:<id> or system");
    return text;
}

template <class Wanted>
Page<Shown> page_of(Reads& reads, const sql::Query& query, const Wanted& wanted) {
    auto found = reads.page<Found>(query, wanted,
                                   [](const Found& event) { return store::Value(event.position); });
    Page<Shown> page{.data = {}, .next_cursor = std::move(found.next_cursor)};
    for (auto& event : found.data) {
        page.data.push_back({.id = event.id,
                             .position = position_text(event.position),
                             .type = std::move(event.type),
                             .aggregate_type = std::move(event.aggregate_type),
                             .aggregate_id = std::move(event.aggregate_id),
                             .sequence = event.sequence,
                             .occurred_at = event.occurred_at,
                             .actor = std::move(event.actor),
                             .data = std::move(event.data)});
    }
    return page;
}

}  // namespace

Page<Shown> feed(Reads& reads, const Actor&, const Feed& wanted) {
    FeedWanted found{.limit = wanted.limit.value_or(page_size), .cursor = wanted.cursor};
    if (wanted.after) {
        found.after = position_from(wanted.after->value);
        if (!found.after) throw invalid("?after", "malformed", "is not a position of the log");
    }
    if (wanted.types) found.types = patterns_json(wanted.types->value, "?types");
    if (wanted.actor) {
        found.actor = actor_from(wanted.actor->value);
        if (*found.actor != "system") found.somebody = true;
    }
    if (wanted.aggregate_type) found.aggregate_type = wanted.aggregate_type->value;
    if (wanted.aggregate_id) found.aggregate_id = wanted.aggregate_id->value;
    if (found.aggregate_id && found.aggregate_type == "order") {
        found.order_id = uuid_from(*found.aggregate_id);
    }
    return page_of(reads, sql::events::feed, found);
}

Page<Shown> timeline(Reads& reads, const Actor&, const TimelineOf& wanted) {
    auto found = wanted;
    found.limit = wanted.limit.value_or(page_size);
    auto page = page_of(reads, sql::events::timeline, found);
    if (page.data.empty() && !wanted.cursor) {
        throw Refusal(codes::not_found, "There is no such order.");
    }
    return page;
}

}  // namespace stateset::events
