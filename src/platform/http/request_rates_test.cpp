#include "platform/http/request_rates.hpp"

#include <gtest/gtest.h>

namespace stateset::http {
namespace {

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
