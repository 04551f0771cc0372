#include "cli/serve.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "cli/database.hpp"

namespace stateset::cli {
namespace {

// --reservation-lifetime-s is STATESET_RESERVATION_LIFETIME_S.
template <class T>
CLI::Option* flag(CLI::App& command, const std::string& name, T& value, const char* meaning) {
    std::string variable = "STATESET_";
    for (char c : name) {
        variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return command.add_option("--" + name, value, meaning)->envname(variable);
}

CLI::Option* on_or_off(CLI::App& command, const std::string& name, bool& value,
                       const char* meaning) {
    auto words =
        std::map<std::string, bool>{{"on", true}, {"off", false}, {"true", true}, {"false", false}};
    return flag(command, name, value, meaning)
        ->transform(CLI::CheckedTransformer(words, CLI::ignore_case))
        ->option_text("on|off");
}

void where_data_lies(CLI::App& command, Config& config) {
    add_database(command, config);
    flag(command, "database-read", config.database_read,
         "A streaming replica that may answer reads, postgres://…");
    flag(command, "read-connections", config.read_connections,
         "Connections that answer reads; many requests share one")
        ->check(CLI::Range(1, 64));
    flag(command, "redis", config.redis,
         "Redis that the instances share: limits, freshness of caches; redis://HOST:PORT");
    on_or_off(command, "migrate", config.apply_migrations,
              "on, or off to refuse while migrations are pending");
    flag(command, "batch-commands", config.batch_commands,
         "How many commands may share one transaction")
        ->check(CLI::Range(1, 4096));
    command.add_flag("--demo", config.demo, "Fill an empty database with a small catalogue")
        ->envname("STATESET_DEMO");
}

void who_may_ask(CLI::App& command, Config& config) {
    flag(command, "http", config.http, "ADDRESS:PORT to listen on");
    flag(command, "address-file", config.address_file,
         "File to write that address to; gRPC's goes to the same name with .grpc");
    flag(
        command, "grpc", config.grpc,
        "ADDRESS:PORT to serve gRPC at, or off; 127.0.0.1:50051 when not given, any free port when "
        "HTTP has one");
    flag(command, "grpc-cert", config.grpc_cert,
         "Certificate chain of gRPC, PEM; none: plain text");
    flag(command, "grpc-key", config.grpc_key, "Its private key, PEM");
    flag(command, "grpc-message-bytes", config.grpc_message_bytes, "Largest request over gRPC")
        ->check(CLI::Range(1'024, 64 * 1024 * 1024));
    flag(command, "grpc-streams", config.grpc_streams, "Calls at once on one connection of gRPC")
        ->check(CLI::Range(1, 10'000));
    flag(command, "admin-email", config.admin_email, "First administrator");
    flag(command, "admin-password", config.admin_password, "Its password");
    on_or_off(command, "rate-limit", config.rate_limit, "on or off");
    flag(command, "caller-rate", config.caller_rate, "Requests per second of one user or API key")
        ->check(CLI::Range(1, 1'000'000));
    flag(command, "address-rate", config.address_rate, "Requests per second from one address")
        ->check(CLI::Range(1, 1'000'000));
    flag(command, "streams", config.streams, "How many streams of events may be open")
        ->check(CLI::Range(0, 100'000));
    flag(command, "caller-streams", config.caller_streams, "How many of them by one caller")
        ->check(CLI::Range(0, 100'000));
    flag(command, "stream-heartbeat-s", config.stream_heartbeat_s,
         "How often a silent stream shows that it lives")
        ->check(CLI::Range(1, 3'600));
    flag(command, "trusted-proxies", config.trusted_proxies,
         "Whose X-Forwarded-For is believed: 10.0.0.0/8, 192.0.2.7");
    flag(command, "log", config.log, "debug, info, warn or error")
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
}

void how_it_works(CLI::App& command, Config& config) {
    on_or_off(command, "webhook-allow-private", config.webhook_allow_private,
              "Let webhooks reach private addresses");
    flag(command, "webhook-schedule", config.webhook_schedule,
         "Waits before the attempts of a webhook: 0,5s,5m,30m,2h");
    flag(command, "reservation-lifetime-s", config.reservation_lifetime_s,
         "How long an unpaid order keeps its stock")
        ->check(CLI::Range(1, 31'536'000));
    flag(command, "idempotency-hours", config.idempotency_hours,
         "How long an answer is kept under its Idempotency-Key")
        ->check(CLI::Range(1, 8760));
    flag(command, "keep-events-days", config.keep_events_days,
         "How long events are kept, at least as long as deliveries; for ever when not given")
        ->check(CLI::Range(1, 36'500));
    flag(command, "keep-deliveries-days", config.keep_deliveries_days,
         "How long webhook deliveries are kept once they were made or given up")
        ->check(CLI::Range(1, 36'500));
    flag(command, "keep-messages-days", config.keep_messages_days,
         "How long messages to customers are kept once they were delivered")
        ->check(CLI::Range(1, 36'500));
    flag(command, "retention-s", config.retention_s, "How often to look for what is kept no longer")
        ->check(CLI::Range(1, 86'400));
    flag(command, "lease-s", config.lease_s,
         "After so long another instance takes over the work of one that died")
        ->check(CLI::Range(2, 600));
    flag(command, "drain-s", config.drain_s,
         "How long to serve on, saying not ready, before stopping")
        ->check(CLI::Range(0, 600));
}

void how_customers_are_told(CLI::App& command, Config& config) {
    flag(command, "smtp", config.smtp,
         "Mail server for customers' e-mail, smtp://HOST:PORT or smtps://…; user and password in "
         "STATESET_SMTP_USER and STATESET_SMTP_PASSWORD");
    flag(command, "smtp-from", config.smtp_from, "Its sender: Shop <orders@shop.example>");
    flag(command, "sms-url", config.sms_url,
         "Provider of text messages, given POST {to, text, id}; bearer token in "
         "STATESET_SMS_TOKEN");
    flag(command, "notification-schedule", config.notification_schedule,
         "Waits before the attempts to tell a customer: 0,1m,5m,30m");
    // A command line is for everybody on the machine to read.
    auto from_environment = [](const char* name, std::string& value) {
        if (const char* given = std::getenv(name)) value = given;
    };
    from_environment("STATESET_SMTP_USER", config.smtp_user);
    from_environment("STATESET_SMTP_PASSWORD", config.smtp_password);
    from_environment("STATESET_SMS_TOKEN", config.sms_token);
}

void how_money_moves(CLI::App& command, Config& config) {
    flag(command, "stripe-key", config.stripe_key,
         "Secret key of Stripe, sk_… or rk_…; better given in the environment than here");
    flag(command, "stripe-webhook-secret", config.stripe_webhook_secret,
         "Secret of Stripe's webhook endpoint, whsec_…");
    flag(command, "stripe-url", config.stripe_url, "Where Stripe's API is");
    auto words =
        std::map<std::string, bool>{{"on", true}, {"off", false}, {"true", true}, {"false", false}};
    flag(command, "sandbox-gateway", config.sandbox_gateway,
         "Whether payments may name the sandbox; off by default with a live key of Stripe")
        ->transform(CLI::CheckedTransformer(words, CLI::ignore_case))
        ->option_text("on|off");
    flag(command, "bank-transfer-days", config.bank_transfer_days,
         "How long a bank transfer may take when its payment does not say")
        ->check(CLI::Range(0, 365));
}

}  // namespace

CLI::App* add_serve(CLI::App& cli, Config& config) {
    auto* command = cli.add_subcommand("serve", "Run the server");
    where_data_lies(*command, config);
    who_may_ask(*command, config);
    how_it_works(*command, config);
    how_money_moves(*command, config);
    how_customers_are_told(*command, config);
    return command;
}

}  // namespace stateset::cli
