#pragma once
// The commands that are not derived, by theme.

#include <string>
#include <vector>

#include "cli/client/command.hpp"

namespace stateset::cli::client {

std::vector<Command> account_commands();   // login, logout, profiles, whoami
std::vector<Command> event_commands();     // events listen
std::vector<Command> trigger_commands();   // trigger
std::vector<Command> transfer_commands();  // import, export
std::vector<Command> completion_commands();

// What may stand at the end of this command line, each on a line with its meaning behind a tab.
std::string completions(const Catalogue&, std::vector<std::string> words);

}  // namespace stateset::cli::client
