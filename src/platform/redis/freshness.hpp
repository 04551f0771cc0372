#pragma once
// Freshness kept in Redis. A bumped key holds a token that never was before, `f:<key>`, for ten
// seconds; a key without one was not changed by anybody for as long as any copy may live. So Redis
// holds what changed lately and not what is copied.
//
// A stamp is the connection it was asked on, the epoch, and the key's token:
//  - The connection, because after a restart, a fail-over to a replica that had not seen the last
//    bumps, or a snapshot loaded anew, old tokens could return. On a new connection all copies that
//    this instance holds are old.
//  - The epoch `f:epoch`, a random text that whoever asks sets when it is missing: after a FLUSHALL
//    all keys look unchanged, but the epoch is another one. One MGET reads both, in one instant.
//
// A bump that failed is owed: the next question or bump of this instance within the longest age of
// a copy makes a new epoch, which makes all copies everywhere old.
//
// Bounds, with Redis answering: none older than the last bump. Redis lost for the one who bumps but
// not for others, two masters at once, or an evicting memory policy: `longest_age` (2 s) after the
// commit, plus the 40 ms that a question may take.

#include <memory>

#include "platform/core/freshness.hpp"
#include "platform/redis/link.hpp"

namespace stateset::redis {

class SharedFreshness final : public Freshness {
  public:
    struct Options {
        std::chrono::milliseconds bump_patience{20};
        // How long a token stays: more than a copy lives, with room for one that asks late.
        std::chrono::milliseconds token_term = 5 * longest_age;
        std::size_t most_tokens = 5'000;  // a bump of more keys makes a new epoch instead
    };
    explicit SharedFreshness(Link&);  // which outlives it
    SharedFreshness(Link&, Options);
    ~SharedFreshness() override;

    bool bump(const std::vector<std::string>& keys) override;

    // Questions that come while one is on its way are asked together, in one MGET.
    void current(std::vector<std::string> keys,
                 std::function<void(std::vector<Stamp>)> done) override;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace stateset::redis
