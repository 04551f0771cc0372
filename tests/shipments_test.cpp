// Goods on their way: shipments, their carriers' signed reports, and many clients at once on one
// order, through the real binary.

#include <algorithm>
#include <ctime>
#include <map>

#include "platform/auth/crypto.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

using namespace std::chrono_literals;

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

// {"name":"value", …}, every value a string.
std::string object_of(const std::vector<std::pair<std::string, std::string>>& members) {
    std::string body;
    for (const auto& [name, value] : members) {
        body += (body.empty() ? "{" : ",") + in_quotes(name) + ":" + in_quotes(value);
    }
    return body.empty() ? "{}" : body + "}";
}

std::string shipment_of(const Order& order, std::int64_t quantity) {
    return R"({"order_id":)" + in_quotes(order.id) + R"(,"items":[{"order_item_id":)" +
           in_quotes(order.line()) + R"(,"quantity":)" + std::to_string(quantity) + "}]}";
}

std::string shipment_of(const Order& order) { return object_of({{"order_id", order.id}}); }

// The amount in minor units, from "99.98".
std::int64_t minor(const Json& amount) {
    auto text = amount.text();
    std::erase(text, '.');
    return text.empty() ? 0 : std::stoll(text);
}

// How often the command was run until nothing was missing: Server-Timing, rounds;desc="4".
int rounds_of(const Reply& reply) {
    auto timing = reply.header("Server-Timing");
    auto at = timing.find("rounds;desc=\"");
    return at == timing.npos ? -1 : std::stoi(timing.substr(at + 13));
}

class Shipments : public Journey {
  protected:
    Order paid_order_of(std::int64_t quantity) {
        return given.paid(
            given.processed(given.order(given.product().with_stock(quantity), quantity)));
    }
    Reply ship(const std::string& shipment) {
        return when.post("/shipments/" + shipment + "/ship");
    }
    std::string made(const std::string& body) {
        return given.must(when.post("/shipments", body), 201, "shipment").id();
    }
};

TEST_F(Shipments, carry_an_order_from_its_label_to_the_door) {
    auto order = paid_order_of(2);
    auto made = when.post("/shipments", shipment_of(order));
    then(made).created().has("/status", "label_created").has("/carrier", "sandbox");
    then(made).has("/items/0/order_item_id", order.line()).has("/items/0/quantity", "2");
    EXPECT_EQ(made["tracking_number"].text().size(), 21u) << made;

    auto shipped = ship(made.id());
    then(shipped).has_code(200).has("/status", "shipped");
    EXPECT_TRUE(shipped["shipped_at"].is_string()) << shipped;
    then.order(order.id)
        .has_status("shipped")
        .has_fulfillment_status("fulfilled")
        .has("/tracking_number", made["tracking_number"].text())
        .has("/items/0/shipped", "2")
        .has("/items/0/reserved", "0");
    then.stock_is(order.sku, {"0", "0", "0"});

    then(when.post("/shipments/" + made.id() + "/deliver"))
        .has_code(200)
        .has("/status", "delivered");
    then.order(order.id)
        .has_status("delivered")
        .and_published({"shipment.created", "inventory.allocated", "shipment.shipped",
                        "order.shipped", "shipment.delivered", "order.delivered"});
    then.shipment(made.id()).has("/history/0/status", "label_created");
    then.shipment(made.id()).has("/history/2/status", "delivered");
}

TEST_F(Shipments, take_an_order_away_in_parts) {
    auto order = paid_order_of(5);
    auto first = made(shipment_of(order, 2));
    then(ship(first)).has_code(200);
    then.order(order.id)
        .has_status("partially_shipped")
        .has_fulfillment_status("partially_fulfilled");
    then.stock_is(order.sku, {"3", "3", "0"});

    auto second = made(shipment_of(order));
    then.shipment(second).has("/items/0/quantity", "3");
    then(when.post("/shipments/" + first + "/deliver")).has_code(200);
    then.order(order.id).has_status("partially_shipped");
    then(ship(second)).has_code(200);
    then.order(order.id).has_status("shipped").has("/items/0/shipped", "5");
    then(when.post("/shipments/" + second + "/deliver")).has_code(200);
    then.order(order.id).has_status("delivered");
    then.stock_is(order.sku, {"0", "0", "0"});
}

TEST_F(Shipments, never_hold_more_than_was_ordered) {
    auto order = paid_order_of(3);
    auto too_many = when.post("/shipments", shipment_of(order, 4));
    then(too_many).refused(409, "exceeds_order").names("/items/0/quantity");
    auto first = made(shipment_of(order, 2));
    then(when.post("/shipments", shipment_of(order, 2))).refused(409, "exceeds_order");
    auto second = made(shipment_of(order));
    then(when.post("/shipments", shipment_of(order))).refused(409, "nothing_to_ship");
    // What a cancelled shipment held is free again.
    then(when.post("/shipments/" + second + "/cancel")).has_code(200).has("/status", "cancelled");
    then(when.post("/shipments", shipment_of(order, 1))).created();
    then(when.post("/shipments/" + second + "/ship")).refused(409, "illegal_transition");
    then(ship(first)).has_code(200);
    then(when.post("/shipments/" + first + "/cancel")).refused(409, "illegal_transition");
}

TEST_F(Shipments, are_refused_where_the_request_names_nothing) {
    auto order = paid_order_of(1), other = paid_order_of(1);
    auto nowhere = std::string("0198c9f2-0000-7000-8000-000000000000");
    then(when.post("/shipments", object_of({{"order_id", nowhere}})))
        .refused(400, "invalid")
        .names("/order_id");
    auto strange = R"({"order_id":)" + in_quotes(order.id) + R"(,"items":[{"order_item_id":)" +
                   in_quotes(other.line()) + R"(,"quantity":1}]})";
    then(when.post("/shipments", strange)).refused(400, "invalid").names("/items/0/order_item_id");
    then(when.post("/shipments", object_of({{"order_id", order.id}, {"carrier", "nobody"}})))
        .refused(400, "invalid")
        .names("/carrier");
    auto elsewhere = R"({"order_id":)" + in_quotes(order.id) + R"(,"location_id":999999999})";
    then(when.post("/shipments", elsewhere)).refused(400, "invalid").names("/location_id");
    then(when.post("/shipments/" + nowhere + "/ship")).refused(404, "not_found");
    then(when.get("/shipments/track/SB-nothing")).refused(404, "not_found");
    then.order(order.id).and_published_nothing();
}

TEST_F(Shipments, wait_until_the_order_is_paid) {
    auto order = given.processed_order();
    auto shipment = made(shipment_of(order));
    then(ship(shipment)).refused(409, "payment_required");
    then(when.post("/orders/" + order.id + "/ship")).refused(409, "payment_required");
    then.order(order.id).has_status("processing");
    then.stock_is(order.sku, {"15", "2", "13"});
    given.paid(order);
    then(ship(shipment)).has_code(200);
}

TEST_F(Shipments, leave_before_the_money_comes_when_sold_on_account) {
    auto order = given.processed(
        given.order(given.product().with_stock(1), 1, R"("payment_terms":"on_account")"));
    then(ship(made(shipment_of(order)))).has_code(200);
    then.order(order.id).has_status("shipped").has_payment_status("unpaid");
}

TEST_F(Shipments, leave_once) {
    auto order = given.shipped_order();
    then(ship(order.shipment)).refused(409, "illegal_transition");
    then(when.post("/shipments", shipment_of(order))).refused(409, "illegal_transition");
    then.stock_is(order.sku, {"13", "0", "13"});
    then.order(order.id).has("/items/0/shipped", "2").and_published_nothing();
}

TEST_F(Shipments, stay_here_while_the_order_waits_or_is_over) {
    auto pending = given.order();
    then(when.post("/shipments", shipment_of(pending))).refused(409, "illegal_transition");

    auto order = given.paid_order();
    auto shipment = made(shipment_of(order));
    given.must(when.post("/orders/" + order.id + "/hold"), 200, "hold");
    then(ship(shipment)).refused(409, "illegal_transition");
    then(when.post("/orders/" + order.id + "/ship")).refused(409, "illegal_transition");
    given.must(when.post("/orders/" + order.id + "/cancel"), 200, "cancel");
    then.shipment(shipment).has_status("cancelled");
    then(ship(shipment)).refused(409, "illegal_transition");
    then.stock_is(order.sku, {"15", "0", "15"});
}

TEST_F(Shipments, go_out_in_one_step_for_a_whole_order) {
    auto order = paid_order_of(5);
    auto ready = made(shipment_of(order, 2));
    auto shipped = when.post("/orders/" + order.id + "/ship");
    then(shipped).has_code(200).has("/status", "shipped").has("/items/0/shipped", "5");
    then.shipment(ready).has_status("shipped");
    auto all = when.get("/shipments?expand=items&order_id=" + order.id);
    ASSERT_EQ(all["data"].size(), 2u) << all;
    then(all).has("/data/0/status", "shipped").has("/data/0/items/0/quantity", "3");
    then(all).has("/data/1/items/0/quantity", "2");
    then(when.post("/orders/" + order.id + "/ship")).refused(409, "illegal_transition");
    then.stock_is(order.sku, {"0", "0", "0"});
}

TEST_F(Shipments, take_stock_from_where_it_is_reserved) {
    auto code = given.unique("w");
    auto body = object_of({{"code", code}, {"name", "North"}, {"type", "warehouse"}});
    auto north = given.must(when.post("/locations", body), 201, "location")["id"].number();
    auto product = given.product().with_stock(3).with_stock("2", north);
    auto order = given.paid(given.processed(given.order(product, 5)));
    auto there = R"({"order_id":)" + in_quotes(order.id) + R"(,"location_id":)" +
                 std::to_string(north) + "}";
    auto second = when.post("/shipments", there);
    then(second).created().has("/items/0/quantity", "2");
    auto first = when.post("/shipments", shipment_of(order));
    then(first).created().has("/items/0/quantity", "3").has("/location_id", "1");
    then(ship(first.id())).has_code(200);
    EXPECT_EQ(then.stock(product.sku), (Stock{"0", "0", "0"}));
    EXPECT_EQ(then.stock(product.sku, north), (Stock{"2", "2", "0"}));
    then(ship(second.id())).has_code(200);
    EXPECT_EQ(then.stock(product.sku, north), (Stock{"0", "0", "0"}));
    then.order(order.id).has_status("shipped");
}

TEST_F(Shipments, leave_from_several_places_when_no_single_one_has_all) {
    auto body = object_of({{"code", given.unique("s")}, {"name", "South"}, {"type", "warehouse"}});
    auto south = given.must(when.post("/locations", body), 201, "location")["id"].number();
    auto product = given.product().with_stock(3).with_stock("2", south);
    auto order = given.shipped(given.paid(given.processed(given.order(product, 5))));
    then.order(order.id).has_status("shipped").has("/items/0/shipped", "5");
    EXPECT_EQ(then.stock(product.sku), (Stock{"0", "0", "0"}));
    EXPECT_EQ(then.stock(product.sku, south), (Stock{"0", "0", "0"}));
}

TEST_F(Shipments, carry_untracked_goods_too) {
    auto product = given.product("GIFTCARD", "10.00", R"("track_inventory":false)");
    auto order =
        given.delivered(given.shipped(given.paid(given.processed(given.order(product, 3)))));
    then.order(order.id).has_status("delivered").has("/items/0/shipped", "3");
}

TEST_F(Shipments, are_found_by_what_people_know) {
    auto order = given.shipped_order();
    auto shipment = when.get("/shipments/" + order.shipment);
    auto number = shipment["tracking_number"].text();
    then(when.get("/shipments/track/" + number)).has_code(200).has("/id", order.shipment);
    for (const auto& filter : {"order_id=" + order.id, "tracking_number=" + number,
                               "status=shipped&carrier=sandbox&order_id=" + order.id}) {
        auto found = when.get("/shipments?" + filter);
        EXPECT_EQ(found["data"].size(), 1u) << found;
        then(found).has("/data/0/id", order.shipment);
    }
    EXPECT_EQ(when.get("/shipments?status=delivered&order_id=" + order.id)["data"].size(), 0u);
}

TEST_F(Shipments, have_a_label_to_print) {
    auto order = given.paid(given.processed(given.order(
        given.product().with_stock(1), 1,
        R"("shipping_address":{"line1":"12 St James's Square","city":"London","country":"GB"})")));
    auto shipment = made(shipment_of(order));
    auto label = when.get("/shipments/" + shipment + "/label");
    then(label).has_code(200);
    EXPECT_EQ(label.header("Content-Type"), "application/pdf");
    EXPECT_TRUE(label.body.starts_with("%PDF-")) << label.body.substr(0, 20);
    EXPECT_NE(label.body.find("(12 St James's Square)"), std::string::npos);
    given.must(when.post("/shipments/" + shipment + "/cancel"), 200, "cancel");
    then(when.get("/shipments/" + shipment + "/label")).refused(404, "not_found");
}

TEST_F(Shipments, of_another_carrier_wait_for_its_number) {
    auto code = given.unique("post");
    std::ranges::transform(code, code.begin(), [](unsigned char c) { return std::tolower(c); });
    given.must(when.post("/carriers", object_of({{"code", code}, {"name", "Post"}})), 201,
               "carrier");
    auto order = given.paid_order();
    auto pending = when.post("/shipments", object_of({{"order_id", order.id}, {"carrier", code}}));
    then(pending).created().has("/status", "pending");
    EXPECT_TRUE(pending["tracking_number"].is_null()) << pending;
    then(when.get("/shipments/" + pending.id() + "/label")).refused(404, "not_found");
    then(ship(pending.id())).refused(409, "illegal_transition");
    auto label = "/shipments/" + pending.id() + "/label";
    then(when.post(label)).refused(400, "invalid").names("/tracking_number");
    auto number = object_of({{"tracking_number", given.unique("RR")}});
    then(when.post(label, number)).has_code(200).has("/status", "label_created");
    then(when.post(label, number)).refused(409, "illegal_transition");

    auto other = given.paid_order();
    auto taken = object_of(
        {{"order_id", other.id},
         {"carrier", code},
         {"tracking_number", when.get("/shipments/" + pending.id())["tracking_number"].text()}});
    then(when.post("/shipments", taken)).refused(409, "already_exists").names("/tracking_number");
    then(ship(pending.id())).has_code(200);
}

// Five is the most that any command of the house may need.
TEST_F(Shipments, take_few_rounds_however_many_lines_there_are) {
    std::vector<Wanted> wanted;
    for (int i = 0; i < 20; ++i) wanted.emplace_back(given.product().with_stock(2).sku, 2);
    auto order = given.paid(given.processed(given.order(wanted)));
    auto first = when.post("/shipments", shipment_of(order, 1));
    auto shipped = ship(first.id());
    auto second = when.post("/shipments", shipment_of(order));
    auto cancelled = when.post("/shipments/" + second.id() + "/cancel");
    auto rest = when.post("/orders/" + order.id + "/ship");
    auto delivered = when.post("/shipments/" + first.id() + "/deliver");
    for (const auto& reply : {first, shipped, second, cancelled, rest, delivered}) {
        then(reply).succeeded();
        EXPECT_GT(rounds_of(reply), 0) << reply.header("Server-Timing");
        EXPECT_LE(rounds_of(reply), 5) << reply;
    }
    then.order(order.id).has_status("shipped");
}

// ---- carriers ----

// A server of its own: the carrier `sandbox` is one per tenant.
class CarrierReports : public ::testing::Test {
  protected:
    Server server;
    Story story{server};
    Given& given = story.given;
    Client& when = story.when;
    Then& then = story.then;
    Client stranger = server.anybody();
    std::string carrier;  // its id
    std::string secret = carrier_secret();
    int events = 0;

    std::string carrier_secret() {
        auto body = object_of({{"code", "sandbox"}, {"name", "Sandbox"}});
        auto made = given.must(when.post("/carriers", body), 201, "carrier");
        carrier = made.id();
        return made["secret"].text();
    }
    std::string report_of(const Order& order, std::string_view status,
                          std::vector<std::pair<std::string, std::string>> more = {}) {
        auto number = when.get("/shipments/" + order.shipment)["tracking_number"].text();
        bool named = std::ranges::any_of(more, [](auto& one) { return one.first == "event_id"; });
        if (!named) more.emplace_back("event_id", "e" + std::to_string(++events));
        more.emplace_back("tracking_number", number);
        more.emplace_back("status", status);
        return object_of(more);
    }
    static Headers signed_with(const std::string& secret, const std::string& body,
                               std::int64_t timestamp) {
        auto key = auth::webhook_secret_bytes(secret).value();
        return {{"webhook-id", "msg_1"},
                {"webhook-timestamp", std::to_string(timestamp)},
                {"webhook-signature", auth::webhook_signature(key, "msg_1", timestamp, body)}};
    }
    Reply report(const std::string& body) {
        return stranger.post("/carriers/sandbox/webhook", body,
                             signed_with(secret, body, std::time(nullptr)));
    }
};

TEST_F(CarrierReports, move_the_shipment_and_deliver_the_order) {
    auto order = given.shipped_order();
    then(report(report_of(order, "in_transit"))).has_code(200).has("/changed", "true");
    then(report(report_of(order, "out_for_delivery"))).has_code(200).has("/changed", "true");
    then(report(report_of(order, "delivered", {{"note", "Left with a neighbour"}}))).has_code(200);
    then.shipment(order.shipment)
        .has_status("delivered")
        .has("/history/4/note", "Left with a neighbour");
    then.order(order.id)
        .has_status("delivered")
        .and_published({"shipment.in_transit", "shipment.in_transit", "shipment.delivered",
                        "order.delivered"});
}

TEST_F(CarrierReports, change_nothing_when_they_come_again_or_late) {
    auto order = given.shipped_order();
    auto delivered = report_of(order, "delivered", {{"event_id", "once"}});
    then(report(delivered)).has_code(200).has("/changed", "true");
    then(report(delivered)).has_code(200).has("/changed", "false");
    for (auto status : {"in_transit", "out_for_delivery", "exception", "delivered", "shipped"}) {
        then(report(report_of(order, status))).has_code(200).has("/changed", "false");
    }
    then.order(order.id)
        .has_status("delivered")
        .and_published({"shipment.delivered", "order.delivered"});
}

TEST_F(CarrierReports, of_before_an_exception_do_not_end_it) {
    auto order = given.shipped_order();
    then(report(report_of(order, "exception", {{"note", "Address not found"}})))
        .has("/changed", "true");
    auto before = report_of(order, "in_transit", {{"occurred_at", "2020-01-01T00:00:00Z"}});
    then(report(before)).has_code(200).has("/changed", "false");
    then.shipment(order.shipment).has_status("exception");
    then(report(report_of(order, "in_transit"))).has("/changed", "true");
    then(report(report_of(order, "returned_to_sender"))).has("/changed", "true");
    then.shipment(order.shipment)
        .has_status("returned_to_sender")
        .has("/history/4/status", "exception");
    then.order(order.id).has_status("shipped");
}

TEST_F(CarrierReports, must_be_signed_with_the_secret_now) {
    auto order = given.shipped_order();
    auto body = report_of(order, "delivered");
    auto path = "/carriers/sandbox/webhook";
    auto now = std::time(nullptr);
    then(stranger.post(path, body)).refused(401, "bad_signature");
    auto wrong = signed_with(auth::make_webhook_secret(), body, now);
    then(stranger.post(path, body, wrong)).refused(401, "bad_signature");
    auto right = signed_with(secret, body, now);
    then(stranger.post(path, body + " ", right)).refused(401, "bad_signature");
    for (auto away : {-301, 302}) {
        then(stranger.post(path, body, signed_with(secret, body, now + away)))
            .refused(401, "bad_signature");
    }
    then(stranger.post("/carriers/nobody/webhook", body, right)).refused(404, "not_found");
    auto unknown =
        object_of({{"event_id", "x"}, {"tracking_number", "SB0"}, {"status", "delivered"}});
    then(report(unknown)).refused(404, "not_found");
    then(report("{}")).refused(400, "invalid").names("/tracking_number");
    then(report("nonsense")).has_code(400);
    then.order(order.id).has_status("shipped").and_published_nothing();
    then(stranger.post(path, body, right)).has_code(200);
}

TEST_F(CarrierReports, are_believed_with_either_secret_while_it_rotates) {
    auto order = given.shipped_order();
    auto rotated = when.post("/carriers/" + carrier + "/rotate-secret");
    then(rotated).has_code(200);
    EXPECT_NE(rotated["secret"].text(), secret);
    then(report(report_of(order, "in_transit"))).has_code(200);
    secret = rotated["secret"].text();
    then(report(report_of(order, "delivered"))).has_code(200);
    auto read = when.get("/carriers/" + carrier);
    then(read).has_code(200).has("/code", "sandbox");
    EXPECT_EQ(read.body.find("whsec_"), std::string::npos) << read;
}

TEST_F(CarrierReports, about_what_has_not_left_are_to_be_sent_again) {
    auto order = given.paid_order();
    order.shipment = given.must(when.post("/shipments", shipment_of(order)), 201, "shipment").id();
    auto early = report_of(order, "in_transit");
    then(report(early)).refused(409, "illegal_transition");
    given.must(when.post("/shipments/" + order.shipment + "/ship"), 200, "ship");
    then(report(early)).has_code(200).has("/changed", "true");
}

// ---- many at once ----

class ShipmentRaces : public Shipments {};

TEST_F(ShipmentRaces, never_make_shipments_of_more_than_was_ordered) {
    constexpr int clients = 16, ordered = 5;
    auto order = paid_order_of(ordered);
    auto replies = parallel(clients, [&](int) {
        Client client(when);
        return client.post("/shipments", shipment_of(order, 1));
    });
    int made = 0;
    for (const auto& reply : replies) {
        if (reply.status == 201) {
            ++made;
        } else {
            then(reply).refused(409, "exceeds_order");
        }
    }
    EXPECT_EQ(made, ordered);
}

TEST_F(ShipmentRaces, ship_a_shipment_once_whoever_asks) {
    auto order = paid_order_of(4);
    auto shipment = made(shipment_of(order));
    auto replies = parallel(8, [&](int) {
        Client client(when);
        return client.post("/shipments/" + shipment + "/ship");
    });
    EXPECT_EQ(std::ranges::count(replies, 200, &Reply::status), 1);
    then.order(order.id).has("/items/0/shipped", "4");
    then.stock_is(order.sku, {"0", "0", "0"});
}

// Whatever came first, the rest must be explained by it: what is cancelled has shipped nothing and
// keeps no money, what has shipped is paid, and nothing is shipped or refunded twice.
TEST_F(ShipmentRaces, leave_an_order_that_one_of_their_orders_explains) {
    constexpr int rounds = 12, clients = 8;
    Server own;
    Story there(own);
    std::map<std::string, int> outcomes;
    for (int round = 0; round < rounds; ++round) {
        auto order = there.given.processed_order();
        auto paid_first = round % 2 == 0;
        if (paid_first) order = there.given.paid(order);
        auto pay = R"({"order_id":)" + in_quotes(order.id) +
                   R"(,"method":{"type":"card","token":"tok_ok"}})";
        parallel(clients, [&](int i) {
            Client client(there.when);
            switch ((i + round / 2) % 4) {  // who comes first changes
                case 0: return client.post("/orders/" + order.id + "/cancel");
                case 1: return client.post("/orders/" + order.id + "/ship");
                case 2: return client.post("/payments", pay);
                default: return client.post("/orders/" + order.id + "/refund");
            }
        });
        auto settled = [&] {
            for (const auto& payment :
                 there.when.get("/payments?order_id=" + order.id)["data"].elements()) {
                if (payment["status"] == "processing" || minor(payment["refunding"]) > 0)
                    return false;
            }
            return true;
        };
        EXPECT_TRUE(eventually(20s, settled)) << there.when.get("/payments?order_id=" + order.id);

        auto now = there.when.get("/orders/" + order.id);
        std::int64_t captured = 0, refunded = 0;
        for (const auto& payment :
             there.when.get("/payments?order_id=" + order.id)["data"].elements()) {
            EXPECT_LE(minor(payment["refunded"]), minor(payment["captured"])) << payment;
            captured += minor(payment["captured"]);
            refunded += minor(payment["refunded"]);
        }
        EXPECT_LE(captured, minor(now["total"])) << now;
        auto stock = there.then.stock(order.sku);
        auto status = now["status"].text();
        ++outcomes[status];
        EXPECT_EQ(stock.on_hand, status == "shipped" ? "13" : "15") << now;
        EXPECT_EQ(now.at("/items/0/shipped"), status == "shipped" ? 2 : 0) << now;
        EXPECT_EQ(stock.allocated, status == "processing" ? "2" : "0") << now;
        if (status == "cancelled") {
            EXPECT_EQ(captured, refunded) << now;
        } else if (status == "shipped") {
            EXPECT_EQ(captured, minor(now["total"])) << now;
        }
    }
    EXPECT_FALSE(outcomes.contains("pending"));
    own.stop();
    auto verified = own.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

}  // namespace
}  // namespace stateset::support
