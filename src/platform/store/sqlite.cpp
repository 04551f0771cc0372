#include "platform/store/sqlite.hpp"

#include <sqlite3.h>

#include <cstring>
#include <limits>

namespace stateset::store::sqlite {
namespace {

constexpr int busy_timeout_ms = 5000;
// Pages of cache, in KiB: the writer's hot rows and index tops; a reader needs less.
constexpr int writer_cache_kib = 16 * 1024, reader_cache_kib = 2 * 1024;

[[noreturn]] void fail(sqlite3* database, int code, std::string_view sql) {
    auto text = std::string(sqlite3_errmsg(database)) + " in: " + std::string(sql.substr(0, 200));
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:  // a race for the WAL's locks
            throw Transient(text);
        case SQLITE_CONSTRAINT: {
            auto extended = sqlite3_extended_errcode(database);
            bool unique = extended == SQLITE_CONSTRAINT_UNIQUE ||
                          extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
                          extended == SQLITE_CONSTRAINT_ROWID;
            throw Conflict("", unique, text);
        }
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_NOMEM: throw Unavailable(text);
        default: throw std::runtime_error(text);
    }
}

}  // namespace

Statement::Statement(sqlite3* database, std::string_view sql) : database_(database) {
    auto code = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                                   SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (code != SQLITE_OK) fail(database, code, sql);
}

Statement::~Statement() { sqlite3_finalize(statement_); }

int Statement::parameter(const char* name) const {
    return sqlite3_bind_parameter_index(statement_, name);
}

int Statement::parameters() const { return sqlite3_bind_parameter_count(statement_); }

std::string_view Statement::parameter_name(int parameter) const {
    auto* name = sqlite3_bind_parameter_name(statement_, parameter);
    return name ? name : "";
}

void Statement::bind(int parameter, const Value& value) {
    int code = SQLITE_OK;
    if (auto* number = std::get_if<std::int64_t>(&value)) {
        code = sqlite3_bind_int64(statement_, parameter, *number);
    } else if (auto* text = std::get_if<std::string>(&value)) {
        code = sqlite3_bind_text64(statement_, parameter, text->data(), text->size(),
                                   SQLITE_TRANSIENT, SQLITE_UTF8);
    } else if (auto* id = std::get_if<Uuid>(&value)) {
        unsigned char bytes[16];
        for (int i = 0; i < 8; ++i) {
            bytes[i] = static_cast<unsigned char>(id->high >> (56 - 8 * i));
            bytes[8 + i] = static_cast<unsigned char>(id->low >> (56 - 8 * i));
        }
        code = sqlite3_bind_blob(statement_, parameter, bytes, sizeof bytes, SQLITE_TRANSIENT);
    } else {
        code = sqlite3_bind_null(statement_, parameter);
    }
    if (code != SQLITE_OK) fail(database_, code, "bind");
}

bool Statement::step() {
    auto code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    std::string sql = sqlite3_sql(statement_);
    reset();
    fail(database_, code, sql);
}

void Statement::reset() noexcept {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

int Statement::columns() const { return sqlite3_column_count(statement_); }

std::string_view Statement::column_name(int column) const {
    return sqlite3_column_name(statement_, column);
}

Value Statement::column(int column) const {
    switch (sqlite3_column_type(statement_, column)) {
        case SQLITE_INTEGER: return sqlite3_column_int64(statement_, column);
        case SQLITE_TEXT:
            return std::string(
                reinterpret_cast<const char*>(sqlite3_column_text(statement_, column)),
                static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
        case SQLITE_BLOB: {
            auto* bytes =
                static_cast<const unsigned char*>(sqlite3_column_blob(statement_, column));
            if (sqlite3_column_bytes(statement_, column) != 16) {
                throw std::runtime_error("a blob that is no id");
            }
            Uuid id;
            for (int i = 0; i < 8; ++i) {
                id.high = id.high << 8 | bytes[i];
                id.low = id.low << 8 | bytes[8 + i];
            }
            return id;
        }
        case SQLITE_NULL: return {};
        default: throw std::runtime_error("a floating-point number in a column");
    }
}

Connection::Connection(const std::string& file, Access access) {
    int flags =
        SQLITE_OPEN_NOMUTEX | (access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                                       : SQLITE_OPEN_READONLY);
    sqlite3* opened = nullptr;
    auto code = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
    database_.reset(opened);
    if (code != SQLITE_OK) {
        throw Unavailable("cannot open " + file + ": " + sqlite3_errmsg(raw()));
    }
    sqlite3_extended_result_codes(raw(), 1);
    sqlite3_busy_timeout(raw(), busy_timeout_ms);
    if (access == Access::write) {
        setting("journal_mode", "wal");
        // Checkpoints are made off the write path (see `Checkpointer`).
        setting("wal_autocheckpoint", "0");
        setting("cache_size", std::to_string(-writer_cache_kib));
    } else {
        setting("query_only", "1");
        setting("cache_size", std::to_string(-reader_cache_kib));
    }
    setting("synchronous", "2");
    setting("foreign_keys", "1");
    // One process commits one batch after the other: all that can be seen of the log is final.
    sqlite3_create_function_v2(
        raw(), "log_horizon", 0, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
        [](sqlite3_context* context, int, sqlite3_value**) {
            sqlite3_result_int64(context, std::numeric_limits<std::int64_t>::max());
        },
        nullptr, nullptr, nullptr);
}

Connection::~Connection() = default;

void Connection::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

std::int64_t Connection::changed_rows() const { return sqlite3_changes64(raw()); }

bool Connection::last_error_was_io() const {
    return (sqlite3_extended_errcode(raw()) & 0xff) == SQLITE_IOERR;
}

bool Connection::owes_foreign_keys() const {
    int owed = 0, unused = 0;
    sqlite3_db_status(raw(), SQLITE_DBSTATUS_DEFERRED_FKS, &owed, &unused, 0);
    return owed != 0;
}

// A setting that did not take is a promise broken: refuse to go on.
void Connection::setting(const std::string& name, const std::string& wanted) {
    run("pragma " + name + " = " + wanted);
    Statement asked(raw(), "pragma " + name);
    asked.step();
    auto value = asked.column(0);
    auto* text = std::get_if<std::string>(&value);
    auto is = text ? *text : std::to_string(std::get<std::int64_t>(value));
    if (is != wanted) throw Unavailable("SQLite keeps " + name + " at " + is + ", not " + wanted);
}

void Connection::run(std::string_view sql) {
    ++statements_;
    std::string text(sql);
    auto code = sqlite3_exec(raw(), text.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(raw(), code, sql);
}

Statement& Connection::prepared(const std::string& sql) {
    ++statements_;
    auto& statement = cache_[sql];
    if (!statement) {
        try {
            statement = std::make_unique<Statement>(raw(), sql);
        } catch (...) {
            cache_.erase(sql);
            throw;
        }
    }
    statement->reset();
    return *statement;
}

}  // namespace stateset::store::sqlite
