#include "payments/payments.hpp"

#include <gtest/gtest.h>

#include <set>

#include "payments/lifecycle.hpp"

namespace stateset::payments {
namespace {

const Currency usd = *currency_from("USD");
Money dollars(std::int64_t minor) { return {minor, usd}; }

template <class E>
std::vector<E> every() {
    std::vector<E> all;
    for (std::size_t i = 0; i < reflect::enumerators<E>.size(); ++i) {
        if (!reflect::enumerators<E>[i].empty()) all.push_back(static_cast<E>(i));
    }
    return all;
}

TEST(PaymentLifecycle, allows_exactly_the_moves_of_its_table) {
    using enum Status;
    const std::set<std::tuple<Status, Action, Status>> legal{
        {processing, Action::authorize, authorized},
        {processing, Action::capture, captured},
        {processing, Action::decline, failed},
        {authorized, Action::capture, captured},
        {authorized, Action::void_, voided},
        {captured, Action::refund_part, partially_refunded},
        {captured, Action::refund_all, refunded},
        {partially_refunded, Action::refund_part, partially_refunded},
        {partially_refunded, Action::refund_all, refunded}};
    std::size_t moves = 0;
    for (auto from : every<Status>()) {
        for (auto action : every<Action>()) {
            auto to = move(lifecycle, from, action);
            if (!to) {
                EXPECT_THROW(next(lifecycle, from, action), Refusal);
                continue;
            }
            ++moves;
            EXPECT_TRUE(legal.contains({from, action, *to}))
                << reflect::name(from) << " " << reflect::name(action);
        }
    }
    EXPECT_EQ(moves, legal.size());
}

TEST(PaymentLifecycle, a_refund_ends_once) {
    for (auto action : every<RefundAction>()) {
        EXPECT_TRUE(move(refund_lifecycle, RefundStatus::processing, action));
        EXPECT_FALSE(move(refund_lifecycle, RefundStatus::succeeded, action));
        EXPECT_FALSE(move(refund_lifecycle, RefundStatus::failed, action));
    }
}

TEST(PaymentRules, count_against_what_is_owed_while_they_may_still_arrive) {
    Payment payment{.currency = usd,
                    .amount = dollars(1000),
                    .captured = dollars(0),
                    .refunded = dollars(0),
                    .refunding = dollars(0)};
    EXPECT_EQ(counted(payment), dollars(1000));
    payment.status = Status::authorized;
    EXPECT_EQ(counted(payment), dollars(1000));
    payment.status = Status::failed;
    EXPECT_EQ(counted(payment), dollars(0));
    payment.status = Status::voided;
    EXPECT_EQ(counted(payment), dollars(0));
    payment.status = Status::captured;
    payment.captured = dollars(800);
    EXPECT_EQ(counted(payment), dollars(800));
    payment.status = Status::refunded;
    payment.refunded = dollars(800);
    EXPECT_EQ(counted(payment), dollars(800)) << "what was refunded is not owed again";
}

TEST(PaymentRules, can_be_refunded_as_far_as_captured_and_not_already_on_its_way_back) {
    Payment payment{.currency = usd,
                    .amount = dollars(1000),
                    .captured = dollars(1000),
                    .refunded = dollars(300),
                    .refunding = dollars(200)};
    EXPECT_EQ(refundable(payment), dollars(500));
}

TEST(PaymentRules, never_show_the_token) {
    Payment payment{.currency = usd,
                    .amount = dollars(1000),
                    .captured = dollars(0),
                    .refunded = dollars(0),
                    .refunding = dollars(0)};
    payment.method.token.value = "tok_secret";
    auto shown = json::to_text(payment);
    EXPECT_EQ(shown.find("tok_secret"), shown.npos) << shown;
    EXPECT_NE(shown.find(R"("method":{"type":"card"})"), shown.npos) << shown;
    auto row = store::to_row(payment);
    EXPECT_EQ(store::from_row<Payment>(row).method.token.value, "tok_secret");
}

}  // namespace
}  // namespace stateset::payments
