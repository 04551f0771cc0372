#include "platform/store/committer.hpp"

#include <algorithm>
#include <random>

#include "platform/auth/crypto.hpp"

namespace stateset {

using store::IdempotencyRecord;
using store::Progress;
using store::Want;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int retry_after_s = 1;

Outcome refused(Refusal refusal) {
    Outcome outcome;
    outcome.refusal = std::move(refusal);
    return outcome;
}

Refusal overloaded() {
    return Refusal(codes::overloaded, "The queue of writes is full.").retry_after(retry_after_s);
}

bool same_want(const Want& a, const Want& b) {
    return a.table == b.table && a.by == b.by && a.index == b.index && a.tenant == b.tenant &&
           a.key == b.key;
}

// Sorted by table rank, kind and key; of two equal wants the locking one stays.
void sort_and_merge(std::vector<Want>& wants) {
    std::ranges::sort(wants, [](const Want& a, const Want& b) {
        if (a.table != b.table) return before(*a.table, *b.table);
        if (a.by != b.by) return a.by < b.by;
        if (a.index != b.index) return a.index < b.index;
        if (a.tenant != b.tenant) return a.tenant < b.tenant;
        if (a.key != b.key) return a.key < b.key;
        return a.lock > b.lock;
    });
    wants.erase(std::unique(wants.begin(), wants.end(), same_want), wants.end());
}

constexpr std::string_view seal_context = "idempotent answer";

std::string opened(const IdempotencyRecord& record, const std::string& key) {
    auto sealed = auth::from_base64url(record.body);
    auto body = sealed ? auth::open(key, *sealed, seal_context) : std::nullopt;
    if (!body) throw std::runtime_error("a sealed answer cannot be opened");
    return *body;
}

void back_off(int attempt) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    auto most = 1 << std::min(attempt, 6);
    std::this_thread::sleep_for(
        std::chrono::milliseconds(std::uniform_int_distribution<>(1, most)(random)));
}

}  // namespace

Committer::Committer(std::unique_ptr<store::Store> store, Options options)
    : store_(std::move(store)), options_(std::move(options)) {
    if (!options_.ids) options_.ids = random_ids();
    thread_ = std::thread([this] { work(); });
}

Committer::~Committer() { stop(); }

void Committer::listen(Listener listener) { listeners_.push_back(std::move(listener)); }

void Committer::submit(Envelope envelope) {
    {
        std::scoped_lock lock(mutex_);
        if (!stopping_ && queue_.size() < options_.queue_limit) {
            queue_.push_back(std::move(envelope));
            if (queue_.size() == 1) wake_.notify_one();
            return;
        }
    }
    envelope.done(refused(overloaded()));
}

void Committer::stop() {
    {
        std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

Committer::Counters Committer::counters() const {
    std::scoped_lock lock(mutex_);
    auto now = counters_;
    now.queued = queue_.size();
    return now;
}

void Committer::work() {
    while (true) {
        auto taken = gather();
        if (taken.empty()) return;
        Batch batch;
        for (auto& envelope : taken) {
            if (Clock::now() >= envelope.deadline) {
                envelope.done(refused(Refusal(codes::timed_out,
                                              "The server was too busy to start in "
                                              "time.")
                                          .retry_after(retry_after_s)));
                continue;
            }
            batch.push_back({.envelope = std::move(envelope)});
        }
        if (batch.empty()) continue;
        carry_out(batch, false);
        answer(batch);
    }
}

// Takes what one batch may hold. Bulk commands beyond their quarter wait for the next one, in their
// order.
std::deque<Envelope> Committer::gather() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    std::deque<Envelope> taken, waiting;
    int weight = 0, bulk = 0;
    while (!queue_.empty() && static_cast<int>(taken.size()) < options_.batch_commands &&
           weight < options_.batch_weight) {
        auto& next = queue_.front();
        bool heavy = next.weight > options_.bulk_weight;
        if (heavy && bulk > 0 && bulk + next.weight > options_.batch_weight / 4) {
            waiting.push_back(std::move(next));
        } else {
            weight += next.weight;
            bulk += heavy ? next.weight : 0;
            taken.push_back(std::move(next));
        }
        queue_.pop_front();
    }
    while (!waiting.empty()) {
        queue_.push_front(std::move(waiting.back()));
        waiting.pop_back();
    }
    return taken;
}

// Runs a batch until every item has its outcome. `careful` looks up every unique key before it is
// written, so that the one command that breaks a key is refused by name instead of failing its
// neighbours.
void Committer::carry_out(Batch& batch, bool careful) {
    auto begun = Clock::now();
    auto statements = store_->statements();
    for (int attempts = 1;; ++attempts) {
        try {
            store::IdentityMap map;
            if (attempt(batch, careful, map)) break;
            --attempts;  // numbers were leased: not a failure
        } catch (const store::Conflict& conflict) {
            store_->rollback();
            if (!careful && conflict.unique) {
                careful = true;
                continue;
            }
            bisect(batch, conflict);
            return;
        } catch (const store::Transient& failure) {
            store_->rollback();
            {
                std::scoped_lock lock(mutex_);
                ++counters_.retries;
            }
            if (attempts >= options_.most_tries) {
                log(failure.what());
                fail_all(batch, overloaded());
                return;
            }
            back_off(attempts);
        } catch (const store::Unavailable& failure) {
            store_->rollback();
            log(failure.what());
            fail_all(batch, Refusal(codes::unavailable, "The database cannot write at the moment.")
                                .retry_after(retry_after_s));
            return;
        } catch (const store::CommitUnknown& failure) {
            log(failure.what());
            fail_all(batch,
                     Refusal(codes::outcome_unknown, "The database was lost while committing.")
                         .retry_after(retry_after_s));
            return;
        } catch (const std::exception& failure) {
            store_->rollback();
            log(failure.what());
            fail_all(batch, Refusal(codes::internal, "The command could not be completed."));
            return;
        }
    }
    auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
    for (auto& item : batch) {
        item.outcome.stats = {item.rounds, static_cast<int>(batch.size()),
                              store_->statements() - statements, took};
    }
}

// One transaction. False when it must start over because numbers had to be leased first.
bool Committer::attempt(Batch& batch, bool careful, store::IdentityMap& map) {
    for (auto& item : batch) {
        item.outcome = {};
        item.rounds = 0;
    }
    store_->begin();
    try {
        run_rounds(batch, careful, map);
    } catch (const std::vector<std::pair<std::pair<Tenant, std::string>, std::int64_t>>& numbers) {
        store_->rollback();
        lease(numbers);
        return false;
    }
    auto changes = map.changes();
    if (changes.empty()) {
        store_->rollback();
        return true;
    }
    store_->write(changes);
    auto marker = options_.ids->next(options_.clock());
    try {
        store_->commit(marker);
    } catch (const store::CommitUnknown& lost) {
        if (!arrived(marker, lost)) throw store::Transient("the commit did not arrive");
    }
    for (auto& listener : listeners_) listener(changes);
    return true;
}

// After a connection was lost while committing: asked for, never guessed.
bool Committer::arrived(Uuid marker, const store::CommitUnknown& lost) {
    try {
        return store_->committed(marker);
    } catch (const std::exception&) {
        throw lost;
    }
}

void Committer::run_rounds(Batch& batch, bool careful, store::IdentityMap& map) {
    auto now = options_.clock();
    std::vector<Item*> waiting;
    for (auto& item : batch) waiting.push_back(&item);
    std::vector<Want> wants;
    decltype(Tx::wanted_numbers_) numbers;
    for (int round = 1; !waiting.empty(); ++round) {
        std::vector<Item*> missed;
        for (auto* item : waiting) {
            auto& envelope = item->envelope;
            Tx tx(map, numbers_, *options_.ids, now, envelope.actor, envelope.request_id);
            tx.expected_ = envelope.expected;
            tx.careful_ = careful;
            ++item->rounds;
            if (run_one(*item, tx)) continue;
            missed.push_back(item);
            std::ranges::move(tx.wanted_, std::back_inserter(wants));
            std::ranges::move(tx.wanted_numbers_, std::back_inserter(numbers));
        }
        if (!numbers.empty()) throw numbers;
        if (!missed.empty() && round == options_.most_rounds) {
            for (auto* item : missed) {
                log("a command missed in every round");
                item->outcome = refused(Refusal(codes::internal, "The command does not settle."));
            }
            return;
        }
        load(std::exchange(wants, {}), map);
        waiting = std::move(missed);
    }
}

// Runs one command on the map. False when it missed; then nothing of it remains, and `tx` knows
// what it wants.
bool Committer::run_one(Item& item, Tx& tx) {
    auto& envelope = item.envelope;
    try {
        const IdempotencyRecord* record = nullptr;
        if (envelope.idempotency) {
            ++tx.gathering_;  // notes the record and goes on, so that record and first row load
                              // together
            record = tx.find<&IdempotencyRecord::scope>(envelope.idempotency->scope);
            --tx.gathering_;
        }
        bool record_missing = std::exchange(tx.missed_since_gathering_, false);
        if (record) {
            item.outcome.replayed = true;
            if (record->fingerprint != envelope.idempotency->fingerprint) {
                throw Refusal(codes::key_reused,
                              "This idempotency key was used for another request.");
            }
            if (record->progress == Progress::running) {
                throw Refusal(codes::in_progress,
                              "The first request with this key is still running.")
                    .retry_after(retry_after_s);
            }
            item.outcome.answer =
                store::Answer{record->status, record->body, record->etag, record->location};
            if (record->sealed) {
                item.outcome.answer->body = opened(*record, envelope.idempotency->seal_key);
            }
            return true;
        }
        auto answer = envelope.work(tx);
        if (record_missing) throw store::Miss{};
        if (envelope.idempotency) {
            bool sealed = answer.secret;
            tx.add(IdempotencyRecord{
                .id = tx.new_id(),
                .scope = envelope.idempotency->scope,
                .fingerprint = envelope.idempotency->fingerprint,
                .progress = answer.operation ? Progress::running : Progress::done,
                .operation = answer.operation,
                .status = answer.status,
                .body = sealed ? auth::base64url(auth::seal(envelope.idempotency->seal_key,
                                                            answer.body, seal_context))
                               : answer.body,
                .etag = answer.etag,
                .location = answer.location,
                .sealed = sealed});
        }
        tx.settle();
        if (!tx.wanted_.empty()) throw store::Miss{};
        item.outcome.answer = std::move(answer);
        item.outcome.replayed = false;
    } catch (const store::Miss&) {
        tx.undo();
        return false;
    } catch (const Refusal& refusal) {
        tx.undo();
        // While something is still missing the refusal may rest on what was not seen.
        if (!tx.wanted_.empty()) return false;
        item.outcome.refusal = refusal;
    } catch (const std::exception& failure) {
        tx.undo();
        if (!tx.wanted_.empty()) return false;
        log(failure.what());
        item.outcome.refusal = Refusal(codes::internal, "The command could not be completed.");
    }
    return true;
}

void Committer::load(std::vector<Want> wants, store::IdentityMap& map) {
    if (wants.empty()) return;
    sort_and_merge(wants);
    for (const auto& want : wants) map.absent(want);
    store_->load(wants, [&](const Want& want, store::Row row) { map.take(want, std::move(row)); });
}

void Committer::lease(
    const std::vector<std::pair<std::pair<Tenant, std::string>, std::int64_t>>& wanted) {
    for (const auto& [sequence, first] : wanted) {
        auto& block = numbers_[sequence];
        if (block.next != block.end) continue;  // another command of the batch asked too
        block.next =
            store_->lease_numbers(sequence.first, sequence.second, first, options_.number_block);
        block.end = block.next + options_.number_block;
    }
}

// A constraint broke and no lookup tells whose command it was: halves find it, so that only the
// culprit fails and one hostile client cannot turn a batch into single commits.
void Committer::bisect(Batch& batch, const store::Conflict& conflict) {
    {
        std::scoped_lock lock(mutex_);
        ++counters_.bisections;
    }
    if (batch.size() == 1) {
        log(conflict.what());
        batch[0].outcome = refused(
            conflict.unique
                ? Refusal(codes::already_exists, "Something with these values exists already.")
                : Refusal(codes::internal, "The command could not be completed."));
        return;
    }
    auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    Batch first(std::make_move_iterator(batch.begin()), std::make_move_iterator(middle));
    Batch second(std::make_move_iterator(middle), std::make_move_iterator(batch.end()));
    carry_out(first, true);
    carry_out(second, true);
    batch.clear();
    std::ranges::move(first, std::back_inserter(batch));
    std::ranges::move(second, std::back_inserter(batch));
}

void Committer::fail_all(Batch& batch, const Refusal& refusal) {
    for (auto& item : batch) item.outcome = refused(refusal);
}

void Committer::answer(Batch& batch) {
    {
        std::scoped_lock lock(mutex_);
        ++counters_.batches;
        counters_.commands += batch.size();
        for (auto& item : batch) {
            counters_.rounds += static_cast<std::uint64_t>(item.rounds);
            counters_.refusals += item.outcome.refusal ? 1 : 0;
        }
    }
    for (auto& item : batch) item.envelope.done(std::move(item.outcome));
}

void Committer::log(std::string_view text) const {
    if (options_.log) options_.log(text);
}

}  // namespace stateset
