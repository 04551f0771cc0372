#pragma once
// One connection to the Redis that is master now, for one thread. Several commands travel in one
// round trip. Nothing is thrown and nothing waits for long: a question is answered within its
// timeout or is `unavailable`, and after failures the connection refuses at once for a while that
// grows to a second before it tries again (the greeting is the probe).
//
// Of several addresses the one whose ROLE is master is used, and its role is asked again along with
// the commands every quarter of a second, so that a master that was demoted is noticed although it
// still answers. Whoever cannot serve (READONLY, LOADING, MASTERDOWN) counts as lost.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/redis/address.hpp"

namespace stateset::redis {

using Clock = std::chrono::steady_clock;

// The words of a command: {"SET", "key", "value"}. Of {"EVAL", text, …} the text travels once per
// connection; afterwards its digest does.
using Command = std::vector<std::string>;

struct Reply {
    enum class Kind { nothing, text, number, list, error };
    Kind kind = Kind::nothing;
    std::string text;  // of a text or an error
    std::int64_t number = 0;
    std::vector<Reply> list;

    bool is_error() const { return kind == Kind::error; }
};

// What came back for a group of commands: one reply each, in their order, or none at all. A group
// without answer may have been carried out all the same.
struct Replies {
    std::vector<Reply> all;
    std::string unavailable;       // why there is no answer; empty when there is one
    std::uint64_t connection = 0;  // which connection answered: grows with every one that was made

    explicit operator bool() const { return unavailable.empty(); }
};

class Connection {
  public:
    struct Options {
        std::chrono::milliseconds connect_timeout{100};  // of each address, with its greeting
        std::chrono::milliseconds command_timeout{20};   // of a whole round trip
        std::chrono::milliseconds shortest_break{50}, longest_break{1'000};
        std::function<void(std::string_view)> log;  // losses and returns, at most one a second
    };
    Connection(Address, Options);  // connects with the first question
    ~Connection();

    // With no commands it asks nothing but the role.
    Replies ask(const std::vector<Command>&);

    // Connects when there is no connection and the break is over. The name of a host is resolved by
    // the system, which the timeouts do not bound.
    bool open();
    bool is_open() const;
    Clock::time_point retry_at() const;  // before it, open() refuses

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::redis
