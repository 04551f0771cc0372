#pragma once
// Bringing a database to the newest version: each migration in a transaction of its own, in order.
// Refused with std::runtime_error, with nothing applied, when the data was written by a newer
// binary or an applied migration has changed since.

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace stateset::embedded {
struct Migration;
}

namespace stateset::store {

enum class Migrate { apply, check_only };

struct MigrationReport {
    std::vector<std::string> applied, pending;  // names
};

// What a kind of database does for it.
struct Ledger {
    struct Entry {
        std::string name, digest;
    };
    std::function<std::map<std::int64_t, Entry>()> applied;  // by version
    // Runs the migration and notes it, both or neither.
    std::function<void(const embedded::Migration&, const std::string& digest)> apply;
};
MigrationReport bring_up(const Ledger&, Migrate, std::span<const embedded::Migration> known);

}  // namespace stateset::store
