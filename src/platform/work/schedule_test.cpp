#include "platform/work/schedule.hpp"

#include <gtest/gtest.h>

namespace stateset::work {
namespace {

TEST(Schedules, has_ten_attempts_and_then_none) {
    Span waits[] = {{},       seconds(5), minutes(5), minutes(30), hours(2),
                    hours(5), hours(10),  hours(14),  hours(20),   hours(24)};
    for (std::int64_t failures = 0; failures < 10; ++failures) {
        EXPECT_EQ(wait_after(standard_schedule, failures, 0, {}), waits[failures]) << failures;
    }
    EXPECT_FALSE(wait_after(standard_schedule, 10, 0, {}));
}

TEST(Schedules, spreads_waits_by_at_most_a_tenth) {
    EXPECT_EQ(wait_after(standard_schedule, 1, 1, {}), milliseconds(5500));
    EXPECT_EQ(wait_after(standard_schedule, 1, 0.5, {}), milliseconds(5250));
}

TEST(Schedules, waits_as_long_as_it_is_asked_to_for_at_most_a_day) {
    EXPECT_EQ(wait_after(standard_schedule, 1, 0, seconds(60)), seconds(60));
    EXPECT_EQ(wait_after(standard_schedule, 2, 0, seconds(60)), minutes(5));
    EXPECT_EQ(wait_after(standard_schedule, 1, 0, hours(1000)), hours(24));
    EXPECT_FALSE(wait_after(standard_schedule, 10, 0, seconds(60)));
}

TEST(Schedules, is_read_from_text_with_units) {
    EXPECT_EQ(schedule_from("0,50ms,5s,5m,2h,7"),
              (Schedule{{}, milliseconds(50), seconds(5), minutes(5), hours(2), seconds(7)}));
    for (auto wrong : {"", "5x", "-1s", "1,,2", "25h", "1s ", "99999999999999999999"}) {
        EXPECT_THROW(schedule_from(wrong), std::runtime_error) << wrong;
    }
}

TEST(Schedules, understands_both_forms_of_retry_after) {
    auto now = *time_from("2026-11-22T10:15:30Z");
    EXPECT_EQ(retry_after_from("120", now), seconds(120));
    EXPECT_EQ(retry_after_from("Sun, 22 Nov 2026 10:16:00 GMT", now), seconds(30));
    EXPECT_EQ(retry_after_from("Sun, 22 Nov 2026 10:00:00 GMT", now), Span{});
    for (auto wrong : {"", "soon", "-5", "12 s"}) EXPECT_FALSE(retry_after_from(wrong, now));
}

}  // namespace
}  // namespace stateset::work
