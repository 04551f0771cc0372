#include "platform/http/api.hpp"

#include <stdexcept>

namespace stateset {
namespace {

// Nouns in the plural are lists: "orders", but neither "status" nor "address".
bool plural(std::string_view name) {
    return name.ends_with('s') && !name.ends_with("us") && !name.ends_with("ss");
}

// "/api/v1/orders/{id}/cancel" with POST is "orders_cancel"; "/api/v1/orders" with GET is
// "orders_list"; "/livez" is "root_livez_get".
std::string operation_name(const http::Endpoint& endpoint) {
    std::string name;
    bool ends_in_parameter = false;
    std::string_view rest = endpoint.path;
    if (rest.starts_with("/api/v1")) {
        rest.remove_prefix(7);
    } else {
        name = "root";
    }
    while (!rest.empty()) {
        rest.remove_prefix(1);
        auto segment = rest.substr(0, rest.find('/'));
        rest.remove_prefix(segment.size());
        ends_in_parameter = segment.starts_with('{');
        if (ends_in_parameter) continue;
        if (!name.empty()) name += '_';
        for (char c : segment) name += c == '-' || c == '.' ? '_' : c;
    }
    if (endpoint.method == "GET") {
        return name +
               (plural(name) && !ends_in_parameter && !name.starts_with("root") ? "_list" : "_get");
    }
    if (endpoint.method == "PATCH") return name + "_update";
    if (endpoint.method == "PUT") return name + "_put";
    if (endpoint.method == "DELETE") return name + "_delete";
    return endpoint.creates ? name + "_create" : name;
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
        endpoint.path_parameters.emplace_back(rest.substr(open + 1, close - open - 1));
        rest = rest.substr(close);
    }
    for (const auto& other : endpoints_) {
        if (other->method == endpoint.method && other->path == endpoint.path) {
            throw std::logic_error("two endpoints at " + endpoint.method + " " + endpoint.path);
        }
        // What is made here can be read there: its address is the answer's Location.
        if (makes_what_is_read_at(*other, endpoint)) {
            other->creates = true;
            other->operation = operation_name(*other);
        }
        endpoint.creates = endpoint.creates || makes_what_is_read_at(endpoint, *other);
    }
    endpoint.operation = operation_name(endpoint);
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
