// What people do with stock that no order asked for: they move it, count it, and receive much of it
// at once; and they ask what can be promised by a day.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>

#include "support/arrivals.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

constexpr int most_rounds = 5;

std::string in_quotes(const std::string& text) { return "\"" + text + "\""; }

class StockOperations : public Journey {
  protected:
    std::int64_t new_location(std::string_view more = {}) {
        auto body = R"({"name":"West","code":)" + in_quotes(given.unique("W"));
        if (!more.empty()) body.append(",").append(more);
        return given.must(when.post("/locations", body + "}"), 201, "location")["id"].number();
    }
    static std::string transfer_body(std::int64_t to, const std::vector<Product>& products,
                                     std::string_view quantity, std::string_view more = {}) {
        std::string items;
        for (const auto& product : products) {
            items += std::string(items.empty() ? "" : ",") + R"({"sku":)" + in_quotes(product.sku) +
                     R"(,"quantity":")" + std::string(quantity) + "\"}";
        }
        auto body = R"({"from_location_id":1,"to_location_id":)" + std::to_string(to) +
                    R"(,"items":[)" + items + "]";
        if (!more.empty()) body.append(",").append(more);
        return body + "}";
    }
    Reply transfer(std::int64_t to, const Product& product, std::string_view quantity,
                   std::string_view more = {}) {
        return given.must(
            when.post("/inventory/transfers", transfer_body(to, {product}, quantity, more)), 201,
            "transfer");
    }
    Reply shipped_transfer(std::int64_t to, const Product& product, std::string_view quantity,
                           std::string_view more = {}) {
        auto made = transfer(to, product, quantity, more);
        return given.must(when.post(path_of(made, "ship")), 200, "shipped transfer");
    }
    static std::string path_of(const Reply& made, std::string_view action = {}) {
        auto kind = made["transfer_number"].exists() ? "transfers/" : "counts/";
        auto path = std::string("/inventory/") + kind + made.id();
        return action.empty() ? path : path + "/" + std::string(action);
    }
    static std::string arrived(const Reply& transfer, std::string_view quantity,
                               std::string_view more = {}) {
        auto body = R"({"items":[{"transfer_item_id":)" + in_quotes(transfer.text("/items/0/id")) +
                    R"(,"quantity":")" + std::string(quantity) + "\"}]";
        if (!more.empty()) body.append(",").append(more);
        return body + "}";
    }
    std::string in_transit(const Product& product) {
        return when.get("/inventory/items/" + product.sku + "/in-transit")["in_transit"].text();
    }
    Reply count_at(std::int64_t location = 1) {
        return given.must(
            when.post("/inventory/counts", R"({"location_id":)" + std::to_string(location) + "}"),
            201, "count");
    }
    static std::string counted(const Product& product, std::string_view quantity,
                               const std::string& at = {}) {
        auto body = R"({"lines":[{"sku":)" + in_quotes(product.sku) + R"(,"quantity":")" +
                    std::string(quantity) + "\"";
        if (!at.empty()) body += R"(,"counted_at":)" + in_quotes(at);
        return body + "}]}";
    }
    void receive_lot(const Product& product, std::string_view quantity, std::string_view lot,
                     const std::string& expires_on) {
        given.must(
            when.post("/inventory/items/" + product.sku + "/receive",
                      R"({"quantity":")" + std::string(quantity) + R"(","lot_number":")" +
                          std::string(lot) + R"(","expires_on":)" + in_quotes(expires_on) + "}"),
            200, "lot");
    }
    std::string of_lot(const Product& product, const std::string& lot, std::int64_t location) {
        auto lots = when.get("/inventory/items/" + product.sku + "/explain")["lots"];
        for (const auto& one : lots.elements()) {
            if (one["lot_number"] == lot && one["location_id"] == location) {
                return one["on_hand"].text();
            }
        }
        return "0";
    }
    std::string status_of_piece(const std::string& number) {
        return when.get("/inventory/serials?serial_number=" + number).text("/data/0/status");
    }
    std::string balance_of(const Product& product) {
        return when.get("/inventory/items/" + product.sku).text("/balances/0/id");
    }
    void watch(const Product& product, std::string_view reorder_point) {
        given.must(when.patch("/inventory/balances/" + balance_of(product),
                              R"({"reorder_point":")" + std::string(reorder_point) + "\"}"),
                   200, "reorder point");
    }
    int told(const std::string& type, const std::string& id) {
        wait_for_the_log(when);
        int times = 0;
        std::string after;
        while (true) {
            auto page = when.get("/events?types=" + type + "&limit=100" +
                                 (after.empty() ? "" : "&cursor=" + escaped(after)));
            for (const auto& event : page["data"].elements()) {
                times += event["aggregate_id"] == id;
            }
            if (page["data"].size() < 100) return times;
            after = page["next_cursor"].text();
        }
    }
    void everything_adds_up() {
        auto verified = server.run({"verify"});
        EXPECT_EQ(verified.status, 0) << verified.output;
    }
};

int rounds_of(const Reply& reply) {
    auto timing = reply.header("Server-Timing");
    const std::string_view mark = "rounds;desc=\"";
    auto at = timing.find(mark);
    return at == timing.npos ? -1 : std::stoi(timing.substr(at + mark.size()));
}

// A day from now, as text; a moment before now likewise.
std::string day(int from_now) {
    auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    std::chrono::year_month_day date{today + std::chrono::days(from_now)};
    char text[16];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", int(date.year()), unsigned(date.month()),
                  unsigned(date.day()));
    return text;
}

// ---- transfers

TEST_F(StockOperations, a_transfer_takes_stock_from_one_shelf_to_another) {
    auto mug = given.product().with_stock(10);
    auto west = new_location();
    auto made = when.post("/inventory/transfers",
                          transfer_body(west, {mug}, "4", R"("reference":"truck 7")"));
    then(made).created().has("/status", "draft").has("/items/0/shipped", "0");
    EXPECT_EQ(made.text("/transfer_number").substr(0, 2), "T-");
    then.stock_is(mug.sku, {"10", "0", "10"});
    then(when.post(path_of(made, "ship")))
        .succeeded()
        .has("/status", "in_transit")
        .has("/items/0/shipped", "4")
        .has("/items/0/in_transit", "4");
    then.stock_is(mug.sku, {"6", "0", "6"});
    EXPECT_EQ(in_transit(mug), "4");
    then(when.get("/inventory/items/" + mug.sku + "/in-transit"))
        .has("/transfers/0/transfer_id", made.id())
        .has("/transfers/0/in_transit", "4");
    then(when.post(path_of(made, "receive")))
        .succeeded()
        .has("/status", "received")
        .has("/items/0/received", "4")
        .has("/items/0/in_transit", "0");
    then.stock_is(mug.sku, {"6", "0", "6"});
    EXPECT_EQ(then.stock(mug.sku, west), (Stock{"4", "0", "4"}));
    EXPECT_EQ(in_transit(mug), "0");
    then(when.get(path_of(made))).has("/status", "received").has("/reference", "truck 7");
    EXPECT_EQ(told("inventory.transferred", made.id()), 2);
    then(when.get("/inventory/items/" + mug.sku + "/movements"))
        .has("/data/0/kind", "transfer")
        .has("/data/0/delta", "4")
        .has("/data/0/reference", made.id())
        .has("/data/1/delta", "-4");
}

TEST_F(StockOperations, what_never_arrives_of_a_transfer_is_accounted_for) {
    auto mug = given.product().with_stock(10), cup = given.product("CUP").with_stock(10);
    auto west = new_location();
    auto made = given.must(when.post("/inventory/transfers", transfer_body(west, {mug, cup}, "5")),
                           201, "transfer");
    given.must(when.post(path_of(made, "ship")), 200, "shipped");
    then(when.post(path_of(made, "receive"), arrived(made, "3")))
        .succeeded()
        .has("/status", "partially_received")
        .has("/items/0/received", "3")
        .has("/items/0/in_transit", "2")
        .has("/items/1/in_transit", "5");
    then(when.post(path_of(made, "cancel"))).refused(409, "illegal_transition");
    then(when.post(path_of(made, "close"))).has_code(400).names("/reason");
    then(when.post(path_of(made, "close"), R"({"reason":"fell off the truck"})"))
        .succeeded()
        .has("/status", "received")
        .has("/end_reason", "fell off the truck")
        .has("/items/0/lost", "2")
        .has("/items/1/lost", "5")
        .has("/items/1/in_transit", "0");
    for (auto* action : {"receive", "ship", "cancel"}) {
        then(when.post(path_of(made, action))).refused(409, "illegal_transition");
    }
    EXPECT_EQ(then.stock(mug.sku, west), (Stock{"3", "0", "3"}));
    then.stock_is(mug.sku, {"5", "0", "5"});
    EXPECT_EQ(told("inventory.transferred", made.id()), 3);

    auto last = shipped_transfer(west, mug, "5");
    then(when.post(path_of(last, "receive"),
                   arrived(last, "4.5", R"("final":true,"reason":"one broke")")))
        .succeeded()
        .has("/status", "received")
        .has("/items/0/received", "4.5")
        .has("/items/0/lost", "0.5")
        .has("/end_reason", "one broke");
    everything_adds_up();
}

TEST_F(StockOperations, a_transfer_takes_only_what_nobody_was_promised) {
    auto mug = given.product().with_stock(5), cup = given.product("CUP").with_stock(5);
    given.processed(given.order(mug, 3));
    auto west = new_location();
    auto made = given.must(when.post("/inventory/transfers", transfer_body(west, {cup, mug}, "6")),
                           201, "transfer");
    then(when.post(path_of(made, "ship")))
        .refused(409, "insufficient_stock")
        .names("/items/0/quantity")
        .names("/items/1/quantity")
        .has("/errors/1/params/sku", mug.sku)
        .has("/errors/1/params/available", "2");
    then.stock_is(cup.sku, {"5", "0", "5"});
    then(when.get(path_of(made))).has("/status", "draft").has("/version", "1");
    given.stock(mug.sku, "4");
    given.stock(cup.sku, "1");
    auto shipped = when.post(path_of(made, "ship"));
    then(shipped).succeeded();
    auto received = when.post(path_of(made, "receive"));
    then(received).succeeded();
    for (const auto& reply : {shipped, received}) {
        EXPECT_GE(rounds_of(reply), 1);
        EXPECT_LE(rounds_of(reply), most_rounds);
    }
}

TEST_F(StockOperations, a_cancelled_transfer_gives_back_once_what_has_not_arrived) {
    auto mug = given.product().with_stock(10);
    auto west = new_location();
    auto draft = transfer(west, mug, "4");
    then(when.post(path_of(draft, "cancel"))).succeeded().has("/status", "cancelled");
    then(when.post(path_of(draft, "ship"))).refused(409, "illegal_transition");
    auto made = shipped_transfer(west, mug, "4");
    then.stock_is(mug.sku, {"6", "0", "6"});
    then(when.post(path_of(made, "cancel"), R"({"reason":"wrong truck"})"))
        .succeeded()
        .has("/status", "cancelled")
        .has("/items/0/returned", "4")
        .has("/items/0/in_transit", "0")
        .has("/end_reason", "wrong truck");
    then(when.post(path_of(made, "cancel"))).refused(409, "illegal_transition");
    then(when.post(path_of(made, "receive"))).refused(409, "illegal_transition");
    then.stock_is(mug.sku, {"10", "0", "10"});
    everything_adds_up();
}

TEST_F(StockOperations, receipts_at_once_never_receive_more_than_was_shipped) {
    auto mug = given.product().with_stock(100);
    auto west = new_location();
    auto made = shipped_transfer(west, mug, "10");
    auto path = path_of(made, "receive"), body = arrived(made, "4");
    auto statuses = parallel(8, [&, client = when](int) {
        Client mine(client);
        return mine.post(path, body).status;
    });
    EXPECT_EQ(std::ranges::count(statuses, 200), 2);
    EXPECT_EQ(std::ranges::count(statuses, 409), 6);
    then(when.post(path_of(made, "receive"), arrived(made, "2.1")))
        .refused(409, "exceeds_in_transit")
        .names("/items/0/quantity")
        .has("/errors/0/params/in_transit", "2");
    EXPECT_EQ(then.stock(mug.sku, west).on_hand, "8");
    everything_adds_up();
}

TEST_F(StockOperations, cancelling_and_receiving_at_once_leave_the_stock_in_one_place) {
    auto mug = given.product().with_stock(50);
    auto west = new_location();
    for (int round = 0; round < 8; ++round) {
        auto made = shipped_transfer(west, mug, "3");
        auto path = path_of(made);
        auto statuses = parallel(4, [&, client = when](int i) {
            Client mine(client);
            return mine.post(path + (i % 2 ? "/cancel" : "/receive")).status;
        });
        EXPECT_EQ(std::ranges::count(statuses, 200), 1);
        EXPECT_EQ(std::ranges::count(statuses, 409), 3);
    }
    auto here = std::stoi(then.stock(mug.sku).on_hand);
    auto there = when.get("/inventory/items/" + mug.sku).at("/balances/1/on_hand").text();
    EXPECT_EQ(here + (there.empty() ? 0 : std::stoi(there)), 50);
    EXPECT_EQ(in_transit(mug), "0");
    everything_adds_up();
}

TEST_F(StockOperations, a_repeated_receipt_is_the_same_receipt) {
    auto mug = given.product().with_stock(10);
    auto west = new_location();
    auto made = shipped_transfer(west, mug, "6");
    Headers key{{"Idempotency-Key", given.unique("receipt")}};
    auto first = when.post(path_of(made, "receive"), arrived(made, "2"), key);
    auto again = when.post(path_of(made, "receive"), arrived(made, "2"), key);
    EXPECT_EQ(first.body, again.body);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(then.stock(mug.sku, west).on_hand, "2");
}

TEST_F(StockOperations, a_transfer_that_cannot_be_meant_is_refused_with_every_fault) {
    auto mug = given.product().with_stock(10);
    auto sku = in_quotes(mug.sku);
    then(when.post("/inventory/transfers",
                   R"({"from_location_id":1,"to_location_id":1,"items":[{"sku":)" + sku +
                       R"(,"quantity":"0"},{"sku":)" + sku +
                       R"(,"quantity":"1"},{"sku":"NO-SUCH","quantity":"-1"}]})"))
        .refused(400, "invalid")
        .names("/to_location_id")
        .names("/items/0/quantity")
        .names("/items/1/sku")
        .names("/items/2/sku")
        .names("/items/2/quantity");
    then(when.post("/inventory/transfers",
                   R"({"from_location_id":999999,"to_location_id":888888,"items":[{"sku":)" + sku +
                       R"(,"quantity":"1"}]})"))
        .refused(400, "invalid")
        .names("/from_location_id")
        .names("/to_location_id");
    then(when.post("/inventory/transfers",
                   R"({"to_location_id":1,"items":[],"expected_on":"soon","colour":1})"))
        .has_code(400)
        .names("/from_location_id")
        .names("/items")
        .names("/expected_on")
        .names("/colour");
    auto west = new_location();
    auto made = shipped_transfer(west, mug, "4");
    auto id = in_quotes(made.text("/items/0/id"));
    then(when.post(path_of(made, "receive"), R"({"items":[{"transfer_item_id":)" + id +
                                                 R"(,"quantity":"1"},{"transfer_item_id":)" + id +
                                                 R"(,"quantity":"0"},{"transfer_item_id":)" +
                                                 in_quotes(made.id()) + R"(,"quantity":"1"}]})"))
        .refused(400, "invalid")
        .names("/items/1/transfer_item_id")
        .names("/items/1/quantity")
        .names("/items/2/transfer_item_id");
    EXPECT_EQ(in_transit(mug), "4");
}

TEST_F(StockOperations, transfers_are_listed_and_changed) {
    auto mug = given.product().with_stock(10);
    auto west = new_location();
    auto first = transfer(west, mug, "1"), second = shipped_transfer(west, mug, "2");
    auto place = "to_location_id=" + std::to_string(west);
    auto all = when.get("/inventory/transfers?expand=items&" + place);
    ASSERT_EQ(all["data"].size(), 2u);
    then(all).has("/data/0/id", second.id()).has("/data/0/items/0/in_transit", "2");
    EXPECT_FALSE(when.get("/inventory/transfers?" + place).at("/data/0/items").exists());
    auto drafts = when.get("/inventory/transfers?status=draft&" + place);
    ASSERT_EQ(drafts["data"].size(), 1u);
    then(drafts).has("/data/0/id", first.id());
    then(when.patch(path_of(second), R"({"expected_on":"2027-01-05","notes":"call first"})"))
        .succeeded()
        .has("/expected_on", "2027-01-05")
        .has("/notes", "call first");
    then(when.patch(path_of(second), R"({"expected_on":null})")).succeeded();
    EXPECT_TRUE(when.get(path_of(second))["expected_on"].is_null());
}

TEST_F(StockOperations, a_closed_location_sends_nothing_and_still_takes_what_is_on_its_way) {
    auto mug = given.product().with_stock(10);
    auto west = new_location();
    auto draft = transfer(west, mug, "1"), made = shipped_transfer(west, mug, "2");
    given.must(when.patch("/locations/" + std::to_string(west), R"({"active":false})"), 200,
               "closed location");
    then(when.post(path_of(draft, "ship"))).refused(409, "location_inactive");
    then(when.post("/inventory/transfers", transfer_body(west, {mug}, "1")))
        .refused(400, "invalid")
        .names("/to_location_id");
    then(when.post(path_of(made, "receive"))).succeeded();
    EXPECT_EQ(then.stock(mug.sku, west).on_hand, "2");
}

// ---- what is told apart

TEST_F(StockOperations, a_transfer_remembers_which_lots_it_took) {
    auto milk = given.product("MILK", "1.00", R"("tracking":"lot")");
    receive_lot(milk, "5", "L1", day(90));
    receive_lot(milk, "5", "L2", day(30));
    auto west = new_location();
    auto made = shipped_transfer(west, milk, "7");
    then(made)
        .has("/items/0/loads/0/lot_number", "L2")
        .has("/items/0/loads/0/quantity", "5")
        .has("/items/0/loads/1/lot_number", "L1")
        .has("/items/0/loads/1/quantity", "2");
    auto item = R"({"transfer_item_id":)" + in_quotes(made.text("/items/0/id"));
    then(when.post(path_of(made, "receive"),
                   R"({"items":[)" + item + R"(,"quantity":"3","lot_number":"L1"}]})"))
        .refused(409, "exceeds_in_transit")
        .has("/errors/0/params/in_transit", "2");
    auto some = when.post(path_of(made, "receive"),
                          R"({"items":[)" + item + R"(,"quantity":"2","lot_number":"L1"},)" + item +
                              R"(,"quantity":"1","lot_number":"L2"}]})");
    then(some)
        .succeeded()
        .has("/status", "partially_received")
        .has("/items/0/received", "3")
        .has("/items/0/loads/0/settled", "1")
        .has("/items/0/loads/1/settled", "2");
    EXPECT_LE(rounds_of(some), most_rounds);
    EXPECT_EQ(of_lot(milk, "L1", west), "2");
    EXPECT_EQ(of_lot(milk, "L2", west), "1");
    then(when.post(path_of(made, "close"), R"({"reason":"gone off"})")).has("/items/0/lost", "4");
    auto back = shipped_transfer(west, milk, "2");
    then(when.post(path_of(back, "cancel"))).succeeded();
    EXPECT_EQ(of_lot(milk, "L1", 1), "3");
    everything_adds_up();
}

TEST_F(StockOperations, a_transfer_knows_its_pieces) {
    auto phone = given.product("PHONE", "99.00", R"("tracking":"serial")");
    auto a = given.unique("SN-A"), b = given.unique("SN-B"), c = given.unique("SN-C");
    given.must(when.post("/inventory/items/" + phone.sku + "/receive",
                         R"({"quantity":"3","serial_numbers":[)" + in_quotes(a) + "," +
                             in_quotes(b) + "," + in_quotes(c) + "]}"),
               200, "pieces");
    auto west = new_location();
    auto made = shipped_transfer(west, phone, "2");
    EXPECT_EQ(made.at("/items/0/loads/0/serial_numbers").size(), 2u);
    EXPECT_EQ(status_of_piece(a), "in_transit");
    then(when.post(path_of(made, "receive"),
                   arrived(made, "1").insert(arrived(made, "1").size() - 3,
                                             R"(,"serial_numbers":[)" + in_quotes(c) + "]")))
        .refused(409, "exceeds_in_transit")
        .names("/items/0/serial_numbers");
    then(when.post(path_of(made, "receive"),
                   arrived(made, "1").insert(arrived(made, "1").size() - 3,
                                             R"(,"serial_numbers":[)" + in_quotes(b) + "]")))
        .succeeded()
        .has("/items/0/in_transit", "1");
    EXPECT_EQ(status_of_piece(b), "in_stock");
    then(when.post(path_of(made, "close"), R"({"reason":"stolen"})")).succeeded();
    EXPECT_EQ(status_of_piece(a), "scrapped");
    EXPECT_EQ(status_of_piece(c), "in_stock");
    everything_adds_up();
}

TEST_F(StockOperations, lots_are_counted_one_by_one) {
    auto milk = given.product("MILK", "1.00", R"("tracking":"lot")");
    auto phone = given.product("PHONE", "99.00", R"("tracking":"serial")");
    receive_lot(milk, "5", "L1", day(90));
    auto moment =
        when.get("/inventory/items/" + milk.sku + "/movements").text("/data/0/created_at");
    receive_lot(milk, "2", "L1", day(90));
    receive_lot(milk, "5", "L2", day(30));
    auto count = count_at();
    auto sku = R"({"sku":)" + in_quotes(milk.sku);
    then(when.post(path_of(count, "lines"), R"({"lines":[)" + sku + R"(,"quantity":"1"},{"sku":)" +
                                                in_quotes(phone.sku) + R"(,"quantity":"1"}]})"))
        .refused(400, "invalid")
        .names("/lines/0/lot_number")
        .names("/lines/1/sku");
    auto lines = when.post(path_of(count, "lines"),
                           R"({"lines":[)" + sku + R"(,"quantity":"4","lot_number":"L1",)" +
                               R"("counted_at":)" + in_quotes(moment) + "}," + sku +
                               R"(,"quantity":"3","lot_number":"L2"},)" + sku +
                               R"(,"quantity":"1","lot_number":"L9"}]})");
    then(lines).succeeded();
    auto done = when.post(path_of(count, "complete"));
    then(done)
        .succeeded()
        .has("/lines/0/expected", "5")
        .has("/lines/0/difference", "-1")
        .has("/lines/0/moved_since", "2")
        .has("/lines/1/difference", "-2")
        .has("/lines/2/difference", "1");
    for (const auto& reply : {lines, done}) EXPECT_LE(rounds_of(reply), most_rounds);
    EXPECT_EQ(of_lot(milk, "L1", 1), "6");
    EXPECT_EQ(of_lot(milk, "L2", 1), "3");
    EXPECT_EQ(of_lot(milk, "L9", 1), "1");
    then.stock_is(milk.sku, {"10", "0", "10"});
    everything_adds_up();
}

// ---- counts

TEST_F(StockOperations, a_count_is_blind_and_sets_what_is_there) {
    auto mug = given.product().with_stock(10), cup = given.product("CUP").with_stock(4);
    auto lid = given.product("LID");
    auto count = when.post("/inventory/counts", R"({"notes":"aisle 3"})");
    then(count).created().has("/status", "open").has("/location_id", "1");
    EXPECT_EQ(count.text("/count_number").substr(0, 2), "C-");
    auto lines = when.post(path_of(count, "lines"), counted(mug, "99"));
    then(lines).succeeded().has("/lines/0/counted", "99");
    for (auto* name : {"expected", "difference", "moved_since", "on_hand"}) {
        EXPECT_TRUE(lines["lines"][0][name].is_null()) << name;
    }
    EXPECT_FALSE(lines["lines"][0]["on_record"].exists());
    then(when.post(path_of(count, "lines"), counted(mug, "8"))).has("/lines/0/counted", "8");
    given.must(when.post(path_of(count, "lines"), counted(cup, "4")), 200, "line");
    given.must(when.post(path_of(count, "lines"), counted(lid, "2.5")), 200, "line");
    then.stock_is(mug.sku, {"10", "0", "10"});
    auto balance = balance_of(mug);
    auto done = when.post(path_of(count, "complete"), R"({"reason":"yearly"})");
    then(done)
        .succeeded()
        .has("/status", "completed")
        .has("/lines/0/expected", "10")
        .has("/lines/0/difference", "-2")
        .has("/lines/0/moved_since", "0")
        .has("/lines/0/on_hand", "8")
        .has("/lines/1/difference", "0")
        .has("/lines/2/difference", "2.5");
    EXPECT_GE(rounds_of(done), 1);
    EXPECT_LE(rounds_of(done), most_rounds);
    EXPECT_EQ(when.get(path_of(count)).body, done.body);
    then.stock_is(mug.sku, {"8", "0", "8"});
    then.stock_is(cup.sku, {"4", "0", "4"});
    then.stock_is(lid.sku, {"2.5", "0", "2.5"});
    then(when.get("/inventory/items/" + mug.sku + "/movements"))
        .has("/data/0/kind", "count")
        .has("/data/0/delta", "-2")
        .has("/data/0/reason", "yearly")
        .has("/data/0/reference", count.id());
    EXPECT_EQ(told("inventory.adjusted", balance), 1);
    then(when.post(path_of(count, "complete"))).refused(409, "illegal_transition");
    then(when.post(path_of(count, "lines"), counted(mug, "1"))).refused(409, "illegal_transition");
    everything_adds_up();
}

TEST_F(StockOperations, what_came_and_went_after_counting_is_taken_into_account) {
    auto mug = given.product().with_stock(10);
    auto count = count_at();
    given.must(when.post(path_of(count, "lines"), counted(mug, "9")), 200, "line");
    given.stock(mug.sku, "5");
    given.shipped(given.paid(given.processed(given.order(mug, 3))));
    then(when.post(path_of(count, "complete")))
        .succeeded()
        .has("/lines/0/expected", "10")
        .has("/lines/0/difference", "-1")
        .has("/lines/0/moved_since", "2")
        .has("/lines/0/on_hand", "11");
    then.stock_is(mug.sku, {"11", "0", "11"});
}

TEST_F(StockOperations, a_line_may_say_that_it_was_counted_earlier) {
    auto mug = given.product().with_stock(10);
    auto moment = when.get("/inventory/items/" + mug.sku + "/movements").text("/data/0/created_at");
    given.stock(mug.sku, "5");
    given.stock(mug.sku, "2.5");
    auto count = count_at();
    then(when.post(path_of(count, "lines"), counted(mug, "8", moment)))
        .succeeded()
        .has("/lines/0/counted_at", moment);
    then(when.post(path_of(count, "complete")))
        .succeeded()
        .has("/lines/0/expected", "10")
        .has("/lines/0/difference", "-2")
        .has("/lines/0/moved_since", "7.5")
        .has("/lines/0/on_hand", "15.5");
    then.stock_is(mug.sku, {"15.5", "0", "15.5"});

    auto before_all = count_at();
    given.must(when.post(path_of(before_all, "lines"), counted(mug, "1", "2020-01-01T00:00:00Z")),
               200, "line");
    then(when.post(path_of(before_all, "complete")))
        .succeeded()
        .has("/lines/0/expected", "0")
        .has("/lines/0/on_hand", "16.5");
    everything_adds_up();
}

TEST_F(StockOperations, a_count_below_what_is_promised_names_who_holds_it) {
    auto mug = given.product().with_stock(10);
    auto paid = given.paid(given.processed(given.order(mug, 3)));
    auto unpaid = given.processed(given.order(mug, 4));
    auto count = count_at();
    given.must(when.post(path_of(count, "lines"), counted(mug, "5")), 200, "line");
    then(when.post(path_of(count, "complete")))
        .refused(409, "below_allocated")
        .has("/errors/0/params/order_id", unpaid.id)
        .has("/errors/0/params/sku", mug.sku)
        .has("/errors/1/params/order_id", paid.id);
    then(when.get(path_of(count))).has("/status", "open");
    then.stock_is(mug.sku, {"10", "7", "3"});
    auto done = when.post(path_of(count, "complete"), R"({"release_reservations":true})");
    then(done).succeeded().has("/lines/0/on_hand", "5");
    EXPECT_LE(rounds_of(done), most_rounds);
    then.order(unpaid.id).has_status("pending").has_fulfillment_status("unfulfilled");
    then.order(paid.id).has_status("processing").has_fulfillment_status("reserved");
    then.stock_is(mug.sku, {"5", "3", "2"});
    everything_adds_up();
}

TEST_F(StockOperations, a_count_takes_back_from_an_order_that_waits_for_more) {
    auto mug = given.product("MUG", "9.99", R"("backorder":"allow")").with_stock(4);
    auto waiting = given.processed(given.order(mug, 6));
    auto count = count_at();
    given.must(when.post(path_of(count, "lines"), counted(mug, "3")), 200, "line");
    auto done = when.post(path_of(count, "complete"), R"({"release_reservations":true})");
    then(done).succeeded().has("/lines/0/on_hand", "3");
    EXPECT_LE(rounds_of(done), most_rounds - 1) << "the order's parts come with the count's";
    then.order(waiting.id).has_status("pending").has("/items/0/backordered", "0");
    then.stock_is(mug.sku, {"3", "0", "3"});
    everything_adds_up();
}

TEST_F(StockOperations, a_count_that_what_left_since_contradicts_is_refused) {
    auto mug = given.product().with_stock(10), cup = given.product("CUP").with_stock(3);
    auto count = count_at();
    given.must(when.post(path_of(count, "lines"), counted(mug, "2")), 200, "line");
    given.must(when.post(path_of(count, "lines"), counted(cup, "2")), 200, "line");
    given.shipped(given.paid(given.processed(given.order(mug, 5))));
    then(when.post(path_of(count, "complete")))
        .refused(409, "count_contradicted")
        .has("/errors/0/params/sku", mug.sku)
        .has("/errors/0/params/left", "5");
    then.stock_is(cup.sku, {"3", "0", "3"});
    given.must(when.post(path_of(count, "lines"), counted(mug, "5")), 200, "line");
    then(when.post(path_of(count, "complete"))).succeeded();
    then.stock_is(cup.sku, {"2", "0", "2"});
}

TEST_F(StockOperations, a_cancelled_count_changes_nothing) {
    auto mug = given.product().with_stock(10);
    auto count = count_at();
    then(when.post(path_of(count, "complete"))).refused(409, "nothing_counted");
    given.must(when.post(path_of(count, "lines"), counted(mug, "2")), 200, "line");
    then(when.post(path_of(count, "cancel"), R"({"reason":"fire drill"})"))
        .succeeded()
        .has("/status", "cancelled")
        .has("/end_reason", "fire drill");
    then(when.post(path_of(count, "cancel"))).refused(409, "illegal_transition");
    then(when.post(path_of(count, "complete"))).refused(409, "illegal_transition");
    then.stock_is(mug.sku, {"10", "0", "10"});
    auto listed = when.get("/inventory/counts?status=cancelled&expand=lines&limit=100");
    EXPECT_TRUE(std::ranges::any_of(listed["data"].elements(), [&](const Json& one) {
        return one["id"] == count.id() && one["lines"].size() == 1;
    }));
    everything_adds_up();
}

TEST_F(StockOperations, lines_that_cannot_be_meant_are_refused_with_every_fault) {
    auto mug = given.product().with_stock(10);
    auto count = count_at();
    auto sku = in_quotes(mug.sku);
    then(when.post(path_of(count, "lines"),
                   R"({"lines":[{"sku":)" + sku + R"(,"quantity":"-1"},{"sku":)" + sku +
                       R"(,"quantity":"1"},{"sku":"NO-SUCH","quantity":"1"},{"sku":)" + sku +
                       R"(,"quantity":"1","counted_at":"2999-01-01T00:00:00Z"}]})"))
        .refused(400, "invalid")
        .names("/lines/0/quantity")
        .names("/lines/1/sku")
        .names("/lines/2/sku")
        .names("/lines/3/counted_at");
    then(when.post(path_of(count, "lines"), R"({"lines":[{"quantity":"x"},{"sku":5}]})"))
        .has_code(400)
        .names("/lines/0/sku")
        .names("/lines/0/quantity")
        .names("/lines/1/quantity");
    then(when.post("/inventory/counts", R"({"location_id":999999})"))
        .refused(400, "invalid")
        .names("/location_id");
    EXPECT_EQ(when.get(path_of(count))["lines"].size(), 0u);
}

TEST_F(StockOperations, counting_during_sales_loses_nothing) {
    constexpr int clients = 64, bought_by_each = 4, there = 1000, missing = 7;
    auto mug = given.product().with_stock(there);
    auto customer = given.customer().id;
    auto path = "/inventory/items/" + mug.sku;
    auto count = count_at();
    // Everybody takes off the shelf what they reserved, while two count what is there, by the
    // ledger, less what is missing, and complete it.
    auto sold = parallel(clients, [&, client = when](int i) {
        Client mine(client);
        int taken = 0;
        for (int n = 0; n < bought_by_each; ++n) {
            if (i == 0 && n == 1) {
                auto stock = mine.get("/inventory/items/" + mug.sku).text("/balances/0/on_hand");
                auto line = counted(mug, std::to_string(std::stoi(stock)));
                EXPECT_EQ(mine.post(path_of(count, "lines"), line).status, 200);
            }
            if (i == 0 && n == 3) {
                auto done = mine.post(path_of(count, "complete"));
                EXPECT_EQ(done.status, 200) << done;
            }
            auto held = mine.post(path + "/reserve", R"({"quantity":"1"})");
            if (held.status != 201) continue;
            auto took = mine.post("/inventory/reservations/" + held.id() + "/consume");
            taken += took.status == 200;
        }
        return taken;
    });
    int left = there;
    for (auto taken : sold) left -= taken;
    auto done = when.get(path_of(count));
    then(done).has("/status", "completed");
    // The count was right at the moment that it names up to what left between looking and writing.
    auto difference = std::stoi(done.text("/lines/0/difference"));
    EXPECT_GE(difference, 0);
    then.stock_is(mug.sku,
                  {std::to_string(left + difference), "0", std::to_string(left + difference)});

    // A second one, of which we know what is missing, while orders are bought.
    auto second = count_at();
    given.must(when.post(path_of(second, "lines"),
                         counted(mug, std::to_string(left + difference - missing))),
               200, "line");
    auto orders = parallel(clients, [&, client = when](int i) {
        Client mine(client);
        if (i == 0) return mine.post(path_of(second, "complete")).status;
        auto order = mine.post("/orders", R"({"customer_id":)" + in_quotes(customer) +
                                              R"(,"items":[{"sku":)" + in_quotes(mug.sku) +
                                              R"(,"quantity":1}]})");
        auto id = order.id();
        if (mine.post("/orders/" + id + "/process").status != 200) return 1;
        if (!mine.post("/payments", R"({"order_id":)" + in_quotes(id) +
                                        R"(,"method":{"type":"card","token":"tok_ok"}})")
                 .ok()) {
            return 2;
        }
        return mine.post("/orders/" + id + "/ship").status;
    });
    auto shipped = std::ranges::count_if(orders, [](int status) { return status / 100 == 2; }) - 1;
    EXPECT_EQ(shipped, clients - 1);
    then(when.get(path_of(second)))
        .has("/status", "completed")
        .has("/lines/0/difference", std::to_string(-missing));
    auto rest = std::to_string(left + difference - missing - shipped);
    then.stock_is(mug.sku, {rest, "0", rest});
    everything_adds_up();
}

// ---- bulk

TEST_F(StockOperations, each_line_of_a_bulk_receipt_succeeds_or_fails_by_itself) {
    auto mug = given.product(), cup = given.product("CUP");
    auto line = [](const std::string& sku, const std::string& more) {
        return R"({"sku":)" + in_quotes(sku) + "," + more + "}";
    };
    auto lines = "[" + line(mug.sku, R"("quantity":"5","reason":"box 1")") + "," +
                 line("NO-SUCH", R"("quantity":"1")") + "," + line(cup.sku, R"("quantity":"0")") +
                 "," + line(cup.sku, R"("quantity":"1","location_id":999999)") + "," +
                 line(mug.sku, R"("quantity":"2.5")") + "]";
    Headers key{{"Idempotency-Key", given.unique("bulk")}};
    auto body = R"({"reason":"ship came in","lines":)" + lines + "}";
    auto done = when.post("/inventory/bulk/receive", body, key);
    then(done)
        .has_code(200)
        .has("/succeeded", "2")
        .has("/failed", "3")
        .has("/results/0/status", "succeeded")
        .has("/results/0/balance/on_hand", "5")
        .has("/results/1/status", "failed")
        .has("/results/1/problem/code", "invalid")
        .has("/results/1/problem/status", "400")
        .has("/results/1/problem/errors/0/pointer", "/sku")
        .has("/results/2/problem/errors/0/pointer", "/quantity")
        .has("/results/3/problem/errors/0/pointer", "/location_id")
        .has("/results/4/balance/on_hand", "7.5");
    EXPECT_LE(rounds_of(done), most_rounds);
    EXPECT_EQ(when.post("/inventory/bulk/receive", body, key).body, done.body);
    then.stock_is(mug.sku, {"7.5", "0", "7.5"});
    then(when.get("/inventory/items/" + mug.sku + "/movements"))
        .has("/data/0/reason", "ship came in")
        .has("/data/1/reason", "box 1");
    EXPECT_EQ(told("inventory.received", balance_of(mug)), 2);

    then(when.post("/inventory/bulk/receive", R"({"atomic":true,"lines":)" + lines + "}"))
        .refused(409, "lines_failed")
        .names("/lines/1/sku")
        .names("/lines/2/quantity")
        .names("/lines/3/location_id");
    then.stock_is(mug.sku, {"7.5", "0", "7.5"});
    then(when.post("/inventory/bulk/receive", R"({"lines":[{"sku":"X"},{"quantity":"1"}]})"))
        .has_code(400)
        .names("/lines/0/quantity")
        .names("/lines/1/sku");
}

TEST_F(StockOperations, each_line_of_a_bulk_adjustment_succeeds_or_fails_by_itself) {
    auto mug = given.product().with_stock(10), cup = given.product("CUP").with_stock(10);
    given.processed(given.order(cup, 6));
    auto body = R"({"reason":"stocktaking","lines":[{"sku":)" + in_quotes(mug.sku) +
                R"(,"delta":"-3"},{"sku":)" + in_quotes(cup.sku) + R"(,"on_hand":"5"},{"sku":)" +
                in_quotes(mug.sku) + R"(,"delta":"-8"},{"sku":)" + in_quotes(mug.sku) +
                R"(,"delta":"1","on_hand":"1"},{"sku":)" + in_quotes(mug.sku) +
                R"(,"on_hand":"9","expected_version":1},{"sku":)" + in_quotes(mug.sku) +
                R"(,"on_hand":"20"}]})";
    then(when.post("/inventory/bulk/adjust", body))
        .has_code(200)
        .has("/succeeded", "2")
        .has("/failed", "4")
        .has("/results/0/balance/on_hand", "7")
        .has("/results/1/problem/code", "below_allocated")
        .has("/results/2/problem/errors/0/pointer", "/delta")
        .has("/results/3/problem/code", "invalid")
        .has("/results/4/problem/code", "precondition_failed")
        .has("/results/5/balance/on_hand", "20");
    then.stock_is(mug.sku, {"20", "0", "20"});
    then.stock_is(cup.sku, {"10", "6", "4"});
    then(when.post("/inventory/bulk/adjust", R"({"lines":[]})"))
        .has_code(400)
        .names("/lines")
        .names("/reason");
    everything_adds_up();
}

TEST_F(StockOperations, five_hundred_lines_are_one_request) {
    std::vector<Product> products;
    for (int i = 0; i < 5; ++i) products.push_back(given.product());
    std::string lines;
    for (int i = 0; i < 500; ++i) {
        lines += std::string(i ? "," : "") + R"({"sku":)" +
                 in_quotes(products[std::size_t(i % 5)].sku) + R"(,"quantity":"1"})";
    }
    auto done = when.post("/inventory/bulk/receive", R"({"lines":[)" + lines + "]}");
    then(done).has_code(200).has("/succeeded", "500");
    EXPECT_LE(rounds_of(done), most_rounds);
    for (const auto& product : products) then.stock_is(product.sku, {"100", "0", "100"});
    then(when.post("/inventory/bulk/receive",
                   R"({"lines":[)" + lines + R"(,{"sku":"X","quantity":"1"}]})"))
        .has_code(400)
        .names("/lines");
}

// ---- low stock, promises

TEST_F(StockOperations, low_stock_is_told_once_per_crossing_whatever_takes_the_stock) {
    auto west = new_location();
    auto crossings = [&](auto take) {
        auto mug = given.product().with_stock(10);
        watch(mug, "5");
        take(mug, "5");
        take(mug, "1");
        auto balance = balance_of(mug);
        int once = told("inventory.low_stock", balance);
        given.stock(mug.sku, "6");
        take(mug, "8");
        return std::pair{once, told("inventory.low_stock", balance)};
    };
    auto by_transfer = [&](const Product& mug, const std::string& n) {
        shipped_transfer(west, mug, n);
    };
    auto by_count = [&](const Product& mug, const std::string& n) {
        auto count = count_at();
        auto left = std::stoi(then.stock(mug.sku).on_hand) - std::stoi(n);
        given.must(when.post(path_of(count, "lines"), counted(mug, std::to_string(left))), 200,
                   "line");
        given.must(when.post(path_of(count, "complete")), 200, "completed count");
    };
    auto by_bulk = [&](const Product& mug, const std::string& n) {
        given.must(when.post("/inventory/bulk/adjust", R"({"reason":"broken","lines":[{"sku":)" +
                                                           in_quotes(mug.sku) + R"(,"delta":"-)" +
                                                           n + R"("}]})"),
                   200, "adjusted");
    };
    auto by_order = [&](const Product& mug, const std::string& n) {
        given.processed(given.order(mug, std::stoi(n)));
    };
    auto by_hand = [&](const Product& mug, const std::string& n) {
        given.must(
            when.post("/inventory/items/" + mug.sku + "/reserve", R"({"quantity":")" + n + "\"}"),
            201, "reservation");
    };
    EXPECT_EQ(crossings(by_transfer), (std::pair{1, 2}));
    EXPECT_EQ(crossings(by_count), (std::pair{1, 2}));
    EXPECT_EQ(crossings(by_bulk), (std::pair{1, 2}));
    EXPECT_EQ(crossings(by_order), (std::pair{1, 2}));
    EXPECT_EQ(crossings(by_hand), (std::pair{1, 2}));
}

TEST_F(StockOperations, a_promise_counts_what_is_free_and_what_comes_until_then) {
    auto mug = given.product().with_stock(10);
    given.processed(given.order(mug, 4));
    auto west = new_location();
    auto path = "/inventory/items/" + mug.sku + "/promise";
    then(when.get(path)).has("/quantity", "1").has("/possible", "true").has("/promisable", "6");
    auto made = shipped_transfer(west, mug, "5", R"("expected_on":)" + in_quotes(day(3)));
    then(when.get(path + "?quantity=6"))
        .has("/available", "1")
        .has("/possible", "true")
        .has("/promisable", "6")
        .has("/earliest_on", day(3))
        .has("/supplies/0/kind", "transfer")
        .has("/supplies/0/reference", made.id())
        .has("/supplies/0/quantity", "5");
    then(when.get(path + "?quantity=2&by=" + day(2)))
        .has("/possible", "false")
        .has("/promisable", "1")
        .has("/earliest_on", day(3));
    then(when.get(path + "?quantity=6&by=" + day(3))).has("/possible", "true");
    auto never = when.get(path + "?quantity=6.5");
    then(never).has("/possible", "false");
    EXPECT_TRUE(never["earliest_on"].is_null());
    given.must(when.post(path_of(made, "receive"), arrived(made, "2")), 200, "received");
    then(when.get(path)).has("/available", "3").has("/supplies/0/quantity", "3");
    given.must(when.patch(path_of(made), R"({"expected_on":null})"), 200, "no day");
    then(when.get(path)).has("/promisable", "3");
    then(when.get(path + "?quantity=0&by=2020-01-01"))
        .refused(400, "invalid")
        .names("?quantity")
        .names("?by");
    then(when.get(path + "?quantity=x&by=y")).has_code(400).names("?quantity").names("?by");
}

TEST_F(StockOperations, a_promise_counts_what_will_be_made_and_who_waits) {
    auto mug = given.product("MUG", "9.99", R"("backorder":"allow")");
    auto clay = given.product("CLAY");
    given.stock(mug.sku, "1");
    auto order = given.order(mug, 3);
    given.must(when.post("/orders/" + order.id + "/process"), 200, "processed order");
    auto path = "/inventory/items/" + mug.sku + "/promise";
    then(when.get(path)).has("/possible", "false").has("/backordered", "2");
    auto bom = given.must(
        when.post("/boms", R"({"product_id":)" + in_quotes(mug.id) + R"(,"items":[{"sku":)" +
                               in_quotes(clay.sku) + R"(,"quantity":"1"}]})"),
        201, "BOM");
    given.must(when.post("/boms/" + bom.id() + "/activate"), 200, "active BOM");
    auto made = given.must(when.post("/work-orders", R"({"bom_id":)" + in_quotes(bom.id()) +
                                                         R"(,"quantity":"5","location_id":1,)" +
                                                         R"("due_on":)" + in_quotes(day(4)) + "}"),
                           201, "work order");
    then(when.get(path + "?quantity=3"))
        .has("/possible", "true")
        .has("/promisable", "3")
        .has("/earliest_on", day(4))
        .has("/supplies/0/kind", "work_order")
        .has("/supplies/0/reference", made.id())
        .has("/supplies/0/quantity", "5");
    then(when.get(path + "?quantity=4")).has("/possible", "false");
    then(when.get(path + "?by=" + day(3))).has("/promisable", "0");
}

TEST_F(StockOperations, a_bulk_line_that_fails_leaves_nothing_behind) {
    auto phone = given.product("PHONE", "99.00", R"("tracking":"serial")");
    auto milk = given.product("MILK", "1.00", R"("tracking":"lot")");
    auto a = given.unique("SN-A"), b = given.unique("SN-B");
    auto line = [](const Product& product, const std::string& more) {
        return R"({"sku":)" + in_quotes(product.sku) + "," + more + "}";
    };
    auto pieces = [](const std::string& quantity, const std::string& numbers) {
        return R"("quantity":")" + quantity + R"(","serial_numbers":[)" + numbers + "]";
    };
    then(when.post("/inventory/bulk/receive",
                   R"({"lines":[)" + line(phone, pieces("1", in_quotes(a))) + "," +
                       line(phone, pieces("2", in_quotes(b) + "," + in_quotes(a))) + "," +
                       line(phone, pieces("2", in_quotes(b))) + "," +
                       line(milk, R"("quantity":"5")") + "," +
                       line(milk, R"("quantity":"5","lot_number":"L1")") + "]}"))
        .has_code(200)
        .has("/succeeded", "2")
        .has("/results/1/problem/code", "serial_in_stock")
        .has("/results/2/problem/code", "serial_count")
        .has("/results/3/problem/code", "lot_required")
        .has("/results/4/balance/on_hand", "5");
    then.stock_is(phone.sku, {"1", "0", "1"});
    EXPECT_EQ(status_of_piece(b), "");
    then(when.post("/inventory/bulk/adjust",
                   R"({"reason":"broken","lines":[)" +
                       line(milk, R"("delta":"-2","lot_number":"L1")") + "," +
                       line(phone, R"("delta":"-1","serial_numbers":[)" + in_quotes(b) + "]") +
                       "]}"))
        .has_code(200)
        .has("/results/0/balance/on_hand", "3")
        .has("/results/1/status", "failed");
    everything_adds_up();
}

// verify must be able to find something.
TEST(StockOperationsVerified, a_transfer_or_count_that_does_not_add_up_is_named) {
    Server server;
    Story story(server);
    auto mug = story.given.product().with_stock(10);
    auto west = story.given.must(story.when.post("/locations", R"({"code":"WEST","name":"West"})"),
                                 201, "location");
    auto made = story.given.must(
        story.when.post("/inventory/transfers", R"({"from_location_id":1,"to_location_id":)" +
                                                    west["id"].text() + R"(,"items":[{"sku":)" +
                                                    in_quotes(mug.sku) + R"(,"quantity":"4"}]})"),
        201, "transfer");
    story.given.must(story.when.post("/inventory/transfers/" + made.id() + "/ship"), 200, "ship");
    auto count = story.given.must(story.when.post("/inventory/counts"), 201, "count");
    auto path = "/inventory/counts/" + count.id();
    story.given.must(story.when.post(path + "/lines", R"({"lines":[{"sku":)" + in_quotes(mug.sku) +
                                                          R"(,"quantity":"5"}]})"),
                     200, "line");
    story.given.must(story.when.post(path + "/complete"), 200, "completed count");
    ASSERT_EQ(server.run({"verify"}).status, 0) << server.run({"verify"}).output;
    server.kill();
    server.database().ask(
        "update inventory_transfer_items set received = 10000;"
        "update inventory_count_lines set counted = counted + 10000,"
        " difference = difference + 10000, on_hand = on_hand + 10000;");
    auto found = server.run({"verify"});
    EXPECT_EQ(found.status, 1);
    for (auto* text : {"its transfer is in_transit with 40000 shipped, 10000 received",
                       "the ledger moved -40000 at the source and 0 at the destination",
                       "its difference is 0, the ledger was corrected by -10000"}) {
        EXPECT_NE(found.output.find(text), std::string::npos) << text << "\n" << found.output;
    }
}

}  // namespace
}  // namespace stateset::support
