#pragma once
// The second half of an operation, as the worker commits it: for whoever carries operations out in
// another way than the worker, such as a simulation.

#include "platform/work/operation.hpp"

namespace stateset::work {

// How long to wait before an unknown outcome is asked for again: doubled each time.
struct Backoff {
    Span first, most;
};

// Commits what came of a call and completes the request that began it. `called` is the operation as
// it was when the call began; nullopt when another call has settled it meanwhile, or nobody waits.
std::optional<store::Answer> settle(Tx&, const Kind&, const Operation& called, const Result&,
                                    Backoff);

}  // namespace stateset::work
