// Webhooks from the outside: a real receiver, the real binary, and customers that come and go.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>

#include "platform/auth/crypto.hpp"
#include "platform/store/store_testing.hpp"
#include "support/arrivals.hpp"
#include "support/journey.hpp"
#include "webhooks/webhooks.hpp"
#include "webhooks/workers.hpp"

namespace stateset::support {
namespace {

using namespace std::chrono_literals;

// A server whose messages are tried again soon, and die after the third attempt.
class Webhooks : public ::testing::Test {
  protected:
    Server server{{.environment = {{"STATESET_WEBHOOK_SCHEDULE", "0,150ms,300ms"}}}};
    Story story{server};
    Client& when = story.when;
    Then& then = story.then;
    Receiver receiver;

    Reply endpoint(const std::string& url, std::string_view events = R"(["customer.*"])") {
        return story.given.must(
            when.post("/webhooks/endpoints",
                      R"({"url":")" + url + R"(","events":)" + std::string(events) + "}"),
            201, "an endpoint");
    }
    Reply endpoint() { return endpoint(receiver.url()); }
    // Makes an event of this aggregate; returns the customer's id.
    std::string customer() { return story.given.customer().id; }
    void rename(const std::string& id, int number) {
        story.given.must(
            when.patch("/customers/" + id, R"({"last_name":"N)" + std::to_string(number) + "\"}"),
            200, "a changed customer");
    }
    Json deliveries(const std::string& query = "") {
        return when.get("/webhooks/deliveries?limit=100" + query)["data"];
    }
    // Waits until some delivery of the endpoint has this status, and returns it.
    Json delivery_with(const std::string& endpoint, std::string_view status) {
        Json found;
        eventually(10s, [&] {
            found = deliveries("&endpoint_id=" + endpoint + "&status=" + std::string(status))[0];
            return found.exists();
        });
        return found;
    }
};

std::string signature(const std::string& secret, const Received& message) {
    return auth::webhook_signature(*auth::webhook_secret_bytes(secret),
                                   message.header("webhook-id"),
                                   std::stoll(message.header("webhook-timestamp")), message.body);
}

TEST_F(Webhooks, reach_the_receiver_signed_with_the_event_as_the_log_has_it) {
    auto made = endpoint();
    auto secret = made["secret"].text();
    EXPECT_TRUE(secret.starts_with("whsec_"));
    EXPECT_FALSE(when.get("/webhooks/endpoints/" + made.id())["secret"].exists());
    auto id = customer();
    ASSERT_TRUE(receiver.waits_for(1));
    auto message = receiver.received()[0];
    EXPECT_EQ(message.header("webhook-signature"), signature(secret, message));
    EXPECT_EQ(message.header("content-type"), "application/json");
    auto body = message.json();
    EXPECT_EQ(body.keys(), (std::vector<std::string>{"type", "timestamp", "data"}));
    auto event = when.get("/events?types=customer.created")["data"][0];
    EXPECT_EQ(message.header("webhook-id"), event["id"].text());
    EXPECT_EQ(body["type"], "customer.created");
    EXPECT_EQ(body["timestamp"], event["occurred_at"]);
    EXPECT_EQ(body["data"], event["data"]);
    EXPECT_EQ(body["data"]["id"], id);
    auto delivered = delivery_with(made.id(), "delivered");
    EXPECT_EQ(delivered["attempts"].size(), 1u);
    EXPECT_EQ(delivered["attempts"][0]["status_code"], 204);
    EXPECT_TRUE(delivered["next_attempt_at"].is_null());
}

TEST_F(Webhooks, leave_at_once_after_the_commit) {
    endpoint();
    customer();
    ASSERT_TRUE(receiver.waits_for(1));
    std::vector<std::chrono::milliseconds> waits;
    for (std::size_t i = 2; i < 12; ++i) {
        auto committed = std::chrono::steady_clock::now();
        customer();
        ASSERT_TRUE(receiver.waits_for(i));
        waits.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(
            receiver.received().back().at - committed));
    }
    std::ranges::sort(waits);
    // Well below the half second in which the courier would find it without being woken.
    EXPECT_LT(waits[waits.size() / 2], 250ms);
}

TEST_F(Webhooks, only_bring_what_the_endpoint_listens_to_and_what_came_after_it) {
    customer();
    endpoint(receiver.url(), R"(["customer.updated","*.erased"])");
    auto id = customer();
    rename(id, 1);
    story.given.must(when.post("/customers/" + id + "/erase"), 200, "an erased customer");
    ASSERT_TRUE(receiver.waits_for(2));
    EXPECT_EQ(receiver.received()[0].type(), "customer.updated");
    EXPECT_EQ(receiver.received()[1].type(), "customer.erased");
}

TEST_F(Webhooks, are_tried_again_with_the_same_id_until_they_are_taken) {
    auto made = endpoint();
    std::atomic<int> calls = 0;
    receiver.answers(
        [&](const Received&) { return Receiver::Answer{.status = ++calls < 3 ? 503 : 200}; });
    customer();
    ASSERT_TRUE(receiver.waits_for(3));
    std::set<std::string> ids, bodies;
    for (const auto& message : receiver.received()) {
        ids.insert(message.header("webhook-id"));
        bodies.insert(message.body);
    }
    EXPECT_EQ(ids.size(), 1u);
    EXPECT_EQ(bodies.size(), 1u);
    auto delivered = delivery_with(made.id(), "delivered");
    ASSERT_EQ(delivered["attempts"].size(), 3u);
    EXPECT_EQ(delivered["attempts"][0]["status_code"], 503);
    EXPECT_TRUE(delivered["attempts"][2]["error"].is_null());
}

TEST_F(Webhooks, treat_a_redirect_as_a_failure_and_never_follow_it) {
    Receiver elsewhere;
    receiver.answers({.status = 302, .headers = {{"Location", elsewhere.url()}}});
    auto made = endpoint();
    customer();
    auto dead = delivery_with(made.id(), "dead");
    ASSERT_EQ(dead["attempts"].size(), 3u);
    EXPECT_EQ(dead["attempts"][0]["status_code"], 302);
    EXPECT_EQ(elsewhere.count(), 0u);
}

TEST_F(Webhooks, disable_an_endpoint_that_is_gone) {
    receiver.answers({.status = 410});
    Receiver watcher;
    endpoint(watcher.url(), R"(["webhook.endpoint_disabled"])");
    auto made = endpoint();
    customer();
    ASSERT_TRUE(watcher.waits_for_type("webhook.endpoint_disabled"));
    auto now = when.get("/webhooks/endpoints/" + made.id());
    EXPECT_EQ(now["status"], "disabled");
    EXPECT_EQ(now["disabled_reason"], "gone");
    then(when.post("/webhooks/endpoints/" + made.id() + "/test")).refused(409, "endpoint_disabled");
    customer();
    then(when.post("/webhooks/endpoints/" + made.id() + "/enable")).succeeded();
    then(when.post("/webhooks/endpoints/" + made.id() + "/enable"))
        .refused(409, "illegal_transition");
    receiver.answers({.status = 204});
    auto last = customer();
    ASSERT_TRUE(receiver.waits_for(2));
    EXPECT_EQ(receiver.received()[1].json()["data"]["id"], last);
}

TEST_F(Webhooks, honour_how_long_a_receiver_wants_to_be_left_alone) {
    std::atomic<int> calls = 0;
    receiver.answers([&](const Received&) {
        if (++calls > 1) return Receiver::Answer{};
        return Receiver::Answer{.status = 429, .headers = {{"Retry-After", "2"}}};
    });
    endpoint();
    customer();
    ASSERT_TRUE(receiver.waits_for(2));
    auto received = receiver.received();
    EXPECT_GE(received[1].at - received[0].at, 2s);
}

TEST_F(Webhooks, to_a_slow_endpoint_do_not_delay_another_even_on_the_same_host) {
    receiver.answers([](const Received& message) {
        return Receiver::Answer{.delay = message.path == "/slow" ? 3000ms : 0ms};
    });
    endpoint(receiver.url("/slow"));
    endpoint(receiver.url("/quick"));
    auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 30; ++i) customer();
    auto quick = [&] {
        std::size_t count = 0, slow = 0;
        for (const auto& message : receiver.received()) {
            (message.path == "/quick" ? count : slow) += 1;
        }
        EXPECT_LE(slow, 8u * (1 + (std::chrono::steady_clock::now() - begun) / 3000ms));
        return count;
    };
    EXPECT_TRUE(eventually(2500ms, [&] { return quick() == 30; })) << quick();
}

TEST_F(Webhooks, of_one_aggregate_arrive_in_the_order_of_its_events) {
    std::atomic<int> calls = 0;
    receiver.answers([&](const Received&) {
        return Receiver::Answer{.delay = std::chrono::milliseconds(++calls % 3 * 7)};
    });
    endpoint();
    std::vector<std::string> ids{customer(), customer(), customer()};
    for (int i = 1; i <= 20; ++i) {
        for (const auto& id : ids) rename(id, i);
    }
    ASSERT_TRUE(receiver.waits_for(63));
    std::map<std::string, int> versions;
    for (const auto& message : receiver.received()) {
        auto data = message.json()["data"];
        auto version = static_cast<int>(data["version"].number());
        EXPECT_EQ(version, ++versions[data["id"].text()]);
    }
}

TEST_F(Webhooks, die_after_the_last_attempt_and_live_again_by_hand) {
    receiver.answers({.status = 500});
    auto made = endpoint();
    customer();
    auto dead = delivery_with(made.id(), "dead");
    EXPECT_EQ(dead["attempts"].size(), 3u);
    EXPECT_EQ(receiver.count(), 3u);
    receiver.answers({.status = 200});
    auto path = "/webhooks/deliveries/" + dead["id"].text();
    auto retried = when.post(path + "/retry");
    then(retried).succeeded().has("/status", "pending");
    ASSERT_TRUE(receiver.waits_for(4));
    EXPECT_EQ(receiver.received()[3].header("webhook-id"),
              receiver.received()[0].header("webhook-id"));
    EXPECT_TRUE(delivery_with(made.id(), "delivered").exists());
    then(when.post(path + "/retry")).refused(409, "illegal_transition");
}

TEST_F(Webhooks, of_the_past_can_be_replayed_with_the_ids_they_had) {
    for (int i = 0; i < 70; ++i) customer();  // more than one chunk of a replay
    auto made = endpoint();
    customer();
    ASSERT_TRUE(receiver.waits_for(1));
    receiver.forget();
    auto path = "/webhooks/endpoints/" + made.id() + "/replay";
    then(when.post(path, R"({"after":"yesterday"})")).refused(400, "invalid").names("/after");
    then(when.post(path, R"({"after":"2020-01-01T00:00:00Z"})")).has_code(202);
    ASSERT_TRUE(receiver.waits_for(71));
    std::set<std::string> replayed;
    for (const auto& message : receiver.received()) replayed.insert(message.header("webhook-id"));
    std::set<std::string> logged;
    auto page = when.get("/events?types=customer.*&limit=100");
    for (const auto& event : page["data"].elements()) logged.insert(event["id"].text());
    EXPECT_EQ(replayed, logged);
    receiver.forget();
    auto position = page["data"][69]["position"].text();
    then(when.post(path, R"({"after":")" + position + "\"}")).has_code(202);
    ASSERT_TRUE(receiver.waits_for(1));
    EXPECT_EQ(receiver.received()[0].header("webhook-id"), page["data"][70]["id"].text());
}

TEST_F(Webhooks, carry_two_signatures_after_the_secret_was_rotated) {
    auto made = endpoint();
    auto rotated = when.post("/webhooks/endpoints/" + made.id() + "/rotate-secret");
    then(rotated).succeeded();
    ASSERT_NE(rotated["secret"], made["secret"]);
    customer();
    ASSERT_TRUE(receiver.waits_for(1));
    auto message = receiver.received()[0];
    EXPECT_EQ(message.header("webhook-signature"), signature(rotated["secret"].text(), message) +
                                                       " " +
                                                       signature(made["secret"].text(), message));
}

TEST_F(Webhooks, for_a_test_reach_only_the_endpoint_that_asked) {
    Receiver other;
    endpoint(other.url(), R"(["*"])");
    auto made = endpoint(receiver.url(), R"(["order.created"])");
    then(when.post("/webhooks/endpoints/" + made.id() + "/test")).has_code(202);
    ASSERT_TRUE(receiver.waits_for_type("webhook.test"));
    customer();
    ASSERT_TRUE(other.waits_for(1));
    EXPECT_EQ(other.received()[0].type(), "customer.created");
    EXPECT_EQ(receiver.count(), 1u);
}

TEST_F(Webhooks, of_a_deleted_endpoint_are_given_up) {
    receiver.answers({.status = 500, .headers = {{"Retry-After", "600"}}});
    auto made = endpoint();
    customer();
    ASSERT_TRUE(receiver.waits_for(1));
    then(when.remove("/webhooks/endpoints/" + made.id())).has_code(204);
    EXPECT_TRUE(delivery_with(made.id(), "dead").exists());
    then(when.get("/webhooks/endpoints/" + made.id())).refused(404, "not_found");
}

TEST_F(Webhooks, outlive_a_kill_in_the_middle_of_an_attempt) {
    auto made = endpoint();
    receiver.answers({.delay = 60'000ms});
    for (int i = 0; i < 20; ++i) customer();
    ASSERT_TRUE(receiver.waits_for(8));
    std::set<std::string> cut_off;
    for (const auto& message : receiver.received()) cut_off.insert(message.header("webhook-id"));
    server.kill();
    receiver.answers({.status = 204});
    receiver.forget();
    server.start();
    std::set<std::string> taken;
    EXPECT_TRUE(eventually(15s, [&] {
        for (const auto& message : receiver.received()) taken.insert(message.header("webhook-id"));
        return taken.size() == 20;
    })) << taken.size();
    for (const auto& id : cut_off) EXPECT_TRUE(taken.contains(id)) << id;
    EXPECT_TRUE(eventually(10s, [&] {
        return deliveries("&endpoint_id=" + made.id() + "&status=delivered").size() == 20;
    }));
    // The attempts that the kill cut off are not counted.
    for (const auto& delivery : deliveries().elements()) {
        EXPECT_EQ(delivery["attempts"].size(), 1u) << delivery;
    }
}

TEST_F(Webhooks, do_not_hold_up_a_stop_and_go_on_after_it) {
    receiver.answers({.delay = 60'000ms});
    endpoint();
    customer();
    ASSERT_TRUE(receiver.waits_for(1));
    auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(server.stop(), 0);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 8s);
    receiver.answers({.status = 204});
    server.start();
    EXPECT_TRUE(receiver.waits_for(2));
}

TEST_F(Webhooks, keep_up_with_hundreds_of_events_a_second) {
    endpoint(receiver.url(), R"(["*"])");
    auto begun = std::chrono::steady_clock::now();
    parallel(8, [&](int) {
        Story own(server);
        for (int i = 0; i < 100; ++i) own.given.customer();
    });
    ASSERT_TRUE(receiver.waits_for_type("customer.created", 800, 20s)) << receiver.count();
    std::set<std::string> ids;
    for (const auto& message : receiver.received()) ids.insert(message.header("webhook-id"));
    EXPECT_EQ(ids.size(), receiver.count());
    auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    RecordProperty("deliveries_per_second", static_cast<int>(800 / took));
}

TEST_F(Webhooks, verify_with_the_official_library) {
    auto made = endpoint();
    customer();
    auto rotated = when.post("/webhooks/endpoints/" + made.id() + "/rotate-secret");
    customer();
    ASSERT_TRUE(receiver.waits_for(2));
    auto file = server.data() / "messages.json";
    {
        std::ofstream out(file);
        auto quoted = [](const std::string& text) {
            std::string result = "\"";
            for (char c : text) {
                if (c == '"' || c == '\\') result += '\\';
                result += c;
            }
            return result + "\"";
        };
        auto write = [&](const std::string& secret, const Received& message) {
            out << R"({"secret":)" << quoted(secret) << R"(,"headers":{)";
            for (auto name : {"webhook-id", "webhook-timestamp"}) {
                out << quoted(name) << ":" << quoted(message.header(name)) << ",";
            }
            out << R"("webhook-signature":)" << quoted(message.header("webhook-signature"))
                << R"(},"body":)" << quoted(message.body) << "}";
        };
        auto messages = receiver.received();
        out << "[";
        write(made["secret"].text(), messages[0]);
        out << ",";
        write(made["secret"].text(), messages[1]);
        out << ",";
        write(rotated["secret"].text(), messages[1]);
        out << "]";
    }
    auto command = "cd '" STATESET_SOURCE "/tests/node' && STATESET_MESSAGES='" + file.string() +
                   "' node --test standard_webhooks.test.mjs 2>&1";
    auto* pipe = popen(command.c_str(), "r");
    ASSERT_TRUE(pipe);
    std::string output(65'536, '\0');
    output.resize(std::fread(output.data(), 1, output.size(), pipe));
    EXPECT_EQ(pclose(pipe), 0) << output;
    EXPECT_NE(output.find("pass 7"), std::string::npos) << output;
}

TEST_F(Webhooks, refuse_what_cannot_be_listened_to) {
    struct {
        std::string_view body, pointer;
    } rows[] = {
        {R"({"url":"ftp://example.com/","events":["*"]})", "/url"},
        {R"({"url":"not a url","events":["*"]})", "/url"},
        {R"({"url":"https://example.com/","events":[]})", "/events"},
        {R"({"url":"https://example.com/","events":["order.*","Order"]})", "/events/1"},
        {R"({"url":"https://example.com/"})", "/events"},
    };
    for (const auto& [body, pointer] : rows) {
        then(when.post("/webhooks/endpoints", body)).refused(400, "invalid").names(pointer);
    }
    auto made = endpoint();
    then(when.patch("/webhooks/endpoints/" + made.id(), R"({"url":"ftp://example.com/"})"))
        .refused(400, "invalid");
    then(when.patch("/webhooks/endpoints/" + made.id(), R"({"events":["customer.erased"]})"))
        .succeeded()
        .has("/events/0", "customer.erased");
}

TEST(WebhooksOfStrangers, never_reach_private_addresses) {
    Server server({.webhook_allow_private = false});
    Story story(server);
    Receiver receiver;
    for (auto url :
         {receiver.url(), std::string("https://127.0.0.1/"), std::string("https://10.0.0.1/"),
          std::string("https://[::1]/"), std::string("http://example.com/")}) {
        auto reply =
            story.when.post("/webhooks/endpoints", R"({"url":")" + url + R"(","events":["*"]})");
        story.then(reply).refused(400, "invalid").names("/url");
    }
    EXPECT_EQ(receiver.count(), 0u);
}

// The workers alone, with an endpoint that got past the door: its name may have led elsewhere then.
TEST(WebhooksOfStrangers, are_refused_at_the_attempt_when_the_address_turns_out_private) {
    store_testing::Folder folder;
    {
        store::sqlite::Connection connection(folder.file(), store::sqlite::Access::write);
        store::sqlite::migrate(connection, store::Migrate::apply);
    }
    Committer committer(store::sqlite::open_store(folder.file()), {});
    ReadPool reads([&] { return store::sqlite::open_reader(folder.file()); },
                   std::make_shared<const Cursors>("secret"), {});
    webhooks::Workers workers(committer, reads, {.allow_private = false});
    webhooks::private_urls_allowed = true;
    auto us = system_actor(1);
    Receiver receiver;
    auto url = "https" + receiver.url().substr(std::string_view("http").size());
    auto made = committer.run(us, [&](Tx& tx) {
        webhooks::NewEndpoint wanted{.url = {url}, .events = {{{"*"}}}};
        return webhooks::create(tx, us, webhooks::make_secret(wanted));
    });
    committer.run(us, [&](Tx& tx) { webhooks::send_test(tx, us, {.id = made.endpoint->id}); });
    workers.start();
    std::vector<webhooks::Attempt> attempts;
    EXPECT_TRUE(eventually(10s, [&] {
        auto page =
            reads.run(1, [&](Reads& snapshot) { return webhooks::deliveries(snapshot, us, {}); });
        if (!page.data.empty()) attempts = page.data[0].attempts;
        return !attempts.empty();
    }));
    workers.stop();
    webhooks::private_urls_allowed = false;
    ASSERT_EQ(attempts.size(), 1u);
    EXPECT_FALSE(attempts[0].status_code);
    EXPECT_EQ(attempts[0].error, "the host leads to an address that is not public");
    EXPECT_EQ(receiver.count(), 0u);
}

class Events : public Journey {};

TEST_F(Events, can_be_followed_from_any_position_without_gap_or_double) {
    std::string after = "0";
    std::set<std::string> ids;
    for (int i = 0; i < 5; ++i) ids.insert(given.customer().id);
    wait_for_the_log(when);
    std::set<std::string> seen, positions;
    for (bool more = true; more;) {
        auto page = when.get("/events?limit=2&types=customer.created,order.*&after=" + after);
        ASSERT_EQ(page.status, 200) << page;
        more = page["data"].size() > 0;
        for (const auto& event : page["data"].elements()) {
            EXPECT_LT(after, event["position"].text());
            after = event["position"].text();
            EXPECT_TRUE(positions.insert(after).second);
            seen.insert(event["aggregate_id"].text());
        }
    }
    for (const auto& id : ids) EXPECT_TRUE(seen.contains(id));
}

TEST_F(Events, refuse_malformed_positions_and_patterns) {
    then(when.get("/events?after=soon")).refused(400, "invalid").names("?after");
    then(when.get("/events?types=Order")).refused(400, "invalid").names("?types");
    then(when.get("/events?types=order.*,")).refused(400, "invalid").names("?types");
    Client reader = server.anybody().as(server.key({"orders:read"}));
    EXPECT_EQ(reader.get("/events").status, 403);
}

TEST_F(Events, of_an_order_tell_its_story_oldest_first) {
    auto order = given.shipped_order();
    auto page = when.get("/orders/" + order.id + "/timeline");
    ASSERT_EQ(page.status, 200) << page;
    std::vector<std::string> types;
    for (const auto& event : page["data"].elements()) types.push_back(event["type"].text());
    ASSERT_FALSE(types.empty());
    EXPECT_EQ(types.front(), "order.created");
    for (auto wanted :
         {"inventory.reserved", "payment.captured", "shipment.created", "order.shipped"}) {
        EXPECT_NE(std::ranges::find(types, wanted), types.end()) << wanted << " in " << page;
    }
    auto first = when.get("/orders/" + order.id + "/timeline?limit=1");
    auto rest = when.get("/orders/" + order.id +
                         "/timeline?limit=100&cursor=" + first["next_cursor"].text());
    EXPECT_EQ(first["data"].size() + rest["data"].size(), types.size());
    then(when.get("/orders/0198c9f2-0000-7000-8000-000000000000/timeline"))
        .refused(404, "not_found");
}

}  // namespace
}  // namespace stateset::support
