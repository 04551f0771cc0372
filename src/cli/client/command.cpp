#include "cli/client/command.hpp"

#include <algorithm>
#include <set>

#include "cli/client/failure.hpp"
#include "cli/client/options.hpp"
#include "platform/http/api.hpp"

namespace stateset::cli::client {
namespace {

// The first word of "Place an order", where it is another than the verb.
std::string alias_of(const http::Endpoint& endpoint) {
    if (endpoint.verb != "create") return {};
    std::string word(endpoint.route.summary.substr(0, endpoint.route.summary.find(' ')));
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
    return word == endpoint.verb ? "" : word;
}

void add_flags(std::vector<Flag>& flags, const Shape& member, std::vector<std::string> path,
               const std::string& prefix, bool required) {
    path.push_back(member.name);
    Flag flag{.name = prefix + dashed(member.name),
              .goes = Goes::body,
              .shape = member,
              .path = path,
              .required = required};
    if (member.kind == Shape::Kind::object) {
        flag.hidden = true;
        flags.push_back(flag);
        for (const auto& inner : member.members) {
            add_flags(flags, inner, path, flag.name + ".", required && inner.required);
        }
        return;
    }
    if (member.kind == Shape::Kind::list) {
        flag.repeats = true;
        flag.also = {flag.name};
        flag.name = prefix + dashed(singular(member.name));
    }
    if (member.kind == Shape::Kind::map) flag.repeats = true;
    flags.push_back(std::move(flag));
}

Shape named_shape(const http::Parameter& parameter, const json::Definitions& named,
                  const Api& api) {
    auto shape = shape_of(parameter.schema, named);
    shape.name = parameter.name;
    shape.required = parameter.required;
    if (const auto* doc = api.field(parameter.name)) {
        shape.meaning = doc->description;
        if (!doc->example.empty() && shape.words.empty()) {
            shape.example = Tree::text(doc->example);
        }
    }
    return shape;
}

Argument argument_of(const std::string& name, const std::vector<http::Parameter>& known,
                     const json::Definitions& named, const Api& api) {
    auto found = std::ranges::find(known, name, &http::Parameter::name);
    http::Parameter plain{.name = name, .required = true, .schema = R"({"type":"string"})"};
    return {name, named_shape(found == known.end() ? plain : *found, named, api)};
}

std::string argument_example(const Argument& argument) {
    if (argument.shape.format == "uuid") return "0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e";
    if (argument.shape.example.exists()) return argument.shape.example.word;
    return example_of(argument.shape).word;
}

std::string flag_example(const Flag& flag) {
    auto example = example_of(flag.shape);
    if (flag.shape.kind == Shape::Kind::list && !example.elements.empty()) {
        auto first = example.elements.front();
        example = std::move(first);
        // Things are told by their sku or by their id; people by the former.
        const auto* sku = flag.shape.element.front().member("sku");
        if (sku != nullptr && !example["sku"].exists()) {
            example.members.insert(example.members.begin(), {"sku", example_of(*sku)});
        }
    }
    if (flag.shape.kind == Shape::Kind::boolean) return "--" + flag.name;
    return "--" + flag.name + " " + typed(text_of(example));
}

// The shortest that can be carried out: what is required, else the first flag that says something.
std::string shortest_example(const Command& command) {
    auto text = joined(command.words);
    for (const auto& argument : command.arguments) text += " " + typed(argument_example(argument));
    bool any = false;
    for (const auto& flag : command.flags) {
        if (!flag.required || flag.hidden) continue;
        text += " " + flag_example(flag);
        any = true;
    }
    auto changes = command.endpoint->method == "PATCH" || command.endpoint->method == "PUT";
    if (any || !changes) return text;
    for (const auto& flag : command.flags) {
        if (flag.goes == Goes::option || flag.hidden) continue;
        return text + " " + flag_example(flag);
    }
    return text;
}

void add_examples(Command& command) {
    auto shortest = shortest_example(command);
    command.examples.push_back(shortest);
    const auto& endpoint = *command.endpoint;
    if (answers_a_page(endpoint)) {
        const auto* status = command.flag("status");
        if (status != nullptr && !status->shape.words.empty()) {
            shortest += " --status " + status->shape.words.front();
        }
        command.examples.push_back(shortest + " --all --output csv");
    } else if (endpoint.kind == http::Kind::query) {
        command.examples.push_back(shortest + " --json");
    } else if (endpoint.creates && command.flag("data") != nullptr) {
        auto text = joined(command.words);
        for (const auto& each : command.arguments) text += " " + typed(argument_example(each));
        command.examples.push_back(text + " --data @body.json");
    }
}

Shape answer_in(const http::Endpoint& endpoint, json::Definitions& named) {
    auto schema = endpoint.describe_output ? endpoint.describe_output(named) : std::string();
    return schema.empty() ? Shape() : shape_of(schema, named);
}

Command derived(const Catalogue::Entry& entry, const Api& api) {
    const auto& endpoint = *entry.endpoint;
    json::Definitions named([&api](std::string_view name) { return api.field(name); });
    Command command{.words = entry.words,
                    .alias = entry.alias,
                    .summary = entry.summary,
                    .detail = std::string(endpoint.route.detail),
                    .endpoint = &endpoint};
    std::vector<http::Parameter> in_path;
    if (endpoint.describe_path) in_path = endpoint.describe_path(named);
    for (const auto& name : endpoint.path_parameters) {
        command.arguments.push_back(argument_of(name, in_path, named, api));
    }
    if (endpoint.describe_query) {
        for (const auto& parameter : endpoint.describe_query(named)) {
            auto shape = named_shape(parameter, named, api);
            command.flags.push_back({.name = dashed(shape.name),
                                     .goes = Goes::query,
                                     .shape = shape,
                                     .path = {shape.name},
                                     .required = shape.required,
                                     .repeats = shape.kind == Shape::Kind::list});
        }
    }
    if (endpoint.has_body && endpoint.describe_input) {
        auto body = shape_of(endpoint.describe_input(named), named);
        for (const auto& member : body.members) {
            add_flags(command.flags, member, {}, "", member.required);
        }
    }
    add_request_options(command);
    add_examples(command);
    return command;
}

}  // namespace

const Flag* Command::flag(std::string_view name) const {
    auto wanted = dashed(name);
    for (const auto& flag : flags) {
        if (flag.name == wanted || std::ranges::find(flag.also, wanted) != flag.also.end()) {
            return &flag;
        }
    }
    return nullptr;
}

Catalogue::Catalogue(const Api& api) : api_(api), own_(own_commands()) {
    for (const auto& command : own_) {
        entries_.push_back({command.words, command.alias, command.summary, nullptr});
    }
    for (const auto& endpoint : api.endpoints()) {
        if (!has_command(*endpoint)) continue;
        auto words = endpoint->resource;
        words.push_back(endpoint->verb);
        entries_.push_back(
            {words, alias_of(*endpoint), std::string(endpoint->route.summary), endpoint.get()});
    }
}

Command Catalogue::describe(const Entry& entry) const {
    auto command = entry.endpoint != nullptr
                       ? derived(entry, api_)
                       : *std::ranges::find(own_, entry.words, &Command::words);
    add_common_options(command);
    return command;
}

const Catalogue::Entry* Catalogue::find(const std::vector<std::string>& words,
                                        std::size_t& taken) const {
    const Entry* best = nullptr;
    taken = 0;
    for (const auto& entry : entries_) {
        auto count = entry.words.size();
        if (count > words.size() || count <= taken) continue;
        auto resource = std::equal(entry.words.begin(), entry.words.end() - 1, words.begin());
        const auto& verb = words[count - 1];
        if (!resource || (verb != entry.words.back() && verb != entry.alias)) continue;
        best = &entry;
        taken = count;
    }
    return best;
}

std::vector<std::string> Catalogue::following(const std::vector<std::string>& words) const {
    std::vector<std::string> found;
    auto add = [&](const std::string& word) {
        if (!word.empty() && std::ranges::find(found, word) == found.end()) found.push_back(word);
    };
    for (const auto& entry : entries_) {
        bool deeper = entry.words.size() > words.size() &&
                      std::equal(words.begin(), words.end(), entry.words.begin());
        if (!deeper) continue;
        add(entry.words[words.size()]);
        if (entry.words.size() == words.size() + 1) add(entry.alias);
    }
    return found;
}

const http::Endpoint* Catalogue::by_number(const std::string& resource_path) const {
    for (const auto& endpoint : api_.endpoints()) {
        std::string_view path = endpoint->path;
        if (endpoint->method == "GET" && path.starts_with(resource_path + "/by-number/{")) {
            return endpoint.get();
        }
    }
    return nullptr;
}

Shape Catalogue::answer(const http::Endpoint& endpoint) const {
    json::Definitions named([this](std::string_view name) { return api_.field(name); });
    return answer_in(endpoint, named);
}

// In one set of definitions a type has one name.
Catalogue::Readable Catalogue::readable_answer(const http::Endpoint& endpoint) const {
    json::Definitions named([this](std::string_view name) { return api_.field(name); });
    Readable readable{.shape = answer_in(endpoint, named)};
    for (const auto& read : api_.endpoints()) {
        bool by_id = read->method == "GET" && read->path.ends_with("/{id}") &&
                     read->path_parameters.size() == 1;
        if (by_id) readable.read_at.emplace(answer_in(*read, named).type, read.get());
    }
    return readable;
}

bool has_command(const http::Endpoint& endpoint) {
    return endpoint.path.starts_with("/api/v1/") && endpoint.status != 101;
}

bool answers_a_page(const http::Endpoint& endpoint) {
    return endpoint.method == "GET" && std::ranges::find(endpoint.query_parameters, "cursor") !=
                                           endpoint.query_parameters.end();
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
    std::string text;
    for (const auto& word : words) {
        if (&word != words.data()) text += between;
        text += word;
    }
    return text;
}

std::string singular(std::string_view name) {
    std::string word(name);
    if (word.ends_with("ies")) return word.substr(0, word.size() - 3) + "y";
    if (word.ends_with("sses")) return word.substr(0, word.size() - 2);
    if (word.ends_with("s") && !word.ends_with("ss") && !word.ends_with("us")) word.pop_back();
    return word;
}

std::string dashed(std::string_view name) {
    std::string text(name);
    std::ranges::replace(text, '_', '-');
    return text;
}

std::string typed(std::string_view text) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.,:/=@%+";
    if (!text.empty() && text.find_first_not_of(plain) == text.npos) return std::string(text);
    std::string quoted = "'";
    for (char c : text) {
        if (c == '\'') {
            quoted += R"('\'')";
        } else {
            quoted += c;
        }
    }
    return quoted + "'";
}

}  // namespace stateset::cli::client
