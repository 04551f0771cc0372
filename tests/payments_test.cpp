// Paying, capturing, voiding and refunding, through the real binary. The gateway is the sandbox;
// its tokens say what it does.

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

#include "platform/auth/crypto.hpp"
#include "platform/core/time.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

constexpr std::chrono::seconds settled_within{15};  // the first retry comes after 2 s

std::string pay_body(const Order& order, std::string_view token, std::string_view more = {}) {
    return R"({"order_id":")" + order.id + R"(","method":{"type":"card","token":")" +
           std::string(token) + R"("})" + (more.empty() ? "" : "," + std::string(more)) + "}";
}

class Payments : public Journey {
  protected:
    Reply pay(const Order& order, std::string_view token, std::string_view more = {},
              const Headers& headers = {}) {
        return when.post("/payments", pay_body(order, token, more), headers);
    }
    bool becomes(const std::string& path, std::string_view member, std::string_view wanted) {
        return eventually(settled_within, [&] { return when.get(path)[member] == wanted; });
    }
};

TEST_F(Payments, paying_captures_what_is_owed_and_the_order_is_paid) {
    auto order = given.processed_order();
    auto reply = pay(order, "tok_ok");
    then(reply).created().has("/status", "captured").has("/gateway", "sandbox");
    then(reply).has("/amount", order.total).has("/captured", order.total).has("/refunded", "0.00");
    EXPECT_EQ(reply.body.find("tok_ok"), std::string::npos) << "the token is shown";
    EXPECT_EQ(reply.header("Location"), "/api/v1/payments/" + reply.id());
    then.order(order.id).has_payment_status("paid").and_published(
        {"payment.processing", "payment.captured", "order.paid"});
    EXPECT_EQ(when.get("/payments/" + reply.id()).body, reply.body);
}

TEST_F(Payments, paying_before_processing_is_legal_and_keeps_the_reservations_from_expiring) {
    auto order = given.order();
    then(pay(order, "tok_ok")).created();
    then(when.post("/orders/" + order.id + "/process")).has_code(200);
    auto held = when.get("/inventory/reservations?order_id=" + order.id);
    ASSERT_GT(held["data"].size(), 0u) << held;
    EXPECT_TRUE(held.at("/data/0/expires_at").is_null()) << held;
}

TEST_F(Payments, a_decline_fails_the_payment_frees_the_stock_and_cancels_the_order) {
    auto order = given.processed_order();
    auto reply = pay(order, "tok_declined");
    then(reply).refused(402, "payment_declined").names("/method/token");
    EXPECT_EQ(reply.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(reply.at("/errors/0/code"), "card_declined") << reply;
    then.order(order.id)
        .has_status("cancelled")
        .has_payment_status("failed")
        .and_published(
            {"payment.processing", "payment.failed", "inventory.released", "order.cancelled"});
    then.stock_is(order.sku, {"15", "0", "15"});
    auto payment = when.get(reply["instance"].text());
    EXPECT_EQ(payment["status"], "failed") << payment;
    EXPECT_EQ(payment["failure_code"], "card_declined");
}

TEST_F(Payments, unknown_tokens_and_empty_accounts_are_declined_with_their_own_codes) {
    EXPECT_EQ(pay(given.order(), "tok_insufficient_funds").at("/errors/0/code"),
              "insufficient_funds");
    EXPECT_EQ(pay(given.order(), "tok_of_nobody").at("/errors/0/code"), "invalid_token");
}

TEST_F(Payments, the_402_is_replayed_byte_for_byte_and_declines_once) {
    auto order = given.processed_order();
    Headers key{{"Idempotency-Key", given.unique("decline")}};
    auto first = pay(order, "tok_declined", {}, key);
    then(first).refused(402, "payment_declined");
    auto again = pay(order, "tok_declined", {}, key);
    EXPECT_EQ(again.status, 402) << again;
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(when.get("/payments?order_id=" + order.id)["data"].size(), 1u);
    then(pay(order, "tok_ok", {}, key)).refused(422, "idempotency_key_reused");
}

TEST_F(Payments, a_decline_spares_an_order_that_other_money_was_captured_for) {
    auto order = given.processed_order();
    then(pay(order, "tok_ok", R"("amount":"10.00")")).created();
    then(pay(order, "tok_declined")).refused(402, "payment_declined");
    then.order(order.id).has_status("processing").has_payment_status("partially_paid");
    then.stock_is(order.sku, {"15", "2", "13"});
}

TEST_F(Payments, no_answer_is_202_and_settled_as_captured_later) {
    auto order = given.processed_order();
    auto reply = pay(order, "tok_timeout");
    then(reply).has_code(202).has("/status", "processing");
    then.order(order.id).has_status("processing").has_payment_status("processing");
    then.stock_is(order.sku, {"15", "2", "13"});
    EXPECT_TRUE(becomes("/payments/" + reply.id(), "status", "captured"));
    then.order(order.id).has_payment_status("paid");
}

TEST_F(Payments, no_answer_that_was_a_decline_cancels_later) {
    auto order = given.processed_order();
    auto reply = pay(order, "tok_timeout_declined");
    then(reply).has_code(202);
    EXPECT_TRUE(becomes("/payments/" + reply.id(), "status", "failed"));
    then.order(order.id).has_status("cancelled").has_payment_status("failed");
    then.stock_is(order.sku, {"15", "0", "15"});
}

TEST_F(Payments, a_payment_in_flight_counts_as_paid) {
    auto order = given.processed_order();
    auto first = pay(order, "tok_timeout");
    then(first).has_code(202);
    then(pay(order, "tok_ok")).refused(409, "nothing_owed");
    EXPECT_TRUE(becomes("/payments/" + first.id(), "status", "captured"));
    then(pay(order, "tok_ok")).refused(409, "nothing_owed");
}

TEST_F(Payments, amounts_that_make_no_sense_are_refused) {
    auto order = given.order();
    then(pay(order, "tok_ok", R"("amount":"0")")).refused(400, "invalid").names("/amount");
    then(pay(order, "tok_ok", R"("amount":"-1.00")")).refused(400, "invalid").names("/amount");
    then(pay(order, "tok_ok", R"("amount":"1.999")")).refused(400, "invalid").names("/amount");
    then(pay(order, "tok_ok", R"("amount":"1000000.00")")).refused(409, "exceeds_owed");
    then.order(order.id).has_payment_status("unpaid").and_published_nothing();
}

TEST_F(Payments, card_numbers_unknown_orders_and_cancelled_orders_are_refused) {
    auto order = given.order();
    auto reply = pay(order, "4242 4242 4242 4242");
    then(reply).refused(400, "invalid").names("/method/token");
    EXPECT_EQ(reply.body.find("4242"), std::string::npos) << "the number is repeated";
    Order nobodys{.id = "01980000-0000-7000-8000-000000000000"};
    then(pay(nobodys, "tok_ok")).refused(400, "invalid").names("/order_id");
    when.post("/orders/" + order.id + "/cancel");
    then(pay(order, "tok_ok")).refused(409, "illegal_transition");
}

TEST_F(Payments, an_authorization_is_captured_once_in_part) {
    auto order = given.processed_order();
    auto reply = pay(order, "tok_ok", R"("capture":false)");
    then(reply).created().has("/status", "authorized").has("/captured", "0.00");
    then.order(order.id).has_payment_status("authorized");
    auto path = "/payments/" + reply.id();
    then(when.post(path + "/refund")).refused(409, "illegal_transition");
    then(when.post(path + "/capture", R"({"amount":"99999.00"})"))
        .refused(409, "exceeds_authorized");
    auto captured = when.post(path + "/capture", R"({"amount":"40.00"})");
    then(captured).has_code(200).has("/status", "captured").has("/captured", "40.00");
    then(when.post(path + "/capture")).refused(409, "illegal_transition");
    then(when.post(path + "/void")).refused(409, "illegal_transition");
    then.order(order.id).has_payment_status("partially_paid");
}

TEST_F(Payments, a_capture_that_the_gateway_declines_leaves_the_authorization) {
    auto order = given.processed_order();
    auto reply = pay(order, "tok_capture_declined", R"("capture":false)");
    then(when.post("/payments/" + reply.id() + "/capture")).refused(402, "payment_declined");
    then.payment(reply.id()).has_status("authorized");
    then.order(order.id).has_status("processing");
}

TEST_F(Payments, a_voided_authorization_is_owed_again) {
    auto order = given.processed_order();
    auto reply = pay(order, "tok_ok", R"("capture":false)");
    auto voided = when.post("/payments/" + reply.id() + "/void");
    then(voided).has_code(200).has("/status", "voided");
    then.order(order.id).has_payment_status("voided");
    then(pay(order, "tok_ok")).created();
    then.order(order.id).has_payment_status("paid");
}

TEST_F(Payments, cancelling_gives_back_what_was_captured_and_authorized) {
    auto order = given.processed_order();
    auto captured = pay(order, "tok_ok", R"("amount":"10.00")").id();
    auto authorized = pay(order, "tok_ok", R"("capture":false)").id();
    then(when.post("/orders/" + order.id + "/cancel")).has_code(200);
    EXPECT_TRUE(becomes("/payments/" + captured, "status", "refunded"));
    EXPECT_TRUE(becomes("/payments/" + authorized, "status", "voided"));
    then.order(order.id).has_status("cancelled").has_payment_status("refunded");
}

TEST_F(Payments, a_capture_that_arrives_for_a_cancelled_order_is_refunded_by_itself) {
    auto order = given.processed_order();
    auto reply = pay(order, "tok_timeout");
    then(reply).has_code(202);
    then(when.post("/orders/" + order.id + "/cancel")).has_code(200);
    then.stock_is(order.sku, {"15", "0", "15"});
    EXPECT_TRUE(becomes("/payments/" + reply.id(), "status", "refunded"));
    auto refunds = when.get("/refunds?payment_id=" + reply.id());
    ASSERT_EQ(refunds["data"].size(), 1u) << refunds;
    EXPECT_EQ(refunds.at("/data/0/amount"), order.total);
    EXPECT_EQ(refunds.at("/data/0/status"), "succeeded");
}

TEST_F(Payments, refunds_go_back_in_parts_and_never_beyond_what_was_captured) {
    auto order = given.paid_order();
    auto path = "/payments/" + order.payment;
    auto part = when.post(path + "/refund", R"({"amount":"9.98","reason":"scratched"})");
    then(part).created().has("/status", "succeeded").has("/reason", "scratched");
    EXPECT_EQ(when.get("/refunds/" + part.id()).body, part.body);
    then.payment(order.payment).has_status("partially_refunded").has("/refunded", "9.98");
    then(when.post(path + "/refund", R"({"amount":"90.01"})"))
        .refused(409, "refund_exceeds_captured");
    then(when.post(path + "/refund")).created().has("/amount", "90.00");
    then.payment(order.payment).has_status("refunded");
    then(when.post(path + "/refund")).refused(409, "refund_exceeds_captured");
    then.order(order.id).has_payment_status("refunded");
}

TEST_F(Payments, a_refund_that_the_gateway_declines_can_be_asked_for_again) {
    auto order = given.processed_order();
    auto payment = pay(order, "tok_refund_declined").id();
    then(when.post("/payments/" + payment + "/refund")).refused(409, "gateway_refused");
    then.payment(payment).has_status("captured").has("/refunding", "0.00");
    EXPECT_EQ(when.get("/refunds?payment_id=" + payment).at("/data/0/status"), "failed");
    then(when.post("/payments/" + payment + "/refund")).refused(409, "gateway_refused");
}

TEST_F(Payments, a_refund_without_answer_counts_until_it_is_known) {
    auto order = given.processed_order();
    auto payment = pay(order, "tok_refund_timeout").id();
    auto refund = when.post("/payments/" + payment + "/refund");
    then(refund).has_code(202).has("/status", "processing");
    then(when.post("/payments/" + payment + "/refund")).refused(409, "refund_exceeds_captured");
    EXPECT_TRUE(becomes("/refunds/" + refund.id(), "status", "succeeded"));
    then.payment(payment).has_status("refunded");
}

TEST_F(Payments, an_order_is_refunded_across_its_payments_oldest_first) {
    auto order = given.processed_order();
    auto first = pay(order, "tok_ok", R"("amount":"30.00")").id();
    auto second = pay(order, "tok_ok").id();
    auto reply = when.post("/orders/" + order.id + "/refund", R"({"amount":"40.00"})");
    then(reply).has_code(200).has("/id", order.id).has("/payment_status", "partially_refunded");
    ASSERT_EQ(reply["refunds"].size(), 2u) << reply;
    then(reply).has("/refunds/0/amount", "30.00").has("/refunds/1/amount", "10.00");
    then.payment(first).has_status("refunded");
    then.payment(second).has_status("partially_refunded").has("/refunded", "10.00");
    then(when.post("/orders/" + order.id + "/refund")).has_code(200);
    then(when.post("/orders/" + order.id + "/refund")).refused(409, "refund_exceeds_captured");
}

TEST_F(Payments, many_pays_of_one_order_at_once_capture_once) {
    auto order = given.processed_order();
    auto replies = parallel(16, [&](int) {
        Client client = when;
        return client.post("/payments", pay_body(order, "tok_ok")).status;
    });
    EXPECT_EQ(std::ranges::count(replies, 201), 1);
    EXPECT_EQ(std::ranges::count(replies, 409), 15);
    then.order(order.id).has_payment_status("paid");
}

TEST_F(Payments, one_key_sent_many_times_at_once_pays_once) {
    auto order = given.processed_order();
    Headers key{{"Idempotency-Key", given.unique("pay")}};
    auto replies = parallel(24, [&](int) {
        Client client = when;
        return client.post("/payments", pay_body(order, "tok_ok"), key);
    });
    std::string body;
    for (const auto& reply : replies) {
        EXPECT_TRUE(reply.status == 201 || reply.code() == "request_in_progress") << reply;
        if (reply.status != 201) continue;
        if (body.empty()) body = reply.body;
        EXPECT_EQ(reply.body, body);
    }
    EXPECT_EQ(when.get("/payments?order_id=" + order.id)["data"].size(), 1u);
}

TEST_F(Payments, refunds_racing_each_other_never_exceed_the_capture) {
    auto order = given.paid_order();  // of 99.98
    auto statuses = parallel(16, [&](int) {
        Client client = when;
        return client.post("/payments/" + order.payment + "/refund", R"({"amount":"20.00"})")
            .status;
    });
    EXPECT_EQ(std::ranges::count(statuses, 201), 4);
    EXPECT_EQ(std::ranges::count(statuses, 409), 12);
    then.payment(order.payment).has("/refunded", "80.00").has("/refunding", "0.00");
}

TEST_F(Payments, paying_and_cancelling_at_once_leaves_no_money_with_us) {
    for (int round = 0; round < 5; ++round) {
        auto order = given.processed_order();
        auto statuses = parallel(2, [&](int which) {
            Client client = when;
            return which == 0 ? client.post("/payments", pay_body(order, "tok_ok")).status
                              : client.post("/orders/" + order.id + "/cancel").status;
        });
        EXPECT_EQ(statuses[1], 200);
        then.order(order.id).has_status("cancelled");
        then.stock_is(order.sku, {"15", "0", "15"});
        if (statuses[0] != 201) continue;
        auto payment = when.get("/payments?order_id=" + order.id).at("/data/0/id").text();
        EXPECT_TRUE(becomes("/payments/" + payment, "status", "refunded"));
    }
}

TEST_F(Payments, are_listed_by_order_and_status) {
    auto order = given.processed_order();
    pay(order, "tok_ok", R"("amount":"10.00")");
    pay(order, "tok_declined");
    EXPECT_EQ(when.get("/payments?order_id=" + order.id)["data"].size(), 2u);
    auto failed = when.get("/payments?order_id=" + order.id + "&status=failed");
    ASSERT_EQ(failed["data"].size(), 1u) << failed;
    EXPECT_EQ(failed.at("/data/0/status"), "failed");
    then(when.get("/payments?status=stolen")).refused(400, "invalid").names("?status");
}

TEST_F(Payments, a_gateways_message_without_its_signature_is_refused) {
    auto reply = server.anybody().post(
        "/payments/gateways/sandbox/webhook", "{}",
        {{"webhook-id", "m1"}, {"webhook-timestamp", "1"}, {"webhook-signature", "v1,AAAA"}});
    then(reply).refused(401, "bad_signature");
    then(server.anybody().post("/payments/gateways/nobody/webhook", "{}")).has_code(404);
}

// What a gateway would know: its secret and the idempotency key it was given.
struct Known {
    std::string secret, operation;
};

Known known_to_the_gateway(Server& server, const std::string& payment) {
    const auto& database = server.database();
    auto secret =
        database.ask("select value from installation_secrets where name = 'gateway.sandbox'");
    if (secret.empty()) throw std::runtime_error("the gateway has no secret yet");
    auto operation =
        database.ask("select id from operations where subject = " + database.literal(payment));
    if (operation.empty()) throw std::runtime_error("the payment has no operation");
    return {*auth::from_base64url(secret[0][0]), operation[0][0]};
}

TEST_F(Payments, a_gateways_signed_message_settles_the_payment_and_counts_once) {
    server.anybody().post("/payments/gateways/sandbox/webhook", "{}",
                          {{"webhook-id", given.unique("first")}});  // makes the secret
    auto reply = pay(given.processed_order(), "tok_timeout");
    then(reply).has_code(202);
    auto known = known_to_the_gateway(server, reply.id());
    auto body = R"({"operation_id":")" + known.operation + R"("})";
    auto now = system_now().micros / seconds(1).micros;
    auto id = given.unique("msg");
    Headers headers{{"webhook-id", id},
                    {"webhook-timestamp", std::to_string(now)},
                    {"webhook-signature", auth::webhook_signature(known.secret, id, now, body)}};
    auto tell = [&](const std::string& said) {
        return server.anybody().post("/payments/gateways/sandbox/webhook", said, headers);
    };
    then(tell(body)).has_code(204);
    EXPECT_TRUE(becomes("/payments/" + reply.id(), "status", "captured"));
    then(tell(body)).has_code(204);
    then(tell(R"({"operation_id":"01980000-0000-7000-8000-000000000000"})"))
        .refused(401, "bad_signature");
}

TEST(PaymentsOverARestart, are_settled_by_the_next_process) {
    Server server;
    Story story(server);
    auto timeout = story.given.processed_order(), declined = story.given.processed_order();
    Headers key{{"Idempotency-Key", "over-the-restart"}};
    auto first = story.when.post("/payments", pay_body(timeout, "tok_timeout"), key);
    auto second = story.when.post("/payments", pay_body(declined, "tok_timeout_declined"));
    ASSERT_EQ(first.status, 202) << first;
    ASSERT_EQ(second.status, 202) << second;
    server.kill();
    server.start();
    EXPECT_TRUE(eventually(settled_within, [&] {
        return story.when.get("/payments/" + first.id())["status"] == "captured" &&
               story.when.get("/payments/" + second.id())["status"] == "failed";
    }));
    story.then.order(timeout.id).has_payment_status("paid");
    story.then.order(declined.id).has_status("cancelled");
    story.then.stock_is(declined.sku, {"15", "0", "15"});
    auto again = story.when.post("/payments", pay_body(timeout, "tok_timeout"), key);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
}

// Killed at any moment: no order is charged twice, none loses a charge that the gateway made.
TEST(PaymentsOverARestart, a_kill_in_the_middle_of_paying_charges_each_order_once) {
    Server server;
    Story story(server);
    std::vector<Order> orders;
    for (int i = 0; i < 12; ++i) orders.push_back(story.given.processed_order());
    std::atomic<int> sent = 0;
    std::jthread killer([&] {
        eventually(settled_within, [&] { return sent >= 6; });
        ::kill(server.process(), SIGKILL);
    });
    parallel(static_cast<int>(orders.size()), [&](int i) {
        Client client = story.when;
        ++sent;
        client.post("/payments", pay_body(orders[static_cast<std::size_t>(i)], "tok_ok"),
                    {{"Idempotency-Key", "kill-" + std::to_string(i)}});
    });
    killer.join();
    server.kill();
    server.start();
    for (std::size_t i = 0; i < orders.size(); ++i) {
        Reply reply;
        EXPECT_TRUE(eventually(settled_within, [&] {
            reply = story.when.post("/payments", pay_body(orders[i], "tok_ok"),
                                    {{"Idempotency-Key", "kill-" + std::to_string(i)}});
            return reply.status == 201;
        })) << reply;
        story.then.order(orders[i].id).has_payment_status("paid");
        EXPECT_EQ(story.when.get("/payments?order_id=" + orders[i].id)["data"].size(), 1u);
    }
    server.stop();
    auto verified = server.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

}  // namespace
}  // namespace stateset::support
