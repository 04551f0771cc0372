#include "cli/client/client.hpp"

#include <algorithm>
#include <csignal>
#include <iostream>

#include "cli/client/failure.hpp"
#include "cli/client/help.hpp"
#include "cli/client/own.hpp"
#include "cli/client/request.hpp"

namespace stateset::cli::client {
namespace {

// Words of the other side of the binary, for suggestions.
const std::vector<std::string> others{"serve",   "migrate",      "verify",    "admin",
                                      "openapi", "status-codes", "lifecycles"};

bool asks_for_help(const std::string& word) { return word == "--help" || word == "-h"; }

// Neither a command nor a part of one.
int unknown(const Catalogue& catalogue, const std::vector<std::string>& known,
            const std::string& word) {
    auto possible = catalogue.following(known);
    if (known.empty()) possible.insert(possible.end(), others.begin(), others.end());
    std::cerr << "error: stateset " << joined(known) << (known.empty() ? "" : " ") << word
              << " is not known" << suggestion(word, possible) << "\n";
    auto more = known.empty() ? "stateset" : "stateset " + joined(known);
    std::cerr << "See " << more << " --help\n";
    return exits::usage;
}

// The words do not name a command: help for what they name, or what may have been meant.
int without_command(const Catalogue& catalogue, const std::vector<std::string>& words,
                    const Terminal& terminal) {
    std::vector<std::string> known;
    for (const auto& word : words) {
        auto deeper = known;
        deeper.push_back(word);
        if (word.starts_with('-') || catalogue.following(deeper).empty()) break;
        known = std::move(deeper);
    }
    bool more = known.size() < words.size();
    if (more && !asks_for_help(words[known.size()])) {
        return unknown(catalogue, known, words[known.size()]);
    }
    auto help =
        known.empty() ? help_of_all(catalogue, terminal) : help_of_noun(catalogue, known, terminal);
    (more ? std::cout : std::cerr) << help;
    return more ? exits::ok : exits::usage;
}

int carry_out_words(const Catalogue& catalogue, std::vector<std::string> words) {
    Terminal terminal;
    if (!words.empty() && words[0] == "help") {
        words.erase(words.begin());
        words.emplace_back("--help");
    }
    std::size_t taken = 0;
    const auto* entry = catalogue.find(words, taken);
    if (entry == nullptr) return without_command(catalogue, words, terminal);
    auto command = catalogue.describe(*entry);
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(taken));
    try {
        auto given = read_arguments(command, words);
        if (given.help) {
            write_all(help_of(command, terminal));
            return exits::ok;
        }
        return command.endpoint != nullptr ? carry_out(catalogue, given)
                                           : command.act(catalogue, given);
    } catch (const Failure& failure) {
        if (failure.exit() == exits::usage && *failure.what() != '\0') {
            std::string text = failure.what();
            for (auto end = text.find('\n'); end != text.npos; end = text.find('\n', end + 8)) {
                text.replace(end, 1, "\nerror: ");
            }
            std::cerr << "error: " << text << "\nSee stateset " << joined(command.words)
                      << " --help\n";
            return exits::usage;
        }
        throw;
    }
}

}  // namespace

int run(const Api& api, const std::vector<std::string>& words) {
    std::signal(SIGPIPE, SIG_IGN);
    Catalogue catalogue(api);
    try {
        if (!words.empty() && words[0] == "__complete") {
            write_all(completions(catalogue, {words.begin() + 1, words.end()}));
            return exits::ok;
        }
        return carry_out_words(catalogue, words);
    } catch (const Failure& failure) {
        std::cout << std::flush;
        if (*failure.what() != '\0') std::cerr << "error: " << failure.what() << "\n";
        return failure.exit();
    } catch (const std::exception& failure) {
        std::cerr << "error: " << failure.what() << "\n";
        return exits::refused;
    }
}

std::vector<Command> own_commands() {
    std::vector<Command> all;
    for (auto commands : {account_commands(), event_commands(), trigger_commands(),
                          transfer_commands(), completion_commands()}) {
        std::ranges::move(commands, std::back_inserter(all));
    }
    return all;
}

}  // namespace stateset::cli::client
