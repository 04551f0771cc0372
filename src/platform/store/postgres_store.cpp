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

// All statements of one table, made when the table is first met.
struct Statements {
    std::vector<Oid> types;  // of its columns
    struct Load {
        Statement read, lock, skip;
        Statement look;  // ids only, whether locked or not
    };
    Load by_id, by_parent;
    std::vector<Load> by_unique;
    Statement insert, update, remove;

    const Load& load(const Want& want) const {
        return want.by == Want::By::id       ? by_id
               : want.by == Want::By::parent ? by_parent
                                             : by_unique[static_cast<std::size_t>(want.index)];
    }
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
        build_writes();
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

    void build_writes() {
        auto table = quoted(table_.name), id = name(0);
        std::vector<std::string> names{"tenant"};
        std::vector<Oid> types{oid::bigint_array};
        std::string sets;
        for (int i = 0; i < static_cast<int>(table_.columns.size()); ++i) {
            names.push_back(name(i));
            types.push_back(array(i));
            if (i > 0) sets += (i > 1 ? ", " : "") + name(i) + " = w." + name(i);
        }
        made_.insert = {"insert into " + table + " (tenant, " + columns("") + ") select * from " +
                            unnested(names, false),
                        types};
        made_.remove = {"delete from " + table + " t using " + unnested({"tenant", id}, false) +
                            " where t.tenant = w.tenant and t." + id + " = w." + id,
                        {oid::bigint_array, array(0)}};
        types.push_back(oid::bigint);
        made_.update = {
            counted("changed",
                    "update " + table + " t set " + sets + " from " + unnested(names, false) +
                        " where t.tenant = w.tenant and t." + id + " = w." + id,
                    types.size()),
            types};
    }

    const TableInfo& table_;
    Statements made_;
};
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

    void commit(Uuid batch) override {
        bool answered = false;
        try {
            begin_once();
            if (!events_.empty()) connection_.send("savepoint events", {}, {});
            mark(batch);
            for (auto& [statement, arguments] : events_) {
                connection_.send(statement.sql, statement.types, std::move(arguments));
            }
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

    void begin_once() {
        if (!connection_.is_open()) throw Lost("there is no connection to PostgreSQL");
        if (!std::exchange(begun_, true)) connection_.send("begin", {}, {});
    }

    // Asked of the catalog, since a migration may say more than a struct's member does.
    const Statements& of(const TableInfo& table) {
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

    std::vector<Argument> columns_of(const TableInfo& table, std::span<const Written> rows) {
        std::vector<ArrayOf> arrays{ArrayOf(oid::bigint)};
        for (auto type : of(table).types) arrays.emplace_back(type);
        for (const auto& written : rows) {
            arrays[0].push(written.tenant);
            for (std::size_t i = 0; i < written.row.size(); ++i) arrays[i + 1].push(written.row[i]);
        }
        return bytes_of(arrays);
    }

    void update(const TableChanges& changes) {
        if (changes.changed.empty()) return;
        const auto& statement = of(*changes.table).update;
        auto arguments = columns_of(*changes.table, changes.changed);
        arguments.push_back(
            encoded(static_cast<std::int64_t>(changes.changed.size()), oid::bigint));
        connection_.send(statement.sql, statement.types, std::move(arguments));
    }

    void insert(const TableChanges& changes) {
        if (changes.added.empty()) return;
        auto arguments = columns_of(*changes.table, changes.added);
        if (changes.table == &info<Event>()) return keep_events(changes, std::move(arguments));
        const auto& statement = of(*changes.table).insert;
        connection_.send(statement.sql, statement.types, std::move(arguments));
    }

    // Events are written last of all, after the marker whose transaction id they take.
    void keep_events(const TableChanges& changes, std::vector<Argument> arguments) {
        if (changes.added.size() >= most_events) throw std::length_error("too many events at once");
        std::vector<std::string> names{"tenant"};
        std::vector<Oid> types{oid::uuid, oid::bigint_array};
        std::string columns = "tenant", values = "w.tenant";
        const auto& table = *changes.table;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            auto name = quoted(table.columns[i].name);
            columns += ", " + name;
            values += ", w." + name;
            names.push_back(name);
            types.push_back(array_of(of(table).types[i]));
        }
        arguments.insert(arguments.begin(), encoded(writer_, oid::uuid));
        types.push_back(oid::bigint);
        arguments.push_back(encoded(static_cast<std::int64_t>(changes.added.size()), oid::bigint));
        auto insert = "insert into events (position, " + columns + ") select " +
                      std::string(positions) + ", " + values + " from " + unnested(names, true, 2) +
                      ", " + std::string(position_sources);
        events_.emplace_back(Statement{counted("added", insert, types.size()), std::move(types)},
                             std::move(arguments));
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
