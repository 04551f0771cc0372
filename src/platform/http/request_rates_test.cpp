#include "platform/http/request_rates.hpp"

#include <gtest/gtest.h>

namespace stateset::http {
namespace {

using namespace std::chrono_literals;

TEST(Buckets, a_burst_passes_and_the_next_waits) {
    Buckets buckets({.per_second = 10, .burst = 3}, 100);
    Buckets::Clock::time_point now{1h};
    for (int left = 2; left >= 0; --left) {
        auto verdict = buckets.take("ada", now);
        EXPECT_TRUE(verdict.passes);
        EXPECT_EQ(verdict.remaining, left);
    }
    auto verdict = buckets.take("ada", now);
    EXPECT_FALSE(verdict.passes);
    EXPECT_EQ(verdict.wait, 100ms);
    EXPECT_TRUE(buckets.take("bob", now).passes) << "everybody has a bucket of their own";
}

TEST(Buckets, refill_at_their_rate_and_no_further_than_the_burst) {
    Buckets buckets({.per_second = 10, .burst = 3}, 100);
    Buckets::Clock::time_point now{1h};
    while (buckets.take("ada", now).passes) {
    }
    EXPECT_FALSE(buckets.take("ada", now + 99ms).passes);
    EXPECT_TRUE(buckets.take("ada", now + 100ms).passes);
    EXPECT_FALSE(buckets.take("ada", now + 100ms).passes);
    EXPECT_EQ(buckets.take("ada", now + 1h).remaining, 2);
}

TEST(Buckets, refused_requests_cost_nothing) {
    Buckets buckets({.per_second = 10, .burst = 1}, 100);
    Buckets::Clock::time_point now{1h};
    EXPECT_TRUE(buckets.take("ada", now).passes);
    for (int i = 0; i < 50; ++i) EXPECT_FALSE(buckets.take("ada", now).passes);
    EXPECT_TRUE(buckets.take("ada", now + 100ms).passes);
}

TEST(Buckets, hold_a_bounded_number) {
    Buckets buckets({.per_second = 1, .burst = 2}, 1'000);
    Buckets::Clock::time_point now{1h};
    for (int i = 0; i < 20'000; ++i) buckets.take("caller " + std::to_string(i), now);
    EXPECT_LE(buckets.held(), 1'100U);
}

TEST(RequestRates, one_ipv6_network_is_one_subscriber) {
    EXPECT_EQ(subscriber("2001:db8::1"), subscriber("2001:db8:0:0:ffff::2"));
    EXPECT_NE(subscriber("2001:db8::1"), subscriber("2001:db8:0:1::1"));
    EXPECT_NE(subscriber("127.0.0.1"), subscriber("127.0.0.2"));
}

TEST(RequestRates, say_what_is_left_in_the_headers) {
    RequestRates rates({.caller = {.per_second = 2, .burst = 4}});
    Actor ada{.kind = Actor::Kind::user, .id = {1, 2}};
    Response answer;
    EXPECT_EQ(rates.caller(ada, {}, &answer), 0);
    ASSERT_EQ(answer.headers.size(), 2U);
    EXPECT_EQ(answer.headers[0].value, "\"caller\";q=4;w=2");
    EXPECT_EQ(answer.headers[1].value, "\"caller\";r=3;t=1");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(rates.caller(ada, {}, nullptr), 0);
    EXPECT_EQ(rates.caller(ada, {}, nullptr), 1) << "seconds to wait";
}

}  // namespace
}  // namespace stateset::http
