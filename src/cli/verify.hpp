#pragma once
// `stateset verify`: proves that the database holds what it promises, or names what does not hold.

#include <functional>

#include "app.hpp"

namespace CLI {
class App;
}

namespace stateset::cli {

// Adds the subcommand; `chosen` is set to what is to be run. It answers 0 when everything holds, 1
// when something does not, 2 when the database cannot be read.
void add_verify(CLI::App&, Config& config, std::function<int()>& chosen);

}  // namespace stateset::cli
