// The pure parts: which days a term covers, what pieces are worth, and every move of the two
// lifecycles.

#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "warranties/lifecycle.hpp"
#include "warranties/term.hpp"

namespace stateset::warranties {
namespace {

std::string later(std::string_view day, std::int64_t months) {
    auto end = add_months(date_from(day).value(), months);
    return end ? to_string(*end) : "none";
}

TEST(WarrantyTerm, keeps_the_day_of_the_month_where_the_month_has_it) {
    struct Row {
        const char* from;
        std::int64_t months;
        const char* to;
    };
    const Row table[] = {
        {"2026-01-15", 1, "2026-02-15"},    {"2026-01-31", 1, "2026-02-28"},
        {"2028-01-31", 1, "2028-02-29"},    {"2100-01-31", 1, "2100-02-28"},
        {"2000-01-31", 1, "2000-02-29"},    {"2026-01-31", 2, "2026-03-31"},
        {"2026-01-31", 3, "2026-04-30"},    {"2026-08-31", 1, "2026-09-30"},
        {"2026-12-31", 1, "2027-01-31"},    {"2026-11-30", 3, "2027-02-28"},
        {"2024-02-29", 12, "2025-02-28"},   {"2024-02-29", 48, "2028-02-29"},
        {"2026-02-28", 1, "2026-03-28"},    {"2026-06-30", 24, "2028-06-30"},
        {"2026-05-01", 1200, "2126-05-01"}, {"9999-11-30", 1, "9999-12-30"},
        {"9999-12-01", 1, "none"},          {"9900-01-01", 1200, "none"},
    };
    for (const auto& row : table) {
        EXPECT_EQ(later(row.from, row.months), row.to) << row.from << " and " << row.months;
    }
}

TEST(WarrantyTerm, pieces_together_are_worth_the_line_and_never_more) {
    const auto usd = currency_from("USD").value();
    const std::tuple<std::int64_t, std::int64_t> lines[] = {{1000, 3},
                                                            {1, 7},
                                                            {0, 2},
                                                            {9999, 100},
                                                            {5, 1},
                                                            {500, 3},
                                                            {9'000'000'000'000'000, 1'000'000}};
    for (auto [total, quantity] : lines) {
        std::int64_t given = 0;
        const auto step = std::max<std::int64_t>(1, quantity / 100);
        for (std::int64_t before = 0; before < quantity; before += step) {
            auto pieces = std::min(step, quantity - before);
            given += share_of({total, usd}, quantity, before, pieces).minor;
            EXPECT_LE(given, total);
        }
        EXPECT_EQ(given, total) << quantity << " pieces";
        EXPECT_EQ(share_of({total, usd}, quantity, quantity, 1).minor, 0) << "nothing is left";
        EXPECT_EQ(share_of({total, usd}, quantity, 0, quantity + 5).minor, total);
        // Rounded up, for what may be asked for at most.
        auto most = share_of({total, usd}, quantity, quantity - 1, 1).minor;
        EXPECT_EQ(most, (total + quantity - 1) / quantity);
    }
}

TEST(WarrantyLifecycle, allows_exactly_these_moves_of_a_warranty) {
    using enum Status;
    const std::set<std::tuple<Status, Action, Status>> legal{
        {active, Action::extend, active},  {active, Action::expire, expired},
        {active, Action::void_, void_},    {active, Action::supersede, void_},
        {expired, Action::extend, active}, {expired, Action::supersede, void_}};
    int moves = 0;
    for (auto from : {active, void_, expired}) {
        for (auto action : {Action::extend, Action::expire, Action::void_, Action::supersede}) {
            auto to = move(lifecycle, from, action);
            if (to) {
                ++moves;
                EXPECT_TRUE(legal.contains({from, action, *to}));
            } else {
                EXPECT_THROW(next(lifecycle, from, action), Refusal);
            }
        }
    }
    EXPECT_EQ(moves, 6);
}

TEST(WarrantyLifecycle, allows_exactly_these_moves_of_a_claim) {
    using enum ClaimStatus;
    using Act = ClaimAction;
    const std::set<std::tuple<ClaimStatus, Act, ClaimStatus>> legal{
        {submitted, Act::review, under_review},   {submitted, Act::approve, approved},
        {submitted, Act::reject, rejected},       {submitted, Act::withdraw, withdrawn},
        {under_review, Act::approve, approved},   {under_review, Act::reject, rejected},
        {under_review, Act::withdraw, withdrawn}, {approved, Act::resolve, resolved}};
    int moves = 0;
    for (auto from : {submitted, under_review, approved, rejected, withdrawn, resolved}) {
        for (auto action : {Act::review, Act::approve, Act::reject, Act::withdraw, Act::resolve}) {
            auto to = move(claim_lifecycle, from, action);
            moves += to.has_value();
            if (to) {
                EXPECT_TRUE(legal.contains({from, action, *to}));
            }
        }
    }
    EXPECT_EQ(moves, 8);
}

}  // namespace
}  // namespace stateset::warranties
