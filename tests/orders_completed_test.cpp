// The rest of an order's life, through the real door: discounts and taxes, lines that wait for
// stock, splitting and merging, shipping from several places, holds, and finding orders again.

#include <algorithm>
#include <map>
#include <thread>

#include "support/journey.hpp"

namespace stateset::support {
namespace {

using namespace std::chrono_literals;

constexpr auto soon = 10s;  // stock that arrives is given within this time
constexpr int most_rounds = 5;

int rounds_of(const Reply& reply) {
    auto timing = reply.header("Server-Timing");
    const std::string_view mark = "rounds;desc=\"";
    auto at = timing.find(mark);
    return at == timing.npos ? -1 : std::stoi(timing.substr(at + mark.size()));
}

std::string line(const std::string& sku, std::int64_t quantity, std::string_view more = {}) {
    auto text = R"({"sku":")" + sku + R"(","quantity":)" + std::to_string(quantity);
    if (!more.empty()) text.append(",").append(more);
    return text + "}";
}

std::string address_in(const std::string& country, const std::string& region = {}) {
    auto text = R"({"line1":"1 High Street","city":"Town","country":")" + country + "\"";
    if (!region.empty()) text += R"(,"region":")" + region + "\"";
    return text + "}";
}

class OrdersCompleted : public Journey {
  protected:
    Reply place(const std::string& items, std::string_view more = {}) {
        return place_for(customer_, items, more);
    }
    Reply place_for(const std::string& customer, const std::string& items,
                    std::string_view more = {}) {
        auto body = R"({"customer_id":")" + customer + R"(","items":[)" + items + "]";
        if (!more.empty()) body.append(",").append(more);
        return when.post("/orders", body + "}");
    }
    // An order of so many of it that is being processed; what is not there waits.
    std::string processing(const std::string& sku, std::int64_t quantity,
                           std::string_view more = {}) {
        auto order = given.must(place(line(sku, quantity), more), 201, "order");
        given.must(when.post("/orders/" + order.id() + "/process"), 200, "process");
        return order.id();
    }
    Product waitable(std::string_view word = "MUG", std::string_view more = {}) {
        auto text = std::string(R"("backorder":"allow")");
        if (!more.empty()) text.append(",").append(more);
        return given.product(word, "10.00", text);
    }
    Reply order(const std::string& id) { return when.get("/orders/" + id); }
    std::int64_t of_line(const std::string& id, std::string_view field, int at = 0) {
        return order(id)["items"][at][field].number();
    }
    bool comes_to_have(const std::string& id, std::int64_t reserved, std::int64_t backordered) {
        return eventually(soon, [&] {
            auto now = order(id);
            return now["items"][0]["reserved"] == reserved &&
                   now["items"][0]["backordered"] == backordered;
        });
    }
    std::string owed_of(const std::string& sku) {
        return when.get("/inventory/items/" + sku)["backordered"].text();
    }
    std::string rate(const std::string& country, const std::string& share,
                     std::string_view more = {}) {
        auto body = R"({"name":"VAT","country":")" + country + R"(","rate":")" + share + "\"";
        if (!more.empty()) body.append(",").append(more);
        return given.must(when.post("/tax-rates", body + "}"), 201, "tax rate").id();
    }
    Reply split(const std::string& id, const std::string& item, std::int64_t quantity) {
        return when.post("/orders/" + id + "/split", R"({"items":[{"order_item_id":")" + item +
                                                         R"(","quantity":)" +
                                                         std::to_string(quantity) + "}]}");
    }
    Reply merge(const std::string& id, const std::vector<std::string>& others) {
        std::string ids;
        for (const auto& one : others) ids += (ids.empty() ? "\"" : ",\"") + one + "\"";
        return when.post("/orders/" + id + "/merge", R"({"order_ids":[)" + ids + "]}");
    }
    std::int64_t location() {
        auto body = R"({"name":"North","type":"warehouse","code":")" + given.unique("N") + "\"}";
        return given.must(when.post("/locations", body), 201, "location")["id"].number();
    }
    std::vector<std::string> found_by(const std::string& query) {
        std::vector<std::string> ids;
        auto page = given.must(when.get("/orders?limit=100&" + query), 200, query);
        for (const auto& one : page["data"].elements()) ids.push_back(one["id"].text());
        return ids;
    }
    void expect_verified() {
        auto verified = server.run({"verify"});
        EXPECT_EQ(verified.status, 0) << verified.output;
    }
    const std::string customer_ = given.customer().id;
};

// ---- discounts and taxes

TEST_F(OrdersCompleted, a_line_has_a_discount_of_its_own_beside_the_orders) {
    auto mug = given.product("MUG", "10.00");
    auto placed = place(line(mug.sku, 2, R"("discount":"5.00")") + "," + line(mug.sku, 1),
                        R"("discount_total":"5.00")");
    then(placed).created().has("/subtotal", "30.00").has("/discount_total", "10.00");
    then(placed).has("/order_discount", "5.00").has("/total", "20.00");
    then(placed).has("/items/0/line_discount", "5.00").has("/items/0/discount", "8.00");
    then(placed).has("/items/1/discount", "2.00");
    auto path = "/orders/" + placed.id();
    auto item = path + "/items/" + placed.text("/items/0/id");
    then(when.patch(item, R"({"discount":"8.00"})")).has("/line_discount", "8.00");
    then.order(placed.id()).has("/total", "17.00").has("/discount_total", "13.00");
    then(when.patch(item, R"({"discount":"20.01"})")).refused(400, "invalid").names("/discount");
    then(when.patch(item, R"({"quantity":1,"discount":"10.01"})")).names("/discount");
    then(when.patch(item, R"({"quantity":1,"discount":"10.00"})")).succeeded();
    then.order(placed.id()).has("/total", "5.00");
    auto clerk = when.as(server.key({"orders:update", "orders:create"}));
    then(clerk.patch(item, R"({"discount":"9.00"})"))
        .refused(403, "price_permission_needed")
        .names("/discount");
    then(clerk.post(path + "/items", line(mug.sku, 1, R"("discount":"1.00")")))
        .refused(403, "price_permission_needed");
    auto added = when.post(path + "/items", line(mug.sku, 3, R"("discount":"1.50")"));
    then(added).created().has("/line_discount", "1.50");
    expect_verified();
}

TEST_F(OrdersCompleted, the_orders_discount_and_shipping_change_while_it_is_pending) {
    auto order = given.order(given.product("MUG", "10.00").with_stock(9), 2);
    auto path = "/orders/" + order.id;
    then(when.patch(path, R"({"discount_total":"4.00","shipping_total":"3.50"})"))
        .has("/total", "19.50")
        .has("/discount_total", "4.00")
        .has("/items/0/discount", "4.00");
    then(when.patch(path, R"({"discount_total":"20.01"})"))
        .refused(400, "invalid")
        .names("/discount_total");
    then(when.patch(path, R"({"shipping_total":"-1"})")).refused(400, "invalid");
    auto clerk = when.as(server.key({"orders:update"}));
    then(clerk.patch(path, R"({"discount_total":"0"})")).refused(403, "price_permission_needed");
    then(clerk.patch(path, R"({"discount_total":"4.00","notes":"as agreed"})")).succeeded();
    given.processed(order);
    then(when.patch(path, R"({"shipping_total":"0"})")).refused(409, "illegal_transition");
    then.order(order.id).has("/total", "19.50");
}

TEST_F(OrdersCompleted, what_an_order_no_longer_costs_goes_back_by_a_refund) {
    auto order = given.paid(given.order(given.product("MUG", "10.00").with_stock(9), 3));
    then(when.patch("/orders/" + order.id + "/items/" + order.line(), R"({"quantity":1})"))
        .succeeded();
    then.order(order.id).has("/total", "10.00").has_payment_status("paid");
    then(when.post("/payments", R"({"order_id":")" + order.id +
                                    R"(","method":{"type":"card","token":"tok_ok"}})"))
        .refused(409, "nothing_owed");
    then(when.post("/payments/" + order.payment + "/refund", R"({"amount":"20.00"})")).succeeded();
    then.order(order.id).has_payment_status("partially_refunded");
    expect_verified();
}

TEST_F(OrdersCompleted, tax_follows_from_where_it_goes_and_what_it_is) {
    rate("XA", "0.19");
    rate("XA", "0.07", R"("category":"food")");
    rate("xa", "0.1", R"("region":"Isle","category":"food")");
    auto mug = given.product("MUG", "10.00");
    auto bread = given.product("BREAD", "2.00", R"("tax_category":"food")");
    auto both = line(mug.sku, 1) + "," + line(bread.sku, 1);
    auto placed = place(both, R"("shipping_address":)" + address_in("XA"));
    then(placed).created().has("/items/0/tax_rate", "0.19").has("/items/1/tax_rate", "0.07");
    then(placed).has("/tax_total", "2.04").has("/total", "14.04");
    then(placed).has("/items/1/tax_category", "food");
    EXPECT_LE(rounds_of(placed), 3) << "rates are asked for together with the variants";
    auto isle = place(both, R"("billing_address":)" + address_in("xa", "ISLE"));
    then(isle).has("/items/1/tax_rate", "0.1").has("/items/0/tax_rate", "0.19");
    auto shipped_elsewhere = place(both, R"("shipping_address":)" + address_in("XB") +
                                             R"(,"billing_address":)" + address_in("XA"));
    then(shipped_elsewhere).has("/tax_total", "0.00");
    then(place(both)).has("/tax_total", "0.00");
    auto clerk = when.as(server.key({"orders:create"}));
    auto body = R"({"customer_id":")" + customer_ + R"(","shipping_address":)" + address_in("XA");
    auto untaxed = body + R"(,"items":[)" + line(mug.sku, 1, R"("tax_rate":"0")") + "]}";
    then(clerk.post("/orders", untaxed)).refused(403, "price_permission_needed");
    auto same = body + R"(,"items":[)" + line(mug.sku, 1, R"("tax_rate":"0.19")") + "]}";
    then(clerk.post("/orders", same)).created();
    expect_verified();
}

TEST_F(OrdersCompleted, another_address_of_a_pending_order_is_taxed_anew) {
    rate("XC", "0.19");
    rate("XD", "0.25");
    auto mug = given.product("MUG", "10.00").with_stock(100);
    auto placed = place(line(mug.sku, 1) + "," + line(mug.sku, 1, R"("tax_rate":"0.05")"),
                        R"("shipping_address":)" + address_in("XC"));
    then(placed).has("/tax_total", "2.40");
    auto path = "/orders/" + placed.id();
    auto moved = when.patch(path, R"({"shipping_address":)" + address_in("XD") + "}");
    then(moved).has("/tax_total", "3.00").has("/total", "23.00");
    then(moved).has("/items/1/tax_rate", "0.05");
    EXPECT_LE(rounds_of(moved), most_rounds);
    auto item = path + "/items/" + placed.text("/items/1/id");
    then(when.patch(item, R"({"tax_rate":null})")).has("/tax_rate", "0.25");
    then.order(placed.id()).has("/tax_total", "5.00");
    then(when.patch(item, R"({"tax_rate":"1.1"})")).refused(400, "invalid").names("/tax_rate");
    then(when.post(path + "/items", line(mug.sku, 2))).has("/tax_rate", "0.25");
    given.must(when.post(path + "/process"), 200, "process");
    auto late = when.patch(path, R"({"shipping_address":)" + address_in("XC") + "}");
    then(late).succeeded().has("/tax_total", "10.00");
    expect_verified();
}

TEST_F(OrdersCompleted, tax_rates_that_would_contradict_each_other_are_refused) {
    auto first = rate("XE", "0.19", R"("valid_until":"2020-12-31")");
    auto second = rate("XE", "0.16", R"("valid_from":"2021-01-01")");
    auto body = [](std::string_view more) {
        return R"({"name":"VAT","country":"XE","rate":"0.2")" + std::string(more) + "}";
    };
    then(when.post("/tax-rates", body(""))).refused(409, "already_exists").names("/valid_from");
    then(when.post("/tax-rates", body(R"(,"region":"Isle")"))).created();
    then(when.post("/tax-rates", body(R"(,"region":"ISLE","valid_from":"2020-01-01")")))
        .refused(409, "already_exists");
    then(when.post("/tax-rates", body(R"(,"valid_from":"2020-02-01","valid_until":"2020-01-01")")))
        .refused(400, "invalid")
        .names("/valid_until");
    then(when.post("/tax-rates", R"({"name":"x","country":"1A","rate":"0.1"})"))
        .refused(400, "invalid")
        .names("/country");
    then(when.post("/tax-rates", R"({"name":"x","country":"XE","rate":"1.01"})"))
        .refused(400, "invalid")
        .names("/rate");
    then(when.patch("/tax-rates/" + first, R"({"valid_until":"2021-01-01"})"))
        .refused(409, "already_exists");
    then(when.patch("/tax-rates/" + second, R"({"rate":"0.17","name":"Less"})"))
        .succeeded()
        .has("/rate", "0.17");
    auto mug = given.product("MUG", "100.00");
    auto there = R"("shipping_address":)" + address_in("XE");
    then(place(line(mug.sku, 1), there)).has("/tax_total", "17.00");
    then(when.remove("/tax-rates/" + second)).has_code(204);
    then(place(line(mug.sku, 1), there)).has("/tax_total", "0.00");
    then(when.get("/tax-rates/" + second)).refused(404, "not_found");
    EXPECT_EQ(when.get("/tax-rates?country=xe")["data"].size(), 2u);
    expect_verified();
}

// ---- waiting for stock

TEST_F(OrdersCompleted, what_is_not_there_waits_and_is_reserved_when_it_arrives) {
    auto mug = waitable().with_stock(3);
    auto id = processing(mug.sku, 5);
    then.order(id).has_status("processing").has_fulfillment_status("partially_reserved");
    then.order(id).has("/items/0/reserved", "3").has("/items/0/backordered", "2");
    EXPECT_EQ(owed_of(mug.sku), "2");
    EXPECT_EQ(found_by("backordered=true&sku=" + mug.sku), std::vector{id});
    mug.with_stock(1);
    EXPECT_TRUE(comes_to_have(id, 4, 1)) << order(id);
    mug.with_stock(7);
    EXPECT_TRUE(comes_to_have(id, 5, 0)) << order(id);
    then.order(id).has_fulfillment_status("reserved");
    then.stock_is(mug.sku, {"11", "5", "6"});
    EXPECT_EQ(owed_of(mug.sku), "0");
    EXPECT_TRUE(found_by("backordered=true&sku=" + mug.sku).empty());
    EXPECT_EQ(found_by("backordered=false&sku=" + mug.sku), std::vector{id});
    expect_verified();
}

TEST_F(OrdersCompleted, a_line_that_may_not_wait_still_needs_all_of_its_stock) {
    auto mug = waitable().with_stock(1), spoon = given.product("SPOON", "1.00").with_stock(1);
    auto placed = place(line(mug.sku, 3) + "," + line(spoon.sku, 2));
    auto refused = when.post("/orders/" + placed.id() + "/process");
    then(refused).refused(409, "insufficient_stock").has("/errors/0/params/sku", spoon.sku);
    then.order(placed.id()).has_status("pending").has("/items/0/backordered", "0");
    then.stock_is(mug.sku, {"1", "0", "1"});
    spoon.with_stock(1);
    auto processed = when.post("/orders/" + placed.id() + "/process");
    then(processed).succeeded().has_code(200);
    EXPECT_LE(rounds_of(processed), most_rounds);
    then.order(placed.id()).has("/items/0/backordered", "2").has("/items/1/reserved", "2");
    expect_verified();
}

TEST_F(OrdersCompleted, nobody_overtakes_those_who_wait_while_twenty_clients_try) {
    constexpr int waiting = 8, each = 3, clients = 20;
    auto mug = waitable();
    mug.with_stock(1);
    given.must(when.post("/inventory/items/" + mug.sku + "/adjust",
                         R"({"on_hand":"0","reason":"none yet"})"),
               200, "adjust");
    std::vector<std::string> queue;
    for (int i = 0; i < waiting; ++i) queue.push_back(processing(mug.sku, each));
    EXPECT_EQ(owed_of(mug.sku), std::to_string(waiting * each));
    auto body = R"({"customer_id":")" + customer_ + R"(","items":[)" + line(mug.sku, 1) + "]}";
    auto orders_and_reservations = [&](int) {
        Client mine = server.admin();
        int got = 0;
        std::vector<std::string> late;
        for (int i = 0; i < 4; ++i) {
            auto taken =
                mine.post("/inventory/items/" + mug.sku + "/reserve", R"({"quantity":"1"})");
            got += taken.status == 201 ? 1 : 0;
            late.push_back(mine.post("/orders", body).id());
            mine.post("/orders/" + late.back() + "/process");
        }
        return std::pair{got, late};
    };
    std::thread deliveries([&] {
        Client lorry = server.admin();
        for (int i = 0; i < waiting * each; ++i) {
            lorry.post("/inventory/items/" + mug.sku + "/receive",
                       R"({"location_id":1,"quantity":"1"})");
        }
    });
    auto came_late = parallel(clients, orders_and_reservations);
    deliveries.join();
    for (const auto& id : queue) EXPECT_TRUE(comes_to_have(id, each, 0)) << order(id);
    for (const auto& [got, late] : came_late) {
        EXPECT_EQ(got, 0) << "taken away from those who wait";
        for (const auto& id : late) EXPECT_EQ(of_line(id, "backordered"), 1);
    }
    then.stock_is(mug.sku, {"24", "24", "0"});
    expect_verified();
}

TEST_F(OrdersCompleted, the_oldest_is_given_all_before_the_next_gets_anything) {
    auto mug = waitable();
    auto first = processing(mug.sku, 4), second = processing(mug.sku, 2);
    mug.with_stock(3);
    EXPECT_TRUE(comes_to_have(first, 3, 1)) << order(first);
    EXPECT_EQ(of_line(second, "reserved"), 0);
    then(when.post("/inventory/items/" + mug.sku + "/reserve", R"({"quantity":"1"})"))
        .refused(409, "insufficient_stock");
    // What the first gives up goes to the second.
    given.must(when.post("/orders/" + first + "/cancel"), 200, "cancel");
    EXPECT_TRUE(comes_to_have(second, 2, 0)) << order(second);
    EXPECT_EQ(owed_of(mug.sku), "0");
    then.order(first).has_status("cancelled").has("/items/0/backordered", "0");
    then(when.post("/inventory/items/" + mug.sku + "/reserve", R"({"quantity":"1"})"))
        .has_code(201);
    expect_verified();
}

TEST_F(OrdersCompleted, a_hold_keeps_the_place_and_shows_its_reason) {
    auto mug = waitable().with_stock(1);
    auto id = processing(mug.sku, 2);
    auto held = when.post("/orders/" + id + "/hold", R"({"reason":"Address to be confirmed"})");
    then(held).has("/hold_reason", "Address to be confirmed").has("/items/0/backordered", "1");
    mug.with_stock(1);
    EXPECT_TRUE(comes_to_have(id, 2, 0)) << order(id);
    auto released = when.post("/orders/" + id + "/release");
    then(released).has("/status", "processing");
    EXPECT_TRUE(released["hold_reason"].is_null());
    given.must(when.post("/orders/" + id + "/hold", R"({"reason":"Fraud?"})"), 200, "hold");
    auto cancelled = when.post("/orders/" + id + "/cancel");
    then(cancelled).has("/status", "cancelled");
    EXPECT_TRUE(cancelled["hold_reason"].is_null());
    expect_verified();
}

TEST_F(OrdersCompleted, releasing_its_stock_ends_the_waiting_too) {
    auto mug = waitable().with_stock(2);
    auto id = processing(mug.sku, 3);
    auto hold = when.get("/inventory/reservations?order_id=" + id)["data"][0]["id"].text();
    auto released = when.post("/inventory/reservations/" + hold + "/release");
    then(released).succeeded();
    EXPECT_LE(rounds_of(released), most_rounds);
    then.order(id).has_status("pending").has("/items/0/backordered", "0");
    EXPECT_EQ(owed_of(mug.sku), "0");
    expect_verified();
}

TEST_F(OrdersCompleted, what_is_there_ships_and_the_rest_follows) {
    auto mug = waitable().with_stock(2);
    auto id = processing(mug.sku, 3, R"("payment_terms":"on_account")");
    auto part = when.post("/orders/" + id + "/ship");
    then(part).has("/status", "partially_shipped").has("/items/0/shipped", "2");
    then(part).has("/items/0/backordered", "1");
    then(when.post("/orders/" + id + "/ship")).refused(409, "nothing_to_ship");
    mug.with_stock(1);
    EXPECT_TRUE(comes_to_have(id, 1, 0)) << order(id);
    then(when.post("/orders/" + id + "/ship")).has("/status", "shipped");
    then.order(id).has_fulfillment_status("fulfilled");
    expect_verified();
}

// ---- several locations

TEST_F(OrdersCompleted, an_order_ships_from_each_location_that_has_a_part_of_it) {
    auto mug = given.product("MUG", "10.00").with_stock(2);
    auto north = location();
    given.stock(mug.sku, "3", north);
    auto id = processing(mug.sku, 4, R"("payment_terms":"on_account")");
    then.stock_is(mug.sku, {"2", "2", "0"});
    EXPECT_EQ(then.stock(mug.sku, north), (Stock{"3", "2", "1"}));
    auto from = [&](std::int64_t where) {
        return when.post("/shipments", R"({"order_id":")" + id + R"(","location_id":)" +
                                           std::to_string(where) + "}");
    };
    auto first = from(1), second = from(north);
    then(first).created().has("/items/0/quantity", "2");
    then(second).created().has("/items/0/quantity", "2");
    then(from(north)).refused(409, "nothing_to_ship");
    then(when.post("/shipments/" + second.id() + "/ship")).succeeded();
    then.order(id).has_status("partially_shipped").has("/items/0/shipped", "2");
    EXPECT_EQ(then.stock(mug.sku, north), (Stock{"1", "0", "1"}));
    then.stock_is(mug.sku, {"2", "2", "0"});
    then(when.post("/shipments/" + first.id() + "/ship")).succeeded();
    then.order(id).has_status("shipped").has_fulfillment_status("fulfilled");
    then(when.post("/shipments/" + first.id() + "/deliver")).succeeded();
    then.order(id).has_status("shipped");
    then(when.post("/shipments/" + second.id() + "/deliver")).succeeded();
    then.order(id).has_status("delivered");
    then.stock_is(mug.sku, {"0", "0", "0"});
    expect_verified();
}

// ---- split and merge

TEST_F(OrdersCompleted, a_pending_order_is_split_with_its_discounts) {
    auto mug = given.product("MUG", "10.00"), spoon = given.product("SPOON", "3.00");
    auto placed =
        place(line(mug.sku, 3, R"("discount":"1.00","tax_rate":"0.1")") + "," + line(spoon.sku, 2),
              R"("discount_total":"7.00","shipping_total":"4.00","tags":["gift"])");
    auto item = placed.text("/items/0/id");
    auto made = split(placed.id(), item, 1);
    then(made).has_code(201).has("/origin", "split").has("/origin_order_id", placed.id());
    then(made).has("/status", "pending").has("/items/0/quantity", "1").has("/tags/0", "gift");
    then(made).has("/shipping_total", "0.00").has("/customer_id", customer_);
    EXPECT_LE(rounds_of(made), most_rounds);
    auto left = order(placed.id());
    then(left).has("/items/0/quantity", "2").has("/shipping_total", "4.00");
    auto cents = [](const Json& amount) {
        auto text = amount.text();
        std::erase(text, '.');
        return std::stoll(text);
    };
    for (auto field : {"subtotal", "discount_total", "order_discount"}) {
        EXPECT_EQ(cents(left[field]) + cents(made[field]), cents(placed[field])) << field;
    }
    EXPECT_NEAR(static_cast<double>(cents(left["total"]) + cents(made["total"])),
                static_cast<double>(cents(placed["total"])), 1);
    then(when.get("/orders/" + placed.id() + "/timeline")).has("/data/1/type", "order.updated");
    EXPECT_EQ(found_by("tag=gift&customer_id=" + customer_).size(), 2u);
    expect_verified();
}

TEST_F(OrdersCompleted, reservations_and_places_in_the_queue_move_with_their_lines) {
    auto mug = waitable().with_stock(3);
    auto id = processing(mug.sku, 5), behind = processing(mug.sku, 1);
    auto made = split(id, order(id).text("/items/0/id"), 3);
    then(made).has_code(201).has("/status", "processing");
    then(made).has("/items/0/backordered", "2").has("/items/0/reserved", "1");
    then.order(id).has("/items/0/reserved", "2").has("/items/0/backordered", "0");
    then.order(id).has_fulfillment_status("reserved");
    then.stock_is(mug.sku, {"3", "3", "0"});
    mug.with_stock(2);
    EXPECT_TRUE(comes_to_have(made.id(), 3, 0)) << "its place in the queue went along";
    EXPECT_EQ(of_line(behind, "backordered"), 1);
    given.must(when.post("/orders/" + id + "/cancel"), 200, "cancel");
    EXPECT_TRUE(comes_to_have(behind, 1, 0));
    then.order(made.id()).has("/items/0/reserved", "3");
    expect_verified();
}

TEST_F(OrdersCompleted, a_whole_line_is_split_off_with_its_stock) {
    auto mug = given.product("MUG", "10.00").with_stock(5);
    auto spoon = given.product("SPOON", "3.00").with_stock(5);
    auto placed = place(line(mug.sku, 2) + "," + line(spoon.sku, 1));
    given.must(when.post("/orders/" + placed.id() + "/process"), 200, "process");
    auto made = split(placed.id(), placed.text("/items/1/id"), 1);
    then(made).has_code(201).has("/items/0/sku", spoon.sku).has("/fulfillment_status", "reserved");
    EXPECT_EQ(order(placed.id())["items"].size(), 1u);
    then.stock_is(spoon.sku, {"5", "1", "4"});
    given.must(when.post("/orders/" + made.id() + "/cancel"), 200, "cancel");
    then.stock_is(spoon.sku, {"5", "0", "5"});
    then.stock_is(mug.sku, {"5", "2", "3"});
    expect_verified();
}

TEST_F(OrdersCompleted, splitting_is_refused_where_money_or_goods_would_part) {
    auto mug = given.product("MUG", "10.00").with_stock(20);
    auto placed = given.order(mug, 2);
    then(split(placed.id, placed.line(), 2)).refused(409, "order_needs_items");
    then(split(placed.id, placed.line(), 3)).refused(400, "invalid").names("/items/0/quantity");
    then(split(placed.id, customer_, 1)).refused(400, "invalid").names("/items/0/order_item_id");
    auto item = R"({"order_item_id":")" + placed.line() + R"(","quantity":1})";
    then(when.post("/orders/" + placed.id + "/split", R"({"items":[)" + item + "," + item + "]}"))
        .refused(400, "invalid")
        .names("/items/1/order_item_id");
    auto paid = given.paid(given.processed(given.order(mug, 2)));
    then(split(paid.id, paid.line(), 1)).refused(409, "order_has_payments");
    auto packed = processing(mug.sku, 2);
    given.must(when.post("/shipments", R"({"order_id":")" + packed + "\"}"), 201, "shipment");
    then(split(packed, order(packed).text("/items/0/id"), 1)).refused(400, "invalid");
    given.must(when.post("/orders/" + placed.id + "/hold"), 200, "hold");
    then(split(placed.id, placed.line(), 1)).refused(409, "illegal_transition");
    expect_verified();
}

TEST_F(OrdersCompleted, orders_of_one_customer_become_one) {
    auto mug = given.product("MUG", "10.00").with_stock(9);
    auto first = place(line(mug.sku, 1), R"("notes":"Ring twice","tags":["a"])");
    auto second = place(line(mug.sku, 2, R"("discount":"1.00")"),
                        R"("discount_total":"2.00","shipping_total":"3.00","notes":"Slowly",)"
                        R"("tags":["b","a"])");
    auto third = place(line(mug.sku, 3));
    auto merged = merge(first.id(), {second.id(), third.id()});
    then(merged).has_code(200).has("/id", first.id()).has("/status", "pending");
    then(merged).has("/subtotal", "60.00").has("/discount_total", "3.00").has("/total", "60.00");
    then(merged).has("/notes", "Ring twice\nSlowly").has("/tags/1", "b");
    EXPECT_EQ(merged["items"].size(), 3u);
    EXPECT_EQ(merged["tags"].size(), 2u);
    EXPECT_LE(rounds_of(merged), most_rounds);
    for (const auto& id : {second.id(), third.id()}) {
        then.order(id).has_status("cancelled").has("/merged_into", first.id());
        then(when.get("/orders/" + id + "/timeline")).has("/data/1/type", "order.cancelled");
    }
    given.must(when.post("/orders/" + first.id() + "/process"), 200, "process");
    then.stock_is(mug.sku, {"9", "6", "3"});
    expect_verified();
}

TEST_F(OrdersCompleted, only_orders_that_go_together_are_merged) {
    auto mug = given.product("MUG", "10.00").with_stock(99);
    auto first = place(line(mug.sku, 1)).id();
    auto elsewhere = place(line(mug.sku, 1), R"("shipping_address":)" + address_in("XZ")).id();
    auto account = place(line(mug.sku, 1), R"("payment_terms":"on_account")").id();
    auto other = given.order(mug).id;
    then(merge(first, {elsewhere, account, other}))
        .refused(409, "orders_differ")
        .names("/order_ids/0")
        .names("/order_ids/1")
        .names("/order_ids/2");
    then(merge(first, {first})).refused(400, "invalid").names("/order_ids/0");
    auto twice = place(line(mug.sku, 1)).id();
    then(merge(first, {twice, twice})).refused(400, "invalid").names("/order_ids/1");
    then(merge(first, {customer_})).refused(400, "invalid").names("/order_ids/0");
    then(merge(first, {processing(mug.sku, 1)})).refused(409, "illegal_transition");
    auto paid = place(line(mug.sku, 1)).id();
    given.must(when.post("/payments", R"({"order_id":")" + paid +
                                          R"(","method":{"type":"card","token":"tok_ok"}})"),
               201, "payment");
    then(merge(first, {paid})).refused(409, "order_has_payments");
    then(merge(first, {twice})).has_code(200);
    then(merge(first, {twice})).refused(409, "illegal_transition");
    EXPECT_EQ(order(first)["items"].size(), 2u);
}

TEST_F(OrdersCompleted, of_two_merges_at_once_one_takes_the_order) {
    auto mug = given.product("MUG", "10.00");
    for (int i = 0; i < 5; ++i) {
        auto left = place(line(mug.sku, 1)).id(), right = place(line(mug.sku, 1)).id();
        auto wanted = place(line(mug.sku, 5)).id();
        auto statuses = parallel(2, [&](int at) {
            Client mine = server.admin();
            return mine
                .post("/orders/" + (at == 0 ? left : right) + "/merge",
                      R"({"order_ids":[")" + wanted + "\"]}")
                .status;
        });
        std::ranges::sort(statuses);
        EXPECT_EQ(statuses, (std::vector{200, 409}));
        EXPECT_EQ(order(left)["items"].size() + order(right)["items"].size(), 3u);
    }
    expect_verified();
}

// ---- finding orders

TEST_F(OrdersCompleted, an_order_is_found_by_what_people_know_of_it) {
    auto mug = given.product("Mug", "10.00");
    auto word = given.unique("lovelace");
    auto email = given.unique("ada") + "@example.com";
    std::ranges::transform(email, email.begin(), [](unsigned char c) { return std::tolower(c); });
    auto customer = given.must(when.post("/customers", R"({"first_name":"Ada","last_name":")" +
                                                           word + R"(","email":")" + email + "\"}"),
                               201, "customer");
    auto tag = given.unique("tag");
    auto placed = place_for(customer.id(), line(mug.sku, 1),
                            R"("notes":"behind the )" + word + R"(-shed","tags":[")" + tag + "\"]");
    auto id = placed.id(), number = placed["order_number"].text();
    place(line(given.product("Mug", "1.00").sku, 1));
    const std::vector only{id};
    auto lower = number;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    for (const auto& q : {lower, mug.sku, email, word, word.substr(0, word.size() - 1),
                          "the%20" + word, "Ada%20" + word, "ADA%20" + word}) {
        EXPECT_EQ(found_by("q=" + q), only) << q;
        EXPECT_EQ(found_by("sort=oldest&q=" + q), only) << q;
    }
    EXPECT_EQ(found_by("tag=" + tag), only);
    EXPECT_EQ(found_by("sort=oldest&tag=" + tag), only);
    EXPECT_EQ(found_by("order_number=" + number), only);
    EXPECT_EQ(found_by("sku=" + mug.sku), only);
    EXPECT_EQ(found_by("customer_id=" + customer.id()), only);
    EXPECT_TRUE(found_by("q=%25" + word).empty()) << "no wildcards";
    EXPECT_TRUE(found_by("tag=" + tag + "x").empty());
    then(when.patch("/orders/" + id, R"({"tags":["other"],"notes":null})")).succeeded();
    EXPECT_TRUE(found_by("tag=" + tag).empty());
    EXPECT_TRUE(found_by("q=the%20" + word).empty());
    expect_verified();
}

TEST_F(OrdersCompleted, the_same_tag_twice_is_one_tag) {
    auto placed = place(line(given.product().sku, 1), R"("tags":["b","a","b"])");
    then(placed).created().has("/tags/0", "b").has("/tags/1", "a");
    EXPECT_EQ(placed["tags"].size(), 2u);
}

}  // namespace
}  // namespace stateset::support
