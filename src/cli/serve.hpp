#pragma once
// `stateset serve`: its flags. Each is also STATESET_… in the environment and a line in
// stateset.toml.

#include "app.hpp"

namespace CLI {
class App;
}

namespace stateset::cli {

// Adds the subcommand, whose flags fill `config`, and answers it.
CLI::App* add_serve(CLI::App&, Config& config);

}  // namespace stateset::cli
