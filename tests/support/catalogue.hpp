#pragma once
// The routes as /openapi.json tells them, for tests that must hold for every route there is. A new
// route is in here by being served.

#include <string>
#include <vector>

#include "support/client.hpp"

namespace stateset::support {

struct Parameter {
    std::string name;
    Json schema;
};

struct Route {
    std::string method, path, operation;
    std::string permission;  // "" when any caller may
    bool open = false;       // asks for no credentials
    std::vector<Parameter> in_path;
    Json body;  // the schema of its JSON body; absent when it has none
    bool body_needed = false;
    bool idempotent = false;  // takes an Idempotency-Key

    std::string name() const { return method + " " + path; }
};

class Catalogue {
  public:
    explicit Catalogue(Json document);
    static Catalogue of(Client client);

    const std::vector<Route>& routes() const { return routes_; }
    const Json& document() const { return document_; }

    // The schema behind a $ref, and behind "this or null".
    Json resolved(Json schema) const;
    bool has_type(const Json& schema, std::string_view type) const;
    // A document of this schema, made of its examples; all of the outermost members, and of inner
    // objects those that are required. As JSON text.
    std::string example(const Json& schema, int depth = 0) const;

    // The route's path with these texts for its parameters, in order.
    static std::string path_with(const Route&, const std::vector<std::string>& texts);

  private:
    Json document_;
    std::vector<Route> routes_;
};

// `document` with the value at `pointer` replaced by `value` (JSON text; "" removes it). Objects on
// the way exist or are made; an array's element at its size is appended.
std::string changed(const std::string& document, const std::string& pointer,
                    const std::string& value);

}  // namespace stateset::support
