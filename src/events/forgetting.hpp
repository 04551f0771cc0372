#pragma once
// Forgetting is what retention does to the log: it takes out the oldest events beyond their time, a
// few at a time, and never one that somebody still has to read: every consumer's durable cursor and
// every replay under way has passed it, and no delivery of it is pending. The timelines and the
// audit end where the log begins then; what events told about stays as it is.

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"

namespace stateset::events {

// Where the log begins: nobody reads on from this cursor.
inline constexpr std::string_view forgotten_cursor = "forgotten";

// One round: events of before this time, at most `most` of them. How many it forgot.
std::size_t forget(Committer&, ReadPool&, Time before, std::int64_t most);

}  // namespace stateset::events
