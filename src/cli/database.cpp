#include "cli/database.hpp"

#include <CLI/CLI.hpp>

namespace stateset::cli {

void add_database(CLI::App& command, Config& config) {
    command.add_option("--data", config.data, "Folder of the embedded database")
        ->envname("STATESET_DATA");
    command
        .add_option("--database", config.database,
                    "PostgreSQL instead of the embedded database, postgres://USER@HOST/NAME")
        ->envname("STATESET_DATABASE");
}

store::Place place_of(const Config& config) {
    return {.folder = config.data, .url = config.database, .replica_url = config.database_read};
}

}  // namespace stateset::cli
