#pragma once
// A consumer reads the event log in order and reacts to each event once. How far it has come is a
// durable cursor that advances in the same transaction as the reaction, so that a crash repeats
// nothing and skips nothing; the cursor is compared under its lock, so that of several instances
// only one reacts to a chunk.
//
// Of several instances the one with the duty reads; the comparison only keeps apart two that
// overlap while the duty passes from one to the other.
//
// It is woken by the Committer as soon as a batch wrote events, and looks by itself now and then;
// what other processes commit it notices by glancing at the head of the log. While nobody listens
// it costs one small read a second: it moves along with the head in memory, and says so in the
// database every few seconds, so that retention can forget what nobody will read.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"
#include "platform/work/lease.hpp"

namespace stateset::events {

// One line of the log as its readers see it. `position` is its place in the order of commits.
struct Logged {
    std::int64_t position = 0;
    Tenant tenant = no_tenant;
    Uuid id;
    std::string type;
    std::int64_t sequence = 0;
    std::string aggregate_type;
    std::string aggregate_id;
    std::optional<Uuid> order_id;
    RawJson data;
    std::string actor;
    Time occurred_at;
};

struct Cursor {
    Uuid id;
    std::string name;
    std::int64_t position = 0;
    std::int64_t version = 1;
};

// What a chunk of events leads to.
struct Reaction {
    // Runs in the transaction that advances the cursor, with the installation as its tenant.
    // Empty: nothing is to be written.
    std::function<void(Tx&)> command;
    std::int64_t through = 0;  // position of the last event it covers; 0: the whole chunk
    int weight = 1;            // rows it touches, roughly
};

class Consumer {
  public:
    struct Handler {
        // Whether anybody listens, in this snapshot. When not, its events are passed over.
        std::function<bool(Reads&)> anybody;
        // Called in the snapshot the chunk was read from; chunks are not empty.
        std::function<Reaction(Reads&, const std::vector<Logged>&)> react;
    };
    struct Options {
        std::string name;  // of the cursor
        std::int64_t chunk = 200;
        Span poll = seconds(1);
        Span save = seconds(1);  // how old an unsaved cursor may get
        // How often to glance at the log, where other processes write it too. None: never.
        std::optional<Span> glance;
        work::Duty duty;
        // A change in this table may mean that somebody begins to listen.
        const store::TableInfo* listeners = nullptr;
        std::function<void(std::string_view)> log;
    };
    // Made before the Committer's first caller; started when all of them are there.
    Consumer(Committer&, ReadPool&, Handler, Options);
    ~Consumer();
    void start();
    void stop();  // finishes the chunk under way

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::events

template <>
struct stateset::store::Table<stateset::events::Cursor>
    : stateset::store::Named<"cursors", "cursor"> {
    using unique = Keys<Key<&stateset::events::Cursor::name>>;
};
