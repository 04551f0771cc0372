#include "platform/http/buckets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "platform/redis/link.hpp"
#include "platform/redis/redis_testing.hpp"

namespace stateset::http {
namespace {

using namespace std::chrono_literals;
using redis::becomes_true;
using redis::TestServer;
using std::chrono::milliseconds;
using Clock = Buckets::Clock;

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

// ---- shared ----

// Several instances of the server that share their buckets.
class Instances {
  public:
    Instances(int count, const redis::Address& address, Rate rate) {
        for (int i = 0; i < count; ++i) {
            links_.push_back(std::make_unique<redis::Link>(
                address, redis::Link::Options{.patience = 50ms, .connect_timeout = 1s}));
            buckets_.push_back(std::make_unique<Buckets>(
                rate, 1'000, Buckets::Sharing{.link = links_.back().get(), .kind = "test"}));
            EXPECT_TRUE(links_.back()->wait_until_up(5s));
        }
    }
    // The links go first: their answers need the buckets' memory, which lives as long as they do.
    ~Instances() { links_.clear(); }

    Buckets& at(std::size_t which) { return *buckets_[which]; }
    redis::Link& link(std::size_t which) { return *links_[which]; }

    // How many requests of ada pass when she asks all the instances from `from` on, all the time.
    std::int64_t hammer(milliseconds time, std::size_t from = 0) {
        std::atomic<std::int64_t> passed = 0;
        std::vector<std::thread> threads;
        for (auto i = from; i < buckets_.size(); ++i) {
            threads.emplace_back([&, i] {
                for (auto end = Clock::now() + time; Clock::now() < end;) {
                    passed += at(i).take("ada").passes;
                    std::this_thread::sleep_for(200us);
                }
            });
        }
        for (auto& thread : threads) thread.join();
        return passed;
    }

    bool all_up() const {
        return std::ranges::all_of(links_, [](const auto& link) { return link->up(); });
    }
    bool all_down() const {
        return std::ranges::none_of(links_, [](const auto& link) { return link->up(); });
    }

  private:
    std::vector<std::unique_ptr<redis::Link>> links_;
    std::vector<std::unique_ptr<Buckets>> buckets_;
};

void expect_about(std::int64_t number, double wanted, double tolerance = 0.2) {
    EXPECT_GE(static_cast<double>(number), wanted * (1 - tolerance));
    EXPECT_LE(static_cast<double>(number), wanted * (1 + tolerance));
}

constexpr Rate five_hundred{.per_second = 500, .burst = 500};

TEST(SharedBuckets, three_instances_together_let_the_rate_pass) {
    TestServer server;
    Instances instances(3, server.address(), five_hundred);
    expect_about(instances.hammer(2s), 500 + 2 * 500, 0.15);
    expect_about(instances.hammer(1s), 500, 0.15);
}

TEST(SharedBuckets, a_caller_at_one_instance_alone_gets_all_of_the_rate) {
    TestServer server;
    Instances instances(3, server.address(), five_hundred);
    instances.hammer(100ms);
    while (instances.at(2).take("ada").passes) {
    }
    expect_about(instances.hammer(1s, 2), 500, 0.1);
}

TEST(SharedBuckets, what_was_used_at_one_instance_is_missing_at_another) {
    TestServer server;
    Instances instances(2, server.address(), {.per_second = 10, .burst = 200});
    int passed = 0;
    while (instances.at(0).take("ada").passes) ++passed;
    EXPECT_EQ(passed, 200) << "no request waits until others were asked";
    auto refused = [&] {
        auto verdict = instances.at(1).take("ada");
        passed += verdict.passes;
        return !verdict.passes;
    };
    EXPECT_TRUE(becomes_true(refused, 2s));
    EXPECT_LE(passed, 240);
    EXPECT_TRUE(instances.at(1).take("bob").passes);
}

TEST(SharedBuckets, a_single_token_is_told_at_once_where_the_burst_is_small) {
    TestServer server;
    Instances instances(2, server.address(), {.per_second = 1, .burst = 3});
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(instances.at(0).take("ada").passes);
    auto charged = [&] { return server.tell({"PTTL", "rate:test:ada"}).number > 3'000; };
    ASSERT_TRUE(becomes_true(charged)) << "all three, and a second more";
    EXPECT_TRUE(instances.at(1).take("ada").passes) << "nothing is known here yet";
    EXPECT_TRUE(becomes_true([&] { return !instances.at(1).take("ada").passes; }, 1s));
    EXPECT_GT(instances.at(0).take("ada").wait, 500ms) << "what passed there is charged here";
}

TEST(SharedBuckets, few_requests_cost_a_question) {
    TestServer server;
    Instances instances(1, server.address(), {.per_second = 100'000, .burst = 200'000});
    for (int i = 0; i < 50'000; ++i) EXPECT_TRUE(instances.at(0).take("ada").passes);
    EXPECT_LE(instances.link(0).counters().asked, 50U);
    EXPECT_GE(instances.link(0).counters().asked, 1U);
}

TEST(SharedBuckets, the_sum_holds_when_redis_is_lost_and_when_it_returns) {
    TestServer server;
    Instances instances(3, server.address(), five_hundred);
    instances.hammer(2s);
    server.kill();
    ASSERT_TRUE(becomes_true([&] { return instances.all_down(); }, 2s));
    expect_about(instances.hammer(1'500ms), 750, 0.3);
    server.start();
    ASSERT_TRUE(becomes_true([&] { return instances.all_up(); }, 3s));
    instances.hammer(200ms);
    expect_about(instances.hammer(1'500ms), 750, 0.15);
}

TEST(SharedBuckets, who_was_never_seen_passes_while_redis_is_lost) {
    TestServer server;
    Instances instances(2, server.address(), five_hundred);
    server.kill();
    ASSERT_TRUE(becomes_true([&] { return instances.all_down(); }, 2s));
    expect_about(instances.hammer(500ms, 1), 500 + 250, 0.1);
}

TEST(SharedBuckets, a_flush_gives_nobody_a_second_burst) {
    TestServer server;
    Instances instances(3, server.address(), {.per_second = 200, .burst = 1'000});
    ASSERT_GE(instances.hammer(1s), 1'000);
    server.tell({"FLUSHALL"});
    EXPECT_LE(instances.hammer(1s), 260);
}

TEST(SharedBuckets, a_paused_redis_delays_no_request) {
    TestServer server;
    Instances instances(1, server.address(), five_hundred);
    instances.hammer(100ms);
    server.pause();
    milliseconds longest{0};
    for (auto end = Clock::now() + 500ms; Clock::now() < end;) {
        auto begin = Clock::now();
        instances.at(0).take("ada");
        longest = std::max(longest, std::chrono::floor<milliseconds>(Clock::now() - begin));
    }
    EXPECT_LT(longest, 40ms) << "but for the scheduler of a busy machine nearly nothing";
    server.resume();
}

}  // namespace
}  // namespace stateset::http
