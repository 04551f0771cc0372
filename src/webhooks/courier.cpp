#include "webhooks/courier.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "platform/auth/crypto.hpp"
#include "platform/net/client.hpp"
#include "platform/store/gather.hpp"
#include "sql.hpp"
#include "webhooks/lane.hpp"

namespace stateset::webhooks {
namespace {

constexpr std::size_t outcomes_at_once = 64;  // rows per command: more would make it a bulk one
constexpr int most_records = 4;               // commands with outcomes under way
constexpr Span after_failure = milliseconds(200);
constexpr Span when_full = seconds(1);  // the client has no connection left
constexpr Span unreadable_pause = minutes(1);
// Lanes keep their endpoints' connections in bounds; two endpoints may well share a host.
constexpr int most_connections = 512;
constexpr std::size_t most_answer_bytes = 4096;  // it is not kept
constexpr std::size_t longest_error = 200;

// Where and how a lane sends, as of its last claim.
struct Target {
    std::string url;
    std::vector<std::string> secrets;
};

struct Line {
    Lane lane;
    std::optional<Endpoint> endpoint;      // claimed with, not yet made a target
    std::shared_ptr<const Target> target;  // null: nothing was claimed yet
    bool changed = false;                  // the endpoint has, since the claim
};

struct Departure {
    Address to;
    std::shared_ptr<const Target> target;
    Parcel parcel;
};

struct Look {
    Address at;
    std::int64_t room = 0;
};

struct Candidate {
    DeliveryId id;
    Uuid event_id;
    std::string event_type, aggregate_id;
    std::int64_t tries = 0;
    Time next_attempt_at, occurred_at;
    RawJson data;
    std::optional<DeliveryId> earlier;
};

struct CandidatesOf {
    Tenant of_tenant = no_tenant;
    EndpointId endpoint_id;
    Time now;
    std::string owner;
    bool alone = false;
    std::int64_t most = 0;
};

struct Owed {
    Tenant tenant = no_tenant;
    EndpointId id;
};
struct OwedAt {
    Time now;
    std::string owner;
    bool alone = false;
};

// What a lane found when it looked.
struct Found {
    Address at;
    std::vector<Parcel> parcels;
    std::optional<Time> due_at;
    bool more = false, blocked = false;
};

double chance() {
    static thread_local std::minstd_rand random{std::random_device{}()};
    return std::uniform_real_distribution<>(0, 1)(random);
}

net::Outgoing message(const Departure& departure, Time now, Span timeout) {
    const auto& parcel = departure.parcel;
    auto id = to_string(parcel.event_id);
    auto at = now.micros / seconds(1).micros;
    net::Outgoing out{
        .url = departure.target->url,
        .body = json::to_text(Message{parcel.event_type, parcel.occurred_at, parcel.data}),
        .timeout = std::chrono::milliseconds(timeout.micros / 1000),
        .most_answer_bytes = most_answer_bytes};
    std::string signatures;
    for (const auto& secret : departure.target->secrets) {
        if (!signatures.empty()) signatures += ' ';
        signatures += auth::webhook_signature(secret, id, at, out.body);
    }
    out.headers = {{"Content-Type", "application/json"},
                   {"webhook-id", id},
                   {"webhook-timestamp", std::to_string(at)},
                   {"webhook-signature", std::move(signatures)}};
    return out;
}

void judge(const net::Answer& answer, Time now, Outcome& outcome) {
    using Failure = net::Answer::Failure;
    bool answered = answer.failure == Failure::none || answer.failure == Failure::too_large;
    if (answer.failure == Failure::not_sent || answer.failure == Failure::cut_off) return;
    outcome.attempt.duration_ms = answer.took.count();
    outcome.verdict = Verdict::failed;
    if (!answered) {
        outcome.attempt.error = answer.error.substr(0, longest_error);
        return;
    }
    outcome.attempt.status_code = answer.status;
    if (answer.status >= 200 && answer.status < 300) {
        outcome.verdict = Verdict::delivered;
        return;
    }
    bool redirect = answer.status >= 300 && answer.status < 400;
    outcome.attempt.error = (redirect ? "redirects are not followed: status " : "status ") +
                            std::to_string(answer.status);
    outcome.retry_after = work::retry_after_from(answer.header("retry-after"), now);
    if (answer.status == 410) outcome.verdict = Verdict::gone;
}

template <auto Member>
const store::Value& column(const store::Row& row) {
    constexpr auto at = store::column_of<Delivery, Member>();
    static_assert(at >= 0);
    return row[static_cast<std::size_t>(at)];
}

}  // namespace

struct Courier::State {
    Committer& committer;
    ReadPool& reads;
    Options options;
    net::Client client;

    std::mutex mutex;
    std::condition_variable wake;
    std::map<Address, Line> lines;
    std::vector<Outcome> outcomes;  // to be committed
    int records = 0;                // commands with outcomes under way
    int commands = 0;               // all commands under way
    bool extending = false;         // leases, by one of them
    Time extend_from;               // not before, after a failure
    bool stirred = true;            // there is something new to do
    bool stopping = false;
    std::thread thread;
    Time next_poll;  // the thread's own

    void committed(const std::vector<store::TableChanges>&);
    void notice(Tenant, const store::Row& delivery);
    void work();
    Time tidy(Time now);
    std::vector<Departure> depart(Time now);
    bool make_target(Line&, Time now);
    std::vector<std::vector<Outcome>> take_outcomes();
    std::vector<Held> take_extensions(Time now);
    void submit_extension(std::vector<Held>);
    Span half_lease() const { return {options.lease.micros / 2}; }
    std::vector<Look> lanes_to_look(Time now);
    void look(std::vector<Look>, bool poll, Time now);
    Found candidates(Reads&, const Look&, Time now) const;
    void claim_found(Found);
    void claimed(const Address&, std::vector<Parcel>&, const Claimed&, bool refused);
    void send(Departure);
    void arrived(const Address&, const Parcel&, Time started, const net::Answer&);
    void submit_record(std::vector<Outcome>);
    void recorded(std::vector<Outcome>, const stateset::Outcome&);
    void return_parcels(const Address&, std::vector<Parcel>);
    void log(const std::string& text) const {
        if (options.log) options.log("webhooks: " + text);
    }
    void stir() {
        stirred = true;
        wake.notify_all();
    }
};

Courier::Courier(Committer& committer, ReadPool& reads, Options options)
    : state_(
          new State{.committer = committer,
                    .reads = reads,
                    .options = options,
                    .client = net::Client({.allow_private_addresses = options.allow_private,
                                           .connections_per_host = most_connections,
                                           .most_connections = std::size_t{most_connections}})}) {
    committer.listen([state = state_.get()](const auto& changes) { state->committed(changes); });
}

Courier::~Courier() { stop(); }

void Courier::start() {
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

void Courier::stop() {
    auto& state = *state_;
    {
        std::scoped_lock lock(state.mutex);
        if (state.stopping) return;
        state.stopping = true;
        state.stir();
    }
    if (state.thread.joinable()) state.thread.join();
    state.client.stop();
    std::unique_lock lock(state.mutex);
    state.wake.wait(lock, [&] { return state.commands == 0; });
    for (auto& [address, line] : state.lines) {
        state.return_parcels(address, line.lane.take_all());
    }
    auto left = std::exchange(state.outcomes, {});
    lock.unlock();
    for (std::size_t at = 0; at < left.size(); at += outcomes_at_once) {
        auto end = std::min(left.size(), at + outcomes_at_once);
        std::vector<Outcome> some(left.begin() + static_cast<std::ptrdiff_t>(at),
                                  left.begin() + static_cast<std::ptrdiff_t>(end));
        try {
            state.committer.run(system_actor(no_tenant),
                                [&](Tx& tx) { record(tx, some, state.options.patience); });
        } catch (const std::exception& failure) {
            state.log(failure.what());  // the leases run out
        }
    }
}

// On the Committer's thread, right after a commit.
void Courier::State::committed(const std::vector<store::TableChanges>& changes) {
    for (const auto& table : changes) {
        if (table.table == &store::info<Delivery>()) {
            std::scoped_lock lock(mutex);
            for (const auto& [tenant, row] : table.added) notice(tenant, row);
            for (const auto& [tenant, row] : table.changed) notice(tenant, row);
        } else if (table.table == &store::info<Endpoint>()) {
            std::scoped_lock lock(mutex);
            auto change = [this](Tenant tenant, const store::Value& id) {
                auto& line = lines[{tenant, std::get<Uuid>(id)}];
                line.changed = line.lane.look = true;
            };
            for (const auto& [tenant, row] : table.changed) change(tenant, row.front());
            for (const auto& [tenant, id] : table.removed) change(tenant, id);
            stir();
        }
    }
}

void Courier::State::notice(Tenant tenant, const store::Row& row) {
    bool pending = std::get<std::string>(column<&Delivery::status>(row)) == "pending";
    bool leased = column<&Delivery::lease_owner>(row).index() != 0;
    if (!pending || leased) return;
    auto& lane = lines[{tenant, std::get<Uuid>(column<&Delivery::endpoint_id>(row))}].lane;
    Time due{std::get<std::int64_t>(column<&Delivery::next_attempt_at>(row))};
    lane.due_at = std::min(due, lane.due_at.value_or(due));
    stir();
}

void Courier::State::work() {
    std::unique_lock lock(mutex);
    while (!stopping) {
        stirred = false;
        auto now = system_now();
        auto wake_at = tidy(now);
        auto departures = depart(now);
        auto results = take_outcomes();
        auto extensions = take_extensions(now);
        auto looks = lanes_to_look(now);
        bool poll = now >= next_poll;
        lock.unlock();
        for (auto& departure : departures) send(std::move(departure));
        for (auto& some : results) submit_record(std::move(some));
        if (!extensions.empty()) submit_extension(std::move(extensions));
        if (!looks.empty() || poll) look(std::move(looks), poll, now);
        lock.lock();
        auto pause = std::max(Span{}, std::min(wake_at, next_poll) - system_now());
        wake.wait_for(lock, std::chrono::microseconds(pause.micros),
                      [this] { return stirred || stopping; });
    }
}

// Gives back what cannot go out any more, drops lanes with nothing to do, and says when the next
// one has.
Time Courier::State::tidy(Time now) {
    auto wake_at = now + hours(1);
    auto lease_needed = now + half_lease();
    for (auto it = lines.begin(); it != lines.end();) {
        auto& [address, line] = *it;
        auto& lane = line.lane;
        if (line.changed) {
            line.changed = false;
            return_parcels(address, lane.take_all());
        }
        return_parcels(address, lane.stale(lease_needed));
        bool idle = lane.empty() && !lane.look && !lane.blocked && !lane.claiming && !lane.due_at;
        if (idle) {
            it = lines.erase(it);
            continue;
        }
        // What is due already is looked for now, or when there is room, which stirs.
        if (lane.paused_until > now) wake_at = std::min(wake_at, lane.paused_until);
        if (lane.due_at && *lane.due_at > now) wake_at = std::min(wake_at, *lane.due_at);
        auto end = extending ? std::nullopt : lane.first_lease_end();
        if (end) wake_at = std::min(wake_at, std::max(*end - half_lease(), extend_from));
        ++it;
    }
    return wake_at;
}

std::vector<Departure> Courier::State::depart(Time now) {
    std::vector<Departure> departures;
    for (auto& [address, line] : lines) {
        if (line.lane.paused_until > now || !make_target(line, now)) continue;
        while (auto parcel = line.lane.next()) {
            departures.push_back({address, line.target, std::move(*parcel)});
        }
    }
    return departures;
}

bool Courier::State::make_target(Line& line, Time now) {
    if (!line.endpoint) return line.target != nullptr;
    try {
        line.target = std::make_shared<const Target>(
            Target{.url = line.endpoint->url,
                   .secrets = signing_secrets(*line.endpoint, options.sealing_key, now)});
        line.endpoint.reset();
        return true;
    } catch (const std::exception& failure) {
        log(failure.what());
        line.lane.paused_until = now + unreadable_pause;
        return false;
    }
}

std::vector<std::vector<Outcome>> Courier::State::take_outcomes() {
    std::vector<std::vector<Outcome>> taken;
    while (!outcomes.empty() && records < most_records) {
        auto count = static_cast<std::ptrdiff_t>(std::min(outcomes.size(), outcomes_at_once));
        taken.emplace_back(std::make_move_iterator(outcomes.begin()),
                           std::make_move_iterator(outcomes.begin() + count));
        outcomes.erase(outcomes.begin(), outcomes.begin() + count);
        ++records;
        ++commands;
    }
    return taken;
}

// Of attempts that last: what they are for must not be taken over meanwhile.
std::vector<Held> Courier::State::take_extensions(Time now) {
    std::vector<Held> held;
    if (extending || now < extend_from) return held;
    for (const auto& [address, line] : lines) {
        for (auto id : line.lane.leased_until_before(now + half_lease())) {
            if (held.size() < outcomes_at_once) held.push_back({address, id});
        }
    }
    extending = !held.empty();
    if (extending) ++commands;
    return held;
}

std::vector<Look> Courier::State::lanes_to_look(Time now) {
    std::vector<Look> looks;
    for (auto& [address, line] : lines) {
        auto& lane = line.lane;
        bool due = lane.look || (lane.due_at && *lane.due_at <= now);
        if (!due || lane.claiming || lane.paused_until > now || lane.room() == 0) continue;
        looks.push_back({address, static_cast<std::int64_t>(lane.room())});
        lane.look = false;
        lane.due_at.reset();
        // An outcome that is committed while we look may let go what we still see waiting.
        lane.blocked = true;
        lane.claiming = true;
    }
    return looks;
}

void Courier::State::look(std::vector<Look> looks, bool poll, Time now) {
    std::vector<Found> found;
    std::vector<Owed> owed;
    try {
        OwedAt at{.now = now, .owner = options.instance, .alone = options.alone};
        reads.run(no_tenant, [&](Reads& snapshot) {
            gather(
                snapshot,
                [&] {
                    found = gather_each(snapshot, looks, [&](const Look& one) {
                        return candidates(snapshot, one, now);
                    });
                },
                [&] {
                    if (poll) owed = snapshot.all<Owed>(sql::webhooks::owed, at);
                });
            return true;
        });
    } catch (const std::exception& failure) {
        log(failure.what());
        std::scoped_lock lock(mutex);
        for (const auto& one : looks) {
            auto& lane = lines[one.at].lane;
            lane.claiming = false;
            lane.look = true;
            lane.paused_until = now + after_failure;
        }
        next_poll = now + after_failure;
        return;
    }
    if (poll) {
        next_poll = now + options.poll;
        std::scoped_lock lock(mutex);
        for (const auto& [tenant, id] : owed) lines[{tenant, id}].lane.look = true;
        if (!owed.empty()) stir();
    }
    for (auto& one : found) claim_found(std::move(one));
}

Found Courier::State::candidates(Reads& snapshot, const Look& look, Time now) const {
    Found found{.at = look.at};
    auto rows = snapshot.all<Candidate>(sql::webhooks::candidates,
                                        CandidatesOf{.of_tenant = look.at.tenant,
                                                     .endpoint_id = look.at.endpoint,
                                                     .now = now,
                                                     .owner = options.instance,
                                                     .alone = options.alone,
                                                     .most = look.room});
    found.more = static_cast<std::int64_t>(rows.size()) == look.room;
    auto taken = [&](DeliveryId id) {
        return std::ranges::find(found.parcels, id, &Parcel::id) != found.parcels.end();
    };
    for (auto& row : rows) {
        if (row.next_attempt_at > now) {
            found.due_at = row.next_attempt_at;
            found.more = false;
            break;
        }
        if (row.earlier && !taken(*row.earlier)) {
            found.blocked = true;
            continue;
        }
        found.parcels.push_back({.id = row.id,
                                 .event_id = row.event_id,
                                 .event_type = std::move(row.event_type),
                                 .aggregate_id = std::move(row.aggregate_id),
                                 .first = row.tries == 0,
                                 .occurred_at = row.occurred_at,
                                 .data = std::move(row.data),
                                 .lease_until = {}});
    }
    return found;
}

void Courier::State::claim_found(Found found) {
    {
        std::scoped_lock lock(mutex);
        auto& lane = lines[found.at].lane;
        // What only waits is looked for again when an outcome was committed.
        lane.look = lane.look || (found.more && !found.parcels.empty());
        lane.blocked = lane.blocked && found.blocked;
        if (found.due_at)
            lane.due_at = std::min(*found.due_at, lane.due_at.value_or(*found.due_at));
        lane.claiming = !found.parcels.empty();
        if (!lane.claiming) return;
        ++commands;
    }
    Claim wanted{.from = found.at,
                 .deliveries = {},
                 .owner = options.instance,
                 .lease = options.lease,
                 .alone = options.alone};
    for (const auto& parcel : found.parcels) wanted.deliveries.push_back(parcel.id);
    auto result = std::make_shared<Claimed>();
    auto weight = static_cast<int>(wanted.deliveries.size());
    committer.submit({.work =
                          [wanted = std::move(wanted), result](Tx& tx) {
                              *result = claim(tx, wanted);
                              return store::Answer{};
                          },
                      .actor = system_actor(no_tenant),
                      .weight = weight,
                      .done =
                          [this, result, at = found.at,
                           parcels = std::move(found.parcels)](stateset::Outcome outcome) mutable {
                              claimed(at, parcels, *result, outcome.refusal.has_value());
                          }});
}

void Courier::State::claimed(const Address& at, std::vector<Parcel>& parcels, const Claimed& result,
                             bool refused) {
    std::scoped_lock lock(mutex);
    --commands;
    auto& line = lines[at];
    line.lane.claiming = false;
    if (refused) {
        line.lane.look = true;
        line.lane.paused_until = system_now() + after_failure;
    } else if (!result.endpoint) {
        line.lane.look = false;  // disabled or gone: nothing is due until it is enabled
    } else {
        line.endpoint = result.endpoint;
        for (auto& parcel : parcels) {
            if (std::ranges::find(result.deliveries, parcel.id) == result.deliveries.end())
                continue;
            parcel.lease_until = result.until;
            line.lane.add(std::move(parcel));
        }
    }
    stir();
}

void Courier::State::send(Departure departure) {
    auto now = system_now();
    auto out = message(departure, now, options.attempt_timeout);
    departure.parcel.data = {};
    client.send(std::move(out),
                [this, at = departure.to, parcel = std::move(departure.parcel),
                 now](const net::Answer& answer) { arrived(at, parcel, now, answer); });
}

// On the client's thread.
void Courier::State::arrived(const Address& at, const Parcel& parcel, Time started,
                             const net::Answer& answer) {
    Outcome outcome{.from = at,
                    .delivery = parcel.id,
                    .owner = options.instance,
                    .attempt = {.attempted_at = started},
                    .chance = chance()};
    auto now = system_now();
    judge(answer, now, outcome);
    std::scoped_lock lock(mutex);
    auto& lane = lines[at].lane;
    lane.arrived(parcel, milliseconds(answer.took.count()));
    if (outcome.verdict == Verdict::not_made) lane.paused_until = now + when_full;
    outcomes.push_back(std::move(outcome));
    stir();
}

void Courier::State::submit_record(std::vector<Outcome> some) {
    auto shared = std::make_shared<std::vector<Outcome>>(std::move(some));
    committer.submit(
        {.work =
             [this, shared](Tx& tx) {
                 record(tx, *shared, options.patience);
                 return store::Answer{};
             },
         .actor = system_actor(no_tenant),
         .weight = static_cast<int>(shared->size()),
         .done = [this, shared](
                     const stateset::Outcome& outcome) { recorded(std::move(*shared), outcome); }});
}

void Courier::State::recorded(std::vector<Outcome> some, const stateset::Outcome& result) {
    std::scoped_lock lock(mutex);
    --records;
    --commands;
    if (result.refusal) log("outcomes were not stored: " + result.refusal->detail());
    // A full queue or a busy disk passes; anything else leaves the leases to run out.
    bool again = result.refusal && result.refusal->code().status == 503;
    for (auto& outcome : some) {
        auto& lane = lines[outcome.from].lane;
        bool freed = outcome.verdict == Verdict::not_made;
        if (lane.blocked || freed) lane.look = true;
        lane.blocked = false;
        if (again) outcomes.push_back(std::move(outcome));
    }
    stir();
}

void Courier::State::submit_extension(std::vector<Held> held) {
    auto until = std::make_shared<Time>();
    auto weight = static_cast<int>(held.size());
    auto work = [this, held, until](Tx& tx) {
        *until = extend(tx, held, options.instance, options.lease);
        return store::Answer{};
    };
    committer.submit({.work = std::move(work),
                      .actor = system_actor(no_tenant),
                      .weight = weight,
                      .done = [this, held = std::move(held), until](stateset::Outcome outcome) {
                          std::scoped_lock lock(mutex);
                          --commands;
                          extending = false;
                          if (outcome.refusal) {
                              extend_from = system_now() + after_failure;
                          } else {
                              for (const auto& [from, id] : held) {
                                  lines[from].lane.extended(id, *until);
                              }
                          }
                          stir();
                      }});
}

void Courier::State::return_parcels(const Address& at, std::vector<Parcel> parcels) {
    for (const auto& parcel : parcels) {
        outcomes.push_back({.from = at, .delivery = parcel.id, .owner = options.instance});
    }
}

}  // namespace stateset::webhooks
