#pragma once
// Buckets of requests by name. Each is one number: the time at which it will be full again (GCRA).
// In memory, and bounded: a bucket that is full again is like one never seen.
//
// Several instances share their buckets over Redis without any request waiting for it. An instance
// decides by its own view of the bucket and tells Redis in the background what passed here; the
// answer is what passed everywhere, and becomes the view. What passed is always charged in full, so
// whatever passed too many while views differed is waited for afterwards: over time no more than
// the rate passes in all, and a caller at one instance alone gets all of it.
//
//  - It is told after a 64th of the burst, or every 20 ms once the bucket is less than half full.
//    So N instances together let pass at most N/64 of the burst, or N × 20 ms of the rate, too many
//    at once (plus what passes during one round trip).
//  - Redis away: each instance goes on with its view, at the share of the rate that this caller had
//    here lately. So the sum holds as long as requests spread as before. After 30 s the share grows
//    back to the whole rate, for the others may be gone (then: up to N times the rate). Whoever was
//    not seen before, or was nowhere near the limit, has the whole rate at each instance at once.
//  - Redis emptied: the instances bring back what they knew, so nobody gets a second burst.

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace stateset::redis {
class Link;
}

namespace stateset::http {

struct Rate {
    std::int64_t per_second = 0;
    std::int64_t burst = 0;  // at once, after a pause
};

class Buckets {
  public:
    using Clock = std::chrono::steady_clock;
    struct Verdict {
        bool passes = false;
        std::int64_t remaining = 0;
        std::chrono::nanoseconds wait{0};        // until the next may pass
        std::chrono::nanoseconds until_full{0};  // when nobody asks meanwhile
    };
    // With whom the buckets are shared: all that name the same kind.
    struct Sharing {
        redis::Link* link = nullptr;  // which outlives the buckets; null: nobody
        std::string kind;
    };

    Buckets(Rate rate, std::size_t most);
    Buckets(Rate rate, std::size_t most, Sharing);

    // Never blocks. `now` is for tests of what is not shared.
    Verdict take(std::string_view name, Clock::time_point now = Clock::now());
    Rate rate() const;
    std::size_t held() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace stateset::http
