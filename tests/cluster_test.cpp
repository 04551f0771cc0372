// Several instances on one PostgreSQL, behind a balancer, act as one; and whatever of the
// installation ends, nothing that was acknowledged is lost, nothing is done twice, and nobody waits
// longer than was promised. STATESET_LONG makes the disturbances longer and more.

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "support/arrivals.hpp"
#include "support/cluster.hpp"
#include "support/crowd.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The server answers every request within 10 s; the rest is for a busy machine.
constexpr milliseconds longest_answer{12'000}, promised_recovery{5'000};
// Instances ask for revocations every 25 ms; a copy is used for at most 2 s if Redis lost the news
// that it is old.
constexpr milliseconds revocation_heard{300}, copy_kept{2'500};

bool long_form() { return std::getenv("STATESET_LONG") != nullptr; }
int times(int quick, int longer) { return long_form() ? longer : quick; }

// An installation with a crowd that buys all the while.
struct Shop {
    explicit Shop(Cluster::Options options = {}) : cluster(std::move(options)) {}

    Cluster cluster;
    Story story{cluster.admin()};
    Crowd crowd{cluster.admin(), story.given.customer().id,
                story.given.product("MUG").with_stock(1'000'000).sku};

    // The moments of disturbances are chance, not a wait for something.
    void pass(milliseconds shortest, milliseconds longest) {
        std::uniform_int_distribution<std::int64_t> time(shortest.count(), longest.count());
        std::this_thread::sleep_for(milliseconds(time(random_)));
    }
    // New work is done everywhere within the time promised, and what was under way has its answer
    // when answers have to be there.
    void expect_recovery() {
        auto recovered = parallel(cluster.instances(), [this](int i) {
            Story story(cluster.at_instance(i + 1));
            return eventually(promised_recovery, [&] {
                try {
                    return !story.given.customer().id.empty();
                } catch (const std::exception&) {
                    return false;
                }
            });
        });
        EXPECT_EQ(std::ranges::count(recovered, true), cluster.instances());
        EXPECT_TRUE(crowd.all_advance_within(longest_answer));
    }
    int any_instance() {
        return std::uniform_int_distribution<int>(1, cluster.instances())(random_);
    }
    // Disturbed or not, at the end all is as if nothing had been.
    void expect_clean_books() {
        crowd.stop();
        crowd.expect_nothing_lost_or_doubled();
        EXPECT_LT(crowd.seen().longest, longest_answer) << crowd.seen();
        EXPECT_EQ(crowd.seen().without_retry_after, 0) << crowd.seen();
        cluster.tell("check");
        auto verified = cluster.run({"verify"});
        EXPECT_EQ(verified.status, 0) << verified.output;
    }
    // How many answers had another status than these and "in progress".
    int answers_beside(const std::set<int>& wanted) const {
        int sum = 0;
        for (auto [status, count] : crowd.seen().statuses) {
            if (!wanted.contains(status) && status != 409) sum += count;
        }
        return sum;
    }

  private:
    std::mt19937 random_{20261123};
};

const std::set<int> successes{200, 201, 202};

TEST(Cluster, instances_that_start_together_on_an_empty_database_found_one_shop) {
    Cluster cluster;
    auto client = cluster.admin();
    EXPECT_EQ(client.get("/users")["data"].size(), 1u);
    EXPECT_EQ(client.get("/locations")["data"].size(), 1u);
    for (int i = 1; i <= cluster.instances(); ++i) {
        EXPECT_EQ(cluster.at_instance(i).get("/users")["data"].size(), 1u);
    }
}

TEST(Cluster, of_a_thousand_units_the_instances_grant_exactly_a_thousand) {
    constexpr int clients = 64, asked_by_each = 20, units = 1000;
    Shop shop;
    auto& [given, when, then] = shop.story;
    auto mug = given.product("HOT").with_stock(units);
    auto counts = parallel(clients, [&, client = when](int) {
        Client mine(client);
        std::map<int, int> statuses;
        for (int i = 0; i < asked_by_each; ++i) {
            auto path = "/inventory/items/" + mug.sku + "/reserve";
            ++statuses[mine.post(path, R"({"quantity":"1"})").status];
        }
        return statuses;
    });
    std::map<int, int> total;
    for (const auto& one : counts) {
        for (auto [status, count] : one) total[status] += count;
    }
    EXPECT_EQ(total, (std::map<int, int>{{201, units}, {409, clients * asked_by_each - units}}));
    then.stock_is(mug.sku, {"1000", "1000", "0"});
    auto verified = shop.cluster.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

TEST(Cluster, two_hundred_sends_of_one_key_to_all_instances_place_one_order) {
    constexpr int sends = 200;
    Shop shop;
    auto& [given, when, then] = shop.story;
    auto customer = given.customer().id;
    auto body = R"({"customer_id":")" + customer + R"(","items":[{"sku":")" + given.product().sku +
                R"(","quantity":1}]})";
    std::vector<Client> instances;
    for (int i = 1; i <= shop.cluster.instances(); ++i) {
        instances.push_back(shop.cluster.at_instance(i));
    }
    auto replies = parallel(sends, [&](int i) {
        Client client(instances[static_cast<std::size_t>(i) % instances.size()]);
        return client.post("/orders", body, {{"Idempotency-Key", "once"}});
    });
    std::set<std::string> bodies;
    for (const auto& reply : replies) {
        if (reply.status == 409) {
            EXPECT_EQ(reply.code(), "request_in_progress");
            continue;
        }
        EXPECT_EQ(reply.status, 201) << reply;
        bodies.insert(reply.body);
    }
    EXPECT_EQ(bodies.size(), 1u);
    EXPECT_EQ(when.get("/orders?customer_id=" + customer)["data"].size(), 1u);
}

// The second of two sends may find what the first one did before it finds its answer.
TEST(Cluster, one_key_sent_to_all_instances_at_once_is_answered_as_one_request) {
    Shop shop;
    auto& [given, when, then] = shop.story;
    auto mug = given.product("MUG").with_stock(10'000);
    for (int round = 0; round < times(60, 1000); ++round) {
        auto path = "/orders/" + given.order(mug, 1).id + "/process";
        auto key = "process-" + std::to_string(round);
        auto replies = parallel(2 * shop.cluster.instances(), [&](int i) {
            auto client = shop.cluster.at_instance(1 + i % shop.cluster.instances());
            return client.post(path, "", {{"Idempotency-Key", key}});
        });
        for (const auto& reply : replies) {
            ASSERT_EQ(reply.status, 200) << reply;
            ASSERT_EQ(reply.body, replies.front().body);
        }
    }
}

// One instance changes an order, the others read it as it is now, whatever they remember; or at
// least `soon`.
void expect_all_see_what_one_writes(Shop& shop, int writes, milliseconds soon = milliseconds(0)) {
    auto one = shop.cluster.at_instance(1);
    std::vector<Client> others{shop.cluster.at_instance(2), shop.cluster.at_instance(3)};
    auto path = "/orders/" + shop.story.given.order().id;
    for (int i = 0; i < writes; ++i) {
        auto note = std::to_string(i);
        auto written = one.patch(path, R"({"notes":")" + note + "\"}");
        ASSERT_EQ(written.status, 200) << written;
        for (auto& other : others) {
            ASSERT_TRUE(eventually(soon, [&] { return other.get(path)["notes"] == note; }))
                << "instance shows " << other.get(path)["notes"] << ", not " << note;
        }
    }
}

TEST(Cluster, what_one_instance_wrote_every_other_shows_at_once) {
    Shop shop({.replica = true});
    expect_all_see_what_one_writes(shop, times(200, 5000));
}

TEST(Cluster, copies_are_never_old_while_redis_is_there_and_not_for_long_when_it_goes) {
    Shop shop({.redis = true});
    ASSERT_NO_FATAL_FAILURE(expect_all_see_what_one_writes(shop, times(100, 2000)));
    for (const auto* disturbance : {"flush redis", "kill redis", "start redis", "freeze redis",
                                    "thaw redis", "promote redis replica", "flush redis"}) {
        shop.cluster.tell(disturbance);
        ASSERT_NO_FATAL_FAILURE(expect_all_see_what_one_writes(shop, times(30, 500), copy_kept))
            << disturbance;
    }
    ASSERT_NO_FATAL_FAILURE(expect_all_see_what_one_writes(shop, times(100, 2000)));
}

TEST(Cluster, killing_instances_at_any_moment_loses_nothing_and_doubles_nothing) {
    Shop shop({.serve = {"--webhook-allow-private", "true"}});
    Receiver receiver;
    auto& when = shop.story.when;
    auto endpoint = when.post("/webhooks/endpoints",
                              R"({"url":")" + receiver.url() + R"(","events":["order.*"]})");
    ASSERT_EQ(endpoint.status, 201) << endpoint;
    shop.crowd.start();
    for (int death = 0; death < times(10, 150); ++death) {
        shop.pass(milliseconds(40), milliseconds(400));
        auto instance = "instance " + std::to_string(shop.any_instance());
        shop.cluster.tell("kill " + instance);
        shop.cluster.tell("start " + instance);
    }
    shop.expect_recovery();
    shop.expect_clean_books();
    expect_every_event_to_arrive(when, receiver, "order.*");
}

TEST(Cluster, instances_share_the_sending_of_webhooks_and_send_each_once) {
    Shop shop({.serve = {"--webhook-allow-private", "true"}});
    Receiver receiver;
    auto& when = shop.story.when;
    auto endpoint = when.post("/webhooks/endpoints",
                              R"({"url":")" + receiver.url() + R"(","events":["order.*"]})");
    ASSERT_EQ(endpoint.status, 201) << endpoint;
    shop.crowd.start();
    EXPECT_TRUE(eventually(seconds(30), [&] { return receiver.count() > 500; }));
    shop.expect_clean_books();
    auto events = expect_every_event_to_arrive(when, receiver, "order.*");
    EXPECT_EQ(receiver.count(), events) << "something was sent twice";
}

TEST(Cluster, a_database_that_comes_and_goes_costs_a_moment_and_nothing_else) {
    Shop shop;
    auto& cluster = shop.cluster;
    shop.crowd.start();
    for (int i = 0; i < times(5, 50); ++i) {
        shop.pass(milliseconds(50), milliseconds(300));
        cluster.tell("terminate backends");
    }
    shop.expect_recovery();
    for (const auto* way : {"stop", "kill"}) {
        for (int i = 0; i < times(1, 10); ++i) {
            shop.pass(milliseconds(50), milliseconds(300));
            cluster.tell(way + std::string(" primary"));
            cluster.tell("start primary");
            shop.expect_recovery();
        }
    }
    cluster.tell("stop primary");
    std::this_thread::sleep_for(seconds(times(3, 10)));
    cluster.tell("start primary");
    shop.expect_recovery();
    shop.expect_clean_books();
    EXPECT_EQ(shop.answers_beside({200, 201, 202, 503}), 0) << shop.crowd.seen();
}

TEST(Cluster, a_database_that_hangs_keeps_nobody_longer_than_promised) {
    Shop shop;
    shop.crowd.start();
    shop.pass(milliseconds(300), milliseconds(500));
    shop.cluster.tell("freeze primary");
    std::this_thread::sleep_for(seconds(times(3, 30)));
    shop.cluster.tell("thaw primary");
    shop.expect_recovery();
    shop.expect_clean_books();
    EXPECT_EQ(shop.answers_beside({200, 201, 202, 503, 504}), 0) << shop.crowd.seen();
}

TEST(Cluster, the_replica_takes_over_without_losing_what_was_acknowledged) {
    Shop shop({.replica = true});
    shop.crowd.start();
    for (int i = 0; i < times(1, 5); ++i) {
        shop.pass(milliseconds(500), milliseconds(1000));
        shop.cluster.tell("kill primary");
        shop.pass(milliseconds(0), milliseconds(500));
        shop.cluster.tell("promote replica");
        shop.expect_recovery();
        shop.cluster.tell("start replica");  // what was the primary follows now
    }
    shop.expect_recovery();
    shop.expect_clean_books();
    EXPECT_EQ(shop.answers_beside({200, 201, 202, 503}), 0) << shop.crowd.seen();
}

TEST(Cluster, a_rolling_restart_is_noticed_by_nobody) {
    Shop shop;
    shop.crowd.start();
    for (int i = 0; i < times(1, 10); ++i) {
        shop.pass(milliseconds(100), milliseconds(500));
        shop.cluster.tell("roll");
    }
    shop.expect_clean_books();
    EXPECT_EQ(shop.answers_beside(successes), 0) << shop.crowd.seen();
}

TEST(Cluster, redis_that_comes_and_goes_is_noticed_by_nobody) {
    Shop shop({.redis = true});
    shop.crowd.start();
    for (const auto* disturbance :
         {"flush redis", "kill redis", "start redis", "freeze redis", "thaw redis",
          "promote redis replica", "start redis replica", "flush redis"}) {
        shop.pass(milliseconds(200), milliseconds(times(1000, 5000)));
        shop.cluster.tell(disturbance);
    }
    shop.expect_recovery();
    shop.expect_clean_books();
    EXPECT_EQ(shop.answers_beside(successes), 0) << shop.crowd.seen();
}

TEST(Cluster, a_callers_limit_holds_over_all_instances_and_roughly_so_without_redis) {
    constexpr int rate = 60;  // per second; the burst is twice that
    const seconds spell(times(2, 20));
    Shop shop(
        {.redis = true, .rate_limit = true, .serve = {"--caller-rate", std::to_string(rate)}});
    auto former = std::chrono::steady_clock::now();
    // Requests that passed at all instances together, per second since the former spell ended.
    auto passed = [&] {
        auto end = std::chrono::steady_clock::now() + spell;
        auto counts = parallel(2 * shop.cluster.instances(), [&](int i) {
            auto client = shop.cluster.at_instance(1 + i % shop.cluster.instances());
            int count = 0;
            while (std::chrono::steady_clock::now() < end) {
                auto status = client.get("/orders?limit=1").status;
                if (status == 200) ++count;
                EXPECT_TRUE(status == 200 || status == 429) << status;
            }
            return count;
        });
        auto since = std::exchange(former, std::chrono::steady_clock::now());
        return std::accumulate(counts.begin(), counts.end(), 0) /
               std::chrono::duration<double>(former - since).count();
    };
    passed();  // the burst
    EXPECT_NEAR(passed(), rate, rate / 2);
    for (const auto* disturbance : {"kill redis", "start redis", "flush redis"}) {
        shop.cluster.tell(disturbance);
        EXPECT_NEAR(passed(), rate, rate / 2) << disturbance;
    }
}

TEST(Cluster, a_revoked_key_stays_revoked_at_every_instance_whatever_happens_to_redis) {
    Shop shop({.redis = true});
    auto made = shop.story.when.post("/api-keys", R"({"name":"lost","scopes":["orders:read"]})");
    ASSERT_EQ(made.status, 201) << made;
    auto statuses = [&] {
        std::multiset<int> all;
        for (int i = 1; i <= shop.cluster.instances(); ++i) {
            all.insert(shop.cluster.at_instance(i).as(made["key"].text()).get("/orders").status);
        }
        return all;
    };
    const std::multiset<int> allowed{200, 200, 200}, refused{401, 401, 401};
    EXPECT_EQ(statuses(), allowed);
    ASSERT_EQ(shop.cluster.at_instance(1).remove("/api-keys/" + made.id()).status, 204);
    EXPECT_TRUE(eventually(revocation_heard, [&] { return statuses() == refused; }));
    for (const auto* disturbance : {"flush redis", "kill redis", "start redis", "freeze redis",
                                    "thaw redis", "promote redis replica"}) {
        shop.cluster.tell(disturbance);
        EXPECT_EQ(statuses(), refused) << disturbance;
    }
}

}  // namespace
}  // namespace stateset::support
