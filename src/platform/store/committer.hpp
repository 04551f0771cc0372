#pragma once
// The Committer runs commands. It is one thread with one write connection: it drains its queue into
// a batch and runs the whole batch as ONE database transaction, so that a busy server pays one
// fsync for hundreds of commands and a hot row is one row update however many commands changed it.
// There is no timer: an idle system commits a batch of one at once, and while a batch commits the
// next one gathers.
//
// A row that another process holds delays a batch once, for a moment; then the commands that need
// it move to the slow lane, a Committer of its own that waits longer, and their neighbours go on.
//
// Callers hand in an `Envelope` and get exactly one `Outcome`: after the commit, or without one
// when the command refused, came too late, or found the queue full. A command never sees its
// neighbours fail, and never harms them.
//
// A dry run does all that but commit. It has a transaction and an identity map of its own, after
// the batch it came with: it sees what is committed, is refused as it would be, and leaves no row,
// event, number or idempotency record behind; no listener hears of it.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "platform/store/idempotency.hpp"
#include "platform/store/tx.hpp"

namespace stateset {

struct BatchStats {
    int rounds = 0;                // of this command
    int batch_commands = 0;        // how many shared the transaction
    std::uint64_t statements = 0;  // of the whole batch
    std::chrono::microseconds database{0};
};

struct Outcome {
    std::optional<store::Answer> answer;  // either this
    std::optional<Refusal> refusal;       // or that
    bool replayed = false;
    BatchStats stats;
};

struct Envelope {
    std::function<store::Answer(Tx&)> work;  // may be run again
    Actor actor;
    std::string request_id;
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
    std::optional<store::IdempotencyKey> idempotency;
    std::optional<Expected> expected;
    int weight = 1;  // rows it touches, roughly
    // Its answer is what would come of it. An idempotency key is neither looked up nor stored, and
    // an operation that the answer names is never carried out.
    bool dry = false;
    std::move_only_function<void(Outcome)> done;
};

class Committer {
  public:
    struct Options {
        // Beyond it callers get 503: an unbounded queue only hides overload.
        std::size_t queue_limit = 4096;
        int batch_commands = 256;  // past this a batch gains nothing and its callers wait longer
        int batch_weight = 2048;
        int bulk_weight = 64;  // heavier commands get at most a quarter of a batch
        int most_rounds = 16;  // a command that still misses then is broken
        int most_tries = 6;    // of one batch, on transient failures
        // How long a lost commit is asked for before its callers learn that the outcome is unknown.
        std::chrono::milliseconds unknown_patience{0};
        // For so long after a row was found held by another process, none is waited for.
        std::chrono::milliseconds wary{2000};
        std::int64_t number_block = 64;  // numbers leased at once; what is left at a stop is a gap
        std::function<Time()> clock = system_now;
        std::shared_ptr<Ids> ids;                   // null: random UUIDv7
        std::function<void(std::string_view)> log;  // errors that only the operator may see
    };
    // What a committed batch changed, told to every listener on the thread of the lane that
    // committed it, before its callers are answered: be quick.
    using Listener = std::function<void(const std::vector<store::TableChanges>&)>;

    // `slow` is the store of the slow lane; without one, commands that meet a held row are refused.
    Committer(std::unique_ptr<store::Store>, Options, std::unique_ptr<store::Store> slow = nullptr);
    ~Committer();  // finishes what is queued

    void listen(Listener);  // before the first submit
    void submit(Envelope);  // never blocks; `done` is called on the Committer's thread or at once
    void stop();            // finishes what is queued; later submits are refused

    // Runs a command and waits for its result. Throws its Refusal. For workers and procedures,
    // never on an event loop.
    template <class F>
    auto run(const Actor& actor, F&& command, std::string_view request_id = {}) {
        using R = std::invoke_result_t<F, Tx&>;
        using Kept = std::conditional_t<std::is_void_v<R>, bool, R>;
        std::optional<Kept> kept;
        std::promise<Outcome> promise;
        auto future = promise.get_future();
        submit({.work =
                    [&](Tx& tx) {
                        if constexpr (std::is_void_v<R>) {
                            command(tx);
                        } else {
                            kept = command(tx);
                        }
                        return store::Answer{};
                    },
                .actor = actor,
                .request_id = std::string(request_id),
                .done = [&](Outcome outcome) { promise.set_value(std::move(outcome)); }});
        auto outcome = future.get();
        if (outcome.refusal) throw *outcome.refusal;
        if constexpr (!std::is_void_v<R>) return std::move(*kept);
    }

    struct Counters {
        std::uint64_t batches = 0, commands = 0, refusals = 0, rounds = 0, retries = 0,
                      bisections = 0;
        std::size_t queued = 0;
    };
    Counters counters() const;

  private:
    struct Item {
        Envelope envelope;
        Outcome outcome;
        int rounds = 0;
        bool held = false;  // needs a row that another process holds
        bool sure = false;  // its idempotency record was looked for again
        Tx::Issued issued;
    };
    using Batch = std::vector<Item>;
    // Sequences of which a command found no number left, and where they start.
    using NumbersWanted = std::vector<std::pair<std::pair<Tenant, std::string>, std::int64_t>>;

    void work();
    std::deque<Envelope> gather();
    // How a batch is carried out, learned from what went wrong with it so far.
    struct Manner {
        bool careful = false;  // look up every unique key before writing it
        store::Locks locks = store::Locks::wait;
        bool ahead = false;  // load what was `noted` before the first round, in one pass
        std::vector<store::Want> noted;
        bool dry = false;         // the batch is one dry run
        Tx::NumberBlocks unreal;  // the numbers it is given: nobody leased them
    };
    void rehearse(Envelope);
    bool too_late(Envelope&);
    void carry_out(Batch&, bool careful);
    bool attempt(Batch&, Manner&, store::IdentityMap&);
    void run_rounds(Batch&, Manner&, store::IdentityMap&);
    void commit(const std::vector<store::TableChanges>&);
    bool arrived(Uuid marker, const store::CommitUnknown&);
    bool run_one(Item&, Tx&);
    bool doubts(Item&, std::vector<store::Want>&);
    bool replay(Item&, Tx&);
    void run_work(Item&, Tx&);
    void load(std::vector<store::Want>, store::IdentityMap&);
    void learn(std::vector<store::Want>);
    void lease(const NumbersWanted&);
    void imagine(const NumbersWanted&, Manner&) const;
    void abandon(store::IdentityMap&, Manner&);
    void bisect(Batch&, const Refusal& culprit, std::string_view reason);
    void fail_all(Batch&, const Refusal&, std::string_view reason);
    void answer(Batch&);
    void answer(Envelope&, Outcome) noexcept;
    void count(std::uint64_t Counters::*);
    void log(std::string_view) const;

    std::unique_ptr<store::Store> store_;
    Options options_;
    std::vector<Listener> listeners_;
    std::unique_ptr<Committer> slow_;
    std::chrono::steady_clock::time_point wary_until_{};
    // What most commands of a recent batch asked for, such as the balance of a hot SKU: loaded
    // before the first round of the next batches, so that their commands miss nothing.
    std::vector<store::Want> hot_;
    int hot_for_ = 0;  // batches until it is found out anew
    Tx::NumberBlocks numbers_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Envelope> queue_;
    bool stopping_ = false;
    Counters counters_;
    std::thread thread_;
};

}  // namespace stateset
