#pragma once
// The log as a feed: every event of the tenant in the order of commits, and the story of one order
// (its own events and those of its payments, shipments, reservations and returns). Nothing is
// written here; events are written by `Tx::emit` with their effect.
//
// `position` is opaque to clients; as text it sorts as the log does. Who follows the log keeps the
// position of the last event it has dealt with and asks for what comes after.

#include "platform/core/input.hpp"
#include "platform/store/reads.hpp"

namespace stateset::events {

struct Shown {
    Uuid id;
    std::string position;
    std::string type;
    std::string aggregate_type;
    std::string aggregate_id;
    std::int64_t sequence = 0;
    Time occurred_at;
    std::string actor;
    RawJson data;
};

struct Feed {
    std::optional<Int<1, 100>> limit;  // 100 when not given
    std::optional<std::string> cursor;
    std::optional<Text<40>> after;   // a position; "" is no position
    std::optional<Text<500>> types;  // patterns, comma-separated: "order.*,payment.captured"
    // The audit: who did it, exactly as events say it: "user:…", "api_key:…" or "system".
    std::optional<Text<60>> actor;
    std::optional<Text<50>> aggregate_type;
    std::optional<Text<64>> aggregate_id;
};

struct TimelineOf {
    Uuid id;  // of the order
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
};

// Oldest first. Refuses malformed positions, patterns and actors with invalid. Those of one user or
// key have an index, those of one order too; other filters walk the tenant's log.
Page<Shown> feed(Reads&, const Actor&, const Feed&);
// Refuses with not_found: every order has at least the event of its creation.
Page<Shown> timeline(Reads&, const Actor&, const TimelineOf&);

}  // namespace stateset::events

namespace stateset {
class Api;
namespace events {
void routes(Api&);
}
}  // namespace stateset
