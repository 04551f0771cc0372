#pragma once
// The courier carries deliveries to their endpoints. Each endpoint has a lane of its own with a few
// connections, so that a slow endpoint delays only itself. A lane claims what is due under a lease,
// sends with no transaction open, and commits what came of it; many outcomes share a command. An
// attempt that a crash cut off leaves only a lease, which runs out: it was never counted.
//
// First attempts for one aggregate go out one after the other, in the order of its events: a
// delivery is claimed only together with or after the earlier ones of its aggregate. The courier is
// woken by the Committer, so that a delivery leaves within milliseconds of its commit; it looks by
// itself for what nobody told it about: leases that ran out, other instances' work.
//
// Several instances share the work, delivery by delivery. No attempt begins unless half of its
// lease is left, and one that lasts keeps it; so two clocks may differ by a third of a lease.

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"
#include "webhooks/deliveries.hpp"

namespace stateset::webhooks {

class Courier {
  public:
    struct Options {
        std::string instance;     // owner of leases, new at every start
        std::string sealing_key;  // see `sealing_secret`
        bool allow_private = false;
        // No other process works on this database: leases of others are of the dead.
        bool alone = false;
        Patience patience;
        Span lease = seconds(30);
        Span attempt_timeout = seconds(15);
        Span poll = milliseconds(500);
        std::function<void(std::string_view)> log;
    };
    // Made before the Committer's first caller.
    Courier(Committer&, ReadPool&, Options);
    ~Courier();
    void start();
    void stop();  // cuts attempts off; what they were for is free again when this returns

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// The body of a message: exactly type, timestamp and data.
struct Message {
    std::string type;
    Time timestamp;
    RawJson data;
};

}  // namespace stateset::webhooks
