#pragma once
// The courier carries messages to their providers. It claims what is due under a lease, sends with
// no transaction open, and commits what came of it. An attempt that a crash cut off leaves only a
// lease, which runs out: it was never counted, and the message goes out again under the same id.
//
// It is woken by the Committer, so that a message leaves right after it was written, and looks by
// itself for what nobody told it about. Several instances share the work, message by message; an
// attempt that lasts keeps its lease. The channels do not wait for each other.

#include <map>

#include "notifications/channels.hpp"
#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"

namespace stateset::notifications {

using Ways = std::map<Channel, std::unique_ptr<Way>>;

class Courier {
  public:
    struct Options {
        std::string instance;  // owner of leases, new at every start
        // No other process works on this database: leases of others are of the dead.
        bool alone = false;
        work::Schedule schedule;
        Span lease = seconds(30);
        Span poll = seconds(1);
        std::function<void(std::string_view)> log;
    };
    // Made before the Committer's first caller. Messages of a channel without a way wait.
    Courier(Committer&, ReadPool&, Ways, Options);
    ~Courier();
    void start();
    void stop();  // cuts attempts off; what they were for is free again when this returns

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::notifications
