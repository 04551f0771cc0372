#include "cli/verify.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "flows/verify.hpp"

namespace stateset::cli {
namespace {

constexpr int all_holds = 0, something_does_not = 1, cannot_be_read = 2;

int verify(const std::string& data) {
    auto file = std::filesystem::path(data) / "stateset.db";
    try {
        auto reader = store::sqlite::open_reader(file.string());
        auto result = flows::verify(*reader);
        for (const auto& one : result.findings) {
            std::cout << one.table << " " << one.id << ": " << one.problem << " (tenant "
                      << one.tenant << ")\n";
        }
        std::cout << result.checks << " checks, " << result.findings.size()
                  << (result.findings.size() == 1 ? " finding\n" : " findings\n");
        return result.findings.empty() ? all_holds : something_does_not;
    } catch (const std::exception& failure) {
        std::cerr << "cannot verify " << file.string() << ": " << failure.what() << "\n";
        return cannot_be_read;
    }
}

}  // namespace

void add_verify(CLI::App& cli, std::string& data, std::function<int()>& chosen) {
    auto* verifying = cli.add_subcommand("verify", "Prove that the stored data holds together");
    verifying->add_option("--data", data, "Folder of the embedded database")
        ->envname("STATESET_DATA");
    verifying->callback([&data, &chosen] { chosen = [&data] { return verify(data); }; });
}

}  // namespace stateset::cli
