#pragma once
// What the OpenAPI document is put together from: JSON under construction, the parts that are the
// same for every route, and examples made of schemas. Only openapi.cpp needs this.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/json/schema.hpp"
#include "platform/json/writer.hpp"

namespace stateset::http {

inline std::string quoted(std::string_view text) { return json::to_text(text); }

// Members of an object under construction.
class Object {
  public:
    Object& add(std::string_view key, const std::string& json) {
        if (!text_.empty()) text_ += ',';
        text_ += quoted(key) + ":" + json;
        return *this;
    }
    Object& text(std::string_view key, std::string_view value) { return add(key, quoted(value)); }
    std::string json() const { return "{" + text_ + "}"; }
    bool empty() const { return text_.empty(); }

  private:
    std::string text_;
};

std::string list(const std::vector<std::string>& elements);
// {"$ref":"#/components/headers/ETag"}
std::string reference(std::string_view kind, std::string_view name);

struct HeaderDoc {
    std::string_view name, description, example;
};
struct ParameterDoc {
    std::string_view key, in, name, description, schema, example;
};
struct TagDoc {
    std::string_view name, description;
};
std::span<const HeaderDoc> answer_headers();     // each once; operations refer to them
std::span<const ParameterDoc> parameter_docs();  // those of many routes, likewise
std::span<const TagDoc> tag_docs();

extern const std::string_view problem_schema, fault_schema, introduction;

// Whether an object of this schema always has that member.
bool shows_member(const std::string& schema, std::string_view member, const json::Definitions&);
// The schema of the elements of the list that a page of this schema holds in `data`; "" when it is
// no page.
std::string element_schema(const std::string& page, const json::Definitions&);
// A value of this schema, made of the examples that its members have.
std::string example_of(const std::string& schema, const json::Definitions&);
// What the glossary shows for a parameter, as JSON of the parameter's type; "" when it does not
// fit.
std::string fitting_example(std::string_view example, const std::string& schema);

}  // namespace stateset::http
