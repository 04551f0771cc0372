#include "platform/store/migrations.hpp"

#include <stdexcept>

#include "embedded.hpp"
#include "platform/auth/crypto.hpp"
#include "platform/store/sqlite.hpp"

namespace stateset::store {

MigrationReport bring_up(const Ledger& ledger, Migrate how,
                         std::span<const embedded::Migration> known) {
    auto done = ledger.applied();
    std::vector<std::pair<const embedded::Migration*, std::string>> pending;
    for (const auto& migration : known) {
        auto digest = auth::hex(auth::sha256(migration.text));
        auto found = done.find(migration.version);
        if (found == done.end()) {
            pending.emplace_back(&migration, std::move(digest));
        } else if (found->second.digest != digest) {
            throw std::runtime_error("migration " + std::string(migration.name) +
                                     " has changed since it was applied");
        } else {
            done.erase(found);
        }
    }
    if (!done.empty()) {
        throw std::runtime_error("the data was written by a newer version (migration " +
                                 done.rbegin()->second.name + ")");
    }
    MigrationReport report;
    for (const auto& [migration, digest] : pending) {
        if (how == Migrate::apply) ledger.apply(*migration, digest);
        (how == Migrate::apply ? report.applied : report.pending).emplace_back(migration->name);
    }
    return report;
}

namespace sqlite {
namespace {

constexpr const char* bookkeeping =
    "create table if not exists migrations (version integer primary key, name text not null, "
    "digest text not null, applied_at integer not null) strict";

std::map<std::int64_t, Ledger::Entry> applied(Connection& connection) {
    std::map<std::int64_t, Ledger::Entry> result;
    auto& statement = connection.prepared("select version, name, digest from migrations");
    while (statement.step()) {
        result[std::get<std::int64_t>(statement.column(0))] = {
            std::get<std::string>(statement.column(1)), std::get<std::string>(statement.column(2))};
    }
    statement.reset();
    return result;
}

template <class F>
void in_transaction(Connection& connection, F&& work) {
    connection.run("begin immediate");
    try {
        work();
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

void apply(Connection& connection, const embedded::Migration& migration,
           const std::string& digest) {
    in_transaction(connection, [&] {
        connection.run(migration.text);
        auto& note = connection.prepared("insert into migrations values (?, ?, ?, ?)");
        note.bind(1, migration.version);
        note.bind(2, std::string(migration.name));
        note.bind(3, digest);
        note.bind(4, system_now().micros);
        note.step();
        note.reset();
    });
}

// What the planner is told about the data. Without statistics it takes a key's first column to be
// selective; ours is the tenant, which is not, and it would walk a whole table instead of using an
// index on (tenant, order_id). Measured ones would follow the data and change plans overnight;
// stated ones keep them as tested. A line per index: rows in all, then rows that share the first
// column, the first two, …: a tenant is the whole table, a status many, each further column leaves
// few, all columns of a unique index one.
void state_statistics(Connection& connection) {
    constexpr std::string_view lines = R"(
insert into sqlite_stat1 (tbl, idx, stat)
select tbl, idx, '1000000' || group_concat(rows, '')
from (select tables.name as tbl,
             case when indexes.origin = 'pk' then tables.name else indexes.name end as idx,
             ' ' || case when columns.name = 'tenant' then 1000000
                         when indexes."unique" and columns.seqno = sizes.last then 1
                         when columns.name in ('id', 'position') then 1
                         when columns.name like '%status' and columns.seqno = 1 then 100000
                         else 100 / (1 + columns.seqno) end as rows
      from sqlite_schema tables
      join pragma_index_list(tables.name) indexes
      join pragma_index_info(indexes.name) columns
      join (select i.name as index_name, t.name as table_name,
                   (select max(seqno) from pragma_index_info(i.name)) as last
            from sqlite_schema t join pragma_index_list(t.name) i
            where t.type = 'table') sizes
        on sizes.index_name = indexes.name and sizes.table_name = tables.name
      where tables.type = 'table' and tables.name not like 'sqlite_%'
      order by tables.name, indexes.name, columns.seqno)
group by tbl, idx)";
    connection.run("pragma analysis_limit = 1");
    in_transaction(connection, [&] {
        connection.run("analyze");  // makes the table
        connection.run("delete from sqlite_stat1");
        connection.run(lines);
    });
}

}  // namespace

MigrationReport migrate(Connection& connection, Migrate how) {
    return migrate(connection, how, embedded::sqlite_migrations);
}

MigrationReport migrate(Connection& connection, Migrate how,
                        std::span<const embedded::Migration> known) {
    connection.run(bookkeeping);
    Ledger ledger{.applied = [&] { return applied(connection); },
                  .apply = [&](const auto& migration,
                               const auto& digest) { apply(connection, migration, digest); }};
    auto report = bring_up(ledger, how, known);
    if (!report.applied.empty()) state_statistics(connection);
    return report;
}

}  // namespace sqlite
}  // namespace stateset::store
