// The binary's front: subcommands and their flags. Each flag is also STATESET_… in the environment
// and a line in stateset.toml.

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "app.hpp"
#include "cli/admin.hpp"
#include "cli/database.hpp"
#include "cli/migrate.hpp"
#include "cli/verify.hpp"
#include "cli/welcome.hpp"
#include "platform/http/openapi.hpp"

namespace {

// Says where the server listens, for whoever let it choose a port: in the data folder, or in the
// file that was named.
void write_address(const stateset::Config& config, unsigned short port) {
    if (config.database && !config.address_file) return;
    auto file = std::filesystem::path(config.data) / "address";
    if (config.address_file) file = *config.address_file;
    auto part = file;
    part += ".part";
    std::ofstream(part) << config.http.substr(0, config.http.rfind(':') + 1) << port << "\n";
    std::filesystem::rename(part, file);
}

// What is derived from the endpoint table needs the table only, no server.
int print_openapi() {
    stateset::Api api;
    stateset::routes(api);
    std::cout << stateset::http::indented(stateset::http::describe(api).document);
    return 0;
}

int print_status_codes() {
    stateset::Api api;
    stateset::routes(api);
    std::cout << stateset::http::status_codes_page(api);
    return 0;
}

int serve(stateset::Config config) {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);

    spdlog::set_level(spdlog::level::from_str(config.log));
    stateset::App app(config);
    app.start();
    write_address(config, app.port());
    spdlog::info("listening on port {}", app.port());
    stateset::cli::welcome(app, config);
    int signal = 0;
    sigwait(&ends, &signal);
    if (config.drain_s > 0) {
        spdlog::info("not ready any more; stopping in {} s", config.drain_s);
        app.drain();
        timespec patience{.tv_sec = config.drain_s, .tv_nsec = 0};
        sigtimedwait(&ends, nullptr, &patience);  // a second signal stops at once
    }
    spdlog::info("stopping");
    app.stop();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App cli{"StateSet: commerce operations behind one API"};
    cli.set_version_flag("--version", STATESET_VERSION);
    cli.set_config("--config", "stateset.toml", "Configuration file");
    cli.require_subcommand(1);

    stateset::Config config;
    std::string rate_limit = "on", allow_private = "false", migrations = "on";
    auto* serving = cli.add_subcommand("serve", "Run the server");
    stateset::cli::add_database(*serving, config);
    serving
        ->add_option("--database-read", config.database_read,
                     "A streaming replica that may answer reads, postgres://…")
        ->envname("STATESET_DATABASE_READ");
    serving
        ->add_option("--read-connections", config.read_connections,
                     "Connections that answer reads; many requests share one")
        ->check(CLI::Range(1, 64))
        ->envname("STATESET_READ_CONNECTIONS");
    serving
        ->add_option("--redis", config.redis,
                     "Redis that the instances share: limits, revocations, cache; redis://…")
        ->envname("STATESET_REDIS");
    serving->add_option("--address-file", config.address_file, "File to write the address to")
        ->envname("STATESET_ADDRESS_FILE");
    serving
        ->add_option("--drain-s", config.drain_s,
                     "How long to serve on, saying not ready, before stopping")
        ->check(CLI::Range(0, 600))
        ->envname("STATESET_DRAIN_S");
    serving
        ->add_option("--lease-s", config.lease_s,
                     "After so long another instance takes over the work of one that died")
        ->check(CLI::Range(2, 600))
        ->envname("STATESET_LEASE_S");
    serving->add_option("--http", config.http, "ADDRESS:PORT to listen on")
        ->envname("STATESET_HTTP");
    serving->add_option("--admin-email", config.admin_email, "First administrator")
        ->envname("STATESET_ADMIN_EMAIL");
    serving->add_option("--admin-password", config.admin_password, "Its password")
        ->envname("STATESET_ADMIN_PASSWORD");
    serving->add_option("--rate-limit", rate_limit, "on or off")->envname("STATESET_RATE_LIMIT");
    serving
        ->add_option("--webhook-allow-private", allow_private,
                     "Let webhooks reach private addresses")
        ->envname("STATESET_WEBHOOK_ALLOW_PRIVATE");
    serving
        ->add_option("--webhook-schedule", config.webhook_schedule,
                     "Waits before the attempts of a webhook: 0,5s,5m,30m,2h")
        ->envname("STATESET_WEBHOOK_SCHEDULE");
    serving
        ->add_option("--reservation-lifetime-s", config.reservation_lifetime_s,
                     "How long an unpaid order keeps its stock")
        ->check(CLI::Range(1, 31'536'000))
        ->envname("STATESET_RESERVATION_LIFETIME_S");
    serving
        ->add_option("--idempotency-hours", config.idempotency_hours,
                     "How long an answer is kept under its Idempotency-Key")
        ->check(CLI::Range(1, 8760))
        ->envname("STATESET_IDEMPOTENCY_HOURS");
    serving
        ->add_option("--migrate", migrations, "on, or off to refuse while migrations are pending")
        ->envname("STATESET_MIGRATE");
    serving->add_option("--log", config.log, "debug, info, warn or error")
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
        ->envname("STATESET_LOG");
    serving
        ->add_option("--batch-commands", config.batch_commands,
                     "How many commands may share one transaction")
        ->check(CLI::Range(1, 4096))
        ->envname("STATESET_BATCH_COMMANDS");
    serving->add_flag("--demo", config.demo, "Fill an empty database with a small catalogue")
        ->envname("STATESET_DEMO");
    auto* openapi = cli.add_subcommand("openapi", "Print the OpenAPI document");
    auto* status_codes = cli.add_subcommand("status-codes", "Print docs/status-codes.md");
    std::function<int()> chosen;
    stateset::cli::add_admin(cli, config, chosen);
    stateset::cli::add_migrate(cli, config, chosen);
    stateset::cli::add_verify(cli, config, chosen);
    CLI11_PARSE(cli, argc, argv);
    config.rate_limit = rate_limit != "off";
    config.webhook_allow_private = allow_private == "true";
    config.apply_migrations = migrations != "off";
    try {
        if (*openapi) return print_openapi();
        if (*status_codes) return print_status_codes();
        if (chosen) return chosen();
        return serve(std::move(config));
    } catch (const std::exception& failure) {
        spdlog::critical("{}", failure.what());
        return 1;
    }
}
