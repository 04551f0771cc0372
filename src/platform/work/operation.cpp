#include "platform/work/operation.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <set>
#include <thread>

#include "platform/store/gather.hpp"
#include "platform/work/settle.hpp"
#include "sql.hpp"

namespace stateset::work {
namespace {

constexpr std::int64_t claimed_at_once = 100;

Uuid begin_at(Tx& tx, std::string_view kind, Uuid subject, RawJson data,
              std::optional<Time> lease) {
    auto& operation = tx.add(Operation{.id = tx.new_id(),
                                       .kind = std::string(kind),
                                       .subject = subject,
                                       .data = std::move(data),
                                       .next_attempt_at = tx.now(),
                                       .lease_until = lease,
                                       .request_id = tx.request_id()});
    return operation.id;
}

// The request that started the operation gets this answer, also when it asks again with its
// idempotency key.
void complete_request(Tx& tx, Uuid operation, const store::Answer& answer) {
    using store::IdempotencyRecord;
    auto* found = tx.find<&IdempotencyRecord::operation>(operation);
    if (!found || found->progress == store::Progress::done) return;
    auto& record = tx.edit(*found);
    record.progress = store::Progress::done;
    record.status = answer.status;
    record.body = answer.body;
    record.etag = answer.etag;
    record.location = answer.location;
}

struct Due {
    Tenant tenant;
    Uuid id;
};

struct DueWanted {
    Time now;
    std::int64_t most;
    std::optional<Time> sole_since;
    std::string instance;
};

}  // namespace

Uuid begin(Tx& tx, std::string_view kind, Uuid subject, RawJson data) {
    return begin_at(tx, kind, subject, std::move(data), tx.now() + newborn_lease.load());
}

Uuid begin_later(Tx& tx, std::string_view kind, Uuid subject, RawJson data) {
    return begin_at(tx, kind, subject, std::move(data), std::nullopt);
}

void hurry(Tx& tx, Uuid id) {
    auto* found = tx.find<Operation>(id);
    bool idle = found && found->state == OperationState::pending && !found->lease_until;
    if (idle) tx.edit(*found).next_attempt_at = tx.now();
}

std::optional<store::Answer> settle(Tx& tx, const Kind& kind, const Operation& called,
                                    const Result& result, Backoff backoff) {
    gather(
        tx, [&] { tx.find<Operation>(called.id); },
        [&] { tx.find<&store::IdempotencyRecord::operation>(called.id); },
        [&] {
            if (kind.prepare) kind.prepare(tx, called);
        });
    const auto& found = tx.get<Operation>(called.id);
    bool stale = found.state == OperationState::done || found.attempts != called.attempts;
    if (stale) return std::nullopt;
    auto& operation = tx.edit(found);
    auto answer = kind.settle(tx, operation, result);
    operation.lease_owner.reset();
    operation.lease_until.reset();
    if (result.known) {
        operation.state = OperationState::done;
    } else {
        auto wait = backoff.first;
        for (int i = 0; i < operation.attempts && wait < backoff.most; ++i) wait = wait * 2;
        operation.next_attempt_at = tx.now() + std::min(wait, backoff.most);
        ++operation.attempts;
    }
    if (answer) complete_request(tx, called.id, *answer);
    return answer;
}

struct Operations::State {
    Committer& committer;
    ReadPool& reads;
    http::Waiting& waiting;
    std::vector<Kind> kinds;
    Options options;

    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::pair<Tenant, Operation>> ready;  // leased by us, to be called
    bool poll_now = true;
    bool stopping = false;
    int under_way = 0;  // claims and calls that have not ended
    std::optional<Time> sole_since;
    std::thread thread;

    const Kind* kind_of(const Operation& operation) const {
        for (const auto& kind : kinds) {
            if (kind.name == operation.kind) return &kind;
        }
        return nullptr;
    }

    void committed(const std::vector<store::TableChanges>& changes);
    void work();
    bool time_is_left(const Operation&) const;
    void claim_due();
    void claim(Tenant, Uuid);
    std::optional<Operation> claimed(Tx&, Uuid);
    void call(Tenant, const Operation&);
    void settle(Tenant, const Operation&, const Result&);
    void ended();
    void log(const std::string& text) const {
        if (options.log) options.log(text);
    }
};

Operations::Operations(Committer& committer, ReadPool& reads, http::Waiting& waiting,
                       std::vector<Kind> kinds, Options options)
    : state_(new State{.committer = committer,
                       .reads = reads,
                       .waiting = waiting,
                       .kinds = std::move(kinds),
                       .options = std::move(options)}) {
    committer.listen([state = state_.get()](const auto& changes) { state->committed(changes); });
}

Operations::~Operations() { stop(); }

void Operations::start() {
    if (state_->options.sole) state_->sole_since = system_now();
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

// The thread first: it is what begins calls. Then nothing is left but the calls that it began.
void Operations::stop() {
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_all();
    if (state_->thread.joinable()) state_->thread.join();
    std::unique_lock lock(state_->mutex);
    state_->wake.wait(lock, [this] { return state_->under_way == 0; });
}

// On the Committer's thread, right after a commit: what was born leased here starts at once, what
// has become due is looked for.
void Operations::State::committed(const std::vector<store::TableChanges>& changes) {
    for (const auto& table : changes) {
        if (table.table != &store::info<Operation>()) continue;
        std::scoped_lock lock(mutex);
        auto free = [](const Operation& operation) {
            return operation.state == OperationState::pending && !operation.lease_until &&
                   operation.next_attempt_at <= system_now();
        };
        for (const auto& [tenant, row] : table.added) {
            auto copy = row;
            auto operation = store::from_row<Operation>(copy);
            if (operation.lease_until) {
                ready.emplace_back(tenant, std::move(operation));
            } else if (free(operation)) {
                poll_now = true;
            }
        }
        for (const auto& [_, row] : table.changed) {
            auto copy = row;
            if (free(store::from_row<Operation>(copy))) poll_now = true;
        }
        wake.notify_all();
    }
}

void Operations::State::work() {
    auto next_poll = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex);
    while (!stopping) {
        wake.wait_until(lock, next_poll, [this] { return stopping || poll_now || !ready.empty(); });
        while (!ready.empty() && !stopping) {
            auto [tenant, operation] = std::move(ready.front());
            ready.pop_front();
            if (!time_is_left(operation)) continue;
            ++under_way;
            lock.unlock();
            call(tenant, operation);
            lock.lock();
        }
        if (stopping) return;
        if (!std::exchange(poll_now, false) && std::chrono::steady_clock::now() < next_poll)
            continue;
        next_poll =
            std::chrono::steady_clock::now() + std::chrono::microseconds(options.poll.micros);
        lock.unlock();
        claim_due();
        lock.lock();
    }
}

// Else it waited here for too long, and is claimed again, here or elsewhere, when its lease is
// over.
bool Operations::State::time_is_left(const Operation& operation) const {
    return *operation.lease_until - system_now() >= Span{options.lease.micros / 2};
}

// Finds what is due and takes it over: each in a command that looks again under the row's lock.
void Operations::State::claim_due() {
    try {
        DueWanted wanted{.now = system_now(),
                         .most = claimed_at_once,
                         .sole_since = sole_since,
                         .instance = options.instance};
        auto due = reads.run(no_tenant,
                             [&](Reads& reads) { return reads.all<Due>(sql::work::due, wanted); });
        for (const auto& [tenant, id] : due) claim(tenant, id);
    } catch (const std::exception& failure) {
        log(std::string("claiming operations: ") + failure.what());
    }
}

void Operations::State::claim(Tenant tenant, Uuid id) {
    {
        std::scoped_lock lock(mutex);
        ++under_way;
    }
    auto operation = std::make_shared<std::optional<Operation>>();
    committer.submit({.work =
                          [this, id, operation](Tx& tx) {
                              *operation = claimed(tx, id);
                              return store::Answer{};
                          },
                      .actor = system_actor(tenant),
                      .done =
                          [this, tenant, operation](const Outcome& outcome) {
                              std::scoped_lock lock(mutex);
                              --under_way;
                              if (outcome.refusal) {
                                  log("claiming an operation: " + outcome.refusal->detail());
                              } else if (*operation) {
                                  ready.emplace_back(tenant, std::move(**operation));
                              }
                              wake.notify_all();
                          }});
}

std::optional<Operation> Operations::State::claimed(Tx& tx, Uuid id) {
    auto* found = tx.find<Operation>(id);
    if (!found || found->state != OperationState::pending) return std::nullopt;
    bool orphaned = sole_since && found->created_at < *sole_since &&
                    found->lease_owner != std::optional(options.instance);
    bool free = !found->lease_until || *found->lease_until <= tx.now() || orphaned;
    if (!free || found->next_attempt_at > tx.now()) return std::nullopt;
    auto& operation = tx.edit(*found);
    operation.lease_owner = options.instance;
    operation.lease_until = tx.now() + options.lease;
    return operation;
}

void Operations::State::call(Tenant tenant, const Operation& operation) {
    auto* kind = kind_of(operation);
    if (!kind) {
        log("no such kind of operation: " + operation.kind);
        return ended();
    }
    try {
        kind->call(operation,
                   [this, tenant, operation](Result result) { settle(tenant, operation, result); });
    } catch (const std::exception& failure) {
        log("calling " + operation.kind + ": " + failure.what());
        settle(tenant, operation, {});
    }
}

void Operations::State::settle(Tenant tenant, const Operation& operation, const Result& result) {
    auto answer = std::make_shared<std::optional<store::Answer>>();
    committer.submit({.work =
                          [this, operation, result, answer](Tx& tx) {
                              *answer = work::settle(
                                  tx, *kind_of(operation), operation, result,
                                  {.first = options.first_retry, .most = options.most_retry});
                              return store::Answer{};
                          },
                      .actor = system_actor(tenant),
                      .request_id = operation.request_id,
                      .done =
                          [this, answer, id = operation.id](const Outcome& outcome) {
                              // What could not be committed stays leased and is taken up again.
                              if (outcome.refusal) {
                                  log("settling an operation: " + outcome.refusal->detail());
                              } else if (*answer) {
                                  waiting.finish(id, std::move(**answer));
                              }
                              ended();
                          }});
}

void Operations::State::ended() {
    std::scoped_lock lock(mutex);
    --under_way;
    wake.notify_all();
}

}  // namespace stateset::work
