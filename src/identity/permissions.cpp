#include "identity/permissions.hpp"

#include <algorithm>
#include <array>

namespace stateset::identity {
namespace {

constexpr std::array<std::string_view, 17> slices{
    "carriers",  "claims",        "customers",     "events",     "identity", "inventory",
    "locations", "manufacturing", "notifications", "ops",        "orders",   "payments",
    "products",  "returns",       "shipments",     "warranties", "webhooks"};
constexpr std::string_view identity_slice = "identity";

struct Parts {
    std::string_view slice, action;
};

Parts parts(std::string_view permission) {
    if (permission == "*") return {"*", "*"};
    auto colon = permission.find(':');
    if (colon == permission.npos) return {};
    return {permission.substr(0, colon), permission.substr(colon + 1)};
}

std::vector<std::string> all_but_identity() {
    std::vector<std::string> granted;
    for (auto slice : slices) {
        if (slice != identity_slice) granted.push_back(std::string(slice) + ":*");
    }
    return granted;
}

std::optional<std::string_view> common_part(std::string_view one, std::string_view other) {
    if (one == "*" || one == other) return other;
    if (other == "*") return one;
    return std::nullopt;
}

bool word(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

}  // namespace

std::span<const BuiltInRole> built_in_roles() {
    static const std::vector<BuiltInRole> list{
        {administrator, "Everything, users and keys included.", {"*"}},
        {"manager", "Everything but users, roles and keys.", all_but_identity()},
        {"warehouse",
         "Stock, shipments and receiving returns.",
         {"inventory:*", "shipments:*", "locations:read", "products:read", "returns:read",
          "returns:receive", "orders:read", "orders:process"}},
        {"support",
         "Reads everything; returns, claims, cancelling and holding orders.",
         {"*:read", "returns:*", "claims:*", "orders:cancel", "orders:hold"}},
        {"production",
         "Bills of materials and work orders.",
         {"manufacturing:*", "inventory:read"}},
        {"viewer", "Reads everything.", {"*:read"}},
    };
    return list;
}

bool known_permission(std::string_view text) {
    if (text == "*") return true;
    auto [slice, action] = parts(text);
    bool known_slice = slice == "*" || std::ranges::find(slices, slice) != slices.end();
    return known_slice && (action == "*" || word(action));
}

std::optional<std::string> common(std::string_view one, std::string_view other) {
    auto slice = common_part(parts(one).slice, parts(other).slice);
    auto action = common_part(parts(one).action, parts(other).action);
    if (!slice || !action || slice->empty()) return std::nullopt;
    if (*slice == "*" && *action == "*") return "*";
    return std::string(*slice) + ":" + std::string(*action);
}

std::vector<std::string> common(const std::vector<std::string>& one,
                                const std::vector<std::string>& other) {
    std::vector<std::string> both;
    for (const auto& mine : one) {
        for (const auto& theirs : other) {
            auto shared = common(mine, theirs);
            if (shared && std::ranges::find(both, *shared) == both.end()) both.push_back(*shared);
        }
    }
    return both;
}

}  // namespace stateset::identity
