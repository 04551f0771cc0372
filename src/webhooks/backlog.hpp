#pragma once
// The backlog is what takes many commands: replays, chunk by chunk, and giving up the pending
// deliveries of deleted endpoints. A replay advances in the transaction that adds its deliveries,
// so that it goes on after a crash where it was.

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"
#include "webhooks/deliveries.hpp"

namespace stateset::webhooks {

class Backlog {
  public:
    using Log = std::function<void(std::string_view)>;
    // Made before the Committer's first caller.
    Backlog(Committer&, ReadPool&, Log);
    ~Backlog();
    void start();
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::webhooks
