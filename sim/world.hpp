#pragma once
// The house that is simulated: the real Committer and the real commands on a store in memory that
// breaks on demand, with a clock and ids that depend on the seed alone. What is committed is copied
// into a SQLite file beside it, so that the constraints of the tables and `stateset verify` judge
// every step too.

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "platform/store/committer.hpp"
#include "platform/store/memory_store.hpp"
#include "platform/store/reads.hpp"

namespace stateset::sim {

inline constexpr Tenant tenant = 1;

class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    std::int64_t below(std::int64_t end) {
        return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(end));
    }
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least + below(most - least + 1);
    }
    bool chance(std::int64_t percent) { return below(100) < percent; }
    template <class Range>
    const auto& one_of(const Range& range) {
        return *std::next(std::begin(range), below(static_cast<std::int64_t>(std::size(range))));
    }

  private:
    std::mt19937_64 engine_;
};

// What does not hold, with the step that broke it.
struct Broken : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class World {
  public:
    // `folder` is for the copy; it is made anew.
    World(std::uint64_t seed, const std::string& folder);
    ~World();

    using Work = std::function<store::Answer(Tx&)>;
    // Hands all in at once, as one batch, with faults and crashes on its way. Whoever does not
    // learn what became of it asks again with its key until it does. Answers, in the order in which
    // they took effect: which one, and its code, "ok" or that of the refusal.
    struct Told {
        std::size_t which;
        std::string code, detail;
    };
    std::vector<Told> together(const std::vector<Work>&);

    // One command without faults, such as what the house begins with.
    void quietly(const Work&);

    template <class T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (auto& row : rows(store::info<T>())) found.push_back(store::from_row<T>(row));
        return found;
    }
    // Queries, on the copy.
    template <class F>
    auto read(F&& query) const {
        return reads_->run(tenant, std::forward<F>(query));
    }
    // Of all tenants, as workers ask.
    template <class F>
    auto read_all(F&& query) const {
        return reads_->run(no_tenant, std::forward<F>(query));
    }
    void require_that_laws_hold();  // throws Broken

    Time now() const { return Time{now_.load()}; }
    void pass(Span time) { now_ += time.micros; }

    struct Happened {
        std::uint64_t faults = 0, crashes = 0, sent_again = 0;
    };
    const Happened& happened() const { return happened_; }

  private:
    class Disk;
    class Machine;
    std::vector<store::Row> rows(const store::TableInfo&) const;
    void start();
    std::vector<Outcome> batch(const std::vector<Work>&, const std::vector<std::string>& keys);
    Work stamped(const Work&, std::uint64_t& stamp);
    store::MemoryStore::Fault fault(store::MemoryStore::Step);

    std::string folder_;
    std::atomic<std::int64_t> now_;
    Random faults_;
    std::atomic<bool> armed_ = false;
    bool crashed_ = false;
    int keys_ = 0;
    std::uint64_t stamps_ = 0;
    Happened happened_;
    std::shared_ptr<Ids> ids_;
    std::shared_ptr<Disk> disk_;
    std::unique_ptr<Committer> committer_;
    std::unique_ptr<ReadPool> reads_;
    std::unique_ptr<store::Reader> judge_;
};

}  // namespace stateset::sim
