#pragma once
// What the Committer asks of a database: load keys, load by unique key, load children, write sets,
// commit. It exists for SQLite, for PostgreSQL and in memory (with injected faults); the
// conformance suite defines what each must do. One thread uses it.

#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "platform/store/table.hpp"

namespace stateset::store {

struct Want {
    enum class By { id, unique, parent };
    By by = By::id;
    const TableInfo* table = nullptr;
    int index = 0;  // which unique key, with By::unique
    Tenant tenant = no_tenant;
    std::vector<Value> key;
    bool lock = true;
    auto operator<=>(const Want&) const = delete;
};

struct Written {
    Tenant tenant;
    Row row;
};

// What one batch does to one table. Rows removed are named by their id.
struct TableChanges {
    const TableInfo* table = nullptr;
    std::vector<Written> added, changed;
    std::vector<std::pair<Tenant, Value>> removed;
};

// The batch may be run again as a whole: deadlock, serialization failure, a busy database.
struct Transient : std::runtime_error {
    using std::runtime_error::runtime_error;
};
// A row was held by another transaction for longer than a batch waits.
struct LockTimeout : Transient {
    using Transient::Transient;
};
// One command of the batch broke a constraint of a table.
struct Conflict : std::runtime_error {
    Conflict(std::string table, bool unique, const std::string& text)
        : std::runtime_error(text), table(std::move(table)), unique(unique) {}
    std::string table;
    bool unique;  // a unique key, else a check or a foreign key
};
// The database cannot be reached or cannot write (disk full): nothing was done.
struct Unavailable : std::runtime_error {
    using std::runtime_error::runtime_error;
};
// The connection was lost while committing.
struct CommitUnknown : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A parent has at most this many children in one table; more would make every command on it a bulk
// load.
inline constexpr std::int64_t most_children = 10'000;
inline std::length_error too_many_children(const TableInfo& table) {
    return std::length_error("more than " + std::to_string(most_children) + " rows of " +
                             std::string(table.name) + " under one parent");
}

// What a transaction does about rows that another one holds: waits a short while (then
// LockTimeout), or leaves them out and says so. Where one process writes alone, none are ever held.
enum class Locks { wait, skip };

class Store {
  public:
    virtual ~Store() = default;

    virtual void begin(Locks = Locks::wait) = 0;
    // Calls `found` for every row of every want; with Locks::skip, `held` instead for a locking
    // want of which another transaction holds a row. Wants arrive sorted by table, kind and key,
    // and without doubles.
    virtual void load(std::span<const Want> wants,
                      const std::function<void(const Want&, Row)>& found,
                      const std::function<void(const Want&)>& held) = 0;
    // Tables arrive parents first. What counts is the state afterwards: rows may swap unique keys
    // or take over those of removed rows. A constraint may also be reported by `commit`.
    virtual void write(std::span<const TableChanges> changes) = 0;
    // Throws what `commit` would throw about what was written, and commits nothing: the transaction
    // is to be rolled back. Nothing to do where all constraints are checked by `write`.
    virtual void check() {}
    // `batch` marks the transaction, so that `committed` can tell after a lost connection, once
    // `rollback` was called.
    virtual void commit(Uuid batch) = 0;
    virtual void rollback() noexcept = 0;
    virtual bool committed(Uuid batch) = 0;

    // Leases `count` numbers of a sequence in a transaction of its own and answers the first. Never
    // called between `begin` and the end of a transaction. With a count of 0 it only looks.
    virtual std::int64_t lease_numbers(Tenant, std::string_view sequence, std::int64_t first,
                                       std::int64_t count) = 0;

    // Statements sent so far; for Server-Timing and for tests that bound them.
    virtual std::uint64_t statements() const = 0;
};

}  // namespace stateset::store
