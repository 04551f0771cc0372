#pragma once
// One line of the endpoint table, as the edge, OpenAPI and the generated tests see it. A line is
// made by `Api` from a function: its types are the contract.

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/refusal.hpp"
#include "platform/json/schema.hpp"

namespace stateset::http {

class Call;

enum class Kind { command, query, procedure };
// What is shed last when there is too much to do.
enum class Priority { list, read, write, payment };

// What a route says beyond its function.
struct Route {
    std::string_view summary;
    std::string_view name = {};             // "orders add-note", where the path does not tell it
    std::string_view needs = {};            // permission; empty: any caller with credentials
    std::string_view detail = {};           // for the documentation
    std::vector<const Code*> refuses = {};  // beyond those every route has
    int status = 0;         // 0: 201 for POST on a collection, 204 without result, else 200
    bool open = false;      // no credentials asked for
    bool secret = false;    // the answer holds a secret shown once
    bool raw_body = false;  // the body is read by the function, as bytes
    // The answer shows its subject and that subject's children only, to everybody alike, so that it
    // counts until the subject's version moves on.
    bool cacheable = false;
    std::string_view content_type = "application/json";
    Priority priority = Priority::write;
};

struct Parameter {
    std::string name;
    bool required = false;
    std::string schema;
};

struct Endpoint {
    std::string method, path;  // "POST", "/api/v1/orders/{id}/cancel"
    std::string tag;           // "Orders"
    // What gRPC, the command line and the SDKs are named after: {"orders", "items"} and "list".
    std::vector<std::string> resource;
    std::string verb;
    std::string operation;  // both joined: "orders_items_list"; stable, unique
    Route route;
    Kind kind = Kind::command;
    int status = 200;
    bool creates = false;      // answers Location
    bool versioned = false;    // answers ETag, understands If-Match or If-None-Match
    bool has_body = false;     // a JSON body is read
    bool body_needed = false;  // and {} would not do
    bool waits = false;        // may answer 202 and go on
    std::vector<std::string> path_parameters;
    // The path parameter whose thing the answer shows, and its table when that is known: what
    // If-Match speaks of.
    std::string subject;
    std::string_view subject_table = {};
    std::vector<std::string> query_parameters;
    // Parts of the OpenAPI document, made when asked for.
    std::function<std::vector<Parameter>(json::Definitions&)> describe_query, describe_path;
    std::function<std::string(json::Definitions&)> describe_input, describe_output;

    std::function<void(std::shared_ptr<Call>)> act;  // on an event loop: must not block

    bool in_path(std::string_view name) const {
        return std::ranges::find(path_parameters, name) != path_parameters.end();
    }
};

}  // namespace stateset::http
