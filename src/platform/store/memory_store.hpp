#pragma once
// A store in memory that keeps every promise of `Store`, and breaks them on demand: the conformance
// suite runs on it, and tests and the simulator inject the faults that a real database shows once a
// year.

#include <functional>
#include <map>
#include <optional>

#include "platform/store/store.hpp"

namespace stateset::store {

class MemoryStore final : public Store {
  public:
    enum class Step { begin, load, write, commit, committed, lease };
    enum class Fault { none, transient, unavailable, unknown_done, unknown_not_done };
    // Asked before each step; what it answers happens. Unknown outcomes only make sense for
    // `commit`.
    std::function<Fault(Step)> faults = [](Step) { return Fault::none; };

    // Whether another transaction holds a row of a locking want.
    std::function<bool(const Want&)> held_elsewhere = [](const Want&) { return false; };

    void begin(Locks) override;
    void load(std::span<const Want>, const std::function<void(const Want&, Row)>& found,
              const std::function<void(const Want&)>& held) override;
    void write(std::span<const TableChanges>) override;
    void commit(Uuid batch) override;
    void rollback() noexcept override;
    bool committed(Uuid batch) override;
    std::int64_t lease_numbers(Tenant, std::string_view, std::int64_t, std::int64_t) override;
    std::uint64_t statements() const override { return statements_; }

    // The committed rows of a table, for looking at from outside.
    std::vector<Row> rows(const TableInfo&) const;
    std::uint64_t commits() const { return commits_; }

  private:
    using Rows = std::map<std::pair<Tenant, Value>, Row>;
    struct State {
        std::map<std::string_view, Rows> tables;
        std::optional<Uuid> last_batch;
    };
    void meet(Step);
    void check_unique(const TableInfo&) const;

    State committed_, working_;
    Locks locks_ = Locks::wait;
    std::map<std::pair<Tenant, std::string>, std::int64_t> numbers_;
    std::uint64_t statements_ = 0, commits_ = 0;
};

}  // namespace stateset::store
