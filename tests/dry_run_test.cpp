// `dry_run=true`: what would come of a command, without any of it. That a dry run and the real one
// agree is tested for every command by suites that do all twice (see support/rehearsal.hpp).

#include <atomic>

#include "support/catalogue.hpp"
#include "support/journey.hpp"
#include "support/recipes.hpp"
#include "support/rehearsal.hpp"

namespace stateset::support {
namespace {

class DryRuns : public Journey {};

TEST_F(DryRuns, answer_as_the_real_one_would) {
    auto body = R"({"email":")" + given.unique("ada") + R"(@example.com","first_name":"Ada"})";
    auto tried = when.post("/customers?dry_run=true", body, {{"Idempotency-Key", "only-tried"}});
    then(tried).created().has("/first_name", "Ada");
    EXPECT_EQ(tried.header("Dry-Run"), "true");
    EXPECT_EQ(when.get("/customers/" + tried.id()).status, 404);
    auto done = when.post("/customers?dry_run=false", body, {{"Idempotency-Key", "only-tried"}});
    then(done).created();
    EXPECT_FALSE(done.has_header("Dry-Run"));
    EXPECT_FALSE(done.has_header("Idempotent-Replayed")) << "the dry run did not use up the key";
    auto again = when.post("/customers?dry_run=true", body);
    then(again).refused(409, "already_exists");
    EXPECT_EQ(again.header("Dry-Run"), "true");
}

TEST_F(DryRuns, are_asked_for_with_true_or_false) {
    for (const char* value : {"", "1", "yes", "TRUE", "null"}) {
        auto reply = when.post("/customers?dry_run=" + std::string(value), "{}");
        then(reply).refused(400, "invalid").names("?dry_run");
        EXPECT_FALSE(reply.has_header("Dry-Run"));
    }
    then(when.post("/customers?dry_run=true&dry_run=true", "{}")).names("?dry_run");
    then(when.get("/customers?dry_run=true")).refused(400, "invalid").names("?dry_run");
}

// Who logs in, sends a file or is a gateway wants it done.
TEST_F(DryRuns, are_no_matter_of_procedures) {
    int procedures = 0;
    auto commands = all_commands();
    auto catalogue = Catalogue::of(server.anybody());
    for (const auto& route : catalogue.routes()) {
        if (route.method == "GET" || commands.contains(route.operation)) continue;
        SCOPED_TRACE(route.name());
        ++procedures;
        auto texts = std::vector<std::string>(route.in_path.size(), "1");
        auto reply = when.send(route.method, Catalogue::path_with(route, texts) + "?dry_run=true");
        then(reply).refused(400, "invalid").names("?dry_run");
    }
    EXPECT_GE(procedures, 4);
}

TEST_F(DryRuns, ask_for_the_same_permission) {
    auto reader = server.anybody().as(server.key({"orders:read"}));
    then(reader.post("/customers?dry_run=true", "{}")).refused(403, "forbidden");
    then(server.anybody().post("/customers?dry_run=true", "{}")).refused(401, "unauthenticated");
}

TEST_F(DryRuns, call_nobody_outside) {
    auto order = given.processed_order();
    auto body = R"({"order_id":")" + order.id + R"(","method":{"type":"card","token":"tok_ok"}})";
    auto before = when.get("/orders/" + order.id).body;
    auto tried = when.post("/payments?dry_run=true", body);
    then(tried).has_code(202);
    EXPECT_EQ(when.get("/payments/" + tried.id()).status, 404);
    EXPECT_EQ(when.get("/orders/" + order.id).body, before);
}

// Whatever the recipes do, tried first: no table has changed when it is done for real, and the two
// answers are the same.
TEST_F(DryRuns, leave_no_trace_in_any_table) {
    Server own;
    Story at(own);
    Rehearsal rehearsal([&] { return content_of_tables(own.database()); });
    for (const auto& [pattern, recipe] : recipes()) {
        if (pattern.starts_with("/api/v1/notifications/messages")) continue;  // writes by hand
        SCOPED_TRACE(pattern);
        EXPECT_NO_THROW(recipe(at));
    }
    at.given.delivered_order();
    EXPECT_GE(Rehearsal::succeeded().size(), 30u);
    auto verified = own.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

// The other commands are tried by the journeys of their nouns (ctest: Rehearsal).
TEST_F(DryRuns, agree_with_what_is_done_where_no_journey_goes) {
    Rehearsal rehearsal;
    auto made = [&](std::string_view path, const std::string& body) {
        return given.must(when.post(path, body), 201, path).id();
    };
    auto done = [&](const Reply& reply) { then(reply).succeeded(); };

    auto code = given.unique("dove"), branch = given.unique("Branch");
    auto carrier = "/carriers/" + made("/carriers", R"({"name":"Dove","code":")" + code + R"("})");
    done(when.patch(carrier, R"({"name":"Pigeon"})"));
    done(when.post(carrier + "/rotate-secret"));

    auto addresses = "/customers/" + given.customer().id + "/addresses";
    auto address = made(addresses, R"({"address":{"line1":"1 High Street","city":"London",)"
                                   R"("postal_code":"SW1Y 4JH","country":"GB"}})");
    done(when.patch(addresses + "/" + address, R"({"label":"home"})"));
    done(when.remove(addresses + "/" + address));
    done(when.patch("/inventory/items/" + given.product().sku, R"({"description":"Other"})"));

    auto email = given.unique("chief") + "@example.com";
    auto tenant = "/tenants/" + made("/tenants", R"({"name":")" + branch +
                                                     R"(","administrator":{"password":)"
                                                     R"("long enough for all","email":")" +
                                                     email + R"("}})");
    done(when.patch(tenant, R"({"limits":{"users":9}})"));
    done(when.post(tenant + "/suspend"));
    done(when.post(tenant + "/resume"));

    auto hook = made("/webhooks/endpoints",
                     R"({"url":"http://127.0.0.1:9/hook","events":["customer.erased"]})");
    done(when.post("/webhooks/endpoints/" + hook + "/disable"));
    done(server.anybody().as(server.access_token()).post("/auth/logout"));
}

TEST_F(DryRuns, beside_real_reservations_of_a_hot_sku_take_nothing) {
    constexpr int threads = 8, times = 25, pieces = 100;
    auto product = given.product().with_stock(pieces);
    auto reserve = "/inventory/items/" + product.sku + "/reserve";
    std::atomic<int> reserved = 0, short_of = 0, tried = 0;
    parallel(threads, [&](int thread) {
        auto client = server.admin();
        for (int i = 0; i < times; ++i) {
            bool dry = (thread + i) % 2 == 0;
            auto path = reserve + (dry ? "?dry_run=true" : "");
            auto reply = client.post(path, R"({"quantity":"2"})");
            EXPECT_TRUE(reply.status == 201 || reply.code() == "insufficient_stock") << reply;
            EXPECT_EQ(reply.has_header("Dry-Run"), dry);
            ++(dry ? tried : reply.ok() ? reserved : short_of);
        }
        return 0;
    });
    EXPECT_EQ(tried, threads * times / 2);
    EXPECT_EQ(reserved, pieces / 2);
    EXPECT_EQ(short_of, threads * times / 2 - pieces / 2);
    then.stock_is(product.sku, {"100", "100", "0"});
    then(when.post(reserve + "?dry_run=true")).refused(400, "invalid");
    then(when.post(reserve + "?dry_run=true", R"({"quantity":"1"})"))
        .refused(409, "insufficient_stock");
}

}  // namespace
}  // namespace stateset::support
