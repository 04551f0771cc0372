#include "cli/client/options.hpp"

#include <algorithm>

#include "platform/http/endpoint.hpp"

namespace stateset::cli::client {
namespace {

// A member of the request keeps its name; then the option of that name is not there.
void add(Command& command, Flag flag) {
    if (command.flag(flag.name) == nullptr) command.flags.push_back(std::move(flag));
}

constexpr std::string_view common[] = {"server",  "profile", "api-key", "output",  "json", "fields",
                                       "retries", "timeout", "color",   "verbose", "help"};

}  // namespace

Flag option(std::string name, Shape::Kind kind, std::string meaning, std::string example) {
    Flag flag{.name = std::move(name)};
    flag.shape.name = flag.name;
    flag.shape.kind = kind;
    flag.shape.meaning = std::move(meaning);
    if (!example.empty()) flag.shape.example = Tree::text(example);
    return flag;
}

Flag choice(std::string name, std::vector<std::string> words, std::string meaning) {
    auto flag = option(std::move(name), Shape::Kind::word, std::move(meaning));
    flag.shape.words = std::move(words);
    return flag;
}

void add_request_options(Command& command) {
    using Kind = Shape::Kind;
    const auto& endpoint = *command.endpoint;
    if (endpoint.has_body || endpoint.route.raw_body) {
        // A member may be called data, too.
        auto name = command.flag("data") == nullptr ? "data" : "body";
        add(command,
            option(name, Kind::any,
                   "The whole body: JSON, @FILE, or - for standard input; flags go over it",
                   "@body.json"));
    }
    if (endpoint.method == "PATCH") {
        auto clear =
            option("clear", Kind::text, "A member to set to null; may be repeated", "notes");
        for (const auto& flag : command.flags) {
            if (flag.goes == Goes::body && flag.shape.nullable) {
                clear.shape.words.push_back(joined(flag.path, "."));
            }
        }
        clear.repeats = true;
        clear.shape.kind = Kind::word;
        if (!clear.shape.words.empty()) add(command, std::move(clear));
    }
    auto type = endpoint.route.content_type;
    if (type != "application/json" && type != "text/event-stream") {
        add(command, option("to", Kind::text, "The file to write", "answer.bin"));
    }
    if (answers_a_page(endpoint)) {
        add(command, option("all", Kind::boolean, "Walk through all pages"));
        add(command, option("max", Kind::integer, "With --all: how many at most", "10000"));
    }
    if (endpoint.kind == http::Kind::command) {
        add(command,
            option("dry-run", Kind::boolean, "Only see what it would answer: nothing is stored"));
        add(command,
            option("idempotency-key", Kind::text,
                   "Your own key, so that the same command again is not done twice", "order-1815"));
        if (!endpoint.path_parameters.empty()) {
            add(command, option("if-match", Kind::text,
                                "The version it must still have; else it is refused", "3"));
        }
    }
    if (endpoint.waits) {
        add(command, option("wait", Kind::boolean, "Wait until the outcome is known"));
        add(command, option("wait-s", Kind::integer, "With --wait: how long at most", "120"));
    }
}

void add_common_options(Command& command) {
    using Kind = Shape::Kind;
    add(command, option("server", Kind::text, "Where the server is ($STATESET_SERVER)",
                        "http://127.0.0.1:8080"));
    add(command,
        option("profile", Kind::text, "Whose login to use ($STATESET_PROFILE)", "staging"));
    add(command, option("api-key", Kind::text,
                        "An API key instead; better in $STATESET_API_KEY, where nobody reads it"));
    add(command, choice("output", {"table", "json", "jsonl", "csv"}, "How to print the answer"));
    add(command, option("json", Kind::boolean, "Print the server's JSON as it came"));
    add(command,
        option("fields", Kind::text, "Only these members, with commas between", "id,status"));
    add(command,
        option("retries", Kind::integer, "How often to try again what did not get through", "5"));
    add(command, option("timeout", Kind::integer, "Seconds to wait for one answer", "60"));
    add(command, choice("color", {"auto", "always", "never"}, "Colours; NO_COLOR counts as well"));
    add(command,
        option("verbose", Kind::boolean, "Tell what is sent and answered, without secrets"));
    add(command, option("help", Kind::boolean, "This text"));
}

bool is_common(const Flag& flag) {
    return flag.goes == Goes::option && std::ranges::find(common, flag.name) != std::end(common);
}

}  // namespace stateset::cli::client
