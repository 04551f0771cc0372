#include "platform/http/router.hpp"

#include "platform/http/url_text.hpp"
#include "platform/json/tape.hpp"

namespace stateset::http {
namespace {

// Takes the next segment off "/a/b/c".
std::string_view take_segment(std::string_view& rest) {
    rest.remove_prefix(1);
    auto segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    return segment;
}

}  // namespace

Router::Router(const Api& api) {
    for (const auto& endpoint : api.endpoints()) {
        auto* node = &root_;
        std::string_view rest = endpoint->path;
        while (!rest.empty()) {
            auto segment = take_segment(rest);
            auto& next = segment.ends_with("...}")  ? node->rest
                         : segment.starts_with('{') ? node->parameter
                                                    : node->words[std::string(segment)];
            if (!next) next = std::make_unique<Node>();
            node = next.get();
        }
        node->methods[endpoint->method] = endpoint.get();
    }
}

const Router::Node* Router::walk(const Node& node, std::string_view rest,
                                 std::vector<std::string>& values) const {
    if (rest.empty()) return node.methods.empty() ? nullptr : &node;
    if (auto* found = walk_segment(node, rest, values)) return found;
    auto left = node.rest ? percent_decoded(rest.substr(1)) : std::nullopt;
    if (!left || json::first_invalid_utf8(*left) != std::string_view::npos) return nullptr;
    values.push_back(std::move(*left));
    return node.rest.get();
}

const Router::Node* Router::walk_segment(const Node& node, std::string_view rest,
                                         std::vector<std::string>& values) const {
    // An escaped letter is the letter itself (RFC 3986 6.2.2.2); an escaped slash is no slash.
    auto text = percent_decoded(take_segment(rest));
    if (!text || json::first_invalid_utf8(*text) != std::string_view::npos) return nullptr;
    if (auto word = node.words.find(*text); word != node.words.end()) {
        if (auto* found = walk(*word->second, rest, values)) return found;
    }
    if (!node.parameter || text->empty()) return nullptr;
    values.push_back(std::move(*text));
    if (auto* found = walk(*node.parameter, rest, values)) return found;
    values.pop_back();
    return nullptr;
}

Router::Found Router::find(std::string_view method, std::string_view path,
                           std::vector<std::pair<std::string, std::string>>& parameters) const {
    if (path.empty() || path[0] != '/') return {};
    std::vector<std::string> values;
    auto* node = walk(root_, path, values);
    if (!node) return {};
    auto found = node->methods.find(method == "HEAD" ? "GET" : method);
    if (found == node->methods.end()) {
        std::string allowed = node->methods.contains("GET") ? "HEAD, OPTIONS" : "OPTIONS";
        for (const auto& [known, _] : node->methods) allowed += ", " + known;
        return {.endpoint = nullptr, .allowed = allowed};
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        parameters.emplace_back(found->second->path_parameters[i], std::move(values[i]));
    }
    return {.endpoint = found->second, .allowed = {}};
}

}  // namespace stateset::http
