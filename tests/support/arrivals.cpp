#include "support/arrivals.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "support/together.hpp"

namespace stateset::support {

void wait_for_the_log(Client& client) {
    auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    auto mark =
        client.post("/customers", R"({"email":"mark-)" + std::to_string(now) + R"(@example.com"})");
    ASSERT_EQ(mark.status, 201) << mark;
    std::string after;
    EXPECT_TRUE(eventually(std::chrono::seconds(20), [&] {
        auto page = client.get("/events?limit=100&types=customer.created" + after);
        for (const auto& event : page["data"].elements()) {
            if (event["aggregate_id"].text() == mark.id()) return true;
            after = "&after=" + event["position"].text();
        }
        return false;
    }));
}

std::map<std::string, std::string> events_by_id(Client& client, std::string_view types) {
    std::map<std::string, std::string> events;
    std::string after;
    while (true) {
        auto page = client.get("/events?limit=100&types=" + std::string(types) + after);
        EXPECT_EQ(page.status, 200) << page;
        auto found = page["data"].elements();
        for (auto& event : found) events[event["id"].text()] = event["type"].text();
        if (found.empty()) return events;
        after = "&after=" + found.back()["position"].text();
    }
}

std::size_t expect_every_event_to_arrive(Client& client, const Receiver& receiver,
                                         std::string_view types,
                                         std::chrono::milliseconds patience) {
    auto events = events_by_id(client, types);
    auto all_arrived = [&] {
        std::set<std::string> arrived;
        for (auto& request : receiver.received()) arrived.insert(request.header("webhook-id"));
        return arrived.size() >= events.size();
    };
    EXPECT_TRUE(eventually(patience, all_arrived));
    std::map<std::string, std::set<std::string>> bodies;  // of each webhook-id
    for (auto& request : receiver.received()) {
        bodies[request.header("webhook-id")].insert(request.body);
    }
    EXPECT_EQ(bodies.size(), events.size());
    for (auto& [id, versions] : bodies) EXPECT_EQ(versions.size(), 1u) << id;
    return events.size();
}

}  // namespace stateset::support
