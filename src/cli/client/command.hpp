#pragma once
// What can be typed. A command that speaks to the API is derived from its line of the endpoint
// table: its words from resource and verb, its positional arguments from the path, its flags from
// the query and the body, their meanings from the glossary. The few others (login, trigger, …) are
// described in the same terms, so that help, completion and suggestions know only one kind.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/client/shape.hpp"

namespace stateset {
class Api;
namespace http {
struct Endpoint;
}
}  // namespace stateset

namespace stateset::cli::client {

enum class Goes { option, query, body };  // what a flag is for: the client itself, or the request

struct Flag {
    std::string name;               // "customer-id", "shipping-address.city"
    std::vector<std::string> also;  // other spellings, not shown
    Goes goes = Goes::option;
    Shape shape;                    // its name and meaning are the member's
    std::vector<std::string> path;  // of the member in the body, or the query parameter
    bool required = false;
    bool repeats = false;  // each adds an element, or a key of a map
    bool hidden = false;   // a whole object as JSON, where its members have flags
};

struct Argument {
    std::string name;  // of the path parameter
    Shape shape;
    bool optional = false;
};

class Catalogue;
struct Given;
struct Console;

struct Command {
    std::vector<std::string> words;  // "orders", "items", "list"
    std::string alias;               // another verb: "place" for "create"
    std::string summary, detail;
    std::vector<Argument> arguments;
    std::vector<Flag> flags;
    std::vector<std::string> examples;  // what follows "stateset "
    const http::Endpoint* endpoint = nullptr;
    // Carries it out and answers the exit status.
    std::function<int(const Catalogue&, const Given&)> act;

    const Flag* flag(std::string_view name) const;  // by any spelling; nullptr: none
};

// All commands there are. Only the words are known at once; a command is described when asked for.
class Catalogue {
  public:
    explicit Catalogue(const Api&);

    struct Entry {
        std::vector<std::string> words;
        std::string alias, summary;
        const http::Endpoint* endpoint = nullptr;  // nullptr: not of the API
    };
    const std::vector<Entry>& entries() const { return entries_; }
    Command describe(const Entry&) const;

    // The entry that the words begin with, and how many they are; nullptr: none.
    const Entry* find(const std::vector<std::string>& words, std::size_t& taken) const;
    // What may follow these words; "list", "items", …
    std::vector<std::string> following(const std::vector<std::string>& words) const;
    // The read of one by its number, for a resource whose things have numbers: the endpoint of
    // "orders get-by-number". nullptr: none.
    const http::Endpoint* by_number(const std::string& resource_path) const;
    // The shape of what an endpoint answers.
    Shape answer(const http::Endpoint&) const;
    // The same, and where things of the types in it are read by their id.
    struct Readable {
        Shape shape;
        std::map<std::string, const http::Endpoint*> read_at;  // by Shape::type
    };
    Readable readable_answer(const http::Endpoint&) const;
    const Api& api() const { return api_; }

  private:
    const Api& api_;
    std::vector<Entry> entries_;
    std::vector<Command> own_;
};

// The commands that are not derived.
std::vector<Command> own_commands();

// Every route has a command but those of the root, which are for machines or served twice, and the
// one that a command line cannot speak: WebSocket.
bool has_command(const http::Endpoint&);
// A page of many: {"data":[…],"next_cursor":…}.
bool answers_a_page(const http::Endpoint&);

std::string joined(const std::vector<std::string>& words, std::string_view between = " ");
// "items" is "item": how a flag that adds one is called.
std::string singular(std::string_view name);
std::string dashed(std::string_view name);  // "customer_id" is "customer-id"
// Quoted for a shell when it must be.
std::string typed(std::string_view text);

}  // namespace stateset::cli::client
