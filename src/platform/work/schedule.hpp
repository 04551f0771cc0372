#pragma once
// When a message that was not taken is tried again. Each entry is the wait before one attempt, the
// first usually none; after the last the message is dead. `standard_schedule` is the one the
// Standard Webhooks specification recommends.

#include <optional>
#include <string_view>
#include <vector>

#include "platform/core/time.hpp"

namespace stateset::work {

using Schedule = std::vector<Span>;

inline const Schedule standard_schedule{{},       seconds(5), minutes(5), minutes(30), hours(2),
                                        hours(5), hours(10),  hours(14),  hours(20),   hours(24)};

// "0,5s,5m,30m,2h": numbers with the unit ms, s, m or h; a bare number counts seconds. Throws
// std::runtime_error with a text for the operator.
Schedule schedule_from(std::string_view text);

// How long to wait after `failures` attempts in a row, or nothing: then the message is dead.
// `chance` from 0 to 1 spreads the waits, so that what failed together is not tried together.
// Whoever asked to be left alone (`Retry-After`) is, for at most a day.
std::optional<Span> wait_after(const Schedule&, std::int64_t failures, double chance,
                               std::optional<Span> retry_after);

// The value of a Retry-After header: seconds, or an HTTP date.
std::optional<Span> retry_after_from(std::string_view header, Time now);

}  // namespace stateset::work
