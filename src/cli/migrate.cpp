#include "cli/migrate.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/database.hpp"

namespace stateset::cli {
namespace {

int migrate(const Config& config, bool check) {
    auto database = store::open_database(place_of(config));
    auto report = database->migrate(check ? store::Migrate::check_only : store::Migrate::apply);
    for (const auto& name : report.applied) std::printf("applied %s\n", name.c_str());
    for (const auto& name : report.pending) std::printf("pending %s\n", name.c_str());
    if (report.applied.empty() && report.pending.empty()) std::printf("nothing to do\n");
    return report.pending.empty() ? 0 : 1;
}

}  // namespace

void add_migrate(CLI::App& cli, Config& config, std::function<int()>& chosen) {
    auto* command = cli.add_subcommand("migrate", "Bring the database to this version");
    auto check = std::make_shared<bool>(false);
    add_database(*command, config);
    command->add_flag("--check", *check, "Only tell what would be done");
    command->callback([&config, &chosen, check] {
        chosen = [&config, check] { return migrate(config, *check); };
    });
}

}  // namespace stateset::cli
