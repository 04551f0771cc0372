#include "platform/redis/failures.hpp"

#include <gtest/gtest.h>

#include "identity/throttle.hpp"
#include "platform/redis/redis_testing.hpp"

namespace stateset::redis {
namespace {

using identity::Throttle;

// One of several instances: what it counts for itself, and together with the others.
struct Counter {
    Link link;
    CountedFailures shared;
    Throttle throttle;

    explicit Counter(const Address& address, CountedFailures::Options options = {})
        : link(address, {.patience = 1s, .connect_timeout = 1s}), shared(link, options) {
        EXPECT_TRUE(link.wait_until_up(5s));
        throttle.share(&shared);
    }
};

CountedFailures::Options patient() { return {.patience = 1s}; }

TEST(CountedFailures, ten_over_two_instances_are_enough_for_both) {
    TestServer server;
    Counter one(server.address(), patient()), two(server.address(), patient());
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(one.throttle.wait_s("ada"), 0) << i;
        one.throttle.failed("ada");
        EXPECT_EQ(two.throttle.wait_s("ada"), 0) << i;
        two.throttle.failed("ada");
    }
    for (auto* counter : {&one, &two}) {
        EXPECT_TRUE(becomes_true([&] { return counter->throttle.wait_s("ada") > 0; }, 1s));
        EXPECT_LE(counter->throttle.wait_s("ada"), 60);
        EXPECT_GE(counter->throttle.wait_s("ada"), 50);
        EXPECT_EQ(counter->throttle.wait_s("bob"), 0);
    }
}

TEST(CountedFailures, a_name_may_try_again_when_its_window_is_over) {
    TestServer server;
    Counter one(server.address(), {.most = 2, .window = 1s, .patience = 1s});
    one.shared.failed("ada");
    one.shared.failed("ada");
    ASSERT_TRUE(becomes_true([&] { return one.shared.wait_s("ada") == 1; }, 900ms));
    EXPECT_TRUE(becomes_true([&] { return one.shared.wait_s("ada") == 0; }, 5s));
}

TEST(CountedFailures, each_instance_counts_on_when_redis_is_lost) {
    TestServer server;
    Counter one(server.address()), two(server.address());
    server.kill();
    ASSERT_TRUE(becomes_true([&] { return !one.link.up() && !two.link.up(); }, 2s));
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(one.throttle.wait_s("ada"), 0) << i;
        one.throttle.failed("ada");
    }
    EXPECT_GT(one.throttle.wait_s("ada"), 50) << "its own limit holds";
    EXPECT_EQ(two.throttle.wait_s("ada"), 0) << "the other knows nothing of it";
}

TEST(CountedFailures, a_flush_forgets_what_was_shared_and_nothing_else) {
    TestServer server;
    Counter one(server.address(), patient()), two(server.address(), patient());
    for (int i = 0; i < 10; ++i) one.throttle.failed("ada");
    ASSERT_TRUE(becomes_true([&] { return two.throttle.wait_s("ada") > 0; }, 1s));
    server.tell({"FLUSHALL"});
    EXPECT_EQ(two.throttle.wait_s("ada"), 0);
    EXPECT_GT(one.throttle.wait_s("ada"), 50);
}

TEST(CountedFailures, a_paused_server_delays_a_login_by_its_patience_once) {
    TestServer server;
    Counter one(server.address());
    server.pause();
    auto begin = Clock::now();
    EXPECT_EQ(one.throttle.wait_s("ada"), 0);
    EXPECT_LT(Clock::now() - begin, 120ms);
    server.resume();
}

}  // namespace
}  // namespace stateset::redis
