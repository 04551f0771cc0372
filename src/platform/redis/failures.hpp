#pragma once
// Failures counted in Redis: a list of the last times per name, `fail:<name>`, by Redis' clock,
// gone a window after the last one. Lost with Redis or by a flush; the counts that each instance
// keeps for itself hold then, so N instances admit at most N times as many.

#include "platform/core/shared_failures.hpp"
#include "platform/redis/link.hpp"

namespace stateset::redis {

class CountedFailures final : public SharedFailures {
  public:
    struct Options {
        int most = 10;  // failures within the window; then the name waits until the first is over
        std::chrono::milliseconds window{60'000};
        std::chrono::milliseconds patience{20};
    };
    CountedFailures(Link&, Options);  // the link outlives it

    void failed(const std::string& name) override;
    int wait_s(const std::string& name) override;

  private:
    Command command(const char* script, const std::string& name) const;

    Link& link_;
    Options options_;
};

}  // namespace stateset::redis
