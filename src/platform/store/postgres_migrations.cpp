// Migrations on PostgreSQL.

#include "embedded.hpp"
#include "platform/store/postgres.hpp"

namespace stateset::store::postgres {
namespace {

// Instances that start together take turns under this lock ("state" as a number).
constexpr const char* lock = "select pg_advisory_lock(495873782885)";
constexpr const char* unlock = "select pg_advisory_unlock(495873782885)";

// A migration waits for running transactions of other instances, but not so long that everybody
// who queues behind its lock is stalled for good.
constexpr std::chrono::minutes longest_statement{30};
constexpr const char* longest_wait = "set lock_timeout = '10s'";

constexpr const char* bookkeeping =
    "create table if not exists migrations (version bigint primary key, name text not null, "
    "digest text not null, applied_at timestamptz not null)";

std::map<std::int64_t, Ledger::Entry> applied(Connection& connection) {
    std::map<std::int64_t, Ledger::Entry> result;
    auto table = connection.ask("select to_regclass('migrations') is not null");
    if (table[0][0] == Value(std::int64_t{0})) return result;
    for (const auto& row : connection.ask("select version, name, digest from migrations")) {
        result[std::get<std::int64_t>(row[0])] = {std::get<std::string>(row[1]),
                                                  std::get<std::string>(row[2])};
    }
    return result;
}

void apply(Connection& connection, const embedded::Migration& migration,
           const std::string& digest) {
    connection.run("begin");
    try {
        connection.run(bookkeeping);
        connection.run(std::string(migration.text));
        constexpr Oid types[] = {oid::bigint, oid::text, oid::text};
        connection.ask(
            "insert into migrations values ($1, $2, $3, now())", types,
            {encoded(migration.version, oid::bigint), std::string(migration.name), digest});
        connection.run("commit");
    } catch (...) {
        if (connection.is_open()) connection.run("rollback");
        throw;
    }
}

}  // namespace

MigrationReport migrate(const std::string& url, Migrate how) {
    return migrate(url, how, embedded::postgres_migrations);
}

MigrationReport migrate(const std::string& url, Migrate how,
                        std::span<const embedded::Migration> known) {
    bool apply_them = how == Migrate::apply;
    Connection connection({.url = url,
                           .role = apply_them ? Role::migrator : Role::reader,
                           .statement_timeout = longest_statement,
                           .lock_timeout = {}});
    connection.open();
    Ledger ledger{.applied = [&] { return applied(connection); },
                  .apply = [&](const auto& migration,
                               const auto& digest) { apply(connection, migration, digest); }};
    if (!apply_them) return bring_up(ledger, how, known);
    connection.ask(lock);
    connection.run(longest_wait);
    auto report = bring_up(ledger, how, known);
    connection.ask(unlock);  // a failure gives it back with the connection
    return report;
}

}  // namespace stateset::store::postgres
