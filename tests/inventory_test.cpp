// Stock: what is on hand, who may have it, and that nothing is promised twice.

#include <algorithm>
#include <map>
#include <random>

#include "support/arrivals.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

constexpr int most_rounds = 5, most_rounds_of_a_hot_item = 3;

std::string path_of(const Product& product, std::string_view action) {
    return "/inventory/items/" + product.sku + "/" + std::string(action);
}

class Inventory : public Journey {
  protected:
    Reply reserve(const Product& product, std::string_view quantity, std::string_view more = {}) {
        auto body = R"({"quantity":")" + std::string(quantity) + R"(")";
        if (!more.empty()) body.append(",").append(more);
        return when.post(path_of(product, "reserve"), body + "}");
    }
    Reply adjust(const Product& product, std::string_view members) {
        return when.post(path_of(product, "adjust"),
                         R"({"reason":"counted",)" + std::string(members) + "}");
    }
    Reply location(std::string_view more = {}) {
        auto body = R"({"code":")" + given.unique("W") + R"(","name":"West","type":"warehouse")";
        if (!more.empty()) body.append(",").append(more);
        return when.post("/locations", body + "}");
    }
    std::string balance_of(const Product& product) {
        return when.get("/inventory/items/" + product.sku).text("/balances/0/id");
    }
    std::vector<std::string> events_about(const std::string& id) {
        wait_for_the_log(when);
        std::vector<std::string> types;
        std::string cursor;
        do {
            auto page = when.get("/events?types=inventory.*&limit=100" +
                                 (cursor.empty() ? "" : "&cursor=" + escaped(cursor)));
            for (const auto& event : page["data"].elements()) {
                if (event["aggregate_id"] == id) types.push_back(event["type"].text());
            }
            cursor = page["data"].size() == 100 ? page["next_cursor"].text() : "";
        } while (!cursor.empty());
        return types;
    }
};

int rounds_of(const Reply& reply) {
    auto timing = reply.header("Server-Timing");
    const std::string_view mark = "rounds;desc=\"";
    auto at = timing.find(mark);
    return at == timing.npos ? -1 : std::stoi(timing.substr(at + mark.size()));
}

TEST_F(Inventory, receiving_puts_stock_on_the_shelf_and_a_line_into_the_ledger) {
    auto mug = given.product();
    auto reply = when.post(path_of(mug, "receive"),
                           R"({"location_id":1,"quantity":"15","reason":"delivery 7"})");
    then(reply).succeeded().has("/on_hand", "15").has("/allocated", "0").has("/available", "15");
    then(when.post(path_of(mug, "receive"), R"({"quantity":2.5})")).has("/on_hand", "17.5");
    auto item = when.get("/inventory/items/" + mug.sku);
    then(item).has("/balances/0/location_id", "1").has("/balances/0/available", "17.5");
    EXPECT_EQ(when.get("/inventory/items/" + item["id"].text()).body, item.body);
    EXPECT_EQ(when.get("/inventory/items/by-number/" + mug.sku).body, item.body);
    auto ledger = when.get(path_of(mug, "movements"));
    then(ledger)
        .has("/data/0/delta", "2.5")
        .has("/data/0/on_hand", "17.5")
        .has("/data/1/kind", "receive")
        .has("/data/1/reason", "delivery 7");
}

TEST_F(Inventory, an_item_with_a_numeric_number_is_found_by_number) {
    auto number = "99" + std::to_string(std::random_device{}() % 1'000'000'000);
    auto made = when.post("/inventory/items", R"({"item_number":")" + number + R"("})");
    then(made).created();
    then(when.get("/inventory/items/by-number/" + number)).has("/id", made["id"].text());
    then(when.get("/inventory/items/" + number)).refused(404, "not_found");
    then(when.post("/inventory/items", R"({"item_number":")" + number + R"("})"))
        .refused(409, "already_exists")
        .names("/item_number");
}

TEST_F(Inventory, quantities_that_make_no_sense_are_refused) {
    auto mug = given.product().with_stock(5);
    for (auto* quantity : {"0", "-1", "1.00001", "1e400", "NaN", ""}) {
        auto body = R"({"quantity":")" + std::string(quantity) + R"("})";
        then(when.post(path_of(mug, "receive"), body)).has_code(400).names("/quantity");
        then(reserve(mug, quantity)).has_code(400).names("/quantity");
    }
    then(when.post(path_of(mug, "receive"), R"({"quantity":"9999999999999"})"))
        .has_code(400)
        .names("/quantity");
    then(when.post(path_of(mug, "receive"), R"({"quantity":"1","location_id":999999})"))
        .has_code(400)
        .names("/location_id");
    then(when.post("/inventory/items/NO-SUCH/receive", R"({"quantity":"1"})"))
        .refused(404, "not_found");
    then.stock_is(mug.sku, {"5", "0", "5"});
}

TEST_F(Inventory, reserving_promises_and_releasing_gives_back) {
    auto mug = given.product().with_stock(15);
    auto held = reserve(mug, "5", R"("reference":"quote-7","expires_in_s":60)");
    then(held)
        .has_code(201)
        .has("/status", "active")
        .has("/quantity", "5")
        .has("/location_id", "1")
        .has("/reference", "quote-7");
    EXPECT_TRUE(held["expires_at"].is_string());
    EXPECT_GE(rounds_of(held), 1) << "Server-Timing says how many";
    EXPECT_LE(rounds_of(held), most_rounds_of_a_hot_item);
    then.stock_is(mug.sku, {"15", "5", "10"});
    auto path = "/inventory/reservations/" + held.id();
    then(when.post(path + "/release")).succeeded().has("/status", "released");
    then.stock_is(mug.sku, {"15", "0", "15"});
    then(when.post(path + "/release")).refused(409, "illegal_transition");
    then(when.post(path + "/consume")).refused(409, "illegal_transition");
    then(when.get(path)).has("/status", "released");
    EXPECT_EQ(events_about(held.id()),
              (std::vector<std::string>{"inventory.reserved", "inventory.released"}));
}

TEST_F(Inventory, short_stock_says_what_is_short_by_how_much) {
    auto mug = given.product().with_stock(3);
    auto reply = reserve(mug, "3.5");
    then(reply)
        .refused(409, "insufficient_stock")
        .names("/quantity")
        .has("/errors/0/params/sku", mug.sku)
        .has("/errors/0/params/wanted", "3.5")
        .has("/errors/0/params/available", "3");
    then(reserve(given.product(), "1")).refused(409, "insufficient_stock");
    then.stock_is(mug.sku, {"3", "0", "3"});
}

TEST_F(Inventory, consuming_takes_stock_off_the_shelf_part_by_part) {
    auto mug = given.product().with_stock(10);
    auto held = reserve(mug, "4");
    auto path = "/inventory/reservations/" + held.id() + "/consume";
    then(when.post(path, R"({"quantity":"1.5"})"))
        .succeeded()
        .has("/status", "active")
        .has("/consumed", "1.5");
    then.stock_is(mug.sku, {"8.5", "2.5", "6"});
    then(when.post(path, R"({"quantity":"3"})")).refused(409, "exceeds_reservation");
    then(when.post(path)).succeeded().has("/status", "consumed").has("/consumed", "4");
    then.stock_is(mug.sku, {"6", "0", "6"});
    then(when.get(path_of(mug, "movements")))
        .has("/data/0/delta", "-2.5")
        .has("/data/0/kind", "consume");
}

TEST_F(Inventory, a_reservation_ends_by_itself) {
    auto mug = given.product().with_stock(5);
    auto held = reserve(mug, "5", R"("expires_in_s":1)");
    auto path = "/inventory/reservations/" + held.id();
    EXPECT_TRUE(eventually(std::chrono::seconds(20),
                           [&] { return when.get(path)["status"] == "expired"; }));
    then.stock_is(mug.sku, {"5", "0", "5"});
    EXPECT_EQ(events_about(held.id()),
              (std::vector<std::string>{"inventory.reserved", "inventory.expired"}));
}

TEST_F(Inventory, adjusting_records_what_is_there) {
    auto mug = given.product().with_stock(10);
    auto by = adjust(mug, R"("delta":"-2")");
    then(by).succeeded().has("/on_hand", "8");
    then(adjust(mug, R"("on_hand":"20","expected_version":)" + by["version"].text()))
        .succeeded()
        .has("/on_hand", "20");
    then(adjust(mug, R"("on_hand":"1","expected_version":)" + by["version"].text()))
        .refused(412, "precondition_failed");
    then(adjust(mug, R"("delta":"-21")")).has_code(400).names("/delta");
    then(adjust(mug, R"("delta":"1","on_hand":"1")")).has_code(400);
    then(when.post(path_of(mug, "adjust"), R"({"delta":"1"})")).has_code(400).names("/reason");
    then.stock_is(mug.sku, {"20", "0", "20"});
    then(when.get(path_of(mug, "movements")))
        .has("/data/0/kind", "adjust")
        .has("/data/0/delta", "12")
        .has("/data/0/reason", "counted");
    EXPECT_EQ(events_about(balance_of(mug)),
              (std::vector<std::string>{"inventory.received", "inventory.adjusted",
                                        "inventory.adjusted"}));
}

TEST_F(Inventory, an_adjustment_below_what_is_promised_names_who_holds_it) {
    auto mug = given.product().with_stock(10);
    auto first = reserve(mug, "4"), second = reserve(mug, "5");
    auto refused = adjust(mug, R"("on_hand":"6")");
    then(refused)
        .refused(409, "below_allocated")
        .names("/on_hand")
        .has("/errors/0/params/reservation_id", second.id())
        .has("/errors/1/params/reservation_id", first.id());
    then.stock_is(mug.sku, {"10", "9", "1"});
    then(adjust(mug, R"("on_hand":"6","release_reservations":true)"))
        .succeeded()
        .has("/on_hand", "6")
        .has("/allocated", "4");
    then(when.get("/inventory/reservations/" + second.id())).has("/status", "released");
    then(when.get("/inventory/reservations/" + first.id())).has("/status", "active");
}

TEST_F(Inventory, an_adjustment_takes_from_unpaid_orders_before_paid_ones) {
    auto mug = given.product().with_stock(10);
    auto unpaid = given.processed(given.order(mug, 3));
    auto paid = given.paid(given.processed(given.order(mug, 3)));
    then(adjust(mug, R"("on_hand":"4","release_reservations":true)"))
        .succeeded()
        .has("/allocated", "3");
    then.order(unpaid.id)
        .has_status("pending")
        .has_fulfillment_status("unfulfilled")
        .and_published({"inventory.released", "order.updated"});
    then.order(paid.id).has_status("processing").has_fulfillment_status("reserved");
    then(adjust(mug, R"("delta":"-4","release_reservations":true)")).succeeded();
    then.order(paid.id).has_status("pending").has_payment_status("paid");
}

TEST_F(Inventory, releasing_a_reservation_of_an_order_sends_it_back_to_pending) {
    auto mug = given.product().with_stock(10), cup = given.product("CUP").with_stock(10);
    auto order = given.processed(given.order(std::vector<Wanted>{{mug.sku, 2}, {cup.sku, 1}}));
    auto held = when.get("/inventory/reservations?order_id=" + order.id);
    ASSERT_EQ(held["data"].size(), 2u);
    auto path = "/inventory/reservations/" + held.text("/data/0/id");
    then(when.post(path + "/consume")).refused(409, "belongs_to_order");
    auto reply = when.post(path + "/release");
    then(reply).succeeded().has("/status", "released");
    EXPECT_GE(rounds_of(reply), 1);
    EXPECT_LE(rounds_of(reply), most_rounds);
    then.order(order.id).has_status("pending").has_fulfillment_status("unfulfilled");
    then.stock_is(mug.sku, {"10", "0", "10"});
    then.stock_is(cup.sku, {"10", "0", "10"});
    then(when.post("/orders/" + order.id + "/process")).succeeded();
}

TEST_F(Inventory, no_command_of_stock_needs_more_than_five_rounds) {
    auto mug = given.product().with_stock(10);
    auto order = given.paid(given.processed(given.order(mug, 6)));
    given.must(when.post("/shipments", R"({"order_id":")" + order.id + R"("})"), 201, "shipment");
    auto sku = given.unique("CUP");
    auto made =
        when.post("/products", R"({"name":"Cup","sku":")" + sku +
                                   R"(","price":"1","currency":"USD","variants":[{"sku":")" + sku +
                                   R"(-L"}]})");
    auto variants = "/products/" + made.id() + "/variants";
    for (const auto& reply :
         {made, when.patch("/products/" + made.id(), R"({"price":"2","track_inventory":true})"),
          when.post(variants, R"({"sku":")" + sku + R"(-M"})"),
          when.post("/products/" + made.id() + "/archive"), location(),
          when.post(path_of(mug, "receive"), R"({"quantity":"1"})"),
          adjust(mug, R"("on_hand":"3","release_reservations":true)"),
          when.patch("/inventory/balances/" + balance_of(mug), R"({"reorder_point":"1"})")}) {
        then(reply).succeeded();
        EXPECT_GE(rounds_of(reply), 1);
        EXPECT_LE(rounds_of(reply), most_rounds) << reply;
    }
    then.order(order.id).has_status("pending").has_payment_status("paid");
}

TEST_F(Inventory, low_stock_is_told_once_per_crossing) {
    auto mug = given.product().with_stock(10);
    auto balance = balance_of(mug);
    then(when.patch("/inventory/balances/" + balance, R"({"reorder_point":"5"})"))
        .succeeded()
        .has("/reorder_point", "5");
    reserve(mug, "4");
    auto low = reserve(mug, "1");
    reserve(mug, "1");
    auto count = [&] { return std::ranges::count(events_about(balance), "inventory.low_stock"); };
    EXPECT_EQ(count(), 1);
    auto list = when.get("/inventory/low-stock?limit=100");
    EXPECT_TRUE(std::ranges::any_of(list["data"].elements(),
                                    [&](const Json& one) { return one["id"] == balance; }));
    given.stock(mug.sku, "10");
    EXPECT_EQ(count(), 1);
    adjust(mug, R"("delta":"-9")");
    EXPECT_EQ(count(), 2);
    then(when.patch("/inventory/balances/" + balance, R"({"reorder_point":"-1"})"))
        .has_code(400)
        .names("/reorder_point");
}

TEST_F(Inventory, orders_draw_from_one_location_if_it_has_all_else_by_priority) {
    auto near = location(R"("priority":1)"), far = location(R"("priority":500)");
    then(near).created();
    auto mug = given.product().with_stock(2);
    given.stock(mug.sku, "3", near["id"].number());
    given.stock(mug.sku, "4", far["id"].number());
    auto locations_of = [&](const Order& order) {
        std::vector<std::string> places;
        auto held = when.get("/inventory/reservations?order_id=" + order.id);
        for (const auto& one : held["data"].elements()) {
            places.push_back(one["location_id"].text() + ":" + one["quantity"].text());
        }
        std::ranges::sort(places);
        return places;
    };
    auto whole = given.processed(given.order(mug, 4));
    EXPECT_EQ(locations_of(whole), std::vector{far["id"].text() + ":4"});
    auto split = given.processed(given.order(mug, 4));
    EXPECT_EQ(locations_of(split), (std::vector<std::string>{"1:1", near["id"].text() + ":3"}));
    auto order = given.order(mug, 2);
    then(when.post("/orders/" + order.id + "/process"))
        .refused(409, "insufficient_stock")
        .has("/errors/0/params/available", "1");
}

TEST_F(Inventory, a_closed_location_is_neither_filled_nor_drawn_from) {
    auto place = location();
    auto path = "/locations/" + place["id"].text();
    auto mug = given.product();
    given.stock(mug.sku, "5", place["id"].number());
    then(when.patch(path, R"({"active":false})")).succeeded().has("/active", "false");
    auto in = R"({"quantity":"1","location_id":)" + place["id"].text() + "}";
    then(when.post(path_of(mug, "receive"), in)).has_code(400).names("/location_id");
    then(when.post(path_of(mug, "reserve"), in)).has_code(400).names("/location_id");
    auto order = given.order(mug, 1);
    EXPECT_TRUE(eventually(std::chrono::seconds(20), [&] {
        auto reply = when.post("/orders/" + order.id + "/process");
        if (reply.ok()) when.post("/orders/" + order.id + "/cancel");
        if (reply.ok()) order = given.order(mug, 1);
        return reply.code() == "insufficient_stock";
    }));
    then(when.post("/locations", R"({"code":")" + place["code"].text() + R"(","name":"x"})"))
        .refused(409, "already_exists")
        .names("/code");
}

TEST_F(Inventory, explain_says_why_it_is_not_available) {
    auto mug = given.product().with_stock(10);
    auto order = given.processed(given.order(mug, 3));
    reserve(mug, "2", R"("reference":"quote-7")");
    auto why = when.get(path_of(mug, "explain"));
    then(why)
        .has("/on_hand", "10")
        .has("/allocated", "5")
        .has("/available", "5")
        .has("/locations/0/code", "MAIN")
        .has("/reservations/0/order_number", order.number)
        .has("/reservations/0/held", "3")
        .has("/reservations/1/reference", "quote-7")
        .has("/movements/0/kind", "receive");
    EXPECT_TRUE(why.at("/reservations/0/expires_at").is_string());
}

TEST_F(Inventory, of_a_thousand_units_exactly_a_thousand_are_granted) {
    constexpr int clients = 64, asked_by_each = 20, units = 1000;
    auto mug = given.product().with_stock(units);
    auto path = path_of(mug, "reserve");
    auto counts = parallel(clients, [&, client = when](int) {
        Client mine(client);
        std::map<int, int> statuses;
        for (int i = 0; i < asked_by_each; ++i) {
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
    auto verified = server.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

TEST_F(Inventory, releasing_and_consuming_at_once_leave_what_one_order_of_them_explains) {
    auto mug = given.product().with_stock(100);
    for (int round = 0; round < 10; ++round) {
        auto held = reserve(mug, "5").id();
        auto statuses = parallel(4, [&, client = when](int i) {
            Client mine(client);
            auto path = "/inventory/reservations/" + held + (i % 2 ? "/release" : "/consume");
            return mine.post(path).status;
        });
        EXPECT_EQ(std::ranges::count(statuses, 200), 1);
        EXPECT_EQ(std::ranges::count(statuses, 409), 3);
    }
    auto stock = then.stock(mug.sku);
    EXPECT_EQ(stock.allocated, "0");
    EXPECT_EQ(stock.on_hand, stock.available);
}

TEST_F(Inventory, another_tenant_has_stock_and_a_main_location_of_its_own) {
    auto mug = given.product().with_stock(5);
    auto other = server.other_tenant(given.unique("elsewhere"));
    EXPECT_EQ(other.get("/inventory/items/" + mug.sku).status, 404);
    auto id = when.get("/inventory/items/" + mug.sku)["id"].text();
    EXPECT_EQ(other.get("/inventory/items/" + id).status, 404);
    EXPECT_EQ(other.post("/inventory/items/" + id + "/receive", R"({"quantity":"1"})").status, 404);
    Story elsewhere(other);
    auto product = elsewhere.given.product();
    auto received = other.post(path_of(product, "receive"), R"({"quantity":"1"})");
    elsewhere.then(received).succeeded();
    EXPECT_NE(received["location_id"], 1);
    then.stock_is(mug.sku, {"5", "0", "5"});
}

// verify must be able to find something, and to say so when it cannot look.
TEST(Verify, names_the_row_that_does_not_hold) {
    Server server;
    Story story(server);
    auto mug = story.given.product().with_stock(5);
    story.given.delivered_order();
    EXPECT_EQ(server.run({"verify"}).status, 0) << server.run({"verify"}).output;
    server.kill();
    EXPECT_EQ(server.run({"verify"}).status, 0) << server.run({"verify"}).output;
    auto elsewhere = (server.data() / "nowhere").string();
    EXPECT_EQ(run_stateset({"verify", "--data", elsewhere}).status, 2);
    EXPECT_EQ(run_stateset({"verify", "--database", "postgres://127.0.0.1:1/nowhere"}).status, 2);
    server.database().ask(
        "update inventory_balances set on_hand = on_hand + 10000;"
        "update orders set payment_status = 'unpaid', event_sequence = event_sequence + 1;"
        "delete from customers;");
    auto found = server.run({"verify"});
    EXPECT_EQ(found.status, 1);
    for (auto* text : {"inventory_balances ", "its movements add up to 50000",
                       "payment_status is unpaid, should be paid", "its customer does not exist",
                       "events, the log has"}) {
        EXPECT_NE(found.output.find(text), std::string::npos) << text << "\n" << found.output;
    }
}

}  // namespace
}  // namespace stateset::support
