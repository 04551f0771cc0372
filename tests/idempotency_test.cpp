// What an Idempotency-Key promises beyond one moment and one caller.

#include "support/journey.hpp"

namespace stateset::support {
namespace {

class IdempotencyKeys : public Journey {
  protected:
    static std::string order_of(Given& given) {
        return R"({"customer_id":")" + given.customer().id + R"(","items":[{"sku":")" +
               given.product().sku + R"(","quantity":1}]})";
    }
};

TEST_F(IdempotencyKeys, get_the_same_bytes_again_after_a_kill_and_a_restart) {
    Server own;
    Story mine(own);
    auto body = order_of(mine.given);
    Headers key{{"Idempotency-Key", "kept"}};
    auto first = mine.when.post("/orders", body, key);
    then(first).has_code(201);
    EXPECT_FALSE(first.has_header("Idempotent-Replayed"));
    own.kill();
    own.start();
    auto again = mine.when.post("/orders", body, key);
    EXPECT_EQ(again.status, 201) << again;
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("ETag"), first.header("ETag"));
    EXPECT_EQ(again.header("Location"), first.header("Location"));
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
}

TEST_F(IdempotencyKeys, belong_to_the_caller_who_sent_them) {
    auto body = order_of(given);
    Headers key{{"Idempotency-Key", given.unique("shared")}};
    auto mine = when.post("/orders", body, key);
    auto colleague = server.anybody().as(server.key({"orders:*"}));
    auto theirs = colleague.post("/orders", body, key);
    then(mine).has_code(201);
    then(theirs).has_code(201);
    EXPECT_NE(theirs.id(), mine.id());
    EXPECT_FALSE(theirs.has_header("Idempotent-Replayed"));
}

TEST_F(IdempotencyKeys, show_a_once_shown_secret_again_to_who_asked_for_it) {
    Headers key{{"Idempotency-Key", given.unique("key")}};
    auto wanted = R"({"name":"robot","scopes":["orders:read"]})";
    auto first = when.post("/api-keys", wanted, key);
    auto again = when.post("/api-keys", wanted, key);
    then(first).has_code(201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("Cache-Control"), "no-store");
}

TEST_F(IdempotencyKeys, keep_nothing_of_a_refusal_without_effect) {
    auto mug = given.product().with_stock(1);
    auto order = given.order(mug, 2);
    Headers key{{"Idempotency-Key", given.unique("short")}};
    then(when.post("/orders/" + order.id + "/process", "", key)).refused(409, "insufficient_stock");
    given.stock(mug.sku, "1");
    then(when.post("/orders/" + order.id + "/process", "", key)).succeeded();
}

}  // namespace
}  // namespace stateset::support
