#pragma once
// Forgetting old deliveries: what was delivered, and what was given up, is kept for a while to be
// looked at, and then goes. What is pending stays, however old.

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"

namespace stateset::webhooks {

// One round: deliveries made before this time, at most `most` of them. How many it forgot.
std::size_t forget_ended(Committer&, ReadPool&, Time before, std::int64_t most);

}  // namespace stateset::webhooks
