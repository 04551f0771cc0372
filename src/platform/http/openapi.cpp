#include "platform/http/openapi.hpp"

#include <algorithm>
#include <set>

#include "platform/http/openapi_parts.hpp"
#include "platform/http/problem.hpp"

namespace stateset::http {
namespace {

// The codes that a route has because of what it is.
std::vector<const Code*> codes_of(const Endpoint& endpoint) {
    namespace core = stateset::codes;
    bool command = endpoint.kind == Kind::command;
    std::vector<const Code*> all{&core::invalid,          &core::unreadable,
                                 &codes::rate_limited,    &core::overloaded,
                                 &core::unavailable,      &core::timed_out,
                                 &core::internal,         &codes::malformed_request,
                                 &codes::target_too_long, &codes::headers_too_large};
    if (!endpoint.route.open) all.push_back(&codes::unauthenticated);
    if (!endpoint.route.needs.empty()) all.push_back(&codes::forbidden);
    if (!endpoint.path_parameters.empty()) all.push_back(&core::not_found);
    if (endpoint.has_body) {
        all.push_back(&codes::unsupported_media_type);
        all.push_back(&codes::body_too_large);
    }
    if (command) {
        all.push_back(&core::key_reused);
        all.push_back(&core::in_progress);
        if (!endpoint.path_parameters.empty()) all.push_back(&core::precondition_failed);
    }
    if (endpoint.kind != Kind::query) all.push_back(&core::outcome_unknown);
    for (const auto* code : endpoint.route.refuses) {
        if (std::ranges::find(all, code->name, &Code::name) == all.end()) all.push_back(code);
    }
    return all;
}

bool by_status_and_name(const Code* a, const Code* b) {
    return a->status != b->status ? a->status < b->status : a->name < b->name;
}

std::string headers_json(const std::vector<std::string_view>& names) {
    Object headers;
    for (auto name : names) headers.add(name, reference("headers", name));
    return headers.json();
}

std::string problem_example(const Code& code) {
    return Object()
        .text("type", "/docs/status-codes#" + std::string(code.name))
        .text("title", code.title)
        .add("status", std::to_string(code.status))
        .text("detail", code.title)
        .text("instance", "/api/v1/orders")
        .text("code", code.name)
        .text("request_id", "0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e")
        .add("errors", "[]")
        .json();
}

std::string refusal_response(const std::vector<const Code*>& same_status) {
    std::string description;
    std::vector<std::string> names;
    Object examples;
    for (const auto* code : same_status) {
        description += (description.empty() ? "" : " · ") +
                       ("`" + std::string(code->name) + "`: ") + std::string(code->title);
        names.push_back(quoted(code->name));
        examples.add(code->name, Object().add("value", problem_example(*code)).json());
    }
    auto status = same_status.front()->status;
    std::vector<std::string_view> headers{"Request-Id"};
    if (status == 401) headers.push_back("WWW-Authenticate");
    if (status == 429 || status == 503) headers.push_back("Retry-After");
    if (status < 500) headers.insert(headers.end(), {"RateLimit", "RateLimit-Policy"});
    auto code = Object().add("enum", list(names)).json();
    auto narrowed = Object().add("properties", Object().add("code", code).json()).json();
    auto schema = Object().add("allOf", list({reference("schemas", "Problem"), narrowed})).json();
    auto media = Object().add("schema", schema).add("examples", examples.json()).json();
    return Object()
        .text("description", description)
        .add("headers", headers_json(headers))
        .add("content", Object().add("application/problem+json", media).json())
        .json();
}

std::string success_description(const Endpoint& endpoint, int status) {
    if (status == 101) return "From here on the connection speaks WebSocket.";
    if (status == 202) return "Under way: the outcome is not known yet; it goes on by itself.";
    if (status == 201) return "Made.";
    if (status == 204) return "Done; there is nothing to show.";
    return endpoint.kind == Kind::command ? "Done, as it stands now." : "As it stands now.";
}

// The nouns that a newcomer meets first are shown as they are answered.
bool shows_an_example(const Endpoint& endpoint, const std::string& schema) {
    constexpr std::string_view nouns[] = {"customers", "products", "orders",  "payments",
                                          "shipments", "returns",  "refunds", "inventory"};
    constexpr std::string_view verbs[] = {"create", "get", "list"};
    return !schema.empty() && std::ranges::find(verbs, endpoint.verb) != std::end(verbs) &&
           std::ranges::find(nouns, endpoint.resource.front()) != std::end(nouns);
}

std::string success_response(const Endpoint& endpoint, int status, const std::string& schema,
                             const Object& links, const json::Definitions& named) {
    std::vector<std::string_view> headers{"Request-Id"};
    if (endpoint.versioned) headers.push_back("ETag");
    if (endpoint.creates && status == 201) headers.push_back("Location");
    if (endpoint.kind == Kind::command) {
        headers.insert(headers.end(), {"Idempotent-Replayed", "Dry-Run"});
    }
    if (endpoint.kind != Kind::procedure) headers.push_back("Server-Timing");
    if (!endpoint.route.open) headers.insert(headers.end(), {"RateLimit", "RateLimit-Policy"});
    Object response;
    response.text("description", success_description(endpoint, status))
        .add("headers", headers_json(headers));
    if (status != 204 && status != 101) {
        bool json = endpoint.route.content_type == "application/json";
        Object media;
        media.add("schema", !schema.empty() ? schema : json ? "{}" : R"({"type":"string"})");
        if (shows_an_example(endpoint, schema)) media.add("example", example_of(schema, named));
        response.add("content", Object().add(endpoint.route.content_type, media.json()).json());
    }
    if (!links.empty() && status < 202) response.add("links", links.json());
    return response.json();
}

constexpr std::string_view servers =
    R"([{"url":"/","description":"Where this document is served: production, unless whoever )"
    R"(operates it says otherwise.","x-internal":false}])";
constexpr std::string_view security = R"([{"bearer":[]},{"api_key":[]}])";

class Writer {
  public:
    explicit Writer(const Api& api)
        : api_(api), named_([&api](std::string_view name) { return api.field(name); }) {}
    Description write();

  private:
    std::string operation(const Endpoint&);
    std::string responses(const Endpoint&);
    Object links(const Endpoint&);
    std::string way_to(const Endpoint& next, const Endpoint& from, std::string_view shown_at,
                       const std::string& shown);
    std::string refusal(const std::vector<const Code*>& same_status);
    std::string parameters(const Endpoint&);
    std::string parameter(const Endpoint&, const Parameter&, std::string_view in);
    std::string components() const;

    const Api& api_;
    json::Definitions named_;
    std::map<const Endpoint*, std::string> outputs_;
    std::map<std::string, std::string> refusals_;
};

Description Writer::write() {
    // Outputs first: they get the plain names (see schema.hpp).
    for (const auto& endpoint : api_.endpoints()) {
        if (endpoint->describe_output) outputs_[endpoint.get()] = endpoint->describe_output(named_);
    }
    std::map<std::string, Object> paths;
    std::set<std::string> tags;
    for (const auto& endpoint : api_.endpoints()) {
        if (endpoint->route.content_type == "text/html") continue;  // pages, not the API
        std::string method;
        for (char c : endpoint->method) method += static_cast<char>(c - 'A' + 'a');
        paths[endpoint->path].add(method, operation(*endpoint));
        tags.insert(endpoint->tag);
    }
    Object all;
    for (const auto& [path, methods] : paths) all.add(path, methods.json());
    std::vector<std::string> tag_list, codes;
    for (const auto& tag : tag_docs()) {
        if (!tags.erase(std::string(tag.name))) continue;
        tag_list.push_back(
            Object().text("name", tag.name).text("description", tag.description).json());
    }
    for (const auto& tag : tags) tag_list.push_back(Object().text("name", tag).json());
    for (const auto* code : all_codes(api_)) {
        codes.push_back(Object()
                            .text("name", code->name)
                            .add("status", std::to_string(code->status))
                            .text("title", code->title)
                            .text("remedy", code->remedy)
                            .json());
    }
    auto info = Object()
                    .text("title", "StateSet")
                    .text("version", "1")
                    .text("summary", "Commerce operations behind one API")
                    .text("description", introduction)
                    .add("contact", R"({"name":"Whoever operates this server"})")
                    .json();
    auto document = Object()
                        .text("openapi", "3.1.0")
                        .add("info", info)
                        .add("servers", std::string(servers))
                        .add("security", std::string(security))
                        .add("tags", list(tag_list))
                        .add("paths", all.json())
                        .add("components", components())
                        .add("x-codes", list(codes))
                        .json();
    return {document, named_.undescribed()};
}

std::string Writer::operation(const Endpoint& endpoint) {
    Object operation;
    operation.text("operationId", endpoint.operation)
        .add("x-resource", json::to_text(endpoint.resource))
        .text("x-verb", endpoint.verb)
        .add("tags", list({quoted(endpoint.tag)}))
        .text("summary", endpoint.route.summary);
    std::string detail(endpoint.route.detail);
    const auto& needs = endpoint.route.needs;
    detail += detail.empty() ? "" : "\n\n";
    detail += endpoint.route.open ? "Asks for no credentials."
              : needs.empty()     ? "For any caller with credentials."
                                  : "Needs the permission `" + std::string(needs) + "`.";
    if (!needs.empty()) operation.text("x-permission", needs);
    operation.text("description", detail)
        .add("security", endpoint.route.open ? "[]" : std::string(security));
    operation.add("parameters", parameters(endpoint));
    if (endpoint.has_body && endpoint.describe_input) {
        auto media = Object().add("schema", endpoint.describe_input(named_)).json();
        Object content;
        content.add("application/json", media);
        if (endpoint.method == "PATCH") content.add("application/merge-patch+json", media);
        operation.add("requestBody", Object()
                                         .add("required", endpoint.body_needed ? "true" : "false")
                                         .add("content", content.json())
                                         .json());
    } else if (endpoint.route.raw_body) {
        // Messages of others are JSON objects, read to the byte since they are signed.
        auto schema = endpoint.method == "POST" ? R"({"type":"object"})" : "{}";
        auto media = Object().add("*/*", Object().add("schema", schema).json()).json();
        operation.add("requestBody", Object().add("required", "true").add("content", media).json());
    }
    return operation.add("responses", responses(endpoint)).json();
}

std::string Writer::responses(const Endpoint& endpoint) {
    std::map<int, std::string> by_status;
    const auto& schema = outputs_[&endpoint];
    auto next = links(endpoint);
    by_status[endpoint.status] = success_response(endpoint, endpoint.status, schema, next, named_);
    if (endpoint.waits) by_status[202] = success_response(endpoint, 202, schema, next, named_);
    if (endpoint.versioned && endpoint.kind == Kind::query) {
        by_status[304] = Object()
                             .text("description", "It is what you have already.")
                             .add("headers", headers_json({"Request-Id", "ETag"}))
                             .json();
    }
    std::map<int, std::vector<const Code*>> refusals;
    for (const auto* code : codes_of(endpoint)) refusals[code->status].push_back(code);
    for (auto& [status, codes] : refusals) {
        std::ranges::sort(codes, by_status_and_name);
        by_status[status] = refusal(codes);
    }
    Object all;
    for (const auto& [status, response] : by_status) all.add(std::to_string(status), response);
    return all.json();
}

// What can be done next with the thing that was made, or with the first of a list.
Object Writer::links(const Endpoint& from) {
    Object all;
    bool made = from.creates && from.status == 201;
    bool listed = from.method == "GET" && from.verb == "list";
    if (!made && !listed) return all;
    const auto& output = outputs_[&from];
    auto shown = listed && !output.empty() ? element_schema(output, named_) : output;
    if (shown.empty()) return all;
    auto at = listed ? "$response.body#/data/0/" : "$response.body#/";
    for (const auto& next : api_.endpoints()) {
        auto parameters = way_to(*next, from, at, shown);
        if (parameters.empty()) continue;
        all.add(next->operation, Object()
                                     .text("operationId", next->operation)
                                     .text("description", next->route.summary)
                                     .add("parameters", parameters)
                                     .json());
    }
    return all;
}

// The parameters that lead from one answer to a route below it; "" when none do.
std::string Writer::way_to(const Endpoint& next, const Endpoint& from, std::string_view shown_at,
                           const std::string& shown) {
    auto known = from.path_parameters.size();
    bool below = next.path.starts_with(from.path + "/") && next.path_parameters.size() == known + 1;
    if (!below) return {};
    const auto& last = next.path_parameters.back();
    auto rest = next.path.substr(from.path.size() + 1);
    bool by_id = rest.starts_with("{" + last + "}") && (last == "id" || last.ends_with("_id"));
    std::string member = by_id ? "id" : last;
    if (!shows_member(shown, member, named_)) return {};
    Object parameters;
    for (std::size_t i = 0; i < known; ++i) {
        parameters.text(next.path_parameters[i], "$request.path." + from.path_parameters[i]);
    }
    return parameters.text(last, std::string(shown_at) + member).json();
}

// Many operations refuse in the same words, so these answers stand in one place:
// "409.already_exists.request_in_progress".
std::string Writer::refusal(const std::vector<const Code*>& same_status) {
    auto name = std::to_string(same_status.front()->status);
    for (const auto* code : same_status) name.append(".").append(code->name);
    if (!refusals_.contains(name)) refusals_[name] = refusal_response(same_status);
    return reference("responses", name);
}

std::string Writer::parameters(const Endpoint& endpoint) {
    std::vector<std::string> all;
    auto in_path =
        endpoint.describe_path ? endpoint.describe_path(named_) : std::vector<Parameter>();
    for (const auto& name : endpoint.path_parameters) {
        auto known = std::ranges::find(in_path, name, &Parameter::name);
        Parameter plain{.name = name, .required = true, .schema = R"({"type":"string"})"};
        all.push_back(parameter(endpoint, known == in_path.end() ? plain : *known, "path"));
    }
    if (endpoint.describe_query) {
        for (const auto& each : endpoint.describe_query(named_)) {
            all.push_back(parameter(endpoint, each, "query"));
        }
    }
    bool trimmable =
        endpoint.kind == Kind::query && endpoint.route.content_type == "application/json";
    if (trimmable) all.push_back(reference("parameters", "Fields"));
    if (endpoint.kind == Kind::command) {
        all.push_back(reference("parameters", "DryRun"));
        all.push_back(reference("parameters", "IdempotencyKey"));
        if (!endpoint.path_parameters.empty()) all.push_back(reference("parameters", "IfMatch"));
    }
    if (endpoint.versioned && endpoint.kind == Kind::query) {
        all.push_back(reference("parameters", "IfNoneMatch"));
    }
    all.push_back(reference("parameters", "RequestId"));
    return list(all);
}

std::string Writer::parameter(const Endpoint& endpoint, const Parameter& shown,
                              std::string_view in) {
    Object object;
    object.text("name", shown.name).text("in", in);
    const auto* doc = named_.doc(shown.name, endpoint.operation);
    if (doc) object.text("description", doc->description);
    object.add("required", shown.required ? "true" : "false");
    bool array = shown.schema.find(R"("type":"array")") != std::string::npos ||
                 shown.schema.find(R"("type":["array")") != std::string::npos;
    auto schema = shown.schema;
    constexpr std::string_view decimal = R"({"type":["string","number"])";
    if (schema.starts_with(decimal)) schema.replace(0, decimal.size(), R"({"type":"string")");
    if (array) {
        object.text("style", "form").add("explode", "false");
        schema.insert(schema.size() - 1, R"(,"minItems":1)");  // an empty text is one element
    }
    object.add("schema", schema);
    auto example = doc ? fitting_example(doc->example, schema) : std::string();
    if (doc && !doc->example.empty() && !example.empty()) object.add("example", example);
    return object.json();
}

std::string Writer::components() const {
    Object schemas, responses, headers, parameters;
    for (const auto& [name, response] : refusals_) responses.add(name, response);
    for (const auto& [name, schema] : named_.all()) {
        if (name != "Fault") schemas.add(name, schema);  // the same, told better
    }
    schemas.add("Problem", std::string(problem_schema)).add("Fault", std::string(fault_schema));
    for (const auto& header : answer_headers()) {
        auto schema = Object().text("type", "string").json();
        headers.add(header.name, Object()
                                     .text("description", header.description)
                                     .add("schema", schema)
                                     .text("example", header.example)
                                     .json());
    }
    for (const auto& each : parameter_docs()) {
        parameters.add(each.key, Object()
                                     .text("name", each.name)
                                     .text("in", each.in)
                                     .text("description", each.description)
                                     .add("required", "false")
                                     .add("schema", std::string(each.schema))
                                     .add("example", std::string(each.example))
                                     .json());
    }
    return Object()
        .add("schemas", schemas.json())
        .add("responses", responses.json())
        .add("headers", headers.json())
        .add("parameters", parameters.json())
        .add("securitySchemes",
             R"({"bearer":{"type":"http","scheme":"bearer","description":"An access token of )"
             R"(/api/v1/auth/login, or an API key."},"api_key":{"type":"apiKey","in":"header",)"
             R"("name":"X-API-Key","description":"An API key."}})")
        .json();
}

}  // namespace

Description describe(const Api& api) { return Writer(api).write(); }

std::string indented(std::string_view json) {
    std::string out;
    int depth = 0;
    bool in_string = false;
    auto new_line = [&] { out.append("\n").append(2 * static_cast<std::size_t>(depth), ' '); };
    for (std::size_t i = 0; i < json.size(); ++i) {
        char c = json[i];
        if (in_string || c == '"') {
            out += c;
            if (in_string && c == '\\') {
                out += json[++i];
            } else if (c == '"') {
                in_string = !in_string;
            }
        } else if (c == '{' || c == '[') {
            out += c;
            bool empty = json[i + 1] == '}' || json[i + 1] == ']';
            if (empty) {
                out += json[++i];
            } else {
                ++depth;
                new_line();
            }
        } else if (c == '}' || c == ']') {
            --depth;
            new_line();
            out += c;
        } else {
            out += c;
            if (c == ',') new_line();
            if (c == ':') out += ' ';
        }
    }
    return out + "\n";
}

std::vector<const Code*> all_codes(const Api& api) {
    std::vector<const Code*> all(std::begin(codes::of_framing), std::end(codes::of_framing));
    auto add = [&](const Code* code) {
        if (std::ranges::find(all, code->name, &Code::name) == all.end()) all.push_back(code);
    };
    add(&codes::no_such_route);
    add(&codes::method_not_allowed);
    add(&stateset::codes::already_exists);
    add(&stateset::codes::illegal_transition);
    for (const auto& endpoint : api.endpoints()) {
        for (const auto* code : codes_of(*endpoint)) add(code);
    }
    std::ranges::sort(all, by_status_and_name);
    return all;
}

std::string status_codes_page(const Api& api) {
    std::string page =
        "# Status codes\n\nEvery error is `application/problem+json` (RFC 9457). Its `code` names "
        "the rule that said no;\nprograms should act on it, not on the text. This page is printed "
        "by `stateset status-codes`.\n\n| Status | Code | What it means | What to do |\n"
        "|---|---|---|---|\n";
    for (const auto* code : all_codes(api)) {
        page += "| " + std::to_string(code->status) + " | `" + std::string(code->name) + "` | " +
                std::string(code->title) + " | " + std::string(code->remedy) + " |\n";
    }
    return page;
}

}  // namespace stateset::http
