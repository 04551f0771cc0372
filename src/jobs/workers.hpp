#pragma once
// Carries out imports and exports. Jobs take turns, so that a large one holds nobody up; what a job
// does at once is small, so that it leaves room for everybody else. Of several instances the one
// with the duty works; if two believe to have it for a moment, each command looks again, under the
// job's lock, whether its step is still to be done.
//
// Files are forgotten after a week, here too.

#include <functional>
#include <memory>
#include <string_view>

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"
#include "platform/work/lease.hpp"

namespace stateset::jobs {

class Workers {
  public:
    struct Options {
        bool shared = false;  // others make jobs too: then it looks for them by itself
        std::function<Time()> clock = system_now;
        work::Duty duty;
        std::function<void(std::string_view)> log;  // errors that only the operator may see
    };
    // Listens to the Committer, to begin at once.
    Workers(Committer&, ReadPool&, Options);
    ~Workers();
    void start();
    void stop();  // a job under way goes on after the next start

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::jobs
