#include "support/database.hpp"

#include <postgresql/libpq-fe.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/json.hpp"
#include "support/server.hpp"

namespace stateset::support {
namespace {

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

// Before anything asks for them: the addresses of the cluster that ctest started, as variables.
[[maybe_unused]] const bool cluster_known = [] {
    const char* file = std::getenv("STATESET_TEST_CLUSTER");
    if (!file) return false;
    auto addresses = Json::parse(content_of(file));
    if (!addresses["postgres"].exists()) {
        std::fprintf(stderr, "STATESET_TEST_CLUSTER: no address in %s\n", file);
        std::_Exit(1);
    }
    for (auto [name, which] : {std::pair("STATESET_TEST_DATABASE", "postgres"),
                               std::pair("STATESET_TEST_POSTGRES", "postgres"),
                               std::pair("STATESET_TEST_POSTGRES_REPLICA", "replica")}) {
        if (addresses[which].exists()) setenv(name, addresses[which].text().c_str(), 1);
    }
    return true;
}();

std::string server_url() {
    const char* url = std::getenv("STATESET_TEST_DATABASE");
    return url ? url : "";
}

// The same server's database of that name.
std::string url_of(const std::string& name) {
    auto url = server_url();
    auto path = url.find('/', url.find("://") + 3);
    auto query = url.find('?');
    return url.substr(0, std::min(path, query)) + "/" + name +
           (query == url.npos ? "" : url.substr(query));
}

// A connection for as long as it takes.
class Session {
  public:
    explicit Session(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
        if (PQstatus(connection_) != CONNECTION_OK) fail(url);
        PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
    }
    ~Session() { PQfinish(connection_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Database::Rows ask(const std::string& sql) {
        std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection_, sql.c_str()),
                                                              PQclear);
        auto status = PQresultStatus(result.get());
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail(sql);
        Database::Rows rows(static_cast<std::size_t>(PQntuples(result.get())));
        for (int row = 0; row < PQntuples(result.get()); ++row) {
            for (int column = 0; column < PQnfields(result.get()); ++column) {
                rows[static_cast<std::size_t>(row)].emplace_back(
                    PQgetvalue(result.get(), row, column));
            }
        }
        return rows;
    }

  private:
    [[noreturn]] void fail(const std::string& what) {
        throw std::runtime_error(what + ": " + PQerrorMessage(connection_));
    }
    PGconn* connection_;
};

// Named by what it was migrated with, so that a server which outlives a change of the migrations
// serves no stale one.
std::string template_name() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(STATESET_SOURCE "/migrations/postgres")) {
        files.push_back(entry.path());
    }
    std::ranges::sort(files);
    std::string text;
    for (const auto& file : files) text += file.filename().string() + content_of(file);
    char name[40];
    std::snprintf(name, sizeof name, "stateset_template_%016zx", std::hash<std::string>{}(text));
    return name;
}

void make_template(const std::string& name) {
    constexpr const char* lock = "select pg_advisory_lock(82376123)";  // goes with the session
    Session session(server_url());
    auto known = "select 1 from pg_database where datname = '" + name + "'";
    if (!session.ask(known).empty()) return;
    session.ask(lock);
    if (!session.ask(known).empty()) return;
    auto part = name + "_part";
    session.ask("drop database if exists " + part + " with (force)");
    session.ask("create database " + part);
    auto migrated = run_stateset({"migrate", "--database", url_of(part)});
    if (migrated.status != 0) throw std::runtime_error("stateset migrate: " + migrated.output);
    session.ask("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '" +
                part + "'");
    session.ask("alter database " + part + " rename to " + name);
}

class OnPostgres : public Database {
  public:
    explicit OnPostgres(bool empty) {
        static int count = 0;
        name_ = "stateset_test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
        static const std::string template_made = [] {
            auto name = template_name();
            make_template(name);
            return name;
        }();
        Session session(server_url());
        session.ask("drop database if exists " + name_ + " with (force)");
        session.ask("create database " + name_ + (empty ? "" : " template " + template_made));
    }
    ~OnPostgres() override {
        try {
            Session(server_url()).ask("drop database " + name_ + " with (force)");
        } catch (const std::exception& failure) {
            std::fprintf(stderr, "%s\n", failure.what());
        }
    }
    std::vector<std::string> arguments() const override { return {"--database", url_of(name_)}; }
    Rows ask(const std::string& sql) const override { return Session(url_of(name_)).ask(sql); }
    std::string literal(const std::string& id) const override { return "'" + id + "'"; }

  private:
    std::string name_;
};

// Bytes are an id.
std::string text_of(sqlite3_stmt* statement, int column) {
    if (sqlite3_column_type(statement, column) != SQLITE_BLOB) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
        return text ? text : "";
    }
    const auto* bytes = static_cast<const unsigned char*>(sqlite3_column_blob(statement, column));
    std::string id;
    for (int i = 0; i < sqlite3_column_bytes(statement, column); ++i) {
        char digits[4];
        std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
        if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
        id += digits;
    }
    return id;
}

class OnSqlite : public Database {
  public:
    explicit OnSqlite(const std::filesystem::path& folder) : folder_(folder) {}

    std::vector<std::string> arguments() const override { return {"--data", folder_.string()}; }

    Rows ask(const std::string& sql) const override {
        sqlite3* opened = nullptr;
        sqlite3_open((folder_ / "stateset.db").c_str(), &opened);
        std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, sqlite3_close);
        constexpr int patience_ms = 5000;
        sqlite3_busy_timeout(opened, patience_ms);
        Rows rows;
        for (const char* rest = sql.c_str(); *rest != '\0';) {
            sqlite3_stmt* prepared = nullptr;
            int status = sqlite3_prepare_v2(opened, rest, -1, &prepared, &rest);
            while (prepared && (status = sqlite3_step(prepared)) == SQLITE_ROW) {
                auto& row = rows.emplace_back();
                for (int i = 0; i < sqlite3_column_count(prepared); ++i) {
                    row.push_back(text_of(prepared, i));
                }
            }
            sqlite3_finalize(prepared);
            if (status != SQLITE_OK && status != SQLITE_DONE) {
                throw std::runtime_error(sql + ": " + sqlite3_errmsg(opened));
            }
        }
        return rows;
    }

    // Its 16 bytes in hexadecimal digits.
    std::string literal(const std::string& id) const override {
        std::string digits = id;
        std::erase(digits, '-');
        return "x'" + digits + "'";
    }

  private:
    std::filesystem::path folder_;
};

}  // namespace

bool on_postgres() { return !server_url().empty(); }

std::unique_ptr<Database> Database::make(const std::filesystem::path& folder, bool empty) {
    if (on_postgres()) return std::make_unique<OnPostgres>(empty);
    return std::make_unique<OnSqlite>(folder);
}

}  // namespace stateset::support
