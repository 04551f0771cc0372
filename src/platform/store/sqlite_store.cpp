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

    void begin() override { connection_.run("begin immediate"); }

    void load(std::span<const Want> wants,
              const std::function<void(const Want&, Row)>& found) override {
        for (const auto& want : wants) {
            auto& sql = of(*want.table);
            auto& statement = connection_.prepared(
                want.by == Want::By::id       ? sql.by_id
                : want.by == Want::By::unique ? sql.by_unique[static_cast<std::size_t>(want.index)]
                                              : sql.by_parent);
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
            statement.reset();
        }
    }

    void write(std::span<const TableChanges> changes) override {
        for (const auto& table : changes) {
            auto& sql = of(*table.table);
            for (const auto& [tenant, row] : table.added) {
                auto& statement = connection_.prepared(sql.insert);
                statement.bind(1, tenant);
                run(statement, row, 2);
            }
            for (const auto& [tenant, row] : table.changed) {
                auto& statement = connection_.prepared(sql.update);
                auto next = static_cast<int>(row.size()) + 1;
                statement.bind(next, tenant);
                statement.bind(next + 1, row[0]);
                run(statement, row, 1);
            }
        }
        for (auto table = changes.rbegin(); table != changes.rend(); ++table) {
            for (const auto& [tenant, id] : table->removed) {
                auto& statement = connection_.prepared(of(*table->table).remove);
                statement.bind(1, tenant);
                statement.bind(2, id);
                statement.step();
                statement.reset();
            }
        }
    }

    void commit(Uuid batch) override {
        auto& marker = connection_.prepared("update last_batch set id = ?");
        marker.bind(1, batch);
        marker.step();
        marker.reset();
        connection_.run("commit");
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
    const Statements& of(const TableInfo& table) {
        auto found = tables_.find(table.name);
        if (found == tables_.end()) found = tables_.emplace(table.name, statements_of(table)).first;
        return found->second;
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
