#include "cli/migrate.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/client/progress.hpp"
#include "cli/database.hpp"
#include "platform/store/postgres_copy.hpp"

namespace stateset::cli {
namespace {

struct Wanted {
    bool check = false;
    std::string from;  // a data folder to copy from; empty: none
};

int copy(const Config& config, const std::string& folder) {
    if (!config.database) {
        std::fprintf(stderr, "--from copies into PostgreSQL: name it with --database\n");
        return 2;
    }
    std::int64_t rows = 0;
    std::vector<store::postgres::Copied> copied;
    {
        client::Terminal terminal;
        client::Progress progress(terminal, "copying");
        copied = store::postgres::copy_folder(
            folder, *config.database, [&](std::int64_t done, std::int64_t all) {
                progress.at(static_cast<int>(all == 0 ? 100 : 100 * done / all),
                            std::to_string(done) + " of " + std::to_string(all) + " rows");
            });
    }
    for (const auto& [table, count] : copied) {
        if (count > 0) {
            std::printf("copied %s %lld\n", table.c_str(), static_cast<long long>(count));
        }
        rows += count;
    }
    std::printf("%lld rows are in PostgreSQL; the folder is as it was\n",
                static_cast<long long>(rows));
    return 0;
}

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
    auto wanted = std::make_shared<Wanted>();
    add_database(*command, config);
    auto* check = command->add_flag("--check", wanted->check, "Only tell what would be done");
    command
        ->add_option("--from", wanted->from,
                     "Copy all that this data folder holds into the empty PostgreSQL database")
        ->excludes(check);
    command->callback([&config, &chosen, wanted] {
        chosen = [&config, wanted] {
            if (!wanted->from.empty()) return copy(config, wanted->from);
            return migrate(config, wanted->check);
        };
    });
}

}  // namespace stateset::cli
