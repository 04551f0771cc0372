#include "payments/stripe_words.hpp"

#include <gtest/gtest.h>

#include "payments/stripe_message.hpp"
#include "platform/auth/crypto.hpp"

namespace stateset::payments::stripe {
namespace {

Money money(std::int64_t minor, std::string_view code) { return {minor, *currency_from(code)}; }

TEST(StripeAmounts, are_counted_as_stripe_counts_the_currency) {
    EXPECT_EQ(amount(money(1999, "USD")), 1999);
    EXPECT_EQ(amount(money(500, "JPY")), 500) << "no hundredths";
    EXPECT_EQ(amount(money(5, "ISK")), 500) << "hundredths that are always 00";
    EXPECT_EQ(amount(money(5, "UGX")), 500);
    EXPECT_EQ(amount(money(5120, "KWD")), 5120);
    EXPECT_EQ(amount(money(5124, "KWD")), std::nullopt) << "the networks take no thousandths";
    EXPECT_EQ(amount(money(700, "MGA")), 7) << "fifths here, whole ones there";
    EXPECT_EQ(amount(money(720, "MGA")), std::nullopt);
    EXPECT_EQ(amount(money(INT64_MAX, "ISK")), std::nullopt);
}

TEST(StripeForms, say_what_is_charged_and_how) {
    Charge charge{.operation = {0x7000, 1},
                  .amount = money(1999, "EUR"),
                  .token = "pm_1 &=",
                  .capture = false};
    auto text = encoded(charge_form(charge, 1999));
    EXPECT_NE(text.find("amount=1999&currency=eur&capture_method=manual&confirm=true"), text.npos);
    EXPECT_NE(text.find("payment_method=pm_1%20%26%3D"), text.npos) << text;
    EXPECT_NE(text.find("metadata[operation_id]=" + to_string(charge.operation)), text.npos);
    charge.token = "tok_visa";
    text = encoded(charge_form(charge, 1999));
    EXPECT_NE(text.find("payment_method_data[card][token]=tok_visa"), text.npos) << text;
    EXPECT_EQ(text.find("payment_method="), text.npos) << text;
}

struct Case {
    const char* why;
    int status;
    const char* body;
    Deed deed;
    Verdict verdict;
    const char* code = "";
};

TEST(StripeAnswers, are_outcomes_only_when_they_say_so) {
    using enum Verdict;
    using enum Deed;
    const Case cases[] = {
        {"none", 0, "", authorize, unknown},
        {"paid", 200, R"({"id":"pi_1","status":"succeeded"})", authorize, approved},
        {"held", 200, R"({"id":"pi_1","status":"requires_capture"})", authorize, approved},
        {"under way", 200, R"({"id":"pi_1","status":"processing"})", authorize, unknown},
        {"unpaid", 200,
         R"({"id":"pi_1","status":"requires_payment_method","last_payment_error":{"code":"expired_card"}})",
         authorize, declined, "expired_card"},
        {"asks", 200, R"({"id":"pi_1","status":"requires_action"})", authorize, declined,
         "authentication_required"},
        {"no JSON", 200, "<html>", authorize, unknown},
        {"declined", 402, R"({"error":{"type":"card_error","code":"card_declined"}})", authorize,
         declined, "card_declined"},
        {"generic", 402, R"({"error":{"code":"card_declined","decline_code":"generic_decline"}})",
         authorize, declined, "card_declined"},
        {"poor", 402, R"({"error":{"code":"card_declined","decline_code":"insufficient_funds"}})",
         authorize, declined, "insufficient_funds"},
        {"bad request", 400, R"({"error":{"type":"invalid_request_error"}})", authorize, declined,
         "invalid_request_error"},
        {"key reused", 400, R"({"error":{"type":"idempotency_error"}})", authorize, unknown},
        {"whose key", 401, R"({"error":{"type":"invalid_request_error"}})", authorize, unknown},
        {"may not", 403, "{}", authorize, unknown},
        {"busy", 409, R"({"error":{"code":"lock_timeout"}})", authorize, unknown},
        {"too many", 429, R"({"error":{"code":"rate_limit"}})", authorize, unknown},
        {"broken", 500, R"({"error":{"type":"api_error"}})", authorize, unknown},
        {"moved", 302, "", authorize, unknown},
        {"captured", 200, R"({"id":"pi_1","status":"succeeded","amount_received":100})", capture,
         approved},
        {"another amount", 200, R"({"id":"pi_1","status":"succeeded","amount_received":50})",
         capture, declined, "captured_elsewhere"},
        {"captured before", 400,
         R"({"error":{"code":"payment_intent_unexpected_state","payment_intent":{"id":"pi_1","status":"succeeded","amount_received":100}}})",
         capture, approved},
        {"gone", 400,
         R"({"error":{"code":"payment_intent_unexpected_state","payment_intent":{"id":"pi_1","status":"canceled"}}})",
         capture, declined, "payment_intent_unexpected_state"},
        {"voided", 200, R"({"id":"pi_1","status":"canceled"})", void_, approved},
        {"voided before", 400,
         R"({"error":{"code":"payment_intent_unexpected_state","payment_intent":{"id":"pi_1","status":"canceled"}}})",
         void_, approved},
        {"refunded", 200, R"({"id":"re_1","status":"succeeded"})", refund, approved},
        {"pending", 200, R"({"id":"re_1","status":"pending"})", refund, unknown},
        {"failed", 200, R"({"id":"re_1","status":"failed","failure_reason":"lost_or_stolen_card"})",
         refund, declined, "lost_or_stolen_card"},
        {"no such", 404, R"({"error":{"code":"resource_missing"}})", refund, declined,
         "resource_missing"},
    };
    for (const auto& one : cases) {
        auto heard = told_by(Reply{one.status, one.body}, one.deed, 100);
        EXPECT_EQ(heard.verdict, one.verdict) << one.why;
        EXPECT_EQ(heard.code.value_or(""), one.code) << one.why;
    }
}

TEST(StripeAnswers, are_looked_for_by_the_operation_they_carry) {
    Uuid id{0x7000, 1};
    auto marked = R"("metadata":{"operation_id":")" + to_string(id) + R"("}})";
    auto page = R"({"data":[{"id":"pi_9","status":"succeeded","metadata":{}},)"
                R"({"id":"pi_1","status":"succeeded",)" +
                marked + "]}";
    EXPECT_EQ(found_intent({200, page}, id).reference, "pi_1");
    EXPECT_EQ(found_intent({200, page}, Uuid{1, 1}).verdict, Verdict::absent);
    EXPECT_EQ(found_intent({200, R"({"data":[]})"}, id).verdict, Verdict::absent);
    EXPECT_EQ(found_intent({500, ""}, id).verdict, Verdict::unknown);
    page = R"({"data":[{"id":"re_1","status":"succeeded",)" + marked + "]}";
    EXPECT_EQ(found_refund({200, page}, id).verdict, Verdict::approved);
    EXPECT_EQ(found_refund({200, page}, Uuid{1, 1}).verdict, Verdict::absent);
    EXPECT_EQ(read_intent({200, R"({"id":"pi_1","status":"requires_capture"})"}, Deed::capture, 1)
                  .verdict,
              Verdict::absent);
}

TEST(StripeMessages, are_believed_with_any_good_signature_within_five_minutes) {
    const std::string secret = "whsec_x", body = R"({"id":"evt_1"})";
    auto at = [&](std::int64_t time_s) {
        return auth::hex(auth::hmac_sha256(secret, std::to_string(time_s) + "." + body));
    };
    auto now = Time{} + seconds(1'000'000);
    EXPECT_TRUE(signature_holds(secret, "t=1000000,v1=" + at(1'000'000), body, now));
    EXPECT_TRUE(
        signature_holds(secret, "t=1000000,v1=00,v1=" + at(1'000'000) + ",v0=00", body, now));
    EXPECT_TRUE(signature_holds(secret, "t=999700,v1=" + at(999'700), body, now));
    EXPECT_FALSE(signature_holds(secret, "t=999699,v1=" + at(999'699), body, now));
    EXPECT_FALSE(signature_holds(secret, "t=1000301,v1=" + at(1'000'301), body, now));
    EXPECT_FALSE(signature_holds(secret, "t=1000001,v1=" + at(1'000'000), body, now));
    EXPECT_FALSE(signature_holds(secret, "t=1000000,v0=" + at(1'000'000), body, now));
    EXPECT_FALSE(signature_holds("whsec_y", "t=1000000,v1=" + at(1'000'000), body, now));
    EXPECT_FALSE(signature_holds(secret, "", body, now));
    EXPECT_FALSE(signature_holds(secret, ",,t=,v1=", body, now));
}

TEST(StripeMessages, name_the_operation_and_the_intent) {
    auto event = event_of(
        R"({"id":"evt_1","type":"refund.updated","data":{"object":{"id":"re_1","object":"refund",)"
        R"("payment_intent":"pi_1","metadata":{"operation_id":"01980000-0000-7000-8000-000000000000"}}}})");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->intent, "pi_1");
    EXPECT_TRUE(event->operation);
    event =
        event_of(R"({"id":"evt_1","type":"payment_intent.canceled","data":{"object":{"id":"pi_1",)"
                 R"("object":"payment_intent","metadata":{}}}})");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->intent, "pi_1");
    EXPECT_FALSE(event->operation);
    EXPECT_FALSE(event_of("{"));
    EXPECT_FALSE(event_of(
        R"({"id":"evt_1","type":"payout.paid","data":{"object":{"id":"po_1","object":"payout"}}})"));
}

}  // namespace
}  // namespace stateset::payments::stripe
