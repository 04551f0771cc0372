#include "returns/returns.hpp"

#include <gtest/gtest.h>

#include "returns/lifecycle.hpp"
#include "returns/worth.hpp"

namespace stateset::returns {
namespace {

const Currency usd = *currency_from("USD");
Money cents(std::int64_t minor) { return {minor, usd}; }

constexpr int statuses = 7, actions = 6;

// What every action makes of every status, in the order of the enumeration; `-` is refused.
TEST(ReturnLifecycle, knows_every_status_and_action) {
    constexpr std::string_view refused = "-";
    const std::map<std::string_view, std::array<std::string_view, actions>> expected{
        // approve, reject, receive, inspect, complete, cancel
        {"requested", {"approved", "rejected", "-", "-", "-", "cancelled"}},
        {"approved", {"-", "-", "received", "-", "-", "cancelled"}},
        {"received", {"-", "-", "-", "inspected", "-", "-"}},
        {"inspected", {"-", "-", "-", "-", "completed", "-"}},
        {"completed", {"-", "-", "-", "-", "-", "-"}},
        {"rejected", {"-", "-", "-", "-", "-", "-"}},
        {"cancelled", {"-", "-", "-", "-", "-", "-"}},
    };
    for (int s = 0; s < statuses; ++s) {
        auto from = static_cast<Status>(s);
        for (int a = 0; a < actions; ++a) {
            auto to = move(lifecycle, from, static_cast<Action>(a));
            EXPECT_EQ(to ? reflect::name(*to) : refused,
                      expected.at(reflect::name(from))[static_cast<std::size_t>(a)])
                << reflect::name(from) << " × " << reflect::name(static_cast<Action>(a));
        }
    }
}

TEST(ReturnLifecycle, writes_what_happened_and_what_was_said) {
    Return goods;
    progress(goods, Action::approve, Time{1}, Text<500, 0>{"within 30 days"});
    progress(goods, Action::receive, Time{2}, {});
    ASSERT_EQ(goods.history.size(), 2u);
    EXPECT_EQ(goods.history[0].note, "within 30 days");
    EXPECT_EQ(goods.history[1].status, Status::received);
    EXPECT_THROW(progress(goods, Action::cancel, Time{3}, {}), Refusal);
    EXPECT_EQ(goods.history.size(), 2u);
}

TEST(ReturnedPieces, claim_what_was_announced_until_they_arrive) {
    EXPECT_EQ(claimed({.quantity = 3}), 3);
    EXPECT_EQ(claimed({.quantity = 3, .received = 1}), 1);
    EXPECT_EQ(claimed({.quantity = 3, .received = 0}), 0);
    for (auto status : {Status::requested, Status::approved, Status::received, Status::inspected,
                        Status::completed}) {
        EXPECT_TRUE(claims({.status = status})) << reflect::name(status);
    }
    EXPECT_FALSE(claims({.status = Status::rejected}));
    EXPECT_FALSE(claims({.status = Status::cancelled}));
}

struct Part {
    std::int64_t total, quantity, before, given, pieces, worth;
};

TEST(WorthOfPieces, is_their_share_of_what_the_line_was_sold_for) {
    constexpr std::int64_t most = INT64_MAX;
    const Part table[] = {
        // total, quantity, pieces before and what they were worth, pieces now: worth
        {1000, 4, 0, 0, 4, 1000},
        {1000, 4, 0, 0, 1, 250},
        {1000, 3, 0, 0, 1, 333},
        {1000, 3, 1, 333, 1, 333},
        {1000, 3, 2, 666, 1, 334},  // the last takes the rest
        {1000, 3, 1, 333, 2, 667},
        {4993, 5, 1, 998, 3, 2996},
        {4993, 5, 4, 3994, 1, 999},
        {1, 3, 0, 0, 2, 0},
        {1, 3, 2, 0, 1, 1},
        {0, 3, 0, 0, 3, 0},
        {1000, 3, 0, 0, 0, 0},
        {1000, 3, 3, 1000, 0, 0},
        // The line became smaller since: never less than nothing, never more than is left.
        {600, 3, 1, 400, 1, 0},
        {600, 3, 2, 400, 1, 200},
        {most, 1'000'000, 0, 0, 1'000'000, most},
        {most, 1'000'000, 0, 0, 1, 9'223'372'036'854},
    };
    for (const auto& row : table) {
        orders::Line line{.quantity = row.quantity, .currency = usd, .total = cents(row.total)};
        EXPECT_EQ(worth(line, {row.before, cents(row.given)}, row.pieces).minor, row.worth)
            << row.pieces << " after " << row.before << " of " << row.quantity << " for "
            << row.total;
    }
}

TEST(WorthOfPieces, adds_up_to_the_total_however_they_come_back) {
    for (std::int64_t total : {0, 1, 7, 99, 100, 101, 4993}) {
        for (std::int64_t quantity = 1; quantity <= 6; ++quantity) {
            orders::Line line{.quantity = quantity, .currency = usd, .total = cents(total)};
            for (int cuts = 0; cuts < 1 << (quantity - 1); ++cuts) {
                Earlier earlier{0, cents(0)};
                std::int64_t pieces = 0;
                for (std::int64_t at = 1; at <= quantity; ++at) {
                    ++pieces;
                    if (at < quantity && !(cuts >> (at - 1) & 1)) continue;
                    earlier.value += worth(line, earlier, pieces);
                    earlier.pieces += std::exchange(pieces, 0);
                }
                EXPECT_EQ(earlier.value, cents(total)) << quantity << " cut as " << cuts;
            }
        }
    }
}

TEST(RefundOfAReturn, stands_as_its_sums_say) {
    struct Row {
        std::int64_t amount, refunded, refunding;
        RefundProgress progress;
    };
    const Row table[] = {
        {0, 0, 0, RefundProgress::none},
        {500, 0, 500, RefundProgress::processing},
        {500, 300, 200, RefundProgress::processing},
        {500, 0, 200, RefundProgress::processing},
        {500, 500, 0, RefundProgress::succeeded},
        {500, 0, 0, RefundProgress::failed},
        {500, 300, 0, RefundProgress::failed},
    };
    for (const auto& row : table) {
        Return goods{.currency = usd,
                     .refund_amount = cents(row.amount),
                     .refunded = cents(row.refunded),
                     .refunding = cents(row.refunding)};
        EXPECT_EQ(refund_progress(goods), row.progress)
            << row.amount << ", " << row.refunded << " given, " << row.refunding << " under way";
    }
}

}  // namespace
}  // namespace stateset::returns
