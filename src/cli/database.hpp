#pragma once
// The flags that say where the data lies, alike for every subcommand that needs them.

#include "app.hpp"
#include "platform/store/database.hpp"

namespace CLI {
class App;
}

namespace stateset::cli {

// --data and --database.
void add_database(CLI::App& command, Config&);

store::Place place_of(const Config&);

}  // namespace stateset::cli
