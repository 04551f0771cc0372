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

std::chrono::steady_clock::duration duration(Span span) {
    return std::chrono::microseconds(span.micros);
}

}  // namespace

struct Consumer::State {
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
    std::chrono::steady_clock::time_point saved_at;

    void committed(const std::vector<store::TableChanges>&);
    void work();
    bool step();
    bool look(Reads&, std::vector<Logged>&, Reaction&);
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
    if (!events && !listeners) return;
    std::scoped_lock lock(mutex);
    if (asleep && !listeners) return;
    woken = true;
    wake.notify_one();
}

void Consumer::State::work() {
    std::unique_lock lock(mutex);
    while (!stopping) {
        wake.wait_for(lock, duration(options.poll), [this] { return stopping || woken; });
        woken = false;
        if (stopping) break;
        lock.unlock();
        bool more = false, failed = false;
        try {
            more = step();
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
        save_place({});
    } catch (const std::exception& failure) {
        if (options.log) options.log(options.name + " consumer: " + failure.what());
    }
}

// Deals with one chunk. True when there may be more.
bool Consumer::State::step() {
    std::vector<Logged> chunk;
    Reaction reaction;
    bool awake = reads.run(no_tenant, [&](Reads& snapshot) {
        chunk.clear();
        return look(snapshot, chunk, reaction);
    });
    {
        std::scoped_lock lock(mutex);
        // Who began to listen since the snapshot has set `woken`, and is seen at once.
        asleep = !awake;
    }
    if (chunk.empty()) {
        if (awake) save_place(options.save);
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

bool Consumer::State::look(Reads& snapshot, std::vector<Logged>& chunk, Reaction& reaction) {
    if (!known) {
        auto cursor = snapshot.maybe<Place>(sql::events::cursor, Named{options.name});
        saved = position = cursor ? cursor->position : 0;
        known = true;
    }
    if (!handler.anybody(snapshot)) {
        auto head = snapshot.maybe<Place>(sql::events::head, After{});
        if (head) position = std::max(position, head->position);
        return false;
    }
    chunk = snapshot.all<Logged>(sql::events::chunk, After{position, options.chunk});
    if (!chunk.empty()) reaction = handler.react(snapshot, chunk);
    return true;
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
