// What needs attention, how busy the shop is, and what a caller may do in which status.

#include "support/database.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

class Ops : public Journey {
  protected:
    // As if nothing had happened to it for days.
    void forgotten(std::string_view table, const std::string& id) {
        const auto& database = server.database();
        database.ask("update " + std::string(table) + " set updated_at = updated_at - " +
                     (on_postgres() ? "interval '9 days'" : "777600000000") +
                     " where id = " + database.literal(id));
    }
    // The case of that label; one that does not exist when it is not stuck.
    Json stuck(const std::string& kind, const std::string& label) {
        auto reply = when.get("/ops/attention?limit=100&kind=" + kind);
        then(reply).has_code(200).has("/kinds/0/kind", kind);
        for (const auto& one : reply["kinds"][0]["cases"].elements()) {
            if (one["label"].text() == label) return one;
        }
        return reply["nothing"];
    }
    void act(const Json& one) {
        auto path = one["safe_action"]["path"].text().substr(std::string("/api/v1").size());
        EXPECT_EQ(one["safe_action"]["http_method"].text(), "POST");
        then(when.post(path)).succeeded();
    }
    Reply pay(const Order& order) {
        return when.post("/payments", R"({"order_id":")" + order.id +
                                          R"(","method":{"type":"card","token":"tok_ok"}})");
    }
};

TEST_F(Ops, an_order_that_is_paid_and_not_reserved_is_stuck_until_its_stock_is_set_aside) {
    auto order = given.order();
    then(pay(order)).created();
    EXPECT_FALSE(stuck("paid_not_reserved", order.number).exists()) << "it has minutes";
    forgotten("orders", order.id);
    auto one = stuck("paid_not_reserved", order.number);
    ASSERT_TRUE(one.exists());
    EXPECT_EQ(one["links"]["order"].text(), "/api/v1/orders/" + order.id);
    EXPECT_EQ(one["safe_action"]["permission"].text(), "orders:process");
    act(one);
    EXPECT_FALSE(stuck("paid_not_reserved", order.number).exists());
}

TEST_F(Ops, a_parcel_of_which_nothing_is_heard_is_stuck_until_it_is_delivered) {
    auto order = given.shipped_order();
    forgotten("shipments", order.shipment);
    EXPECT_TRUE(stuck("shipment_without_movement", order.number).exists());
    then(when.post("/shipments/" + order.shipment + "/deliver")).succeeded();
    EXPECT_FALSE(stuck("shipment_without_movement", order.number).exists());
}

TEST_F(Ops, every_kind_is_looked_for_and_told_even_when_nothing_is_stuck) {
    auto reply = when.get("/ops/attention?limit=1");
    then(reply).has_code(200);
    EXPECT_EQ(reply["kinds"].elements().size(), 13u) << reply;
    then(when.get("/ops/attention?kind=bad_mood")).refused(400, "invalid").names("?kind");
    then(Client(server.address(), server.key({"orders:read"})).get("/ops/attention"))
        .refused(403, "forbidden");
}

TEST_F(Ops, activity_counts_what_was_placed_in_each_hour) {
    auto placed = [&] {
        auto reply = when.get("/ops/activity?hours=2");
        EXPECT_EQ(reply["by_hour"].elements().size(), 2u) << reply;
        std::int64_t sum = 0;
        for (const auto& hour : reply["by_hour"].elements()) sum += hour["orders_placed"].number();
        return sum;
    };
    auto before = placed();
    given.order();
    EXPECT_EQ(placed(), before + 1);
}

TEST_F(Ops, moves_are_those_of_the_lifecycles_as_far_as_the_caller_may) {
    Client packer(server.address(), server.key({"orders:process"}));
    auto reply = packer.get("/moves");
    ASSERT_EQ(reply["data"].elements().size(), 1u) << reply;
    then(reply).has("/data/0/path", "/api/v1/orders/{id}/process");
    then(reply).has("/data/0/legal_from/0", "pending");
    Client looker(server.address(), server.key({"*:read"}));
    EXPECT_EQ(looker.get("/moves")["data"].elements().size(), 0u);
}

}  // namespace
}  // namespace stateset::support
