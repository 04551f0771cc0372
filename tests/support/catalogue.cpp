#include "support/catalogue.hpp"

#include <boost/json.hpp>
#include <stdexcept>

namespace stateset::support {
namespace {

Route route_from(const std::string& path, const std::string& method, const Json& operation,
                 const Catalogue& catalogue) {
    Route route{.path = path,
                .operation = operation["operationId"].text(),
                .permission = operation["x-permission"].text(),
                .open = operation["security"].exists() && operation["security"].size() == 0};
    for (char c : method) route.method += static_cast<char>(c - 'a' + 'A');
    for (const auto& listed : operation["parameters"].elements()) {
        auto parameter = catalogue.resolved(listed);
        if (parameter["in"] == "path") {
            route.in_path.push_back({parameter["name"].text(), parameter["schema"]});
        }
        if (parameter["name"] == "Idempotency-Key") route.idempotent = true;
    }
    route.body = operation["requestBody"]["content"]["application/json"]["schema"];
    route.body_needed = operation["requestBody"]["required"].is_true();
    return route;
}

std::string quoted(std::string_view text) {
    return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

}  // namespace

Catalogue::Catalogue(Json document) : document_(std::move(document)) {
    auto paths = document_["paths"];
    for (const auto& path : paths.keys()) {
        for (const auto& method : paths[path].keys()) {
            routes_.push_back(route_from(path, method, paths[path][method], *this));
        }
    }
    if (routes_.empty()) throw std::runtime_error("/openapi.json lists no routes");
}

Catalogue Catalogue::of(Client client) { return Catalogue(client.get("/openapi.json").json()); }

Json Catalogue::resolved(Json schema) const {
    if (schema["$ref"].exists()) return resolved(document_.at(schema["$ref"].text().substr(1)));
    for (const auto& choice : schema["anyOf"].elements()) {
        if (choice["type"] != "null") return resolved(choice);
    }
    return schema;
}

bool Catalogue::has_type(const Json& schema, std::string_view type) const {
    auto types = schema["type"];
    if (types.is_string()) return types == type;
    for (const auto& each : types.elements()) {
        if (each == type) return true;
    }
    for (const auto& choice : schema["anyOf"].elements()) {
        if (has_type(choice, type)) return true;
    }
    return schema["$ref"].exists() && has_type(resolved(schema), type);
}

std::string Catalogue::example(const Json& given, int depth) const {
    if (given["examples"].size() > 0) return given["examples"][0].dump();
    auto schema = resolved(given);
    if (schema["examples"].size() > 0) return schema["examples"][0].dump();
    if (schema["enum"].size() > 0) return schema["enum"][0].dump();
    if (has_type(schema, "array")) {
        return depth < 6 ? "[" + example(schema["items"], depth + 1) + "]" : "[]";
    }
    if (has_type(schema, "integer")) {
        return schema["minimum"].exists() ? schema["minimum"].dump() : "1";
    }
    if (has_type(schema, "boolean")) return "true";
    if (schema["properties"].exists()) {
        std::string text;
        for (const auto& name : schema["properties"].keys()) {
            bool required = false;
            for (const auto& each : schema["required"].elements()) required |= each == name;
            if (depth > 0 && !required) continue;
            text += (text.empty() ? "" : ",") + quoted(name) + ":" +
                    example(schema["properties"][name], depth + 1);
        }
        return "{" + text + "}";
    }
    if (has_type(schema, "object")) return "{}";
    if (schema["format"] == "uuid") return quoted("0198c9f2-0000-7000-8000-00000000dead");
    return quoted("text");
}

std::string Catalogue::path_with(const Route& route, const std::vector<std::string>& texts) {
    auto path = route.path;
    for (const auto& text : texts) {
        auto open = path.find('{');
        if (open == path.npos) break;
        path.replace(open, path.find('}', open) - open + 1, escaped(text));
    }
    return path;
}

std::string changed(const std::string& document, const std::string& pointer,
                    const std::string& value) {
    auto root = boost::json::parse(document);
    if (pointer.empty()) return value;
    auto cut = pointer.rfind('/');
    auto key = pointer.substr(cut + 1);
    auto& parent = root.at_pointer(pointer.substr(0, cut));
    if (parent.is_array()) {
        auto index = static_cast<std::size_t>(std::stoul(key));
        auto& array = parent.as_array();
        if (index >= array.size()) array.resize(index + 1);
        array[index] = boost::json::parse(value);
    } else if (value.empty()) {
        parent.as_object().erase(key);
    } else {
        parent.as_object()[key] = boost::json::parse(value);
    }
    return boost::json::serialize(root);
}

}  // namespace stateset::support
