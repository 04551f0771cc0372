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
    std::optional<std::string> types;
};

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
