#include "platform/events/consumer.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "sql.hpp"

namespace stateset::events {
namespace {

struct Named {
    std::string name;
};
struct Place {
    std::int64_t position = 0;
};
struct After {
    std::int64_t position = 0;
    std::int64_t most = 0;
};

constexpr std::chrono::milliseconds after_failure{200};
constexpr std::chrono::seconds asleep_save{5};  // how old the cursor of a sleeper may get

std::chrono::steady_clock::duration duration(Span span) {
    return std::chrono::microseconds(span.micros);
}

}  // namespace

struct Consumer::State {
    // What one look at the log showed.
    struct Sight {
        std::optional<std::int64_t> cursor;  // as stored, when it was asked for
        bool awake = false;                  // somebody listens
        std::int64_t position = 0;
        std::vector<Logged> chunk;
        Reaction reaction;
    };

    Committer& committer;
    ReadPool& reads;
    Handler handler;
    Options options;

    std::mutex mutex;
    std::condition_variable wake;
    bool woken = true;
    bool asleep = false;  // nobody listens: new events are no reason to wake
    bool stopping = false;
    std::thread thread;

    // The thread's own.
    bool known = false;         // the two below are
    std::int64_t saved = 0;     // the durable cursor, as far as we know
    std::int64_t position = 0;  // events up to here are dealt with
    std::chrono::steady_clock::time_point saved_at, next_look;
    std::chrono::steady_clock::time_point started_at = std::chrono::steady_clock::now();

    void committed(const std::vector<store::TableChanges>&);
    void work();
    Span pause() const;
    bool turn(bool told);
    bool log_has_grown();
    bool step();
    Sight look(Reads&) const;
    void advance(std::int64_t to, const Reaction&);
    void save_place(Span at_least);
};

Consumer::Consumer(Committer& committer, ReadPool& reads, Handler handler, Options options)
    : state_(new State{.committer = committer,
                       .reads = reads,
                       .handler = std::move(handler),
                       .options = std::move(options)}) {
    committer.listen([state = state_.get()](const auto& changes) { state->committed(changes); });
}

Consumer::~Consumer() { stop(); }

void Consumer::start() {
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

void Consumer::stop() {
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_all();
    if (state_->thread.joinable()) state_->thread.join();
}

// On the Committer's thread, right after a commit.
void Consumer::State::committed(const std::vector<store::TableChanges>& changes) {
    bool events = false, listeners = false;
    for (const auto& table : changes) {
        events = events || table.table == &store::info<store::Event>();
        listeners = listeners || table.table == options.listeners;
    }
    if ((!events && !listeners) || !options.duty.held()) return;
    std::scoped_lock lock(mutex);
    if (asleep && !listeners) return;
    woken = true;
    wake.notify_one();
}

void Consumer::State::work() {
    std::unique_lock lock(mutex);
    while (!stopping) {
        wake.wait_for(lock, duration(pause()), [this] { return stopping || woken; });
        bool told = std::exchange(woken, false);
        if (stopping) break;
        lock.unlock();
        bool more = false, failed = false;
        try {
            more = turn(told);
        } catch (const std::exception& failure) {
            known = false;
            failed = true;
            if (options.log) options.log(options.name + " consumer: " + failure.what());
        }
        lock.lock();
        if (failed) wake.wait_for(lock, after_failure, [this] { return stopping; });
        woken = woken || more || failed;
    }
    lock.unlock();
    try {
        if (options.duty.held()) save_place({});
    } catch (const std::exception& failure) {
        if (options.log) options.log(options.name + " consumer: " + failure.what());
    }
}

Span Consumer::State::pause() const {
    return options.glance && !asleep ? *options.glance : options.poll;
}

// True when there is more to do. Who does not have the duty reads nothing, and later begins where
// the one before it ended.
bool Consumer::State::turn(bool told) {
    if (!options.duty.held()) {
        known = false;
        return false;
    }
    auto now = std::chrono::steady_clock::now();
    bool look_now = told || !known || now >= next_look;
    if (!look_now && !log_has_grown()) return false;
    next_look = now + duration(options.poll);
    return step();
}

bool Consumer::State::log_has_grown() {
    auto head = reads.run(no_tenant, [](Reads& snapshot) {
        return snapshot.maybe<Place>(sql::events::head, After{});
    });
    return head && head->position > position;
}

// Deals with one chunk. True when there may be more.
bool Consumer::State::step() {
    auto sight = reads.run(no_tenant, [this](Reads& snapshot) { return look(snapshot); });
    if (sight.cursor) saved = *sight.cursor;
    known = true;
    position = sight.position;
    {
        std::scoped_lock lock(mutex);
        // Who began to listen since the snapshot has set `woken`, and is seen at once.
        asleep = !sight.awake;
    }
    const auto& chunk = sight.chunk;
    const auto& reaction = sight.reaction;
    if (chunk.empty()) {
        if (sight.awake) save_place(options.save);
        auto asleep_for = std::chrono::steady_clock::now() - started_at;
        if (!sight.awake && asleep_for >= asleep_save) save_place(options.save);
        if (asleep_for >= asleep_save) started_at = std::chrono::steady_clock::now();
        return false;
    }
    auto last = chunk.back().position;
    auto to = reaction.through ? reaction.through : last;
    if (reaction.command) {
        advance(to, reaction);
    } else {
        position = to;
        save_place(options.save);
    }
    return to < last || static_cast<std::int64_t>(chunk.size()) == options.chunk;
}

// Changes nothing: it may be run again before its snapshot has told everything.
Consumer::State::Sight Consumer::State::look(Reads& snapshot) const {
    Sight sight{.position = position};
    if (!known) {
        auto cursor = snapshot.maybe<Place>(sql::events::cursor, Named{options.name});
        sight.cursor = sight.position = cursor ? cursor->position : 0;
    }
    sight.awake = handler.anybody(snapshot);
    if (!sight.awake) {
        auto head = snapshot.maybe<Place>(sql::events::head, After{});
        if (head) sight.position = std::max(sight.position, head->position);
        return sight;
    }
    sight.chunk = snapshot.all<Logged>(sql::events::chunk, After{sight.position, options.chunk});
    if (!sight.chunk.empty()) sight.reaction = handler.react(snapshot, sight.chunk);
    return sight;
}

void Consumer::State::advance(std::int64_t to, const Reaction& reaction) {
    bool overtaken = false;
    std::promise<Outcome> promise;
    auto future = promise.get_future();
    auto work = [&](Tx& tx) {
        overtaken = false;
        auto* found = tx.find<&Cursor::name>(options.name);
        if (!found) {
            tx.add(Cursor{.id = tx.new_id(), .name = options.name, .position = to});
        } else if (found->position != saved) {
            overtaken = true;  // another instance was faster; nothing is to be done twice
            return store::Answer{};
        } else {
            tx.edit(*found).position = to;
        }
        if (reaction.command) reaction.command(tx);
        return store::Answer{};
    };
    committer.submit({.work = work,
                      .actor = system_actor(no_tenant),
                      .weight = reaction.weight,
                      .done = [&](Outcome outcome) { promise.set_value(std::move(outcome)); }});
    auto outcome = future.get();
    if (outcome.refusal) throw *outcome.refusal;
    known = !overtaken;
    saved = position = to;
    saved_at = std::chrono::steady_clock::now();
}

void Consumer::State::save_place(Span at_least) {
    if (!known || position == saved) return;
    if (std::chrono::steady_clock::now() - saved_at < duration(at_least)) return;
    advance(position, {});
}

}  // namespace stateset::events
