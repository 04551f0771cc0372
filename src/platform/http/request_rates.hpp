#pragma once
// How often a caller may ask. One bucket per user or key, and one per address for whoever has not
// said yet who they are; what an unverified header says never chooses the bucket. In memory, and
// bounded: a bucket that is full again is like one never seen.

#include <array>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "platform/http/edge.hpp"

namespace stateset::http {

struct Rate {
    std::int64_t per_second = 0;
    std::int64_t burst = 0;  // at once, after a pause
};

// Buckets by name. Each is one number: the time at which it will be full again (GCRA).
class Buckets {
  public:
    using Clock = std::chrono::steady_clock;
    struct Verdict {
        bool passes = false;
        std::int64_t remaining = 0;
        std::chrono::nanoseconds wait{0};        // until the next may pass
        std::chrono::nanoseconds until_full{0};  // when nobody asks meanwhile
    };

    Buckets(Rate rate, std::size_t most) : rate_(rate), most_in_shelf_(most / shelves + 1) {}

    Verdict take(std::string_view name, Clock::time_point now = Clock::now());
    Rate rate() const { return rate_; }
    std::size_t held() const;

  private:
    static constexpr std::size_t shelves = 16;  // so that loops seldom wait for each other
    struct Shelf {
        mutable std::mutex mutex;
        std::unordered_map<std::string, Clock::time_point> full_at;
    };
    void make_room(Shelf&, Clock::time_point now) const;

    Rate rate_;
    std::size_t most_in_shelf_;
    std::array<Shelf, shelves> shelves_;
};

class RequestRates final : public Limiter {
  public:
    struct Options {
        Rate caller{.per_second = 2'000, .burst = 4'000};
        Rate address{.per_second = 5'000, .burst = 5'000};
        std::size_t most_buckets = 50'000;  // of each kind, about 100 bytes each
    };
    explicit RequestRates(Options);
    int address(const std::string& peer) override;
    int caller(const Actor&, const Endpoint&, Response* headers) override;

  private:
    Buckets callers_, addresses_;
};

// The part of an address that one subscriber holds: all of an IPv4 address, the /64 of an IPv6 one.
std::string subscriber(const std::string& peer);

}  // namespace stateset::http
