#include "platform/store/postgres_copy.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>

#include "platform/store/folder_lock.hpp"
#include "platform/store/postgres.hpp"
#include "platform/store/sqlite.hpp"

namespace stateset::store::postgres {
namespace {

constexpr std::chrono::minutes longest_statement{30};
// Rows on their way at once: enough to hide the round trips, few enough to be kept in memory.
constexpr int rows_at_once = 500;

// What each database keeps about itself, and leases, whose owners are gone.
constexpr std::array<std::string_view, 6> not_copied = {"migrations", "last_batch", "batch_markers",
                                                        "log_epoch",  "leases",     "sqlite_stat1"};

// The log goes on behind the last position that was copied (see the migration that makes the
// table).
constexpr const char* begin_behind_the_end =
    "update log_epoch set base = "
    "(select coalesce(max(position) / 1048576 + 1, 0) * 1048576 from events)";

using Names = std::vector<std::string>;

std::string text(const Value& value) { return std::get<std::string>(value); }

Names tables_of(Connection& to) {
    Names names;
    for (const auto& row : to.ask("select cast(tablename as text) from pg_tables "
                                  "where schemaname = current_schema() order by tablename")) {
        if (std::ranges::find(not_copied, text(row[0])) == not_copied.end()) {
            names.push_back(text(row[0]));
        }
    }
    return names;
}

Names columns_of(Connection& to, const std::string& table) {
    Names names;
    constexpr Oid types[] = {oid::text};
    for (const auto& row : to.ask("select cast(attname as text) from pg_attribute "
                                  "where attrelid = to_regclass($1) and attnum > 0 "
                                  "and not attisdropped order by attname",
                                  types, {table})) {
        names.push_back(text(row[0]));
    }
    return names;
}

// Both have the same columns, or one of the two has a migration that the other lacks.
void require_same_columns(sqlite::Connection& from, const std::string& table,
                          const Names& columns) {
    Names theirs;
    auto& statement = from.prepared("select name from pragma_table_info('" + table + "')");
    while (statement.step()) theirs.push_back(text(statement.column(0)));
    statement.reset();
    std::ranges::sort(theirs);
    auto ours = columns;
    std::ranges::sort(ours);
    if (theirs != ours) throw std::logic_error("table " + table + " is not the same in both");
}

std::string joined(const Names& names) {
    std::string list;
    for (const auto& name : names) list += (list.empty() ? "\"" : ", \"") + name + "\"";
    return list;
}

std::int64_t rows_of(sqlite::Connection& from, const Names& tables) {
    std::int64_t rows = 0;
    for (const auto& table : tables) {
        auto& count = from.prepared("select count(*) from " + table);
        if (count.step()) rows += std::get<std::int64_t>(count.column(0));
        count.reset();
    }
    return rows;
}

std::int64_t copy_table(sqlite::Connection& from, Connection& to, const std::string& table,
                        const std::function<void(std::int64_t)>& told) {
    auto columns = columns_of(to, table);
    require_same_columns(from, table, columns);
    std::string places;
    for (std::size_t i = 1; i <= columns.size(); ++i) {
        places += (i == 1 ? "$" : ", $") + std::to_string(i);
    }
    auto insert = "insert into " + table + " (" + joined(columns) + ") values (" + places + ")";
    auto types = to.shape(insert).parameters;
    auto& rows = from.prepared("select " + joined(columns) + " from " + table);
    std::int64_t count = 0;
    auto wait = [&] {
        to.sync();
        to.finish();
        told(count);
    };
    while (rows.step()) {
        std::vector<Argument> arguments;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            arguments.push_back(encoded(rows.column(static_cast<int>(i)), types[i]));
        }
        to.send(insert, types, std::move(arguments));
        if (++count % rows_at_once == 0) wait();
    }
    wait();
    rows.reset();
    return count;
}

void require_nothing_there(Connection& to, const Names& tables) {
    for (const auto& table : tables) {
        if (!to.ask("select 1 from " + table + " limit 1").empty()) {
            throw std::runtime_error("the database is not empty: " + table + " has rows");
        }
    }
}

}  // namespace

std::vector<Copied> copy_folder(const std::string& folder, const std::string& url,
                                const HowFar& told) {
    auto file = std::filesystem::path(folder) / "stateset.db";
    if (!std::filesystem::exists(file)) throw std::runtime_error("there is no " + file.string());
    FolderLock lock(folder);  // nobody writes meanwhile
    sqlite::Connection from(file.string(), sqlite::Access::write);
    if (!sqlite::migrate(from, Migrate::check_only).pending.empty()) {
        throw std::runtime_error(
            "the folder holds data of an earlier version: run `stateset "
            "migrate --data " +
            folder + "` first");
    }
    migrate(url, Migrate::apply);
    Connection to({.url = url,
                   .role = Role::migrator,
                   .statement_timeout = longest_statement,
                   .lock_timeout = std::chrono::seconds(10)},
                  Connection::Start::now);
    to.run("begin");
    auto tables = tables_of(to);
    require_nothing_there(to, tables);
    std::vector<Copied> copied;
    const auto all = told ? rows_of(from, tables) : 0;
    std::int64_t before = 0;
    for (const auto& table : tables) {
        auto rows = copy_table(from, to, table, [&](std::int64_t count) {
            if (told) told(before + count, all);
        });
        before += rows;
        copied.push_back({table, rows});
    }
    to.run(begin_behind_the_end);
    to.run("commit");
    return copied;
}

}  // namespace stateset::store::postgres
