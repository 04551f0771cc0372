// Which of several tax rates applies.

#include "taxes/taxes.hpp"

#include <gtest/gtest.h>

namespace stateset::taxes {
namespace {

Quantity percent(std::int64_t n) { return {n * 100}; }

Rule rule(std::optional<std::string> region, std::string category, std::int64_t rate) {
    return {.region = std::move(region), .category = std::move(category), .rate = percent(rate)};
}

const std::vector<Rule> rules{
    rule({}, "standard", 20), rule("North", "standard", 21), rule({}, "food", 5),
    rule("North", "food", 6), rule("South", "books", 9),
};

Quantity rate(const std::vector<Rule>& from, std::optional<std::string> region,
              std::string_view category, Date day = {20'000}) {
    const auto* found = most_specific(from, region, category, day);
    return found ? found->rate : Quantity{};
}

TEST(TaxRates, the_most_specific_one_applies) {
    struct Case {
        std::optional<std::string> region;
        std::string_view category;
        std::int64_t percent;
    };
    const Case cases[] = {
        {{}, "standard", 20},  {"North", "standard", 21}, {"South", "standard", 20},
        {{}, "food", 5},       {"North", "food", 6},      {"South", "food", 5},
        {"South", "books", 9}, {"North", "books", 21},    {{}, "books", 20},
        {"north", "food", 6},  {"NORTH", "toys", 21},     {"Northern", "toys", 20},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(rate(rules, one.region, one.category), percent(one.percent))
            << one.region.value_or("anywhere") << " " << one.category;
    }
}

TEST(TaxRates, where_there_is_none_nothing_is_added) {
    EXPECT_EQ(rate({}, "North", "food"), Quantity{});
    EXPECT_EQ(rate({rule("North", "standard", 21)}, {}, "standard"), Quantity{});
    EXPECT_EQ(rate({rule({}, "food", 5)}, {}, "books"), Quantity{});
    EXPECT_EQ(Table(nullptr, "North", {}).rate_for("food"), Quantity{});
}

TEST(TaxRates, a_rate_of_zero_is_a_rate) {
    EXPECT_EQ(rate({rule({}, "standard", 20), rule({}, "books", 0)}, {}, "books"), Quantity{});
}

TEST(TaxRates, a_rate_counts_from_its_first_to_its_last_day) {
    auto before = rule({}, "standard", 19), after = rule({}, "standard", 16);
    before.valid_until = Date{99};
    after.valid_from = Date{100};
    after.valid_until = Date{109};
    const std::vector<Rule> both{before, after};
    for (auto [day, wanted] : {std::pair{0, 19}, {99, 19}, {100, 16}, {109, 16}, {110, 0}}) {
        EXPECT_EQ(rate(both, {}, "standard", Date{day}), percent(wanted)) << day;
    }
}

}  // namespace
}  // namespace stateset::taxes
