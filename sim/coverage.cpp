// Which commands there are: the endpoint table says so. A new route that nobody drives here fails
// the test of the simulation until somebody does.

#include "app.hpp"
#include "nouns.hpp"
#include "platform/http/api.hpp"

namespace stateset::sim {
namespace {

constexpr std::string_view prefix = "/api/v1";

// Commands that need what a simulation in one process has not.
const std::set<std::string> elsewhere{
    "POST /auth/logout",  // a session needs signed tokens
};

}  // namespace

std::vector<std::string> routes_of_the_table() {
    Api api;
    stateset::routes(api);
    std::vector<std::string> found;
    for (const auto& endpoint : api.endpoints()) {
        std::string_view path = endpoint->path;
        if (path.starts_with(prefix)) path.remove_prefix(prefix.size());
        if (endpoint->kind == http::Kind::command) {
            found.push_back(endpoint->method + " " + std::string(path));
        }
    }
    return found;
}

std::vector<std::string> commands() {
    auto found = routes_of_the_table();
    std::erase_if(found, [](const std::string& route) { return elsewhere.contains(route); });
    return found;
}

}  // namespace stateset::sim
