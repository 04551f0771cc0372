#pragma once
// The flags that are the client's own, alike for every command that can use them.

#include "cli/client/command.hpp"

namespace stateset::cli::client {

Flag option(std::string name, Shape::Kind, std::string meaning, std::string example = "");
Flag choice(std::string name, std::vector<std::string> words, std::string meaning);

// Those of a command that speaks to the API: --data, --dry-run, --wait, --all …, as the endpoint
// knows them.
void add_request_options(Command&);
// Those of every command: --server, --profile, --output …
void add_common_options(Command&);
bool is_common(const Flag&);

}  // namespace stateset::cli::client
