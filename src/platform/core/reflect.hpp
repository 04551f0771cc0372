#pragma once
// The one description of a struct is the struct itself. This header reads the names and the members
// of any aggregate, and the enumerators of any enum, so that JSON, SQL rows, OpenAPI and validation
// are derived and a new field is one line. No registration, no macro per struct. Limits: plain
// aggregates without base classes, at most 48 members; enumerators from 0 to 31. A trailing
// underscore of an enumerator or member (`void_`) is not part of its name.

#include <array>
#include <boost/preprocessor/repetition/enum_params.hpp>
#include <boost/preprocessor/repetition/repeat_from_to.hpp>
#include <cstddef>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace stateset::reflect {

namespace detail {

struct Anything {
    template <class T>
    operator T() const {
        __builtin_unreachable();  // only asked whether it would do, never called
    }
};

template <class T, class... A>
concept BracedFrom = requires { T{std::declval<A>()...}; };

template <class T, class... A>
consteval std::size_t count() {
    if constexpr (BracedFrom<T, A..., Anything>) {
        return count<T, A..., Anything>();
    } else {
        return sizeof...(A);
    }
}

template <class T>
struct Holder {
    T value;
};

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif
// Never defined and never read: only the addresses of its members are used, as template arguments.
template <class T>
extern const Holder<T> specimen;

template <class T>
struct Address {
    const T* of;
};

template <auto Named>
consteval std::string_view spelled() {
    return __PRETTY_FUNCTION__;
}

consteval bool part_of_name(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The last identifier of a compiler's spelling of a template argument.
consteval std::string_view last_name(std::string_view text) {
    auto cut = text.find("; ");  // g++ goes on with the alias of the return type
    if (cut != text.npos) text = text.substr(0, cut);
    auto end = text.size();
    while (end > 0 && !part_of_name(text[end - 1])) --end;
    auto begin = end;
    while (begin > 0 && part_of_name(text[begin - 1])) --begin;
    if (end > begin && text[end - 1] == '_') --end;
    return text.substr(begin, end - begin);
}

}  // namespace detail

template <class T>
inline constexpr std::size_t field_count = detail::count<std::remove_cv_t<T>>();

// References to all members of an aggregate, in order of declaration.
template <class T>
constexpr auto tie(T& object) {
    constexpr auto n = field_count<T>;
    static_assert(n <= 48, "an aggregate may have at most 48 members");
    if constexpr (n == 0) {
        return std::tuple<>{};
    }
#define STATESET_TIE(Z, N, _)                        \
    else if constexpr (n == N) {                     \
        auto& [BOOST_PP_ENUM_PARAMS(N, m)] = object; \
        return std::tie(BOOST_PP_ENUM_PARAMS(N, m)); \
    }
    BOOST_PP_REPEAT_FROM_TO(1, 49, STATESET_TIE, _)
#undef STATESET_TIE
}

template <class T, std::size_t I>
consteval std::string_view field_name() {
    using Member = std::remove_reference_t<decltype(std::get<I>(tie(detail::specimen<T>.value)))>;
    return detail::last_name(
        detail::spelled<detail::Address<Member>{&std::get<I>(tie(detail::specimen<T>.value))}>());
}

template <class T>
inline constexpr auto field_names = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<std::string_view, sizeof...(I)>{field_name<T, I>()...};
}(std::make_index_sequence<field_count<T>>{});
#if defined(__clang__)
#pragma clang diagnostic pop
#endif

// Calls `each(name, member)` for every member.
template <class T, class F>
constexpr void for_each_field(T& object, F&& each) {
    auto members = tie(object);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (each(field_names<std::remove_cv_t<T>>[I], std::get<I>(members)), ...);
    }(std::make_index_sequence<field_count<T>>{});
}

// Calls `each.template operator()<Member>(name)` for every member, without an object.
template <class T, class F>
constexpr void for_each_field_type(F&& each) {
    using Members = decltype(tie(std::declval<T&>()));
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (each.template operator()<std::remove_reference_t<std::tuple_element_t<I, Members>>>(
             field_names<T>[I]),
         ...);
    }(std::make_index_sequence<field_count<T>>{});
}

// The name of the member a pointer points to: field_of<&Order::status> is "status".
template <auto Member>
consteval std::string_view name_of() {
    return detail::last_name(detail::spelled<Member>());
}

namespace detail {
inline constexpr int most_enumerators = 32;

template <auto Value>
consteval std::string_view enumerator() {
    constexpr auto text = spelled<Value>();
    constexpr auto name = last_name(text);
    // A value without an enumerator is spelled as a cast: "(Status)7".
    constexpr auto at = text.rfind(name);
    if constexpr (name.empty() || (name[0] >= '0' && name[0] <= '9') || text[at - 1] == ')') {
        return {};
    } else {
        return name;
    }
}
}  // namespace detail

template <class E>
inline constexpr auto enumerators = []<int... I>(std::integer_sequence<int, I...>) {
    return std::array<std::string_view, sizeof...(I)>{detail::enumerator<static_cast<E>(I)>()...};
}(std::make_integer_sequence<int, detail::most_enumerators>{});

template <class E>
    requires std::is_enum_v<E>
constexpr std::string_view name(E value) {
    return enumerators<E>.at(static_cast<std::size_t>(value));
}

template <class E>
constexpr std::optional<E> enum_from(std::string_view text) {
    if (text.empty()) return std::nullopt;
    for (std::size_t i = 0; i < enumerators<E>.size(); ++i) {
        if (enumerators<E>[i] == text) return static_cast<E>(i);
    }
    return std::nullopt;
}

}  // namespace stateset::reflect
