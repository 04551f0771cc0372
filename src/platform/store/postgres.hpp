#pragma once
// PostgreSQL, as thin as it can be: a connection in pipeline mode whose statements are prepared
// once and answered in binary. Errors become the exceptions of `Store`. A connection belongs to one
// thread at a time, connects when it is first used, and again after it was lost.
//
// Nothing waits for ever: the server bounds each statement (statement_timeout), and a server that
// does not answer a little after that bound is given up and its connection closed.

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "platform/store/migrations.hpp"
#include "platform/store/postgres_types.hpp"
#include "platform/store/reads.hpp"
#include "platform/store/store.hpp"

struct pg_conn;
struct pg_result;

namespace stateset::store::postgres {

// The connection broke, or the server ended it; everything not committed is undone by the server.
struct Lost : Unavailable {
    using Unavailable::Unavailable;
};

// The server refused, and a new connection will do better; this one was closed, its transaction is
// undone.
struct Outdated : Transient {
    using Transient::Transient;
};
// The server gave a statement up after its statement_timeout.
struct TimedOut : Transient {
    using Transient::Transient;
};
// What no other exception says: a mistake of a statement, a value no column can hold.
struct Failed : std::runtime_error {
    Failed(std::string sqlstate, const std::string& text)
        : std::runtime_error(text), sqlstate(std::move(sqlstate)) {}
    std::string sqlstate;
};

enum class Role { writer, migrator, reader, replica };

struct Settings {
    std::string url;  // postgres://…, also with several hosts
    Role role = Role::reader;
    std::chrono::milliseconds statement_timeout{3000};
    std::chrono::milliseconds lock_timeout{200};
};

// What one statement answered. Valid until its handler returns.
class Reply {
  public:
    explicit Reply(const pg_result* result) : result_(result) {}
    int rows() const;
    int columns() const;
    Value value(int row, int column) const;
    std::string_view name(int column) const;
    std::string_view command() const;  // "COMMIT"

  private:
    const pg_result* result_;
};
using Handler = std::function<void(const Reply&)>;

class Connection {
  public:
    enum class Start { when_used, now };
    explicit Connection(Settings, Start = Start::when_used);
    ~Connection();
    Connection(const Connection&) = delete;

    // Connects when there is no connection; true: it did. When the last try failed a moment ago,
    // throws Unavailable at once, or waits for its turn.
    enum class Hurry { yes, no };
    bool open(Hurry = Hurry::yes);
    bool is_open() const { return bool(connection_); }
    void drop() noexcept;
    // Queues a statement; `types` are those of its parameters, and `done` is called in `finish`
    // when it succeeded. Statements up to the next `sync` share their fate: after one failed, the
    // rest is skipped.
    void send(const std::string& sql, std::span<const Oid> types, std::vector<Argument>,
              Handler done = {});
    void sync();
    // Sends what is queued and waits for all answers; throws what the first failed statement
    // means.
    void finish();
    // Of the next `finish`: its first answer costs nothing, and whoever does not give it by then is
    // given up.
    void answer_within(std::chrono::milliseconds bound) { first_bound_ = bound; }
    // Like finish without the wait: the answers are taken later, and errors among them ignored.
    void leave() noexcept;

    struct Shape {  // of a statement, as the server understands it
        std::vector<Oid> parameters, columns;
    };
    // Asks the server, once per connection.
    const Shape& shape(const std::string& sql);

    // One or more statements without parameters, waited for.
    void run(const std::string& sql);
    // A single statement, waited for: its rows.
    std::vector<Row> ask(const std::string& sql, std::span<const Oid> types = {},
                         std::vector<Argument> = {});

    std::uint64_t statements() const { return statements_; }
    std::int32_t backend() const;  // its process id at the server
    // The server added a warning to the answers of the last `finish`.
    bool warned() const { return warned_; }

  private:
    struct Prepared {
        std::string name;
        enum class State { unknown, asked, ready } state = State::unknown;
        Shape shape;
        bool described = false;
    };
    struct Expected {
        enum class Step { prepare, describe, statement, sync } step;
        Prepared* prepared = nullptr;
        const std::string* sql = nullptr;
        Handler done = {};
        bool ignored = false;
    };
    struct Close {
        void operator()(pg_conn*) const;
    };
    struct Clear {
        void operator()(pg_result*) const;
    };
    using Result = std::unique_ptr<pg_result, Clear>;

    void connect();
    Prepared& prepare(const std::string& sql, std::span<const Oid> types);
    void expect(int sent, Expected);
    Result next();
    void take(Expected, std::exception_ptr& first);
    void answer(const Expected&, const pg_result*);
    [[noreturn]] void lost(const std::string& why);
    [[noreturn]] void fail(const pg_result*, std::string_view sql);

    Settings settings_;
    std::unique_ptr<pg_conn, Close> connection_;
    std::unordered_map<std::string, Prepared> prepared_;
    std::deque<Expected> expected_;
    std::uint64_t statements_ = 0;
    std::chrono::milliseconds first_bound_{0};  // 0: the usual
    int failures_ = 0;                          // to connect, in a row
    std::chrono::steady_clock::time_point next_try_{};
    std::string last_failure_;
    bool warned_ = false;
};

// The address without passwords and parameters: "host1:5432,host2:5432/shop".
std::string shown(const std::string& url);

// See migrations.hpp. Instances that start together wait for each other.
MigrationReport migrate(const std::string& url, Migrate);
MigrationReport migrate(const std::string& url, Migrate, std::span<const embedded::Migration>);

struct StoreOptions {
    std::string url;
    std::chrono::milliseconds lock_timeout{200};  // how long a batch waits for a locked row
    std::chrono::milliseconds statement_timeout{3000};
};
std::unique_ptr<Store> open_store(StoreOptions);

struct ReaderOptions {
    std::string primary;
    std::string replica = {};               // asked instead while it is as fresh as the primary
    std::chrono::milliseconds patience{5};  // so long a replica may take to catch up
    std::chrono::milliseconds statement_timeout{5000};
};
std::unique_ptr<Reader> open_reader(ReaderOptions);

}  // namespace stateset::store::postgres
