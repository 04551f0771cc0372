#include "app.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

#include "customers/customers.hpp"
#include "flows/expire_reservations.hpp"
#include "flows/first_start.hpp"
#include "flows/stock_routes.hpp"
#include "identity/gate.hpp"
#include "identity/sessions.hpp"
#include "inventory/upkeep.hpp"
#include "platform/auth/crypto.hpp"
#include "platform/auth/installation.hpp"
#include "platform/http/edge.hpp"
#include "platform/store/sqlite.hpp"
#include "platform/work/operation.hpp"
#include "products/products.hpp"

namespace stateset {
namespace {

constexpr std::size_t cursor_secret_bytes = 32;

// Fields that many nouns have; the others are described beside their routes.
void describe_common_fields(Api& api) {
    api.describe({
        {"id", {"The id, made by the server.", ""}},
        {"version", {"Counts the changes; the ETag is made of it.", "3"}},
        {"created_at", {"When it was made.", "2026-11-22T10:15:30Z"}},
        {"updated_at", {"When it last changed.", "2026-11-22T10:15:30Z"}},
        {"metadata", {"Your own keys and values.", ""}},
        {"tags", {"Words to sort by.", ""}},
        {"notes", {"Free text for colleagues.", "Leave at the back door."}},
        {"reason", {"Why, for the record.", "Customer changed their mind"}},
        {"limit", {"How many at most, 1 to 100.", "20"}},
        {"cursor", {"Where to go on: `next_cursor` of the page before.", ""}},
        {"next_cursor", {"Where the next page begins; null on the last.", ""}},
        {"data", {"The page, in the order asked for.", ""}},
        {"q", {"Text to search for.", "mug"}},
        {"created_after", {"Only what was made later.", "2026-11-01T00:00:00Z"}},
        {"created_before", {"Only what was made earlier.", "2026-12-01T00:00:00Z"}},
        {"currency", {"ISO 4217 code.", "USD"}},
        {"status", {"Where it stands in its lifecycle.", ""}},
    });
}

struct Address {
    std::string host;
    unsigned short port;
};

Address address_from(const std::string& text) {
    auto colon = text.rfind(':');
    auto port = colon == text.npos ? std::nullopt : decimal_from(text.substr(colon + 1), 0);
    if (!port || *port < 0 || *port > 65535) {
        throw std::runtime_error("--http wants ADDRESS:PORT, not " + text);
    }
    return {text.substr(0, colon), static_cast<unsigned short>(*port)};
}

// Many connections need many descriptors; the soft limit is often 1,024.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) spdlog::warn("the descriptor limit stays as it is");
}

std::string database_file(const Config& config) {
    std::filesystem::create_directories(config.data);
    return (std::filesystem::path(config.data) / "stateset.db").string();
}

void migrate(const std::string& file, bool apply) {
    using namespace store::sqlite;
    Connection connection(file, Access::write);
    auto report = store::sqlite::migrate(connection, apply ? Migrate::apply : Migrate::check_only);
    if (!report.pending.empty()) {
        throw std::runtime_error("migrations are pending; run `stateset migrate` first");
    }
    for (const auto& name : report.applied) spdlog::info("applied migration {}", name);
}

// The only time the password can be read; it goes to the terminal and into no log.
void show_once(const flows::Administrator& made) {
    std::printf("\nThe first administrator was made:\n  e-mail    %s\n  password  %s\n\n",
                made.email.c_str(), made.password.c_str());
    std::fflush(stdout);
}

}  // namespace

void routes(Api& api) {
    describe_common_fields(api);
    identity::routes(api);
    customers::routes(api);
    products::routes(api);
    inventory::routes(api);
    flows::stock_routes(api);
}

struct App::Parts {
    Config config;
    std::string file = database_file(config);
    Api api;
    std::unique_ptr<Committer> committer;
    std::unique_ptr<ReadPool> reads;
    http::DeskPool desk{{}};
    http::Waiting waiting;
    std::unique_ptr<http::Engine> engine;
    std::unique_ptr<identity::Gate> gate;
    std::unique_ptr<http::Limiter> limiter;
    std::unique_ptr<work::Operations> operations;
    std::unique_ptr<inventory::Upkeep> upkeep;
    std::unique_ptr<http::Edge> edge;
    std::unique_ptr<http::Server> server;

    void open_store();
    void start_workers();
    void open_doors();
};

App::App(Config config) : parts_(new Parts{.config = std::move(config)}) {}

App::~App() { stop(); }

void App::start() {
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    migrate(parts_->file, parts_->config.apply_migrations);
    parts_->open_store();
    parts_->start_workers();
    parts_->open_doors();
}

void App::Parts::open_store() {
    committer = std::make_unique<Committer>(store::sqlite::open_store(file),
                                            Committer::Options{.log = [](std::string_view text) {
                                                spdlog::error("committer: {}", text);
                                            }});
    gate = std::make_unique<identity::Gate>(*committer);
    auto secret = auth::installation_secret(*committer, "cursors",
                                            [] { return auth::random_bytes(cursor_secret_bytes); });
    reads =
        std::make_unique<ReadPool>([file = file] { return store::sqlite::open_reader(file); },
                                   std::make_shared<const Cursors>(secret), ReadPool::Options{});
    gate->open(*reads, identity::keyring(*committer).signing);
    auto administrator = flows::first_start(
        *committer, *reads, {.email = config.admin_email, .password = config.admin_password});
    if (administrator) show_once(*administrator);
    engine = std::make_unique<http::Engine>(*committer, *reads, desk, waiting);
}

void App::Parts::start_workers() {
    std::vector<work::Kind> kinds;
    operations = std::make_unique<work::Operations>(
        *committer, *reads, waiting, std::move(kinds),
        work::Operations::Options{
            .instance = auth::hex(auth::random_bytes(8)),
            .log = [](std::string_view text) { spdlog::error("operations: {}", text); }});
    upkeep = std::make_unique<inventory::Upkeep>(
        *committer, *reads,
        inventory::Upkeep::Options{
            .expire_order = flows::expire_reservations,
            .log = [](std::string_view text) { spdlog::error("stock: {}", text); }});
    operations->start();
    upkeep->start();
}

void App::Parts::open_doors() {
    routes(api);
    edge = std::make_unique<http::Edge>(api, *engine, *gate, limiter.get(), http::Edge::Options{});
    auto address = address_from(config.http);
    server = std::make_unique<http::Server>(
        http::Options{.address = address.host, .port = address.port},
        [this](http::Request&& request, http::Reply reply) {
            edge->handle(std::move(request), std::move(reply));
        },
        http::Edge::reject);
    server->start();
}

unsigned short App::port() const { return parts_->server->port(); }

// Doors first, then the workers, then what they wrote to.
void App::stop() {
    constexpr std::chrono::seconds grace{10};
    if (parts_->server) parts_->server->stop(grace);
    if (parts_->upkeep) parts_->upkeep->stop();
    if (parts_->operations) parts_->operations->stop();
    parts_->desk.stop();
    if (parts_->reads) parts_->reads->stop();
    if (parts_->committer) parts_->committer->stop();
}

}  // namespace stateset
