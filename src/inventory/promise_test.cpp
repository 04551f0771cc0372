// What can be promised by a day is what is free, less what is owed, plus what comes until then.

#include "inventory/promise.hpp"

#include <gtest/gtest.h>

namespace stateset::inventory {
namespace {

constexpr Date today{20'000};

Supply on_day(std::int64_t days_from_now, std::int64_t quantity) {
    return {.kind = SupplyKind::transfer,
            .due_on = Date{today.days + days_from_now},
            .quantity = Quantity::of(quantity)};
}

Supply some_day(std::int64_t quantity) {
    return {.kind = SupplyKind::work_order, .quantity = Quantity::of(quantity)};
}

TEST(Promise, counts_what_comes_until_the_day) {
    Outlook outlook{.available = Quantity::of(4),
                    .supplies = {on_day(5, 10), on_day(2, 3), some_day(100)}};
    struct Row {
        std::optional<Date> by;
        std::int64_t promisable;
    };
    for (auto [by, promisable] :
         {Row{today, 4}, Row{Date{today.days + 1}, 4}, Row{Date{today.days + 2}, 7},
          Row{Date{today.days + 4}, 7}, Row{Date{today.days + 5}, 17}, Row{std::nullopt, 17}}) {
        EXPECT_EQ(promisable_by(outlook, today, by), Quantity::of(promisable));
    }
}

TEST(Promise, says_the_first_day_on_which_there_is_enough) {
    Outlook outlook{.available = Quantity::of(4),
                    .supplies = {on_day(5, 10), on_day(2, 3), some_day(100)}};
    EXPECT_EQ(earliest(outlook, today, Quantity::of(4)), today);
    EXPECT_EQ(earliest(outlook, today, Quantity::of(5)), Date{today.days + 2});
    EXPECT_EQ(earliest(outlook, today, Quantity::of(8)), Date{today.days + 5});
    EXPECT_EQ(earliest(outlook, today, Quantity::of(18)), std::nullopt);
}

TEST(Promise, serves_those_who_wait_first) {
    Outlook outlook{.available = Quantity::of(1),
                    .backordered = Quantity::of(6),
                    .supplies = {on_day(2, 3), on_day(3, 4)}};
    EXPECT_EQ(promisable_by(outlook, today, today), Quantity{});
    EXPECT_EQ(promisable_by(outlook, today, Date{today.days + 2}), Quantity{});
    EXPECT_EQ(promisable_by(outlook, today, Date{today.days + 3}), Quantity::of(2));
    EXPECT_EQ(earliest(outlook, today, Quantity::of(1)), Date{today.days + 3});
}

TEST(Promise, takes_what_is_late_as_coming_today) {
    Outlook outlook{.supplies = {on_day(-3, 2)}};
    EXPECT_EQ(promisable_by(outlook, today, today), Quantity::of(2));
    EXPECT_EQ(earliest(outlook, today, Quantity::of(2)), today);
}

}  // namespace
}  // namespace stateset::inventory
