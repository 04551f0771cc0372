// Bank transfers and sales on account: money that nobody is called for, marked as paid by hand.

#include <algorithm>

#include "platform/auth/crypto.hpp"
#include "platform/core/time.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

constexpr std::chrono::seconds overdue_within{15};

std::string today(std::int64_t later_days = 0) {
    return to_string(Date{date_of(system_now()).days + later_days});
}

std::string by(const Order& order, std::string_view method, std::string_view more = {}) {
    return R"({"order_id":")" + order.id + R"(","method":{"type":")" + std::string(method) +
           R"("})" + (more.empty() ? "" : "," + std::string(more)) + "}";
}

class ManualPayments : public Journey {
  protected:
    Reply pay(const Order& order, std::string_view method, std::string_view more = {}) {
        return when.post("/payments", by(order, method, more));
    }
    // Of all payments and refunds; everything that these tests did must hold.
    void everything_holds() {
        auto verified = server.run({"verify"});
        EXPECT_EQ(verified.status, 0) << verified.output;
    }
};

TEST_F(ManualPayments, a_bank_transfer_waits_pins_the_stock_and_is_marked_as_paid) {
    auto order = given.processed_order();
    auto reply = pay(order, "bank_transfer");
    then(reply).created().has("/status", "processing").has("/gateway", "manual");
    then(reply).has("/due_on", today(14)).has("/method/type", "bank_transfer");
    then.order(order.id).has_payment_status("processing").and_published({"payment.processing"});
    auto held = when.get("/inventory/reservations?order_id=" + order.id);
    EXPECT_TRUE(held.at("/data/0/expires_at").is_null()) << held;
    then(pay(order, "bank_transfer")).refused(409, "nothing_owed");
    auto paid = when.post("/payments/" + reply.id() + "/mark-paid",
                          R"({"reference":"BANK 4711","paid_on":")" + today(-1) + R"("})");
    then(paid).has_code(200).has("/status", "captured").has("/captured", order.total);
    then(paid).has("/reference", "BANK 4711").has("/paid_on", today(-1));
    then.order(order.id).has_payment_status("paid").and_published(
        {"payment.processing", "payment.captured", "order.paid"});
    then(when.post("/payments/" + reply.id() + "/mark-paid")).refused(409, "illegal_transition");
    then(when.post("/payments/" + reply.id() + "/cancel")).refused(409, "illegal_transition");
    everything_holds();
}

TEST_F(ManualPayments, a_sale_on_account_has_no_due_day_unless_one_is_given) {
    auto order = given.processed_order();
    auto first = pay(order, "on_account", R"("amount":"10.00")");
    then(first).created();
    EXPECT_TRUE(first["due_on"].is_null()) << first;
    then(pay(order, "on_account", R"("due_on":")" + today(30) + R"(")"))
        .created()
        .has("/due_on", today(30))
        .has("/amount", "89.98");
    auto paid = when.post("/payments/" + first.id() + "/mark-paid");
    then(paid).has("/paid_on", today()).has("/status", "captured");
    then.order(order.id).has_payment_status("partially_paid");
}

TEST_F(ManualPayments, one_that_will_not_come_is_cancelled_and_the_order_owes_again) {
    auto order = given.processed_order();
    auto reply = pay(order, "bank_transfer");
    auto cancelled =
        when.post("/payments/" + reply.id() + "/cancel", R"({"reason":"They pay by card."})");
    then(cancelled).has_code(200).has("/status", "failed").has("/failure_code", "cancelled");
    then(cancelled).has("/failure_message", "They pay by card.");
    then.order(order.id).has_status("processing").has_payment_status("failed");
    auto held = when.get("/inventory/reservations?order_id=" + order.id);
    EXPECT_FALSE(held.at("/data/0/expires_at").is_null()) << "the clock must start anew";
    then(when.post("/payments", R"({"order_id":")" + order.id +
                                    R"(","method":{"type":"card","token":"tok_ok"}})"))
        .created();
    then.order(order.id).has_payment_status("paid");
}

TEST_F(ManualPayments, marking_and_cancelling_at_once_does_one_of_them) {
    for (int round = 0; round < 5; ++round) {
        auto payment = pay(given.processed_order(), "bank_transfer").id();
        auto statuses = parallel(6, [&](int which) {
            Client client = when;
            return client.post("/payments/" + payment + (which % 2 == 0 ? "/mark-paid" : "/cancel"))
                .status;
        });
        EXPECT_EQ(std::ranges::count(statuses, 200), 1);
        EXPECT_EQ(std::ranges::count(statuses, 409), 5);
    }
}

TEST_F(ManualPayments, cancelling_the_order_calls_off_what_waits) {
    auto order = given.processed_order();
    auto reply = pay(order, "bank_transfer");
    then(when.post("/orders/" + order.id + "/cancel")).has_code(200);
    then.payment(reply.id()).has_status("failed").has("/failure_code", "order_cancelled");
    then(when.post("/payments/" + reply.id() + "/mark-paid")).refused(409, "illegal_transition");
    then.stock_is(order.sku, {"15", "0", "15"});
}

TEST_F(ManualPayments, their_refunds_wait_for_a_hand_too) {
    auto order = given.processed_order();
    auto payment = pay(order, "bank_transfer").id();
    when.post("/payments/" + payment + "/mark-paid");
    auto refund = when.post("/payments/" + payment + "/refund", R"({"amount":"40.00"})");
    then(refund).has_code(201).has("/status", "processing");
    then.payment(payment).has_status("captured").has("/refunding", "40.00");
    auto paid = when.post("/refunds/" + refund.id() + "/mark-paid", R"({"reference":"OUT 12"})");
    then(paid).has_code(200).has("/status", "succeeded").has("/reference", "OUT 12");
    then(paid).has("/paid_on", today());
    then(when.post("/refunds/" + refund.id() + "/mark-paid")).refused(409, "illegal_transition");
    then.payment(payment).has_status("partially_refunded").has("/refunded", "40.00");
    auto other = when.post("/payments/" + payment + "/refund").id();
    auto cancelled = when.post("/refunds/" + other + "/cancel");
    then(cancelled).has("/status", "failed").has("/failure_code", "cancelled");
    then.payment(payment).has("/refunding", "0.00").has("/refunded", "40.00");
    then.order(order.id).has_payment_status("partially_refunded");
    everything_holds();
}

TEST_F(ManualPayments, a_cancelled_order_gives_back_what_came_by_hand) {
    auto order = given.processed_order();
    auto payment = pay(order, "on_account").id();
    when.post("/payments/" + payment + "/mark-paid");
    then(when.post("/orders/" + order.id + "/cancel")).has_code(200);
    auto refunds = when.get("/refunds?payment_id=" + payment);
    ASSERT_EQ(refunds["data"].size(), 1u) << refunds;
    EXPECT_EQ(refunds.at("/data/0/status"), "processing");
    auto path = "/refunds/" + refunds.at("/data/0/id").text() + "/mark-paid";
    then(when.post(path)).has("/status", "succeeded");
    then.payment(payment).has_status("refunded");
}

TEST_F(ManualPayments, what_a_gateway_settles_is_not_marked_by_hand) {
    auto order = given.processed_order();
    auto waiting =
        when.post("/payments", R"({"order_id":")" + order.id +
                                   R"(","method":{"type":"card","token":"tok_timeout"}})");
    then(when.post("/payments/" + waiting.id() + "/mark-paid")).refused(409, "illegal_transition");
    then(when.post("/payments/" + waiting.id() + "/cancel")).refused(409, "illegal_transition");
    auto paid = given.paid_order();
    auto refund = when.post("/payments/" + paid.payment + "/refund").id();
    then(when.post("/refunds/" + refund + "/mark-paid")).refused(409, "illegal_transition");
    auto by_hand = pay(given.processed_order(), "bank_transfer").id();
    then(when.post("/payments/" + by_hand + "/capture")).refused(409, "illegal_transition");
    then(when.post("/payments/" + by_hand + "/void")).refused(409, "illegal_transition");
}

TEST_F(ManualPayments, what_makes_no_sense_is_refused_and_named) {
    auto order = given.order();
    then(pay(order, "exchange")).refused(400, "invalid").names("/method/type");
    then(pay(order, "cash")).refused(400, "invalid").names("/method/type");
    then(pay(order, "card")).refused(400, "invalid").names("/method/token");
    then(pay(order, "bank_transfer", R"("gateway":"sandbox")"))
        .refused(400, "invalid")
        .names("/gateway");
    then(pay(order, "bank_transfer", R"("capture":false)")).refused(400, "invalid");
    then(pay(order, "bank_transfer", R"("due_on":")" + today(-1) + R"(")"))
        .refused(400, "invalid")
        .names("/due_on");
    auto card = R"({"order_id":")" + order.id + R"(","method":{"type":"card","token":"tok_ok"})";
    then(when.post("/payments", card + R"(,"due_on":")" + today() + R"("})"))
        .refused(400, "invalid")
        .names("/due_on");
    then(when.post("/payments", card + R"(,"gateway":"manual"})"))
        .refused(400, "invalid")
        .names("/gateway");
    auto payment = pay(order, "bank_transfer").id();
    then(when.post("/payments/" + payment + "/mark-paid", R"({"paid_on":")" + today(2) + R"("})"))
        .refused(400, "invalid")
        .names("/paid_on");
}

TEST_F(ManualPayments, need_the_permissions_of_capturing_and_refunding) {
    auto payment = pay(given.processed_order(), "bank_transfer").id();
    auto reader = when.as(server.key({"payments:read", "payments:create"}));
    then(reader.post("/payments/" + payment + "/mark-paid")).has_code(403);
    then(reader.post("/payments/" + payment + "/cancel")).has_code(403);
}

// The due day's end is brought near in the database: no test waits for midnight.
TEST_F(ManualPayments, one_that_is_overdue_fails_and_unpins_the_stock) {
    auto order = given.processed_order();
    auto payment = pay(order, "bank_transfer").id();
    const auto& database = server.database();
    auto operation =
        database.ask("select id from operations where subject = " + database.literal(payment));
    ASSERT_EQ(operation.size(), 1u) << "nothing would end its wait";
    database.ask("update operations set next_attempt_at = created_at where subject = " +
                 database.literal(payment));
    EXPECT_TRUE(eventually(overdue_within,
                           [&] { return when.get("/payments/" + payment)["status"] == "failed"; }));
    then.payment(payment).has("/failure_code", "overdue");
    then.order(order.id).has_status("processing").has_payment_status("failed");
    auto held = when.get("/inventory/reservations?order_id=" + order.id);
    EXPECT_FALSE(held.at("/data/0/expires_at").is_null()) << held;
}

TEST_F(ManualPayments, the_operator_reads_and_rotates_the_sandboxs_secret) {
    auto shown = server.run({"admin", "gateway-secret", "sandbox"});
    ASSERT_EQ(shown.status, 0) << shown.output;
    EXPECT_TRUE(shown.output.starts_with("whsec_")) << shown.output;
    EXPECT_EQ(server.run({"admin", "gateway-secret", "sandbox"}).output, shown.output);
    EXPECT_NE(server.run({"admin", "gateway-secret", "nobody"}).status, 0);
    auto rotated = server.run({"admin", "gateway-secret", "sandbox", "--rotate"});
    EXPECT_NE(rotated.output, shown.output);
    // For a day both hold; another's does not.
    auto tell = [&](const std::string& secret) {
        auto bytes = auth::from_base64(secret.substr(6, secret.find('\n') - 6)).value();
        auto now = system_now().micros / seconds(1).micros;
        auto id = given.unique("msg");
        std::string body = R"({"operation_id":"01980000-0000-7000-8000-000000000000"})";
        return server.anybody()
            .post("/payments/gateways/sandbox/webhook", body,
                  {{"webhook-id", id},
                   {"webhook-timestamp", std::to_string(now)},
                   {"webhook-signature", auth::webhook_signature(bytes, id, now, body)}})
            .status;
    };
    EXPECT_EQ(tell(shown.output), 204);
    EXPECT_EQ(tell(rotated.output), 204);
    EXPECT_EQ(tell(auth::make_webhook_secret()), 401);
}

}  // namespace
}  // namespace stateset::support
