// Completion in shells. The scripts are a few lines that ask `stateset __complete WORDS…`, so that
// what they offer is what this binary knows.

#include <algorithm>
#include <iostream>

#include "cli/client/arguments.hpp"
#include "cli/client/failure.hpp"
#include "cli/client/own.hpp"

namespace stateset::cli::client {
namespace {

constexpr const char* bash_script =
    R"(# Completion of stateset for bash: source <(stateset completion bash)
_stateset() {
    local line=("${COMP_WORDS[@]:1:COMP_CWORD}") IFS=$'\n'
    mapfile -t COMPREPLY < <(stateset __complete "${line[@]}" 2>/dev/null | cut -f 1)
    if [ "${COMPREPLY[0]:-}" = "@files" ]; then
        mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
        compopt -o filenames
    fi
}
complete -F _stateset stateset
)";

constexpr const char* zsh_script = R"(#compdef stateset
# Completion of stateset for zsh: source <(stateset completion zsh), after compinit.
_stateset() {
    local -a found described
    found=("${(@f)$(stateset __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ "${found[1]}" == "@files" ]]; then
        _files
        return
    fi
    local each
    for each in "${found[@]}"; do
        [[ -n "$each" ]] && described+=("${${each%%$'\t'*}//:/\\:}:${each#*$'\t'}")
    done
    _describe stateset described
}
if [[ "${funcstack[1]:-}" == "_stateset" ]]; then
    _stateset "$@"
else
    compdef _stateset stateset
fi
)";

constexpr const char* fish_script =
    R"(# Completion of stateset for fish: stateset completion fish | source
function __stateset_complete
    set -l line (commandline -opc) (commandline -ct)
    set -l found (stateset __complete $line[2..-1] 2>/dev/null)
    if test "$found[1]" = "@files"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $found
    end
end
complete -c stateset -f -a '(__stateset_complete)'
)";

int completion(const Catalogue&, const Given& given) {
    const auto& shell = given.arguments.at(0);
    if (shell == "bash") {
        std::cout << bash_script;
    } else if (shell == "zsh") {
        std::cout << zsh_script;
    } else if (shell == "fish") {
        std::cout << fish_script;
    } else {
        throw Failure(exits::usage, "shell: must be one of bash, zsh, fish, not \"" + shell + "\"");
    }
    return exits::ok;
}

class Offers {
  public:
    explicit Offers(std::string begun) : begun_(std::move(begun)) {}
    void add(const std::string& word, const std::string& meaning) {
        if (word.starts_with(begun_)) text_ += word + "\t" + meaning + "\n";
    }
    void files() {
        if (text_.empty()) text_ = "@files\n";
    }
    std::string text() const { return text_; }

  private:
    std::string begun_, text_;
};

// What a flag of this shape may be given, after `before` ("--status=" or nothing).
void offer_values(Offers& offers, const Shape& shape, const std::string& before) {
    const auto& words = shape.kind == Shape::Kind::list && !shape.element.empty()
                            ? shape.element[0].words
                            : shape.words;
    for (const auto& word : words) offers.add(before + word, shape.meaning);
    if (shape.kind == Shape::Kind::boolean) {
        offers.add(before + "true", "");
        offers.add(before + "false", "");
    }
}

void offer_flags(Offers& offers, const Command& command, const std::vector<std::string>& before) {
    for (const auto& flag : command.flags) {
        bool given = std::ranges::find(before, "--" + flag.name) != before.end();
        if (flag.hidden || (given && !flag.repeats)) continue;
        offers.add("--" + flag.name, flag.shape.meaning.substr(0, flag.shape.meaning.find('.')));
    }
}

std::string offered(const Command& command, const std::vector<std::string>& before,
                    const std::string& begun) {
    Offers offers(begun);
    if (auto equals = begun.find('='); begun.starts_with("--") && equals != begun.npos) {
        if (const auto* flag = command.flag(begun.substr(2, equals - 2))) {
            offer_values(offers, flag->shape, begun.substr(0, equals + 1));
        }
        return offers.text();
    }
    if (!before.empty() && before.back().starts_with("--")) {
        const auto* flag = command.flag(before.back().substr(2));
        if (flag != nullptr && flag->shape.kind != Shape::Kind::boolean) {
            offer_values(offers, flag->shape, "");
            if (flag->name == "to" || flag->name == "data") offers.files();
            return offers.text();
        }
    }
    std::size_t arguments = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        bool value = i > 0 && before[i - 1].starts_with("--");
        if (!value && !before[i].starts_with('-')) ++arguments;
    }
    if (!begun.starts_with('-') && arguments < command.arguments.size()) {
        const auto& argument = command.arguments[arguments];
        offer_values(offers, argument.shape, "");
        if (argument.name == "file") offers.files();
        if (command.words[0] == "completion") {
            for (const char* shell : {"bash", "zsh", "fish"}) offers.add(shell, "");
        }
        if (!offers.text().empty()) return offers.text();
    }
    offer_flags(offers, command, before);
    return offers.text();
}

}  // namespace

std::string completions(const Catalogue& catalogue, std::vector<std::string> words) {
    std::string begun;
    if (!words.empty()) {
        begun = words.back();
        words.pop_back();
    }
    std::size_t taken = 0;
    const auto* entry = catalogue.find(words, taken);
    Offers offers(begun);
    for (const auto& word : catalogue.following(words)) {
        auto deeper = words;
        deeper.push_back(word);
        std::size_t all = 0;
        const auto* meant = catalogue.find(deeper, all);
        offers.add(word, meant != nullptr && all == deeper.size() ? meant->summary : "");
    }
    if (words.empty()) {
        for (const char* word :
             {"serve", "migrate", "verify", "admin", "openapi", "status-codes", "lifecycles"}) {
            offers.add(word, "");
        }
    }
    if (entry == nullptr || (taken == words.size() && !offers.text().empty())) {
        return offers.text();
    }
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(taken));
    return offered(catalogue.describe(*entry), words, begun);
}

std::vector<Command> completion_commands() {
    Shape shell{.name = "shell", .kind = Shape::Kind::text, .meaning = "bash, zsh or fish."};
    return {
        {.words = {"completion"},
         .summary = "Print what completes this command line in a shell",
         .arguments = {{"shell", shell}},
         .examples = {"completion bash"},
         .act = completion},
    };
}

}  // namespace stateset::cli::client
