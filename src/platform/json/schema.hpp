#pragma once
// JSON Schema (2020-12, as OpenAPI 3.1 uses it) of the types the decoder reads and the writer
// writes, from the same description. Structs become named definitions, everything else stands in
// place. What a field means is told once per field name, by the caller's glossary.
//
//     json::Definitions named(glossary);
//     auto body = json::schema<orders::PlaceOrder>(json::Direction::input, named);
//     // {"$ref":"#/components/schemas/PlaceOrder"}, and named.all() has it and what it refers to
//
// A struct that goes both ways has two schemas, since only input is closed to unknown fields. The
// first one asked for gets the plain name, so ask for the outputs first: `Address` and
// `AddressInput`.

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/core/reflect.hpp"
#include "platform/json/kinds.hpp"

namespace stateset::json {

enum class Direction { input, output };

struct FieldDoc {
    std::string_view description;
    // As text for what is a JSON string ("SO-1001"), as JSON for the rest; may be empty: then the
    // type's own example stands. Enumerations always show their own first word.
    std::string_view example;
};

// nullptr when the field has no entry.
using Glossary = std::function<const FieldDoc*(std::string_view field)>;

class Definitions {
  public:
    explicit Definitions(Glossary glossary) : glossary_(std::move(glossary)) {}

    // Name to schema, as JSON text: what `components.schemas` holds.
    const std::map<std::string, std::string>& all() const { return all_; }
    // Fields that the glossary does not know, each with a type that has it.
    const std::map<std::string, std::string>& undescribed() const { return undescribed_; }

    struct Named {
        std::string name;
        bool is_new;  // its schema is still to be given to `define`
    };
    Named name_for(std::string_view type, Direction, std::span<const std::string_view> elsewhere);
    void define(const std::string& name, std::string schema) { all_[name] = std::move(schema); }
    const FieldDoc* doc(std::string_view field, std::string_view type);

  private:
    Glossary glossary_;
    std::map<std::string, std::string> all_, undescribed_;
    std::map<std::string, std::string> name_by_identity_, type_by_name_;
};

// `elsewhere` as in DecodeOptions: members of T that the path or a header gives.
template <class T>
std::string schema(Direction direction, Definitions& named,
                   std::span<const std::string_view> elsewhere = {});

namespace detail {

template <class T>
constexpr std::string_view type_text() {
    std::string_view text = __PRETTY_FUNCTION__;
    auto begin = text.find("T = ") + 4;
    auto end = std::min(text.find("; std::", begin), text.size() - 1);  // g++ goes on, clang ends
    return text.substr(begin, end - begin);
}

std::string string_schema(std::string_view format, std::string_view pattern = {});
// Of a fixed form; what comes in has at most this many characters.
std::string form_schema(std::string_view format, std::size_t most, Direction);
std::string text_schema(std::size_t least, std::size_t most, Direction);
std::string currency_schema(Direction);
std::string integer_schema(std::int64_t least, std::int64_t most, Direction);
std::string decimal_schema(int digits, Direction);
std::string enum_schema(std::span<const std::string_view> words);
std::string array_schema(const std::string& items, std::size_t least, std::size_t most, Direction);
std::string map_schema(const std::string& values, Direction);
std::string nullable(std::string schema);
std::string reference(std::string_view name);

// Which of the glossary's examples fit a type.
enum class Fitting { text, number, structure, none };

// The properties of one object schema, in order of declaration.
class Properties {
  public:
    Properties(Direction direction, Definitions& named, std::string_view type)
        : direction_(direction), named_(named), type_(type) {}
    // `own_example` is JSON; it stands when the glossary has none that fits.
    void add(std::string_view name, std::string schema, bool required, Fitting,
             std::string own_example);
    std::string object() const;

  private:
    Direction direction_;
    Definitions& named_;
    std::string_view type_;
    std::string properties_, required_;
};

template <class T>
std::string scalar_schema(Direction direction) {
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    if constexpr (std::is_same_v<T, bool>) {
        return R"({"type":"boolean"})";
    } else if constexpr (WholeNumber<T>) {
        constexpr bool wide = std::cmp_greater(std::numeric_limits<T>::max(), highest);
        constexpr auto most =
            wide ? highest : static_cast<std::int64_t>(std::numeric_limits<T>::max());
        if (direction == Direction::input) {
            return integer_schema(static_cast<std::int64_t>(std::numeric_limits<T>::min()), most,
                                  direction);
        }
        return integer_schema(std::is_unsigned_v<T> ? 0 : lowest, highest, direction);
    } else if constexpr (is_int<T>) {
        return integer_schema(Bounds<T>::least, Bounds<T>::most, direction);
    } else if constexpr (is_a<T, NumberId>) {
        return integer_schema(1, highest, direction);
    } else if constexpr (std::is_enum_v<T>) {
        return enum_schema(reflect::enumerators<T>);
    } else if constexpr (is_text<T>) {
        return text_schema(Bounds<T>::least, Bounds<T>::most, direction);
    } else if constexpr (std::is_same_v<T, Email>) {
        return form_schema("email", 254, direction);
    } else if constexpr (is_a<T, Id> || std::is_same_v<T, Uuid>) {
        return form_schema("uuid", 36, direction);
    } else if constexpr (std::is_same_v<T, Time>) {
        return form_schema("date-time", 40, direction);
    } else if constexpr (std::is_same_v<T, Date>) {
        return form_schema("date", 10, direction);
    } else if constexpr (std::is_same_v<T, Currency>) {
        return currency_schema(direction);
    } else if constexpr (std::is_same_v<T, Money>) {
        return string_schema("", "^-?[0-9]+([.][0-9]{1,3})?$");
    } else if constexpr (std::is_same_v<T, Quantity> || std::is_same_v<T, Amount>) {
        return decimal_schema(T::digits, direction);
    } else if (direction == Direction::input) {
        return text_schema(Bounds<std::string>::least, Bounds<std::string>::most, direction);
    } else {
        return string_schema("");
    }
}

template <class T>
struct BareOf {
    using Type = T;
};
template <class T>
struct BareOf<std::optional<T>> : BareOf<T> {};
template <class T>
struct BareOf<Change<T>> : BareOf<T> {};
template <class T>
struct BareOf<Expanded<T>> : BareOf<T> {};

// T without what only says that it may be absent.
template <class T>
using Bare = typename BareOf<T>::Type;

template <class T>
consteval Fitting fitting() {
    if constexpr (std::is_same_v<T, bool> || std::is_enum_v<T>) {
        return Fitting::none;
    } else if constexpr (WholeNumber<T> || is_int<T> || is_a<T, NumberId>) {
        return Fitting::number;
    } else {
        return Scalar<T> ? Fitting::text : Fitting::structure;
    }
}

// JSON; "" where only the glossary can know one.
template <class T>
std::string own_example() {
    if constexpr (std::is_same_v<T, bool>) {
        return "true";
    } else if constexpr (is_int<T>) {
        return std::to_string(Bounds<T>::least);
    } else if constexpr (fitting<T>() == Fitting::number) {
        return "1";
    } else if constexpr (std::is_enum_v<T>) {
        return '"' + std::string(reflect::name(static_cast<T>(0))) + '"';
    } else if constexpr (is_a<T, Id> || std::is_same_v<T, Uuid>) {
        return R"("0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e")";
    } else if constexpr (std::is_same_v<T, Time>) {
        return R"("2026-11-22T10:15:30.25Z")";
    } else if constexpr (std::is_same_v<T, Date>) {
        return R"("2026-11-22")";
    } else if constexpr (std::is_same_v<T, Email>) {
        return R"("ada@example.com")";
    } else if constexpr (std::is_same_v<T, Currency>) {
        return R"("USD")";
    } else if constexpr (std::is_same_v<T, Money> || std::is_same_v<T, Amount>) {
        return R"("19.99")";
    } else if constexpr (std::is_same_v<T, Quantity>) {
        return R"("2.5")";
    } else if constexpr (std::is_same_v<T, Metadata>) {
        return R"({"colour":"blue"})";
    } else {
        return {};
    }
}

template <class T>
void add_properties(Properties& to, Direction direction, Definitions& named,
                    std::span<const std::string_view> elsewhere) {
    reflect::for_each_field_type<T>([&]<class M>(std::string_view name) {
        if constexpr (is_a<M, Flat>) {
            add_properties<decltype(M::value)>(to, direction, named, elsewhere);
        } else if constexpr (!is_a<M, Secret>) {
            for (auto each : elsewhere) {
                if (each == name) return;
            }
            to.add(name, schema<M>(direction, named),
                   is_a<M, Expanded> ? false : direction == Direction::output || is_required<M>,
                   fitting<Bare<M>>(), own_example<Bare<M>>());
        }
    });
}

template <class T>
std::string object_schema(Direction direction, Definitions& named,
                          std::span<const std::string_view> elsewhere) {
    auto [name, is_new] = named.name_for(type_text<T>(), direction, elsewhere);
    if (is_new) {
        Properties properties(direction, named, type_text<T>());
        add_properties<T>(properties, direction, named, elsewhere);
        named.define(name, properties.object());
    }
    return reference(name);
}

}  // namespace detail

template <class T>
std::string schema(Direction direction, Definitions& named,
                   std::span<const std::string_view> elsewhere) {
    if constexpr (Scalar<T>) {
        return detail::scalar_schema<T>(direction);
    } else if constexpr (is_a<T, std::optional>) {
        return detail::nullable(schema<typename T::value_type>(direction, named, elsewhere));
    } else if constexpr (is_a<T, Expanded>) {
        return schema<typename decltype(T::value)::value_type>(direction, named, elsewhere);
    } else if constexpr (is_a<T, Change>) {
        return schema<decltype(T::value)>(direction, named, elsewhere);
    } else if constexpr (std::is_same_v<T, RawJson>) {
        return "{}";
    } else if constexpr (is_list<T>) {
        using Element = typename decltype(T::value)::value_type;
        return detail::array_schema(schema<Element>(direction, named), Bounds<T>::least,
                                    Bounds<T>::most, direction);
    } else if constexpr (is_a<T, std::vector>) {
        return detail::array_schema(schema<typename T::value_type>(direction, named),
                                    Bounds<T>::least, Bounds<T>::most, direction);
    } else if constexpr (is_map<T>) {
        return detail::map_schema(schema<typename T::mapped_type>(direction, named), direction);
    } else {
        static_assert(std::is_aggregate_v<T>, "JSON does not know this type");
        return detail::object_schema<T>(direction, named, elsewhere);
    }
}

}  // namespace stateset::json
