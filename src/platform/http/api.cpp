#include "platform/http/api.hpp"

#include <ranges>
#include <stdexcept>

namespace stateset {
namespace {

// Nouns in the plural are lists: "orders", but neither "status" nor "address".
bool plural(std::string_view name) {
    return name.ends_with('s') && !name.ends_with("us") && !name.ends_with("ss");
}

std::vector<std::string> words_of(std::string_view text, char between) {
    std::vector<std::string> words;
    for (auto word : std::views::split(text, between)) {
        words.emplace_back(std::string_view(word));
    }
    return words;
}

// What is done with the resource by a path that ends in it or in one of it; empty when the path's
// last word itself says what is done.
std::string_view plain_verb(const http::Endpoint& endpoint, std::string_view last, bool one) {
    if (endpoint.method == "PATCH") return "update";
    if (endpoint.method == "PUT") return "set";
    if (endpoint.method == "DELETE") return "delete";
    if (endpoint.method == "POST") return endpoint.creates ? "create" : "";
    return one ? "get" : plural(last) ? "list" : "";
}

// POST "/api/v1/orders/{id}/cancel" is "cancel" of {"orders"}, GET "/api/v1/orders" is "list" of
// them, GET "/livez" is "livez" of {"root"}.
void give_name(http::Endpoint& endpoint) {
    constexpr std::string_view base = "/api/v1/";
    auto& resource = endpoint.resource;
    bool one = endpoint.path.ends_with('}');
    if (!endpoint.route.name.empty()) {
        resource = words_of(endpoint.route.name, ' ');
    } else {
        bool based = endpoint.path.starts_with(base);
        resource = words_of(std::string_view(endpoint.path).substr(based ? base.size() : 1), '/');
        std::erase_if(resource, [](const auto& word) { return word.starts_with('{'); });
        if (!based) resource.insert(resource.begin(), "root");
        auto verb = plain_verb(endpoint, resource.back(), one);
        if (verb.empty() && resource.size() == 1) verb = "get";
        if (!verb.empty()) resource.emplace_back(verb);
    }
    endpoint.verb = std::move(resource.back());
    resource.pop_back();
    endpoint.operation.clear();
    for (const auto& word : resource) endpoint.operation += word + "_";
    endpoint.operation += endpoint.verb;
    std::ranges::replace_if(endpoint.operation, [](char c) { return c == '-' || c == '.'; }, '_');
}

bool makes_what_is_read_at(const http::Endpoint& made, const http::Endpoint& read) {
    std::string_view path = read.path;
    return made.method == "POST" && made.status == 201 && read.method == "GET" &&
           path.starts_with(made.path) && path.substr(made.path.size()).starts_with("/{") &&
           path.find('/', made.path.size() + 1) == path.npos;
}

}  // namespace

http::Endpoint& Api::add(http::Endpoint endpoint) {
    std::string_view rest = endpoint.path;
    while (true) {
        auto open = rest.find('{');
        if (open == rest.npos) break;
        auto close = rest.find('}', open);
        auto name = rest.substr(open + 1, close - open - 1);
        if (name.ends_with("...")) name.remove_suffix(3);  // takes all that is left of the path
        endpoint.path_parameters.emplace_back(name);
        rest = rest.substr(close);
    }
    for (const auto& other : endpoints_) {
        if (other->method == endpoint.method && other->path == endpoint.path) {
            throw std::logic_error("two endpoints at " + endpoint.method + " " + endpoint.path);
        }
        // What is made here can be read there: its address is the answer's Location.
        if (makes_what_is_read_at(*other, endpoint)) {
            other->creates = true;
            give_name(*other);
        }
        endpoint.creates = endpoint.creates || makes_what_is_read_at(endpoint, *other);
    }
    give_name(endpoint);
    if (endpoint.kind == http::Kind::query && endpoint.route.priority == http::Priority::write) {
        endpoint.route.priority =
            endpoint.path.ends_with('}') ? http::Priority::read : http::Priority::list;
    }
    endpoints_.push_back(std::make_unique<http::Endpoint>(std::move(endpoint)));
    return *endpoints_.back();
}

namespace http::detail {

std::string_view parameter(const Call& call, std::string_view name, bool& given) {
    for (const auto& [known, value] : call.query) {
        if (known == name) {
            given = true;
            return value;
        }
    }
    return {};
}

}  // namespace http::detail
}  // namespace stateset
