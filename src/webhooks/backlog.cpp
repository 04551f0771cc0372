#include "webhooks/backlog.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "sql.hpp"

namespace stateset::webhooks {
namespace {

// Rows per command: more would make it a bulk command.
constexpr std::int64_t at_once = 64;
constexpr std::chrono::seconds after_failure{1};

using Clock = std::chrono::steady_clock;

Clock::duration duration(Span span) { return std::chrono::microseconds(span.micros); }

struct Running {
    Tenant tenant = no_tenant;
    ReplayId id;
};
struct RunningReplay {
    ReplayId id;
    EndpointId endpoint_id;
    std::int64_t position = 0;
    std::optional<Time> after_time, before_time;
    std::optional<std::int64_t> before_position;
    std::vector<std::string> events;
    bool unsettled = false;  // events are committed whose turn in the log has not come
};
struct ChunkWanted {
    std::int64_t position = 0;
    std::optional<Time> after_time, before_time;
    std::optional<std::int64_t> before_position;
    std::vector<std::string> events;
    std::int64_t most = 0;
};
struct Past {
    std::int64_t position = 0;
    Uuid id;
    std::string type, aggregate_type, aggregate_id;
};
struct ReplayById {
    ReplayId id;
};
struct Most {
    std::int64_t most = 0;
};

// What a replay does next. Nothing left: it is done, or has to wait for the rest of the log.
struct Step {
    std::int64_t from = 0;
    std::vector<Planned> planned;
    bool wait = false;
};

Step next_step(Reads& reads, Tenant tenant, ReplayId id) {
    auto found = reads.maybe<RunningReplay>(sql::webhooks::running_replay, ReplayById{id});
    if (!found) return {};
    Step step{.from = found->position, .planned = {}};
    auto chunk = reads.all<Past>(sql::webhooks::replay_chunk,
                                 ChunkWanted{.position = found->position,
                                             .after_time = found->after_time,
                                             .before_time = found->before_time,
                                             .before_position = found->before_position,
                                             .events = found->events,
                                             .most = at_once});
    for (auto& event : chunk) {
        step.planned.push_back({.to = {tenant, found->endpoint_id},
                                .event_id = event.id,
                                .event_type = std::move(event.type),
                                .aggregate_type = std::move(event.aggregate_type),
                                .aggregate_id = std::move(event.aggregate_id),
                                .position = event.position});
    }
    step.wait = step.planned.empty() && found->unsettled;
    return step;
}

// True when there is more to do.
bool take_step(Tx& tx, ReplayId id, const Step& step) {
    const auto* found = tx.find<Replay>(id);
    if (!found || found->status == ReplayStatus::done) return false;
    if (step.planned.empty()) {
        tx.edit(*found).status = ReplayStatus::done;
        return false;
    }
    if (found->position.value != step.from) return true;  // another instance was faster
    auto& replay = tx.edit(*found);
    replay.deliveries += add_deliveries(tx, step.planned);
    replay.position.value = step.planned.back().position;
    return true;
}

}  // namespace

struct Backlog::State {
    Committer& committer;
    ReadPool& reads;
    Options options;

    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
    bool replays = true, orphans = true;       // there may be some
    Clock::time_point replays_at, orphans_at;  // when to look for those that nobody told us about
    std::thread thread;

    void committed(const std::vector<store::TableChanges>&);
    void work();
    void wait(std::unique_lock<std::mutex>&);
    bool run_replays();
    void give_up_orphans();
    bool ending() {
        std::scoped_lock lock(mutex);
        return stopping || !options.duty.held();
    }
};

Backlog::Backlog(Committer& committer, ReadPool& reads, Options options)
    : state_(new State{.committer = committer, .reads = reads, .options = std::move(options)}) {
    committer.listen([state = state_.get()](const auto& changes) { state->committed(changes); });
}

Backlog::~Backlog() { stop(); }

void Backlog::start() {
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

void Backlog::stop() {
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_all();
    if (state_->thread.joinable()) state_->thread.join();
}

// On the Committer's thread, right after a commit.
void Backlog::State::committed(const std::vector<store::TableChanges>& changes) {
    bool asked = false, removed = false;
    for (const auto& table : changes) {
        if (table.table == &store::info<Replay>()) asked = asked || !table.added.empty();
        if (table.table == &store::info<Endpoint>()) removed = removed || !table.removed.empty();
    }
    if (!asked && !removed) return;
    std::scoped_lock lock(mutex);
    replays = replays || asked;
    orphans = orphans || removed;
    wake.notify_one();
}

void Backlog::State::work() {
    std::unique_lock lock(mutex);
    while (!stopping) {
        wait(lock);
        if (stopping) return;
        if (!options.duty.held()) {  // who has the duty looks by itself
            replays = orphans = false;
            continue;
        }
        bool had_replays = std::exchange(replays, false);
        bool had_orphans = std::exchange(orphans, false);
        lock.unlock();
        bool again = false;
        try {
            if (had_orphans) give_up_orphans();
            if (had_replays) again = !run_replays();
        } catch (const std::exception& failure) {
            again = true;
            if (options.log) options.log(std::string("webhook backlog: ") + failure.what());
        }
        lock.lock();
        if (!again) continue;
        replays = replays || had_replays;
        orphans = orphans || had_orphans;
        wake.wait_for(lock, after_failure, [this] { return stopping; });
    }
}

// Until there may be something to do.
void Backlog::State::wait(std::unique_lock<std::mutex>& lock) {
    auto told = [this] { return stopping || replays || orphans; };
    if (!options.shared) return wake.wait(lock, told);
    wake.wait_until(lock, std::min(replays_at, orphans_at), told);
    auto now = Clock::now();
    if (now >= replays_at) {
        replays = true;
        replays_at = now + duration(options.replays_poll);
    }
    if (now >= orphans_at) {
        orphans = true;
        orphans_at = now + duration(options.orphans_poll);
    }
}

// False when one has to wait for the rest of the log.
bool Backlog::State::run_replays() {
    auto running = reads.run(no_tenant, [](Reads& snapshot) {
        return snapshot.all<Running>(sql::webhooks::replays, Most{});
    });
    bool all = true;
    for (const auto& [tenant, id] : running) {
        bool more = true;
        while (more && !ending()) {
            auto step =
                reads.run(tenant, [&](Reads& snapshot) { return next_step(snapshot, tenant, id); });
            all = all && !step.wait;
            more = !step.wait && committer.run(system_actor(tenant),
                                               [&](Tx& tx) { return take_step(tx, id, step); });
        }
    }
    return all;
}

void Backlog::State::give_up_orphans() {
    while (!ending()) {
        auto found = reads.run(no_tenant, [](Reads& snapshot) {
            return snapshot.all<Orphan>(sql::webhooks::orphans, Most{at_once});
        });
        if (found.empty()) return;
        committer.run(system_actor(no_tenant), [&](Tx& tx) { give_up(tx, found); });
    }
}

}  // namespace stateset::webhooks
