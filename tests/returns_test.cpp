// Goods that come back, through the real binary: from the request to the refund, with clients at
// once, gateways that do not answer, and exchanges.

#include <algorithm>
#include <map>

#include "support/journey.hpp"

namespace stateset::support {
namespace {

constexpr std::chrono::seconds settled_within{15};  // the first retry comes after 2 s
constexpr int most_rounds = 5;

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string item_of(const std::string& line, std::int64_t quantity) {
    return R"({"order_item_id":)" + in_quotes(line) + R"(,"quantity":)" + std::to_string(quantity) +
           R"(,"reason":"too big"})";
}

std::string return_of(const Order& order, std::int64_t quantity, std::string_view more = {}) {
    return R"({"order_id":)" + in_quotes(order.id) + R"(,"items":[)" +
           item_of(order.line(), quantity) + "]" + (more.empty() ? "" : ",") + std::string(more) +
           "}";
}

// {"items":[{"return_item_id":…, <what>}]}, for the first item of a return.
std::string about(const Reply& goods, std::string_view what, std::size_t item = 0) {
    return R"({"items":[{"return_item_id":)" + in_quotes(goods["items"][item]["id"].text()) + "," +
           std::string(what) + "}]}";
}

std::string replacement(const std::string& sku, std::int64_t quantity = 1) {
    return R"("replacements":[{"sku":)" + in_quotes(sku) + R"(,"quantity":)" +
           std::to_string(quantity) + "}]";
}

int rounds_of(const Reply& reply) {
    auto timing = reply.header("Server-Timing");
    auto at = timing.find("rounds;desc=\"");
    return at == timing.npos ? -1 : std::stoi(timing.substr(at + 13));
}

// The words of a return, of one story.
struct Desk {
    Story& story;

    Order shipped(const Product& product, std::int64_t quantity, std::string_view token = "tok_ok",
                  std::string_view more = {}) {
        auto& given = story.given;
        return given.shipped(
            given.paid(given.processed(given.order(product, quantity, more)), token));
    }
    // Of a product of which nothing is left.
    Order shipped(std::int64_t quantity, std::string_view token = "tok_ok") {
        return shipped(story.given.product().with_stock(quantity), quantity, token);
    }
    Reply requested(const Order& order, std::int64_t quantity, std::string_view more = {}) {
        return story.given.must(story.when.post("/returns", return_of(order, quantity, more)), 201,
                                "return");
    }
    Reply act(const std::string& id, std::string_view action, std::string_view body = {},
              const Headers& headers = {}) {
        return story.when.post("/returns/" + id + "/" + std::string(action), body, headers);
    }
    // The return, moved on by these actions.
    std::string moved(const std::string& id, const std::vector<std::string>& actions) {
        for (const auto& action : actions) {
            auto reply = act(id, action);
            if (!reply.ok()) throw std::runtime_error(action + ": " + reply.body);
        }
        return id;
    }
    std::string inspected(const Order& order, std::int64_t quantity, std::string_view more = {}) {
        return moved(requested(order, quantity, more).id(), {"approve", "receive", "inspect"});
    }
    Standing standing(const std::string& id, Place place = Place::current()) {
        return story.then.thing("/returns", id, place);
    }
};

class Returns : public Journey {
  protected:
    Desk desk{story};

    std::string location(std::string_view word) {
        auto body = R"({"name":"North","type":"warehouse","priority":500,"code":)" +
                    in_quotes(given.unique(word)) + "}";
        return given.must(when.post("/locations", body), 201, "location").id();
    }
    std::size_t refunds_of(const Order& order) {
        return when.get("/refunds?order_id=" + order.id)["data"].size();
    }
    bool becomes(const std::string& path, std::string_view member, std::string_view wanted) {
        return eventually(settled_within, [&] { return when.get(path)[member] == wanted; });
    }
};

TEST_F(Returns, go_from_the_request_to_the_refund) {
    auto order = desk.shipped(2);
    auto made = when.post("/returns", return_of(order, 2, R"("notes":"by post")"));
    then(made).created().has("/status", "requested").has("/order_id", order.id);
    then(made).has("/items/0/quantity", "2").has("/items/0/reason", "too big");
    EXPECT_TRUE(made["rma_number"].text().starts_with("RMA-1")) << made;
    EXPECT_TRUE(made.at("/items/0/received").is_null()) << made;
    EXPECT_EQ(made["customer_id"], order.json["customer_id"]);
    EXPECT_EQ(when.get("/returns/" + made.id()).body, made.body);

    then(desk.act(made.id(), "approve", R"({"reason":"within 30 days"})")).has_code(200);
    then(desk.act(made.id(), "receive", about(made, R"("quantity":2,"condition":"opened")")))
        .has_code(200)
        .has("/status", "received")
        .has("/items/0/received", "2")
        .has("/items/0/condition", "opened");
    then(desk.act(made.id(), "inspect", about(made, R"("disposition":"restock")")))
        .has_code(200)
        .has("/items/0/disposition", "restock");
    then.stock_is(order.sku, {"0", "0", "0"});
    then.order(order.id).has("/items/0/returned", "0").has_fulfillment_status("fulfilled");

    auto completed = desk.act(made.id(), "complete");
    then(completed).has_code(200).has("/status", "completed").has("/refund_status", "succeeded");
    then(completed).has("/value", "99.98").has("/refund_amount", "99.98").has("/refunded", "99.98");
    then(completed)
        .has("/refunding", "0.00")
        .has("/unrefundable", "0.00")
        .has("/items/0/value", "99.98");
    ASSERT_EQ(completed["refunds"].size(), 1u) << completed;
    then(completed).has("/refunds/0/amount", "99.98").has("/refunds/0/return_id", made.id());
    then(completed).has("/history/1/status", "approved").has("/history/1/note", "within 30 days");
    EXPECT_EQ(when.get("/returns/" + made.id()).body, completed.body);
    then.stock_is(order.sku, {"2", "0", "2"});
    then.payment(order.payment).has_status("refunded");
    then.order(order.id)
        .has("/items/0/returned", "2")
        .has_payment_status("refunded")
        .has_fulfillment_status("returned")
        .and_published({"return.requested", "return.approved", "return.received",
                        "return.inspected", "return.completed", "refund.succeeded"});
}

TEST_F(Returns, of_two_partial_shipments_put_each_piece_back_where_it_came_from) {
    auto north = location("NORTH");
    auto product = given.product("MUG", "10.00").with_stock(2);
    product.with_stock("3", std::stoll(north));
    auto order = given.paid(given.processed(given.order(product, 5, R"("discount_total":"0.07")")));
    for (const auto& [from, pieces] : std::map<std::string, int>{{"1", 2}, {north, 3}}) {
        auto body = R"({"order_id":)" + in_quotes(order.id) + R"(,"location_id":)" + from +
                    R"(,"items":[)" + R"({"order_item_id":)" + in_quotes(order.line()) +
                    R"(,"quantity":)" + std::to_string(pieces) + "}]}";
        auto shipment = given.must(when.post("/shipments", body), 201, "shipment").id();
        given.must(when.post("/shipments/" + shipment + "/ship"), 200, "ship");
    }
    then(desk.act(desk.inspected(order, 1), "complete"))
        .has_code(200)
        .has("/value", "9.98")
        .has("/refunded", "9.98");
    then.stock_is(product.sku, {"1", "0", "1"});
    then.order(order.id)
        .has_payment_status("partially_refunded")
        .has_fulfillment_status("partially_returned");
    // The last part takes what rounding left.
    then(desk.act(desk.inspected(order, 3), "complete")).has_code(200).has("/value", "29.96");
    then(desk.act(desk.inspected(order, 1), "complete")).has_code(200).has("/value", "9.99");
    then.stock_is(product.sku, {"2", "0", "2"});
    EXPECT_EQ(then.stock(product.sku, std::stoll(north)), (Stock{"3", "0", "3"}));
    then.order(order.id).has_payment_status("refunded").has_fulfillment_status("returned");
}

// Each row: a status, how a return gets there, and what each action makes of it ("" refuses).
TEST_F(Returns, move_only_as_their_lifecycle_says) {
    const std::vector<std::string> actions{"approve", "reject",   "receive",
                                           "inspect", "complete", "cancel"};
    struct Row {
        std::vector<std::string> way;
        std::vector<std::string> to;
    };
    const std::map<std::string, Row> matrix{
        {"requested", {{}, {"approved", "rejected", "", "", "", "cancelled"}}},
        {"approved", {{"approve"}, {"", "", "received", "", "", "cancelled"}}},
        {"received", {{"approve", "receive"}, {"", "", "", "inspected", "", ""}}},
        {"inspected", {{"approve", "receive", "inspect"}, {"", "", "", "", "completed", ""}}},
        {"completed", {{"approve", "receive", "inspect", "complete"}, {"", "", "", "", "", ""}}},
        {"rejected", {{"reject"}, {"", "", "", "", "", ""}}},
        {"cancelled", {{"approve", "cancel"}, {"", "", "", "", "", ""}}},
    };
    auto order = desk.shipped(40);
    for (const auto& [status, row] : matrix) {
        auto id = desk.moved(desk.requested(order, 1).id(), row.way);
        for (std::size_t i = 0; i < actions.size(); ++i) {
            SCOPED_TRACE(status + " × " + actions[i]);
            desk.standing(id).has_status(status);
            auto reply = desk.act(id, actions[i]);
            if (row.to[i].empty()) {
                then(reply).refused(409, "illegal_transition");
                desk.standing(id).has_status(status);
            } else {
                then(reply).has_code(200).has("/status", row.to[i]);
                id = desk.moved(desk.requested(order, 1).id(), row.way);
            }
        }
    }
    then(desk.act(desk.requested(order, 1).id(), "refund")).refused(409, "illegal_transition");
}

TEST_F(Returns, never_claim_more_than_was_shipped) {
    auto order = desk.shipped(3);
    auto unshipped = given.paid_order();
    auto none = when.post("/returns", return_of(unshipped, 1));
    then(none).refused(409, "return_exceeds_shipped").names("/items/0/quantity");
    then(when.post("/returns", return_of(order, 4))).refused(409, "return_exceeds_shipped");

    auto first = desk.requested(order, 2);
    auto more = when.post("/returns", return_of(order, 2));
    then(more).refused(409, "return_exceeds_shipped");
    EXPECT_EQ(more.at("/errors/0/message"), "1 of " + order.sku + " can be returned") << more;
    auto twice = R"({"order_id":)" + in_quotes(order.id) + R"(,"items":[)" +
                 item_of(order.line(), 1) + "," + item_of(order.line(), 1) + "]}";
    then(when.post("/returns", twice))
        .refused(409, "return_exceeds_shipped")
        .names("/items/1/quantity");
    // What is rejected or cancelled is free again.
    desk.moved(first.id(), {"reject"});
    auto second = desk.requested(order, 3);
    desk.moved(second.id(), {"approve", "cancel"});
    then(when.post("/returns", twice)).created();
}

TEST_F(Returns, free_the_pieces_that_did_not_arrive) {
    auto order = desk.shipped(3);
    auto goods = desk.requested(order, 3);
    desk.moved(goods.id(), {"approve"});
    then(desk.act(goods.id(), "receive", about(goods, R"("quantity":4)")))
        .refused(409, "exceeds_return")
        .names("/items/0/quantity");
    then(desk.act(goods.id(), "receive", about(goods, R"("quantity":0)")))
        .refused(400, "invalid")
        .names("/items");
    then(when.post("/returns", return_of(order, 1))).refused(409, "return_exceeds_shipped");
    then(desk.act(goods.id(), "receive", about(goods, R"("quantity":1)"))).has_code(200);
    then(when.post("/returns", return_of(order, 3))).refused(409, "return_exceeds_shipped");
    auto rest = desk.inspected(order, 2);

    then(desk.act(rest, "complete")).has_code(200).has("/value", "99.98");
    desk.moved(goods.id(), {"inspect"});
    then(desk.act(goods.id(), "complete"))
        .has_code(200)
        .has("/value", "49.99")
        .has("/items/0/quantity", "3")
        .has("/items/0/received", "1");
    then.order(order.id).has("/items/0/returned", "3").has_fulfillment_status("returned");
    then.stock_is(order.sku, {"3", "0", "3"});
}

TEST_F(Returns, restock_set_apart_or_throw_away_as_they_were_judged) {
    auto order = desk.shipped(6);
    for (auto disposition : {"restock", "quarantine", "scrap"}) {
        auto goods = desk.requested(order, 2);
        desk.moved(goods.id(), {"approve", "receive"});
        auto what = R"("disposition":")" + std::string(disposition) + R"(","condition":"dented")";
        then(desk.act(goods.id(), "inspect", about(goods, what)))
            .has_code(200)
            .has("/items/0/condition", "dented");
        then(desk.act(goods.id(), "complete")).has_code(200).has("/refunded", "99.98");
    }
    auto balances = when.get("/inventory/items/" + order.sku)["balances"];
    EXPECT_EQ(balances[0]["on_hand"], "4") << balances;
    EXPECT_EQ(balances[0]["quarantined"], "2") << balances;
    EXPECT_EQ(balances[0]["available"], "2") << balances;
    then.order(order.id).has("/items/0/returned", "6");
}

TEST_F(Returns, go_to_the_location_they_were_received_at) {
    auto order = desk.shipped(2);
    auto outlet = location("OUTLET");
    auto goods = desk.requested(order, 2);
    desk.moved(goods.id(), {"approve"});
    then(desk.act(goods.id(), "receive", R"({"location_id":)" + outlet + "}"))
        .has_code(200)
        .has("/location_id", outlet);
    desk.moved(goods.id(), {"inspect", "complete"});
    EXPECT_EQ(then.stock(order.sku, std::stoll(outlet)), (Stock{"2", "0", "2"}));
    then.stock_is(order.sku, {"0", "0", "0"});
}

TEST_F(Returns, of_goods_without_stock_only_give_money_back) {
    auto product = given.product("COURSE", "20.00", R"("track_inventory":false)");
    auto order = desk.shipped(product, 1);
    then(desk.act(desk.inspected(order, 1), "complete")).has_code(200).has("/refunded", "20.00");
    then.order(order.id).has_fulfillment_status("returned").has_payment_status("refunded");
}

TEST_F(Returns, of_pieces_with_serial_numbers_bring_back_those_that_left) {
    auto product = given.product("CLOCK", "80.00", R"("tracking":"serial")");
    auto here = given.unique("S1"), there = given.unique("S2"), sold_later = given.unique("S3");
    auto body = R"({"location_id":1,"quantity":"3","serial_numbers":[)" + in_quotes(here) + "," +
                in_quotes(there) + "," + in_quotes(sold_later) + "]}";
    given.must(when.post("/inventory/items/" + product.sku + "/receive", body), 200, "stock");
    auto order = desk.shipped(product, 2);
    auto goods = desk.requested(order, 2);
    desk.moved(goods.id(), {"approve"});
    then(desk.act(goods.id(), "receive"))
        .refused(400, "serials_required")
        .names("/items/serial_numbers");
    auto arrived = [&](const std::string& number) {
        return about(goods, R"("quantity":1,"serial_numbers":[)" + in_quotes(number) + "]");
    };
    then(desk.act(goods.id(), "receive", arrived(sold_later)))
        .refused(400, "invalid")
        .names("/items/0/serial_numbers/0");
    then(desk.act(goods.id(), "receive", arrived(there)))
        .has_code(200)
        .has("/items/0/serial_numbers/0", there);
    desk.moved(goods.id(), {"inspect", "complete"});
    auto piece = when.get("/inventory/serials?serial_number=" + there);
    then(piece).has("/data/0/status", "in_stock");
    then.stock_is(product.sku, {"2", "0", "2"});
}

TEST_F(Returns, of_one_line_for_two_reasons_do_not_name_a_piece_twice) {
    auto product = given.product("SUNDIAL", "80.00", R"("tracking":"serial")");
    auto one = given.unique("S1"), other = given.unique("S2");
    auto body = R"({"location_id":1,"quantity":"2","serial_numbers":[)" + in_quotes(one) + "," +
                in_quotes(other) + "]}";
    given.must(when.post("/inventory/items/" + product.sku + "/receive", body), 200, "stock");
    auto order = desk.shipped(product, 2);
    auto line = R"({"quantity":1,"order_item_id":)" + in_quotes(order.line()) + R"(,"reason":)";
    auto goods =
        given.must(when.post("/returns", R"({"order_id":)" + in_quotes(order.id) + R"(,"items":[)" +
                                             line + R"("late"},)" + line + R"("loud"}]})"),
                   201, "return");
    desk.moved(goods.id(), {"approve"});
    auto received = [&](const std::string& second) {
        auto item = [&](const char* at, const std::string& number) {
            return R"({"return_item_id":)" + in_quotes(goods.at(at).text()) +
                   R"(,"quantity":1,"serial_numbers":[)" + in_quotes(number) + "]}";
        };
        return R"({"items":[)" + item("/items/0/id", one) + "," + item("/items/1/id", second) +
               "]}";
    };
    then(desk.act(goods.id(), "receive", received(one)))
        .refused(400, "invalid")
        .names("/items/1/serial_numbers/0");
    then(desk.act(goods.id(), "receive", received(other))).has_code(200);
    desk.moved(goods.id(), {"inspect", "complete"});
    then.stock_is(product.sku, {"2", "0", "2"});
}

TEST_F(Returns, of_a_lot_go_back_into_it) {
    auto product = given.product("YOGHURT", "2.00", R"("tracking":"lot")");
    auto lot = given.unique("L1");
    auto body = R"({"location_id":1,"quantity":"4","expires_on":"2099-01-01","lot_number":)" +
                in_quotes(lot) + "}";
    given.must(when.post("/inventory/items/" + product.sku + "/receive", body), 200, "stock");
    auto order = desk.shipped(product, 3);
    then(desk.act(desk.inspected(order, 2), "complete")).has_code(200).has("/refunded", "4.00");
    auto lots = when.get("/inventory/lots?lot_number=" + lot);
    ASSERT_EQ(lots["data"].size(), 1u) << lots;
    then(when.get("/inventory/lots/" + lots.text("/data/0/id"))).has("/on_hand", "3");
    then.stock_is(product.sku, {"3", "0", "3"});
}

// ---- money

TEST_F(Returns, wait_for_a_gateway_that_does_not_answer) {
    auto order = desk.shipped(1, "tok_refund_timeout");
    auto id = desk.inspected(order, 1);
    Headers key{{"Idempotency-Key", given.unique("complete")}};
    auto completed = desk.act(id, "complete", {}, key);
    then(completed).has_code(202).has("/status", "completed").has("/refund_status", "processing");
    then(completed).has("/refunding", "49.99").has("/refunded", "0.00");
    then.stock_is(order.sku, {"1", "0", "1"});
    then(desk.act(id, "refund")).refused(409, "nothing_to_refund");
    EXPECT_TRUE(becomes("/returns/" + id, "refund_status", "succeeded"));
    desk.standing(id).has("/refunding", "0.00").has("/refunded", "49.99");
    EXPECT_EQ(refunds_of(order), 1u);
    auto again = desk.act(id, "complete", {}, key);
    EXPECT_EQ(again.body, completed.body);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
}

TEST_F(Returns, are_completed_though_the_gateway_refuses_and_can_ask_again) {
    auto order = desk.shipped(1, "tok_refund_declined");
    auto id = desk.inspected(order, 1);
    auto completed = desk.act(id, "complete");
    then(completed).has_code(200).has("/status", "completed").has("/refund_status", "failed");
    then(completed).has("/refund_amount", "49.99").has("/refunded", "0.00");
    then(completed).has("/refunds/0/status", "failed");
    then.payment(order.payment).has_status("captured").has("/refunding", "0.00");
    auto again = desk.act(id, "refund");
    then(again).has_code(200).has("/refund_status", "failed");
    EXPECT_EQ(again["refunds"].size(), 2u) << again;
    then.stock_is(order.sku, {"1", "0", "1"});
}

TEST_F(Returns, give_back_what_is_left_and_say_what_is_not) {
    auto order = desk.shipped(2);
    auto by_hand = when.post("/payments/" + order.payment + "/refund", R"({"amount":"80.00"})");
    then(by_hand).created();
    auto completed = desk.act(desk.inspected(order, 2), "complete");
    then(completed).has_code(200).has("/value", "99.98").has("/refund_amount", "19.98");
    then(completed).has("/unrefundable", "80.00").has("/refund_status", "succeeded");
    then.payment(order.payment).has_status("refunded").has("/refunded", "99.98");

    auto account = given.shipped(given.processed(
        given.order(given.product().with_stock(1), 1, R"("payment_terms":"on_account")")));
    then(desk.act(desk.inspected(account, 1), "complete"))
        .has_code(200)
        .has("/unrefundable", "49.99")
        .has("/refund_status", "none");
}

TEST_F(Returns, draw_on_all_payments_of_the_order) {
    auto order = given.processed(given.order(given.product().with_stock(1), 1));
    for (auto amount : {R"("30.00")", R"("19.99")"}) {
        auto body = R"({"order_id":)" + in_quotes(order.id) + R"(,"amount":)" + amount +
                    R"(,"method":{"type":"card","token":"tok_ok"}})";
        given.must(when.post("/payments", body), 201, "payment");
    }
    auto id = desk.inspected(given.shipped(order), 1);
    EXPECT_LT(desk.act(id, "complete").status, 300);
    EXPECT_TRUE(becomes("/returns/" + id, "refund_status", "succeeded"));
    auto goods = when.get("/returns/" + id);
    ASSERT_EQ(goods["refunds"].size(), 2u) << goods;
    then(goods).has("/refunds/0/amount", "30.00").has("/refunds/1/amount", "19.99");
    then.order(order.id).has_payment_status("refunded");
}

// ---- at once, and twice

TEST_F(Returns, that_many_complete_at_once_restock_and_refund_once) {
    auto order = desk.shipped(2);
    auto id = desk.inspected(order, 2);
    auto statuses = parallel(8, [&](int) {
        Client client = when;
        return client.post("/returns/" + id + "/complete").status;
    });
    EXPECT_EQ(std::ranges::count(statuses, 409), 7);
    EXPECT_EQ(std::ranges::count_if(statuses, [](int one) { return one < 300; }), 1);
    then.stock_is(order.sku, {"2", "0", "2"});
    EXPECT_EQ(refunds_of(order), 1u);
    then.payment(order.payment).has("/refunded", "99.98").has("/refunding", "0.00");
}

TEST_F(Returns, racing_for_the_last_pieces_never_exceed_what_was_shipped) {
    auto order = desk.shipped(3);
    auto replies = parallel(12, [&](int) {
        Client client = when;
        return client.post("/returns", return_of(order, 1));
    });
    int made = 0;
    for (const auto& reply : replies) {
        if (reply.status == 201) ++made;
        EXPECT_TRUE(reply.status == 201 || reply.code() == "return_exceeds_shipped") << reply;
    }
    EXPECT_EQ(made, 3);
    // All of them at once, through to the money: what rounding leaves is given once.
    auto all = when.get("/returns?order_id=" + order.id)["data"].elements();
    parallel(static_cast<int>(all.size()), [&](int i) {
        Client client = when;
        auto path = "/returns/" + all[static_cast<std::size_t>(i)]["id"].text();
        for (auto action : {"approve", "receive", "inspect", "complete"}) {
            auto reply = client.post(path + "/" + action);
            EXPECT_TRUE(reply.ok()) << reply;
        }
    });
    then.order(order.id).has("/items/0/returned", "3").has_payment_status("refunded");
    then.stock_is(order.sku, {"3", "0", "3"});
}

TEST_F(Returns, asked_for_twice_with_one_key_are_one) {
    auto order = desk.shipped(2);
    Headers key{{"Idempotency-Key", given.unique("return")}};
    auto first = when.post("/returns", return_of(order, 2), key);
    then(first).created();
    auto again = when.post("/returns", return_of(order, 2), key);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    then(when.post("/returns", return_of(order, 1), key)).refused(422, "idempotency_key_reused");
    EXPECT_EQ(when.get("/returns?order_id=" + order.id)["data"].size(), 1u);
}

TEST_F(Returns, are_completed_in_few_rounds) {
    auto order = desk.shipped(4);
    desk.moved(desk.inspected(order, 1), {"complete"});
    auto instead = given.product("CUP", "10.00").with_stock(1);
    auto goods = desk.requested(order, 2, replacement(instead.sku));
    auto approved = desk.act(goods.id(), "approve"), received = desk.act(goods.id(), "receive"),
         inspected = desk.act(goods.id(), "inspect"), completed = desk.act(goods.id(), "complete");
    for (const auto& reply : {goods, approved, received, inspected}) {
        then(reply).succeeded();
        EXPECT_GT(rounds_of(reply), 0) << reply.header("Server-Timing");
        EXPECT_LE(rounds_of(reply), most_rounds) << reply;
    }
    then(completed).succeeded();
    EXPECT_LE(rounds_of(completed), most_rounds) << completed;
}

// ---- exchanges

TEST_F(Returns, for_something_cheaper_give_the_difference_back) {
    auto order = desk.shipped(2);
    auto instead = given.product("CUP", "30.00").with_stock(5);
    auto id = desk.inspected(order, 1, replacement(instead.sku));
    auto completed = desk.act(id, "complete");
    then(completed).has_code(200).has("/value", "49.99").has("/exchanged", "30.00");
    then(completed).has("/refund_amount", "19.99").has("/refunded", "19.99");
    auto made = completed["exchange_order_id"].text();
    then.order(made)
        .has_status("pending")
        .has_payment_status("paid")
        .has("/origin", "exchange")
        .has("/origin_order_id", order.id)
        .has("/total", "30.00")
        .has("/items/0/sku", instead.sku);
    auto payments = when.get("/payments?order_id=" + made);
    ASSERT_EQ(payments["data"].size(), 1u) << payments;
    then(payments).has("/data/0/gateway", "exchange").has("/data/0/captured", "30.00");
    then.payment(order.payment).has_status("partially_refunded").has("/refunded", "49.99");
    then.stock_is(order.sku, {"1", "0", "1"});
    // The new order goes its way like any other.
    given.must(when.post("/orders/" + made + "/process"), 200, "process");
    then(when.post("/orders/" + made + "/ship")).has_code(200).has("/status", "shipped");
}

TEST_F(Returns, for_something_dearer_leave_the_difference_to_be_paid) {
    auto order = desk.shipped(1);
    auto instead = given.product("JUG", "80.00").with_stock(5);
    auto completed = desk.act(desk.inspected(order, 1, replacement(instead.sku)), "complete");
    then(completed).has_code(200).has("/exchanged", "49.99").has("/refund_amount", "0.00");
    then(completed).has("/refund_status", "none");
    auto made = completed["exchange_order_id"].text();
    then.order(made).has_payment_status("partially_paid").has("/total", "80.00");
    then.order(order.id).has_payment_status("refunded");
    given.must(when.post("/orders/" + made + "/process"), 200, "process");
    then(when.post("/orders/" + made + "/ship")).refused(409, "payment_required");
    auto paid = when.post("/payments", R"({"order_id":)" + in_quotes(made) +
                                           R"(,"method":{"type":"card","token":"tok_ok"}})");
    then(paid).created().has("/amount", "30.01");
    then.order(made).has_payment_status("paid");
    then(when.post("/orders/" + made + "/ship")).has_code(200);
}

TEST_F(Returns, for_something_alike_move_no_money) {
    auto order = desk.shipped(1);
    auto instead = given.product("MUG").with_stock(1);
    auto completed = desk.act(desk.inspected(order, 1, replacement(instead.sku)), "complete");
    then(completed).has_code(200).has("/exchanged", "49.99").has("/refund_status", "none");
    ASSERT_EQ(completed["refunds"].size(), 1u) << completed;
    then(completed).has("/refunds/0/status", "succeeded");
    then.order(completed["exchange_order_id"].text()).has_payment_status("paid");
    then.order(order.id).and_published({"return.requested", "return.approved", "return.received",
                                        "return.inspected", "refund.succeeded",
                                        "return.completed"});
}

TEST_F(Returns, can_refund_when_the_replacement_is_not_to_be_had_any_more) {
    auto order = desk.shipped(1);
    auto instead = given.product("GONE", "30.00").with_stock(1);
    auto id = desk.inspected(order, 1, replacement(instead.sku));
    given.must(when.post("/products/" + instead.id + "/archive"), 200, "archive");
    then(desk.act(id, "complete")).refused(409, "product_unavailable");
    desk.standing(id).has_status("inspected");
    then.stock_is(order.sku, {"0", "0", "0"});
    auto completed = desk.act(id, "complete", R"({"refund_instead":true})");
    then(completed).has_code(200).has("/refunded", "49.99").has("/exchanged", "0.00");
    EXPECT_TRUE(completed["exchange_order_id"].is_null()) << completed;
}

// ---- what is wrong with a request

TEST_F(Returns, are_refused_where_the_request_names_nothing) {
    auto order = desk.shipped(2), other = desk.shipped(1);
    auto nobody = std::string("0198c9f2-0000-7000-8000-000000000000");
    then(when.post("/returns", return_of(Order{.id = nobody, .json = order.json}, 1)))
        .refused(400, "invalid")
        .names("/order_id");
    auto strange = R"({"order_id":)" + in_quotes(order.id) + R"(,"items":[)" +
                   item_of(order.line(), 1) + "," + item_of(other.line(), 1) + "," +
                   item_of(nobody, 1) + "]}";
    then(when.post("/returns", strange))
        .refused(400, "invalid")
        .names("/items/1/order_item_id")
        .names("/items/2/order_item_id");
    auto foreign = given.product("EURO", "5.00", R"("currency":"EUR")");
    auto archived = given.product("OLD", "5.00");
    given.must(when.post("/products/" + archived.id + "/archive"), 200, "archive");
    auto wants = [&](const std::string& what) {
        return when.post("/returns", return_of(order, 1, R"("replacements":[)" + what + "]"));
    };
    then(wants(R"({"sku":"no-such-sku","quantity":1},{"quantity":1})"))
        .refused(400, "invalid")
        .names("/replacements/0/sku")
        .names("/replacements/1/sku");
    then(wants(R"({"quantity":1,"sku":)" + in_quotes(foreign.sku) + "}")).refused(400, "invalid");
    then(wants(R"({"quantity":1,"sku":)" + in_quotes(archived.sku) + "}"))
        .refused(409, "product_unavailable");
    then.order(order.id).and_published_nothing();
}

TEST_F(Returns, are_received_and_inspected_by_items_of_their_own) {
    auto order = desk.shipped(2);
    auto goods = desk.requested(order, 2), other = desk.requested(desk.shipped(1), 1);
    desk.moved(goods.id(), {"approve"});
    then(desk.act(goods.id(), "receive", about(other, R"("quantity":1)")))
        .refused(400, "invalid")
        .names("/items/0/return_item_id");
    auto item = goods["items"][0]["id"].text();
    auto one = R"({"quantity":1,"return_item_id":)" + in_quotes(item) + "}";
    then(desk.act(goods.id(), "receive", R"({"items":[)" + one + "," + one + "]}"))
        .refused(400, "invalid")
        .names("/items/1/return_item_id");
    then(desk.act(goods.id(), "receive", R"({"location_id":999999999})"))
        .refused(400, "invalid")
        .names("/location_id");
    desk.standing(goods.id()).has_status("approved");
    desk.moved(goods.id(), {"receive"});
    then(desk.act(goods.id(), "inspect", about(other, R"("disposition":"scrap")")))
        .refused(400, "invalid")
        .names("/items/0/return_item_id");
    then(desk.act(goods.id(), "inspect", about(goods, R"("disposition":"burn")")))
        .refused(400, "invalid")
        .names("/items/0/disposition");
    desk.standing(goods.id()).has_status("received");
}

TEST_F(Returns, that_arrived_need_a_disposition_each) {
    auto order = desk.shipped(3);
    auto body = R"({"order_id":)" + in_quotes(order.id) + R"(,"items":[)" +
                item_of(order.line(), 2) + "," + item_of(order.line(), 1) + "]}";
    auto goods = given.must(when.post("/returns", body), 201, "return");
    desk.moved(goods.id(), {"approve", "receive"});
    then(desk.act(goods.id(), "inspect", about(goods, R"("disposition":"restock")")))
        .refused(400, "invalid")
        .names("/items");
    auto second = goods["items"][1]["id"].text();
    auto both = R"({"items":[{"disposition":"restock","return_item_id":)" +
                in_quotes(goods["items"][0]["id"].text()) +
                R"(},{"disposition":"scrap","return_item_id":)" + in_quotes(second) + "}]}";
    then(desk.act(goods.id(), "inspect", both)).has_code(200);
    then(desk.act(goods.id(), "complete")).has_code(200).has("/value", "149.97");
    then.stock_is(order.sku, {"2", "0", "2"});
}

TEST_F(Returns, are_found_by_order_number_and_status) {
    auto order = desk.shipped(2);
    auto first = desk.requested(order, 1), second = desk.requested(order, 1);
    desk.moved(second.id(), {"approve"});
    auto all = when.get("/returns?expand=items&order_id=" + order.id);
    ASSERT_EQ(all["data"].size(), 2u) << all;
    then(all).has("/data/0/id", second.id()).has("/data/1/items/0/quantity", "1");
    auto approved = when.get("/returns?status=approved&order_id=" + order.id);
    ASSERT_EQ(approved["data"].size(), 1u) << approved;
    EXPECT_FALSE(approved.at("/data/0/items").exists());
    auto numbered = when.get("/returns?rma_number=" + first["rma_number"].text());
    ASSERT_EQ(numbered["data"].size(), 1u) << numbered;
    then(numbered).has("/data/0/id", first.id());
    then(when.get("/returns?status=lost")).refused(400, "invalid").names("?status");
    auto page = when.get("/returns?limit=1&order_id=" + order.id);
    auto next = when.get("/returns?limit=1&order_id=" + order.id +
                         "&cursor=" + escaped(page["next_cursor"].text()));
    then(next).has("/data/0/id", first.id());
}

// Everything that returns do, on a server of its own; what is left must hold by every law.
TEST(ReturnsOfAWholeDay, leave_books_that_add_up) {
    Server server;
    Story story(server);
    Desk desk{story};
    auto product = story.given.product("MUG", "3.33").with_stock(60);
    auto instead = story.given.product("CUP", "5.00").with_stock(60);
    std::vector<std::string> waiting;
    const char* tokens[] = {"tok_ok", "tok_refund_timeout", "tok_refund_declined"};
    for (int i = 0; i < 6; ++i) {
        auto order = desk.shipped(product, 4, tokens[i % 3], R"("discount_total":"0.05")");
        waiting.push_back(desk.inspected(order, 1));
        waiting.push_back(desk.inspected(order, 2, i % 2 ? "" : replacement(instead.sku)));
        desk.moved(desk.requested(order, 1).id(), {i % 2 ? "reject" : "cancel"});
        desk.requested(order, 1);
    }
    parallel(static_cast<int>(waiting.size()), [&](int i) {
        Client client = story.when;
        auto path = "/returns/" + waiting[static_cast<std::size_t>(i)] + "/complete";
        EXPECT_TRUE(client.post(path).ok());
    });
    auto none_open = [&] {
        return story.when.get("/refunds?status=processing")["data"].size() == 0;
    };
    EXPECT_TRUE(eventually(settled_within, none_open));
    server.stop();
    auto verified = server.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

}  // namespace
}  // namespace stateset::support
