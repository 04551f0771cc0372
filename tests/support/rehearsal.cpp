#include "support/rehearsal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <mutex>
#include <regex>

#include "app.hpp"
#include "platform/http/router.hpp"

namespace stateset::support {
namespace {

namespace js = boost::json;

const Api& api() {
    static const Api all = [] {
        Api made;
        routes(made);
        return made;
    }();
    return all;
}

const http::Endpoint* command_of(std::string_view method, std::string_view path) {
    static const http::Router router(api());
    std::vector<std::pair<std::string, std::string>> parameters;
    auto found = router.find(method, path.substr(0, path.find('?')), parameters).endpoint;
    return found && found->kind == http::Kind::command ? found : nullptr;
}

// Texts that are others each time.
bool volatile_member(std::string_view name) {
    constexpr std::string_view names[] = {"request_id", "secret", "token",          "key",
                                          "prefix",     "hint",   "tracking_number"};
    return std::ranges::find(names, name) != std::end(names);
}

std::string general(std::string_view text) {
    static const std::regex id("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    static const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)");
    return std::regex_replace(std::regex_replace(std::string(text), id, "<id>"), time, "<time>");
}

js::value general(const js::value& value);

js::value general_member(std::string_view name, const js::value& value) {
    return volatile_member(name) && value.is_string() ? js::value("<volatile>") : general(value);
}

js::value general(const js::value& value) {
    if (auto* text = value.if_string()) return js::value(general(std::string_view(*text)));
    if (auto* list = value.if_array()) {
        js::array all;
        for (const auto& each : *list) all.push_back(general(each));
        return all;
    }
    if (auto* object = value.if_object()) {
        js::object all;
        for (const auto& [name, each] : *object) all[name] = general_member(name, each);
        return all;
    }
    return value;
}

std::string general_body(const std::string& body) {
    boost::system::error_code error;
    auto value = js::parse(body, error);
    return error ? body : js::serialize(general(value));
}

// The server had no time, or the request is one that was sent before: nothing to compare.
bool beside_the_point(const Reply& reply) {
    return reply.status == 0 || reply.status == 429 || reply.status == 503 ||
           reply.has_header("Idempotent-Replayed") || reply.code() == "idempotency_key_reused" ||
           reply.code() == "request_in_progress";
}

struct {
    std::mutex mutex;
    std::set<std::string> names;
} all_succeeded;

class WholeProcess : public ::testing::Environment {
  public:
    void SetUp() override { rehearsal_ = std::make_unique<Rehearsal>(); }
    void TearDown() override {
        auto seen = Rehearsal::succeeded();
        // Other names of the same, and an export that ends before it can be cancelled.
        for (const char* other : {"root_auth_logout", "exports_cancel"}) seen.insert(other);
        for (const auto& command : all_commands()) {
            EXPECT_TRUE(seen.contains(command)) << command << " was never tried with success";
        }
        rehearsal_.reset();
    }

  private:
    std::unique_ptr<Rehearsal> rehearsal_;
};

[[maybe_unused]] const bool whole_process = [] {
    if (std::getenv("STATESET_TEST_REHEARSED")) {
        ::testing::AddGlobalTestEnvironment(new WholeProcess);  // owned by gtest
    }
    return true;
}();

}  // namespace

Rehearsal::Rehearsal(Watched watched)
    : watched_(std::move(watched)), before_(std::move(Client::instead)) {
    Client::instead = [this](Client& client, const Client::Message& message) {
        return both(client, message);
    };
}

Rehearsal::~Rehearsal() { Client::instead = std::move(before_); }

std::set<std::string> Rehearsal::succeeded() {
    std::scoped_lock lock(all_succeeded.mutex);
    return all_succeeded.names;
}

Reply Rehearsal::both(Client& client, const Client::Message& message) {
    const auto* command = command_of(message.method, full_path(message.path));
    bool plain = command && message.path.find("dry_run") == message.path.npos;
    if (!plain) return client.exchange(message);
    auto tried = watched_try(client, message);
    auto done = client.exchange(message);
    compare(command->operation, command->waits, message, tried, done);
    return done;
}

Reply Rehearsal::watched_try(Client& client, const Client::Message& message) {
    Client other(client);  // a connection of its own: that of the test may be about to break
    auto question = message.path.find('?') == message.path.npos ? "?" : "&";
    auto path = std::string(message.path) + question + "dry_run=true";
    auto before = watched_ ? watched_() : std::map<std::string, std::string>();
    auto reply = other.exchange({message.method, path, message.body, message.headers});
    if (!watched_) return reply;
    auto after = watched_();
    for (const auto& [name, content] : before) {
        EXPECT_EQ(content, after[name]) << message.method << " " << path << " changed " << name;
    }
    return reply;
}

void Rehearsal::compare(const std::string& operation, bool waits, const Client::Message& message,
                        const Reply& tried, const Reply& done) {
    if (beside_the_point(tried) || beside_the_point(done)) return;
    auto what = std::string(message.method) + " " + std::string(message.path) + " " +
                std::string(message.body.substr(0, 500));
    // Nobody was called, so that the outcome is not known yet.
    bool under_way = waits && tried.status == 202;
    if (under_way) {
        EXPECT_TRUE(done.ok() || done.status == 402 || done.status == 409) << what << done;
    } else {
        EXPECT_EQ(tried.status, done.status) << what << "\ntried: " << tried << "\ndone: " << done;
        EXPECT_EQ(general_body(tried.body), general_body(done.body)) << what;
        EXPECT_EQ(tried.has_header("Location"), done.has_header("Location")) << what;
        EXPECT_EQ(tried.header("ETag"), done.header("ETag")) << what;
    }
    bool reached = tried.status != 401 && tried.status != 403 && tried.status < 500;
    if (reached) {
        EXPECT_EQ(tried.header("Dry-Run"), "true") << what << tried;
    }
    EXPECT_FALSE(done.has_header("Dry-Run")) << what;
    if (!tried.ok() || !done.ok()) return;
    std::scoped_lock lock(all_succeeded.mutex);
    all_succeeded.names.insert(operation);
}

std::set<std::string> all_commands() {
    std::set<std::string> names;
    for (const auto& endpoint : api().endpoints()) {
        if (endpoint->kind == http::Kind::command) names.insert(endpoint->operation);
    }
    return names;
}

std::map<std::string, std::string> content_of_tables(const Database& database) {
    // Heartbeats, when a key was used, and how far readers of the log are.
    const std::set<std::string> by_itself{"api_key_uses", "batch_markers", "leases", "last_batch",
                                          "cursors"};
    std::map<std::string, std::string> all;
    auto names =
        database.ask(on_postgres() ? "select table_name from information_schema.tables "
                                     "where table_schema = 'public'"
                                   : "select name from sqlite_master where type = 'table' and "
                                     "name not like 'sqlite_%'");
    std::string sql;
    for (const auto& row : names) {
        const auto& name = row[0];
        if (by_itself.contains(name)) continue;
        std::string text;
        if (on_postgres()) {
            text = "select '" + name +
                   "', coalesce(string_agg(cast(t as text), ' ' "
                   "order by cast(t as text)), '') from \"" +
                   name + "\" t";
        } else {
            std::string columns;
            for (const auto& column :
                 database.ask("select name from pragma_table_info('" + name + "')")) {
                columns += (columns.empty() ? "quote(\"" : " || quote(\"") + column[0] + "\")";
            }
            text = "select '" + name + "', coalesce(group_concat(" + columns + "), '') from \"" +
                   name + "\"";
        }
        sql += (sql.empty() ? "" : " union all ") + text;
    }
    for (const auto& row : database.ask(sql)) all[row[0]] = row[1];
    return all;
}

}  // namespace stateset::support
