#include "cli/client/help.hpp"

#include <algorithm>
#include <map>

#include "cli/client/options.hpp"
#include "platform/http/endpoint.hpp"

namespace stateset::cli::client {
namespace {

constexpr std::size_t widest_name = 34;
constexpr std::size_t unknown_width = 100;

// As many lines as it needs, each `indent` columns in; the first stands there already.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t at,
                    const Terminal& terminal) {
    auto width = std::min(terminal.width() == 0 ? unknown_width : terminal.width(), unknown_width);
    std::string out;
    bool fresh = true;
    for (std::size_t begin = 0; begin < text.size();) {
        auto end = std::min(text.find_first_of(" \n", begin), text.size());
        auto word = text.substr(begin, end - begin);
        begin = end + 1;
        if (word.empty()) continue;
        if (!fresh && at + 1 + columns(word) > width) {
            out += "\n" + std::string(indent, ' ');
            at = indent;
            fresh = true;
        }
        out += (fresh ? "" : " ") + std::string(word);
        at += columns(word) + (fresh ? 0 : 1);
        fresh = false;
    }
    return out;
}

// The text behind a name.
std::string row(const std::string& name, std::string_view text, std::size_t indent,
                const Terminal& terminal) {
    std::string out = "  " + terminal.in(Ink::bold, name);
    auto used = columns(name) + 2;
    if (used + 2 > indent) {
        out += "\n";
        used = 0;
    }
    return out + std::string(indent - used, ' ') + wrapped(text, indent, indent, terminal) + "\n";
}

std::string block(const std::string& title,
                  const std::vector<std::pair<std::string, std::string>>& rows,
                  const Terminal& terminal) {
    if (rows.empty()) return {};
    std::size_t indent = 0;
    for (const auto& [name, _] : rows)
        indent = std::max(indent, std::min(columns(name), widest_name));
    std::string out = "\n" + terminal.in(Ink::bold, title) + "\n";
    for (const auto& [name, text] : rows) out += row(name, text, indent + 5, terminal);
    return out;
}

std::string members_of(const Shape& element) {
    std::string text;
    for (const auto& member : element.members) {
        text += (text.empty() ? "" : ", ") + member.name + (member.required ? "" : "?");
    }
    return text;
}

std::string meaning_of(const Flag& flag) {
    const auto& shape = flag.shape;
    auto text = shape.meaning;
    auto add = [&](const std::string& more) {
        if (more.empty()) return;
        if (!text.empty() && text.back() != '.') text += '.';
        text += (text.empty() ? "" : " ") + more;
    };
    if (shape.kind == Shape::Kind::list && shape.element.front().kind == Shape::Kind::object) {
        add("Members: " + members_of(shape.element.front()) + ".");
    }
    if (!shape.words.empty()) add("One of " + joined(shape.words, ", ") + ".");
    if (flag.repeats) add("May be repeated.");
    if (flag.required) add("Required.");
    return text;
}

std::string usage_of(const Command& command) {
    auto text = "stateset " + joined(command.words);
    for (const auto& argument : command.arguments) {
        std::string name = argument.name;
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
        text += argument.optional ? " [" + name + "]" : " " + name;
    }
    return text + " [FLAGS]";
}

std::vector<std::pair<std::string, std::string>> flag_rows(const Command& command, bool common) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const auto& flag : command.flags) {
        if (flag.hidden || is_common(flag) != common) continue;
        auto takes = placeholder(flag.shape);
        rows.emplace_back("--" + flag.name + (takes.empty() ? "" : " " + takes), meaning_of(flag));
    }
    return rows;
}

using Rows = std::vector<std::pair<std::string, std::string>>;

const Rows servers{
    {"serve", "Run the server"},
    {"migrate", "Bring a database to this version"},
    {"verify", "Prove that the stored data holds together"},
    {"admin", "Tenants, users and keys, for who runs the machine"},
};
const Rows documents{
    {"openapi", "Print the OpenAPI document"},
    {"status-codes", "Print docs/status-codes.md"},
    {"lifecycles", "Print the lifecycles as diagrams"},
};

}  // namespace

std::string placeholder(const Shape& shape) {
    switch (shape.kind) {
        case Shape::Kind::boolean: return "";
        case Shape::Kind::integer: return "N";
        case Shape::Kind::decimal: return "DECIMAL";
        case Shape::Kind::word: return shape.words.size() <= 3 ? joined(shape.words, "|") : "WORD";
        case Shape::Kind::map: return "KEY=VALUE";
        case Shape::Kind::list:
            return shape.element.front().kind == Shape::Kind::object
                       ? "KEY=VALUE,…"
                       : placeholder(shape.element.front());
        case Shape::Kind::object:
        case Shape::Kind::any: return "JSON";
        case Shape::Kind::text: break;
    }
    if (shape.format == "uuid") return "ID";
    if (shape.format == "date") return "DAY";
    if (shape.format == "date-time") return "TIME";
    return "TEXT";
}

std::string help_of_all(const Catalogue& catalogue, const Terminal& terminal) {
    std::map<std::string, std::vector<std::string>> nouns;
    Rows tools, rows;
    for (const auto& entry : catalogue.entries()) {
        if (entry.endpoint == nullptr && entry.words.size() == 1) {
            tools.emplace_back(entry.words[0], entry.summary);
        }
        if (entry.words.size() < 2 || entry.words[0] == "profiles") continue;
        auto& verbs = nouns[entry.words[0]];
        auto verb = entry.words.size() == 2 ? entry.words[1] : entry.words[1] + " …";
        if (!entry.alias.empty() && entry.words.size() == 2) verb = entry.alias;
        if (std::ranges::find(verbs, verb) == verbs.end()) verbs.push_back(verb);
    }
    for (const auto& [noun, verbs] : nouns) rows.emplace_back(noun, joined(verbs, ", "));
    tools.insert(tools.end(), documents.begin(), documents.end());
    return "StateSet: commerce operations behind one API\n\nUsage: stateset COMMAND …\n" +
           block("Run a server", servers, terminal) +
           block("Speak to a server: stateset NOUN VERB [ARGUMENTS] [FLAGS]", rows, terminal) +
           block("Tools", tools, terminal) +
           "\nstateset COMMAND --help tells more, with examples. To begin:\n\n"
           "  stateset serve --demo\n"
           "  stateset login\n"
           "  stateset orders list --status pending\n";
}

std::string help_of_noun(const Catalogue& catalogue, const std::vector<std::string>& words,
                         const Terminal& terminal) {
    Rows rows;
    std::string example;
    for (const auto& entry : catalogue.entries()) {
        bool within = entry.words.size() > words.size() &&
                      std::equal(words.begin(), words.end(), entry.words.begin());
        if (!within) continue;
        auto rest = entry.words;
        rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(words.size()));
        auto name = joined(rest) + (entry.alias.empty() ? "" : ", " + entry.alias);
        rows.emplace_back(name, entry.summary);
        if (example.empty()) example = catalogue.describe(entry).examples.front();
    }
    return "Usage: stateset " + joined(words) + " VERB [ARGUMENTS] [FLAGS]\n" +
           block("Verbs", rows, terminal) + "\n" + terminal.in(Ink::bold, "Example") +
           "\n  stateset " + example + "\n";
}

std::string help_of(const Command& command, const Terminal& terminal) {
    auto text = command.summary + ".\n";
    if (!command.detail.empty()) {
        text += "\n";
        text += wrapped(command.detail, 0, 0, terminal) + "\n";
    }
    if (command.endpoint != nullptr && !command.endpoint->route.needs.empty()) {
        text += "Needs the permission " + std::string(command.endpoint->route.needs) + ".\n";
    }
    text += "\nUsage: " + usage_of(command) + "\n";
    if (!command.alias.empty()) {
        auto other = command.words;
        other.back() = command.alias;
        text += "       stateset " + joined(other) + " … is the same\n";
    }
    Rows arguments;
    for (const auto& argument : command.arguments) {
        std::string name = argument.name;
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
        auto meaning = argument.name == "id" && argument.shape.format == "uuid"
                           ? std::string("Its id, or its number where it has one.")
                           : argument.shape.meaning;
        arguments.emplace_back(name, meaning);
    }
    text += block("Arguments", arguments, terminal);
    text += block("Flags", flag_rows(command, false), terminal);
    text += block("Flags of every command", flag_rows(command, true), terminal);
    text += "\n" + terminal.in(Ink::bold, command.examples.size() > 1 ? "Examples" : "Example");
    for (const auto& example : command.examples) text += "\n  stateset " + example;
    return text + "\n";
}

}  // namespace stateset::cli::client
