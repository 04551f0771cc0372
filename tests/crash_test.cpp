// The server is killed in the middle of its work, again and again, and must neither lose nor double
// anything: what was acknowledged is there, what was not can be sent again with the same key, every
// event reaches the webhook, and the books agree. STATESET_KILLS sets how often (50 in the test
// run; 500 under ./dev test --long).

#include <cstdlib>
#include <random>

#include "support/arrivals.hpp"
#include "support/crowd.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

constexpr std::chrono::milliseconds shortest_life{40}, longest_life{400};

int kills() {
    if (auto* text = std::getenv("STATESET_KILLS")) return std::atoi(text);
    return std::getenv("STATESET_LONG") ? 500 : 50;
}

TEST(Crash, killing_the_server_at_any_moment_loses_nothing_and_doubles_nothing) {
    Server server;
    Receiver receiver;
    Story story(server);
    auto& [given, when, then] = story;
    auto sku = given.product("MUG").with_stock(1'000'000).sku;
    auto customer = given.customer().id;
    auto endpoint = when.post("/webhooks/endpoints",
                              R"({"url":")" + receiver.url() + R"(","events":["order.*"]})");
    ASSERT_EQ(endpoint.status, 201) << endpoint;

    Crowd crowd(when, customer, sku);
    crowd.start();
    std::mt19937 random(20261122);
    std::uniform_int_distribution<std::int64_t> life(shortest_life.count(), longest_life.count());
    for (int death = 0; death < kills(); ++death) {
        // The moment of death is chance, not a wait for something.
        std::this_thread::sleep_for(std::chrono::milliseconds(life(random)));
        server.kill();
        server.start();
    }
    crowd.stop();
    crowd.expect_nothing_lost_or_doubled();
    EXPECT_GT(crowd.orders(), static_cast<std::size_t>(kills()));

    expect_every_event_to_arrive(when, receiver, "order.*");
    auto verified = server.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

}  // namespace
}  // namespace stateset::support
