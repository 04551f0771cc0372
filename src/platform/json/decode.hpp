#pragma once
// JSON, query strings and path segments to structs. The struct is the contract: its members' types
// carry the bounds (core/input.hpp). Everything that is wrong is found in one pass and reported
// with its JSON pointer. What must be given is decided by the type alone: optional, Change, lists
// that may be empty, vectors and maps may be left out; everything else is required.
//
// Codes of faults: required, not_nullable, wrong_type, unknown_field, unknown_value, malformed,
// too_short, too_long, too_small, too_large, too_precise, control_character, duplicate_key.
//
//     auto wanted = json::decode<PlaceOrder>(json::parse(body));       // throws Refusal(invalid)
//     json::decode_text_into(value, query.limit, faults, "?limit");    // and
//     faults.refuse_if_any()
//
// `read` is the way back from `write_stored`: the same types without limits, since the text is
// ours.

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/core/reflect.hpp"
#include "platform/core/refusal.hpp"
#include "platform/json/kinds.hpp"
#include "platform/json/tape.hpp"

namespace stateset::json {

struct DecodeOptions {
    // Members of the outermost struct that come from the path or a header: they are not read here,
    // not missed, and refused in the document.
    std::span<const std::string_view> elsewhere{};
};

// What is wrong with one request, from its path, its query and its body. Keeps the first `most`.
class Faults {
  public:
    static constexpr std::size_t most = 100;
    enum class Source { request, storage };

    explicit Faults(Source source = Source::request) : stored_(source == Source::storage) {}

    void add(std::string pointer, std::string_view code, std::string message);
    bool empty() const { return list_.empty(); }
    bool full() const { return list_.size() >= most; }
    const std::vector<Fault>& list() const { return list_; }
    void refuse_if_any() const;  // throws Refusal(codes::invalid)
    bool stored() const { return stored_; }

  private:
    std::vector<Fault> list_;
    bool stored_;
};

// The known name that a mistyped one probably means; empty when none is near.
std::string_view nearest(std::string_view name, std::span<const std::string_view> known);

// Throws Refusal(codes::invalid) with every fault of the document.
template <class T>
T decode(const Tape& tape, const DecodeOptions& options = {});

// The same for a request with more parts: the faults are added, and what is returned is of use only
// when there are none.
template <class T>
T decode(const Tape& tape, const DecodeOptions& options, Faults& faults);

template <class T>
void decode_into(const Node& node, T& to, Faults& faults, const DecodeOptions& options = {});

// A scalar, an optional scalar, or a comma-separated list of scalars from the text of a query
// parameter ("?limit") or a path segment. The text is already percent-decoded.
template <class T>
void decode_text_into(std::string_view text, T& to, Faults& faults, const std::string& pointer);

// Takes back what `write_stored` wrote. Unknown members are ignored, so that a column outlives a
// field. Throws std::runtime_error on anything else.
template <class T>
T read(std::string_view text);

namespace detail {

// Where a value came from; makes its pointer only when something is wrong.
class Place {
  public:
    Place(const Node& node, Faults& faults) : faults_(faults), node_(node) {}
    Place(const std::string& pointer, Faults& faults) : faults_(faults), pointer_(&pointer) {}
    void refuse(std::string_view code, std::string message) const;
    bool stored() const { return faults_.stored(); }

  private:
    Faults& faults_;
    Node node_;
    const std::string* pointer_ = nullptr;
};

// Each sets `to`, or refuses and leaves it.
void take_text(std::string_view, std::string& to, std::size_t least, std::size_t most, Place);
void take_email(std::string_view, std::string& to, Place);
void take_whole(std::string_view, std::int64_t& to, std::int64_t least, std::int64_t most, Place);
void take_decimal(std::string_view, std::int64_t& scaled, int digits, Place);
void take_bool(std::string_view, bool& to, Place);
void take_uuid(std::string_view, Uuid& to, Place);
void take_money(std::string_view, Money& to, Place);
void take_currency(std::string_view, Currency& to, Place);
void take_time(std::string_view, Time& to, Place);
void take_date(std::string_view, Date& to, Place);
void refuse_word(std::string_view, std::span<const std::string_view> allowed, Place);
void refuse_kind(const Node&, std::string_view expected, Faults&);
bool size_fits(std::size_t size, std::size_t least, std::size_t most, std::string_view what, Place);
bool key_fits(const Node& member, Faults&);
void refuse_unknown(const Node& object, const std::vector<std::string_view>& known,
                    const DecodeOptions&, Faults&);
[[noreturn]] void throw_unreadable(const Faults&);

enum Accepts : unsigned { boolean = 1, number = 2, string = 4 };

template <class T>
consteval unsigned accepted() {
    if constexpr (std::is_same_v<T, bool>) {
        return boolean;
    } else if constexpr (WholeNumber<T> || is_int<T> || is_a<T, NumberId>) {
        return number;
    } else if constexpr (std::is_same_v<T, Quantity> || std::is_same_v<T, Amount>) {
        return number | string;
    } else {
        return string;
    }
}

template <class T>
consteval std::string_view expected() {
    if constexpr (Scalar<T>) {
        constexpr auto kinds = accepted<T>();
        return kinds == boolean             ? "true or false"
               : kinds == number            ? "a whole number"
               : kinds == (number | string) ? "a decimal, as text or number"
                                            : "a string";
    } else if constexpr (is_list<T> || is_a<T, std::vector>) {
        return "an array";
    } else {
        return "an object";
    }
}

template <WholeNumber T>
void take_integer(std::string_view text, T& to, Place place) {
    constexpr auto widest = std::numeric_limits<std::int64_t>::max();
    constexpr auto most = std::cmp_less(std::numeric_limits<T>::max(), widest)
                              ? static_cast<std::int64_t>(std::numeric_limits<T>::max())
                              : widest;
    constexpr auto least = static_cast<std::int64_t>(std::numeric_limits<T>::min());
    std::int64_t whole = static_cast<std::int64_t>(to);
    take_whole(text, whole, least, most, place);
    to = static_cast<T>(whole);
}

template <class T>
void take_scalar(std::string_view text, T& to, const Place& place) {
    if constexpr (std::is_same_v<T, bool>) {
        take_bool(text, to, place);
    } else if constexpr (WholeNumber<T>) {
        take_integer(text, to, place);
    } else if constexpr (std::is_enum_v<T>) {
        if (auto value = reflect::enum_from<T>(text)) {
            to = *value;
        } else {
            refuse_word(text, reflect::enumerators<T>, place);
        }
    } else if constexpr (is_text<T>) {
        take_text(text, to.value, Bounds<T>::least, Bounds<T>::most, place);
    } else if constexpr (std::is_same_v<T, std::string>) {
        take_text(text, to, Bounds<T>::least, Bounds<T>::most, place);
    } else if constexpr (is_int<T>) {
        take_whole(text, to.value, Bounds<T>::least, Bounds<T>::most, place);
    } else if constexpr (is_a<T, NumberId>) {
        take_whole(text, to.value, 1, std::numeric_limits<std::int64_t>::max(), place);
    } else if constexpr (is_a<T, Id>) {
        take_uuid(text, to.value, place);
    } else if constexpr (std::is_same_v<T, Uuid>) {
        take_uuid(text, to, place);
    } else if constexpr (std::is_same_v<T, Email>) {
        take_email(text, to.value, place);
    } else if constexpr (std::is_same_v<T, Quantity> || std::is_same_v<T, Amount>) {
        take_decimal(text, to.scaled, T::digits, place);
    } else if constexpr (std::is_same_v<T, Money>) {
        take_money(text, to, place);
    } else if constexpr (std::is_same_v<T, Currency>) {
        take_currency(text, to, place);
    } else if constexpr (std::is_same_v<T, Time>) {
        take_time(text, to, place);
    } else if constexpr (std::is_same_v<T, Date>) {
        take_date(text, to, place);
    } else {
        static_assert(never<T>, "this type cannot be read");
    }
}

template <class T>
void decode_scalar(const Node& node, T& to, Faults& faults) {
    constexpr auto kinds = accepted<T>();
    auto kind = node.kind();
    bool fits = (kind == Kind::string && (kinds & string)) ||
                (kind == Kind::number && (kinds & number)) ||
                (kind == Kind::boolean && (kinds & boolean));
    if (fits) {
        take_scalar(node.text(), to, Place(node, faults));
    } else {
        refuse_kind(node, expected<T>(), faults);
    }
}

template <class T>
void decode_elements(const Node& array, std::vector<T>& to, Faults& faults) {
    to.clear();
    to.reserve(array.size());
    for (auto node = array.first(); node && !faults.full(); node = node.next()) {
        T element{};
        decode_into(node, element, faults);
        to.push_back(std::move(element));
    }
}

template <class T>
void decode_map(const Node& object, std::map<std::string, T>& to, Faults& faults) {
    using Limit = Bounds<std::map<std::string, T>>;
    to.clear();
    if (!size_fits(object.size(), Limit::least, Limit::most, "keys", Place(object, faults))) return;
    for (auto member = object.first(); member && !faults.full(); member = member.next()) {
        if (!key_fits(member, faults)) continue;
        T& value = to[std::string(member.key())];
        if constexpr (std::is_same_v<T, std::string>) {
            Text<longest_metadata_value, 0> text;
            decode_into(member, text, faults);
            value = std::move(text.value);
        } else {
            decode_into(member, value, faults);
        }
    }
}

// The members of a document's object, asked for by name; most come in the order of the struct.
class Members {
  public:
    explicit Members(const Node& object) : object_(object), hint_(object.first()) {}

    Node take(std::string_view name) {
        if (hint_ && hint_.key() == name) return taken(hint_);
        for (auto member = object_.first(); member; member = member.next()) {
            if (member.key() == name) return taken(member);
        }
        return {};
    }
    bool all_taken() const { return count_ == object_.size(); }

  private:
    Node taken(Node member) {
        ++count_;
        hint_ = member.next();
        return member;
    }

    Node object_, hint_;
    std::size_t count_ = 0;
};

inline bool contains(std::span<const std::string_view> names, std::string_view name) {
    for (auto each : names) {
        if (each == name) return true;
    }
    return false;
}

void refuse_missing(const Node& object, std::string_view name, Faults& faults);

template <class T>
void decode_fields(const Node& object, Members& members, T& to, Faults& faults,
                   const DecodeOptions& options) {
    reflect::for_each_field(to, [&]<class M>(std::string_view name, M& member) {
        if constexpr (is_a<M, Flat>) {
            decode_fields(object, members, member.value, faults, options);
        } else {
            if (contains(options.elsewhere, name)) return;
            if constexpr (is_a<M, Secret>) {
                if (!faults.stored()) return;
            }
            auto node = members.take(name);
            if (node) {
                if constexpr (is_a<M, Secret>) {
                    decode_into(node, member.value, faults);
                } else {
                    decode_into(node, member, faults);
                }
            } else if constexpr (is_required<M>) {
                refuse_missing(object, name, faults);
            }
        }
    });
}

template <class T>
void known_names(std::vector<std::string_view>& names, const DecodeOptions& options) {
    reflect::for_each_field_type<T>([&]<class M>(std::string_view name) {
        if constexpr (is_a<M, Flat>) {
            known_names<decltype(M::value)>(names, options);
        } else if constexpr (!is_a<M, Secret>) {
            if (!contains(options.elsewhere, name)) names.push_back(name);
        }
    });
}

template <class T>
void decode_object(const Node& object, T& to, Faults& faults, const DecodeOptions& options) {
    Members members(object);
    decode_fields(object, members, to, faults, options);
    if (members.all_taken() || faults.stored()) return;
    std::vector<std::string_view> known;
    known_names<T>(known, options);
    refuse_unknown(object, known, options, faults);
}

template <class T>
void decode_list(const Node& node, std::vector<T>& to, std::size_t least, std::size_t most,
                 Faults& faults) {
    if (node.kind() != Kind::array) return refuse_kind(node, "an array", faults);
    if (!size_fits(node.size(), least, most, "elements", Place(node, faults))) return;
    decode_elements(node, to, faults);
}

}  // namespace detail

template <class T>
void decode_into(const Node& node, T& to, Faults& faults, const DecodeOptions& options) {
    if constexpr (is_a<T, std::optional>) {
        to.reset();
        if (node.kind() != Kind::null) decode_into(node, to.emplace(), faults, options);
    } else if constexpr (is_a<T, Change>) {
        to.given = true;
        decode_into(node, to.value, faults, options);
    } else if constexpr (std::is_same_v<T, RawJson>) {
        to.text.clear();
        write(to.text, node);
    } else if constexpr (Scalar<T>) {
        detail::decode_scalar(node, to, faults);
    } else if constexpr (is_list<T>) {
        detail::decode_list(node, to.value, Bounds<T>::least, Bounds<T>::most, faults);
    } else if constexpr (is_a<T, std::vector>) {
        detail::decode_list(node, to, Bounds<T>::least, Bounds<T>::most, faults);
    } else if (node.kind() != Kind::object) {
        detail::refuse_kind(node, "an object", faults);
    } else if constexpr (is_map<T>) {
        detail::decode_map(node, to, faults);
    } else {
        static_assert(std::is_aggregate_v<T>, "JSON does not know this type");
        detail::decode_object(node, to, faults, options);
    }
}

template <class T>
T decode(const Tape& tape, const DecodeOptions& options, Faults& faults) {
    T value{};
    for (const auto& again : tape.duplicates()) {
        faults.add(again.pointer(), "duplicate_key", "is given twice");
    }
    decode_into(tape.root(), value, faults, options);
    return value;
}

template <class T>
T decode(const Tape& tape, const DecodeOptions& options) {
    Faults faults;
    auto value = decode<T>(tape, options, faults);
    faults.refuse_if_any();
    return value;
}

template <class T>
void decode_text_into(std::string_view text, T& to, Faults& faults, const std::string& pointer) {
    if constexpr (is_a<T, std::optional>) {
        decode_text_into(text, to.emplace(), faults, pointer);
    } else if constexpr (is_list<T>) {
        decode_text_into(text, to.value, faults, pointer);
        detail::size_fits(to.size(), Bounds<T>::least, Bounds<T>::most, "elements",
                          detail::Place(pointer, faults));
    } else if constexpr (is_a<T, std::vector>) {
        to.clear();
        for (std::size_t begin = 0; begin <= text.size() && !faults.full();) {
            auto end = std::min(text.find(',', begin), text.size());
            decode_text_into(text.substr(begin, end - begin), to.emplace_back(), faults, pointer);
            begin = end + 1;
        }
    } else {
        static_assert(Scalar<T>, "only scalars and lists of them fit into a query or a path");
        detail::take_scalar(text, to, detail::Place(pointer, faults));
    }
}

template <class T>
T read(std::string_view text) {
    constexpr Limits generous{.depth = 128, .nodes = 10'000'000};
    Faults faults(Faults::Source::storage);
    T value{};
    try {
        value = decode<T>(parse(text, generous), {}, faults);
    } catch (const Refusal& unreadable) {
        for (const auto& each : unreadable.faults()) {
            faults.add(each.pointer, each.code, each.message);
        }
    }
    if (!faults.empty()) detail::throw_unreadable(faults);
    return value;
}

}  // namespace stateset::json
