#include "app.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

#include "admin_door.hpp"
#include "customers/customers.hpp"
#include "demo/demo.hpp"
#include "events/events.hpp"
#include "events/forgetting.hpp"
#include "events/stream.hpp"
#include "flows/administer.hpp"
#include "flows/build.hpp"
#include "flows/expire_reservations.hpp"
#include "flows/export_customer.hpp"
#include "flows/first_start.hpp"
#include "flows/found_tenant.hpp"
#include "flows/pay_order.hpp"
#include "flows/process_order.hpp"
#include "flows/resolve_claim.hpp"
#include "flows/return_order.hpp"
#include "flows/ship_order.hpp"
#include "flows/status.hpp"
#include "flows/stock_routes.hpp"
#include "flows/waiting_orders.hpp"
#include "identity/gate.hpp"
#include "identity/sessions.hpp"
#include "identity/tenant_rates.hpp"
#include "inventory/stock_operations.hpp"
#include "inventory/upkeep.hpp"
#include "jobs/jobs.hpp"
#include "jobs/workers.hpp"
#include "notifications/notifications.hpp"
#include "notifications/workers.hpp"
#include "notifications/writing.hpp"
#include "ops/ops.hpp"
#include "payments/rules.hpp"
#include "payments/sandbox.hpp"
#include "payments/stripe.hpp"
#include "platform/auth/crypto.hpp"
#include "platform/auth/installation.hpp"
#include "platform/grpc/door.hpp"
#include "platform/http/edge.hpp"
#include "platform/http/request_rates.hpp"
#include "platform/redis/failures.hpp"
#include "platform/redis/freshness.hpp"
#include "platform/store/database.hpp"
#include "platform/store/retention.hpp"
#include "platform/work/lease.hpp"
#include "platform/work/operation.hpp"
#include "products/products.hpp"
#include "system/system.hpp"
#include "taxes/taxes.hpp"
#include "warranties/expiry.hpp"
#include "warranties/warranties.hpp"
#include "webhooks/forgetting.hpp"
#include "webhooks/webhooks.hpp"
#include "webhooks/workers.hpp"

namespace stateset {
namespace {

constexpr std::size_t cursor_secret_bytes = 32;
constexpr std::chrono::seconds lost_commit_patience{10};  // a fail-over takes some seconds
constexpr Span longest_duty_term = seconds(5);
// How long a revocation may take to reach an instance that nobody tells.
constexpr Span credentials_kept = seconds(1);

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

// Where gRPC is served; nothing when it is not.
std::optional<std::string> grpc_address_of(const Config& config) {
    if (config.grpc == "off") return std::nullopt;
    if (config.grpc) return config.grpc;
    return config.http.ends_with(":0") ? "127.0.0.1:0" : "127.0.0.1:50051";
}

// Many connections need many descriptors; the soft limit is often 1,024.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) spdlog::warn("the descriptor limit stays as it is");
}

// Where the errors of one part go that only the operator may see.
std::function<void(std::string_view)> errors_of(const char* part) {
    return [part](std::string_view text) { spdlog::error("{}: {}", part, text); };
}

http::TrustedProxies proxies_of(const Config& config) {
    try {
        return http::TrustedProxies(config.trusted_proxies);
    } catch (const std::invalid_argument& fault) {
        throw std::runtime_error(std::string("--trusted-proxies: ") + fault.what());
    }
}

notifications::Workers::Options notification_options(const Config& config, bool shared,
                                                     work::Duty writing) {
    notifications::Workers::Options options{.schedule = config.notification_schedule,
                                            .shared = shared,
                                            .lease = seconds(config.lease_s),
                                            .writing = std::move(writing),
                                            .log = errors_of("notifications")};
    if (config.smtp) {
        options.email = notifications::MailServer{.url = *config.smtp,
                                                  .from = config.smtp_from.value_or(""),
                                                  .user = config.smtp_user,
                                                  .password = config.smtp_password};
    }
    if (config.sms_url) {
        options.sms = notifications::SmsProvider{.url = *config.sms_url, .token = config.sms_token};
    }
    return options;
}

// What is forgotten besides idempotency records. Deliveries go before the events they deliver, so
// that none can be asked for again whose event is gone.
std::vector<store::Retention::Options::Chore> retention_chores(const Config& config,
                                                               Committer& committer,
                                                               ReadPool& reads) {
    auto days = [](std::int64_t count) { return hours(24 * count); };
    std::vector<store::Retention::Options::Chore> chores{
        {days(config.keep_deliveries_days),
         [&](Time before, std::int64_t most) {
             return webhooks::forget_ended(committer, reads, before, most);
         }},
        {days(config.keep_messages_days), [&](Time before, std::int64_t most) {
             return notifications::forget_delivered(committer, reads, before, most);
         }}};
    if (auto keep = config.keep_events_days) {
        chores.push_back({days(std::max(*keep, config.keep_deliveries_days)),
                          [&](Time before, std::int64_t most) {
                              return events::forget(committer, reads, before, most);
                          }});
    }
    return chores;
}

store::Retention::Options retention_options(const Config& config, Committer& committer,
                                            ReadPool& reads, work::Duty duty) {
    return {.keep = hours(config.idempotency_hours),
            .every = std::chrono::milliseconds(1'000 * config.retention_s),
            .chores = retention_chores(config, committer, reads),
            .duty = std::move(duty),
            .log = errors_of("retention")};
}

store::Place place_of(const Config& config) {
    return {.folder = config.data,
            .url = config.database,
            .replica_url = config.database_read,
            .log = errors_of("database")};
}

void migrate(store::Database& database, bool apply) {
    auto report = database.migrate(apply ? store::Migrate::apply : store::Migrate::check_only);
    if (!report.pending.empty()) {
        throw std::runtime_error("migrations are pending; run `stateset migrate` first");
    }
    for (const auto& name : report.applied) spdlog::info("applied migration {}", name);
}

}  // namespace

void routes(Api& api) {
    describe_common_fields(api);
    system::routes(api);
    identity::routes(api);
    flows::tenant_routes(api);
    customers::routes(api);
    flows::customer_routes(api);
    products::routes(api);
    inventory::routes(api);
    inventory::stock_operation_routes(api);
    flows::stock_routes(api);
    taxes::routes(api);
    orders::routes(api);
    flows::order_routes(api);
    payments::routes(api);
    flows::payment_routes(api);
    manufacturing::routes(api);
    flows::build_routes(api);
    shipments::routes(api);
    flows::shipping_routes(api);
    returns::routes(api);
    flows::return_routes(api);
    warranties::routes(api);
    flows::claim_routes(api);
    jobs::routes(api);
    events::routes(api);
    events::stream_routes(api);
    webhooks::routes(api);
    notifications::routes(api);
    ops::routes(api);  // tells of the routes above
}

struct App::Parts {
    Config config;
    std::unique_ptr<store::Database> database = store::open_database(place_of(config));
    Api api;
    std::unique_ptr<redis::Link> redis;
    std::unique_ptr<Freshness> freshness;
    std::unique_ptr<redis::CountedFailures> failures;
    std::unique_ptr<cache::Copies> copies;
    std::unique_ptr<Committer> committer;
    std::unique_ptr<ReadPool> reads;
    http::DeskPool desk{{}};
    http::Waiting waiting;
    std::unique_ptr<http::Engine> engine;
    std::unique_ptr<identity::Gate> gate;
    std::unique_ptr<http::Limiter> limiter, tenant_limiter;
    payments::Gateways gateways;
    std::unique_ptr<work::Duties> duties;
    std::unique_ptr<work::Operations> operations;
    std::unique_ptr<inventory::Upkeep> upkeep;
    std::unique_ptr<flows::WaitingOrders> waiting_orders;
    std::unique_ptr<warranties::Expiry> warranty_expiry;
    std::unique_ptr<webhooks::Workers> webhook_workers;
    std::unique_ptr<notifications::Workers> notification_workers;
    std::unique_ptr<jobs::Workers> job_workers;
    std::unique_ptr<store::Retention> retention;
    std::unique_ptr<events::Streams> streams;
    std::unique_ptr<http::Edge> edge;
    std::unique_ptr<http::Server> server;
    std::unique_ptr<grpc::Door> grpc;
    std::unique_ptr<AdminDoor> admin_door;
    std::optional<FirstLogin> first_login;

    void open_redis();
    void open_store();
    void make_copies();
    void make_administrator();
    void open_gateways();
    void start_workers();
    void open_doors();
    void open_grpc();
};

App::App(Config config) : parts_(new Parts{.config = std::move(config)}) {}

App::~App() { stop(); }

void App::start() {
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    routes(parts_->api);
    parts_->open_redis();
    parts_->open_store();
    parts_->make_administrator();
    parts_->start_workers();
    parts_->open_doors();
}

std::string App::administer(std::string_view request) {
    parts_->open_store();
    flows::first_tenant(*parts_->committer, *parts_->reads);
    return flows::administer(*parts_->committer, *parts_->reads, request);
}

// Nothing waits for Redis and nothing is true only there: it shares what each instance would
// otherwise know alone.
void App::Parts::open_redis() {
    if (!config.redis) return;
    try {
        redis = std::make_unique<redis::Link>(redis::address_from(*config.redis),
                                              redis::Link::Options{.log = errors_of("redis")});
    } catch (const std::invalid_argument& fault) {
        throw std::runtime_error(std::string("--redis: ") + fault.what());
    }
    freshness = std::make_unique<redis::SharedFreshness>(*redis);
    failures = std::make_unique<redis::CountedFailures>(*redis, redis::CountedFailures::Options{});
    identity::share_failures(failures.get());
}

// Where others change the same data, only Freshness can say which copies count.
void App::Parts::make_copies() {
    if (database->shared() && !freshness) return;
    copies = std::make_unique<cache::Copies>(
        cache::Copies::Options{.shared = database->shared() ? freshness.get() : nullptr});
    for (const auto& endpoint : api.endpoints()) {
        if (endpoint->route.cacheable) copies->keep(endpoint->subject_table);
    }
    committer->listen([this](const auto& changes) { copies->committed(changes); });
}

void App::Parts::open_store() {
    migrate(*database, config.apply_migrations);
    flows::order_rules().reservation_lifetime = seconds(config.reservation_lifetime_s);
    Committer::Options options{.batch_commands = config.batch_commands,
                               .log = errors_of("committer")};
    if (database->shared()) options.unknown_patience = lost_commit_patience;
    committer = std::make_unique<Committer>(database->open_store(store::Lane::main), options,
                                            database->open_store(store::Lane::slow));
    make_copies();
    identity::Gate::Options remembering;
    if (database->shared()) {
        remembering.keep_for = credentials_kept;
        remembering.shared = freshness.get();
    }
    gate = std::make_unique<identity::Gate>(*committer, remembering);
    auto secret = auth::installation_secret(*committer, "cursors",
                                            [] { return auth::random_bytes(cursor_secret_bytes); });
    reads = std::make_unique<ReadPool>(
        [this] { return database->open_reader(); }, std::make_shared<const Cursors>(secret),
        ReadPool::Options{.threads = config.read_connections, .log = errors_of("reads")});
    gate->open(*reads, identity::keyring(*committer).signing);
    engine = std::make_unique<http::Engine>(*committer, *reads, desk, waiting, copies.get());
}

void App::Parts::make_administrator() {
    auto made = flows::first_start(
        *committer, *reads, {.email = config.admin_email, .password = config.admin_password});
    if (!made) return;
    auto key = flows::administer(*committer, *reads,
                                 flows::AdminRequest{.task = flows::Task::create_key,
                                                     .name = "made at the first start",
                                                     .email = made->email});
    first_login = FirstLogin{made->email, made->password, key.key.value()};
}

// Stripe comes first, so that it is who takes cards when nobody is named. Where it moves real money
// the sandbox, which takes any order for paid, is there only when asked for.
void App::Parts::open_gateways() {
    auto& rules = payments::payment_rules();
    rules.card_gateways.clear();
    rules.bank_transfer_days = config.bank_transfer_days;
    rules.stripe_webhook_secret = config.stripe_webhook_secret;
    if (config.stripe_key) {
        payments::Stripe::Options options{
            .key = *config.stripe_key, .url = config.stripe_url, .log = errors_of("stripe")};
        options.patience = std::min(options.patience, Span{seconds(config.lease_s).micros / 5});
        try {
            gateways.add(std::make_unique<payments::Stripe>(std::move(options)));
        } catch (const std::invalid_argument& fault) {
            throw std::runtime_error(std::string("--stripe-url: ") + fault.what());
        }
        rules.card_gateways.emplace_back(payments::stripe_gateway);
    }
    bool real_money = config.stripe_key && config.stripe_key->find("_live_") != std::string::npos;
    gateways.add(std::make_unique<payments::Sandbox>(*committer));  // for what it has begun
    if (config.sandbox_gateway.value_or(!real_money)) rules.card_gateways.emplace_back("sandbox");
}

void App::Parts::start_workers() {
    const bool shared = database->shared();
    const auto lease = seconds(config.lease_s);
    const auto instance = auth::hex(auth::random_bytes(8));
    work::newborn_lease = lease;
    duties = std::make_unique<work::Duties>(
        *committer, *reads,
        work::Duties::Options{.instance = instance,
                              .sole = !shared,
                              .term = std::min(longest_duty_term, lease),
                              .log = errors_of("duties")});
    open_gateways();
    auto kinds = flows::payment_operations(gateways);
    operations = std::make_unique<work::Operations>(
        *committer, *reads, waiting, std::move(kinds),
        work::Operations::Options{
            .instance = instance, .lease = lease, .sole = !shared, .log = errors_of("operations")});
    upkeep = std::make_unique<inventory::Upkeep>(
        *committer, *reads,
        inventory::Upkeep::Options{.shared = shared,
                                   .duty = duties->duty("stock"),
                                   .expire_order = flows::expire_reservations,
                                   .log = errors_of("stock")});
    warranty_expiry = std::make_unique<warranties::Expiry>(
        *committer, *reads,
        warranties::Expiry::Options{.duty = duties->duty("warranties"),
                                    .log = errors_of("warranties")});
    waiting_orders = std::make_unique<flows::WaitingOrders>(
        *committer, *reads,
        flows::WaitingOrders::Options{
            .shared = shared, .duty = duties->duty("backorders"), .log = errors_of("backorders")});
    webhook_workers = std::make_unique<webhooks::Workers>(
        *committer, *reads,
        webhooks::Workers::Options{.allow_private = config.webhook_allow_private,
                                   .schedule = config.webhook_schedule,
                                   .shared = shared,
                                   .lease = lease,
                                   .fan_out = duties->duty("webhooks"),
                                   .backlog = duties->duty("webhook_backlog"),
                                   .log = errors_of("webhooks")});
    notification_workers = std::make_unique<notifications::Workers>(
        *committer, *reads, notification_options(config, shared, duties->duty("notifications")));
    job_workers = std::make_unique<jobs::Workers>(
        *committer, *reads,
        jobs::Workers::Options{
            .shared = shared, .duty = duties->duty("jobs"), .log = errors_of("jobs")});
    retention = std::make_unique<store::Retention>(
        *committer, *reads,
        retention_options(config, *committer, *reads, duties->duty("retention")));
    streams = std::make_unique<events::Streams>(
        *committer, *reads, *gate,
        events::Streams::Options{.most = static_cast<std::size_t>(config.streams),
                                 .per_caller = static_cast<std::size_t>(config.caller_streams),
                                 .heartbeat = seconds(config.stream_heartbeat_s),
                                 .shared = shared,
                                 .log = errors_of("streams")});
    streams->serve(api);
    auto demonstrator = config.demo ? duties->duty("demo") : work::Duty();
    duties->start();
    operations->start();
    upkeep->start();
    waiting_orders->start();
    warranty_expiry->start();
    webhook_workers->start();
    notification_workers->start();
    job_workers->start();
    streams->start();
    if (config.demo && demonstrator.held()) demo::fill(*committer, *reads);
}

void App::Parts::open_doors() {
    if (config.rate_limit) {
        http::RequestRates::Options rates;
        rates.caller = {.per_second = config.caller_rate, .burst = 2 * config.caller_rate};
        rates.address = {.per_second = config.address_rate, .burst = config.address_rate};
        limiter = redis ? std::make_unique<http::RequestRates>(rates, *redis)
                        : std::make_unique<http::RequestRates>(rates);
        tenant_limiter = std::make_unique<identity::TenantRates>(*gate, *limiter, redis.get());
    }
    edge = std::make_unique<http::Edge>(api, *engine, *gate, tenant_limiter.get(),
                                        http::Edge::Options{.proxies = proxies_of(config)});
    auto address = address_from(config.http);
    server = std::make_unique<http::Server>(
        http::Options{.address = address.host, .port = address.port},
        [this](http::Request&& request, http::Reply reply) {
            edge->handle(std::move(request), std::move(reply));
        },
        http::Edge::reject);
    server->start();
    open_grpc();
    if (database->shared()) return;  // who administers goes to the database
    admin_door = std::make_unique<AdminDoor>(config.data, [this](std::string_view request) {
        return flows::administer(*committer, *reads, request);
    });
}

void App::Parts::open_grpc() {
    auto address = grpc_address_of(config);
    if (!address) return;
    grpc =
        std::make_unique<grpc::Door>(api, *edge,
                                     grpc::Door::Options{.address = *address,
                                                         .certificate = config.grpc_cert,
                                                         .key = config.grpc_key,
                                                         .message_bytes = config.grpc_message_bytes,
                                                         .streams = config.grpc_streams});
    grpc->start();
}

std::string App::grpc_address() const {
    if (!parts_->grpc) return {};
    auto address = *grpc_address_of(parts_->config);
    return address.substr(0, address.rfind(':') + 1) + std::to_string(parts_->grpc->port());
}

unsigned short App::port() const { return parts_->server->port(); }

const std::optional<FirstLogin>& App::first_login() const { return parts_->first_login; }

void App::drain() {
    parts_->engine->draining = true;
    if (parts_->grpc) parts_->grpc->drain();
    parts_->streams->drain();
}

// Doors first, then the workers, then what they wrote to.
void App::stop() {
    constexpr std::chrono::seconds grace{10};
    parts_->admin_door.reset();
    if (parts_->grpc) parts_->grpc->stop(grace);
    if (parts_->server) parts_->server->stop(grace);
    if (parts_->streams) parts_->streams->stop();
    if (parts_->upkeep) parts_->upkeep->stop();
    if (parts_->waiting_orders) parts_->waiting_orders->stop();
    if (parts_->warranty_expiry) parts_->warranty_expiry->stop();
    if (parts_->operations) parts_->operations->stop();
    if (parts_->webhook_workers) parts_->webhook_workers->stop();
    if (parts_->notification_workers) parts_->notification_workers->stop();
    if (parts_->job_workers) parts_->job_workers->stop();
    if (parts_->retention) parts_->retention->stop();
    if (parts_->duties) parts_->duties->stop();
    parts_->desk.stop();
    if (parts_->reads) parts_->reads->stop();
    if (parts_->committer) parts_->committer->stop();
    identity::share_failures(nullptr);
    if (parts_->redis) parts_->redis->stop();
}

}  // namespace stateset
