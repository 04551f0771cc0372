// The binary's front: its subcommands, whose flags are in cli/. What it does not know itself is the
// client's (cli/client/).

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "app.hpp"
#include "cli/admin.hpp"
#include "cli/client/client.hpp"
#include "cli/lifecycles.hpp"
#include "cli/migrate.hpp"
#include "cli/serve.hpp"
#include "cli/verify.hpp"
#include "cli/welcome.hpp"
#include "platform/http/openapi.hpp"

namespace {

// Says where the server listens, for whoever let it choose a port: in the data folder, or in the
// file that was named.
void write_addresses(const stateset::Config& config, const stateset::App& app) {
    if (config.database && !config.address_file) return;
    auto file = std::filesystem::path(config.data) / "address";
    if (config.address_file) file = *config.address_file;
    auto write = [](const std::filesystem::path& to, const std::string& address) {
        auto part = to;
        part += ".part";
        std::ofstream(part) << address << "\n";
        std::filesystem::rename(part, to);
    };
    auto grpc_file = file;
    grpc_file += ".grpc";
    std::filesystem::remove(grpc_file);
    if (auto grpc = app.grpc_address(); !grpc.empty()) write(grpc_file, grpc);
    auto host = config.http.substr(0, config.http.rfind(':') + 1);
    write(file, host + std::to_string(app.port()));  // last: whoever waits for it has both
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

// What has no subcommand of its own is the client's, and so is help for all.
bool is_for_client(const CLI::App& cli, int argc, char** argv) {
    if (argc < 2) return true;
    std::string first = argv[1];
    if (first.starts_with('-')) return first == "--help" || first == "-h";
    auto same = [&](const CLI::App* command) { return command->get_name() == first; };
    return cli.get_subcommands(same).empty();
}

int run_client(int argc, char** argv) {
    stateset::Api api;
    stateset::routes(api);
    return stateset::cli::client::run(api, {argv + 1, argv + argc});
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
    write_addresses(config, app);
    spdlog::info("listening on port {}", app.port());
    if (auto grpc = app.grpc_address(); !grpc.empty()) spdlog::info("gRPC at {}", grpc);
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
    stateset::cli::add_serve(cli, config);
    auto* openapi = cli.add_subcommand("openapi", "Print the OpenAPI document");
    auto* status_codes = cli.add_subcommand("status-codes", "Print docs/status-codes.md");
    std::function<int()> chosen;
    stateset::cli::add_admin(cli, config, chosen);
    stateset::cli::add_lifecycles(cli, chosen);
    stateset::cli::add_migrate(cli, config, chosen);
    stateset::cli::add_verify(cli, config, chosen);
    if (is_for_client(cli, argc, argv)) return run_client(argc, argv);
    CLI11_PARSE(cli, argc, argv);
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
