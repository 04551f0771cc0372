// Lots and pieces with serial numbers: first expired first out, what may not be used, who has some
// of a lot, and where a piece went.

#include <algorithm>
#include <ctime>
#include <set>

#include "support/journey.hpp"

namespace stateset::support {
namespace {

using namespace std::chrono_literals;

constexpr int most_rounds = 5;

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

// A day from today on, or before: "2026-12-01".
std::string day(int from_today) {
    auto then = std::time(nullptr) + from_today * std::time_t{86'400};
    std::tm parts{};
    gmtime_r(&then, &parts);
    char text[11];
    std::strftime(text, sizeof text, "%F", &parts);
    return text;
}

int rounds_of(const Reply& reply) {
    auto timing = reply.header("Server-Timing");
    const std::string_view mark = "rounds;desc=\"";
    auto at = timing.find(mark);
    return at == timing.npos ? -1 : std::stoi(timing.substr(at + mark.size()));
}

std::string numbers(const std::vector<std::string>& serials) {
    std::string list;
    for (const auto& one : serials) list += (list.empty() ? "[" : ",") + in_quotes(one);
    return list + "]";
}

class Lots : public Journey {
  protected:
    Product tracked(std::string_view by, std::string_view word = "MILK") {
        return given.product(word, "3.00", R"("tracking":")" + std::string(by) + "\"");
    }
    static std::string path(const Product& product, std::string_view action) {
        return "/inventory/items/" + product.sku + "/" + std::string(action);
    }
    Reply receive(const Product& product, std::string_view quantity, std::string_view more = {}) {
        auto body = R"({"quantity":")" + std::string(quantity) + "\"";
        if (!more.empty()) body.append(",").append(more);
        return when.post(path(product, "receive"), body + "}");
    }
    // A lot of a product; without a day it does not expire.
    std::string lot(const Product& product, std::string_view quantity, const std::string& number,
                    const std::string& expires_on = {}, std::int64_t location = 1) {
        auto more = R"("lot_number":")" + number + R"(","location_id":)" + std::to_string(location);
        if (!expires_on.empty()) more += R"(,"expires_on":")" + expires_on + "\"";
        given.must(receive(product, quantity, more), 200, "a lot");
        return when.get("/inventory/lots?item_id=" + item_of(product) + "&lot_number=" + number)
            .text("/data/0/id");
    }
    std::string item_of(const Product& product) {
        return when.get("/inventory/items/" + product.sku)["id"].text();
    }
    Reply pieces(const Product& product, const std::vector<std::string>& serials) {
        return receive(product, std::to_string(serials.size()),
                       R"("serial_numbers":)" + numbers(serials));
    }
    // "L1:2 L2:1", of the active reservations of an order.
    std::string held_by(const std::string& order) {
        std::set<std::string> parts;
        auto held = when.get("/inventory/reservations?status=active&limit=100&order_id=" + order);
        for (const auto& one : held["data"].elements()) {
            auto number = when.get("/inventory/lots/" + one["lot_id"].text())["lot_number"].text();
            parts.insert(number + ":" + one["quantity"].text());
        }
        std::string text;
        for (const auto& part : parts) text += (text.empty() ? "" : " ") + part;
        return text;
    }
    // Each line "on_hand allocated quarantined".
    std::string lot_is(const std::string& id) {
        auto lot = when.get("/inventory/lots/" + id);
        return lot.text("/on_hand") + " " + lot.text("/allocated") + " " + lot.text("/quarantined");
    }
    Reply piece(const Product& product, const std::string& serial) {
        auto found =
            when.get("/inventory/serials?item_id=" + item_of(product) + "&serial_number=" + serial);
        return when.get("/inventory/serials/" + found.text("/data/0/id"));
    }
    std::string new_location(int priority = 100) {
        return given
            .must(when.post("/locations", R"({"code":")" + given.unique("W") +
                                              R"(","name":"West","type":"warehouse","priority":)" +
                                              std::to_string(priority) + "}"),
                  201, "a location")
            .id();
    }
    void nothing_is_wrong() {
        auto verified = server.run({"verify"});
        EXPECT_EQ(verified.status, 0) << verified.output;
    }
};

TEST_F(Lots, that_expire_first_are_drawn_from_first) {
    auto milk = tracked("lot");
    auto late = lot(milk, "5", "LATE", day(30)), never = lot(milk, "5", "NEVER"),
         soon = lot(milk, "3", "SOON", day(5));
    auto order = given.processed(given.order(milk, 10));
    EXPECT_EQ(held_by(order.id), "LATE:5 NEVER:2 SOON:3");
    EXPECT_EQ(lot_is(soon), "3 3 0");
    EXPECT_EQ(lot_is(never), "5 2 0");
    then.stock_is(milk.sku, {"13", "10", "3"});
    given.shipped(given.paid(order));
    EXPECT_EQ(lot_is(late), "0 0 0");
    EXPECT_EQ(lot_is(never), "3 0 0");
    then.stock_is(milk.sku, {"3", "0", "3"});
    auto ledger = when.get(path(milk, "movements"));
    EXPECT_EQ(ledger["data"].size(), 6u);
    for (const auto& line : ledger["data"].elements()) EXPECT_TRUE(line["lot_id"].is_string());
    nothing_is_wrong();
}

TEST_F(Lots, are_named_by_whoever_brings_them) {
    auto milk = tracked("lot"), mug = given.product();
    then(receive(milk, "5")).refused(400, "lot_required").names("/lot_number");
    then(receive(mug, "5", R"("lot_number":"A")")).has_code(400).names("/lot_number");
    then(receive(mug, "1", R"("serial_numbers":["A"])")).has_code(400).names("/serial_numbers");
    then(receive(milk, "5", R"("lot_number":"")")).has_code(400).names("/lot_number");
    then(receive(milk, "5", R"("lot_number":"A","expires_on":"2027-02-30")"))
        .has_code(400)
        .names("/expires_on");
    auto made = lot(milk, "5", "A", "2030-01-31");
    then(receive(milk, "1", R"("lot_number":"A")")).succeeded().has("/on_hand", "6");
    then(receive(milk, "1", R"("lot_number":"A","expires_on":"2030-02-01")"))
        .refused(409, "lot_differs")
        .names("/expires_on");
    then(when.get("/inventory/lots/" + made))
        .succeeded()
        .has("/lot_number", "A")
        .has("/item_number", milk.sku)
        .has("/expires_on", "2030-01-31")
        .has("/status", "active")
        .has("/on_hand", "6")
        .has("/lot_balances/0/location_id", "1");
    auto reply = receive(milk, "2", R"("lot_number":"B")");
    EXPECT_LE(rounds_of(reply), most_rounds) << reply;
}

TEST_F(Lots, set_aside_by_hand_are_one_reservation_each) {
    auto milk = tracked("lot");
    lot(milk, "3", "B", day(9));
    lot(milk, "2", "A", day(3));
    auto held = when.post(path(milk, "reserve"), R"({"quantity":"4"})");
    then(held).has_code(201).has("/quantity", "2").has("/other_lots/0/quantity", "2");
    EXPECT_LE(rounds_of(held), most_rounds);
    then(when.post(path(milk, "reserve"), R"({"quantity":"2"})"))
        .refused(409, "insufficient_stock");
    then(when.post(path(milk, "reserve"), R"({"quantity":"1","lot_number":"A"})"))
        .refused(409, "insufficient_stock");
    then(when.post(path(milk, "reserve"), R"({"quantity":"1","lot_number":"X"})"))
        .has_code(400)
        .names("/lot_number");
    then(when.post(path(milk, "reserve"), R"({"quantity":"1","lot_number":"B"})")).has_code(201);
    auto first = "/inventory/reservations/" + held.id();
    then(when.post(first + "/consume", R"({"quantity":"1"})")).succeeded().has("/consumed", "1");
    then(when.post(first + "/consume", R"({"serial_numbers":["A"]})")).has_code(400);
    then(when.post(first + "/release")).succeeded();
    then.stock_is(milk.sku, {"4", "3", "1"});
    nothing_is_wrong();
}

TEST_F(Lots, whose_day_is_over_are_set_apart) {
    auto milk = tracked("lot");
    auto old = lot(milk, "5", "OLD", day(-1));
    then(when.get("/inventory/lots/" + old)).has("/status", "expired").has("/available", "0");
    then.stock_is(milk.sku, {"5", "0", "0"});
    lot(milk, "2", "NEW", day(0));
    auto order = given.order(milk, 3);
    then(when.post("/orders/" + order.id + "/process")).refused(409, "insufficient_stock");
    then(when.post("/inventory/lots/" + old + "/release")).refused(409, "illegal_transition");
    then(when.patch("/inventory/lots/" + old, R"({"expires_on":")" + day(3) + R"("})"))
        .succeeded()
        .has("/status", "active");
    then.stock_is(milk.sku, {"7", "0", "7"});
    then(when.post("/orders/" + order.id + "/process")).succeeded();
    EXPECT_EQ(held_by(order.id), "NEW:2 OLD:1");
    then(when.patch("/inventory/lots/" + old, R"({"expires_on":")" + day(-2) + R"("})"))
        .succeeded()
        .has("/status", "expired");
    EXPECT_EQ(lot_is(old), "5 1 4");
    auto paid = given.paid(order);
    auto shipment = when.post("/shipments", R"({"order_id":")" + paid.id + R"("})");
    then(when.post("/shipments/" + shipment.id() + "/ship")).refused(409, "lot_not_usable");
    then(when.get("/inventory/lots?status=expired&item_id=" + item_of(milk)))
        .has("/data/0/lot_number", "OLD");
    EXPECT_EQ(
        when.get("/inventory/lots?expires_before=" + day(-1) + "&item_id=" + item_of(milk))["data"]
            .size(),
        1u);
    nothing_is_wrong();
}

TEST_F(Lots, that_were_called_back_do_not_leave_and_are_free_again_when_released) {
    auto milk = tracked("lot");
    auto bad = lot(milk, "5", "BAD", day(5));
    lot(milk, "5", "GOOD", day(9));
    auto order = given.paid(given.processed(given.order(milk, 2)));
    auto called = when.post("/inventory/lots/" + bad + "/quarantine", R"({"reason":"recall 7"})");
    then(called).succeeded().has("/status", "quarantined");
    EXPECT_LE(rounds_of(called), most_rounds);
    EXPECT_EQ(lot_is(bad), "5 2 3");
    then.stock_is(milk.sku, {"10", "2", "5"});
    then(when.post("/inventory/lots/" + bad + "/quarantine")).refused(409, "illegal_transition");
    auto shipment = when.post("/shipments", R"({"order_id":")" + order.id + R"("})");
    then(when.post("/shipments/" + shipment.id() + "/ship")).refused(409, "lot_not_usable");
    auto held = when.get("/inventory/reservations?status=active&order_id=" + order.id);
    then(when.post("/inventory/reservations/" + held.text("/data/0/id") + "/release")).succeeded();
    EXPECT_EQ(lot_is(bad), "5 0 5");
    then.stock_is(milk.sku, {"10", "0", "5"});
    given.processed(order);
    EXPECT_EQ(held_by(order.id), "GOOD:2");
    then(when.post("/inventory/lots/" + bad + "/release")).succeeded().has("/status", "active");
    EXPECT_EQ(lot_is(bad), "5 0 0");
    then.stock_is(milk.sku, {"10", "2", "8"});
    nothing_is_wrong();
}

TEST_F(Lots, and_stock_can_be_quarantined_in_part) {
    auto milk = tracked("lot"), mug = given.product().with_stock(5);
    auto id = lot(milk, "5", "A");
    auto apart = [&](const Product& product, const std::string& more) {
        return when.post(path(product, "quarantine"), R"({"reason":"dented",)" + more + "}");
    };
    auto back = [&](const Product& product, const std::string& more) {
        return when.post(path(product, "unquarantine"), R"({"reason":"fine",)" + more + "}");
    };
    then(apart(mug, R"("quantity":"2")"))
        .succeeded()
        .has("/on_hand", "5")
        .has("/quarantined", "2")
        .has("/available", "3");
    then(apart(mug, R"("quantity":"4")")).refused(409, "insufficient_stock").names("/quantity");
    then(apart(mug, R"("quantity":"0")")).has_code(400).names("/quantity");
    then(when.post(path(mug, "quarantine"), R"({"quantity":"1"})")).has_code(400).names("/reason");
    then(back(mug, R"("quantity":"3")")).refused(409, "not_quarantined");
    then(back(mug, R"("quantity":"1")")).succeeded().has("/quarantined", "1");
    then(apart(milk, R"("quantity":"2")")).refused(400, "lot_required");
    then(apart(milk, R"("quantity":"2","lot_number":"X")")).has_code(400).names("/lot_number");
    then(apart(milk, R"("quantity":"2","lot_number":"A")")).succeeded().has("/available", "3");
    EXPECT_EQ(lot_is(id), "5 0 2");
    then(when.post("/orders/" + given.order(milk, 4).id + "/process"))
        .refused(409, "insufficient_stock");
    then(back(milk, R"("quantity":"2","lot_number":"A")")).succeeded().has("/available", "5");
    nothing_is_wrong();
}

TEST_F(Lots, are_adjusted_one_by_one) {
    auto milk = tracked("lot");
    auto a = lot(milk, "5", "A", day(2)), b = lot(milk, "5", "B", day(4));
    auto adjust = [&](const std::string& more) {
        return when.post(path(milk, "adjust"), R"({"reason":"counted",)" + more + "}");
    };
    then(adjust(R"("delta":"-1")")).refused(400, "lot_required").names("/lot_number");
    then(adjust(R"("delta":"-1","lot_number":"A")")).succeeded().has("/on_hand", "9");
    then(adjust(R"("on_hand":"7","lot_number":"B")")).succeeded().has("/on_hand", "11");
    then(adjust(R"("on_hand":"2","lot_number":"C","expires_on":")" + day(9) + "\""))
        .succeeded()
        .has("/on_hand", "13");
    then(adjust(R"("delta":"-9","lot_number":"A")")).has_code(400).names("/delta");
    auto order = given.processed(given.order(milk, 4));
    EXPECT_EQ(held_by(order.id), "A:4");
    then(adjust(R"("on_hand":"3","lot_number":"A")")).refused(409, "below_allocated");
    auto taken = adjust(R"("on_hand":"3","lot_number":"A","release_reservations":true)");
    then(taken).succeeded();
    EXPECT_LE(rounds_of(taken), most_rounds);
    EXPECT_EQ(lot_is(a), "3 0 0");
    EXPECT_EQ(lot_is(b), "7 0 0");
    then.order(order.id).has_status("pending");
    when.post("/inventory/lots/" + a + "/quarantine");
    then(adjust(R"("on_hand":"1","lot_number":"A")")).succeeded();
    EXPECT_EQ(lot_is(a), "1 0 1");
    nothing_is_wrong();
}

TEST_F(Lots, name_the_orders_that_have_some_of_them) {
    auto milk = tracked("lot");
    auto first = lot(milk, "4", "ONE", day(2));
    auto sent = given.shipped(given.paid(given.processed(given.order(milk, 2))));
    auto waiting = given.processed(given.order(milk, 1));
    auto gone = given.processed(given.order(milk, 1));
    given.must(when.post("/orders/" + gone.id + "/cancel"), 200, "cancelled");
    lot(milk, "9", "TWO", day(1));
    given.processed(given.order(milk, 3));
    auto recall = when.get("/inventory/lots/" + first + "/orders");
    then(recall).succeeded();
    ASSERT_EQ(recall["data"].size(), 2u) << recall;
    then(recall)
        .has("/data/0/id", waiting.id)
        .has("/data/0/reserved", "1")
        .has("/data/0/shipped", "0")
        .has("/data/1/id", sent.id)
        .has("/data/1/order_number", sent.number)
        .has("/data/1/order_status", "shipped")
        .has("/data/1/shipped", "2")
        .has("/data/1/made_of", "false");
    EXPECT_TRUE(recall.json().at("/data/1/email").is_string()) << recall;
    auto page = when.get("/inventory/lots/" + first + "/orders?limit=1");
    auto rest = when.get("/inventory/lots/" + first +
                         "/orders?limit=1&cursor=" + escaped(page["next_cursor"].text()));
    then(rest).has("/data/0/id", sent.id);
    EXPECT_TRUE(rest["next_cursor"].is_null());
    then(when.get("/inventory/lots/0198c9f2-0000-7000-8000-000000000000/orders"))
        .refused(404, "not_found");
}

TEST_F(Lots, are_never_promised_twice_however_many_ask) {
    auto milk = tracked("lot");
    for (int i = 0; i < 5; ++i) lot(milk, "4", "L" + std::to_string(i), day(i + 1));
    constexpr int clients = 8, each = 5;
    auto done = parallel(clients, [&](int) {
        Story mine(server);
        int reserved = 0;
        for (int i = 0; i < each; ++i) {
            auto order = mine.given.order(milk, 1);
            auto reply = mine.when.post("/orders/" + order.id + "/process");
            if (reply.ok()) ++reserved;
            EXPECT_TRUE(reply.ok() || reply["code"] == "insufficient_stock") << reply;
        }
        return reserved;
    });
    int reserved = 0;
    for (int one : done) reserved += one;
    EXPECT_EQ(reserved, 20);
    then.stock_is(milk.sku, {"20", "20", "0"});
    nothing_is_wrong();
}

class Serials : public Lots {};

TEST_F(Serials, are_given_for_each_piece) {
    auto watch = tracked("serial", "WATCH");
    then(receive(watch, "2")).refused(400, "serials_required").names("/serial_numbers");
    then(receive(watch, "2", R"("serial_numbers":["A"])"))
        .refused(400, "serial_count")
        .names("/serial_numbers");
    then(receive(watch, "1.5", R"("serial_numbers":["A"])")).has_code(400).names("/quantity");
    then(receive(watch, "2", R"("serial_numbers":["A","A"])"))
        .has_code(400)
        .names("/serial_numbers");
    auto first = pieces(watch, {"A", "B"});
    then(first).succeeded().has("/on_hand", "2");
    EXPECT_LE(rounds_of(first), most_rounds);
    then(pieces(watch, {"C", "B"})).refused(409, "serial_in_stock").names("/serial_numbers/1");
    auto list =
        when.get("/inventory/serials?status=in_stock&location_id=1&item_id=" + item_of(watch));
    EXPECT_EQ(list["data"].size(), 2u);
    then(piece(watch, "A"))
        .has("/item_number", watch.sku)
        .has("/status", "in_stock")
        .has("/steps/0/kind", "receive");
    auto half = when.post(path(watch, "reserve"), R"({"quantity":"0.5"})");
    then(half).has_code(400).names("/quantity");
    nothing_is_wrong();
}

TEST_F(Serials, leave_with_a_shipment_that_names_them_or_the_oldest_do) {
    auto watch = tracked("serial", "WATCH");
    given.must(pieces(watch, {"A", "B", "C", "D"}), 200, "pieces");
    auto order = given.paid(given.processed(given.order(watch, 3)));
    auto body = [&](const std::vector<std::string>& serials) {
        return R"({"items":[{"order_item_id":")" + order.line() + R"(","serial_numbers":)" +
               numbers(serials) + "}]}";
    };
    auto shipment =
        when.post("/shipments", R"({"order_id":")" + order.id + R"(","items":[{"order_item_id":")" +
                                    order.line() + R"(","quantity":2}]})");
    auto ship = "/shipments/" + shipment.id() + "/ship";
    then(when.post(ship, body({"A"}))).refused(400, "serial_count");
    then(when.post(ship, body({"A", "X"}))).refused(409, "serial_not_here");
    then(when.post(ship, body({"A", "A"}))).refused(409, "serial_not_here");
    auto shipped = when.post(ship, body({"D", "B"}));
    then(shipped).succeeded().has("/status", "shipped");
    EXPECT_LE(rounds_of(shipped), most_rounds);
    EXPECT_EQ(shipped.json().at("/items/0/serial_numbers").size(), 2u) << shipped;
    auto rest = when.post("/shipments", R"({"order_id":")" + order.id + R"("})");
    auto oldest = when.post("/shipments/" + rest.id() + "/ship");
    then(oldest).succeeded().has("/items/0/serial_numbers/0", "A");
    then(piece(watch, "D"))
        .has("/status", "shipped")
        .has("/order_id", order.id)
        .has("/shipment_id", shipment.id())
        .has("/order_number", order.number)
        .has("/steps/1/kind", "ship");
    EXPECT_TRUE(piece(watch, "D")["location_id"].is_null());
    auto of_order = when.get("/inventory/serials?order_id=" + order.id);
    EXPECT_EQ(of_order["data"].size(), 3u);
    then.stock_is(watch.sku, {"1", "0", "1"});
    nothing_is_wrong();
}

TEST_F(Serials, come_back_and_are_found_or_missed) {
    auto watch = tracked("serial", "WATCH");
    given.must(pieces(watch, {"A", "B"}), 200, "pieces");
    auto sent = given.shipped(given.paid(given.processed(given.order(watch, 1))));
    then(piece(watch, "A")).has("/status", "shipped");
    given.must(pieces(watch, {"A"}), 200, "it came back");
    then(piece(watch, "A")).has("/status", "in_stock").has("/order_id", sent.id);
    auto adjust = [&](const std::string& more) {
        return when.post(path(watch, "adjust"), R"({"reason":"counted",)" + more + "}");
    };
    then(adjust(R"("on_hand":"1")")).has_code(400).names("/on_hand");
    then(adjust(R"("delta":"-1")")).refused(400, "serials_required");
    then(adjust(R"("delta":"-1","serial_numbers":["B"])")).succeeded().has("/on_hand", "1");
    then(piece(watch, "B")).has("/status", "scrapped").has("/steps/1/kind", "adjust");
    then(adjust(R"("delta":"1","serial_numbers":["C"])")).succeeded().has("/on_hand", "2");
    auto held = when.post(path(watch, "reserve"), R"({"quantity":"1"})");
    then(when.post("/inventory/reservations/" + held.id() + "/consume",
                   R"({"serial_numbers":["C"]})"))
        .succeeded()
        .has("/status", "consumed");
    then(piece(watch, "C")).has("/status", "consumed");
    then(when.post(path(watch, "quarantine"), R"({"reason":"scratched","serial_numbers":["A"]})"))
        .succeeded()
        .has("/quarantined", "1");
    then(piece(watch, "A")).has("/status", "quarantined");
    then(when.post(path(watch, "unquarantine"), R"({"reason":"fine","serial_numbers":["A"]})"))
        .succeeded()
        .has("/quarantined", "0");
    nothing_is_wrong();
}

TEST_F(Serials, of_a_lot_are_called_back_together) {
    auto watch = tracked("serial", "WATCH");
    given.must(receive(watch, "2", R"("lot_number":"W1","serial_numbers":["A","B"])"), 200, "two");
    given.must(pieces(watch, {"C"}), 200, "one");
    auto lot = when.get("/inventory/lots?item_id=" + item_of(watch)).text("/data/0/id");
    auto sent = given.shipped(given.paid(given.processed(given.order(watch, 1))));
    then(when.get("/inventory/lots/" + lot + "/orders")).has("/data/0/id", sent.id);
    then(when.post("/inventory/lots/" + lot + "/quarantine")).succeeded();
    then(piece(watch, "B")).has("/status", "quarantined").has("/lot_number", "W1");
    then(piece(watch, "C")).has("/status", "in_stock");
    then.stock_is(watch.sku, {"2", "0", "1"});
    given.processed(given.order(watch, 1));
    then(when.post("/inventory/lots/" + lot + "/release")).succeeded();
    then.stock_is(watch.sku, {"2", "1", "1"});
    nothing_is_wrong();
}

TEST_F(Serials, leave_once_however_many_ship) {
    auto watch = tracked("serial", "WATCH");
    constexpr int clients = 6;
    std::vector<std::string> all;
    for (int i = 0; i < clients; ++i) all.push_back("S" + std::to_string(i));
    given.must(pieces(watch, all), 200, "pieces");
    auto left = parallel(clients, [&](int) {
        Story mine(server);
        auto order = mine.given.paid(mine.given.processed(mine.given.order(watch, 1)));
        auto shipment = mine.when.post("/shipments", R"({"order_id":")" + order.id + R"("})");
        auto shipped = mine.when.post("/shipments/" + shipment.id() + "/ship");
        return shipped.text("/items/0/serial_numbers/0");
    });
    EXPECT_EQ(std::set<std::string>(left.begin(), left.end()).size(), all.size());
    nothing_is_wrong();
}

class AllocationPlans : public Lots {
  protected:
    Reply plan(const std::string& sku, std::int64_t quantity, std::string_view more = {}) {
        auto body =
            R"({"items":[{"sku":")" + sku + R"(","quantity":")" + std::to_string(quantity) + "\"}]";
        if (!more.empty()) body.append(",").append(more);
        return when.post("/inventory/plan", body + "}");
    }
    // "lot:why …" of what would not be taken.
    static std::string left(const Reply& plan) {
        std::string text;
        for (const auto& one : plan.json().at("/items/0/leaves").elements()) {
            auto name = one["lot_number"].is_null() ? one["code"].text() : one["lot_number"].text();
            text += (text.empty() ? "" : " ") + name + ":" + one["why"].text();
        }
        return text;
    }
};

TEST_F(AllocationPlans, tell_what_an_order_would_take_and_why_not_the_rest) {
    auto milk = tracked("lot");
    lot(milk, "2", "OLD", day(-3));
    auto bad = lot(milk, "2", "BAD", day(1));
    given.must(when.post("/inventory/lots/" + bad + "/quarantine"), 200, "called back");
    lot(milk, "4", "A", day(2));
    lot(milk, "4", "B", day(4));
    auto west = new_location(500);
    lot(milk, "9", "W", day(1), std::stoll(west));
    auto before = then.stock(milk.sku);
    auto reply = plan(milk.sku, 3);
    then(reply)
        .succeeded()
        .has("/possible", "true")
        .has("/items/0/sku", milk.sku)
        .has("/items/0/available", "17")
        .has("/items/0/takes/0/lot_number", "A")
        .has("/items/0/takes/0/quantity", "3")
        .has("/items/0/takes/0/code", "MAIN");
    EXPECT_EQ(left(reply), "OLD:expired BAD:quarantined B:expires_later W:lower_priority");
    EXPECT_EQ(then.stock(milk.sku), before);
    auto order = given.processed(given.order(milk, 3));
    EXPECT_EQ(held_by(order.id), "A:3");
    given.must(when.patch("/locations/" + west, R"({"active":false})"), 200, "closed");
    ASSERT_TRUE(eventually(5s, [&] {
        return left(plan(milk.sku, 6)).find("W:inactive_location") != std::string::npos;
    })) << plan(milk.sku, 6);
    auto missing = plan(milk.sku, 6);
    then(missing)
        .has("/possible", "false")
        .has("/items/0/available", "5")
        .has("/items/0/short_by", "1");
    EXPECT_EQ(missing.json().at("/items/0/takes").size(), 0u);
    nothing_is_wrong();
}

TEST_F(AllocationPlans, refuse_what_nobody_knows) {
    auto mug = given.product().with_stock(5);
    then(plan("NO-SUCH-SKU", 1)).has_code(400).names("/items/0/sku");
    then(plan(mug.sku, 0)).has_code(400).names("/items/0/quantity");
    then(plan(mug.sku, 1, R"("location_id":999999)")).has_code(400).names("/location_id");
    then(when.post("/inventory/plan", R"({"items":[]})")).has_code(400).names("/items");
    then(when.post("/inventory/plan", "{}")).has_code(400).names("/items");
    auto advice = given.product("ADVICE", "9.00", R"("track_inventory":false)");
    then(plan(advice.sku, 7)).has("/possible", "true").has("/items/0/tracked", "false");
    then(plan(mug.sku, 6)).has("/possible", "false").has("/items/0/short_by", "1");
    then(plan(mug.sku, 5, R"("location_id":1)")).has("/items/0/takes/0/quantity", "5");
}

// Untracked goods pay nothing for the tracking of others.
TEST_F(Lots, cost_untracked_goods_no_round) {
    auto mug = given.product().with_stock(10);
    auto order = given.order(mug, 2);
    auto processed = when.post("/orders/" + order.id + "/process");
    EXPECT_LE(rounds_of(processed), 5);
    auto held = when.post(path(mug, "reserve"), R"({"quantity":"1"})");
    EXPECT_LE(rounds_of(held), 3);
    auto used = when.post("/inventory/reservations/" + held.id() + "/consume");
    EXPECT_LE(rounds_of(used), 3);
    EXPECT_LE(rounds_of(receive(mug, "1")), 3);
}

}  // namespace
}  // namespace stateset::support
