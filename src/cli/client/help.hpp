#pragma once
// What --help says, made of the commands' descriptions.

#include <string>
#include <vector>

#include "cli/client/command.hpp"
#include "cli/client/terminal.hpp"

namespace stateset::cli::client {

// Of `stateset` itself: what runs a server, what speaks to one, and tools.
std::string help_of_all(const Catalogue&, const Terminal&);
// Of "orders", or "inventory items": what can be done with it.
std::string help_of_noun(const Catalogue&, const std::vector<std::string>& words, const Terminal&);
std::string help_of(const Command&, const Terminal&);

// "ID", "WORD", "19.99", "KEY=VALUE": what a flag takes.
std::string placeholder(const Shape&);

}  // namespace stateset::cli::client
