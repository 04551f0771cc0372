#pragma once
// The workers of webhooks together: fan-out, courier and backlog.

#include <functional>
#include <memory>
#include <string>

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"
#include "platform/work/lease.hpp"

namespace stateset::webhooks {

class Workers {
  public:
    struct Options {
        bool allow_private = false;           // http and private addresses
        std::optional<std::string> schedule;  // of attempts; see schedule_from
        bool shared = false;                  // other processes work on this database
        Span lease = seconds(30);  // of a delivery; a dead instance's are taken over after it
        work::Duty fan_out, backlog;
        std::function<void(std::string_view)> log;
    };
    // Made before the Committer's first caller. Throws std::runtime_error on a malformed schedule.
    Workers(Committer&, ReadPool&, Options);
    ~Workers();
    void start();
    void stop();

  private:
    struct Crew;
    std::unique_ptr<Crew> crew_;
};

}  // namespace stateset::webhooks
