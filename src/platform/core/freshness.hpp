#pragma once
// Whether a copy still counts when several instances change the same data. Everything that is
// copied has a key ("order:1:0198…"); whoever commits a change bumps the keys it concerns before
// anybody is answered, and whoever holds a copy compares stamps before using it.
//
// The rule for copies: ask for the stamp, THEN begin the read (also the read of how far a replica
// is), and keep the stamp with what was read. Before using the copy ask for the stamp again; the
// copy may be used when `kept.still_counts(now)`. The stamp that just told a copy to be old may
// label the read that follows.
//
// What this promises:
//  - When the bump of a change was answered `true`, no instance that asks afterwards uses a copy
//    from before the change.
//  - When it was `false`, or the instance died between its commit and its bump, or those who keep
//    the stamps lose them or disagree: no copy is used that was stamped more than `longest_age`
//    ago, so a change is seen everywhere within that age after its commit. That bound depends on
//    nobody but the holder's own clock.
//  - When nobody can say what the stamp is, no copy may be used or kept.

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace stateset {

class Freshness {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds longest_age{2'000};

    struct Stamp {
        std::string token;  // empty: nobody can say
        Clock::time_point asked_at;

        bool known() const { return !token.empty(); }
        bool still_counts(const Stamp& now) const {
            return known() && token == now.token && now.asked_at - asked_at < longest_age;
        }
    };

    virtual ~Freshness() = default;

    // The data behind these keys has changed. Waits 20 ms at most; true when everybody who asks
    // from now on will know. Any thread but an event loop.
    virtual bool bump(const std::vector<std::string>& keys) = 0;

    // The stamps of these keys, in their order, all unknown when nobody can say. Never blocks;
    // `done` is called once, at once or on another thread, where it must be quick.
    virtual void current(std::vector<std::string> keys,
                         std::function<void(std::vector<Stamp>)> done) = 0;
};

// Where nothing is shared: nobody can say, so nothing is kept.
class NoFreshness final : public Freshness {
  public:
    bool bump(const std::vector<std::string>&) override { return false; }
    void current(std::vector<std::string> keys,
                 std::function<void(std::vector<Stamp>)> done) override {
        done(std::vector<Stamp>(keys.size()));
    }
};

}  // namespace stateset
