#include "platform/store/postgres.hpp"

#include <poll.h>
#include <postgresql/libpq-fe.h>

#include <algorithm>
#include <cstring>
#include <thread>

namespace stateset::store::postgres {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How long after its own bound a statement's answer is waited for.
constexpr milliseconds grace{500};
constexpr milliseconds unbounded = std::chrono::hours(24);
constexpr milliseconds first_pause{25}, longest_pause{500};  // between tries to connect
// Nobody needs a replica, and trying to reach one that is gone may take seconds: little of the time
// is spent on it.
constexpr int replica_pause_share = 15;

// What a connection is given unless the URL says otherwise: a dead server or network is noticed in
// seconds.
constexpr std::pair<const char*, const char*> defaults[] = {
    {"connect_timeout", "2"},      {"application_name", "stateset"}, {"keepalives", "1"},
    {"keepalives_idle", "5"},      {"keepalives_interval", "2"},     {"keepalives_count", "3"},
    {"tcp_user_timeout", "10000"},
};

// Set with the start of the session, so that it costs no round trip and no reset undoes it.
std::string session_options(const Settings& settings) {
    auto set = [](std::string name, const std::string& value) {
        return " -c " + std::move(name) + "=" + value;
    };
    auto ms = [](milliseconds time) { return std::to_string(time.count()); };
    auto options = set("TimeZone", "UTC") + set("DateStyle", "ISO") +
                   set("idle_in_transaction_session_timeout", "10000") +
                   set("statement_timeout", ms(settings.statement_timeout)) +
                   set("lock_timeout", ms(settings.lock_timeout)) +
                   set("default_transaction_isolation", "read\\ committed");
    if (settings.role == Role::migrator) return options;
    if (settings.role != Role::writer) return options + set("default_transaction_read_only", "on");
    // Writers only ever look up keys, hundreds at once. A plan made once for unnest(…) joined by
    // an index is right for every number of keys and every size of table; a planner that sees an
    // empty or unanalysed table would take to scans and hashes, and keep them while it grows.
    return options + set("plan_cache_mode", "force_generic_plan") + set("enable_seqscan", "off") +
           set("enable_hashjoin", "off") + set("enable_mergejoin", "off") + set("jit", "off");
}

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// The URL's parameters, completed.
std::vector<std::pair<std::string, std::string>> parameters_of(const Settings& settings) {
    char* problem = nullptr;
    std::unique_ptr<PQconninfoOption, FreeOptions> given(
        PQconninfoParse(settings.url.c_str(), &problem));
    std::unique_ptr<char, decltype(&PQfreemem)> text(problem, PQfreemem);
    if (!given) throw std::runtime_error("the database's URL cannot be read");
    std::vector<std::pair<std::string, std::string>> result;
    auto has = [&](std::string_view name) {
        return std::ranges::any_of(result, [&](auto& one) { return one.first == name; });
    };
    std::string options;
    for (auto* one = given.get(); one->keyword; ++one) {
        if (!one->val) continue;
        if (std::strcmp(one->keyword, "options") == 0) {
            options = one->val;
        } else if (settings.role == Role::reader && std::string_view(one->val) == "read-write") {
            // Our readers' sessions are never that, so libpq would take no server at all.
            result.emplace_back(one->keyword, "primary");
        } else {
            result.emplace_back(one->keyword, one->val);
        }
    }
    for (const auto& [name, value] : defaults) {
        if (!has(name)) result.emplace_back(name, value);
    }
    if (!has("target_session_attrs") && settings.role != Role::replica) {
        result.emplace_back("target_session_attrs",
                            settings.role == Role::reader ? "primary" : "read-write");
    }
    result.emplace_back("client_encoding", "UTF8");
    result.emplace_back("options", options + session_options(settings));
    return result;
}

std::string trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    std::string result(text);
    std::ranges::replace(result, '\n', ' ');
    return result;
}

std::string_view field(const pg_result* result, int which) {
    auto* found = PQresultErrorField(result, which);
    return found ? found : "";
}

bool ends_connection(const pg_result* error) {
    auto state = field(error, PG_DIAG_SQLSTATE);
    auto severity = field(error, PG_DIAG_SEVERITY_NONLOCALIZED);
    return state.empty() || severity == "FATAL" || severity == "PANIC" || state.starts_with("08") ||
           state == "57P01" || state == "57P02" || state == "57P03";
}

bool outdates_connection(std::string_view state, Role role) {
    // It became a standby, or was told to take no writes: there may be another server.
    if (state == "25006") return role == Role::writer;
    // A migration changed what a prepared statement answers, or somebody else dropped it.
    return state == "0A000" || state == "26000";
}

}  // namespace

std::string shown(const std::string& url) {
    auto parameters = parameters_of({.url = url});
    auto value = [&](std::string_view name) {
        auto found =
            std::ranges::find(parameters, name, &std::pair<std::string, std::string>::first);
        return found == parameters.end() ? std::string() : found->second;
    };
    auto hosts = value("host"), ports = value("port"), result = std::string();
    for (std::string_view host_rest = hosts, port_rest = ports;;) {
        auto host_end = host_rest.find(','), port_end = port_rest.find(',');
        result += host_rest.substr(0, host_end);
        if (!port_rest.empty()) result.append(":").append(port_rest.substr(0, port_end));
        if (host_end == host_rest.npos) break;
        result += ",";
        host_rest.remove_prefix(host_end + 1);
        if (port_end != port_rest.npos) port_rest.remove_prefix(port_end + 1);
    }
    return result + "/" + value("dbname");
}

int Reply::rows() const { return PQntuples(result_); }

int Reply::columns() const { return PQnfields(result_); }

Value Reply::value(int row, int column) const {
    if (PQgetisnull(result_, row, column)) return {};
    return decoded({PQgetvalue(result_, row, column),
                    static_cast<std::size_t>(PQgetlength(result_, row, column))},
                   PQftype(result_, column));
}

std::string_view Reply::name(int column) const { return PQfname(result_, column); }

std::string_view Reply::command() const { return PQcmdStatus(const_cast<pg_result*>(result_)); }

void Connection::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

void Connection::Clear::operator()(pg_result* result) const { PQclear(result); }

Connection::Connection(Settings settings, Start start) : settings_(std::move(settings)) {
    parameters_of(settings_);  // a malformed URL is told at once
    if (start == Start::now) open();
}

Connection::~Connection() = default;

std::int32_t Connection::backend() const { return PQbackendPID(connection_.get()); }

bool Connection::open(Hurry hurry) {
    if (is_open()) return false;
    if (Clock::now() < next_try_) {
        if (hurry == Hurry::yes) throw Unavailable(last_failure_);
        std::this_thread::sleep_until(next_try_);
    }
    auto begun = Clock::now();
    try {
        connect();
        failures_ = 0;
        return true;
    } catch (const Unavailable& failure) {
        drop();
        last_failure_ = failure.what();
        auto now = Clock::now();
        next_try_ = now + std::min(first_pause * (1 << std::min(failures_++, 8)), longest_pause);
        if (settings_.role == Role::replica) next_try_ += replica_pause_share * (now - begun);
        throw;
    }
}

void Connection::connect() {
    auto parameters = parameters_of(settings_);
    std::vector<const char*> names, values;
    for (const auto& [name, value] : parameters) {
        names.push_back(name.c_str());
        values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    connection_.reset(PQconnectdbParams(names.data(), values.data(), 0));
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
        throw Unavailable("cannot connect to PostgreSQL: " +
                          trimmed(PQerrorMessage(connection_.get())));
    }
    PQsetNoticeReceiver(
        connection_.get(),
        [](void* self, const pg_result* notice) {
            if (field(notice, PG_DIAG_SEVERITY_NONLOCALIZED) == "WARNING") {
                static_cast<Connection*>(self)->warned_ = true;
            }
        },
        this);
    if (PQsetnonblocking(connection_.get(), 1) != 0 || !PQenterPipelineMode(connection_.get())) {
        throw Unavailable("PostgreSQL: " + trimmed(PQerrorMessage(connection_.get())));
    }
}

void Connection::drop() noexcept {
    connection_.reset();
    first_bound_ = {};
    expected_.clear();
    prepared_.clear();
}

void Connection::lost(const std::string& why) {
    auto text = "the connection to PostgreSQL was lost: " + why;
    drop();
    throw Lost(text);
}

Connection::Prepared& Connection::prepare(const std::string& sql, std::span<const Oid> types) {
    if (!is_open()) throw Lost("there is no connection to PostgreSQL");
    auto found = prepared_.find(sql);
    if (found == prepared_.end()) {
        auto name = "s" + std::to_string(prepared_.size());
        found = prepared_.emplace(sql, Prepared{.name = std::move(name)}).first;
    }
    auto& prepared = found->second;
    if (prepared.state == Prepared::State::unknown) {
        expect(PQsendPrepare(connection_.get(), prepared.name.c_str(), sql.c_str(),
                             static_cast<int>(types.size()), types.data()),
               {.step = Expected::Step::prepare, .prepared = &prepared, .sql = &found->first});
        prepared.state = Prepared::State::asked;
    }
    return prepared;
}

void Connection::expect(int sent, Expected expected) {
    if (!sent) lost(trimmed(PQerrorMessage(connection_.get())));
    expected_.push_back(std::move(expected));
}

void Connection::send(const std::string& sql, std::span<const Oid> types,
                      std::vector<Argument> arguments, Handler done) {
    auto& prepared = prepare(sql, types);
    std::vector<const char*> values;
    std::vector<int> lengths, formats(arguments.size(), 1);
    for (const auto& argument : arguments) {
        values.push_back(argument ? argument->data() : nullptr);
        lengths.push_back(argument ? static_cast<int>(argument->size()) : 0);
    }
    expect(PQsendQueryPrepared(connection_.get(), prepared.name.c_str(),
                               static_cast<int>(arguments.size()), values.data(), lengths.data(),
                               formats.data(), 1),
           {.step = Expected::Step::statement,
            .prepared = &prepared,
            .sql = &prepared_.find(sql)->first,
            .done = std::move(done)});
    ++statements_;
}

void Connection::sync() {
    if (!is_open()) throw Lost("there is no connection to PostgreSQL");
    if (expected_.empty() || expected_.back().step == Expected::Step::sync) return;
    expect(PQpipelineSync(connection_.get()), {.step = Expected::Step::sync});
}

void Connection::finish() {
    sync();
    std::exception_ptr first;
    try {
        while (!expected_.empty()) {
            auto expected = std::move(expected_.front());
            expected_.pop_front();
            take(std::move(expected), first);
        }
    } catch (const Lost&) {
        if (!first) throw;  // else what failed before says more
    }
    if (first) std::rethrow_exception(first);
    if (!is_open()) throw Lost("the connection to PostgreSQL was closed");
}

void Connection::leave() noexcept {
    try {
        sync();
        bool preparing = false;
        for (auto& expected : expected_) {
            expected.ignored = true;
            expected.done = {};
            preparing |= expected.step == Expected::Step::prepare;
        }
        // Whether a statement is prepared must be known before it is used again.
        if (preparing) return finish();
        PQflush(connection_.get());
    } catch (const std::exception&) {
        drop();  // the server rolls back
    }
}

// Takes the answer to one thing that was sent. What it means goes to `first` when it is the first
// failure; only the loss of the connection is thrown.
void Connection::take(Expected expected, std::exception_ptr& first) {
    auto result = next();
    if (!result) lost("an answer is missing");
    if (expected.step == Expected::Step::sync) {
        if (PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC) lost("an answer too many");
        if (expected.ignored) warned_ = false;
        return;
    }
    try {
        answer(expected, result.get());
    } catch (const Lost&) {
        throw;
    } catch (...) {
        if (!first && !expected.ignored) first = std::current_exception();
        if (!is_open()) return;
    }
    if (next()) lost("an answer too many");
}

void Connection::answer(const Expected& expected, const pg_result* result) {
    auto status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    using Step = Expected::Step;
    if (expected.step == Step::prepare) {
        expected.prepared->state = good ? Prepared::State::ready : Prepared::State::unknown;
    }
    if (status == PGRES_PIPELINE_ABORTED) return;  // skipped after a failure
    if (!good) fail(result, *expected.sql);
    if (expected.step == Step::describe) {
        auto& shape = expected.prepared->shape;
        for (int i = 0; i < PQnparams(result); ++i) {
            shape.parameters.push_back(PQparamtype(result, i));
        }
        for (int i = 0; i < PQnfields(result); ++i) shape.columns.push_back(PQftype(result, i));
        expected.prepared->described = true;
    }
    if (expected.step == Step::statement && expected.done) expected.done(Reply(result));
}

// Writes while there is something to write and reads meanwhile, so that two full buffers never wait
// for each other.
Connection::Result Connection::next() {
    auto patience = first_bound_.count() > 0                  ? first_bound_
                    : settings_.statement_timeout.count() > 0 ? settings_.statement_timeout + grace
                                                              : unbounded;
    auto deadline = Clock::now() + patience;
    while (true) {
        auto unsent = PQflush(connection_.get());
        if (unsent < 0) lost(trimmed(PQerrorMessage(connection_.get())));
        if (!PQisBusy(connection_.get())) {
            first_bound_ = {};
            return Result(PQgetResult(connection_.get()));
        }
        auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) lost("the server does not answer");
        pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
        if (unsent > 0) socket.events |= POLLOUT;
        if (poll(&socket, 1, static_cast<int>(left.count())) > 0 &&
            !PQconsumeInput(connection_.get())) {
            lost(trimmed(PQerrorMessage(connection_.get())));
        }
    }
}

void Connection::fail(const pg_result* error, std::string_view sql) {
    std::string state(field(error, PG_DIAG_SQLSTATE));
    auto text = trimmed(field(error, PG_DIAG_MESSAGE_PRIMARY));
    if (text.empty()) text = trimmed(PQresultErrorMessage(error));
    text += " (" + state + ") in: " + std::string(sql.substr(0, 200));
    if (ends_connection(error)) lost(text);
    if (outdates_connection(state, settings_.role)) {
        drop();
        throw Outdated(text);
    }
    if (state == "55P03") throw LockTimeout(text);
    if (state == "57014") throw TimedOut(text);
    if (state.starts_with("40")) throw Transient(text);
    if (state.starts_with("23")) {
        throw Conflict(std::string(field(error, PG_DIAG_TABLE_NAME)), state == "23505", text);
    }
    if (state.starts_with("53") || state.starts_with("58")) throw Unavailable(text);
    throw Failed(state, text);
}

const Connection::Shape& Connection::shape(const std::string& sql) {
    auto& prepared = prepare(sql, {});
    if (!prepared.described) {
        expect(PQsendDescribePrepared(connection_.get(), prepared.name.c_str()),
               {.step = Expected::Step::describe,
                .prepared = &prepared,
                .sql = &prepared_.find(sql)->first});
        finish();
    }
    return prepared.shape;
}

void Connection::run(const std::string& sql) {
    finish();
    auto* raw = connection_.get();
    if (!PQexitPipelineMode(raw) || !PQsendQuery(raw, sql.c_str())) {
        lost(trimmed(PQerrorMessage(raw)));
    }
    ++statements_;
    std::exception_ptr first;
    while (auto result = next()) {
        if (PQresultStatus(result.get()) != PGRES_FATAL_ERROR) continue;
        try {
            fail(result.get(), sql);
        } catch (...) {
            if (!is_open()) throw;
            if (!first) first = std::current_exception();
        }
    }
    PQenterPipelineMode(raw);
    if (first) std::rethrow_exception(first);
}

std::vector<Row> Connection::ask(const std::string& sql, std::span<const Oid> types,
                                 std::vector<Argument> arguments) {
    std::vector<Row> rows;
    send(sql, types, std::move(arguments), [&](const Reply& reply) {
        for (int i = 0; i < reply.rows(); ++i) {
            auto& row = rows.emplace_back();
            for (int c = 0; c < reply.columns(); ++c) row.push_back(reply.value(i, c));
        }
    });
    finish();
    return rows;
}

}  // namespace stateset::store::postgres
