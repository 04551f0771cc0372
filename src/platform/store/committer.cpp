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

bool is_of_idempotency(const Want& want) { return want.table == &store::info<IdempotencyRecord>(); }

bool earlier(const Want& a, const Want& b) {
    if (a.table != b.table) {
        if (is_of_idempotency(a) != is_of_idempotency(b)) return is_of_idempotency(b);
        return before(*a.table, *b.table);
    }
    if (a.by != b.by) return a.by < b.by;
    if (a.index != b.index) return a.index < b.index;
    if (a.tenant != b.tenant) return a.tenant < b.tenant;
    if (a.key != b.key) return a.key < b.key;
    return a.lock > b.lock;
}

// Sorted by table rank, kind and key; of two equal wants the locking one stays. Idempotency records
// come last: whoever waited for a row until the first sending of its request let go of it must not
// have looked for the answer before.
void sort_and_merge(std::vector<Want>& wants) {
    std::ranges::sort(wants, earlier);
    wants.erase(std::unique(wants.begin(), wants.end(), same_want), wants.end());
}

constexpr std::string_view seal_context = "idempotent answer";

std::string opened(const IdempotencyRecord& record, const std::string& key) {
    auto sealed = auth::from_base64url(record.body);
    auto body = sealed ? auth::open(key, *sealed, seal_context) : std::nullopt;
    if (!body) throw std::runtime_error("a sealed answer cannot be opened");
    return *body;
}

// A command whose new keys are others in each run would never settle: then the database decides.
constexpr int most_careful_rounds = 8;
constexpr std::int64_t most_numbers = 1'000'000;  // of one sequence, for one batch

constexpr std::size_t hot_batch = 8;  // commands that make a thing hot
constexpr int hot_batches = 32;       // so long it is taken for granted
constexpr int slow_batch = 16;        // so that one row that stays held delays few others

Refusal held_elsewhere() {
    return Refusal(codes::timed_out, "What it changes is held by another transaction.")
        .retry_after(retry_after_s);
}

Refusal broken() { return Refusal(codes::internal, "The command could not be completed."); }

void back_off(int attempt) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    auto most = 1 << std::min(attempt, 6);
    std::this_thread::sleep_for(
        std::chrono::milliseconds(std::uniform_int_distribution<>(1, most)(random)));
}

}  // namespace

Committer::Committer(std::unique_ptr<store::Store> store, Options options,
                     std::unique_ptr<store::Store> slow)
    : store_(std::move(store)), options_(std::move(options)) {
    if (!options_.ids) options_.ids = random_ids();
    if (slow) {
        auto patient = options_;
        patient.batch_commands = slow_batch;
        patient.wary = {};
        slow_ = std::make_unique<Committer>(std::move(slow), std::move(patient));
    }
    thread_ = std::thread([this] { work(); });
}

Committer::~Committer() { stop(); }

void Committer::listen(Listener listener) {
    if (slow_) slow_->listen(listener);
    listeners_.push_back(std::move(listener));
}

void Committer::submit(Envelope envelope) {
    {
        std::scoped_lock lock(mutex_);
        if (!stopping_ && queue_.size() < options_.queue_limit) {
            queue_.push_back(std::move(envelope));
            if (queue_.size() == 1) wake_.notify_one();
            return;
        }
    }
    answer(envelope, refused(overloaded()));
}

void Committer::stop() {
    {
        std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    if (slow_) slow_->stop();
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
        std::vector<Envelope> dry;
        for (auto& envelope : taken) {
            if (too_late(envelope)) continue;
            if (envelope.dry) {
                dry.push_back(std::move(envelope));
            } else {
                batch.push_back({.envelope = std::move(envelope)});
            }
        }
        if (!batch.empty()) {
            carry_out(batch, false);
            answer(batch);
        }
        for (auto& envelope : dry) rehearse(std::move(envelope));
    }
}

bool Committer::too_late(Envelope& envelope) {
    if (Clock::now() < envelope.deadline) return false;
    answer(envelope, refused(Refusal(codes::timed_out, "The server was too busy to start in time.")
                                 .retry_after(retry_after_s)));
    return true;
}

// Looks up every unique key at once: there is no neighbour for whom that would be a waste.
void Committer::rehearse(Envelope envelope) {
    if (too_late(envelope)) return;
    envelope.idempotency.reset();
    Batch alone;
    alone.push_back({.envelope = std::move(envelope)});
    carry_out(alone, true);
    answer(alone);
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

// Runs a batch until every item has its outcome, or is to go to the slow lane. `careful` looks up
// every unique key before it is written, so that the one command that breaks a key is refused by
// name instead of failing its neighbours.
void Committer::carry_out(Batch& batch, bool careful) {
    auto begun = Clock::now();
    auto statements = store_->statements();
    Manner manner{.careful = careful, .dry = batch.front().envelope.dry};
    if (begun < wary_until_) manner.locks = store::Locks::skip;
    for (int tries = 1;;) {
        store::IdentityMap map;
        try {
            if (attempt(batch, manner, map)) break;
        } catch (const store::Conflict& conflict) {
            abandon(map, manner);
            if (manner.careful || !conflict.unique) {
                return bisect(batch,
                              conflict.unique
                                  ? Refusal(codes::already_exists,
                                            "Something with these values exists already.")
                                  : broken(),
                              conflict.what());
            }
            manner.careful = true;
        } catch (const store::LockTimeout&) {
            abandon(map, manner);
            count(&Counters::retries);
            wary_until_ = Clock::now() + options_.wary;
            manner.locks = store::Locks::skip;
        } catch (const store::Transient& failure) {
            abandon(map, manner);
            manner.ahead = true;  // all locks in one pass, in order: no deadlock the next time
            count(&Counters::retries);
            if (tries == options_.most_tries) return fail_all(batch, overloaded(), failure.what());
            back_off(tries++);
        } catch (const store::Unavailable& failure) {
            abandon(map, manner);
            return fail_all(batch,
                            Refusal(codes::unavailable, "The database cannot write at the moment.")
                                .retry_after(retry_after_s),
                            failure.what());
        } catch (const store::CommitUnknown& failure) {
            return fail_all(
                batch,
                Refusal(codes::outcome_unknown, "The database was lost while committing.")
                    .retry_after(retry_after_s),
                failure.what());
        } catch (const std::exception& failure) {
            // A row that cannot be read, too many children: one command asked for it.
            abandon(map, manner);
            return bisect(batch, broken(), failure.what());
        }
    }
    auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
    for (auto& item : batch) {
        item.outcome.stats = {item.rounds, static_cast<int>(batch.size()),
                              store_->statements() - statements, took};
    }
}

// One transaction. False when it must start over because numbers had to be leased first.
bool Committer::attempt(Batch& batch, Manner& manner, store::IdentityMap& map) {
    for (auto& item : batch) {
        item.outcome = {};
        item.rounds = 0;
        item.held = item.sure = false;
        item.issued.numbers.clear();  // they are free again
    }
    store_->begin(manner.locks);
    try {
        run_rounds(batch, manner, map);
    } catch (const NumbersWanted& numbers) {
        abandon(map, manner);
        if (manner.dry) {
            imagine(numbers, manner);
        } else {
            lease(numbers);
        }
        return false;
    }
    if (map.in_doubt && !manner.careful)
        throw store::Conflict("", true, "a key given and taken back");
    auto changes = map.changes();
    if (changes.empty()) {
        store_->rollback();
        return true;
    }
    store_->write(changes);
    if (manner.dry) {
        store_->check();
        store_->rollback();
    } else {
        commit(changes);
    }
    return true;
}

void Committer::commit(const std::vector<store::TableChanges>& changes) {
    auto marker = options_.ids->next(options_.clock());
    try {
        store_->commit(marker);
    } catch (const store::CommitUnknown& lost) {
        if (!arrived(marker, lost)) throw store::Transient("the commit did not arrive");
    }
    for (auto& listener : listeners_) {
        try {
            listener(changes);
        } catch (const std::exception& failure) {
            log(failure.what());  // what is committed is committed
        }
    }
}

// Nothing of the attempt was committed: its numbers are free again.
void Committer::abandon(store::IdentityMap& map, Manner& manner) {
    store_->rollback();
    auto& numbers = manner.dry ? manner.unreal : numbers_;
    for (const auto& [sequence, from] : map.numbers_from) numbers[sequence].next = from;
    map.numbers_from.clear();
}

// After a connection was lost while committing: asked for, never guessed. The transaction is over
// first, so that the answer is not its own uncommitted marker.
bool Committer::arrived(Uuid marker, const store::CommitUnknown& lost) {
    store_->rollback();
    auto until = Clock::now() + options_.unknown_patience;
    for (int tries = 1;; ++tries) {
        try {
            return store_->committed(marker);
        } catch (const std::exception&) {
            if (tries >= options_.most_tries && Clock::now() >= until) throw lost;
            back_off(tries);
        }
    }
}

void Committer::run_rounds(Batch& batch, Manner& manner, store::IdentityMap& map) {
    if (manner.ahead) {
        load(manner.noted, map);
    } else if (batch.size() >= hot_batch && hot_for_ > 0) {
        --hot_for_;
        load(hot_, map);
    }
    auto now = options_.clock();
    std::vector<Item*> waiting;
    for (auto& item : batch) waiting.push_back(&item);
    std::vector<Want> wants;
    NumbersWanted numbers;
    for (int round = 1; !waiting.empty(); ++round) {
        std::vector<Item*> missed;
        for (auto* item : waiting) {
            auto& envelope = item->envelope;
            Tx tx(map, manner.dry ? manner.unreal : numbers_, *options_.ids, now, envelope.actor,
                  envelope.request_id);
            tx.expected_ = envelope.expected;
            tx.issued_ = &item->issued;
            ++item->rounds;
            tx.careful_ = manner.careful && item->rounds <= most_careful_rounds;
            bool sure = item->sure || item->rounds <= (manner.ahead ? 1 : 2);  // by one load
            bool last = round == options_.most_rounds;
            if (run_one(*item, tx) && (sure || last || !doubts(*item, wants))) continue;
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
        std::ranges::copy(wants, std::back_inserter(manner.noted));
        load(std::exchange(wants, {}), map);
        waiting = std::move(missed);
    }
    if (batch.size() >= hot_batch && hot_for_ == 0) learn(manner.noted);
}

void Committer::learn(std::vector<Want> noted) {
    std::ranges::sort(noted, earlier);
    hot_.clear();
    for (auto first = noted.begin(); first != noted.end();) {
        auto end = std::find_if_not(first, noted.end(),
                                    [&](const Want& want) { return same_want(want, *first); });
        bool row = first->by != Want::By::parent;
        if (row && static_cast<std::size_t>(end - first) >= hot_batch) hot_.push_back(*first);
        first = end;
    }
    hot_for_ = hot_.empty() ? 0 : hot_batches;
}

// Runs one command on the map. False when it missed; then nothing of it remains, and `tx` knows
// what it wants.
bool Committer::run_one(Item& item, Tx& tx) {
    auto missed = [&] { return !tx.wanted_.empty() || !tx.wanted_numbers_.empty(); };
    try {
        if (!replay(item, tx)) run_work(item, tx);
        if (!missed()) return true;
        tx.undo();
    } catch (const store::Miss&) {
        tx.undo();
        return false;
    } catch (const store::Held&) {
        tx.undo();
        item.held = true;
        item.outcome = refused(held_elsewhere());
        return true;
    } catch (const Refusal& refusal) {
        tx.undo();
        // While something is still missing the refusal may rest on what was not seen.
        if (!missed()) item.outcome.refusal = refusal;
    } catch (const std::exception& failure) {
        tx.undo();
        if (!missed()) {
            log(failure.what());
            item.outcome.refusal = broken();
        }
    } catch (...) {
        tx.undo();
        if (!missed()) {
            log("a command threw something that is no exception");
            item.outcome.refusal = broken();
        }
    }
    return !missed();
}

// A refusal may rest on what the first sending of the same request did, elsewhere and after its
// record was looked for: then that is the answer. So it is looked for again, once all locks are
// held. A success needs no such look, since only one of two records can be added.
bool Committer::doubts(Item& item, std::vector<Want>& wants) {
    const auto& key = item.envelope.idempotency;
    if (!key || !item.outcome.refusal || item.held) return false;
    item.sure = true;
    item.outcome = {};
    constexpr int by_scope = 0;
    wants.push_back({Want::By::unique,
                     &store::info<IdempotencyRecord>(),
                     by_scope,
                     item.envelope.actor.tenant,
                     {store::Value(key->scope)},
                     true});
    return true;
}

// Gives the stored answer when the command's idempotency key has one. False when there is none, or
// it is not known yet: then the command runs, so that record and first rows load together.
bool Committer::replay(Item& item, Tx& tx) {
    if (!item.envelope.idempotency) return false;
    const auto& key = *item.envelope.idempotency;
    ++tx.gathering_;
    auto* record = tx.find<&IdempotencyRecord::scope>(key.scope);
    --tx.gathering_;
    tx.missed_since_gathering_ = false;
    if (!record) return false;
    if (record->fingerprint != key.fingerprint) {
        throw Refusal(codes::key_reused, "This idempotency key was used for another request.");
    }
    if (record->progress == Progress::running) {
        throw Refusal(codes::in_progress, "The first request with this key is still running.")
            .retry_after(retry_after_s);
    }
    auto body = record->sealed ? opened(*record, key.seal_key) : record->body;
    item.outcome.answer =
        store::Answer{record->status, std::move(body), record->etag, record->location};
    item.outcome.replayed = true;
    return true;
}

void Committer::run_work(Item& item, Tx& tx) {
    auto answer = item.envelope.work(tx);
    if (!tx.wanted_.empty()) return;
    if (tx.expected_ && !tx.expected_seen_) {
        throw Refusal(codes::precondition_failed, "If-Match names nothing that was changed here.");
    }
    if (item.envelope.idempotency) {
        const auto& key = *item.envelope.idempotency;
        bool sealed = answer.secret;
        tx.tenant_ = item.envelope.actor.tenant;
        tx.add(IdempotencyRecord{
            .id = tx.new_id(),
            .scope = key.scope,
            .fingerprint = key.fingerprint,
            .progress = answer.operation ? Progress::running : Progress::done,
            .operation = answer.operation,
            .status = answer.status,
            .body = sealed ? auth::base64url(auth::seal(key.seal_key, answer.body, seal_context))
                           : answer.body,
            .etag = answer.etag,
            .location = answer.location,
            .sealed = sealed});
    }
    tx.settle();
    item.outcome.answer = std::move(answer);
}

void Committer::load(std::vector<Want> wants, store::IdentityMap& map) {
    if (wants.empty()) return;
    sort_and_merge(wants);
    std::vector<std::pair<const Want*, store::Row>> rows;
    store_->load(
        wants, [&](const Want& want, store::Row row) { rows.emplace_back(&want, std::move(row)); },
        [&](const Want& want) { map.held.insert(store::map_key(want)); });
    for (const auto& want : wants) {
        if (map.held.empty() || !map.held.contains(store::map_key(want))) map.absent(want);
    }
    for (auto& [want, row] : rows) {
        if (map.held.empty() || !map.held.contains(store::map_key(*want))) {
            map.take(*want, std::move(row));
        }
    }
}

// Twice what was there and was not enough, so that a batch of any need starts over only a few
// times.
void Committer::lease(const NumbersWanted& wanted) {
    std::map<std::pair<Tenant, std::string>, std::pair<std::int64_t, std::int64_t>> needs;
    for (const auto& [sequence, first] : wanted) {
        auto& [start, commands] = needs[sequence];
        start = first;
        ++commands;
    }
    for (const auto& [sequence, need] : needs) {
        auto& block = numbers_[sequence];
        auto count = std::max(options_.number_block, 2 * (block.end - block.next + need.second));
        if (count > most_numbers) throw std::length_error("too many numbers for one batch");
        auto next = store_->lease_numbers(sequence.first, sequence.second, need.first, count);
        if (next != block.end) block.next = next;  // another process leased in between
        block.end = next + count;
    }
}

// The numbers that come next, for a dry run: whoever is real is given the same.
void Committer::imagine(const NumbersWanted& wanted, Manner& manner) const {
    bool any_new = false;
    for (const auto& [sequence, first] : wanted) {
        auto& unreal = manner.unreal[sequence];
        if (unreal.end != 0) continue;
        any_new = true;
        auto known = numbers_.find(sequence);
        bool left = known != numbers_.end() && known->second.next < known->second.end;
        auto next = left ? known->second.next
                         : store_->lease_numbers(sequence.first, sequence.second, first, 0);
        unreal = {.next = next, .end = next + most_numbers};
    }
    if (!any_new) throw std::length_error("too many numbers for one batch");
}

// One command of the batch broke a constraint or cannot be loaded, and no lookup tells whose it
// was: halves find it, so that only the culprit fails.
void Committer::bisect(Batch& batch, const Refusal& culprit, std::string_view reason) {
    count(&Counters::bisections);
    if (batch.size() == 1) return fail_all(batch, culprit, reason);
    auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    Batch first(std::make_move_iterator(batch.begin()), std::make_move_iterator(middle));
    Batch second(std::make_move_iterator(middle), std::make_move_iterator(batch.end()));
    carry_out(first, true);
    carry_out(second, true);
    batch.clear();
    std::ranges::move(first, std::back_inserter(batch));
    std::ranges::move(second, std::back_inserter(batch));
}

void Committer::fail_all(Batch& batch, const Refusal& refusal, std::string_view reason) {
    log(reason);
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
    for (auto& item : batch) {
        if (item.held && slow_) {
            slow_->submit(std::move(item.envelope));
        } else {
            answer(item.envelope, std::move(item.outcome));
        }
    }
}

// A caller that cannot take its answer must not harm the others.
void Committer::answer(Envelope& envelope, Outcome outcome) noexcept {
    try {
        if (envelope.done) envelope.done(std::move(outcome));
    } catch (const std::exception& failure) {
        log(failure.what());
    }
}

void Committer::count(std::uint64_t Counters::* counter) {
    std::scoped_lock lock(mutex_);
    ++(counters_.*counter);
}

void Committer::log(std::string_view text) const {
    if (options_.log) options_.log(text);
}

}  // namespace stateset
