#pragma once
// The backlog is what takes many commands: replays, chunk by chunk, and giving up the pending
// deliveries of deleted endpoints. A replay advances in the transaction that adds its deliveries,
// so that it goes on after a crash where it was. Of several instances the one with the duty does
// it, and looks now and then for what was asked of the others.

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"
#include "platform/work/lease.hpp"
#include "webhooks/deliveries.hpp"

namespace stateset::webhooks {

class Backlog {
  public:
    struct Options {
        bool shared = false;  // other processes are asked for replays too, and do not tell us
        work::Duty duty;
        Span replays_poll = seconds(1), orphans_poll = seconds(30);
        std::function<void(std::string_view)> log;
    };
    // Made before the Committer's first caller.
    Backlog(Committer&, ReadPool&, Options);
    ~Backlog();
    void start();
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::webhooks
