#pragma once
// How JSON sees a type: which of the project's vocabulary it is (core/input.hpp and the value types
// of core/), and whether a member of it must be given. The writer, the decoder and the schema ask
// the same questions here, so that they cannot disagree.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "platform/core/id.hpp"
#include "platform/core/input.hpp"
#include "platform/core/money.hpp"
#include "platform/core/time.hpp"

namespace stateset::json {

template <class T, template <class...> class Family>
inline constexpr bool is_a = false;
template <template <class...> class Family, class... A>
inline constexpr bool is_a<Family<A...>, Family> = true;

template <class T>
inline constexpr bool is_text = false;
template <std::size_t Max, std::size_t Min>
inline constexpr bool is_text<Text<Max, Min>> = true;

template <class T>
inline constexpr bool is_int = false;
template <std::int64_t Min, std::int64_t Max>
inline constexpr bool is_int<Int<Min, Max>> = true;

template <class T>
inline constexpr bool is_list = false;
template <class T, std::size_t Min, std::size_t Max>
inline constexpr bool is_list<List<T, Min, Max>> = true;

template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;

template <class T>
concept WholeNumber = std::is_integral_v<T> && !std::is_same_v<T, bool>;

// The types that are one JSON string, number or boolean.
template <class T>
concept Scalar =
    std::is_arithmetic_v<T> || std::is_enum_v<T> || is_text<T> || is_int<T> || is_a<T, Id> ||
    is_a<T, NumberId> || std::is_same_v<T, Uuid> || std::is_same_v<T, std::string> ||
    std::is_same_v<T, std::string_view> || std::is_same_v<T, Email> || std::is_same_v<T, Money> ||
    std::is_same_v<T, Currency> || std::is_same_v<T, Amount> || std::is_same_v<T, Quantity> ||
    std::is_same_v<T, Time> || std::is_same_v<T, Date>;

// The bounds of a Text, Int or List, and those of plain types in a request.
template <class T>
struct Bounds;
template <std::size_t Max, std::size_t Min>
struct Bounds<Text<Max, Min>> {
    static constexpr std::size_t least = Min, most = Max;
};
template <std::int64_t Min, std::int64_t Max>
struct Bounds<Int<Min, Max>> {
    static constexpr std::int64_t least = Min, most = Max;
};
template <class T, std::size_t Min, std::size_t Max>
struct Bounds<List<T, Min, Max>> {
    static constexpr std::size_t least = Min, most = Max;
};
template <>
struct Bounds<std::string> {
    static constexpr std::size_t least = 0, most = 10'000;
};
template <class T>
struct Bounds<std::vector<T>> {
    static constexpr std::size_t least = 0, most = 1'000;
};
template <class T>
struct Bounds<std::map<std::string, T>> {
    static constexpr std::size_t least = 0, most = 50;
};
inline constexpr std::size_t longest_metadata_key = 40;
inline constexpr std::size_t longest_metadata_value = 500;

// Whether a request must give a member of this type. A default initialiser does not change it.
template <class T>
inline constexpr bool is_required = !(is_a<T, std::optional> || is_a<T, Change> ||
                                      is_a<T, Secret> || is_a<T, std::vector> || is_map<T>);
template <class T, std::size_t Min, std::size_t Max>
inline constexpr bool is_required<List<T, Min, Max>> = Min > 0;

template <class T>
inline constexpr bool never = false;

}  // namespace stateset::json
