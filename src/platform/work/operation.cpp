#include "platform/work/operation.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <set>
#include <thread>

#include "sql.hpp"

namespace stateset::work {
namespace {

constexpr std::int64_t claimed_at_once = 100;
// Long enough for the committing instance to start the call after its commit.
constexpr Span newborn_lease = seconds(30);

Uuid begin_at(Tx& tx, std::string_view kind, Uuid subject, RawJson data,
              std::optional<Time> lease) {
    auto& operation = tx.add(Operation{.id = tx.new_id(),
                                       .kind = std::string(kind),
                                       .subject = subject,
                                       .data = std::move(data),
                                       .next_attempt_at = tx.now(),
                                       .lease_until = lease});
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
};

}  // namespace

Uuid begin(Tx& tx, std::string_view kind, Uuid subject, RawJson data) {
    return begin_at(tx, kind, subject, std::move(data), tx.now() + newborn_lease);
}

Uuid begin_later(Tx& tx, std::string_view kind, Uuid subject, RawJson data) {
    return begin_at(tx, kind, subject, std::move(data), std::nullopt);
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
    int under_way = 0;
    std::thread thread;

    const Kind* kind_of(const Operation& operation) const {
        for (const auto& kind : kinds) {
            if (kind.name == operation.kind) return &kind;
        }
        return nullptr;
    }

    void committed(const std::vector<store::TableChanges>& changes);
    void work();
    void claim_due();
    void call(Tenant, const Operation&);
    void settle(Tenant, const Operation&, const Result&);
    std::optional<store::Answer> settled(Tx&, Uuid id, int attempts, const Result&);
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
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

void Operations::stop() {
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    state_->wake.notify_all();
    state_->wake.wait(lock, [this] { return state_->under_way == 0; });
    lock.unlock();
    if (state_->thread.joinable()) state_->thread.join();
}

// On the Committer's thread, right after a commit: what was born leased here starts at once.
void Operations::State::committed(const std::vector<store::TableChanges>& changes) {
    for (const auto& table : changes) {
        if (table.table != &store::info<Operation>()) continue;
        std::scoped_lock lock(mutex);
        for (const auto& [tenant, row] : table.added) {
            auto copy = row;
            auto operation = store::from_row<Operation>(copy);
            if (operation.lease_until) {
                ready.emplace_back(tenant, std::move(operation));
            } else {
                poll_now = true;
            }
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

// Takes over what is due: each in a command that looks again under the row's lock.
void Operations::State::claim_due() {
    try {
        auto due = reads.run(no_tenant, [](Reads& reads) {
            return reads.all<Due>(sql::work::due,
                                  DueWanted{.now = system_now(), .most = claimed_at_once});
        });
        for (const auto& [tenant, id] : due) {
            auto claimed =
                committer.run(system_actor(tenant), [&](Tx& tx) -> std::optional<Operation> {
                    auto* found = tx.find<Operation>(id);
                    bool free = found && found->state == OperationState::pending &&
                                (!found->lease_until || *found->lease_until <= tx.now());
                    if (!free) return std::nullopt;
                    auto& operation = tx.edit(*found);
                    operation.lease_owner = options.instance;
                    operation.lease_until = tx.now() + options.lease;
                    return operation;
                });
            if (!claimed) continue;
            {
                std::scoped_lock lock(mutex);
                ++under_way;
            }
            call(tenant, *claimed);
        }
    } catch (const std::exception& failure) {
        if (options.log) options.log(std::string("claiming operations: ") + failure.what());
    }
}

void Operations::State::call(Tenant tenant, const Operation& operation) {
    auto* kind = kind_of(operation);
    if (!kind) {
        if (options.log) options.log("no such kind of operation: " + operation.kind);
        std::scoped_lock lock(mutex);
        --under_way;
        wake.notify_all();
        return;
    }
    kind->call(operation,
               [this, tenant, operation](Result result) { settle(tenant, operation, result); });
}

void Operations::State::settle(Tenant tenant, const Operation& operation, const Result& result) {
    auto answer = std::make_shared<std::optional<store::Answer>>();
    committer.submit({.work =
                          [this, operation, result, answer](Tx& tx) {
                              *answer = settled(tx, operation.id, operation.attempts, result);
                              return store::Answer{};
                          },
                      .actor = system_actor(tenant),
                      .done =
                          [this, answer, id = operation.id](Outcome outcome) {
                              // What could not be committed stays leased and is taken up again.
                              if (outcome.refusal && options.log) {
                                  options.log("settling an operation: " +
                                              outcome.refusal->detail());
                              }
                              if (!outcome.refusal && *answer)
                                  waiting.finish(id, std::move(**answer));
                              std::scoped_lock lock(mutex);
                              --under_way;
                              wake.notify_all();
                          }});
}

std::optional<store::Answer> Operations::State::settled(Tx& tx, Uuid id, int attempts,
                                                        const Result& result) {
    const auto& found = tx.get<Operation>(id);
    if (found.state == OperationState::done || found.attempts != attempts) return std::nullopt;
    auto& operation = tx.edit(found);
    auto answer = kind_of(operation)->settle(tx, operation, result);
    operation.lease_owner.reset();
    operation.lease_until.reset();
    if (result.known) {
        operation.state = OperationState::done;
    } else {
        auto wait = options.first_retry;
        for (int i = 0; i < operation.attempts && wait < options.most_retry; ++i) wait = wait * 2;
        operation.next_attempt_at = tx.now() + std::min(wait, options.most_retry);
        ++operation.attempts;
    }
    if (answer) complete_request(tx, id, *answer);
    return answer;
}

}  // namespace stateset::work
