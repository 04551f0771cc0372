#pragma once
// One line of the append-only log: the outbox, the timeline, the audit and the feed. It commits
// with its effect. Its place in the order of the log (`position`) is given by the database.

#include "platform/store/table.hpp"

namespace stateset::store {

struct Event {
    Uuid id;
    std::string type;           // "order.created"
    std::int64_t sequence = 0;  // counts the events of one aggregate, from 1
    std::string aggregate_type;
    std::string aggregate_id;
    std::optional<Uuid> order_id;  // the order whose timeline shows it
    RawJson data;
    std::string actor;  // "user:0198…", "api_key:0198…", "system"
    std::string request_id;
    Time occurred_at;
};

template <>
struct Table<Event> : Named<"events", "event"> {};

}  // namespace stateset::store
