#pragma once
// Permissions are `<slice>:<action>`; either part may be `*`, and `*` alone is everything. This
// header knows which there are, what the built-in roles grant, and what two grants have in common.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/actor.hpp"

namespace stateset::identity {

struct BuiltInRole {
    std::string_view name, description;
    std::vector<std::string> permissions;
};

inline constexpr std::string_view administrator = "admin";

std::span<const BuiltInRole> built_in_roles();

// Whether this text is a permission that could ever be asked for.
bool known_permission(std::string_view);

// What both patterns cover: of "orders:*" and "*:read" it is "orders:read".
std::optional<std::string> common(std::string_view one, std::string_view other);

// What both lists grant: the powers of an API key, from its scopes and its owner's permissions.
std::vector<std::string> common(const std::vector<std::string>& one,
                                const std::vector<std::string>& other);

}  // namespace stateset::identity
