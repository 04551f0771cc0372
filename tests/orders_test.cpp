// Orders from placing to cancelling, through the real door. Paying and shipping have journeys of
// their own.

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "support/journey.hpp"

namespace stateset::support {
namespace {

constexpr int most_rounds = 5;

class Orders : public Journey {
  protected:
    Reply place(std::string_view items, std::string_view more = {}) {
        return place_as(when, items, more);
    }
    Reply place_as(Client client, std::string_view items, std::string_view more = {}) {
        auto body = R"({"customer_id":")" + customer_ + R"(","items":[)" + std::string(items) + "]";
        if (!more.empty()) body.append(",").append(more);
        return client.post("/orders", body + "}");
    }
    static std::string line(const std::string& sku, std::int64_t quantity,
                            std::string_view more = {}) {
        auto text = R"({"sku":")" + sku + R"(","quantity":)" + std::to_string(quantity);
        if (!more.empty()) text.append(",").append(more);
        return text + "}";
    }
    std::vector<Json> reservations_of(const std::string& order) {
        return when.get("/inventory/reservations?limit=100&order_id=" + order)["data"].elements();
    }
    const std::string customer_ = given.customer().id;
};

int rounds_of(const Reply& reply) {
    auto timing = reply.header("Server-Timing");
    const std::string_view mark = "rounds;desc=\"";
    auto at = timing.find(mark);
    return at == timing.npos ? -1 : std::stoi(timing.substr(at + mark.size()));
}

TEST_F(Orders, placing_prices_from_the_catalogue_and_adds_up) {
    auto mug = given.product("MUG", "49.99"), spoon = given.product("SPOON", "0.35");
    auto reply = place(line(mug.sku, 2) + "," + line(spoon.sku, 3),
                       R"("notes":"Ring twice","metadata":{"channel":"web"},"tags":["gift"])");
    then(reply).created();
    for (auto [pointer, value] :
         std::map<std::string, std::string>{{"/status", "pending"},
                                            {"/payment_status", "unpaid"},
                                            {"/fulfillment_status", "unfulfilled"},
                                            {"/customer_id", customer_},
                                            {"/currency", "USD"},
                                            {"/subtotal", "101.03"},
                                            {"/discount_total", "0.00"},
                                            {"/tax_total", "0.00"},
                                            {"/shipping_total", "0.00"},
                                            {"/total", "101.03"},
                                            {"/payment_terms", "prepaid"},
                                            {"/notes", "Ring twice"},
                                            {"/metadata/channel", "web"},
                                            {"/tags/0", "gift"},
                                            {"/items/0/sku", mug.sku},
                                            {"/items/0/product_id", mug.id},
                                            {"/items/0/name", "MUG"},
                                            {"/items/0/unit_price", "49.99"},
                                            {"/items/0/total", "99.98"},
                                            {"/items/1/total", "1.05"}}) {
        then(reply).has(pointer, value);
    }
    EXPECT_EQ(reply["version"], 1);
    EXPECT_EQ(reply.at("/items/0/quantity"), 2);
    EXPECT_EQ(reply.at("/items/0/reserved"), 0);
    EXPECT_TRUE(reply["order_number"].text().starts_with("SO-"));
    EXPECT_EQ(reply.header("Location"), "/api/v1/orders/" + reply.id());
    auto read = when.get("/orders/" + reply.id());
    EXPECT_EQ(read.body, reply.body) << "GET shows what placing answered";
    auto by_number = when.get("/orders/by-number/" + reply["order_number"].text());
    EXPECT_EQ(by_number.body, reply.body);
    then.order(reply.id()).and_published({"order.created"});
}

TEST_F(Orders, a_product_id_orders_the_products_own_variant) {
    auto mug = given.product("MUG", "12.00");
    auto reply = place(R"({"product_id":")" + mug.id + R"(","quantity":1})");
    then(reply).created().has("/items/0/sku", mug.sku).has("/total", "12.00");
}

TEST_F(Orders, every_fault_of_every_line_is_named_at_once) {
    auto mug = given.product();
    auto euro = given.product("TASSE", "9.00", R"("currency":"EUR")");
    auto reply = place(line(mug.sku, 1) + "," + line("NO-SUCH-SKU", 1) + "," + line(euro.sku, 1) +
                       R"(,{"quantity":1},)" + line(mug.sku, 1, R"("unit_price":"-1")") + "," +
                       line(mug.sku, 1, R"("unit_price":"49.999")"));
    then(reply).refused(400, "invalid");
    for (auto pointer : {"/items/1/sku", "/items/2", "/items/3/sku", "/items/4/unit_price",
                         "/items/5/unit_price"}) {
        then(reply).names(pointer);
    }
    EXPECT_EQ(reply["errors"].size(), 5u) << reply;
    auto nobody = when.post("/orders", R"({"customer_id":"0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e",)"
                                       R"("items":[)" +
                                           line(mug.sku, 1) + "]}");
    then(nobody).refused(400, "invalid").names("/customer_id");
}

TEST_F(Orders, quantities_and_numbers_of_lines_have_bounds) {
    auto mug = given.product("MUG", "1.00");
    then(place(line(mug.sku, 0))).refused(400, "invalid").names("/items/0/quantity");
    then(place(line(mug.sku, 1'000'001))).refused(400, "invalid").names("/items/0/quantity");
    then(place(line(mug.sku, 1'000'000))).created().has("/total", "1000000.00");
    then(place("")).refused(400, "invalid").names("/items");
    std::string lines = line(mug.sku, 1);
    for (int i = 1; i < 1000; ++i) lines += "," + line(mug.sku, 1);
    auto most = place(lines);
    then(most).created().has("/total", "1000.00");
    EXPECT_LE(rounds_of(most), most_rounds);
    then(place(lines + "," + line(mug.sku, 1))).refused(400, "invalid").names("/items");
}

TEST_F(Orders, a_total_that_does_not_fit_is_refused) {
    auto gold = given.product("GOLD");
    const auto* price = R"("unit_price":"900000000000.00")";
    then(place(line(gold.sku, 1, price))).created().has("/total", "900000000000.00");
    then(place(line(gold.sku, 1'000'000, price))).refused(400, "invalid").names("/items");
}

TEST_F(Orders, a_price_must_match_unless_the_caller_may_say_it) {
    auto mug = given.product("MUG", "49.99");
    auto seller = when.as(server.key({"orders:create", "orders:read"}));
    then(place_as(seller, line(mug.sku, 1, R"("unit_price":"49.99")"))).created();
    auto refused = place_as(seller, line(mug.sku, 1, R"("unit_price":"1.00")"));
    then(refused).refused(409, "price_mismatch").names("/items/0/unit_price");
    then(refused).has("/errors/0/params/price", "49.99");
    for (auto terms : {R"("payment_terms":"on_account")", R"("discount_total":"1.00")",
                       R"("shipping_total":"1.00")"}) {
        then(place_as(seller, line(mug.sku, 1), terms)).refused(403, "price_permission_needed");
    }
    then(place_as(seller, line(mug.sku, 1, R"("tax_rate":"0.19")")))
        .refused(403, "price_permission_needed")
        .names("/items/0/tax_rate");
    auto priced = place(line(mug.sku, 2, R"("unit_price":"10.00","tax_rate":"0.19")"),
                        R"("discount_total":"5.00","shipping_total":"4.90")"
                        R"(,"payment_terms":"on_account")");
    then(priced).created().has("/subtotal", "20.00").has("/discount_total", "5.00");
    then(priced).has("/tax_total", "2.85").has("/total", "22.75").has("/items/0/tax", "2.85");
    then(place(line(mug.sku, 1), R"("discount_total":"50.00")"))
        .refused(400, "invalid")
        .names("/discount_total");
}

TEST_F(Orders, what_is_archived_or_a_draft_is_not_sold) {
    auto old = given.product("OLD", "5.00");
    then(when.post("/products/" + old.id + "/archive")).succeeded();
    auto draft = given.product("DRAFT", "5.00", R"("status":"draft")");
    auto reply = place(line(old.sku, 1) + "," + line(draft.sku, 1));
    then(reply).refused(409, "product_unavailable").names("/items/0").names("/items/1");
}

TEST_F(Orders, processing_sets_the_stock_aside) {
    auto mug = given.product().with_stock(15);
    auto order = given.order(mug, 4);
    auto reply = when.post("/orders/" + order.id + "/process");
    then(reply).has_code(200).has("/status", "processing").has("/fulfillment_status", "reserved");
    then(reply).has("/items/0/reserved", "4");
    then.stock_is(mug.sku, {"15", "4", "11"});
    auto held = reservations_of(order.id);
    ASSERT_EQ(held.size(), 1u);
    EXPECT_EQ(held[0]["order_item_id"], order.line());
    EXPECT_TRUE(held[0]["expires_at"].is_string()) << "unpaid stock is not kept for ever";
    then(when.post("/orders/" + order.id + "/process")).refused(409, "illegal_transition");
    then.order(order.id).and_published({"inventory.reserved", "order.processing"});
}

TEST_F(Orders, short_stock_is_refused_by_name_and_changes_nothing) {
    auto mug = given.product("MUG").with_stock(10), spoon = given.product("SPOON").with_stock(2);
    auto order = given.order(std::vector<Wanted>{{mug.sku, 5}, {spoon.sku, 3}});
    auto reply = when.post("/orders/" + order.id + "/process");
    then(reply).refused(409, "insufficient_stock").names("/items/1");
    then(reply).has("/errors/0/params/sku", spoon.sku);
    then(reply).has("/errors/0/params/wanted", "3").has("/errors/0/params/available", "2");
    then.stock_is(mug.sku, {"10", "0", "10"});
    then.order(order.id).has_status("pending").and_published_nothing();
}

TEST_F(Orders, two_lines_that_share_an_item_are_added_up_before_the_check) {
    auto mug = given.product().with_stock(5);
    auto order = given.order(std::vector<Wanted>{{mug.sku, 3}, {mug.sku, 3}});
    then(when.post("/orders/" + order.id + "/process"))
        .refused(409, "insufficient_stock")
        .has("/errors/0/params/wanted", "6");
    given.stock(mug.sku, "1");
    then(when.post("/orders/" + order.id + "/process")).has_code(200);
    then.stock_is(mug.sku, {"6", "6", "0"});
}

TEST_F(Orders, untracked_lines_need_no_stock) {
    auto advice = given.product("ADVICE", "80.00", R"("track_inventory":false)");
    auto order = given.order(advice, 2);
    then(when.post("/orders/" + order.id + "/process"))
        .has_code(200)
        .has("/fulfillment_status", "reserved");
    EXPECT_TRUE(reservations_of(order.id).empty());
    then(when.post("/orders/" + order.id + "/cancel")).has("/fulfillment_status", "unfulfilled");
}

TEST_F(Orders, cancelling_frees_the_stock_once) {
    auto mug = given.product().with_stock(15);
    auto order = given.processed(given.order(mug, 4));
    auto reply = when.post("/orders/" + order.id + "/cancel", R"({"reason":"Changed my mind"})");
    then(reply).has_code(200).has("/status", "cancelled").has("/cancel_reason", "Changed my mind");
    then(reply).has("/fulfillment_status", "unfulfilled").has("/items/0/reserved", "0");
    then.stock_is(mug.sku, {"15", "0", "15"});
    then(when.post("/orders/" + order.id + "/cancel")).refused(409, "illegal_transition");
    then.order(order.id).and_published({"inventory.released", "order.cancelled"});
}

TEST_F(Orders, a_hold_keeps_the_stock_and_stops_the_clock) {
    auto mug = given.product().with_stock(15);
    auto order = given.processed(given.order(mug, 4));
    then(when.post("/orders/" + order.id + "/hold")).has_code(200).has("/status", "on_hold");
    then.stock_is(mug.sku, {"15", "4", "11"});
    EXPECT_TRUE(reservations_of(order.id).at(0)["expires_at"].is_null());
    then(when.post("/orders/" + order.id + "/process")).refused(409, "illegal_transition");
    then(when.post("/orders/" + order.id + "/release")).has_code(200).has("/status", "processing");
    EXPECT_TRUE(reservations_of(order.id).at(0)["expires_at"].is_string());
    then.order(order.id).and_published({"order.on_hold", "order.released"});

    auto pending = given.order(mug, 1);
    then(when.post("/orders/" + pending.id + "/hold")).has_code(200);
    then(when.post("/orders/" + pending.id + "/release")).has("/status", "pending");
    then(when.post("/orders/" + pending.id + "/release")).refused(409, "illegal_transition");
}

TEST_F(Orders, money_there_or_on_its_way_and_sale_on_account_stop_the_clock) {
    auto mug = given.product().with_stock(15);
    auto kept = [&](const std::string& id) {
        return reservations_of(id).at(0)["expires_at"].is_null();
    };
    auto paid_first = given.processed(given.paid(given.order(mug, 1)));
    then.order(paid_first.id).has_status("processing").has_payment_status("paid");
    EXPECT_TRUE(kept(paid_first.id));

    auto on_account = given.processed(given.order(mug, 1, R"("payment_terms":"on_account")"));
    EXPECT_TRUE(kept(on_account.id));

    auto in_flight = given.processed(given.order(mug, 1));
    EXPECT_FALSE(kept(in_flight.id));
    then(when.post("/payments", R"({"order_id":")" + in_flight.id +
                                    R"(","method":{"type":"card","token":"tok_timeout"}})"))
        .has_code(202);
    EXPECT_TRUE(kept(in_flight.id));
}

TEST_F(Orders, lines_change_while_pending_and_totals_follow) {
    auto mug = given.product("MUG", "10.00").with_stock(9), spoon = given.product("SPOON", "1.00");
    auto order = given.order(mug, 2);
    auto items = "/orders/" + order.id + "/items";
    auto added = when.post(items, line(spoon.sku, 5));
    then(added).created().has("/sku", spoon.sku).has("/total", "5.00");
    then.order(order.id).has("/total", "25.00").has("/items/1/id", added.id());
    EXPECT_EQ(when.get(items)["data"].size(), 2u);
    then(when.get(items + "/" + added.id())).has("/total", "5.00");
    then(when.patch(items + "/" + order.line(), R"({"quantity":3})")).has("/total", "30.00");
    then.order(order.id).has("/total", "35.00");
    then(when.remove(items + "/" + order.line())).has_code(204);
    then(when.remove(items + "/" + added.id())).refused(409, "order_needs_items");
    then.order(order.id)
        .has("/total", "5.00")
        .and_published({"order.updated", "order.updated", "order.updated"});
    then(when.post(items, line("NO-SUCH-SKU", 1))).refused(400, "invalid").names("/sku");

    given.stock(spoon.sku, "9");
    given.processed(order);
    then(when.post(items, line(mug.sku, 1))).refused(409, "illegal_transition");
    then(when.patch(items + "/" + added.id(), R"({"quantity":1})"))
        .refused(409, "illegal_transition");
    then(when.remove(items + "/" + added.id())).refused(409, "illegal_transition");
}

TEST_F(Orders, a_line_of_another_order_is_not_found) {
    auto one = given.order(), other = given.order();
    auto path = "/orders/" + one.id + "/items/" + other.line();
    then(when.get(path)).refused(404, "not_found");
    then(when.patch(path, R"({"quantity":3})")).refused(404, "not_found");
    then(when.remove(path)).refused(404, "not_found");
}

TEST_F(Orders, notes_metadata_tags_and_addresses_change) {
    auto order = given.order();
    auto path = "/orders/" + order.id;
    auto changed = when.patch(path, R"({"notes":"a","metadata":{"k":"v"},"tags":["x","y"],)"
                                    R"("shipping_address":{"line1":"1 High St","city":"London",)"
                                    R"("country":"GB"}})");
    then(changed).has_code(200).has("/shipping_address/city", "London").has("/tags/1", "y");
    then(when.post(path + "/notes", R"({"note":"b"})")).has("/notes", "a\nb");
    then(when.patch(path, R"({"notes":null,"shipping_address":null})")).has("/notes", "null");
    then(when.patch(path, R"({"status":"shipped"})")).refused(400, "invalid").names("/status");
    then(when.post(path + "/archive")).refused(409, "illegal_transition");
    then(when.post(path + "/cancel")).has_code(200);
    then(when.post(path + "/archive")).has_code(200);
    auto list = when.get("/orders?order_number=" + order.number);
    EXPECT_EQ(list["data"].size(), 0u) << "archived orders leave the lists";
    EXPECT_EQ(when.get("/orders?archived=true&order_number=" + order.number)["data"].size(), 1u);
}

TEST_F(Orders, a_stale_version_is_refused) {
    auto order = given.order();
    auto path = "/orders/" + order.id;
    auto etag = when.get(path).header("ETag");
    ASSERT_FALSE(etag.empty());
    then(when.patch(path, R"({"notes":"first"})", {{"If-Match", etag}})).has_code(200);
    then(when.patch(path, R"({"notes":"second"})", {{"If-Match", etag}}))
        .refused(412, "precondition_failed");
    then(when.post(path + "/cancel", "", {{"If-Match", etag}})).refused(412, "precondition_failed");
    then.order(order.id).has_status("pending").has("/notes", "first");
}

TEST_F(Orders, lists_filter_sort_and_expand) {
    auto mug = given.product().with_stock(10), spoon = given.product("SPOON");
    std::vector<std::string> ids;
    for (int i = 0; i < 3; ++i) ids.push_back(place(line(mug.sku, 1)).id());
    ids.push_back(place(line(spoon.sku, 1)).id());
    when.post("/orders/" + ids[1] + "/process");
    auto found = [&](const std::string& filter) {
        std::vector<std::string> result;
        auto page = when.get("/orders?customer_id=" + customer_ + filter);
        EXPECT_EQ(page.status, 200) << page;
        for (const auto& row : page["data"].elements()) result.push_back(row["id"].text());
        return result;
    };
    using Ids = std::vector<std::string>;
    EXPECT_EQ(found(""), (Ids{ids[3], ids[2], ids[1], ids[0]}));
    EXPECT_EQ(found("&sort=oldest"), ids);
    EXPECT_EQ(found("&status=processing"), Ids{ids[1]});
    EXPECT_EQ(found("&fulfillment_status=reserved"), Ids{ids[1]});
    EXPECT_EQ(found("&payment_status=paid"), Ids{});
    EXPECT_EQ(found("&sku=" + spoon.sku), Ids{ids[3]});
    EXPECT_EQ(found("&created_after=2999-01-01T00:00:00Z"), Ids{});
    EXPECT_EQ(found("&created_before=2999-01-01T00:00:00Z").size(), 4u);
    auto second = when.get("/orders/" + ids[1])["created_at"].text();
    EXPECT_EQ(found("&created_after=" + second), (Ids{ids[3], ids[2]}));
    EXPECT_EQ(found("&created_before=" + second), Ids{ids[0]});
    EXPECT_EQ(found("&sort=oldest&created_after=" + second), (Ids{ids[2], ids[3]}));
    EXPECT_EQ(found("&archived=false").size(), 4u);
    EXPECT_EQ(found("&archived=true"), Ids{});
    then(when.get("/orders?status=lost")).refused(400, "invalid").names("?status");

    auto plain = when.get("/orders?customer_id=" + customer_)["data"][0];
    EXPECT_FALSE(plain["items"].exists());
    EXPECT_FALSE(plain["customer"].exists());
    auto whole = when.get("/orders?expand=items,customer&customer_id=" + customer_)["data"];
    EXPECT_EQ(whole[0]["items"][0]["sku"], spoon.sku);
    EXPECT_EQ(whole[3]["items"][0]["sku"], mug.sku);
    EXPECT_EQ(whole[0]["customer"]["id"], customer_);
    EXPECT_EQ(when.get("/orders/" + ids[0] + "?expand=customer").text("/customer/id"), customer_);
}

TEST_F(Orders, a_walk_during_writes_shows_every_stable_row_once) {
    auto mug = given.product();
    std::set<std::string> stable;
    for (int i = 0; i < 30; ++i) stable.insert(place(line(mug.sku, 1)).id());
    std::atomic<bool> walking = true;
    std::thread writer([&, client = when]() mutable {
        while (walking) place_as(client, line(mug.sku, 1));
    });
    for (const auto* sort : {"newest", "oldest"}) {
        std::map<std::string, int> seen;
        std::string path = "/orders?limit=4&customer_id=" + customer_ + "&sort=" + sort;
        for (std::string cursor; seen.size() < 10'000;) {
            auto page = when.get(cursor.empty() ? path : path + "&cursor=" + escaped(cursor));
            ASSERT_EQ(page.status, 200) << page;
            bool reached_new = false;
            for (const auto& row : page["data"].elements()) {
                ++seen[row["id"].text()];
                reached_new = reached_new || !stable.contains(row["id"].text());
            }
            if (page["next_cursor"].is_null()) break;
            // Oldest first never ends while somebody writes.
            if (reached_new && std::string_view(sort) == "oldest") break;
            cursor = page["next_cursor"].text();
        }
        for (const auto& id : stable) EXPECT_EQ(seen[id], 1) << sort << " " << id;
    }
    walking = false;
    writer.join();
}

TEST_F(Orders, a_cursor_with_other_filters_is_refused) {
    auto mug = given.product();
    for (int i = 0; i < 2; ++i) place(line(mug.sku, 1));
    auto page = when.get("/orders?limit=1&customer_id=" + customer_);
    auto cursor = escaped(page["next_cursor"].text());
    then(when.get("/orders?limit=1&cursor=" + cursor)).refused(400, "invalid").names("?cursor");
    then(when.get("/orders?limit=1&sort=oldest&customer_id=" + customer_ + "&cursor=" + cursor))
        .refused(400, "invalid");
}

TEST_F(Orders, two_hundred_sends_of_one_key_place_one_order) {
    auto mug = given.product();
    auto body = R"({"customer_id":")" + customer_ + R"(","items":[)" + line(mug.sku, 1) + "]}";
    auto replies = parallel(200, [&](int) {
        auto client = when.with("Idempotency-Key", "order-" + mug.sku);
        return client.post("/orders", body);
    });
    std::set<std::string> bodies;
    for (const auto& reply : replies) {
        if (reply.status == 409) {
            EXPECT_EQ(reply.code(), "request_in_progress");
            continue;
        }
        EXPECT_EQ(reply.status, 201) << reply;
        bodies.insert(reply.body);
    }
    EXPECT_EQ(bodies.size(), 1u);
    EXPECT_EQ(when.get("/orders?customer_id=" + customer_)["data"].size(), 1u);
    auto other = when.with("Idempotency-Key", "order-" + mug.sku);
    then(place_as(other, line(mug.sku, 2))).refused(422, "idempotency_key_reused");
}

TEST_F(Orders, cancelling_and_processing_at_once_leaves_stock_that_one_order_explains) {
    auto mug = given.product().with_stock(1000);
    constexpr int many = 24;
    std::vector<Order> orders;
    for (int i = 0; i < many; ++i) orders.push_back(given.order(mug, 2));
    parallel(2 * many, [&](int i) {
        Client client = when;
        const auto* action = i % 2 == 0 ? "/process" : "/cancel";
        client.post("/orders/" + orders[static_cast<std::size_t>(i / 2)].id + action);
    });
    for (const auto& order : orders) {
        auto now = when.get("/orders/" + order.id);
        EXPECT_EQ(now.text("/status"), "cancelled") << "cancelling is legal before and after";
        EXPECT_EQ(now.text("/items/0/reserved"), "0");
    }
    then.stock_is(mug.sku, {"1000", "0", "1000"});
    auto verified = server.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

TEST_F(Orders, many_orders_for_the_last_pieces_are_never_oversold) {
    auto mug = given.product().with_stock(10);
    std::vector<Order> orders;
    for (int i = 0; i < 16; ++i) orders.push_back(given.order(mug, 1));
    auto replies = parallel(16, [&](int i) {
        Client client = when;
        return client.post("/orders/" + orders[static_cast<std::size_t>(i)].id + "/process");
    });
    int granted = 0;
    for (const auto& reply : replies) {
        if (reply.ok()) {
            ++granted;
        } else {
            EXPECT_EQ(reply.code(), "insufficient_stock") << reply;
        }
    }
    EXPECT_EQ(granted, 10);
    then.stock_is(mug.sku, {"10", "10", "0"});
}

TEST_F(Orders, another_tenant_finds_nothing) {
    static Client stranger = server.other_tenant(given.unique("orders"));
    auto order = given.order();
    auto path = "/orders/" + order.id;
    then(stranger.get(path)).refused(404, "not_found");
    then(stranger.get("/orders/by-number/" + order.number)).refused(404, "not_found");
    then(stranger.get(path + "/items")).refused(404, "not_found");
    then(stranger.patch(path, R"({"notes":"mine"})")).refused(404, "not_found");
    for (auto action : {"/process", "/cancel", "/hold", "/release", "/archive"}) {
        then(stranger.post(path + action)).refused(404, "not_found");
    }
    then(stranger.post("/orders", R"({"customer_id":")" + customer_ + R"(","items":[)" +
                                      line(order.sku, 1) + "]}"))
        .refused(400, "invalid")
        .names("/customer_id")
        .names("/items/0/sku");
    then.order(order.id).has_status("pending").and_published_nothing();
}

TEST_F(Orders, no_command_needs_more_than_five_rounds) {
    auto mug = given.product("MUG").with_stock(100), spoon = given.product("SPOON").with_stock(100);
    auto lines = line(mug.sku, 1) + "," + line(spoon.sku, 2) + "," + line(mug.sku, 3);
    auto check = [&](const Reply& reply) {
        EXPECT_TRUE(reply.ok()) << reply;
        EXPECT_GE(rounds_of(reply), 1) << reply.header("Server-Timing");
        EXPECT_LE(rounds_of(reply), most_rounds) << reply;
        return reply;
    };
    auto order = check(place(lines));
    auto path = "/orders/" + order.id();
    check(place(R"({"product_id":")" + mug.id + R"(","quantity":1})"));
    check(when.patch(path, R"({"notes":"n"})"));
    check(when.post(path + "/notes", R"({"note":"n"})"));
    auto item =
        check(when.post(path + "/items", R"({"product_id":")" + spoon.id + R"(","quantity":1})"));
    check(when.patch(path + "/items/" + item.id(), R"({"quantity":4})"));
    check(when.remove(path + "/items/" + item.id()));
    check(when.post(path + "/process"));
    check(when.post(path + "/hold"));
    check(when.post(path + "/release"));
    check(when.post(path + "/cancel"));
    check(when.post(path + "/archive"));
}

TEST(OrderExpiry, unpaid_stock_becomes_free_again_and_can_be_processed_anew) {
    Server own({.arguments = {"--reservation-lifetime-s", "1"}});
    Story story(own);
    auto& [given, when, then] = story;
    auto mug = given.product().with_stock(5);
    auto order = given.processed(given.order(mug, 5));
    auto packed = given.must(when.post("/shipments", R"({"order_id":")" + order.id + R"("})"), 201,
                             "shipment");
    auto held = given.order(given.product("SPOON").with_stock(5), 1);
    held = given.processed(held);
    then(when.post("/orders/" + held.id + "/hold")).has_code(200);
    ASSERT_TRUE(eventually(std::chrono::seconds(20), [&] {
        return when.get("/orders/" + order.id).text("/status") == "pending";
    }));
    then.stock_is(mug.sku, {"5", "0", "5"});
    then.order(order.id)
        .has_fulfillment_status("unfulfilled")
        .has("/items/0/reserved", "0")
        .and_published(
            {"shipment.created", "inventory.expired", "shipment.cancelled", "order.updated"});
    then(when.get("/shipments/" + packed.id())).has("/status", "cancelled");
    then.order(held.id).has_status("on_hold");
    then.stock_is(held.sku, {"5", "1", "4"});
    then(when.post("/orders/" + order.id + "/process")).has_code(200);
}

}  // namespace
}  // namespace stateset::support
