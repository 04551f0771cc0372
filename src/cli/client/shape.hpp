#pragma once
// What a value may be, read from its JSON Schema: the one that OpenAPI shows and the decoder keeps.
// Flags take their kinds, meanings, bounds and examples from it, tables their columns.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/client/tree.hpp"
#include "platform/json/schema.hpp"

namespace stateset::cli::client {

struct Shape {
    enum class Kind { text, integer, decimal, boolean, word, object, map, list, any };

    std::string name;  // as a member
    std::string type;  // of a struct: its name among the schemas
    Kind kind = Kind::any;
    std::string format, meaning;
    Tree example;  // absent: none is given
    bool required = false, nullable = false;
    std::vector<std::string> words;           // of an enumeration
    std::optional<std::int64_t> least, most;  // of an integer
    std::vector<Shape> members;               // of an object
    std::vector<Shape> element;               // of a list or map: one

    bool scalar() const { return kind < Kind::object; }
    const Shape* member(std::string_view name) const;  // nullptr: none
};

// References are looked up in `named`.
Shape shape_of(std::string_view schema, const json::Definitions& named);

// A document of this shape made of examples: whole at the outside, what is required within.
Tree example_of(const Shape&);

// The JSON that a text on the command line means; throws Failure(usage) with what is wrong, as an
// English clause ("must be …"). Lists and objects are JSON, or `key=value,key=value`.
Tree value_from(std::string_view text, const Shape&);
// The way back, as a person would type it.
std::string text_of(const Tree&);

}  // namespace stateset::cli::client
