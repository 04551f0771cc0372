#include "world.hpp"

#include <filesystem>

#include "flows/verify.hpp"
#include "platform/store/sqlite.hpp"

namespace stateset::sim {
namespace {

using store::MemoryStore;
using Fault = MemoryStore::Fault;
using Step = MemoryStore::Step;

constexpr std::int64_t first_morning = 1'767'254'400'000'000;  // 2026-01-01T08:00:00Z
constexpr int patience = 40;  // sendings of one request before the faults end

// Ids in order of the seed's own count.
class CountedIds final : public Ids {
  public:
    Uuid next(Time now) override {
        auto high = static_cast<std::uint64_t>(now.micros / 1000) << 16 | 0x7000;
        return {high, 0x8000'0000'0000'0000 | ++last_};
    }

  private:
    std::uint64_t last_ = 0;
};

// One migrated file for all seeds of a process, copied for each.
const std::string& empty_database(const std::string& folder) {
    static const std::string made = [&] {
        auto path = folder + "/empty.db";
        std::filesystem::remove(path);
        store::sqlite::Connection connection(path, store::sqlite::Access::write);
        store::sqlite::migrate(connection, store::Migrate::apply);
        connection.run("pragma wal_checkpoint(truncate); pragma journal_mode=delete");
        return path;
    }();
    return made;
}

bool is_known(const Outcome& outcome) {
    if (!outcome.refusal) return true;
    const auto& code = outcome.refusal->code();
    return &code != &codes::unavailable && &code != &codes::outcome_unknown &&
           &code != &codes::overloaded && &code != &codes::timed_out;
}

// Holds the Committer back until everything is handed in.
class Barrier {
  public:
    void pass() {
        waiting_.set_value();
        opened_.get_future().wait();
    }
    void wait_until_somebody_waits() { waiting_.get_future().wait(); }
    void open() { opened_.set_value(); }

  private:
    std::promise<void> waiting_, opened_;
};

}  // namespace

// What survives a crash: the rows in memory, and the copy that is judged.
class World::Disk {
  public:
    explicit Disk(const std::string& file) : copy(store::sqlite::open_store(file)) {}

    MemoryStore memory;
    std::unique_ptr<store::Store> copy;
    std::vector<store::TableChanges> writing;
    std::string refused;  // why the tables do not take what was committed

    void commit(Uuid batch) {
        auto before = memory.commits();
        try {
            memory.commit(batch);
        } catch (...) {
            if (memory.commits() != before) take_over(batch);
            throw;
        }
        take_over(batch);
    }

  private:
    void take_over(Uuid batch) {
        try {
            copy->begin();
            copy->write(writing);
            copy->commit(batch);
        } catch (const std::exception& failure) {
            refused = failure.what();
        }
    }
};

// A process with its connection to the disk. After a crash nothing gets through any more.
class World::Machine final : public store::Store {
  public:
    Machine(std::shared_ptr<Disk> disk, const bool& crashed)
        : disk_(std::move(disk)), crashed_(crashed) {}

    void begin(store::Locks locks) override {
        alive();
        disk_->memory.begin(locks);
    }
    void load(std::span<const store::Want> wants,
              const std::function<void(const store::Want&, store::Row)>& found,
              const std::function<void(const store::Want&)>& held) override {
        alive();
        disk_->memory.load(wants, found, held);
    }
    void write(std::span<const store::TableChanges> changes) override {
        alive();
        disk_->memory.write(changes);
        disk_->writing.assign(changes.begin(), changes.end());
    }
    void commit(Uuid batch) override {
        alive();
        disk_->commit(batch);
    }
    void rollback() noexcept override { disk_->memory.rollback(); }
    bool committed(Uuid batch) override {
        alive();
        return disk_->memory.committed(batch);
    }
    std::int64_t lease_numbers(Tenant tenant, std::string_view sequence, std::int64_t first,
                               std::int64_t count) override {
        alive();
        return disk_->memory.lease_numbers(tenant, sequence, first, count);
    }
    std::uint64_t statements() const override { return disk_->memory.statements(); }

  private:
    void alive() const {
        if (crashed_) throw store::Unavailable("the process is dead");
    }
    std::shared_ptr<Disk> disk_;
    const bool& crashed_;
};

World::World(std::uint64_t seed, const std::string& folder)
    : folder_(folder),
      now_(first_morning),
      faults_(seed ^ 0x5eed'fa17),
      ids_(std::make_shared<CountedIds>()) {
    auto file = folder + "/copy.db";
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(file + ending);
    std::filesystem::copy_file(empty_database(folder), file);
    disk_ = std::make_shared<Disk>(file);
    disk_->memory.faults = [this](Step step) { return fault(step); };
    reads_ = std::make_unique<ReadPool>([file] { return store::sqlite::open_reader(file); },
                                        std::make_shared<const Cursors>(std::string(32, 's')),
                                        ReadPool::Options{.threads = 1});
    judge_ = store::sqlite::open_reader(file);
    start();
}

World::~World() { committer_->stop(); }

void World::start() {
    crashed_ = false;
    committer_ = std::make_unique<Committer>(
        std::make_unique<Machine>(disk_, crashed_),
        Committer::Options{.clock = [this] { return now(); }, .ids = ids_});
}

std::vector<store::Row> World::rows(const store::TableInfo& table) const {
    return disk_->memory.rows(table);
}

// A few steps in a hundred go wrong, each in one of the ways of a real database, or of a kill.
Fault World::fault(Step step) {
    if (!armed_ || !faults_.chance(4)) return Fault::none;
    ++happened_.faults;
    if (faults_.chance(20)) {
        crashed_ = true;
        ++happened_.crashes;
        if (step == Step::commit && faults_.chance(50)) return Fault::unknown_done;
        return Fault::unavailable;
    }
    if (step == Step::commit && faults_.chance(60)) {
        return faults_.chance(50) ? Fault::unknown_done : Fault::unknown_not_done;
    }
    return faults_.chance(70) ? Fault::transient : Fault::unavailable;
}

std::vector<Outcome> World::batch(const std::vector<Work>& works,
                                  const std::vector<std::string>& keys) {
    if (crashed_) start();
    armed_ = false;
    Barrier barrier;
    std::promise<Outcome> passed;
    bool first = true;
    committer_->submit({.work =
                            [&](Tx&) {
                                if (std::exchange(first, false)) barrier.pass();
                                return store::Answer{};
                            },
                        .actor = system_actor(tenant),
                        .done = [&](Outcome outcome) { passed.set_value(std::move(outcome)); }});
    barrier.wait_until_somebody_waits();
    std::vector<std::promise<Outcome>> promises(works.size());
    for (std::size_t i = 0; i < works.size(); ++i) {
        committer_->submit(
            {.work = works[i],
             .actor = system_actor(tenant),
             .request_id = keys[i],
             .idempotency =
                 store::IdempotencyKey{.scope = keys[i], .fingerprint = keys[i], .seal_key = {}},
             .done = [&promise = promises[i]](Outcome outcome) {
                 promise.set_value(std::move(outcome));
             }});
    }
    armed_ = true;
    barrier.open();
    passed.get_future().wait();
    std::vector<Outcome> outcomes;
    for (auto& promise : promises) outcomes.push_back(promise.get_future().get());
    armed_ = false;
    if (!disk_->refused.empty()) {
        throw Broken("the tables refuse what was committed: " + disk_->refused);
    }
    return outcomes;
}

// A command that missed a row runs after its neighbours: what counts is when it ran for the last
// time.
World::Work World::stamped(const Work& work, std::uint64_t& stamp) {
    return [this, work, &stamp](Tx& tx) {
        try {
            auto answer = work(tx);
            stamp = ++stamps_;
            return answer;
        } catch (const Refusal&) {
            stamp = ++stamps_;
            throw;
        }
    };
}

std::vector<World::Told> World::together(const std::vector<Work>& works) {
    std::vector<std::string> keys;
    std::vector<std::uint64_t> stamps(works.size());
    std::vector<Work> all;
    for (std::size_t i = 0; i < works.size(); ++i) {
        keys.push_back("key-" + std::to_string(++keys_));
        all.push_back(stamped(works[i], stamps[i]));
    }
    auto outcomes = batch(all, keys);
    std::vector<Told> told;
    for (std::size_t i = 0; i < works.size(); ++i) {
        auto outcome = std::move(outcomes[i]);
        for (int sendings = 0; !is_known(outcome); ++sendings) {
            if (sendings > patience) throw Broken("a request never learns what became of it");
            ++happened_.sent_again;
            outcome = std::move(batch({all[i]}, {keys[i]}).front());
        }
        const auto& refusal = outcome.refusal;
        told.push_back({i, refusal ? std::string(refusal->code().name) : "ok",
                        refusal ? refusal->detail() : ""});
    }
    std::ranges::sort(told, {}, [&](const Told& one) { return stamps[one.which]; });
    return told;
}

void World::quietly(const Work& work) {
    if (crashed_) start();
    committer_->run(system_actor(tenant), work);
}

void World::require_that_laws_hold() {
    auto result = flows::verify(*judge_);
    if (result.findings.empty()) return;
    std::string text;
    for (const auto& one : result.findings) {
        text += "\n  " + one.table + " " + one.id + ": " + one.problem;
    }
    throw Broken("verify finds:" + text);
}

}  // namespace stateset::sim
