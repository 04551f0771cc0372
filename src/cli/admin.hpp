#pragma once
// `stateset admin …`: what the operator of the machine may do without credentials. A running server
// is asked through its door; without one the data folder is opened here.

#include <functional>

#include "app.hpp"

namespace CLI {
class App;
}

namespace stateset::cli {

// Adds the subcommands; `chosen` is set to what is to be run, which answers the exit status.
void add_admin(CLI::App&, Config& config, std::function<int()>& chosen);

}  // namespace stateset::cli
