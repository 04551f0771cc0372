#pragma once
// What the server says about itself: whether it lives and is ready, what it is doing, and what its
// API looks like. Everything but the status is open, for probes and for readers.

#include <string>

#include "platform/core/time.hpp"

namespace stateset {
class Api;
}

namespace stateset::system {

// What the one writer has done since the start, and what waits for it.
struct CommitterStatus {
    std::int64_t batches, commands, refusals, rounds, retries, bisections, queued;
};

struct Status {
    std::string server_version;
    Time started_at;
    std::int64_t uptime_s;
    CommitterStatus committer;
};

void routes(Api&);

}  // namespace stateset::system
