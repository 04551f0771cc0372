#pragma once
// Gives stock that has arrived to the lines that wait for it, oldest first. It is woken when a
// balance changes that has something available while somebody waits; a query finds whose turn it
// is, and each order gets its stock in a command of its own, under its lock. Of several instances
// the one with the duty does it.

#include <functional>
#include <memory>
#include <string_view>

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"
#include "platform/work/lease.hpp"

namespace stateset::flows {

class WaitingOrders {
  public:
    struct Options {
        Span poll = seconds(1);
        bool shared = false;  // other processes change stock too, and do not tell us
        work::Duty duty;
        std::function<void(std::string_view)> log;  // errors that only the operator may see
    };
    WaitingOrders(Committer&, ReadPool&, Options);  // before the Committer has work
    ~WaitingOrders();
    void start();
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::flows
