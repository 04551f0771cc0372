#pragma once
// SQLite, as thin as it can be: a connection that is set up for durability and says so, and cached
// prepared statements. Errors become the exceptions of `Store`. A connection belongs to one thread
// at a time.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "platform/store/migrations.hpp"
#include "platform/store/store.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace stateset::embedded {
struct Migration;
}

namespace stateset::store::sqlite {

class Statement {
  public:
    Statement(sqlite3*, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;

    // Parameters count from 1; named ones are looked up once by the caller with `parameter`.
    void bind(int parameter, const Value&);
    int parameter(const char* name) const;  // 0: there is none
    int parameters() const;
    std::string_view parameter_name(int) const;  // ":status"
    bool step();                                 // true: a row stands ready
    void reset() noexcept;
    int columns() const;
    std::string_view column_name(int) const;
    Value column(int) const;  // what it is by its storage class; a 16-byte blob is an id

  private:
    sqlite3* database_;  // the connection's
    sqlite3_stmt* statement_ = nullptr;
};

enum class Access { write, read };

class Connection {
  public:
    // Opens and sets WAL, synchronous=FULL, foreign keys and a busy time-out, and reads each back.
    // Throws Unavailable naming the file and the reason.
    Connection(const std::string& file, Access);
    ~Connection();

    void run(std::string_view sql);               // one or more statements without parameters
    Statement& prepared(const std::string& sql);  // reset, ready to bind
    std::uint64_t statements() const { return statements_; }
    std::int64_t changed_rows() const;  // by the statement that ran last
    // The last error was one of input or output: whether a commit arrived is not known.
    bool last_error_was_io() const;
    // The transaction wrote a reference to a row that is not there, so that its commit would fail.
    bool owes_foreign_keys() const;
    sqlite3* raw() const { return database_.get(); }

  private:
    void setting(const std::string& name, const std::string& wanted);

    struct Close {
        void operator()(sqlite3*) const;
    };
    std::unique_ptr<sqlite3, Close> database_;
    std::unordered_map<std::string, std::unique_ptr<Statement>> cache_;
    std::uint64_t statements_ = 0;
};

MigrationReport migrate(Connection&, Migrate);
MigrationReport migrate(Connection&, Migrate, std::span<const embedded::Migration>);

std::unique_ptr<Store> open_store(const std::string& file);

}  // namespace stateset::store::sqlite
