#include <map>

#include "embedded.hpp"
#include "platform/auth/crypto.hpp"
#include "platform/store/sqlite.hpp"

namespace stateset::store::sqlite {
namespace {

constexpr const char* bookkeeping =
    "create table if not exists migrations (version integer primary key, name text not null, "
    "digest text not null, applied_at integer not null) strict";

std::map<std::int64_t, std::pair<std::string, std::string>> applied(Connection& connection) {
    std::map<std::int64_t, std::pair<std::string, std::string>> result;
    auto& statement = connection.prepared("select version, name, digest from migrations");
    while (statement.step()) {
        result[std::get<std::int64_t>(statement.column(0))] = {
            std::get<std::string>(statement.column(1)), std::get<std::string>(statement.column(2))};
    }
    statement.reset();
    return result;
}

void apply(Connection& connection, const embedded::Migration& migration,
           const std::string& digest) {
    connection.run("begin immediate");
    try {
        connection.run(migration.text);
        auto& note = connection.prepared("insert into migrations values (?, ?, ?, ?)");
        note.bind(1, migration.version);
        note.bind(2, std::string(migration.name));
        note.bind(3, digest);
        note.bind(4, system_now().micros);
        note.step();
        note.reset();
        connection.run("commit");
    } catch (...) {
        try {
            connection.run("rollback");
        } catch (const std::exception&) {
            // Rolled back already; what failed is told by the exception under way.
        }
        throw;
    }
}

}  // namespace

MigrationReport migrate(Connection& connection, Migrate how) {
    return migrate(connection, how, embedded::sqlite_migrations);
}

MigrationReport migrate(Connection& connection, Migrate how,
                        std::span<const embedded::Migration> known) {
    connection.run(bookkeeping);
    auto done = applied(connection);
    std::vector<std::pair<const embedded::Migration*, std::string>> pending;
    for (const auto& migration : known) {
        auto digest = auth::hex(auth::sha256(migration.text));
        auto found = done.find(migration.version);
        if (found == done.end()) {
            pending.emplace_back(&migration, std::move(digest));
        } else if (found->second.second != digest) {
            throw std::runtime_error("migration " + std::string(migration.name) +
                                     " has changed since it was applied");
        } else {
            done.erase(found);
        }
    }
    if (!done.empty()) {
        throw std::runtime_error("the data was written by a newer version (migration " +
                                 done.rbegin()->second.first + ")");
    }
    MigrationReport report;
    for (const auto& [migration, digest] : pending) {
        if (how == Migrate::apply) apply(connection, *migration, digest);
        (how == Migrate::apply ? report.applied : report.pending).emplace_back(migration->name);
    }
    return report;
}

}  // namespace stateset::store::sqlite
