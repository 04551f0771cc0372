#include "cli/verify.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "cli/database.hpp"
#include "flows/verify.hpp"

namespace stateset::cli {
namespace {

constexpr std::chrono::minutes patience{30};  // with one check of a large database
constexpr int all_holds = 0, something_does_not = 1, cannot_be_read = 2;

int verify(const Config& config) {
    auto database = store::open_database(place_of(config));
    try {
        auto reader = database->open_reader(patience);
        auto result = flows::verify(*reader);
        for (const auto& one : result.findings) {
            std::cout << one.table << " " << one.id << ": " << one.problem << " (tenant "
                      << one.tenant << ")\n";
        }
        std::cout << result.checks << " checks, " << result.findings.size()
                  << (result.findings.size() == 1 ? " finding\n" : " findings\n");
        return result.findings.empty() ? all_holds : something_does_not;
    } catch (const std::exception& failure) {
        std::cerr << "cannot verify " << database->name() << ": " << failure.what() << "\n";
        return cannot_be_read;
    }
}

}  // namespace

void add_verify(CLI::App& cli, Config& config, std::function<int()>& chosen) {
    auto* verifying = cli.add_subcommand("verify", "Prove that the stored data holds together");
    add_database(*verifying, config);
    verifying->callback([&config, &chosen] { chosen = [&config] { return verify(config); }; });
}

}  // namespace stateset::cli
