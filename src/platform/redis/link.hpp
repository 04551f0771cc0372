#pragma once
// The link to Redis for whoever must not wait: event loops and the Committer. Questions queue up;
// one thread takes all that are there, sends them in one round trip and calls back each. While
// there is no connection nobody waits: questions are answered as unavailable at once, and the
// thread tries to connect by itself (in between it asks the idle server for its role, so that a
// loss is mostly noticed before anybody asks).
//
// A question is answered within twice its patience, whatever Redis does: at most one round trip
// waits before it, and when that one fails, so do all that queued behind it.

#include <functional>
#include <memory>

#include "platform/redis/connection.hpp"

namespace stateset::redis {

class Link {
  public:
    using Done = std::function<void(const Replies&)>;
    struct Options {
        std::size_t queue_limit = 20'000;        // commands; beyond it: unavailable at once
        std::size_t most_together = 2'000;       // commands in one round trip
        std::chrono::milliseconds patience{20};  // of a question in the queue, and of a round trip
        std::chrono::milliseconds connect_timeout{100};
        std::function<void(std::string_view)> log;  // losses and returns, at most one a second
    };
    Link(Address, Options);  // begins to connect and does not wait for it
    ~Link();                 // stops
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // Answers what is queued as unavailable, and everything that comes later. Call it before what
    // the callbacks use goes away.
    void stop();

    // `done` is called once: on the link's thread, where it must be quick, or at once on the
    // caller's when the question is refused.
    void ask(std::vector<Command>, Done);
    // Never waits longer than `at_most`.
    Replies ask_and_wait(std::vector<Command>, std::chrono::milliseconds at_most);

    bool up() const;  // connected, and the last question was answered
    bool wait_until_up(std::chrono::milliseconds at_most) const;

    struct Counters {
        std::uint64_t asked = 0, unavailable = 0, round_trips = 0;
    };
    Counters counters() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::redis
