#pragma once
// Warranties whose last day is over become expired: at the start, when a day ends, and each minute
// in case somebody's clock was wrong. Candidates are found by a query; each is looked at again
// under its lock, in a command of its own. Of several instances the one with the duty does it.
// Nobody waits for this: what a claim may rest on is judged by the term's days.

#include <functional>
#include <memory>
#include <string_view>

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"
#include "platform/work/lease.hpp"

namespace stateset::warranties {

class Expiry {
  public:
    struct Options {
        Span every = minutes(1);
        std::function<Time()> clock = system_now;
        work::Duty duty;
        std::function<void(std::string_view)> log;  // errors that only the operator may see
    };
    Expiry(Committer&, ReadPool&, Options);
    ~Expiry();
    void start();
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::warranties
