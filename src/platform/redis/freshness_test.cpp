#include "platform/redis/freshness.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <random>

#include "platform/redis/redis_testing.hpp"

namespace stateset::redis {
namespace {

using Stamp = Freshness::Stamp;

// As many milliseconds as a busy test machine may need for what takes one.
constexpr std::chrono::milliseconds slack{100};

// One of several instances of the server: a link and what it thinks is fresh.
struct Instance {
    Link link;
    SharedFreshness freshness;

    explicit Instance(const Address& address, SharedFreshness::Options options = {})
        : link(address, {.patience = 200ms, .connect_timeout = 1s}), freshness(link, options) {
        EXPECT_TRUE(link.wait_until_up(5s));
    }

    std::vector<Stamp> stamps(const std::vector<std::string>& keys) {
        auto promise = std::make_shared<std::promise<std::vector<Stamp>>>();
        freshness.current(keys, [promise](auto stamps) { promise->set_value(std::move(stamps)); });
        return promise->get_future().get();
    }
    Stamp stamp(const std::string& key) { return stamps({key}).at(0); }
    // Asks until somebody can say.
    Stamp known(const std::string& key) {
        Stamp now;
        EXPECT_TRUE(becomes_true([&] { return (now = stamp(key)).known(); }, 5s));
        return now;
    }
};

SharedFreshness::Options patient() { return {.bump_patience = 5s}; }

TEST(SharedFreshness, a_bump_makes_the_copies_of_others_old_and_no_others) {
    TestServer server;
    Instance one(server.address(), patient()), two(server.address(), patient());
    auto changed = two.known("order:1:a"), other = two.known("order:1:b");
    EXPECT_TRUE(changed.still_counts(two.stamp("order:1:a")));
    ASSERT_TRUE(one.freshness.bump({"order:1:a", "order:1:c"}));
    auto now = two.stamp("order:1:a");
    EXPECT_FALSE(changed.still_counts(now));
    EXPECT_TRUE(other.still_counts(two.stamp("order:1:b")));
    EXPECT_TRUE(now.still_counts(two.stamp("order:1:a"))) << "what is read now counts again";
    ASSERT_TRUE(one.freshness.bump({"order:1:a"}));
    EXPECT_FALSE(now.still_counts(two.stamp("order:1:a"))) << "each bump is another one";
}

TEST(SharedFreshness, no_copy_counts_beyond_the_longest_age) {
    TestServer server;
    Instance one(server.address());
    auto now = one.known("key");
    auto young = now, old = now;
    young.asked_at -= Freshness::longest_age - 1ms;
    old.asked_at -= Freshness::longest_age;
    EXPECT_TRUE(young.still_counts(now));
    EXPECT_FALSE(old.still_counts(now));
    EXPECT_FALSE(Stamp{}.still_counts(Stamp{})) << "unknown equals nothing";
}

TEST(SharedFreshness, a_forgotten_token_brings_no_copy_back_that_carries_one) {
    TestServer server;
    Instance one(server.address(), {.bump_patience = 5s, .token_term = 50ms});
    one.freshness.bump({"key"});
    auto copy = one.known("key");
    EXPECT_TRUE(becomes_true([&] { return !copy.still_counts(one.stamp("key")); }, 1s));
    EXPECT_GT(SharedFreshness::Options{}.token_term, 2 * Freshness::longest_age)
        << "and one without a token is too old by then";
}

TEST(SharedFreshness, a_flush_brings_no_copy_back) {
    TestServer server;
    Instance one(server.address(), patient()), two(server.address(), patient());
    auto copy = two.known("key"), untouched = two.known("other");
    ASSERT_TRUE(one.freshness.bump({"key"}));
    server.tell({"FLUSHALL"});
    EXPECT_FALSE(copy.still_counts(two.known("key")));
    EXPECT_FALSE(untouched.still_counts(two.known("other"))) << "nobody knows what was lost";
    auto again = two.known("key");
    EXPECT_TRUE(again.still_counts(two.stamp("key")));
}

TEST(SharedFreshness, a_snapshot_from_before_the_bump_brings_no_copy_back) {
    TestServer server;
    Instance one(server.address(), patient()), two(server.address(), patient());
    ASSERT_TRUE(one.freshness.bump({"key"}));
    auto copy = two.known("key"), untouched = two.known("other");
    server.tell({"SAVE"});
    ASSERT_TRUE(one.freshness.bump({"key", "other"}));
    server.kill();
    EXPECT_FALSE(copy.still_counts(two.stamp("key"))) << "nobody can say";
    server.start();
    EXPECT_FALSE(copy.still_counts(two.known("key")));
    EXPECT_FALSE(untouched.still_counts(two.known("other")));
}

TEST(SharedFreshness, a_replica_that_missed_the_bump_brings_no_copy_back) {
    TestServer master, replica;
    replica.follow(master);
    auto both = address_from("redis://" + master.host() + "," + replica.host());
    Instance one(both, patient()), two(both, patient());
    auto copy = two.known("key");
    ASSERT_TRUE(becomes_true([&] { return replica.holds("f:epoch"); }));
    replica.promote();  // as if cut off from its master
    ASSERT_TRUE(one.freshness.bump({"key"}));
    master.kill();
    auto now = two.known("key");
    EXPECT_FALSE(copy.still_counts(now));
    ASSERT_TRUE(becomes_true([&] { return one.freshness.bump({"key"}); }, 5s));
    EXPECT_FALSE(now.still_counts(two.stamp("key"))) << "the new master serves";
}

TEST(SharedFreshness, a_bump_waits_no_longer_than_its_bound_for_a_paused_server) {
    TestServer server;
    Instance one(server.address(), {.bump_patience = 20ms});
    auto copy = one.known("key");
    server.pause();
    auto begin = Clock::now();
    EXPECT_FALSE(one.freshness.bump({"key"}));
    EXPECT_LT(Clock::now() - begin, 20ms + slack);
    ASSERT_TRUE(becomes_true([&] { return !one.link.up(); }, 2s));
    begin = Clock::now();
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(one.freshness.bump({"key"}));
    EXPECT_LT(Clock::now() - begin, slack) << "refused at once while the link is down";
    EXPECT_FALSE(one.stamp("key").known());
    server.resume();
    EXPECT_FALSE(copy.still_counts(one.known("key")));
}

TEST(SharedFreshness, a_bump_that_failed_is_made_good_for_all_others) {
    TestServer server;
    Instance one(server.address(), {.bump_patience = 20ms}), two(server.address(), patient());
    auto copy = two.known("key");
    server.pause();
    EXPECT_FALSE(one.freshness.bump({"unlike"}));
    server.resume();
    one.known("anything");
    EXPECT_FALSE(copy.still_counts(two.stamp("key")));
    auto later = two.known("key");
    one.known("anything");
    EXPECT_TRUE(later.still_counts(two.stamp("key"))) << "once is enough";
}

TEST(SharedFreshness, a_bump_of_very_many_keys_makes_everything_old) {
    TestServer server;
    Instance one(server.address(), {.bump_patience = 5s, .most_tokens = 10});
    Instance two(server.address(), patient());
    auto copy = two.known("not among them");
    std::vector<std::string> many(11, "key");
    ASSERT_TRUE(one.freshness.bump(many));
    EXPECT_FALSE(copy.still_counts(two.stamp("not among them")));
}

TEST(SharedFreshness, questions_that_come_together_are_asked_together) {
    TestServer server;
    Instance one(server.address());
    one.known("key");
    auto before = one.link.counters().asked;
    constexpr int questions = 5'000;
    std::atomic<int> known = 0, answered = 0;
    for (int i = 0; i < questions; ++i) {
        one.freshness.current({"key", "key " + std::to_string(i)}, [&](auto stamps) {
            known += stamps.size() == 2 && stamps[0].known() && stamps[1].known();
            ++answered;
        });
    }
    ASSERT_TRUE(becomes_true([&] { return answered == questions; }));
    EXPECT_EQ(known, questions);
    EXPECT_LT(one.link.counters().asked - before, questions / 5);
}

// ---- a race ----

// The truth that two instances share: a number per key, changed at one and copied by both. A reader
// must never be shown less than what a writer had been answered before the reader asked.
class Race {
  public:
    explicit Race(const Address& address) : one_(address, patient()), two_(address, patient()) {}

    void write(Instance& instance, unsigned seed) {
        std::mt19937 random(seed);
        while (!over_) {
            auto key = random() % keys;
            auto now = ++truth_[key];
            if (!instance.freshness.bump({name(key)})) continue;
            auto seen = answered_[key].load();
            while (seen < now && !answered_[key].compare_exchange_weak(seen, now)) continue;
            ++writes_;
        }
    }

    void read(Instance& instance, unsigned seed) {
        struct Copy {
            Stamp stamp;
            std::int64_t value = 0;
        };
        std::map<unsigned, Copy> copies;
        std::mt19937 random(seed);
        while (!over_) {
            auto key = static_cast<unsigned>(random() % keys);
            auto least = answered_[key].load();
            auto now = instance.stamp(name(key));
            auto& copy = copies[key];
            if (copy.stamp.still_counts(now)) {
                ++hits_;
            } else {
                copy = {now, truth_[key]};
            }
            if (copy.value < least) ++stale_;
        }
    }

    void run(std::chrono::milliseconds time, const std::function<void()>& disturb) {
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < 2; ++i) {
            auto& instance = i == 0 ? one_ : two_;
            threads.emplace_back([this, &instance, i] { write(instance, i); });
            threads.emplace_back([this, &instance, i] { read(instance, 10 + i); });
            threads.emplace_back([this, &instance, i] { read(instance, 20 + i); });
        }
        for (auto end = Clock::now() + time; Clock::now() < end;) disturb();
        over_ = true;
        for (auto& thread : threads) thread.join();
    }

    int writes() const { return writes_; }
    int hits() const { return hits_; }
    int stale() const { return stale_; }

  private:
    static constexpr unsigned keys = 50;
    static std::string name(unsigned key) { return "key " + std::to_string(key); }

    Instance one_, two_;
    std::array<std::atomic<std::int64_t>, keys> truth_{}, answered_{};
    std::atomic<bool> over_ = false;
    std::atomic<int> writes_ = 0, hits_ = 0, stale_ = 0;
};

TEST(SharedFreshness, nobody_is_shown_less_than_what_was_answered_although_redis_is_flushed) {
    TestServer server;
    Race race(server.address());
    race.run(1'500ms, [&] {
        std::this_thread::sleep_for(20ms);
        server.tell({"FLUSHALL"});
    });
    EXPECT_EQ(race.stale(), 0);
    EXPECT_GT(race.writes(), 100);
    EXPECT_GT(race.hits(), 100);
}

TEST(SharedFreshness, nobody_is_shown_less_than_what_was_answered_although_redis_is_restarted) {
    TestServer server;
    Race race(server.address());
    race.run(2'000ms, [&] {
        std::this_thread::sleep_for(150ms);
        server.tell({"SAVE"});
        std::this_thread::sleep_for(20ms);
        server.kill();
        server.start();
    });
    EXPECT_EQ(race.stale(), 0);
    EXPECT_GT(race.writes(), 100);
    EXPECT_GT(race.hits(), 100);
}

}  // namespace
}  // namespace stateset::redis
