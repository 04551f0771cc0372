#pragma once
// A command line, read as its command says. Everything that is wrong with it is found at once and
// named with the flag it is about; unknown names come with the nearest known one.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/client/command.hpp"

namespace stateset::cli::client {

struct Given {
    const Command* command = nullptr;
    std::vector<std::string> arguments;  // positional, as many as the command has at most
    std::vector<std::pair<std::string, std::string>> query;
    Tree body;             // of the flags, over --data; absent when there was neither
    std::string raw_body;  // of --data, for a route that takes bytes
    std::map<std::string, std::vector<std::string>> options;  // the client's own
    bool help = false;

    bool has(const std::string& option) const { return options.contains(option); }
    // The last one given, "" when there is none.
    std::string text(const std::string& option) const;
    std::int64_t number(const std::string& option, std::int64_t otherwise) const;
};

// Throws Failure(usage) with all faults, each on a line.
Given read_arguments(const Command&, const std::vector<std::string>& rest);

// "- did you mean x?" or "".
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

// What "@FILE", "-" or a text stands for.
std::string content_of(const std::string& source);

}  // namespace stateset::cli::client
