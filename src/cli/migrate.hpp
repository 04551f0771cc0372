#pragma once
// `stateset migrate`: brings a data folder to this version without serving it, or tells what would
// be done.

#include <functional>

#include "app.hpp"

namespace CLI {
class App;
}

namespace stateset::cli {

// Adds the subcommand; `chosen` is set to what is to be run, which answers the exit status: with
// --check 1 while migrations are pending.
void add_migrate(CLI::App&, Config& config, std::function<int()>& chosen);

}  // namespace stateset::cli
