#include "cli/migrate.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "platform/store/folder_lock.hpp"
#include "platform/store/sqlite.hpp"

namespace stateset::cli {
namespace {

int migrate(const std::string& data, bool check) {
    using namespace store::sqlite;
    std::filesystem::create_directories(data);
    store::FolderLock lock(data);
    Connection connection((std::filesystem::path(data) / "stateset.db").string(), Access::write);
    auto report = store::sqlite::migrate(connection, check ? Migrate::check_only : Migrate::apply);
    for (const auto& name : report.applied) std::printf("applied %s\n", name.c_str());
    for (const auto& name : report.pending) std::printf("pending %s\n", name.c_str());
    if (report.applied.empty() && report.pending.empty()) std::printf("nothing to do\n");
    return report.pending.empty() ? 0 : 1;
}

}  // namespace

void add_migrate(CLI::App& cli, std::string& data, std::function<int()>& chosen) {
    auto* command = cli.add_subcommand("migrate", "Bring a data folder to this version");
    auto check = std::make_shared<bool>(false);
    command->add_option("--data", data, "Folder of the embedded database")
        ->envname("STATESET_DATA");
    command->add_flag("--check", *check, "Only tell what would be done");
    command->callback(
        [&data, &chosen, check] { chosen = [&data, check] { return migrate(data, *check); }; });
}

}  // namespace stateset::cli
