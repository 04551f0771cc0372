#include "cli/client/shape.hpp"

#include <algorithm>
#include <charconv>

#include "cli/client/failure.hpp"
#include "platform/core/id.hpp"
#include "platform/core/time.hpp"
#include "platform/json/decode.hpp"

namespace stateset::cli::client {
namespace {

constexpr int deepest = 8;  // an exploded BOM holds itself

[[noreturn]] void wrong(const std::string& clause) { throw Failure(exits::usage, clause); }

class Reader {
  public:
    explicit Reader(const json::Definitions& named) : named_(named) {}

    Shape read(const Tree& schema, int depth) const {
        Shape shape;
        merge(shape, schema, depth);
        return shape;
    }

  private:
    // The outermost meaning and example count: they are told of the member, not of its type.
    void merge(Shape& shape, const Tree& schema, int depth) const {
        if (shape.meaning.empty()) shape.meaning = schema["description"].word;
        if (!shape.example.exists() && !schema["examples"].elements.empty()) {
            shape.example = schema["examples"].elements.front();
        }
        if (schema["$ref"].exists()) {
            const auto& reference = schema["$ref"].word;
            shape.type = reference.substr(reference.rfind('/') + 1);
            auto known = named_.all().find(shape.type);
            if (known != named_.all().end() && depth < deepest) {
                merge(shape, Tree::parse(known->second), depth);
            }
            return;
        }
        for (const auto& choice : schema["anyOf"].elements) {
            if (choice["type"].word == "null") {
                shape.nullable = true;
            } else {
                merge(shape, choice, depth);
            }
        }
        take_type(shape, schema, depth);
    }

    void take_type(Shape& shape, const Tree& schema, int depth) const {
        using Kind = Shape::Kind;
        bool text = false, number = false;
        for (const auto& type : types_of(schema)) {
            if (type == "null") shape.nullable = true;
            if (type == "string") text = true;
            if (type == "number") number = true;
            if (type == "integer") shape.kind = Kind::integer;
            if (type == "boolean") shape.kind = Kind::boolean;
            if (type == "array") shape.kind = Kind::list;
            if (type == "object")
                shape.kind = schema["properties"].exists() ? Kind::object : Kind::map;
        }
        if (text) shape.kind = number ? Kind::decimal : Kind::text;
        if (schema["format"].exists()) shape.format = schema["format"].word;
        shape.least = bound(schema["minimum"]);
        shape.most = bound(schema["maximum"]);
        for (const auto& word : schema["enum"].elements) {
            if (word.is(Tree::Kind::text)) shape.words.push_back(word.word);
        }
        if (!shape.words.empty()) shape.kind = Kind::word;
        const auto& inner =
            shape.kind == Kind::list ? schema["items"] : schema["additionalProperties"];
        if (shape.kind == Kind::list || shape.kind == Kind::map) {
            shape.element.push_back(read(inner, depth + 1));
        }
        if (shape.kind == Kind::object) take_members(shape, schema, depth);
    }

    void take_members(Shape& shape, const Tree& schema, int depth) const {
        for (const auto& [name, property] : schema["properties"].members) {
            auto& member = shape.members.emplace_back(read(property, depth + 1));
            member.name = name;
            member.required = std::ranges::any_of(
                schema["required"].elements, [&](const Tree& each) { return each.word == name; });
        }
    }

    static std::vector<std::string> types_of(const Tree& schema) {
        const auto& type = schema["type"];
        if (type.is(Tree::Kind::text)) return {type.word};
        std::vector<std::string> types;
        for (const auto& each : type.elements) types.push_back(each.word);
        return types;
    }

    static std::optional<std::int64_t> bound(const Tree& tree) {
        if (!tree.is(Tree::Kind::number)) return std::nullopt;
        return std::stoll(tree.word);
    }

    const json::Definitions& named_;
};

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

Tree word_from(std::string_view text, const Shape& shape) {
    if (std::ranges::find(shape.words, text) != shape.words.end()) return Tree::text(text);
    std::vector<std::string_view> known(shape.words.begin(), shape.words.end());
    auto meant = json::nearest(text, known);
    auto clause = "must be one of " + listed(shape.words);
    wrong(meant.empty() ? clause : clause + "; did you mean " + std::string(meant) + "?");
}

Tree integer_from(std::string_view text, const Shape& shape) {
    std::int64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) wrong("must be a whole number");
    if (shape.least && value < *shape.least) {
        wrong("must be at least " + std::to_string(*shape.least));
    }
    if (shape.most && value > *shape.most) wrong("must be at most " + std::to_string(*shape.most));
    return Tree::number(text);
}

Tree decimal_from(std::string_view text) {
    auto digits = text.starts_with('-') ? text.substr(1) : text;
    auto point = std::min(digits.find('.'), digits.size());
    auto whole = digits.substr(0, point);
    auto part = point < digits.size() ? digits.substr(point + 1) : std::string_view("0");
    auto all_digits = [](std::string_view some) {
        return !some.empty() && some.find_first_not_of("0123456789") == some.npos;
    };
    if (!all_digits(whole) || !all_digits(part)) wrong("must be a decimal such as 19.99");
    return Tree::text(text);
}

// A day alone is its beginning.
Tree text_from(std::string_view text, const Shape& shape) {
    if (shape.format == "uuid" && !uuid_from(text)) wrong("must be an id (a UUID)");
    if (shape.format == "date" && !date_from(text)) wrong("must be a day such as 2026-11-22");
    if (shape.format == "date-time" && !time_from(text)) {
        if (!date_from(text)) wrong("must be a time such as 2026-11-22T10:15:30Z, or a day");
        return Tree::text(std::string(text) + "T00:00:00Z");
    }
    return Tree::text(text);
}

Tree boolean_from(std::string_view text) {
    if (text != "true" && text != "false") wrong("must be true or false");
    return Tree::boolean(text == "true");
}

// Divides at `between`, but not behind a backslash.
std::vector<std::string> parts_of(std::string_view text, char between) {
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == between) {
            parts.back() += text[++i];
        } else if (text[i] == between) {
            parts.emplace_back();
        } else {
            parts.back() += text[i];
        }
    }
    return parts;
}

std::vector<std::string> names_of(const Shape& shape) {
    std::vector<std::string> names;
    for (const auto& member : shape.members) names.push_back(member.name);
    return names;
}

// Where "options.colour" leads; its last step may be a key of a map.
const Shape& shape_at(const Shape& outer, const std::vector<std::string>& path) {
    const auto* here = &outer;
    for (const auto& name : path) {
        if (here->kind == Shape::Kind::map) return here->element.front();
        const auto* inner = here->member(name);
        if (inner == nullptr) {
            auto names = names_of(*here);
            std::vector<std::string_view> known(names.begin(), names.end());
            auto meant = json::nearest(name, known);
            wrong(name + " is not known here; " +
                  (meant.empty() ? "there are " + listed(names)
                                 : "did you mean " + std::string(meant) + "?"));
        }
        here = inner;
    }
    return *here;
}

Tree object_from(std::string_view text, const Shape& shape) {
    if (text.starts_with('{')) return Tree::parse(text);
    auto object = Tree::object();
    for (const auto& part : parts_of(text, ',')) {
        auto equals = part.find('=');
        if (equals == part.npos) wrong("must be KEY=VALUE, with commas between, or JSON");
        auto name = part.substr(0, equals);
        if (shape.kind == Shape::Kind::object) std::ranges::replace(name, '-', '_');
        auto path = parts_of(name, '.');
        auto value = std::string_view(part).substr(equals + 1);
        try {
            object.member(path) = value_from(value, shape_at(shape, path));
        } catch (const Failure& fault) {
            wrong(name + " " + fault.what());
        }
    }
    for (const auto& member : shape.members) {
        if (member.required && !object[member.name].exists()) wrong("lacks " + member.name);
    }
    return object;
}

Tree list_from(std::string_view text, const Shape& shape) {
    if (text.starts_with('[')) return Tree::parse(text);
    auto list = Tree::array();
    const auto& element = shape.element.front();
    if (!element.scalar()) {
        list.elements.push_back(value_from(text, element));
        return list;
    }
    // In a cell of KEY=VALUE,… the comma is taken, so words are divided by | as in an import.
    char between = text.find('|') != text.npos ? '|' : ',';
    for (const auto& part : parts_of(text, between)) {
        list.elements.push_back(value_from(part, element));
    }
    return list;
}

Tree any_from(std::string_view text) {
    try {
        return Tree::parse(text);
    } catch (const Failure&) {
        return Tree::text(text);
    }
}

}  // namespace

const Shape* Shape::member(std::string_view asked) const {
    auto found = std::ranges::find(members, asked, &Shape::name);
    return found == members.end() ? nullptr : &*found;
}

Shape shape_of(std::string_view schema, const json::Definitions& named) {
    return Reader(named).read(Tree::parse(schema), 0);
}

Tree example_of(const Shape& shape) {
    using Kind = Shape::Kind;
    if (shape.example.exists()) return shape.example;
    switch (shape.kind) {
        case Kind::word: return Tree::text(shape.words.front());
        case Kind::integer: return Tree::number(std::to_string(shape.least.value_or(1)));
        case Kind::boolean: return Tree::boolean(true);
        case Kind::decimal: return Tree::text("1");
        case Kind::map: return Tree::object();
        case Kind::list: {
            auto list = Tree::array();
            list.elements.push_back(example_of(shape.element.front()));
            return list;
        }
        case Kind::object: {
            auto object = Tree::object();
            for (const auto& member : shape.members) {
                if (member.required) object.member(member.name) = example_of(member);
            }
            return object;
        }
        default: break;
    }
    if (shape.format == "uuid") return Tree::text("0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e");
    if (shape.format == "date") return Tree::text("2026-11-22");
    if (shape.format == "date-time") return Tree::text("2026-11-22T10:15:30Z");
    return Tree::text(shape.format == "email" ? "ada@example.com" : "text");
}

Tree value_from(std::string_view text, const Shape& shape) {
    switch (shape.kind) {
        case Shape::Kind::text: return text_from(text, shape);
        case Shape::Kind::integer: return integer_from(text, shape);
        case Shape::Kind::decimal: return decimal_from(text);
        case Shape::Kind::boolean: return boolean_from(text);
        case Shape::Kind::word: return word_from(text, shape);
        case Shape::Kind::object:
        case Shape::Kind::map: return object_from(text, shape);
        case Shape::Kind::list: return list_from(text, shape);
        case Shape::Kind::any: return any_from(text);
    }
    return {};
}

std::string text_of(const Tree& tree) {
    if (tree.scalar()) return tree.word;
    std::string text;
    for (const auto& [name, value] : tree.members) {
        if (!value.scalar()) return tree.json();
        text += (text.empty() ? "" : ",") + name + "=" + value.word;
    }
    for (const auto& each : tree.elements) {
        if (!each.scalar()) return tree.json();
        text += (text.empty() ? "" : "|") + each.word;
    }
    return text;
}

}  // namespace stateset::cli::client
