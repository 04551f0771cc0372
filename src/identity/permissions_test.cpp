#include "identity/permissions.hpp"

#include <gtest/gtest.h>

namespace stateset::identity {
namespace {

TEST(Permissions, wildcards_cover_what_they_say_and_no_more) {
    struct Row {
        std::string_view granted, needed;
        bool allowed;
    };
    const Row table[] = {
        {"*", "orders:read", true},
        {"*", "identity:manage", true},
        {"orders:*", "orders:read", true},
        {"orders:*", "orders:*", true},
        {"orders:*", "payments:read", false},
        {"orders:*", "*:read", false},
        {"orders:*", "*", false},
        {"*:read", "orders:read", true},
        {"*:read", "orders:cancel", false},
        {"*:read", "*", false},
        {"orders:read", "orders:read", true},
        {"orders:read", "orders:*", false},
        {"orders:read", "orders:read_all", false},
        {"order:read", "orders:read", false},
        {"orders", "orders:read", false},
        {"", "orders:read", false},
    };
    for (const auto& row : table) {
        EXPECT_EQ(::stateset::Permissions::covers(row.granted, row.needed), row.allowed)
            << row.granted << " for " << row.needed;
    }
}

TEST(Permissions, two_grants_share_what_both_cover) {
    struct Row {
        std::string_view one, other;
        std::optional<std::string> shared;
    };
    const Row table[] = {
        {"*", "*", "*"},
        {"*", "orders:read", "orders:read"},
        {"orders:*", "*", "orders:*"},
        {"orders:*", "*:read", "orders:read"},
        {"orders:*", "orders:read", "orders:read"},
        {"orders:read", "orders:read", "orders:read"},
        {"orders:read", "orders:cancel", std::nullopt},
        {"orders:*", "payments:*", std::nullopt},
        {"*:read", "*:create", std::nullopt},
        {"nonsense", "*", std::nullopt},
    };
    for (const auto& row : table) {
        EXPECT_EQ(common(row.one, row.other), row.shared) << row.one << " and " << row.other;
        EXPECT_EQ(common(row.other, row.one), row.shared) << row.other << " and " << row.one;
    }
}

TEST(Permissions, what_both_lists_share_is_never_more_than_either) {
    const std::vector<std::vector<std::string>> lists{
        {"*"}, {"*:read"}, {"orders:*", "payments:read"}, {"orders:cancel", "*:read"}, {}};
    const std::string_view asked[] = {"orders:read", "orders:cancel", "payments:read",
                                      "payments:create", "identity:manage"};
    for (const auto& scopes : lists) {
        for (const auto& owners : lists) {
            ::stateset::Permissions mine(scopes), theirs(owners), both(common(scopes, owners));
            for (auto permission : asked) {
                EXPECT_EQ(both.allow(permission),
                          mine.allow(permission) && theirs.allow(permission))
                    << permission;
            }
        }
    }
}

TEST(Permissions, mistyped_ones_are_told) {
    for (auto good : {"*", "*:read", "orders:*", "orders:price", "ops:read", "*:*"}) {
        EXPECT_TRUE(known_permission(good)) << good;
    }
    for (auto bad : {"", ":", "orders", "order:read", "orders:", ":read", "orders:Read",
                     "orders:read:more", "orders: read"}) {
        EXPECT_FALSE(known_permission(bad)) << bad;
    }
}

TEST(BuiltInRoles, grant_only_what_exists) {
    for (const auto& role : built_in_roles()) {
        for (const auto& permission : role.permissions) {
            EXPECT_TRUE(known_permission(permission)) << role.name << ": " << permission;
        }
    }
}

TEST(BuiltInRoles, only_administrators_manage_identity) {
    for (const auto& role : built_in_roles()) {
        ::stateset::Permissions granted(role.permissions);
        EXPECT_EQ(granted.allow("identity:manage"), role.name == administrator) << role.name;
    }
}

}  // namespace
}  // namespace stateset::identity
