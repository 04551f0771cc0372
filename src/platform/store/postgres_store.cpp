// The store on PostgreSQL: a whole batch in few round trips. What a round of commands wants is ONE
// pipeline of set-wise statements (begin goes with the first), what the batch writes is another one
// that ends with the commit. All locks are `for no key update`, taken by table, kind and key in the
// one order in which wants arrive.

#include <algorithm>
#include <thread>

#include "platform/store/event.hpp"
#include "platform/store/postgres.hpp"
#include "platform/store/tx.hpp"

namespace stateset::store::postgres {
namespace {

using std::chrono::milliseconds;

// A former connection's process is given this long to end after it was told to.
constexpr milliseconds end_of_backend{2000}, look_again{5};
constexpr std::size_t most_events = 1 << 20;  // of one batch; see `positions`

// Words of a statement may be anything, also names of columns.
std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

// "unnest($1, $2) with ordinality as w(tenant, a, n)".
std::string unnested(const std::vector<std::string>& columns, bool numbered, std::size_t from = 1) {
    std::string marks, names;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        marks += (i ? ", $" : "$") + std::to_string(from + i);
        names += (i ? ", " : "") + columns[i];
    }
    return "unnest(" + marks + ")" + (numbered ? " with ordinality" : "") + " as w(" + names +
           (numbered ? ", n)" : ")");
}

// A write that fails unless it touches as many rows as the last parameter says: nobody looks at
// counts between it and the commit.
std::string counted(const std::string& name, const std::string& write, std::size_t parameter) {
    return "with " + name + " as (" + write + " returning 1) select 1 / cast(count(*) = $" +
           std::to_string(parameter) + " as integer) from " + name;
}
constexpr std::string_view wrong_count = "22012";  // a division by zero

// A statement and the types of its parameters.
struct Statement {
    std::string sql;
    std::vector<Oid> types;
};

// A statement that writes rows. A column in which the rows of a batch do not differ travels once
// instead of row by row: most of them are such, and an array per column is what costs. One that
// differed once is an array from then on, so that a table has few statements.
struct Write {
    std::vector<bool> varies;  // the tenant first, then the columns
    Statement statement;
};

// All statements of one table, made when the table is first met.
struct Statements {
    std::vector<Oid> types;  // of its columns
    struct Load {
        Statement read, lock, skip;
        Statement look;  // ids only, whether locked or not
    };
    Load by_id, by_parent;
    std::vector<Load> by_unique;
    Statement remove;
    Write insert, update;  // made when rows are known

    const Load& load(const Want& want) const {
        return want.by == Want::By::id       ? by_id
               : want.by == Want::By::parent ? by_parent
                                             : by_unique[static_cast<std::size_t>(want.index)];
    }
};

// Where a write takes each column of its rows from.
class Source {
  public:
    Source(const TableInfo& table, const std::vector<Oid>& types, const std::vector<bool>& varies,
           std::size_t first_parameter) {
        std::string marks, names;
        for (std::size_t i = 0; i < varies.size(); ++i) {
            auto mark = "$" + std::to_string(first_parameter + i);
            auto name = i == 0 ? "tenant" : quoted(table.columns[i - 1].name);
            auto type = i == 0 ? oid::bigint : types[i - 1];
            columns_ += (i ? ", " : "") + name;
            names_.push_back(name);
            types_.push_back(varies[i] ? array_of(type) : type);
            values_.push_back(varies[i] ? "w." + name : mark);
            if (!varies[i]) continue;
            marks += (marks.empty() ? "" : ", ") + mark;
            names += (names.empty() ? "" : ", ") + name;
        }
        rows_ = "unnest(" + marks + ")";
        row_names_ = names;
    }

    const std::string& columns() const { return columns_; }
    const std::vector<Oid>& types() const { return types_; }
    const std::string& value(std::size_t column) const { return values_[column]; }
    std::string values() const {
        std::string all;
        for (const auto& value : values_) all += (all.empty() ? "" : ", ") + value;
        return all;
    }
    std::string rows() const { return rows_ + " as w(" + row_names_ + ")"; }
    std::string numbered_rows() const {
        return rows_ + " with ordinality as w(" + row_names_ + ", n)";
    }
    std::string sets() const {
        std::string all;
        for (std::size_t i = 2; i < names_.size(); ++i) {
            all += (all.empty() ? "" : ", ") + names_[i] + " = " + values_[i];
        }
        return all;
    }

  private:
    std::string columns_, rows_, row_names_;
    std::vector<std::string> names_, values_;
    std::vector<Oid> types_;
};

class Builder {
  public:
    Builder(const TableInfo& table, std::vector<Oid> types) : table_(table) {
        made_.types = std::move(types);
    }

    Statements build() {
        made_.by_id = by_key({0});
        for (const auto& key : table_.unique) made_.by_unique.push_back(by_key(key));
        if (table_.parent >= 0) made_.by_parent = by_parent();
        made_.remove = removal();
        return std::move(made_);
    }

  private:
    std::string name(int column) const {
        return quoted(table_.columns[static_cast<std::size_t>(column)].name);
    }
    Oid array(int column) const { return array_of(made_.types[static_cast<std::size_t>(column)]); }
    std::string columns(std::string_view prefix) const {
        std::string result;
        for (int i = 0; i < static_cast<int>(table_.columns.size()); ++i) {
            result += (i ? ", " : "") + std::string(prefix) + name(i);
        }
        return result;
    }

    struct Lookup {  // the parts that all loads by one key have in common
        std::vector<std::string> names{"tenant"};
        std::vector<Oid> types{oid::bigint_array};
        std::string same = "t.tenant = w.tenant";
    };
    Lookup lookup(const std::vector<int>& key) const {
        Lookup result;
        for (int column : key) {
            auto alias = "k" + std::to_string(result.names.size());
            result.same += " and t." + name(column) + " = w." + alias;
            result.names.push_back(std::move(alias));
            result.types.push_back(array(column));
        }
        return result;
    }

    // Locks are taken after sorting, so in the order of the wants.
    Statements::Load by_key(const std::vector<int>& key) const {
        auto parts = lookup(key);
        auto rest = " from " + unnested(parts.names, true) + " join " + quoted(table_.name) +
                    " t on " + parts.same + " order by w.n";
        auto rows = "select w.n, " + columns("t.") + rest;
        auto lock = rows + " for no key update of t";
        return {{rows, parts.types},
                {lock, parts.types},
                {lock + " skip locked", parts.types},
                {"select w.n, t." + name(0) + rest, parts.types}};
    }

    // The limit stands inside without an order, so that no index but the parent's is attractive.
    Statements::Load by_parent() const {
        auto parts = lookup({table_.parent});
        auto statement = [&](const std::string& columns, const std::string& lock) {
            return Statement{"select w.n, " + columns + " from " + unnested(parts.names, true) +
                                 " cross join lateral (select t.* from " + quoted(table_.name) +
                                 " t where " + parts.same + " limit " +
                                 std::to_string(most_children + 1) + lock + ") t order by w.n, t." +
                                 name(0),
                             parts.types};
        };
        auto all = columns("t.");
        return {statement(all, ""), statement(all, " for no key update"),
                statement(all, " for no key update skip locked"), statement("t." + name(0), "")};
    }

    Statement removal() const {
        auto id = name(0);
        return {"delete from " + quoted(table_.name) + " t using " +
                    unnested({"tenant", id}, false) + " where t.tenant = w.tenant and t." + id +
                    " = w." + id,
                {oid::bigint_array, array(0)}};
    }

    const TableInfo& table_;
    Statements made_;
};

Statement insert_into(const TableInfo& table, const Source& from) {
    return {"insert into " + quoted(table.name) + " (" + from.columns() + ") select " +
                from.values() + " from " + from.rows(),
            from.types()};
}

Statement update_of(const TableInfo& table, const Source& from) {
    auto types = from.types();
    types.push_back(oid::bigint);
    auto id = quoted(table.columns.front().name);
    auto update = "update " + quoted(table.name) + " t set " + from.sets() + " from " +
                  from.rows() + " where t.tenant = " + from.value(0) + " and t." + id + " = " +
                  from.value(1);
    return {counted("changed", update, types.size()), std::move(types)};
}

// An event's place in the log: base + (transaction id << 20) + its number in the batch. The id is
// that of the subtransaction the marker was written in, which begins when all locks are held:
// so of two batches that change one aggregate the later one has the larger id. `xmin` shows its
// lower half; the upper comes from the transaction's own id, which is smaller and full.
constexpr std::string_view positions =
    "epoch.base + ((x.top + ((x.sub - x.top) & 4294967295)) << 20) + w.n";
constexpr std::string_view position_sources =
    "(select base from log_epoch) epoch, "
    "(select cast(cast(pg_current_xact_id() as text) as bigint) as top, "
    "cast(cast(xmin as text) as bigint) as sub from batch_markers where writer = $1) x";

Statement insert_of_events(const TableInfo& table, const Source& from) {
    std::vector<Oid> types{oid::uuid};
    types.insert(types.end(), from.types().begin(), from.types().end());
    types.push_back(oid::bigint);
    auto insert = "insert into " + quoted(table.name) + " (position, " + from.columns() +
                  ") select " + std::string(positions) + ", " + from.values() + " from " +
                  from.numbered_rows() + ", " + std::string(position_sources);
    return {counted("added", insert, types.size()), std::move(types)};
}

[[noreturn]] void rethrow(const Failed& failure) {
    if (failure.sqlstate == wrong_count) throw Transient("a row vanished");
    throw failure;
}

// Before the commit was sent nothing can have happened: the batch may simply be run again.
template <class F>
auto again_if_lost(F&& work) {
    try {
        return work();
    } catch (const Lost& failure) {
        throw Transient(failure.what());
    } catch (const Failed& failure) {
        rethrow(failure);
    }
}

class PostgresStore final : public Store {
  public:
    explicit PostgresStore(StoreOptions options)
        : connection_({.url = options.url,
                       .role = Role::writer,
                       .statement_timeout = options.statement_timeout,
                       .lock_timeout = options.lock_timeout}),
          writer_(random_ids()->next(system_now())) {}

    void begin(Locks locks) override {
        locks_ = locks;
        begun_ = false;
        events_.clear();
        connect(Connection::Hurry::yes);
    }

    void load(std::span<const Want> wants, const std::function<void(const Want&, Row)>& found,
              const std::function<void(const Want&)>& held) override {
        again_if_lost([&] {
            for (const auto& want : wants) of(*want.table);
            begin_once();
            std::deque<Group> groups;
            for (const auto& want : wants) group_of(groups, want).wants.push_back(&want);
            for (auto& group : groups) ask(group, found);
            connection_.finish();
            for (auto& group : groups) tell_held(group, held);
        });
    }

    // Removals first and additions last, so that a row may take over a key given up in the batch.
    // Nothing is waited for.
    void write(std::span<const TableChanges> changes) override {
        again_if_lost([&] {
            for (const auto& table : changes) of(*table.table);
            begin_once();
            for (auto table = changes.rbegin(); table != changes.rend(); ++table) remove(*table);
            for (const auto& table : changes) update(table);
            for (const auto& table : changes) insert(table);
        });
    }

    void check() override {
        again_if_lost([&] {
            send_last(Uuid{});
            connection_.send("set constraints all immediate", {}, {});
            connection_.finish();
        });
    }

    void commit(Uuid batch) override {
        bool answered = false;
        try {
            send_last(batch);
            connection_.send("commit", {}, {},
                             [&](const Reply& reply) { answered = reply.command() == "COMMIT"; });
            connection_.finish();
        } catch (const Lost& failure) {
            doubtful_ = backend_;
            throw CommitUnknown(failure.what());
        } catch (const Failed& failure) {
            rethrow(failure);
        }
        if (!answered) throw Transient("the transaction had failed before its commit");
        begun_ = false;
        // "canceling wait for synchronous replication": committed here, perhaps not there.
        if (connection_.warned()) {
            doubtful_ = backend_;
            connection_.drop();
            throw CommitUnknown("the server warned while committing");
        }
    }

    void rollback() noexcept override {
        events_.clear();
        if (!std::exchange(begun_, false) || !connection_.is_open()) return;
        try {
            connection_.sync();
            connection_.send("rollback", {}, {});
            connection_.leave();
        } catch (const std::exception&) {
            connection_.drop();  // the server rolls back
        }
    }

    // The former connection's process may still be committing: it is ended first. The look is a
    // write, so that its own commit waits until all before it is as durable as commits here are.
    bool committed(Uuid batch) override {
        return again_if_lost([&] {
            connect(Connection::Hurry::no);
            if (doubtful_) end_backend(*doubtful_);
            constexpr Oid types[] = {oid::uuid};
            auto rows = connection_.ask(
                "update batch_markers set at = clock_timestamp() where writer = $1 returning batch",
                types, {encoded(writer_, oid::uuid)});
            doubtful_.reset();
            return !rows.empty() && rows[0][0] == Value(batch);
        });
    }

    std::int64_t lease_numbers(Tenant tenant, std::string_view sequence, std::int64_t first,
                               std::int64_t count) override {
        if (count == 0) return next_number(tenant, sequence, first);
        return again_if_lost([&] {
            connect(Connection::Hurry::yes);
            constexpr Oid types[] = {oid::bigint, oid::text, oid::bigint, oid::bigint};
            auto rows = connection_.ask(
                "insert into number_blocks as b (tenant, sequence, next) values ($1, $2, $3 + $4) "
                "on conflict (tenant, sequence) do update set next = b.next + $4 returning next",
                types,
                {encoded(tenant, oid::bigint), std::string(sequence), encoded(first, oid::bigint),
                 encoded(count, oid::bigint)});
            return std::get<std::int64_t>(rows[0][0]) - count;
        });
    }

    std::uint64_t statements() const override { return connection_.statements(); }

  private:
    struct Backend {
        std::int64_t process = 0, started_at = 0;
    };

    void connect(Connection::Hurry hurry) {
        if (!connection_.open(hurry)) return;
        tables_.clear();
        try {
            introduce();
        } catch (const Outdated& failure) {
            throw Unavailable(failure.what());
        } catch (...) {
            connection_.drop();
            throw;
        }
    }

    // What has to be known and right before the first batch of a connection.
    void introduce() {
        auto started = connection_.ask(
            "select backend_start, (select system_identifier from pg_control_system()), "
            "(select system_identifier from log_epoch) from pg_stat_activity "
            "where pid = pg_backend_pid()");
        if (started.empty()) throw Unavailable("PostgreSQL does not show this connection");
        backend_ = {connection_.backend(), std::get<std::int64_t>(started[0][0])};
        if (started[0][1] != started[0][2]) begin_epoch();
        connection_.ask(
            "delete from batch_markers where writer in (select writer from batch_markers where at "
            "< now() - interval '7 days' order by at limit 100 for update skip locked)");
    }

    // The data was moved to another cluster, whose transactions count from somewhere else: the log
    // goes on behind its end.
    void begin_epoch() {
        connection_.run(
            "begin; lock table log_epoch in share row exclusive mode; "
            "delete from log_epoch using pg_control_system() c "
            "where log_epoch.system_identifier <> c.system_identifier; "
            "insert into log_epoch (system_identifier, base) select c.system_identifier, "
            "(select coalesce(max(position) / 1048576 + 1, 0) * 1048576 from events) "
            "from pg_control_system() c where not exists (select from log_epoch); "
            "commit");
    }

    void end_backend(const Backend& former) {
        constexpr Oid types[] = {oid::bigint, oid::timestamptz};
        auto deadline = std::chrono::steady_clock::now() + end_of_backend;
        while (true) {
            auto rows = connection_.ask(
                "select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and "
                "backend_start = $2",
                types,
                {encoded(former.process, oid::bigint),
                 encoded(former.started_at, oid::timestamptz)});
            if (rows.empty()) return;
            if (std::chrono::steady_clock::now() > deadline) {
                throw Unavailable("a former connection does not end");
            }
            std::this_thread::sleep_for(look_again);
        }
    }

    std::int64_t next_number(Tenant tenant, std::string_view sequence, std::int64_t first) {
        return again_if_lost([&] {
            connect(Connection::Hurry::yes);
            constexpr Oid types[] = {oid::bigint, oid::text};
            auto rows = connection_.ask(
                "select next from number_blocks where tenant = $1 and sequence = $2", types,
                {encoded(tenant, oid::bigint), std::string(sequence)});
            return rows.empty() ? first : std::get<std::int64_t>(rows[0][0]);
        });
    }

    void begin_once() {
        if (!connection_.is_open()) throw Lost("there is no connection to PostgreSQL");
        if (!std::exchange(begun_, true)) connection_.send("begin", {}, {});
    }

    // Asked of the catalog, since a migration may say more than a struct's member does.
    Statements& of(const TableInfo& table) {
        auto found = tables_.find(table.name);
        if (found != tables_.end()) return found->second;
        std::string columns;
        for (const auto& column : table.columns) {
            columns += (columns.empty() ? "" : ", ") + quoted(column.name);
        }
        auto types = connection_.shape("select " + columns + " from " + quoted(table.name)).columns;
        return tables_.emplace(table.name, Builder(table, std::move(types)).build()).first->second;
    }

    // ---- loading

    struct Group {  // wants that one statement answers
        std::vector<const Want*> wants;
        std::vector<std::int64_t> found;                            // rows of each
        std::vector<std::pair<std::int64_t, Value>> locked, there;  // with Locks::skip
    };

    static Group& group_of(std::deque<Group>& groups, const Want& want) {
        auto same = [&](const Group& group) {
            const auto& first = *group.wants.front();
            return first.table == want.table && first.by == want.by && first.index == want.index &&
                   first.lock == want.lock;
        };
        // Wants are sorted but for the lock.
        for (auto group = groups.rbegin(); group != groups.rend() && group - groups.rbegin() < 2;
             ++group) {
            if (same(*group)) return *group;
        }
        return groups.emplace_back();
    }

    void ask(Group& group, const std::function<void(const Want&, Row)>& found) {
        const auto& first = *group.wants.front();
        const auto& load = of(*first.table).load(first);
        bool skip = first.lock && locks_ == Locks::skip;
        const auto& statement = !first.lock ? load.read : skip ? load.skip : load.lock;
        auto arguments = keys_of(group, statement);
        group.found.resize(group.wants.size());
        connection_.send(
            statement.sql, statement.types, arguments,
            [&group, &found, skip](const Reply& reply) { take_rows(group, reply, found, skip); });
        if (!skip) return;
        connection_.send(load.look.sql, load.look.types, std::move(arguments),
                         [&group](const Reply& reply) {
                             for (int i = 0; i < reply.rows(); ++i) {
                                 group.there.emplace_back(std::get<std::int64_t>(reply.value(i, 0)),
                                                          reply.value(i, 1));
                             }
                         });
    }

    static std::vector<Argument> keys_of(const Group& group, const Statement& statement) {
        std::vector<ArrayOf> arrays;
        for (auto type : statement.types) arrays.emplace_back(element_of(type));
        for (const auto* want : group.wants) {
            arrays[0].push(want->tenant);
            for (std::size_t i = 0; i < want->key.size(); ++i) arrays[i + 1].push(want->key[i]);
        }
        return bytes_of(arrays);
    }

    static std::vector<Argument> bytes_of(const std::vector<ArrayOf>& arrays) {
        std::vector<Argument> result;
        for (const auto& array : arrays) result.push_back(array.bytes());
        return result;
    }

    static void take_rows(Group& group, const Reply& reply,
                          const std::function<void(const Want&, Row)>& found, bool skip) {
        for (int i = 0; i < reply.rows(); ++i) {
            auto number = std::get<std::int64_t>(reply.value(i, 0));
            auto at = static_cast<std::size_t>(number - 1);
            const auto& want = *group.wants[at];
            if (++group.found[at] > most_children) throw too_many_children(*want.table);
            Row row;
            row.reserve(want.table->columns.size());
            for (int c = 1; c < reply.columns(); ++c) row.push_back(reply.value(i, c));
            if (skip) group.locked.emplace_back(number, row[0]);
            found(want, std::move(row));
        }
    }

    // What is there and was not locked is held by somebody else.
    static void tell_held(Group& group, const std::function<void(const Want&)>& held) {
        std::ranges::sort(group.locked);
        std::size_t told = group.wants.size();
        for (const auto& row : group.there) {
            auto at = static_cast<std::size_t>(row.first - 1);
            if (at == told || std::ranges::binary_search(group.locked, row)) continue;
            told = at;
            held(*group.wants[at]);
        }
    }

    // ---- writing

    void remove(const TableChanges& changes) {
        if (changes.removed.empty()) return;
        const auto& statement = of(*changes.table).remove;
        std::vector<ArrayOf> arrays{ArrayOf(oid::bigint),
                                    ArrayOf(of(*changes.table).types.front())};
        for (const auto& [tenant, id] : changes.removed) {
            arrays[0].push(tenant);
            arrays[1].push(id);
        }
        connection_.send(statement.sql, statement.types, bytes_of(arrays));
    }

    // The statement for these rows, made anew when a column differs that never did.
    template <class F>
    const Statement& fit(Write& write, const TableInfo& table, std::span<const Written> rows,
                         std::size_t first_parameter, F&& make) {
        auto& varies = write.varies;
        bool grown = varies.empty();
        varies.resize(table.columns.size() + 1);
        varies[1] = true;  // the id
        const auto& first = rows.front();
        for (const auto& [tenant, row] : rows.subspan(1)) {
            if (!varies[0] && tenant != first.tenant) varies[0] = grown = true;
            for (std::size_t i = 0; i < row.size(); ++i) {
                if (!varies[i + 1] && row[i] != first.row[i]) varies[i + 1] = grown = true;
            }
        }
        if (grown) {
            write.statement = make(table, Source(table, of(table).types, varies, first_parameter));
        }
        return write.statement;
    }

    static std::vector<Argument> arguments_of(const Write& write, const std::vector<Oid>& types,
                                              std::span<const Written> rows) {
        auto argument = [&](std::size_t column, Oid type, auto&& value) -> Argument {
            if (!write.varies[column]) return encoded(value(rows.front()), type);
            ArrayOf array(type);
            for (const auto& written : rows) array.push(value(written));
            return array.bytes();
        };
        std::vector<Argument> result;
        result.push_back(
            argument(0, oid::bigint, [](const Written& written) { return Value(written.tenant); }));
        for (std::size_t i = 0; i < types.size(); ++i) {
            result.push_back(argument(i + 1, types[i], [i](const Written& written) -> const Value& {
                return written.row[i];
            }));
        }
        return result;
    }

    void update(const TableChanges& changes) {
        std::span<const Written> rows = changes.changed;
        if (rows.empty()) return;
        auto& known = of(*changes.table);
        const auto& statement = fit(known.update, *changes.table, rows, 1, update_of);
        auto arguments = arguments_of(known.update, known.types, rows);
        arguments.push_back(encoded(static_cast<std::int64_t>(rows.size()), oid::bigint));
        connection_.send(statement.sql, statement.types, std::move(arguments));
    }

    void insert(const TableChanges& changes) {
        std::span<const Written> rows = changes.added;
        if (rows.empty()) return;
        if (changes.table == &info<Event>()) return keep_events(rows);
        auto& known = of(*changes.table);
        const auto& statement = fit(known.insert, *changes.table, rows, 1, insert_into);
        connection_.send(statement.sql, statement.types,
                         arguments_of(known.insert, known.types, rows));
    }

    // Events are written last of all, after the marker whose transaction id they take.
    void keep_events(std::span<const Written> rows) {
        if (rows.size() >= most_events) throw std::length_error("too many events at once");
        auto& known = of(info<Event>());
        constexpr std::size_t after_the_writer = 2;
        const auto& statement =
            fit(known.insert, info<Event>(), rows, after_the_writer, insert_of_events);
        auto arguments = arguments_of(known.insert, known.types, rows);
        arguments.insert(arguments.begin(), encoded(writer_, oid::uuid));
        arguments.push_back(encoded(static_cast<std::int64_t>(rows.size()), oid::bigint));
        events_.emplace_back(statement, std::move(arguments));
    }

    // What is written last of all: the marker and the events that take their place from it.
    void send_last(Uuid batch) {
        begin_once();
        if (!events_.empty()) connection_.send("savepoint events", {}, {});
        mark(batch);
        for (auto& [statement, arguments] : events_) {
            connection_.send(statement.sql, statement.types, std::move(arguments));
        }
    }

    void mark(Uuid batch) {
        constexpr Oid types[] = {oid::uuid, oid::uuid};
        connection_.send(
            "insert into batch_markers (writer, batch, at) values ($1, $2, clock_timestamp()) "
            "on conflict (writer) do update set batch = excluded.batch, at = excluded.at",
            types, {encoded(writer_, oid::uuid), encoded(batch, oid::uuid)});
    }

    Connection connection_;
    Uuid writer_;  // names this store's row of batch_markers
    Backend backend_;
    std::optional<Backend> doubtful_;  // its last commit may be under way
    std::map<std::string_view, Statements> tables_;
    Locks locks_ = Locks::wait;
    bool begun_ = false;
    std::vector<std::pair<Statement, std::vector<Argument>>> events_;
};

}  // namespace

std::unique_ptr<Store> open_store(StoreOptions options) {
    return std::make_unique<PostgresStore>(std::move(options));
}

}  // namespace stateset::store::postgres
