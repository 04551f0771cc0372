// The limit beside the server's figures: the same work in raw SQLite statements, on a copy of the
// server's own database (same schema, indexes and rows), durable, one thread, no HTTP, no JSON, no
// rules.
//
//     stateset_bench FILE place PER_TRANSACTION SECONDS     rows of an order with two lines and its
//     event stateset_bench FILE read SECONDS                      an order and its lines by id
//     stateset_bench FILE list SECONDS                      the newest 20 orders
//
// Prints operations per second and the 50th and 99th percentile in microseconds.

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

sqlite3* database = nullptr;

void check(int code) {
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) {
        throw std::runtime_error(sqlite3_errmsg(database));
    }
}

void run(const char* sql) { check(sqlite3_exec(database, sql, nullptr, nullptr, nullptr)); }

sqlite3_stmt* prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v3(database, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement,
                             nullptr));
    return statement;
}

std::string fresh_id() {
    static std::mt19937_64 random{std::random_device{}()};
    // UUIDv7 order: time first, as the server's ids are.
    auto time = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                               std::chrono::system_clock::now().time_since_epoch())
                                               .count());
    std::string id(16, '\0');
    for (int i = 0; i < 8; ++i)
        id[static_cast<std::size_t>(i)] = static_cast<char>(time >> (56 - 8 * i));
    auto rest = random();
    std::memcpy(id.data() + 8, &rest, 8);
    return id;
}

// A row to be inserted again and again with some columns changed.
class Template {
  public:
    Template(const std::string& table, const std::string& where) {
        auto* select = prepare("select * from " + table + " where " + where + " limit 1");
        if (sqlite3_step(select) != SQLITE_ROW) throw std::runtime_error("no row in " + table);
        std::string marks;
        for (int i = 0; i < sqlite3_column_count(select); ++i) {
            names_.push_back(sqlite3_column_name(select, i));
            values_.push_back(sqlite3_value_dup(sqlite3_column_value(select, i)));
            marks += i == 0 ? "?" : ", ?";
        }
        sqlite3_finalize(select);
        insert_ = prepare("insert into " + table + " values (" + marks + ")");
    }

    struct Change {
        const char* column;
        std::string bytes;
        bool text = false;
    };
    void insert(const std::vector<Change>& changes, const char* null_column = nullptr) {
        for (std::size_t i = 0; i < values_.size(); ++i) {
            sqlite3_bind_value(insert_, static_cast<int>(i) + 1, values_[i]);
            if (null_column && names_[i] == null_column) {
                sqlite3_bind_null(insert_, static_cast<int>(i) + 1);
            }
            for (const auto& change : changes) {
                if (names_[i] != change.column) continue;
                auto size = static_cast<int>(change.bytes.size());
                auto* data = change.bytes.data();
                auto at = static_cast<int>(i) + 1;
                check(change.text ? sqlite3_bind_text(insert_, at, data, size, SQLITE_TRANSIENT)
                                  : sqlite3_bind_blob(insert_, at, data, size, SQLITE_TRANSIENT));
            }
        }
        check(sqlite3_step(insert_));
        sqlite3_reset(insert_);
    }

  private:
    std::vector<std::string> names_;
    std::vector<sqlite3_value*> values_;
    sqlite3_stmt* insert_ = nullptr;
};

void report(std::vector<double>& micros, double operations, double seconds) {
    std::sort(micros.begin(), micros.end());
    std::printf("%.0f %.0f %.0f\n", operations / seconds, micros[micros.size() / 2],
                micros[micros.size() * 99 / 100]);
}

template <class F>
void measure(double seconds, int per_step, F&& step) {
    std::vector<double> micros;
    auto begun = Clock::now();
    auto last = begun;
    while (last - begun < std::chrono::duration<double>(seconds)) {
        step();
        auto now = Clock::now();
        micros.push_back(std::chrono::duration<double, std::micro>(now - last).count());
        last = now;
    }
    report(micros, static_cast<double>(micros.size()) * per_step,
           std::chrono::duration<double>(last - begun).count());
}

void place(int per_transaction, double seconds) {
    Template order("orders", "order_number is not null"), line("order_items", "1"),
        event("events", "type = 'order.created'");
    const auto run_name = "RAW-" + std::to_string(getpid()) + "-";
    std::int64_t number = 0;
    measure(seconds, per_transaction, [&] {
        run("begin immediate");
        for (int i = 0; i < per_transaction; ++i) {
            auto id = fresh_id();
            order.insert({{"id", id}, {"order_number", run_name + std::to_string(++number), true}});
            line.insert({{"id", fresh_id()}, {"order_id", id}});
            line.insert({{"id", fresh_id()}, {"order_id", id}});
            event.insert({{"id", fresh_id()}, {"order_id", id}}, "position");
        }
        run("commit");
    });
}

void read(double seconds) {
    std::vector<std::string> ids;
    auto* all = prepare("select id from orders limit 20000");
    while (sqlite3_step(all) == SQLITE_ROW) {
        ids.emplace_back(static_cast<const char*>(sqlite3_column_blob(all, 0)), 16);
    }
    sqlite3_finalize(all);
    auto* order = prepare("select * from orders where tenant = 1 and id = ?");
    auto* lines = prepare("select * from order_items where tenant = 1 and order_id = ?");
    std::size_t at = 0;
    measure(seconds, 1, [&] {
        const auto& id = ids[at++ % ids.size()];
        for (auto* statement : {order, lines}) {
            sqlite3_bind_blob(statement, 1, id.data(), 16, SQLITE_STATIC);
            while (sqlite3_step(statement) == SQLITE_ROW) {
                for (int i = 0; i < sqlite3_column_count(statement); ++i) {
                    sqlite3_column_bytes(statement, i);
                }
            }
            sqlite3_reset(statement);
        }
    });
}

void list(double seconds) {
    auto* statement = prepare("select * from orders where tenant = 1 order by id desc limit 21");
    measure(seconds, 1, [&] {
        while (sqlite3_step(statement) == SQLITE_ROW) {
            for (int i = 0; i < sqlite3_column_count(statement); ++i) {
                sqlite3_column_bytes(statement, i);
            }
        }
        sqlite3_reset(statement);
    });
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    try {
        check(sqlite3_open(argv[1], &database));
        run("pragma journal_mode = wal");
        run("pragma synchronous = full");
        run("pragma wal_autocheckpoint = 0");
        run("pragma cache_size = -16384");
        std::string what = argv[2];
        if (what == "place" && argc == 5) {
            place(std::atoi(argv[3]), std::atof(argv[4]));
        } else if (what == "read") {
            read(std::atof(argv[3]));
        } else if (what == "list") {
            list(std::atof(argv[3]));
        } else {
            return 2;
        }
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 1;
    }
}
