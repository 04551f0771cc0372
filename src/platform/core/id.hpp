#pragma once
// Ids. A noun's id is a UUIDv7 wrapped with the noun as its tag, so that an order's id cannot be
// passed where a customer's is meant. Items and locations have integer ids (`NumberId`), as people
// type them.

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stateset {

struct Uuid {
    std::uint64_t high = 0, low = 0;
    auto operator<=>(const Uuid&) const = default;
    explicit operator bool() const { return high != 0 || low != 0; }
};

// "0198c9f2-…": lower case, 36 characters. Reading accepts any RFC 9562 form with hyphens, in
// either case.
std::string to_string(Uuid);
std::optional<Uuid> uuid_from(std::string_view);

template <class Tag>
struct Id {
    Uuid value;
    constexpr Id() = default;
    constexpr Id(Uuid uuid) : value(uuid) {}
    auto operator<=>(const Id&) const = default;
    explicit operator bool() const { return bool(value); }
};

template <class Tag>
std::string to_string(const Id<Tag>& id) {
    return to_string(id.value);
}

template <class Tag>
struct NumberId {
    std::int64_t value = 0;
    constexpr NumberId() = default;
    constexpr explicit NumberId(std::int64_t number) : value(number) {}
    auto operator<=>(const NumberId&) const = default;
    explicit operator bool() const { return value != 0; }
};

template <class Tag>
std::string to_string(NumberId<Tag> id) {
    return std::to_string(id.value);
}

// A tenant is never shown and never taken from a request; it comes from the caller's credentials.
using Tenant = std::int64_t;
inline constexpr Tenant no_tenant =
    0;  // rows of the whole installation: cursors, signing keys, leases

}  // namespace stateset

template <>
struct std::hash<stateset::Uuid> {
    std::size_t operator()(const stateset::Uuid& id) const noexcept {
        return id.high * 0x9E3779B97F4A7C15ULL ^ id.low;
    }
};
