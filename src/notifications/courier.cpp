#include "notifications/courier.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "sql.hpp"

namespace stateset::notifications {
namespace {

constexpr std::size_t outcomes_at_once = 64;  // rows per command: more would make it a bulk one
constexpr Span after_failure = milliseconds(200);

struct Due {
    Tenant tenant = no_tenant;
    MessageId id;
    Time next_attempt_at;
};

struct DueOn {
    Channel channel = Channel::email;
    Time now;
    std::string owner;
    bool alone = false;
    std::int64_t most = 0;
};

struct UnderWay {
    Channel channel = Channel::email;
    Time lease_until;
};

double chance() {
    static thread_local std::minstd_rand random{std::random_device{}()};
    return std::uniform_real_distribution<>(0, 1)(random);
}

template <auto Member>
const store::Value& column(const store::Row& row) {
    constexpr auto at = store::column_of<Message, Member>();
    static_assert(at >= 0);
    return row[static_cast<std::size_t>(at)];
}

}  // namespace

struct Courier::State {
    Committer& committer;
    ReadPool& reads;
    Options options;
    Ways ways;

    std::mutex mutex;
    std::condition_variable wake;
    std::vector<Outcome> outcomes;  // to be committed
    Time due_at;                    // something may be due then
    bool stirred = false;
    bool stopping = false;
    std::thread thread;
    std::map<Held, UnderWay> under_way;  // the thread's own

    void committed(const std::vector<store::TableChanges>&);
    void notice(const store::Row&);
    void work();
    Span turn();
    bool settle();
    void keep_leases(Time now);
    bool look(Time now);
    bool look(Channel, Way&, Time now);
    std::size_t room(Channel, const Way&) const;
    void send(Way&, Parcel);
    void arrived(Outcome);
    void commit(const std::vector<Outcome>&);
    void log(const std::string& text) const {
        if (options.log) options.log("notifications: " + text);
    }
};

Courier::Courier(Committer& committer, ReadPool& reads, Ways ways, Options options)
    : state_(new State{.committer = committer,
                       .reads = reads,
                       .options = std::move(options),
                       .ways = std::move(ways)}) {
    if (state_->ways.empty()) return;
    committer.listen([state = state_.get()](const auto& changes) { state->committed(changes); });
}

Courier::~Courier() { stop(); }

void Courier::start() {
    if (state_->ways.empty()) return;
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

void Courier::stop() {
    auto& state = *state_;
    {
        std::scoped_lock lock(state.mutex);
        if (state.stopping) return;
        state.stopping = true;
    }
    state.wake.notify_all();
    if (state.thread.joinable()) state.thread.join();
    for (auto& [channel, way] : state.ways) way->stop();
    while (state.settle()) {
    }
}

// On the Committer's thread, right after a commit.
void Courier::State::committed(const std::vector<store::TableChanges>& changes) {
    for (const auto& table : changes) {
        if (table.table != &store::info<Message>()) continue;
        std::scoped_lock lock(mutex);
        for (const auto& [tenant, row] : table.added) notice(row);
        for (const auto& [tenant, row] : table.changed) notice(row);
    }
}

void Courier::State::notice(const store::Row& row) {
    const auto& due = column<&Message::next_attempt_at>(row);
    bool leased = column<&Message::lease_owner>(row).index() != 0;
    if (due.index() == 0 || leased) return;
    due_at = std::min(due_at, Time{std::get<std::int64_t>(due)});
    stirred = true;
    wake.notify_all();
}

void Courier::State::work() {
    std::unique_lock lock(mutex);
    while (!stopping) {
        stirred = false;
        lock.unlock();
        Span pause = after_failure;
        try {
            pause = turn();
        } catch (const std::exception& failure) {
            log(failure.what());
        }
        lock.lock();
        pause = std::min(pause, std::max(Span{}, due_at - system_now()));
        wake.wait_for(lock, std::chrono::microseconds(pause.micros),
                      [this] { return stirred || stopping; });
    }
}

// Does what there is to do; how long to wait before the next look.
Span Courier::State::turn() {
    bool more_outcomes = settle();
    auto now = system_now();
    keep_leases(now);
    bool more = look(now);
    if (more || more_outcomes) return {};
    return std::min(options.poll, Span{options.lease.micros / 4});
}

// Commits some outcomes; true when there may be more.
bool Courier::State::settle() {
    std::vector<Outcome> some;
    {
        std::scoped_lock lock(mutex);
        auto count = static_cast<std::ptrdiff_t>(std::min(outcomes.size(), outcomes_at_once));
        some.assign(std::make_move_iterator(outcomes.begin()),
                    std::make_move_iterator(outcomes.begin() + count));
        outcomes.erase(outcomes.begin(), outcomes.begin() + count);
    }
    if (some.empty()) return false;
    commit(some);
    for (const auto& outcome : some) under_way.erase(outcome.of);
    std::scoped_lock lock(mutex);
    return !outcomes.empty();
}

// A busy disk passes; anything else leaves the leases to run out.
void Courier::State::commit(const std::vector<Outcome>& some) {
    try {
        committer.run(system_actor(no_tenant), [&](Tx& tx) { record(tx, some, options.schedule); });
    } catch (const Refusal& refusal) {
        std::scoped_lock lock(mutex);
        bool again = refusal.code().status == 503 && !stopping;
        if (!again) return log("outcomes were not stored: " + refusal.detail());
        outcomes.insert(outcomes.end(), some.begin(), some.end());
        throw;
    }
}

void Courier::State::keep_leases(Time now) {
    std::vector<Held> held;
    auto needed = now + Span{options.lease.micros / 2};
    for (const auto& [one, how] : under_way) {
        if (how.lease_until < needed && held.size() < outcomes_at_once) held.push_back(one);
    }
    if (held.empty()) return;
    auto until = committer.run(system_actor(no_tenant), [&](Tx& tx) {
        return extend(tx, held, options.instance, options.lease);
    });
    for (const auto& one : held) under_way[one].lease_until = until;
}

// True when there may be more that is due.
bool Courier::State::look(Time now) {
    {
        std::scoped_lock lock(mutex);
        due_at = now + hours(1);
    }
    bool more = false;
    for (auto& [channel, way] : ways) more = look(channel, *way, now) || more;
    return more;
}

std::size_t Courier::State::room(Channel channel, const Way& way) const {
    auto busy = std::ranges::count_if(
        under_way, [&](const auto& one) { return one.second.channel == channel; });
    auto taken = static_cast<std::size_t>(busy);
    return way.at_once() - std::min(way.at_once(), taken);
}

bool Courier::State::look(Channel channel, Way& way, Time now) {
    auto most = room(channel, way);
    if (most == 0) return false;
    DueOn wanted{.channel = channel,
                 .now = now,
                 .owner = options.instance,
                 .alone = options.alone,
                 .most = static_cast<std::int64_t>(most)};
    auto due = reads.run(no_tenant, [&](Reads& snapshot) {
        return snapshot.all<Due>(sql::notifications::due, wanted);
    });
    Claim claiming{
        .messages = {}, .owner = options.instance, .lease = options.lease, .alone = options.alone};
    for (const auto& one : due) {
        if (one.next_attempt_at > now) {
            std::scoped_lock lock(mutex);
            due_at = std::min(due_at, one.next_attempt_at);
            break;
        }
        claiming.messages.push_back({one.tenant, one.id});
    }
    if (claiming.messages.empty()) return false;
    auto parcels =
        committer.run(system_actor(no_tenant), [&](Tx& tx) { return claim(tx, claiming); });
    for (auto& parcel : parcels) {
        under_way[{parcel.tenant, parcel.message.id}] = {channel,
                                                         *parcel.message.lease_until.value};
        send(way, std::move(parcel));
    }
    return claiming.messages.size() == most;
}

void Courier::State::send(Way& way, Parcel parcel) {
    Held of{parcel.tenant, parcel.message.id};
    way.send(parcel.message, [this, of](Outcome outcome) {
        outcome.of = of;
        arrived(std::move(outcome));
    });
}

// On a thread of the way's.
void Courier::State::arrived(Outcome outcome) {
    outcome.owner = options.instance;
    outcome.chance = chance();
    std::scoped_lock lock(mutex);
    outcomes.push_back(std::move(outcome));
    stirred = true;
    wake.notify_all();
}

}  // namespace stateset::notifications
