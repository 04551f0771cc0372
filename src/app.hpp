#pragma once
// The wiring: configuration → stores → slices → servers. Everything that exists once per process is
// made here, in order, and ends in the opposite order.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace stateset {

class Api;

struct Config {
    std::string data = "data";  // folder of the embedded database
    // postgres://…: several instances may share it, and `data` is not used.
    std::optional<std::string> database, database_read;  // the latter: a replica for reads
    std::optional<std::string> redis;                    // redis://…, shared by the instances
    int read_connections = 2;
    std::optional<std::string> address_file;  // told where the server listens
    // How long it serves on, not ready, before it stops: so that a balancer looks elsewhere first.
    std::int64_t drain_s = 0;
    std::int64_t lease_s = 30;  // after which another instance takes over a dead one's work
    std::string http = "127.0.0.1:8080";  // address and port; port 0: any free one
    // The other door, or "off". When not given 127.0.0.1:50051, or any free port when HTTP has one.
    std::optional<std::string> grpc, grpc_cert, grpc_key;
    int grpc_message_bytes = 1024 * 1024 + 4096, grpc_streams = 256;
    std::optional<std::string> admin_email, admin_password;
    bool apply_migrations = true;  // else refuse to start while some are pending
    bool rate_limit = true;
    std::int64_t caller_rate = 2'000, address_rate = 5'000;  // requests per second
    std::int64_t streams = 1'000, caller_streams = 16;       // of events, open at once
    std::int64_t stream_heartbeat_s = 15;
    std::string trusted_proxies;  // whose X-Forwarded-For is believed: "10.0.0.0/8, 192.0.2.7"
    bool webhook_allow_private = false;
    std::optional<std::string> webhook_schedule;                   // of attempts: "0,5s,5m"
    std::int64_t reservation_lifetime_s = 86'400;                  // of an unpaid order's stock
    std::optional<std::string> stripe_key, stripe_webhook_secret;  // secrets: never logged or shown
    std::string stripe_url = "https://api.stripe.com";
    std::optional<bool> sandbox_gateway;   // default: unless the key is of real money
    std::int64_t bank_transfer_days = 14;  // how long one may take when nobody says
    std::int64_t idempotency_hours = 24;   // how long an answer can be asked for again
    // How long is kept what is no business record; events for ever unless said otherwise.
    std::optional<std::int64_t> keep_events_days;
    std::int64_t keep_deliveries_days = 30, keep_messages_days = 90;
    std::int64_t retention_s = 60;  // how often to look for what is beyond its time
    // Where customers are told from. Without a mail server and a provider of SMS they are not.
    std::optional<std::string> smtp, smtp_from;  // smtp://…, "Shop <orders@shop.example>"
    std::optional<std::string> sms_url;
    std::string smtp_user, smtp_password, sms_token;   // from the environment alone
    std::optional<std::string> notification_schedule;  // of attempts: "0,1m,5m"
    bool demo = false;
    std::string log = "info";
    int batch_commands = 256;  // of one transaction at most
};

// What the first start of a folder makes up, to be shown once.
struct FirstLogin {
    std::string email, password, key;
};

// Every route of every slice: the endpoint table.
void routes(Api&);

class App {
  public:
    explicit App(Config);
    ~App();

    void start();  // throws std::runtime_error with a text for the operator
    unsigned short port() const;
    std::string grpc_address() const;  // "127.0.0.1:50051"; empty when there is none
    const std::optional<FirstLogin>& first_login() const;
    void drain();  // says that it is not ready any more, and serves on
    void stop();   // graceful

    // Carries out one request of `stateset admin` on a folder that nobody serves; instead of start.
    std::string administer(std::string_view request);

    struct Parts;
    Parts& parts() { return *parts_; }

  private:
    std::unique_ptr<Parts> parts_;
};

}  // namespace stateset
