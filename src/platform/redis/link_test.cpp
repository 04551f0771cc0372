#include "platform/redis/link.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "platform/redis/redis_testing.hpp"

namespace stateset::redis {
namespace {

Link::Options patient() { return {.patience = 1s, .connect_timeout = 1s}; }

TEST(RedisLink, gathers_what_many_ask_into_few_round_trips) {
    TestServer server;
    Link link(server.address(), patient());
    ASSERT_TRUE(link.wait_until_up(5s));
    constexpr int threads = 4, each = 5'000;
    std::atomic<int> right = 0, answered = 0;
    std::vector<std::thread> askers;
    for (int t = 0; t < threads; ++t) {
        askers.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                auto text = std::to_string(t * each + i);
                link.ask({{"ECHO", text}, {"PING"}}, [&, text](const Replies& replies) {
                    right += replies && replies.all.size() == 2 && replies.all[0].text == text;
                    ++answered;
                });
                if (i % 500 == 0) std::this_thread::sleep_for(1ms);
            }
        });
    }
    for (auto& asker : askers) asker.join();
    ASSERT_TRUE(becomes_true([&] { return answered == threads * each; }));
    auto counters = link.counters();
    EXPECT_EQ(right, threads * each - static_cast<int>(counters.unavailable));
    EXPECT_LT(counters.round_trips, threads * each / 10);
}

TEST(RedisLink, answers_at_once_while_there_is_no_connection) {
    TestServer server;
    Link link(server.address(), {});
    ASSERT_TRUE(link.wait_until_up(5s));
    server.kill();
    EXPECT_TRUE(becomes_true([&] { return !link.up(); }, 2s)) << "noticed although nobody asks";
    auto begin = Clock::now();
    for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(link.ask_and_wait({{"PING"}}, 1s));
    EXPECT_LT(Clock::now() - begin, 1s);
    server.start();
    EXPECT_TRUE(link.wait_until_up(3s));
    EXPECT_TRUE(becomes_true([&] { return bool(link.ask_and_wait({{"PING"}}, 1s)); }));
}

TEST(RedisLink, a_paused_server_delays_nobody_beyond_the_bound) {
    TestServer server;
    Link link(server.address(), {.patience = 20ms});
    ASSERT_TRUE(link.wait_until_up(5s));
    server.pause();
    std::atomic<int> waiting = 0;
    std::atomic<std::int64_t> longest_ms = 0;
    for (auto end = Clock::now() + 500ms; Clock::now() < end;) {
        ++waiting;
        link.ask({{"PING"}}, [&, asked = Clock::now()](const Replies& replies) {
            EXPECT_FALSE(replies);
            auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - asked);
            longest_ms = std::max(longest_ms.load(), std::int64_t(took.count()));
            --waiting;
        });
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_TRUE(becomes_true([&] { return waiting == 0; }, 1s));
    EXPECT_LT(longest_ms, 150) << "40 ms and the scheduler of a busy machine";
    server.resume();
    EXPECT_TRUE(link.wait_until_up(3s));
}

TEST(RedisLink, one_who_waits_does_so_no_longer_than_told) {
    TestServer server;
    Link link(server.address(), {.patience = 2s});
    ASSERT_TRUE(link.wait_until_up(5s));
    server.pause();
    auto begin = Clock::now();
    EXPECT_FALSE(link.ask_and_wait({{"PING"}}, 20ms));
    EXPECT_LT(Clock::now() - begin, 150ms);
    server.resume();
}

TEST(RedisLink, refuses_what_its_queue_does_not_hold) {
    TestServer server;
    Link link(server.address(), {.queue_limit = 10, .patience = 5s});
    ASSERT_TRUE(link.wait_until_up(5s));
    server.pause();
    int refused = 0;
    for (int i = 0; i < 100; ++i) {
        link.ask({{"PING"}}, [&, caller = std::this_thread::get_id()](const Replies& replies) {
            if (std::this_thread::get_id() == caller) refused += !replies;
        });
    }
    EXPECT_GE(refused, 70);
    server.resume();
    link.stop();
}

TEST(RedisLink, a_stop_answers_everybody) {
    TestServer server;
    std::atomic<int> answered = 0;
    {
        Link link(server.address(), {});
        link.wait_until_up(5s);
        for (int i = 0; i < 1'000; ++i) link.ask({{"PING"}}, [&](auto&) { ++answered; });
        link.stop();
        link.ask({{"PING"}}, [&](auto&) { ++answered; });
    }
    EXPECT_EQ(answered, 1'001);
}

}  // namespace
}  // namespace stateset::redis
