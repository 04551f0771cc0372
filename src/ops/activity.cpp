#include <map>

#include "ops/ops.hpp"
#include "sql.hpp"

namespace stateset::ops {
namespace {

constexpr std::int64_t usual_hours = 24;
constexpr std::int64_t most_behind = 10'000;  // counting more would cost more than it tells
constexpr std::int64_t hour_us = hours(1).micros;

struct Since {
    Time since;
    Uuid ids_from;
};

struct Counted {
    std::int64_t hour = 0, orders = 0, cancelled = 0;
};

struct OfLog {
    Tenant everybody = no_tenant;  // the webhooks follow the log of all tenants
    std::int64_t most = most_behind;
};

struct Behind {
    std::int64_t behind = 0;
    std::optional<Time> oldest_at;
};

// Ids hold the time they were made at, but for the minutes a clock may be off.
Uuid ids_from(Time time) {
    auto ms = std::max<std::int64_t>((time - minutes(10)).micros / 1000, 0);
    return {static_cast<std::uint64_t>(ms) << 16, 0};
}

Outbox outbox(Reads& reads, Time now) {
    auto log = reads.one<Behind>(sql::ops::outbox, OfLog{});
    Outbox result{.events_behind = log.behind};
    if (log.oldest_at)
        result.lag_s = std::max<std::int64_t>((now - *log.oldest_at).micros, 0) / seconds(1).micros;
    return result;
}

}  // namespace

Activity activity(Reads& reads, const Actor&, const AskActivity& wanted) {
    Activity all{.as_of = system_now()};
    auto count = wanted.hours ? wanted.hours->value : usual_hours;
    auto last = all.as_of.micros / hour_us;
    Time since{(last - count + 1) * hour_us};
    std::map<std::int64_t, Counted> counted;
    for (auto& hour : reads.all<Counted>(sql::ops::orders_by_hour,
                                         Since{.since = since, .ids_from = ids_from(since)})) {
        counted[hour.hour] = hour;
    }
    for (auto hour = last - count + 1; hour <= last; ++hour) {
        const auto& here = counted[hour];
        all.by_hour.push_back({.starts_at = Time{hour * hour_us},
                               .orders_placed = here.orders,
                               .orders_cancelled = here.cancelled});
    }
    all.outbox = outbox(reads, all.as_of);
    return all;
}

}  // namespace stateset::ops
