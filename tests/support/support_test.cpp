// The test words themselves, against each other: the client speaks with the receiver.

#include "support/client.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "support/receiver.hpp"
#include "support/together.hpp"

namespace stateset::support {
namespace {

Client client_of(const Receiver& receiver) {
    return Client(receiver.url("").substr(std::string_view("http://").size()));
}

TEST(Json, shows_members_elements_and_what_is_absent) {
    auto json = Json::parse(R"({"items":[{"sku":"MUG","quantity":2}],"none":null})");
    EXPECT_EQ(json["items"][0]["sku"], "MUG");
    EXPECT_EQ(json["items"][0]["quantity"], 2);
    EXPECT_EQ(json.at("/items/0/sku").text(), "MUG");
    EXPECT_TRUE(json["none"].is_null());
    EXPECT_FALSE(json["items"][1]["sku"].exists());
    EXPECT_FALSE(Json::parse("{").exists());
}

TEST(Client, keeps_its_connection_and_reads_what_is_answered) {
    Receiver receiver;
    receiver.answers({.status = 409, .body = R"({"code":"taken"})"});
    auto client = client_of(receiver);
    auto reply = client.post("/hook", "{}", {{"Idempotency-Key", "k1"}});
    EXPECT_EQ(reply.status, 409);
    EXPECT_EQ(reply.code(), "taken");
    EXPECT_EQ(client.remove("/hook").status, 409);
    auto received = receiver.received();
    ASSERT_EQ(received.size(), 2u);
    EXPECT_EQ(received[0].path, "/api/v1/hook");
    EXPECT_EQ(received[0].header("idempotency-key"), "k1");
    EXPECT_EQ(received[0].body, "{}");
}

TEST(Client, says_why_there_is_no_answer_and_connects_anew) {
    Receiver receiver;
    receiver.answers({.hang_up = true});
    auto client = client_of(receiver);
    auto reply = client.get("/livez");
    EXPECT_EQ(reply.status, 0);
    EXPECT_FALSE(reply.failure.empty());
    receiver.answers({.status = 200, .body = "well"});
    EXPECT_EQ(client.get("/livez").body, "well");
    EXPECT_EQ(receiver.count(), 2u);
}

TEST(Together, lets_all_go_at_once_and_returns_in_order) {
    std::atomic<int> inside = 0;
    auto results = parallel(8, [&](int i) {
        ++inside;
        EXPECT_TRUE(eventually(std::chrono::seconds(5), [&] { return inside == 8; }));
        return i * i;
    });
    EXPECT_EQ(results, (std::vector<int>{0, 1, 4, 9, 16, 25, 36, 49}));
    EXPECT_FALSE(eventually(std::chrono::milliseconds(20), [] { return false; }));
}

}  // namespace
}  // namespace stateset::support
