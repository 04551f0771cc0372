#pragma once
// The API described by its own table of endpoints, as an OpenAPI 3.1 document: every route, with
// its permission, parameters, body, answers, headers and the codes it may refuse with. It is
// served at /openapi.json, drawn at /docs, committed as openapi.json, and what the generated tests
// walk through.

#include <map>
#include <string>
#include <vector>

#include "platform/http/api.hpp"

namespace stateset::http {

struct Description {
    std::string document;  // JSON on one line
    // Fields and parameters that the glossary does not know, each with where it stands.
    std::map<std::string, std::string> undescribed;
};
Description describe(const Api&);

// The same JSON over many lines, two blanks for each level, ending in a line end.
std::string indented(std::string_view json);

// Every code of the API once, by status and name: those of the routes, those that all routes have,
// and those of framing.
std::vector<const Code*> all_codes(const Api&);
// The same as the page docs/status-codes.md.
std::string status_codes_page(const Api&);

}  // namespace stateset::http
