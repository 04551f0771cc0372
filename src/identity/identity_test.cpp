// Sessions, the gate and the rules about who may change whom, on a real database with a clock that
// the test moves. Journeys over HTTP are in tests/identity_test.cpp.

#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "flows/administer.hpp"
#include "identity/gate.hpp"
#include "identity/permissions.hpp"
#include "identity/sessions.hpp"
#include "identity/throttle.hpp"
#include "platform/store/store_testing.hpp"

namespace stateset::identity {
namespace {

using store_testing::Folder;

constexpr int most_rounds = 5;
constexpr Tenant first = 1;

class IdentityCommands : public ::testing::Test {
  protected:
    explicit IdentityCommands(std::size_t most_remembered = 1'000) {
        {
            store::sqlite::Connection connection(folder.file(), store::sqlite::Access::write);
            store::sqlite::migrate(connection, store::Migrate::apply);
        }
        committer =
            std::make_unique<Committer>(store::sqlite::open_store(folder.file()),
                                        Committer::Options{.clock = [this] { return now.load(); }});
        gate = std::make_unique<Gate>(*committer,
                                      Gate::Options{.most_remembered = most_remembered,
                                                    .clock = [this] { return now.load(); }});
        reads = std::make_unique<ReadPool>(
            [file = folder.file()] { return store::sqlite::open_reader(file); },
            std::make_shared<const Cursors>("secret"), ReadPool::Options{.threads = 1});
        gate->open(*reads, keys.signing);
        flows::first_tenant(*committer, *reads);
        root = user("root@example.com", {"admin"});
    }
    ~IdentityCommands() override {
        reads->stop();
        committer->stop();
    }

    // Runs a command, throws its refusal, and sees to it that it settles soon.
    template <class F>
    auto run(F&& command, Tenant tenant = first) {
        using R = std::invoke_result_t<F, Tx&>;
        std::conditional_t<std::is_void_v<R>, bool, R> result{};
        std::promise<Outcome> promise;
        auto work = [&](Tx& tx) {
            if constexpr (std::is_void_v<R>) {
                command(tx);
            } else {
                result = command(tx);
            }
            return store::Answer{};
        };
        tick();
        committer->submit(
            {.work = work,
             .actor = system_actor(tenant),
             .request_id = {},
             .done = [&](Outcome outcome) { promise.set_value(std::move(outcome)); }});
        auto outcome = promise.get_future().get();
        EXPECT_LE(outcome.stats.rounds, most_rounds);
        if (outcome.refusal) throw *outcome.refusal;
        if constexpr (!std::is_void_v<R>) return result;
    }
    void tick(Span by = milliseconds(1)) { now = now.load() + by; }

    User user(const std::string& email, std::vector<std::string> roles, Tenant tenant = first) {
        HashedUser wanted{.wanted = {.email = {email}}, .password = "hash"};
        for (auto& role : roles) wanted.wanted.roles.value.push_back({role});
        return run([&](Tx& tx) { return create_user(tx, system_actor(tenant), wanted); }, tenant);
    }
    User change(const User& who, UserChanges wanted, const Actor& by = system_actor(first)) {
        wanted.id = who.id;
        return run([&](Tx& tx) {
            return update_user(tx, by, {wanted, wanted.password.given ? "other hash" : ""});
        });
    }
    IssuedApiKey key_of(const User& owner, std::vector<std::string> scopes,
                        std::optional<Time> expires_at = {}) {
        NewApiKey wanted{.name = {"till"}, .expires_at = expires_at};
        for (auto& scope : scopes) wanted.scopes.value.push_back({scope});
        auto actor = system_actor(first);
        actor.user_id = owner.id.value;
        return run([&](Tx& tx) { return create_key(tx, actor, make_key(wanted)); });
    }
    RefreshToken begin(const User& who) {
        RefreshToken token{.secret = auth::random_bytes(32)};
        token.session = run([&](Tx& tx) { return begin_session(tx, who.id, token); }).id;
        return token;
    }
    Renewal use(const RefreshToken& token) {
        return run([&](Tx& tx) { return renew(tx, token, keys.refresh); });
    }
    // Who the gate says it is; nothing when it refuses.
    std::optional<Actor> identified(const std::string& credential) {
        std::promise<std::optional<Actor>> promise;
        gate->identify(
            credential, [&](Actor actor) { promise.set_value(std::move(actor)); },
            [&](const Refusal&) { promise.set_value(std::nullopt); });
        return promise.get_future().get();
    }
    bool may(const std::string& credential, std::string_view permission) {
        auto actor = identified(credential);
        return actor && actor->may(permission);
    }
    std::string access(const User& who, const RefreshToken& session) {
        return access_token(keys.signing, who.id, session.session, now);
    }
    Actor actor_of(const User& who, std::vector<std::string> permissions) {
        return {.kind = Actor::Kind::user,
                .tenant = first,
                .id = who.id.value,
                .user_id = who.id.value,
                .token_id = {},
                .permissions = std::make_shared<Permissions>(std::move(permissions))};
    }

    Folder folder;
    std::atomic<Time> now{Time{1'800'000'000'000'000}};
    Keyring keys = make_keyring();
    std::unique_ptr<Committer> committer;
    std::unique_ptr<Gate> gate;
    std::unique_ptr<ReadPool> reads;
    User root;
};

template <class F>
std::string refusal_of(F&& action) {
    try {
        action();
    } catch (const Refusal& refusal) {
        return std::string(refusal.code().name);
    }
    return "";
}

// ---- sessions ----

TEST_F(IdentityCommands, each_refresh_token_counts_once) {
    auto token = begin(root);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(use(token), Renewal::renewed);
        token = successor(token, keys.refresh);
        tick(minutes(50));
    }
}

TEST_F(IdentityCommands, a_retry_within_ten_seconds_gets_the_same_successor) {
    auto token = begin(root);
    EXPECT_EQ(use(token), Renewal::renewed);
    tick(seconds(9));
    EXPECT_EQ(use(token), Renewal::renewed);
    EXPECT_EQ(use(successor(token, keys.refresh)), Renewal::renewed) << "and it still counts";
}

TEST_F(IdentityCommands, later_reuse_ends_the_session) {
    auto token = begin(root);
    EXPECT_EQ(use(token), Renewal::renewed);
    tick(seconds(11));
    EXPECT_EQ(use(token), Renewal::refused);
    EXPECT_EQ(use(successor(token, keys.refresh)), Renewal::refused)
        << "the thief's or the owner's";
    EXPECT_FALSE(identified(access(root, token)));
}

TEST_F(IdentityCommands, a_retry_after_the_successor_was_used_is_reuse) {
    auto token = begin(root);
    auto next = successor(token, keys.refresh);
    EXPECT_EQ(use(token), Renewal::renewed);
    EXPECT_EQ(use(next), Renewal::renewed);
    EXPECT_EQ(use(token), Renewal::refused);
    EXPECT_EQ(use(successor(next, keys.refresh)), Renewal::refused);
}

TEST_F(IdentityCommands, refresh_tokens_end_after_a_day_without_use) {
    auto token = begin(root);
    tick(minutes(24 * 60 - 1));
    EXPECT_EQ(use(token), Renewal::renewed);
    tick(hours(24));
    EXPECT_EQ(use(successor(token, keys.refresh)), Renewal::refused);
}

TEST_F(IdentityCommands, a_new_password_ends_older_sessions) {
    auto ada = user("ada@example.com", {"viewer"});
    auto token = begin(ada);
    auto bearer = access(ada, token);
    EXPECT_TRUE(identified(bearer));
    change(ada, {.password = {true, {"new password"}}});
    EXPECT_FALSE(identified(bearer));
    EXPECT_EQ(use(token), Renewal::refused);
    EXPECT_TRUE(identified(access(ada, begin(ada)))) << "new ones count";
}

TEST_F(IdentityCommands, a_changed_password_also_ends_sessions_begun_by_a_clock_that_is_ahead) {
    auto ada = user("ada@example.com", {"viewer"});
    tick(seconds(5));
    auto ahead = begin(ada);
    tick(seconds(-5));
    change(ada, {.password = {true, {"a new passphrase"}}});
    EXPECT_EQ(use(ahead), Renewal::refused);
    auto after = begin(ada);
    EXPECT_EQ(use(after), Renewal::renewed) << "one begun after it counts at once";
    EXPECT_TRUE(identified(access(ada, after)));
}

// ---- the gate ----

TEST_F(IdentityCommands, ending_a_session_counts_at_the_next_request) {
    auto token = begin(root);
    auto bearer = access(root, token);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(identified(bearer));
    run([&](Tx& tx) { end_session(tx, token.session); });
    EXPECT_FALSE(identified(bearer));
}

TEST_F(IdentityCommands, an_access_token_ends_after_its_hour_also_when_remembered) {
    auto bearer = access(root, begin(root));
    EXPECT_TRUE(identified(bearer));
    tick(hours(1));
    EXPECT_FALSE(identified(bearer));
}

TEST_F(IdentityCommands, permissions_are_those_of_the_moment) {
    auto ada = user("ada@example.com", {"viewer"});
    auto bearer = access(ada, begin(ada));
    EXPECT_TRUE(may(bearer, "orders:read"));
    EXPECT_FALSE(may(bearer, "orders:cancel"));
    change(ada, {.roles = {true, {{{"support"}}}}});
    EXPECT_TRUE(may(bearer, "orders:cancel"));
    change(ada, {.roles = {true, {}}});
    EXPECT_FALSE(may(bearer, "orders:read"));
    EXPECT_TRUE(identified(bearer)) << "still known, with nothing to do";
}

TEST_F(IdentityCommands, changing_a_role_changes_everybody_who_has_it) {
    auto role = run([](Tx& tx) {
        return create_role(tx, system_actor(first),
                           {.name = {"packer"}, .permissions = {{{"orders:read"}}}});
    });
    auto ada = user("ada@example.com", {"packer"});
    auto bearer = access(ada, begin(ada));
    EXPECT_FALSE(may(bearer, "shipments:ship"));
    run([&](Tx& tx) {
        update_role(tx, system_actor(first),
                    {.id = role.id, .permissions = {true, {{{"shipments:ship"}}}}});
    });
    EXPECT_TRUE(may(bearer, "shipments:ship"));
    EXPECT_FALSE(may(bearer, "orders:read"));
}

TEST_F(IdentityCommands, a_disabled_or_removed_user_is_nobody_and_so_are_its_keys) {
    auto ada = user("ada@example.com", {"viewer"});
    auto bearer = access(ada, begin(ada));
    auto key = key_of(ada, {"orders:read"}).key;
    EXPECT_TRUE(identified(bearer));
    EXPECT_TRUE(identified(key));
    change(ada, {.active = {true, false}});
    EXPECT_FALSE(identified(bearer));
    EXPECT_FALSE(identified(key));
    change(ada, {.active = {true, true}});
    EXPECT_FALSE(identified(bearer)) << "its sessions are over";
    EXPECT_TRUE(identified(key));
    run([&](Tx& tx) { remove_user(tx, system_actor(first), {ada.id}); });
    EXPECT_FALSE(identified(key));
}

TEST_F(IdentityCommands, a_key_never_has_more_than_its_owner) {
    auto ada = user("ada@example.com", {"support"});
    auto key = key_of(ada, {"orders:*", "payments:*"}).key;
    EXPECT_TRUE(may(key, "orders:read"));
    EXPECT_TRUE(may(key, "orders:cancel"));
    EXPECT_TRUE(may(key, "payments:read"));
    EXPECT_FALSE(may(key, "orders:create"));
    EXPECT_FALSE(may(key, "customers:read")) << "not in its scopes";
    change(ada, {.roles = {true, {{{"viewer"}}}}});
    EXPECT_TRUE(may(key, "orders:read"));
    EXPECT_FALSE(may(key, "orders:cancel"));
}

TEST_F(IdentityCommands, keys_end_when_revoked_rotated_or_expired) {
    auto revoked = key_of(root, {"*"});
    EXPECT_TRUE(identified(revoked.key));
    run([&](Tx& tx) { revoke_key(tx, system_actor(first), {revoked.api_key->id}); });
    EXPECT_FALSE(identified(revoked.key));
    EXPECT_EQ(refusal_of([&] {
                  run([&](Tx& tx) {
                      rotate_key(tx, system_actor(first), make_rotation({revoked.api_key->id}));
                  });
              }),
              "illegal_transition");

    auto old = key_of(root, {"*"});
    EXPECT_TRUE(identified(old.key));
    auto fresh = run([&](Tx& tx) {
        return rotate_key(tx, system_actor(first), make_rotation({old.api_key->id}));
    });
    EXPECT_FALSE(identified(old.key));
    EXPECT_TRUE(identified(fresh.key));

    auto brief = key_of(root, {"*"}, now.load() + minutes(5));
    EXPECT_TRUE(identified(brief.key));
    tick(minutes(5));
    EXPECT_FALSE(identified(brief.key));
    EXPECT_FALSE(identified(auth::make_api_key(auth::KeyMode::live)))
        << "well formed, but nobody's";
}

TEST_F(IdentityCommands, the_use_of_a_key_is_kept_to_the_minute) {
    auto key = key_of(root, {"*"});
    auto used = [&] {
        return run([&](Tx& tx) {
            auto* use = tx.find<KeyUse>(key.api_key->id);
            return use ? use->last_used_at : Time{};
        });
    };
    // The caller is let in first and the use noted after, so it is waited for.
    auto used_after = [&](Time before) {
        auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (used() <= before && std::chrono::steady_clock::now() < deadline) {
        }
        return used();
    };
    EXPECT_EQ(used(), Time{});
    ASSERT_TRUE(identified(key.key));
    auto once = used_after(Time{});
    EXPECT_GT(once, Time{});
    tick(seconds(30));
    ASSERT_TRUE(identified(key.key));
    EXPECT_EQ(used(), once);
    tick(seconds(31));
    ASSERT_TRUE(identified(key.key));
    EXPECT_GT(used_after(once), once);
}

class SmallGate : public IdentityCommands {
  protected:
    SmallGate() : IdentityCommands(4) {}
};

TEST_F(SmallGate, forgets_rather_than_grows) {
    std::vector<std::string> bearers;
    for (int i = 0; i < 12; ++i) bearers.push_back(access(root, begin(root)));
    for (int turn = 0; turn < 2; ++turn) {
        for (const auto& bearer : bearers) EXPECT_TRUE(identified(bearer));
    }
}

// ---- who may change whom ----

TEST_F(IdentityCommands, nobody_grants_what_they_do_not_have) {
    auto clerk = actor_of(user("clerk@example.com", {}), {"identity:manage", "orders:*"});
    auto create = [&](std::vector<RoleName> roles) {
        HashedUser wanted{.wanted = {.email = {"new@example.com"}, .roles = {std::move(roles)}},
                          .password = "hash"};
        run([&](Tx& tx) { create_user(tx, clerk, wanted); });
    };
    EXPECT_EQ(refusal_of([&] { create({{"admin"}}); }), "exceeds_own_permissions");
    EXPECT_EQ(refusal_of([&] { create({{"viewer"}}); }), "exceeds_own_permissions");
    EXPECT_EQ(refusal_of([&] {
                  run([&](Tx& tx) {
                      create_role(tx, clerk,
                                  {.name = {"r"}, .permissions = {{{"payments:refund"}}}});
                  });
              }),
              "exceeds_own_permissions");
    EXPECT_EQ(refusal_of([&] {
                  run([&](Tx& tx) {
                      create_key(tx, clerk,
                                 make_key({.name = {"k"}, .scopes = {{{"*"}}}, .expires_at = {}}));
                  });
              }),
              "exceeds_own_permissions");
    run([&](Tx& tx) {
        create_role(tx, clerk, {.name = {"own"}, .permissions = {{{"orders:cancel"}}}});
    });
    EXPECT_EQ(refusal_of([&] { create({{"own"}}); }), "");
}

TEST_F(IdentityCommands, nobody_takes_over_who_may_do_more) {
    auto clerk = actor_of(user("clerk@example.com", {}), {"identity:manage"});
    EXPECT_EQ(refusal_of([&] { change(root, {.password = {true, {"taken over"}}}, clerk); }),
              "exceeds_own_permissions");
    EXPECT_EQ(refusal_of([&] { change(root, {.email = {true, {"clerk2@example.com"}}}, clerk); }),
              "exceeds_own_permissions");
    EXPECT_EQ(refusal_of([&] { run([&](Tx& tx) { remove_user(tx, clerk, {root.id}); }); }),
              "exceeds_own_permissions");
    auto key = key_of(root, {"*"}).api_key->id;
    EXPECT_EQ(
        refusal_of([&] { run([&](Tx& tx) { rotate_key(tx, clerk, make_rotation({key})); }); }),
        "exceeds_own_permissions");
}

TEST_F(IdentityCommands, a_tenant_keeps_an_administrator) {
    auto refused = [&](auto action) { return refusal_of(action) == "last_administrator"; };
    EXPECT_TRUE(refused([&] { change(root, {.active = {true, false}}); }));
    EXPECT_TRUE(refused([&] { change(root, {.roles = {true, {{{"viewer"}}}}}); }));
    auto remove = [&](const User& who) {
        run([&](Tx& tx) { remove_user(tx, system_actor(first), {who.id}); });
    };
    EXPECT_TRUE(refused([&] { remove(root); }));
    auto second = user("second@example.com", {"admin", "viewer"});
    change(root, {.active = {true, false}});
    EXPECT_TRUE(refused([&] { remove(second); })) << "a disabled one does not count";
    change(root, {.active = {true, true}});
    remove(second);
    EXPECT_TRUE(refused([&] { remove(root); }));
}

TEST_F(IdentityCommands, an_address_is_one_users_over_all_tenants) {
    auto other = run([](Tx& tx) { return create_tenant(tx, {.name = "Other"}); }, no_tenant);
    EXPECT_EQ(refusal_of([&] { user("root@example.com", {}, other.number); }), "already_exists");
    EXPECT_EQ(refusal_of([&] { user("root@example.com", {}); }), "already_exists");
    EXPECT_EQ(refusal_of([&] { user("ada@example.com", {"admin"}, other.number); }), "");
}

TEST_F(IdentityCommands, built_in_roles_stay_and_roles_in_use_too) {
    auto id_of = [&](const char* name) {
        return run([&](Tx& tx) { return tx.find<&Role::name>(std::string(name))->id; });
    };
    auto remove = [&](RoleId id) {
        run([&](Tx& tx) { remove_role(tx, system_actor(first), {id}); });
    };
    EXPECT_EQ(refusal_of([&] { remove(id_of("viewer")); }), "built_in_role");
    auto role = run([](Tx& tx) {
        return create_role(tx, system_actor(first),
                           {.name = {"packer"}, .permissions = {{{"orders:read"}}}});
    });
    auto ada = user("ada@example.com", {"packer", "packer"});
    EXPECT_EQ(ada.roles.size(), 1U);
    EXPECT_EQ(refusal_of([&] { remove(role.id); }), "role_in_use");
    change(ada, {.roles = {true, {}}});
    EXPECT_EQ(refusal_of([&] { remove(role.id); }), "");
}

// ---- failures ----

TEST(Throttle, ten_failures_a_minute_and_no_more) {
    Throttle throttle;
    Throttle::Clock::time_point start{std::chrono::hours(1)};
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(throttle.wait_s("ada", start + std::chrono::seconds(i)), 0) << i;
        throttle.failed("ada", start + std::chrono::seconds(i));
    }
    EXPECT_EQ(throttle.wait_s("ada", start + std::chrono::seconds(10)), 50);
    EXPECT_EQ(throttle.wait_s("bob", start + std::chrono::seconds(10)), 0);
    EXPECT_EQ(throttle.wait_s("ada", start + std::chrono::seconds(60)), 0) << "the first is over";
    throttle.failed("ada", start + std::chrono::seconds(60));
    EXPECT_EQ(throttle.wait_s("ada", start + std::chrono::milliseconds(60'500)), 1);
}

TEST(Throttle, holds_a_bounded_number_of_names) {
    Throttle throttle;
    Throttle::Clock::time_point start{std::chrono::hours(1)};
    for (std::size_t i = 0; i < Throttle::most_names + 100; ++i) {
        throttle.failed(std::to_string(i), start);
    }
    EXPECT_LE(throttle.names(), Throttle::most_names);
}

}  // namespace
}  // namespace stateset::identity
