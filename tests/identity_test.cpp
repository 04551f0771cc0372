// Who may come in and what they may do there, through the real door. The rules themselves have
// tests of their own in src/identity.

#include <set>

#include "support/arrivals.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

std::string text_member(std::string_view name, std::string_view value) {
    return "\"" + std::string(name) + "\":\"" + std::string(value) + "\"";
}

std::string login_body(std::string_view email, std::string_view password) {
    return "{" + text_member("email", email) + "," + text_member("password", password) + "}";
}

class Identity : public Journey {
  protected:
    Reply login(std::string_view email, std::string_view password) {
        return server.anybody().post("/auth/login", login_body(email, password));
    }
    // A user with these roles, as JSON text; its password is `password_`.
    Reply new_user(const std::string& email, std::string_view roles) {
        return given.must(when.post("/users", "{" + text_member("email", email) + "," +
                                                  text_member("password", password_) +
                                                  R"(,"roles":)" + std::string(roles) + "}"),
                          201, "a user");
    }
    std::string email() { return given.unique("grace") + "@example.com"; }
    Client holder(const Reply& tokens) {
        return Client(server.address(), tokens.text("/access_token"));
    }

    static constexpr const char* password_ = "long enough for all";
};

TEST_F(Identity, logging_in_refreshing_and_logging_out) {
    auto who = email();
    new_user(who, R"(["viewer"])");
    auto tokens = login(who, password_);
    then(tokens)
        .has_code(200)
        .has("/token_type", "Bearer")
        .has("/expires_in", "3600")
        .has("/refresh_expires_in", "86400");
    EXPECT_EQ(tokens.header("Cache-Control"), "no-store");
    auto client = holder(tokens);
    then(client.get("/auth/me")).has_code(200).has("/email", who).has("/permissions/0", "*:read");
    auto anybody = server.anybody();
    auto body = "{" + text_member("refresh_token", tokens.text("/refresh_token")) + "}";
    auto fresh = anybody.post("/auth/refresh", body);
    then(fresh).has_code(200);
    auto again = anybody.post("/auth/refresh", body);
    EXPECT_EQ(again.text("/refresh_token"), fresh.text("/refresh_token")) << "a lost answer";
    then(holder(fresh).post("/auth/logout")).has_code(204);
    for (const auto& ended : {tokens, fresh}) {
        then(holder(ended).get("/auth/me")).refused(401, "unauthenticated");
        then(anybody.post("/auth/refresh",
                          "{" + text_member("refresh_token", ended.text("/refresh_token")) + "}"))
            .refused(401, "invalid_refresh_token");
    }
}

TEST_F(Identity, the_sessions_are_at_the_root_too) {
    auto who = email();
    new_user(who, "[]");
    auto body = login_body(who, password_);
    auto answer = server.anybody().raw(
        "POST /auth/login HTTP/1.1\r\nHost: here\r\nContent-Type: "
        "application/json\r\nConnection: close\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
    EXPECT_NE(answer.find("\"access_token\":\"ey"), answer.npos) << answer;
}

TEST_F(Identity, an_address_is_the_same_in_any_case) {
    auto who = email();
    auto shouted = who;
    for (char& c : shouted) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    then(new_user(shouted, "[]")).has("/email", who);
    then(login(shouted, password_)).has_code(200);
    then(when.post("/users", login_body(who, password_))).refused(409, "already_exists");
}

TEST_F(Identity, nobody_sees_a_password_or_a_stored_key) {
    auto who = email();
    auto user = new_user(who, R"(["viewer"])");
    auto issued = when.post("/api-keys", R"({"name":"till","scopes":["orders:read"]})");
    auto key = issued.text("/key");
    for (const auto& reply :
         {user, when.get("/users/" + user.id()), when.get("/users?email=" + escaped(who)),
          when.get("/api-keys/" + issued.id()), when.get("/events?types=user.*,api_key.*")}) {
        EXPECT_EQ(reply.body.find("argon2"), std::string::npos) << reply;
        EXPECT_EQ(reply.body.find(password_), std::string::npos) << reply;
        EXPECT_EQ(reply.body.find(key), std::string::npos) << reply;
        EXPECT_EQ(reply.body.find("digest"), std::string::npos) << reply;
    }
    EXPECT_EQ(server.log().find(password_), std::string::npos);
    EXPECT_EQ(server.log().find(key), std::string::npos);
    then(when.get("/api-keys/" + issued.id())).has("/prefix", key.substr(0, 12));
}

TEST_F(Identity, passwords_have_8_to_128_characters) {
    auto create = [&](const std::string& password) {
        return when.post("/users", login_body(email(), password));
    };
    then(create("1234567")).refused(400, "invalid").names("/password");
    then(create("12345678")).created();
    then(create(std::string(128, 'x'))).created();
    then(create(std::string(129, 'x'))).refused(400, "invalid").names("/password");
}

TEST_F(Identity, a_key_may_do_what_its_scopes_say) {
    auto issued = when.post("/api-keys", R"({"name":"till","scopes":["orders:read"]})");
    then(issued).created();
    auto key = issued.text("/key");
    auto by_header = server.anybody().with("X-API-Key", key);
    then(by_header.get("/orders")).has_code(200);
    auto by_bearer = when.as(key);
    then(by_bearer.get("/orders")).has_code(200);
    then(by_bearer.get("/customers")).refused(403, "forbidden");
    then(by_bearer.post("/auth/logout")).refused(409, "no_session");
    auto rotated = when.post("/api-keys/" + issued.id() + "/rotate");
    then(rotated).has_code(200);
    then(by_bearer.get("/orders")).refused(401, "unauthenticated");
    then(when.as(rotated.text("/key")).get("/orders")).has_code(200);
    then(when.remove("/api-keys/" + issued.id())).has_code(204);
    then(when.as(rotated.text("/key")).get("/orders")).refused(401, "unauthenticated");
    then(when.get("/api-keys/" + issued.id())).has("/status", "revoked");
}

TEST_F(Identity, making_a_key_twice_with_one_idempotency_key_gives_the_same_key) {
    Headers once{{"Idempotency-Key", given.unique("key")}};
    auto body = R"({"name":"till","scopes":["orders:read"]})";
    auto issued = when.post("/api-keys", body, once), again = when.post("/api-keys", body, once);
    then(issued).created();
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(issued.body, again.body);
}

TEST_F(Identity, scopes_must_exist_and_end_in_the_future) {
    then(when.post("/api-keys", R"({"name":"k","scopes":["order:read"]})"))
        .refused(400, "invalid")
        .names("/scopes/0");
    then(when.post("/api-keys",
                   R"({"name":"k","scopes":["*"],"expires_at":"2020-01-01T00:00:00Z"})"))
        .refused(400, "invalid")
        .names("/expires_at");
    then(when.post("/users", "{" + text_member("email", email()) + "," +
                                 text_member("password", password_) + R"(,"roles":["nobody"]})"))
        .refused(400, "invalid")
        .names("/roles/0");
}

TEST_F(Identity, a_role_of_ones_own) {
    auto name = given.unique("packer");
    auto role =
        when.post("/roles", R"({"permissions":["orders:read"],)" + text_member("name", name) + "}");
    then(role).created();
    auto who = email();
    auto user = new_user(who, "[\"" + name + "\"]");
    auto client = holder(login(who, password_));
    then(client.get("/orders")).has_code(200);
    then(client.get("/customers")).refused(403, "forbidden");
    then(when.patch("/roles/" + role.id(), R"({"permissions":["customers:read"]})")).has_code(200);
    then(client.get("/orders")).refused(403, "forbidden");
    then(client.get("/customers")).has_code(200);
    then(when.remove("/roles/" + role.id())).refused(409, "role_in_use");
    then(when.remove("/users/" + user.id())).has_code(204);
    then(client.get("/customers")).refused(401, "unauthenticated");
    then(when.remove("/roles/" + role.id())).has_code(204);
}

TEST_F(Identity, built_in_roles_are_there_and_stay) {
    std::set<std::string> names;
    std::string viewer;
    for (const auto& role : when.get("/roles?limit=100")["data"].elements()) {
        names.insert(role["name"].text());
        if (role["name"].text() == "viewer") viewer = role["id"].text();
    }
    for (auto name : {"admin", "manager", "warehouse", "support", "production", "viewer"}) {
        EXPECT_TRUE(names.contains(name)) << name;
    }
    then(when.patch("/roles/" + viewer, R"({"permissions":["*"]})")).refused(409, "built_in_role");
    then(when.remove("/roles/" + viewer)).refused(409, "built_in_role");
}

TEST_F(Identity, changes_are_in_the_log_without_secrets) {
    auto user = new_user(email(), R"(["viewer"])");
    when.patch("/users/" + user.id(), R"({"password":"another long one"})");
    wait_for_the_log(when);
    std::vector<std::string> types;
    auto events = when.get("/events?limit=100&types=user.*");
    for (const auto& event : events["data"].elements()) {
        if (event["aggregate_id"].text() == user.id()) types.push_back(event["type"].text());
    }
    EXPECT_EQ(types, (std::vector<std::string>{"user.created", "user.updated"})) << events;
}

// ---- worlds of their own ----

TEST(FailedLogins, are_counted_and_say_the_same_whoever_it_is) {
    Server server;
    auto anybody = server.anybody();
    auto fail = [&](std::string_view email) {
        return anybody.post("/auth/login", login_body(email, "not the password"));
    };
    auto known = fail(Server::admin_email), unknown = fail("nobody@example.com");
    EXPECT_EQ(known.status, 401) << known;
    EXPECT_EQ(known["detail"].text(), unknown["detail"].text());
    EXPECT_EQ(known.code(), unknown.code());
    for (int i = 2; i < 10; ++i) EXPECT_EQ(fail("nobody@example.com").status, 401) << i;
    auto late = fail(Server::admin_email);
    EXPECT_EQ(late.status, 429) << "the address has failed ten times";
    EXPECT_EQ(late.code(), "too_many_failures");
    EXPECT_GT(std::stoi(late.header("Retry-After")), 0);
}

TEST(RateLimits, tell_what_is_left) {
    Server server({.rate_limit = true});
    auto client = server.admin();
    auto reply = client.get("/auth/me");
    EXPECT_EQ(reply.header("RateLimit-Policy"), "\"caller\";q=4000;w=2");
    EXPECT_FALSE(reply.header("RateLimit").empty());
}

TEST(Admin, tenants_users_and_keys_can_be_made_with_and_without_a_server) {
    Server server;
    auto other = server.other_tenant("elsewhere");
    EXPECT_EQ(other.get("/auth/me")["email"].text(), "elsewhere@example.org");
    EXPECT_EQ(other.get("/users")["data"].size(), 1U) << "sees nobody of the first tenant";
    auto twice = server.run({"admin", "tenants", "create", "--name", "elsewhere"});
    EXPECT_EQ(twice.status, 1);
    server.stop();
    auto offline = server.run({"admin", "keys", "create", "--scope", "orders:read"});
    EXPECT_EQ(offline.status, 0) << offline.output;
    server.start();
    auto key = offline.output.substr(offline.output.find("sk_live_"));
    key = key.substr(0, key.find('\n'));
    EXPECT_EQ(server.anybody().as(key).get("/orders").status, 200);
    EXPECT_EQ(server.anybody().as(key).get("/users").status, 403);
}

TEST(SigningKeys, are_the_same_after_a_restart) {
    Server server;
    auto keys = server.anybody().get("/.well-known/jwks.json");
    EXPECT_EQ(keys.text("/keys/0/crv"), "Ed25519") << keys;
    auto token = server.access_token();
    server.restart();
    EXPECT_EQ(server.anybody().get("/.well-known/jwks.json").body, keys.body);
    EXPECT_EQ(server.anybody().as(token).get("/auth/me").status, 200);
}

}  // namespace
}  // namespace stateset::support
