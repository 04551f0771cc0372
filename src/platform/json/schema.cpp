#include "platform/json/schema.hpp"

#include "platform/json/writer.hpp"

namespace stateset::json {
namespace {

// No control characters but line ends and tabs.
constexpr std::string_view plain_text = R"(^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$)";

bool part_of_name(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// "stateset::http::Page<stateset::orders::Order>" is an OrderPage of the namespace "http".
struct TypeName {
    std::string name, space;
};

TypeName type_name(std::string_view type) {
    auto open = std::min(type.find('<'), type.size());
    std::vector<std::string_view> words;
    for (std::size_t at = 0; at < open;) {
        auto begin = at;
        while (at < open && part_of_name(type[at])) ++at;
        if (at > begin) words.push_back(type.substr(begin, at - begin));
        if (at < open) ++at;
    }
    TypeName found;
    if (words.size() > 1) found.space = words[words.size() - 2];
    if (!found.space.empty() && found.space[0] >= 'a' && found.space[0] <= 'z') {
        found.space[0] = static_cast<char>(found.space[0] - 'a' + 'A');
    }
    auto own = words.empty() ? std::string_view() : words.back();
    int depth = 0;
    auto begin = open + 1;
    for (auto at = open; at < type.size(); ++at) {
        bool ends = (type[at] == ',' && depth == 1) || (type[at] == '>' && depth == 1);
        if (ends) {
            found.name += type_name(type.substr(begin, at - begin)).name;
            begin = at + 1;
        }
        if (type[at] == '<') ++depth;
        if (type[at] == '>') --depth;
    }
    found.name += own;
    return found;
}

bool is_whole_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

Definitions::Named Definitions::name_for(std::string_view type, Direction direction,
                                         std::span<const std::string_view> elsewhere) {
    std::string identity(type);
    identity += direction == Direction::input ? " input" : " output";
    for (auto name : elsewhere) identity.append(" -").append(name);
    if (auto known = name_by_identity_.find(identity); known != name_by_identity_.end()) {
        return {known->second, false};
    }
    auto [name, space] = type_name(type);
    std::string suffix = direction == Direction::input ? "Input" : "Output";
    // In another namespace there may be a type of the same name.
    bool clash = type_by_name_.contains(name) && type_by_name_[name] != type;
    auto base = clash ? space + name : name;
    auto chosen = base;
    if (type_by_name_.contains(chosen)) chosen = base + suffix;
    for (int i = 2; type_by_name_.contains(chosen); ++i) {
        chosen = base + suffix + std::to_string(i);
    }
    type_by_name_[chosen] = type;
    name_by_identity_[identity] = chosen;
    return {chosen, true};
}

const FieldDoc* Definitions::doc(std::string_view field, std::string_view type) {
    const FieldDoc* found = glossary_ ? glossary_(field) : nullptr;
    if (found == nullptr) undescribed_.emplace(field, type);
    return found;
}

namespace detail {

std::string string_schema(std::string_view format, std::string_view pattern) {
    std::string text = R"({"type":"string")";
    if (!format.empty()) text.append(R"(,"format":")").append(format).append("\"");
    if (!pattern.empty()) text.append(R"(,"pattern":")").append(pattern).append("\"");
    return text + "}";
}

std::string form_schema(std::string_view format, std::size_t most, Direction direction) {
    auto text = string_schema(format);
    if (direction == Direction::output) return text;
    text.back() = ',';
    return text + R"("maxLength":)" + std::to_string(most) + "}";
}

std::string text_schema(std::size_t least, std::size_t most, Direction direction) {
    std::string text = R"({"type":"string")";
    if (least > 0) text += R"(,"minLength":)" + std::to_string(least);
    text += R"(,"maxLength":)" + std::to_string(most);
    if (direction == Direction::input) text.append(R"(,"pattern":)").append(to_text(plain_text));
    return text + "}";
}

std::string currency_schema(Direction direction) {
    if (direction == Direction::output) return string_schema("", "^[A-Z]{3}$");
    std::string codes;
    for (auto code : currencies()) codes.append(codes.empty() ? "" : "|").append(code);
    return R"({"type":"string","maxLength":3,"pattern":"^(?:)" + codes + R"()$"})";
}

std::string integer_schema(std::int64_t least, std::int64_t most, Direction direction) {
    std::string text = R"({"type":"integer","format":"int64")";
    bool input = direction == Direction::input;
    if (input || least != std::numeric_limits<std::int64_t>::min()) {
        text += R"(,"minimum":)" + std::to_string(least);
    }
    if (input || most != std::numeric_limits<std::int64_t>::max()) {
        text += R"(,"maximum":)" + std::to_string(most);
    }
    return text + "}";
}

// Whoever keeps to it is never told that it does not fit. As a number stands only what binary
// floats hold exactly, in sixteenths; text holds the rest.
std::string decimal_schema(int digits, Direction direction) {
    auto pattern = [&](std::string_view whole) {
        return R"("pattern":"^-?[0-9])" + std::string(whole) + R"(([.][0-9]{1,)" +
               std::to_string(digits) + R"(})?$"})";
    };
    if (direction == Direction::output) return R"({"type":"string",)" + pattern("+");
    auto most = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < digits; ++i) most /= 10;
    return R"({"type":["string","number"],"maxLength":20,"minimum":-)" + std::to_string(most) +
           R"(,"maximum":)" + std::to_string(most) + R"(,"multipleOf":0.0625,)" + pattern("{1,14}");
}

std::string enum_schema(std::span<const std::string_view> words) {
    std::string text = R"({"type":"string","enum":[)";
    for (auto word : words) {
        if (!word.empty()) text.append("\"").append(word).append("\",");
    }
    text.back() = ']';
    return text + "}";
}

std::string array_schema(const std::string& items, std::size_t least, std::size_t most,
                         Direction direction) {
    std::string text = R"({"type":"array","items":)" + items;
    if (direction == Direction::input) {
        if (least > 0) text += R"(,"minItems":)" + std::to_string(least);
        text += R"(,"maxItems":)" + std::to_string(most);
    }
    return text + "}";
}

std::string map_schema(const std::string& values, Direction direction) {
    std::string text = R"({"type":"object","additionalProperties":)";
    if (direction == Direction::output) return text + values + "}";
    // The decoder's limits of metadata.
    bool free_text = values == scalar_schema<std::string>(direction);
    return text + (free_text ? text_schema(0, longest_metadata_value, direction) : values) +
           R"(,"maxProperties":)" + std::to_string(Bounds<Metadata>::most) +
           R"(,"propertyNames":)" + text_schema(1, longest_metadata_key, direction) + "}";
}

std::string nullable(std::string schema) {
    constexpr std::string_view one = R"({"type":")", many = R"({"type":[)";
    if (schema.starts_with(many)) {
        schema.insert(schema.find(']'), R"(,"null")");
    } else if (schema.starts_with(one)) {
        schema.insert(schema.find('"', one.size()) + 1, R"(,"null"])");
        schema.insert(one.size() - 1, "[");
        // Only an enumeration of its own ends so: the enum's list is its last member.
        constexpr std::string_view words = R"({"type":["string","null"],"enum":[)";
        if (schema.starts_with(words)) schema.insert(schema.size() - 2, ",null");
    } else if (schema != "{}") {
        return R"({"anyOf":[)" + schema + R"(,{"type":"null"}]})";
    }
    return schema;
}

std::string reference(std::string_view name) {
    return R"({"$ref":"#/components/schemas/)" + std::string(name) + "\"}";
}

void Properties::add(std::string_view name, std::string schema, bool required, Fitting fitting,
                     std::string own_example) {
    auto example = std::move(own_example);
    auto also = [&](std::string_view key, std::string_view json) {
        schema.pop_back();
        if (schema.size() > 1) schema += ',';
        schema.append("\"").append(key).append("\":").append(json).append("}");
    };
    if (const auto* doc = named_.doc(name, type_)) {
        also("description", to_text(doc->description));
        auto given = doc->example;
        constexpr std::size_t length_of_id = 36;
        bool of_id = schema.find(R"("format":"uuid")") != schema.npos;
        bool fits = !given.empty() && (!of_id || given.size() == length_of_id);
        if (fitting == Fitting::text && fits) example = to_text(given);
        if (fitting == Fitting::number && is_whole_number(given)) example = given;
        bool structured = given.starts_with('[') || given.starts_with('{');
        if (fitting == Fitting::structure && structured) example = given;
    }
    if (!example.empty()) also("examples", "[" + example + "]");

    auto key = to_text(name);
    if (!properties_.empty()) properties_ += ',';
    properties_ += key + ":" + schema;
    if (required) required_ += (required_.empty() ? "" : ",") + key;
}

std::string Properties::object() const {
    std::string text = R"({"type":"object","properties":{)" + properties_ + "}";
    if (!required_.empty()) text += R"(,"required":[)" + required_ + "]";
    if (direction_ == Direction::input) text += R"(,"additionalProperties":false)";
    return text + "}";
}

}  // namespace detail

}  // namespace stateset::json
