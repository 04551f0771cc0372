// The embedded store: one file, one writing process, one write connection. Loads are point reads in
// the same process, so they need no set-wise statements; what counts is one transaction and one
// fsync for a whole batch.

#include "platform/store/sqlite.hpp"

namespace stateset::store::sqlite {
namespace {

struct Statements {  // of one table, made once
    std::string by_id, by_parent, insert, update, remove;
    std::vector<std::string> by_unique;
};

Statements statements_of(const TableInfo& table) {
    std::string columns, marks, sets;
    for (const auto& column : table.columns) {
        columns += (columns.empty() ? "" : ", ") + std::string(column.name);
        marks += ", ?";
        sets += (sets.empty() ? "" : ", ") + std::string(column.name) + " = ?";
    }
    std::string name(table.name), id(table.columns[0].name);
    auto select = "select " + columns + " from " + name + " where tenant = ?";
    Statements made;
    made.by_id = select + " and " + id + " = ?";
    for (const auto& key : table.unique) {
        auto sql = select;
        for (int column : key) {
            sql += " and " + std::string(table.columns[static_cast<std::size_t>(column)].name) +
                   " = ?";
        }
        made.by_unique.push_back(sql);
    }
    if (table.parent >= 0) {
        made.by_parent = select + " and " +
                         std::string(table.columns[static_cast<std::size_t>(table.parent)].name) +
                         " = ? order by " + id + " limit ?";
    }
    made.insert = "insert into " + name + " (tenant, " + columns + ") values (?" + marks + ")";
    made.update = "update " + name + " set " + sets + " where tenant = ? and " + id + " = ?";
    made.remove = "delete from " + name + " where tenant = ? and " + id + " = ?";
    return made;
}

class SqliteStore final : public Store {
  public:
    explicit SqliteStore(const std::string& file) : connection_(file, Access::write) {}

    // Foreign keys are checked at the commit, so that one batch may move children to new parents.
    // Nobody else writes, so there is nothing to wait for or to skip.
    void begin(Locks) override {
        connection_.run("begin immediate; pragma defer_foreign_keys = 1");
    }

    void load(std::span<const Want> wants, const std::function<void(const Want&, Row)>& found,
              const std::function<void(const Want&)>&) override {
        for (const auto& want : wants) {
            auto& sql = of(*want.table);
            auto& statement = connection_.prepared(
                want.by == Want::By::id       ? sql.by_id
                : want.by == Want::By::unique ? sql.by_unique[static_cast<std::size_t>(want.index)]
                                              : sql.by_parent);
            Reset reset{statement};
            statement.bind(1, want.tenant);
            int at = 2;
            for (const auto& value : want.key) statement.bind(at++, value);
            if (want.by == Want::By::parent) statement.bind(at, most_children + 1);
            std::int64_t rows = 0;
            while (statement.step()) {
                if (++rows > most_children) throw too_many_children(*want.table);
                Row row;
                row.reserve(want.table->columns.size());
                for (int i = 0; i < statement.columns(); ++i) row.push_back(statement.column(i));
                found(want, std::move(row));
            }
        }
    }

    // Removals first and additions last, so that a row may take over a key given up in the batch.
    void write(std::span<const TableChanges> changes) override {
        for (auto table = changes.rbegin(); table != changes.rend(); ++table) {
            for (const auto& [tenant, id] : table->removed) remove(*table->table, tenant, id);
        }
        for (const auto& table : changes) change(table);
        for (const auto& table : changes) {
            for (const auto& written : table.added) insert(*table.table, written);
        }
    }

    void check() override {
        if (connection_.owes_foreign_keys()) {
            throw Conflict("", false, "FOREIGN KEY constraint failed");
        }
    }

    void commit(Uuid batch) override {
        auto& marker = connection_.prepared("update last_batch set id = ?");
        marker.bind(1, batch);
        marker.step();
        marker.reset();
        try {
            connection_.run("commit");
        } catch (const Unavailable& failure) {
            // The commit may stand in the log although it could not be synced.
            if (connection_.last_error_was_io()) throw CommitUnknown(failure.what());
            throw;
        }
    }

    void rollback() noexcept override {
        try {
            connection_.run("rollback");
        } catch (const std::exception&) {
            // SQLite has rolled back by itself, as it does after I/O errors.
        }
    }

    bool committed(Uuid batch) override {
        auto& asked = connection_.prepared("select id from last_batch");
        bool found = asked.step() && asked.column(0) == Value(batch);
        asked.reset();
        return found;
    }

    std::int64_t lease_numbers(Tenant tenant, std::string_view sequence, std::int64_t first,
                               std::int64_t count) override {
        if (count == 0) return next_number(tenant, sequence, first);
        auto& lease = connection_.prepared(
            "insert into number_blocks (tenant, sequence, next) values (?1, ?2, ?3 + ?4) "
            "on conflict (tenant, sequence) do update set next = next + ?4 returning next");
        lease.bind(1, tenant);
        lease.bind(2, std::string(sequence));
        lease.bind(3, first);
        lease.bind(4, count);
        lease.step();
        auto next = std::get<std::int64_t>(lease.column(0));
        while (lease.step()) {
        }
        lease.reset();
        return next - count;
    }

    std::uint64_t statements() const override { return connection_.statements(); }

  private:
    std::int64_t next_number(Tenant tenant, std::string_view sequence, std::int64_t first) {
        auto& asked = connection_.prepared(
            "select next from number_blocks where tenant = ?1 and sequence = ?2");
        Reset reset{asked};
        asked.bind(1, tenant);
        asked.bind(2, std::string(sequence));
        return asked.step() ? std::get<std::int64_t>(asked.column(0)) : first;
    }

    const Statements& of(const TableInfo& table) {
        auto found = tables_.find(table.name);
        if (found == tables_.end()) found = tables_.emplace(table.name, statements_of(table)).first;
        return found->second;
    }

    struct Reset {
        Statement& statement;
        ~Reset() { statement.reset(); }
    };

    // SQLite checks unique keys row by row: rows that wait for a key of another changed row are
    // tried again after it, and those that swap keys are taken out and put back.
    void change(const TableChanges& table) {
        std::vector<const Written*> waiting;
        for (const auto& written : table.changed) waiting.push_back(&written);
        while (!waiting.empty()) {
            std::vector<const Written*> blocked;
            for (auto* written : waiting) {
                if (!update(*table.table, *written)) blocked.push_back(written);
            }
            if (blocked.size() == waiting.size()) break;
            waiting = std::move(blocked);
        }
        for (auto* written : waiting) remove(*table.table, written->tenant, written->row[0]);
        for (auto* written : waiting) insert(*table.table, *written);
    }

    // False when another row has one of its unique keys.
    bool update(const TableInfo& table, const Written& written) {
        auto& statement = connection_.prepared(of(table).update);
        auto next = static_cast<int>(written.row.size()) + 1;
        statement.bind(next, written.tenant);
        statement.bind(next + 1, written.row[0]);
        try {
            run(statement, written.row, 1);
        } catch (const Conflict& conflict) {
            if (conflict.unique) return false;
            throw;
        }
        if (connection_.changed_rows() != 1) throw Transient("a row vanished");
        return true;
    }

    void insert(const TableInfo& table, const Written& written) {
        auto& statement = connection_.prepared(of(table).insert);
        statement.bind(1, written.tenant);
        run(statement, written.row, 2);
    }

    void remove(const TableInfo& table, Tenant tenant, const Value& id) {
        auto& statement = connection_.prepared(of(table).remove);
        statement.bind(1, tenant);
        statement.bind(2, id);
        statement.step();
        statement.reset();
    }

    static void run(Statement& statement, const Row& row, int first) {
        for (const auto& value : row) statement.bind(first++, value);
        statement.step();
        statement.reset();
    }

    Connection connection_;
    std::map<std::string_view, Statements> tables_;
};

}  // namespace

std::unique_ptr<Store> open_store(const std::string& file) {
    return std::make_unique<SqliteStore>(file);
}

}  // namespace stateset::store::sqlite
