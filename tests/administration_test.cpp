// What administrators do beside the day's trade: ask who did what, found and suspend tenants, hand
// out what is stored about a person, and forget what is beyond its time.

#include <atomic>
#include <chrono>

#include "support/arrivals.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

using namespace std::chrono_literals;

constexpr const char* password = "long enough for all";

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

class Audit : public Journey {
  protected:
    std::vector<std::string> types_by(const std::string& actor, std::string_view more = {}) {
        std::vector<std::string> types;
        auto page = when.get("/events?actor=" + actor + std::string(more));
        then(page).has_code(200);
        for (const auto& event : page["data"].elements()) {
            EXPECT_EQ(event["actor"].text(), actor);
            types.push_back(event["type"].text());
        }
        return types;
    }
};

TEST_F(Audit, tells_what_one_user_and_one_key_did_and_nobody_else) {
    auto email = given.unique("auditor") + "@example.com";
    auto user = given.must(when.post("/users", R"({"email":")" + email + R"(","password":")" +
                                                   password + R"(","roles":["admin"]})"),
                           201, "a user");
    auto tokens = server.anybody().post(
        "/auth/login", R"({"email":")" + email + R"(","password":")" + password + "\"}");
    auto session = server.anybody().as(tokens.text("/access_token"));
    auto key = given.must(session.post("/api-keys", R"({"name":"till","scopes":["*"]})"), 201, "");
    auto till = server.anybody().as(key.text("/key"));
    auto customer =
        till.post("/customers", R"({"email":")" + given.unique("ada") + R"(@example.com"})");
    then(customer).has_code(201);
    then(session.post("/api-keys/" + key.id() + "/rotate")).has_code(200);
    then(session.remove("/api-keys/" + key.id())).has_code(204);

    wait_for_the_log(when);
    EXPECT_EQ(types_by("user:" + user.id()),
              (std::vector<std::string>{"api_key.created", "api_key.rotated", "api_key.revoked"}));
    EXPECT_EQ(types_by("api_key:" + key.id()), std::vector<std::string>{"customer.created"});
    EXPECT_EQ(types_by("user:" + user.id(), "&types=api_key.r*").size(), 2u);
    EXPECT_FALSE(types_by("system").empty());
    auto of_key = when.get("/events?aggregate_type=api_key&aggregate_id=" + key.id());
    EXPECT_EQ(of_key["data"].size(), 3u);
}

TEST_F(Audit, tells_what_happened_to_one_order) {
    auto order = given.paid_order();
    wait_for_the_log(when);
    auto events = when.get("/events?aggregate_type=order&aggregate_id=" + order.id);
    ASSERT_GE(events["data"].size(), 3u);
    for (const auto& event : events["data"].elements()) {
        EXPECT_EQ(event["aggregate_id"].text(), order.id);
        EXPECT_EQ(event["aggregate_type"].text(), "order");
    }
    then(when.get("/events?actor=somebody")).refused(400, "invalid").names("?actor");
}

TEST_F(Audit, knows_every_change_of_users_roles_and_keys) {
    auto email = given.unique("grace") + "@example.com";
    auto role = given.must(when.post("/roles", R"({"permissions":["orders:read"],"name":)" +
                                                   in_quotes(given.unique("packer")) + "}"),
                           201, "a role");
    then(when.patch("/roles/" + role.id(), R"({"description":"Packs."})")).has_code(200);
    auto user = given.must(when.post("/users", R"({"email":")" + email + R"(","password":")" +
                                                   password + R"(","roles":[]})"),
                           201, "a user");
    then(when.patch("/users/" + user.id(), R"({"active":false})")).has_code(200);
    then(when.remove("/users/" + user.id())).has_code(204);
    then(when.remove("/roles/" + role.id())).has_code(204);
    wait_for_the_log(when);
    auto types = [&](const std::string& noun, const std::string& id) {
        std::string all;
        auto page = when.get("/events?aggregate_type=" + noun + "&aggregate_id=" + id);
        for (const auto& event : page["data"].elements()) all += event["type"].text() + " ";
        return all;
    };
    EXPECT_EQ(types("role", role.id()), "role.created role.updated role.deleted ");
    EXPECT_EQ(types("user", user.id()), "user.created user.updated user.deleted ");
}

class Tenants : public Journey {
  protected:
    struct Founded {
        std::string id, email;
        Client admin;
    };
    Reply found(const std::string& name, const std::string& email) {
        return when.post("/tenants", R"({"name":")" + name + R"(","administrator":{"email":")" +
                                         email + R"(","password":")" + password + "\"}}");
    }
    Reply login(const std::string& email) {
        return server.anybody().post(
            "/auth/login", R"({"email":")" + email + R"(","password":")" + password + "\"}");
    }
    Founded founded() {
        auto email = given.unique("chief") + "@example.com";
        auto tenant = given.must(found(given.unique("Branch"), email), 201, "a tenant");
        auto tokens = given.must(login(email), 200, "tokens");
        return {tenant.id(), email, server.anybody().as(tokens.text("/access_token"))};
    }
};

TEST_F(Tenants, are_founded_listed_and_read_by_the_first_one_only) {
    auto name = given.unique("Branch");
    auto email = given.unique("chief") + "@example.com";
    auto tenant = found(name, email);
    then(tenant).created().has("/name", name).has("/status", "active");
    then(found(name, "other-" + email)).refused(409, "already_exists");
    then(found(given.unique("Branch"), email)).refused(409, "already_exists");
    then(when.get("/tenants/" + tenant.id())).has_code(200).has("/name", name);
    EXPECT_EQ(when.get("/tenants?limit=1")["data"][0]["id"].text(), tenant.id());

    auto chief = server.anybody().as(login(email).text("/access_token"));
    then(chief.get("/orders")).has_code(200);
    EXPECT_EQ(chief.get("/locations")["data"][0]["code"].text(), "MAIN");
    then(chief.get("/tenants")).refused(403, "first_tenant_only");
    then(chief.get("/tenants/" + tenant.id())).refused(404, "not_found");
    then(chief.post("/tenants/" + tenant.id() + "/resume")).refused(404, "not_found");
    then(chief.post("/tenants", R"({"name":"Mine","administrator":{"email":"x@example.com",)"
                                R"("password":"long enough for all"}})"))
        .refused(403, "first_tenant_only");
    auto limited = server.anybody().as(server.key({"identity:manage"}));
    then(limited.post("/tenants", R"({"name":")" + given.unique("Mine") +
                                      R"(","administrator":{"email":"y@example.com",)"
                                      R"("password":"long enough for all"}})"))
        .refused(403, "exceeds_own_permissions");
}

TEST_F(Tenants, that_are_suspended_get_nothing_until_they_may_go_on) {
    auto branch = founded();
    auto key = given.must(branch.admin.post("/api-keys", R"({"name":"till","scopes":["*"]})"), 201,
                          "a key");
    auto till = server.anybody().as(key.text("/key"));
    auto tokens = login(branch.email);
    then(till.get("/orders")).has_code(200);

    auto path = "/tenants/" + branch.id;
    then(when.post(path + "/suspend", R"({"reason":"Unpaid."})"))
        .has_code(200)
        .has("/status", "suspended")
        .has("/reason", "Unpaid.");
    EXPECT_TRUE(eventually(10s, [&] { return till.get("/orders").status == 403; }));
    EXPECT_TRUE(eventually(10s, [&] { return branch.admin.get("/auth/me").status == 403; }));
    then(till.get("/orders")).refused(403, "tenant_suspended");
    then(till.post("/customers", R"({"email":"a@example.com"})")).refused(403, "tenant_suspended");
    then(branch.admin.get("/auth/me")).refused(403, "tenant_suspended");
    then(login(branch.email)).refused(403, "tenant_suspended");
    then(server.anybody().post("/auth/refresh",
                               R"({"refresh_token":")" + tokens.text("/refresh_token") + "\"}"))
        .refused(403, "tenant_suspended");
    then(when.post(path + "/suspend")).refused(409, "illegal_transition");
    then(when.get("/orders")).has_code(200);
    EXPECT_EQ(when.get("/tenants?status=suspended&limit=1")["data"][0]["id"].text(), branch.id);

    then(when.post(path + "/resume")).has_code(200).has("/status", "active");
    EXPECT_TRUE(eventually(10s, [&] { return till.get("/orders").status == 200; }));
    then(branch.admin.get("/auth/me")).has_code(200);
    then(login(branch.email)).has_code(200);
    then(when.post(path + "/resume")).refused(409, "illegal_transition");
    wait_for_the_log(when);
    auto events = when.get("/events?aggregate_type=tenant&aggregate_id=" + branch.id);
    EXPECT_EQ(events["data"][0]["type"].text(), "tenant.created");
    EXPECT_EQ(events["data"][1]["type"].text(), "tenant.suspended");
    EXPECT_EQ(events["data"][2]["type"].text(), "tenant.resumed");
}

TEST_F(Tenants, the_first_one_stays) {
    auto tenants = when.get("/tenants?limit=100");
    std::string first;
    for (const auto& one : tenants["data"].elements()) {
        if (one["tenant_number"].number() == 1) first = one["id"].text();
    }
    then(when.post("/tenants/" + first + "/suspend")).refused(409, "own_tenant");
    auto own = server.run({"admin", "tenants", "suspend", "--tenant", "1"});
    EXPECT_NE(own.status, 0) << own.output;
}

TEST_F(Tenants, have_no_more_than_their_limits) {
    auto branch = founded();
    auto path = "/tenants/" + branch.id;
    then(when.patch(path, R"({"limits":{"users":2,"api_keys":1,"webhook_endpoints":1}})"))
        .has_code(200)
        .has("/limits/users", "2");
    auto user = [&](const std::string& name) {
        return branch.admin.post("/users", R"({"roles":[],"password":")" + std::string(password) +
                                               R"(","email":")" + given.unique(name) +
                                               R"(@example.com"})");
    };
    auto second = user("second");
    then(second).has_code(201);
    then(user("third")).refused(409, "limit_reached");
    then(branch.admin.remove("/users/" + second.id())).has_code(204);
    then(user("third")).has_code(201);

    auto key = [&] {
        return branch.admin.post("/api-keys", R"({"name":"till","scopes":["orders:read"]})");
    };
    auto first = key();
    then(first).has_code(201);
    then(key()).refused(409, "limit_reached");
    then(branch.admin.remove("/api-keys/" + first.id())).has_code(204);
    then(key()).has_code(201);

    auto endpoint = [&] {
        return branch.admin.post("/webhooks/endpoints",
                                 R"({"url":"http://127.0.0.1:9/hook","events":["order.*"]})");
    };
    auto hook = endpoint();
    then(hook).has_code(201);
    then(endpoint()).refused(409, "limit_reached");
    then(branch.admin.remove("/webhooks/endpoints/" + hook.id())).has_code(204);
    then(endpoint()).has_code(201);

    then(when.patch(path, R"({"limits":{}})")).has_code(200);
    then(endpoint()).has_code(201);
}

TEST_F(Tenants, that_add_at_the_same_moment_stay_within_their_limits) {
    auto branch = founded();
    then(when.patch("/tenants/" + branch.id, R"({"limits":{"api_keys":3}})")).has_code(200);
    std::atomic<int> made = 0;
    parallel(8, [&](int) {
        auto client = branch.admin;
        if (client.post("/api-keys", R"({"name":"till","scopes":["*"]})").status == 201) ++made;
    });
    EXPECT_EQ(made, 3);
}

TEST(TenantRates, all_callers_of_a_tenant_share_its_requests) {
    Server server({.rate_limit = true});
    Story story(server);
    auto other = server.other_tenant("busy");
    auto tenant = story.when.get("/tenants?limit=1")["data"][0]["id"].text();
    story.then(story.when.patch("/tenants/" + tenant, R"({"limits":{"requests_per_second":5}})"))
        .has_code(200);
    int refused = 0;
    for (int i = 0; i < 40; ++i) refused += other.get("/orders").status == 429;
    EXPECT_GT(refused, 0);
    story.then(story.when.get("/orders")).has_code(200);
    story.then(story.when.patch("/tenants/" + tenant, R"({"limits":{}})")).has_code(200);
    EXPECT_TRUE(eventually(10s, [&] { return other.get("/orders").status == 200; }));
    for (int i = 0; i < 40; ++i) EXPECT_EQ(other.get("/orders").status, 200);
}

TEST(Operator, suspends_tenants_from_the_command_line) {
    Server server;
    auto other = server.other_tenant("elsewhere");
    ASSERT_EQ(other.get("/orders").status, 200);
    auto done =
        server.run({"admin", "tenants", "suspend", "--tenant", "elsewhere", "--reason", "Unpaid."});
    EXPECT_EQ(done.status, 0) << done.output;
    EXPECT_TRUE(eventually(10s, [&] { return other.get("/orders").status == 403; }));
    EXPECT_EQ(other.get("/orders").code(), "tenant_suspended");
    EXPECT_EQ(server.run({"admin", "tenants", "resume", "--tenant", "elsewhere"}).status, 0);
    EXPECT_TRUE(eventually(10s, [&] { return other.get("/orders").status == 200; }));
    EXPECT_EQ(server.run({"verify"}).status, 0);
}

class Export : public Journey {};

TEST_F(Export, holds_all_that_is_stored_about_a_person) {
    auto order = given.shipped_order();
    auto customer = when.get("/orders/" + order.id)["customer_id"].text();
    auto address = given.must(when.post("/customers/" + customer + "/addresses",
                                        R"({"address":{"line1":"12 St James's Square",)"
                                        R"("city":"London","country":"GB"}})"),
                              201, "an address");
    auto returned = given.must(
        when.post("/returns", R"({"order_id":")" + order.id + R"(","items":[{"order_item_id":")" +
                                  order.line() + R"(","quantity":1}]})"),
        201, "a return");
    auto all = when.get("/customers/" + customer + "/export");
    then(all)
        .has_code(200)
        .has("/customer/id", customer)
        .has("/customer/addresses/0/id", address.id())
        .has("/orders/0/id", order.id)
        .has("/orders/0/items/0/id", order.line())
        .has("/payments/0/id", order.payment)
        .has("/shipments/0/id", order.shipment)
        .has("/returns/0/id", returned.id())
        .has("/returns/0/items/0/order_item_id", order.line());
    EXPECT_EQ(all["orders"].size(), 1u);
    EXPECT_EQ(all["messages"].size(), 0u);
    EXPECT_EQ(all.body.find("tok_ok"), std::string::npos);

    auto reader = server.anybody().as(server.key({"customers:read", "orders:read"}));
    then(reader.get("/customers/" + customer + "/export")).refused(403, "forbidden");
    then(when.post("/customers/" + customer + "/erase")).has_code(200);
    auto left = when.get("/customers/" + customer + "/export");
    then(left).has_code(200).has("/orders/0/id", order.id);
    EXPECT_EQ(left["customer"]["addresses"].size(), 0u);
}

class Kept : public ::testing::Test {
  protected:
    // Everything that happened so far happened that many days ago.
    void age(int days) {
        auto earlier = std::to_string(days);
        for (const char* column : {"events.occurred_at", "webhook_deliveries.created_at"}) {
            std::string name = column;
            auto table = name.substr(0, name.find('.')), time = name.substr(name.find('.') + 1);
            server.database().ask("update " + table + " set " + time + " = " + time +
                                  (on_postgres() ? " - interval '" + earlier + " days'"
                                                 : " - 86400000000 * " + earlier));
        }
    }
    std::string rows_of(const std::string& table) {
        return server.database().ask("select count(*) from " + table)[0][0];
    }

    Server server{{.arguments = {"--retention-s", "1", "--keep-events-days", "40",
                                 "--keep-deliveries-days", "30"}}};
    Story story{server};
};

TEST_F(Kept, deliveries_and_events_go_when_their_time_is_over_and_everybody_has_read_them) {
    Receiver receiver;
    auto endpoint =
        story.given
            .must(story.when.post("/webhooks/endpoints",
                                  R"({"events":["customer.*"],"url":")" + receiver.url() + "\"}"),
                  201, "an endpoint")
            .id();
    for (int i = 0; i < 3; ++i) story.given.customer();
    receiver.waits_for(3);
    EXPECT_TRUE(eventually(10s, [&] {
        return story.when.get("/webhooks/deliveries?status=delivered")["data"].size() == 3;
    }));
    auto order = story.given.order();
    age(35);
    EXPECT_TRUE(eventually(10s, [&] { return rows_of("webhook_deliveries") == "0"; }));
    EXPECT_GT(story.when.get("/events")["data"].size(), 3u) << "events are kept longer";
    age(10);
    auto newest = story.given.customer();
    EXPECT_TRUE(eventually(30s, [&] {
        auto left = story.when.get("/events")["data"];
        return left.size() == 1 && left[0]["aggregate_id"].text() == newest.id;
    }));
    story.then(story.when.get("/orders/" + order.id)).has_code(200);
    story.then(story.when.post("/orders/" + order.id + "/cancel")).has_code(200);
    auto verified = server.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

TEST_F(Kept, what_is_pending_keeps_its_event) {
    story.given.must(story.when.post("/webhooks/endpoints",
                                     R"({"events":["customer.*"],"url":"http://127.0.0.1:9/"})"),
                     201, "an endpoint");
    auto customer = story.given.customer();
    EXPECT_TRUE(eventually(10s, [&] {
        return story.when.get("/webhooks/deliveries?status=pending")["data"].size() == 1;
    }));
    age(100);
    auto forgotten = [&] {
        for (const auto& event : story.when.get("/events?limit=100")["data"].elements()) {
            if (event["type"].text() == "user.created") return false;
        }
        return true;
    };
    EXPECT_TRUE(eventually(30s, forgotten));
    EXPECT_EQ(story.when.get("/webhooks/deliveries?status=pending")["data"].size(), 1u);
    EXPECT_EQ(story.when.get("/events?types=customer.*")["data"][0]["aggregate_id"].text(),
              customer.id);
}

}  // namespace
}  // namespace stateset::support
