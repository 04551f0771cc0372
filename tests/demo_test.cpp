// `serve --demo` shows a shop that could be real: every stage of an order, and books that agree.

#include <set>

#include "support/journey.hpp"

namespace stateset::support {
namespace {

std::multiset<std::string> statuses_of_orders(Client& client) {
    std::multiset<std::string> statuses;
    auto page = client.get("/orders?limit=100");
    for (const auto& order : page["data"].elements()) {
        statuses.insert(order["status"].text() + " " + order["payment_status"].text());
    }
    return statuses;
}

TEST(Demo, fills_an_empty_server_once_with_orders_at_every_stage) {
    Server server({.arguments = {"--demo"}});
    auto client = server.admin();
    auto statuses = statuses_of_orders(client);
    for (const auto* stage : {"pending unpaid", "processing unpaid", "processing paid",
                              "shipped paid", "delivered paid"}) {
        EXPECT_GT(statuses.count(stage), 0u) << stage;
    }
    for (const auto* noun : {"returns", "warranties", "warranties/claims", "boms", "work-orders",
                             "inventory/transfers", "inventory/counts"}) {
        auto page = client.get(std::string("/") + noun);
        EXPECT_FALSE(page["data"].elements().empty()) << noun;
    }
    server.restart();
    auto again = server.admin();
    EXPECT_EQ(statuses_of_orders(again), statuses);
    auto verified = server.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

}  // namespace
}  // namespace stateset::support
