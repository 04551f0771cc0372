#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "orders/lifecycle.hpp"
#include "orders/pricing.hpp"
#include "orders/sums.hpp"

namespace stateset::orders {
namespace {

const Currency usd = *currency_from("USD");

template <class E>
std::vector<E> every() {
    std::vector<E> all;
    for (std::size_t i = 0; i < reflect::enumerators<E>.size(); ++i) {
        if (!reflect::enumerators<E>[i].empty()) all.push_back(static_cast<E>(i));
    }
    return all;
}

// Where each action leads from each status, column by column as the domain tells it; "-" is
// refused.
struct Row {
    Status from;
    std::string_view process, hold, release, ship_part, ship, deliver, cancel, reservations_expire;
};
constexpr Row matrix[] = {
    {Status::pending, "processing", "on_hold", "-", "-", "-", "-", "cancelled", "-"},
    {Status::processing, "-", "on_hold", "-", "partially_shipped", "shipped", "-", "cancelled",
     "pending"},
    {Status::on_hold, "-", "-", "processing", "-", "-", "-", "cancelled", "-"},
    {Status::partially_shipped, "-", "-", "-", "partially_shipped", "shipped", "-", "-", "-"},
    {Status::shipped, "-", "-", "-", "-", "-", "delivered", "-", "-"},
    {Status::delivered, "-", "-", "-", "-", "-", "-", "-", "-"},
    {Status::cancelled, "-", "-", "-", "-", "-", "-", "-", "-"},
};

std::string moved(Status from, Action action) {
    Order order{.status = from};
    if (from == Status::on_hold) order.held_from.value = Status::processing;
    try {
        move(order, action);
    } catch (const Refusal& refusal) {
        EXPECT_EQ(refusal.code().name, "illegal_transition");
        EXPECT_EQ(order.status, from) << "a refused move changes nothing";
        return "-";
    }
    EXPECT_EQ(order.status == Status::on_hold, order.held_from.value.has_value());
    return std::string(reflect::name(order.status));
}

TEST(OrderLifecycle, every_action_in_every_status_leads_where_the_domain_says) {
    ASSERT_EQ(std::size(matrix), every<Status>().size());
    for (const auto& row : matrix) {
        const std::string_view expected[] = {
            row.process, row.hold,    row.release, row.ship_part,
            row.ship,    row.deliver, row.cancel,  row.reservations_expire};
        ASSERT_EQ(std::size(expected), every<Action>().size());
        for (auto action : every<Action>()) {
            EXPECT_EQ(moved(row.from, action), expected[static_cast<std::size_t>(action)])
                << reflect::name(row.from) << " " << reflect::name(action);
        }
    }
}

TEST(OrderLifecycle, release_goes_back_to_where_the_order_was) {
    for (auto before : {Status::pending, Status::processing}) {
        Order order{.status = before};
        move(order, Action::hold);
        EXPECT_EQ(order.held_from.value, before);
        move(order, Action::release);
        EXPECT_EQ(order.status, before);
        EXPECT_FALSE(order.held_from.value);
    }
}

TEST(OrderLifecycle, cancelling_a_held_order_forgets_where_it_was) {
    Order order{.status = Status::processing};
    move(order, Action::hold);
    move(order, Action::cancel);
    EXPECT_EQ(order.status, Status::cancelled);
    EXPECT_FALSE(order.held_from.value);
}

TEST(OrderSums, payment_status_follows_the_payments) {
    struct {
        PaymentSums sums;
        PaymentStatus expected;
    } const table[] = {
        {{.due = 100}, PaymentStatus::unpaid},
        {{.due = 100, .processing = 100}, PaymentStatus::processing},
        {{.due = 100, .processing = 40, .authorized = 60}, PaymentStatus::processing},
        {{.due = 100, .authorized = 100}, PaymentStatus::authorized},
        {{.due = 100, .authorized = 100, .any_failed = true}, PaymentStatus::authorized},
        {{.due = 100, .captured = 99}, PaymentStatus::partially_paid},
        {{.due = 100, .processing = 1, .captured = 99}, PaymentStatus::partially_paid},
        {{.due = 100, .captured = 100}, PaymentStatus::paid},
        {{.due = 100, .captured = 120}, PaymentStatus::paid},
        {{.due = 100, .captured = 100, .any_failed = true}, PaymentStatus::paid},
        {{.due = 0}, PaymentStatus::paid},
        {{.due = 100, .captured = 100, .refunded = 1}, PaymentStatus::partially_refunded},
        {{.due = 100, .captured = 100, .refunded = 100}, PaymentStatus::refunded},
        {{.due = 100, .captured = 50, .refunded = 50}, PaymentStatus::refunded},
        {{.due = 100, .any_failed = true}, PaymentStatus::failed},
        {{.due = 100, .any_voided = true}, PaymentStatus::voided},
        {{.due = 100, .any_failed = true, .any_voided = true}, PaymentStatus::voided},
        {{.due = 100, .processing = 100, .any_failed = true}, PaymentStatus::processing},
    };
    std::set<PaymentStatus> seen;
    for (const auto& [sums, expected] : table) {
        EXPECT_EQ(reflect::name(payment_status(sums)), reflect::name(expected));
        seen.insert(expected);
    }
    EXPECT_EQ(seen.size(), every<PaymentStatus>().size()) << "each status has a row";
}

TEST(OrderSums, fulfillment_status_follows_the_lines) {
    struct {
        FulfillmentSums sums;
        FulfillmentStatus expected;
    } const table[] = {
        {{.ordered = 3}, FulfillmentStatus::unfulfilled},
        {{.ordered = 3, .reserved = 1}, FulfillmentStatus::partially_reserved},
        {{.ordered = 3, .reserved = 3}, FulfillmentStatus::reserved},
        {{.ordered = 3, .reserved = 2, .shipped = 1}, FulfillmentStatus::partially_fulfilled},
        {{.ordered = 3, .shipped = 2}, FulfillmentStatus::partially_fulfilled},
        {{.ordered = 3, .shipped = 3}, FulfillmentStatus::fulfilled},
        {{.ordered = 3, .shipped = 3, .returned = 1}, FulfillmentStatus::partially_returned},
        {{.ordered = 3, .reserved = 2, .shipped = 1, .returned = 1},
         FulfillmentStatus::partially_returned},
        {{.ordered = 3, .shipped = 3, .returned = 3}, FulfillmentStatus::returned},
    };
    std::set<FulfillmentStatus> seen;
    for (const auto& [sums, expected] : table) {
        EXPECT_EQ(reflect::name(fulfillment_status(sums)), reflect::name(expected));
        seen.insert(expected);
    }
    EXPECT_EQ(seen.size(), every<FulfillmentStatus>().size()) << "each status has a row";
}

TEST(OrderSums, reservations_expire_only_while_processing_unpaid_on_prepayment) {
    const Order processing{.status = Status::processing};
    const PaymentSums unpaid{.due = 100};
    EXPECT_TRUE(reservations_expire(processing, unpaid));
    EXPECT_TRUE(reservations_expire(processing, {.due = 100, .captured = 10}));
    EXPECT_TRUE(reservations_expire(processing, {.due = 100, .any_failed = true}));
    EXPECT_FALSE(reservations_expire(processing, {.due = 100, .processing = 90, .captured = 10}))
        << "a payment in flight pins them";
    EXPECT_FALSE(reservations_expire(processing, {.due = 100, .authorized = 100}));
    EXPECT_FALSE(reservations_expire(processing, {.due = 100, .captured = 100}));
    EXPECT_FALSE(reservations_expire(processing, {.due = 100, .captured = 100, .refunded = 5}));
    for (auto status : every<Status>()) {
        if (status == Status::processing) continue;
        EXPECT_FALSE(reservations_expire({.status = status}, unpaid)) << reflect::name(status);
    }
    EXPECT_FALSE(reservations_expire(
        {.status = Status::processing, .payment_terms = PaymentTerms::on_account}, unpaid));
}

Line line(std::int64_t unit_price, std::int64_t quantity, std::int64_t tax_rate = 0) {
    return {.quantity = quantity,
            .currency = usd,
            .unit_price = {unit_price, usd},
            .tax_rate = {tax_rate},
            .line_discount = {0, usd}};
}

Order totalled(std::vector<Line>& lines, std::int64_t discount = 0, std::int64_t shipping = 0) {
    Order order{
        .currency = usd, .shipping_total = {shipping, usd}, .order_discount = {discount, usd}};
    std::vector<Line*> all;
    for (auto& each : lines) all.push_back(&each);
    total_up(order, all);
    return order;
}

TEST(OrderPricing, totals_are_the_sums_of_the_lines) {
    std::vector<Line> lines{line(4999, 2), line(150, 3)};
    auto order = totalled(lines);
    EXPECT_EQ(to_string(lines[0].total), "99.98");
    EXPECT_EQ(to_string(order.subtotal), "104.48");
    EXPECT_EQ(to_string(order.total), "104.48");
    EXPECT_EQ(to_string(order.tax_total), "0.00");
}

TEST(OrderPricing, a_discount_is_spread_exactly_and_taxes_follow_it) {
    std::vector<Line> lines{line(1000, 1, 1900), line(1000, 1, 1900), line(1000, 1)};
    auto order = totalled(lines, 100, 450);
    EXPECT_EQ(lines[0].discount.minor + lines[1].discount.minor + lines[2].discount.minor, 100);
    EXPECT_EQ(lines[0].discount.minor, 34) << "the largest remainder, the first of equals";
    EXPECT_EQ(lines[0].tax.minor, 184);  // 966 × 0.19 = 183.54
    EXPECT_EQ(order.total.minor, 3000 - 100 + 184 + 184 + 450);
    EXPECT_EQ(lines[0].total.minor, 1000 - 34 + 184);
}

TEST(OrderPricing, a_discount_never_exceeds_the_subtotal) {
    std::vector<Line> lines{line(500, 1)};
    EXPECT_EQ(totalled(lines, 900).total.minor, 0);
    std::vector<Line> free{line(0, 5)};
    EXPECT_EQ(totalled(free, 900).discount_total.minor, 0);
}

TEST(OrderPricing, a_total_that_does_not_fit_is_refused_with_a_pointer) {
    for (auto lines : {std::vector{line(std::numeric_limits<std::int64_t>::max() / 2, 3)},
                       std::vector{line(std::numeric_limits<std::int64_t>::max() - 1, 1),
                                   line(std::numeric_limits<std::int64_t>::max() - 1, 1)}}) {
        try {
            totalled(lines);
            ADD_FAILURE() << "an impossible total was accepted";
        } catch (const Refusal& refusal) {
            EXPECT_EQ(refusal.code().status, 400);
            EXPECT_EQ(refusal.faults().at(0).pointer, "/items");
        }
    }
}

}  // namespace
}  // namespace stateset::orders
