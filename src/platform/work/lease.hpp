#pragma once
// Duties are what one instance at a time sees to, for all: fan-out of events, upkeep, retention.
// Each is a lease in the database. Its owner renews it; whoever sees the same version of it for a
// whole term takes it over, and one that was given back at once.
//
// No two clocks are compared, so they may differ by any amount: each instance measures the term on
// its own steady clock, from when it saw a version. These must run at the same speed within a
// fifth: an owner stops acting when four fifths of a term have passed since before it asked for its
// last renewal. `until` is for people who look at the table.
//
// A lease saves work that would be done twice; it is no lock. What was under way when it was lost
// may still commit, so the commands of a duty look again at what they change, under its lock.
//
// Who works alone has every duty; then nothing is asked and nothing written.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"

namespace stateset::work {

struct Lease {
    Uuid id;
    std::string name;   // of the duty
    std::string owner;  // an instance; empty: given back
    Time until;         // by the owner's clock
    std::int64_t version = 1;
};

// Whether this instance has a duty now. One that was made by nobody is always held.
class Duty {
  public:
    Duty() = default;
    bool held() const {
        if (!held_until_) return true;
        return std::chrono::steady_clock::now().time_since_epoch().count() < *held_until_;
    }

  private:
    friend class Duties;
    using HeldUntil = std::atomic<std::chrono::steady_clock::rep>;
    explicit Duty(std::shared_ptr<const HeldUntil> until) : held_until_(std::move(until)) {}
    std::shared_ptr<const HeldUntil> held_until_;
};

// The duties of one instance. Idle it asks one question each `pace`, and commits one renewal, of
// all that it holds, if it holds any. Now and then it compares its clock with the database's, and
// tells the operator when they differ: what else is leased or expires goes by the clocks.
class Duties {
  public:
    struct Options {
        std::string instance;  // owner of leases, new at every start
        bool sole = false;     // no other process works on this database
        Span term = seconds(5);
        std::function<Time()> clock = system_now;
        std::function<void(std::string_view)> log;

        Span pace() const { return {term.micros * 3 / 10}; }
    };
    Duties(Committer&, ReadPool&, Options);
    ~Duties();

    Duty duty(std::string name);  // before the start
    void start();                 // has what is free when it returns
    void stop();                  // gives back what it holds

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::work

template <>
struct stateset::store::Table<stateset::work::Lease> : stateset::store::Named<"leases", "lease"> {
    using unique = Keys<Key<&stateset::work::Lease::name>>;
};
