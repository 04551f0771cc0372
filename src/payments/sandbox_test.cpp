#include "payments/sandbox.hpp"

#include <gtest/gtest.h>

#include <future>

#include "platform/store/memory_store.hpp"

namespace stateset::payments {
namespace {

const Currency usd = *currency_from("USD");
Money dollars(std::int64_t minor) { return {minor, usd}; }
Uuid call(std::uint64_t number) { return {0x7000, number}; }

class SandboxGateway : public ::testing::Test {
  protected:
    template <class F>
    Heard told(F ask) {
        std::promise<Heard> promise;
        ask([&](const Heard& heard) { promise.set_value(heard); });
        return promise.get_future().get();
    }
    Heard authorize(std::uint64_t id, std::string token, bool capture = true) {
        return told(
            [&](auto done) { sandbox.authorize({call(id), dollars(1000), token, capture}, done); });
    }
    Heard ask(std::uint64_t id) {
        return told([&](auto done) { sandbox.ask({.operation = call(id)}, done); });
    }
    Heard capture(std::uint64_t id, const std::string& of, std::int64_t minor = 1000) {
        return told([&](auto done) { sandbox.capture({call(id), of, dollars(minor)}, done); });
    }
    Heard void_(std::uint64_t id, const std::string& of) {
        return told([&](auto done) { sandbox.void_({call(id), of, dollars(1000)}, done); });
    }
    Heard refund(std::uint64_t id, const std::string& of, std::int64_t minor) {
        return told([&](auto done) { sandbox.refund({call(id), of, dollars(minor)}, done); });
    }

    Committer committer{std::make_unique<store::MemoryStore>(), {}};
    Sandbox sandbox{committer};
};

TEST_F(SandboxGateway, approves_tok_ok_and_names_the_charge) {
    auto heard = authorize(1, "tok_ok");
    EXPECT_EQ(heard.verdict, Verdict::approved);
    EXPECT_TRUE(heard.reference);
}

TEST_F(SandboxGateway, declines_with_the_code_of_the_token) {
    EXPECT_EQ(authorize(1, "tok_declined").code, "card_declined");
    EXPECT_EQ(authorize(2, "tok_insufficient_funds").code, "insufficient_funds");
    EXPECT_EQ(authorize(3, "tok_nobody_knows").code, "invalid_token");
}

TEST_F(SandboxGateway, gives_no_answer_first_and_the_truth_when_asked) {
    EXPECT_EQ(authorize(1, "tok_timeout").verdict, Verdict::unknown);
    EXPECT_EQ(ask(1).verdict, Verdict::approved);
    EXPECT_EQ(authorize(2, "tok_timeout_declined").verdict, Verdict::unknown);
    EXPECT_EQ(ask(2).verdict, Verdict::declined);
}

TEST_F(SandboxGateway, says_absent_of_a_call_that_it_never_got) {
    EXPECT_EQ(ask(9).verdict, Verdict::absent);
}

TEST_F(SandboxGateway, charges_once_however_often_it_is_called) {
    auto first = authorize(1, "tok_ok");
    auto again = authorize(1, "tok_ok");
    EXPECT_EQ(first.reference, again.reference);
    auto refunded = refund(2, *first.reference, 1000);
    EXPECT_EQ(refunded.verdict, Verdict::approved);
    EXPECT_EQ(refund(2, *first.reference, 1000).reference, refunded.reference);
    EXPECT_EQ(refund(3, *first.reference, 1).code, "amount_too_large");
}

TEST_F(SandboxGateway, refunds_no_more_than_it_captured) {
    auto held = *authorize(1, "tok_ok", false).reference;
    EXPECT_EQ(refund(2, held, 1).code, "amount_too_large");
    EXPECT_EQ(capture(3, held, 400).verdict, Verdict::approved);
    EXPECT_EQ(refund(4, held, 401).code, "amount_too_large");
    EXPECT_EQ(refund(5, held, 400).verdict, Verdict::approved);
}

TEST_F(SandboxGateway, captures_or_voids_an_authorization_once) {
    auto held = *authorize(1, "tok_ok", false).reference;
    EXPECT_EQ(void_(2, held).verdict, Verdict::approved);
    EXPECT_EQ(capture(3, held).code, "charge_not_possible");
    auto other = *authorize(4, "tok_ok", false).reference;
    EXPECT_EQ(capture(5, other).verdict, Verdict::approved);
    EXPECT_EQ(void_(6, other).code, "charge_not_possible");
    EXPECT_EQ(capture(7, "sbx_none").code, "unknown_charge");
}

}  // namespace
}  // namespace stateset::payments
