// Making things: BOMs that never contain themselves, work orders that compete with sales orders for
// the same pieces, and that what goes in comes out, through the real binary.

#include <algorithm>
#include <map>

#include "support/arrivals.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

constexpr int most_rounds = 5;

int rounds_of(const Reply& reply) {
    auto timing = reply.header("Server-Timing");
    const std::string_view mark = "rounds;desc=\"";
    auto at = timing.find(mark);
    return at == timing.npos ? -1 : std::stoi(timing.substr(at + mark.size()));
}

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

struct Part {
    std::string sku, quantity;
    std::string scrap_percent = "0";
};

std::string items_of(const std::vector<Part>& parts) {
    std::string items;
    for (const auto& part : parts) {
        items += (items.empty() ? "" : ",") + std::string(R"({"sku":)") + in_quotes(part.sku) +
                 R"(,"quantity":)" + in_quotes(part.quantity) + R"(,"scrap_percent":)" +
                 in_quotes(part.scrap_percent) + "}";
    }
    return R"("items":[)" + items + "]";
}

class Manufacturing : public Journey {
  protected:
    Reply draft(const Product& product, const std::vector<Part>& parts) {
        return draft(when, product, parts);
    }
    static Reply draft(Client& client, const Product& product, const std::vector<Part>& parts) {
        return client.post(
            "/boms", R"({"product_id":)" + in_quotes(product.id) + "," + items_of(parts) + "}");
    }
    std::string drafted(const Product& product, const std::vector<Part>& parts) {
        return given.must(draft(product, parts), 201, "BOM").id();
    }
    std::string active(const Product& product, const std::vector<Part>& parts) {
        auto id = drafted(product, parts);
        given.must(when.post("/boms/" + id + "/activate"), 200, "active BOM");
        return id;
    }
    Reply planned(const std::string& bom, std::string_view quantity, std::string_view more = {}) {
        auto body = R"({"bom_id":)" + in_quotes(bom) + R"(,"quantity":)" + in_quotes(quantity);
        if (!more.empty()) body.append(",").append(more);
        return when.post("/work-orders", body + "}");
    }
    std::string work_order(const std::string& bom, std::string_view quantity) {
        return given.must(planned(bom, quantity), 201, "work order").id();
    }
    std::string released(const std::string& bom, std::string_view quantity) {
        auto id = work_order(bom, quantity);
        given.must(act(id, "release"), 200, "released work order");
        return id;
    }
    std::string started(const std::string& bom, std::string_view quantity) {
        auto id = released(bom, quantity);
        given.must(act(id, "start"), 200, "work order in progress");
        return id;
    }
    Reply act(const std::string& id, std::string_view action, std::string_view body = {}) {
        return act(when, id, action, body);
    }
    static Reply act(Client& client, const std::string& id, std::string_view action,
                     std::string_view body = {}) {
        return client.post("/work-orders/" + id + "/" + std::string(action), body);
    }
    Standing the(const std::string& id) { return then.thing("/work-orders", id); }
    void verify_is_clean() {
        auto verified = server.run({"verify"});
        EXPECT_EQ(verified.status, 0) << verified.output;
    }
    std::vector<std::string> events_of(const std::string& id) {
        wait_for_the_log(when);
        std::vector<std::string> types;
        std::string cursor;
        do {
            auto page = when.get("/events?types=work_order.*,bom.*&limit=100" +
                                 (cursor.empty() ? "" : "&cursor=" + escaped(cursor)));
            for (const auto& event : page["data"].elements()) {
                if (event["aggregate_id"] == id) types.push_back(event["type"].text());
            }
            cursor = page["data"].size() == 100 ? page["next_cursor"].text() : "";
        } while (!cursor.empty());
        return types;
    }
};

// ---- BOMs

TEST_F(Manufacturing, counts_the_revisions_of_a_product_and_keeps_one_active) {
    auto table = given.product("TABLE"), leg = given.product("LEG");
    auto first = draft(table, {{leg.sku, "4", "2.5"}});
    then(first).created().has("/status", "draft").has("/revision", "1").has("/sku", table.sku);
    then(first)
        .has("/items/0/sku", leg.sku)
        .has("/items/0/quantity", "4")
        .has("/items/0/scrap_percent", "2.5");
    EXPECT_EQ(first["bom_number"].text().substr(0, 4), "BOM-");
    auto second = draft(table, {{leg.sku, "3"}});
    then(second).has("/revision", "2");

    then(when.post("/boms/" + first.id() + "/activate")).succeeded().has("/status", "active");
    then(when.post("/boms/" + second.id() + "/activate"))
        .succeeded()
        .has("/status", "active")
        .has("/items/0/quantity", "3");
    then.thing("/boms", first.id()).has("/status", "obsolete");
    then(when.post("/boms/" + first.id() + "/activate")).refused(409, "illegal_transition");
    then(when.post("/boms/" + second.id() + "/activate")).refused(409, "illegal_transition");
    EXPECT_EQ(events_of(second.id()), (std::vector<std::string>{"bom.activated"}));

    auto list = when.get("/boms?product_id=" + table.id + "&expand=items");
    ASSERT_EQ(list["data"].size(), 2u);
    then(list).has("/data/0/id", second.id()).has("/data/0/items/0/sku", leg.sku);
    then(when.get("/boms?product_id=" + table.id + "&status=obsolete"))
        .has("/data/0/id", first.id());
    then(when.post("/boms/" + second.id() + "/obsolete")).has("/status", "obsolete");
    then(when.post("/boms/" + second.id() + "/obsolete")).refused(409, "illegal_transition");
    verify_is_clean();
}

TEST_F(Manufacturing, lets_drafts_change_and_nothing_else) {
    auto table = given.product("TABLE"), leg = given.product("LEG"), top = given.product("TOP");
    auto bom = drafted(table, {{leg.sku, "4"}, {top.sku, "1"}});
    auto path = "/boms/" + bom;
    auto changed = when.patch(path, "{" + items_of({{top.sku, "2"}, {leg.sku, "3"}}) + "}");
    then(changed).succeeded().has("/items/0/sku", top.sku).has("/items/0/quantity", "2");
    then(changed).has("/items/1/quantity", "3").has("/version", "2");
    then(when.patch(path, R"({"notes":"oak","metadata":{"line":"2"}})"))
        .succeeded()
        .has("/notes", "oak")
        .has("/items/1/sku", leg.sku);
    given.must(when.post(path + "/activate"), 200, "active BOM");
    then(when.patch(path, "{" + items_of({{top.sku, "1"}}) + "}"))
        .refused(409, "illegal_transition");
    then(when.patch(path, R"({"notes":null})")).succeeded().has("/metadata/line", "2");
}

TEST_F(Manufacturing, refuses_boms_that_make_no_sense_naming_every_fault) {
    auto table = given.product("TABLE"), leg = given.product("LEG");
    auto body = R"({"product_id":)" + in_quotes(table.id) + "," +
                items_of({{"NO-SUCH", "1"},
                          {leg.sku, "0"},
                          {leg.sku, "1", "-1"},
                          {leg.sku, "9999999999999", "101"}}) +
                "}";
    then(when.post("/boms", body))
        .refused(400, "invalid")
        .names("/items/0/sku")
        .names("/items/1/quantity")
        .names("/items/2/sku")
        .names("/items/2/scrap_percent")
        .names("/items/3/quantity")
        .names("/items/3/scrap_percent");
    then(draft(table, {})).refused(400, "invalid").names("/items");
    then(when.post("/boms", "{" + items_of({{leg.sku, "1"}}) +
                                R"(,"product_id":"0198c9f2-0000-7000-8000-00000000dead"})"))
        .refused(400, "invalid")
        .names("/product_id");
    auto service = given.product("SERVICE", "9.99", R"("track_inventory":false)");
    then(draft(service, {{leg.sku, "1"}})).refused(400, "invalid").names("/product_id");
}

TEST_F(Manufacturing, never_lets_a_product_contain_itself_at_any_depth) {
    auto self = given.product("SELF"), screw = given.product("SCREW");
    then(draft(self, {{screw.sku, "1"}, {self.sku, "1"}})).refused(409, "bom_cycle");
    for (int depth = 2; depth <= 8; ++depth) {
        std::vector<Product> chain;
        for (int i = 0; i < depth; ++i) chain.push_back(given.product("PART"));
        for (int i = 0; i + 1 < depth; ++i) {
            active(chain[static_cast<std::size_t>(i)],
                   {{chain[static_cast<std::size_t>(i) + 1].sku, "1"}, {screw.sku, "2"}});
        }
        auto closing = drafted(chain.back(), {{screw.sku, "1"}, {chain.front().sku, "1"}});
        auto refused = when.post("/boms/" + closing + "/activate");
        then(refused).refused(409, "bom_cycle");
        EXPECT_NE(refused["detail"].text().find(chain.front().sku), std::string::npos) << refused;
        then.thing("/boms", closing).has("/status", "draft");
        then(when.get("/boms/" + closing + "/explode")).refused(409, "bom_cycle");
        // Once the chain is broken it can be.
        auto first = when.get("/boms?status=active&product_id=" + chain.front().id);
        given.must(when.post("/boms/" + first.text("/data/0/id") + "/obsolete"), 200, "obsolete");
        auto activated = when.post("/boms/" + closing + "/activate");
        then(activated).succeeded();
        EXPECT_LE(rounds_of(activated), most_rounds);
    }
    verify_is_clean();
}

TEST_F(Manufacturing, two_activations_at_once_cannot_close_a_cycle_together) {
    for (int round = 0; round < 10; ++round) {
        std::vector<Product> ring{given.product("A"), given.product("B"), given.product("C")};
        std::vector<std::string> drafts;
        for (std::size_t i = 0; i < ring.size(); ++i) {
            drafts.push_back(drafted(ring[i], {{ring[(i + 1) % ring.size()].sku, "1"}}));
        }
        auto replies = parallel(3, [&, client = when](int i) {
            Client mine(client);
            return mine.post("/boms/" + drafts[static_cast<std::size_t>(i)] + "/activate").status;
        });
        EXPECT_EQ(std::ranges::count(replies, 200), 2) << "the third would close the ring";
        EXPECT_EQ(std::ranges::count(replies, 409), 1);
    }
    verify_is_clean();
}

TEST_F(Manufacturing, of_many_drafts_activated_at_once_one_stays_active) {
    auto table = given.product("TABLE"), leg = given.product("LEG");
    std::vector<std::string> drafts;
    for (int i = 1; i <= 8; ++i) drafts.push_back(drafted(table, {{leg.sku, std::to_string(i)}}));
    parallel(8, [&, client = when](int i) {
        Client mine(client);
        return mine.post("/boms/" + drafts[static_cast<std::size_t>(i)] + "/activate").status;
    });
    auto left = when.get("/boms?status=active&product_id=" + table.id);
    EXPECT_EQ(left["data"].size(), 1u) << left;
    EXPECT_EQ(when.get("/boms?status=draft&product_id=" + table.id)["data"].size(), 0u);
    verify_is_clean();
}

TEST_F(Manufacturing, explodes_down_to_what_is_bought_and_says_what_is_short_and_where) {
    auto table = given.product("TABLE"), leg = given.product("LEG"), frame = given.product("FRAME");
    auto screw = given.product("SCREW").with_stock("30"), wood = given.product("WOOD");
    active(leg, {{wood.sku, "0.5"}, {screw.sku, "2"}});
    active(frame, {{leg.sku, "4"}, {screw.sku, "8"}});
    auto bom = active(table, {{frame.sku, "1"}, {wood.sku, "1.25", "10"}, {screw.sku, "4"}});
    auto store = given.must(
        when.post("/locations", R"({"name":"North","code":)" + in_quotes(given.unique("N")) + "}"),
        201, "location");
    given.stock(wood.sku, "9", store["id"].number());

    // For 3: screws 3 × (4 + 8 + 4 × 2) = 60, wood 3 × (1.25 × 1.1 + 4 × 0.5) = 10.125.
    auto exploded = when.get("/boms/" + bom + "/explode?quantity=3");
    then(exploded)
        .has_code(200)
        .has("/quantity", "3")
        .has("/tree/item_number", table.sku)
        .has("/tree/components/0/item_number", frame.sku)
        .has("/tree/components/0/components/0/quantity", "12")
        .has("/tree/components/0/components/0/components/0/quantity", "6");
    then(exploded)
        .has("/components/0/item_number", screw.sku)
        .has("/components/0/quantity", "60")
        .has("/components/0/available", "30")
        .has("/components/0/short", "30")
        .has("/components/1/item_number", wood.sku)
        .has("/components/1/quantity", "10.125")
        .has("/components/1/short", "1.125")
        .has("/components/1/locations/0/location_id", store["id"].text());
    EXPECT_EQ(exploded["components"].size(), 2u);
    then(when.get("/boms/" + bom + "/explode")).has("/components/0/quantity", "20");
    then(when.get("/boms/" + bom + "/explode?quantity=0"))
        .refused(400, "invalid")
        .names("?quantity");
    then(when.get("/boms/" + bom + "/explode?quantity=900000000000"))
        .refused(409, "explosion_too_large");
}

TEST_F(Manufacturing, adds_up_what_components_cost) {
    auto table = given.product("TABLE"), leg = given.product("LEG");
    auto screw = given.product("SCREW"), wood = given.product("WOOD");
    active(leg, {{wood.sku, "0.5"}, {screw.sku, "3"}});
    auto bom = active(table, {{leg.sku, "4"}, {wood.sku, "1"}});
    auto state = [&](const Product& product, std::string_view members) {
        return when.put("/boms/costs",
                        R"({"sku":)" + in_quotes(product.sku) + "," + std::string(members) + "}");
    };
    then(when.get("/boms/" + bom + "/cost")).has("/complete", "false").has("/cost", "null");
    then(state(screw, R"("unit_cost":"4.99","per":"1000","currency":"EUR")")).succeeded();
    then(state(wood, R"("unit_cost":"12.50","currency":"EUR")")).succeeded().has("/per", "1");
    // 12 screws 0.05988 → 0.06; 3 wood 37.50.
    then(when.get("/boms/" + bom + "/cost"))
        .has("/complete", "true")
        .has("/cost", "37.56")
        .has("/currency", "EUR")
        .has("/components/0/cost", "0.06");
    then(state(wood, R"("unit_cost":"12.00","currency":"USD")")).succeeded();
    then(when.get("/boms/" + bom + "/cost")).refused(409, "mixed_currencies");
    then(when.get("/boms/costs?sku=" + escaped(wood.sku))).has("/data/0/unit_cost", "12.00");
    then(state(wood, R"("unit_cost":"0.001","currency":"USD")")).refused(400, "invalid");
    then(state(wood, R"("unit_cost":"-1","currency":"USD")")).refused(400, "invalid");
}

// ---- work orders

TEST_F(Manufacturing, turns_components_into_a_product) {
    auto table = given.product("TABLE");
    auto leg = given.product("LEG").with_stock(20), top = given.product("TOP").with_stock(5);
    auto bom = active(table, {{leg.sku, "4"}, {top.sku, "1"}});
    auto made = planned(bom, "3", R"("priority":5,"due_on":"2027-03-01","assignee":"Grace")");
    then(made).created().has("/status", "planned").has("/items/0/required", "12");
    then(made).has("/priority", "5").has("/due_on", "2027-03-01").has("/assignee", "Grace");
    EXPECT_EQ(made["work_order_number"].text().substr(0, 3), "WO-");
    then.stock_is(leg.sku, {"20", "0", "20"});

    auto released = act(made.id(), "release");
    then(released).has("/status", "released").has("/items/0/reserved", "12");
    then.stock_is(leg.sku, {"20", "12", "8"});
    then.stock_is(top.sku, {"5", "3", "2"});
    then(act(made.id(), "complete")).refused(409, "illegal_transition");
    then(act(made.id(), "start")).has("/status", "in_progress");
    auto done = act(made.id(), "complete");
    then(done)
        .has("/status", "completed")
        .has("/produced", "3")
        .has("/items/0/consumed", "12")
        .has("/items/0/reserved", "0");
    then.stock_is(leg.sku, {"8", "0", "8"});
    then.stock_is(top.sku, {"2", "0", "2"});
    then.stock_is(table.sku, {"3", "0", "3"});
    EXPECT_EQ(events_of(made.id()),
              (std::vector<std::string>{"work_order.created", "work_order.released",
                                        "work_order.started", "work_order.completed"}));
    for (const auto& reply : {made, released, done}) EXPECT_LE(rounds_of(reply), most_rounds);
    auto ledger = when.get("/inventory/items/" + table.sku + "/movements");
    then(ledger).has("/data/0/kind", "produce").has("/data/0/reference", made.id());
    verify_is_clean();
}

TEST_F(Manufacturing, builds_three_levels_that_share_components_with_a_sales_order) {
    auto bike = given.product("BIKE"), wheel = given.product("WHEEL"), hub = given.product("HUB");
    auto bolt = given.product("BOLT").with_stock(100), rim = given.product("RIM").with_stock(10);
    auto hubs = active(hub, {{bolt.sku, "6"}});
    auto wheels = active(wheel, {{hub.sku, "1"}, {rim.sku, "1"}, {bolt.sku, "2"}});
    auto bikes = active(bike, {{wheel.sku, "2"}, {bolt.sku, "10"}});
    then(when.get("/boms/" + bikes + "/explode?quantity=3"))
        .has("/components/0/quantity", "78")
        .has("/components/0/short", "0");

    // Somebody buys bolts while they are built.
    auto bolts_sold = given.processed(given.order(bolt, 22));
    auto make = [&](const std::string& bom, std::string_view quantity) {
        auto id = started(bom, quantity);
        given.must(act(id, "complete"), 200, "completed work order");
    };
    make(hubs, "6");
    then.stock_is(bolt.sku, {"64", "22", "42"});
    make(wheels, "6");
    then.stock_is(hub.sku, {"0", "0", "0"});
    then.stock_is(bolt.sku, {"52", "22", "30"});
    auto too_many = when.post("/orders/" + given.order(bolt, 31).id + "/process");
    then(too_many).refused(409, "insufficient_stock");
    make(bikes, "3");
    then.stock_is(bike.sku, {"3", "0", "3"});
    then.stock_is(wheel.sku, {"0", "0", "0"});
    then.stock_is(bolt.sku, {"22", "22", "0"});
    given.shipped(given.paid(bolts_sold));
    then.stock_is(bolt.sku, {"0", "0", "0"});
    given.delivered(given.shipped(given.paid(given.processed(given.order(bike, 3)))));
    verify_is_clean();
}

TEST_F(Manufacturing, finishes_in_odd_parts_and_the_last_one_takes_the_rest) {
    auto cake = given.product("CAKE"), flour = given.product("FLOUR").with_stock("10");
    auto egg = given.product("EGG").with_stock("10");
    auto bom = active(cake, {{flour.sku, "0.3333", "2.5"}, {egg.sku, "1"}});
    auto id = started(bom, "7");
    the(id).has("/items/0/required", "2.3915");  // 2.3914275 rounded up
    then(act(id, "complete", R"({"quantity":"1"})"))
        .has("/status", "in_progress")
        .has("/produced", "1")
        .has("/items/0/consumed", "0.3416")
        .has("/items/1/consumed", "1");
    then(act(id, "complete", R"({"quantity":"2.5","scrapped":"0.5"})"))
        .has("/produced", "3.5")
        .has("/scrapped", "0.5")
        .has("/items/0/consumed", "1.3665")
        .has("/items/1/consumed", "4");
    then.stock_is(cake.sku, {"3.5", "0", "3.5"});
    then(act(id, "complete", R"({"quantity":"3.0001"})")).refused(409, "exceeds_work_order");
    then(act(id, "complete", R"({"quantity":"0"})")).refused(400, "invalid").names("/quantity");
    then(act(id, "complete", R"({"quantity":"-1"})")).refused(400, "invalid").names("/quantity");
    then(act(id, "complete", R"({"scrapped":"-1"})")).refused(400, "invalid").names("/scrapped");
    then(act(id, "complete", R"({"scrapped":"1"})"))
        .has("/status", "completed")
        .has("/produced", "5.5")
        .has("/scrapped", "1.5")
        .has("/items/0/consumed", "2.3915")
        .has("/items/1/consumed", "7");
    then.stock_is(cake.sku, {"5.5", "0", "5.5"});
    then.stock_is(flour.sku, {"7.6085", "0", "7.6085"});
    auto genealogy = when.get("/work-orders/" + id + "/genealogy");
    EXPECT_EQ(genealogy["completions"].size(), 3u);
    EXPECT_EQ(genealogy["inputs"].size(), 6u);
    verify_is_clean();
}

TEST_F(Manufacturing, gives_back_what_was_not_consumed_when_it_is_cancelled) {
    auto table = given.product("TABLE"), leg = given.product("LEG").with_stock(12);
    auto bom = active(table, {{leg.sku, "4"}});
    auto id = started(bom, "3");
    given.must(act(id, "complete", R"({"quantity":"1"})"), 200, "a part");
    auto cancelled = act(id, "cancel", R"({"reason":"no more wood"})");
    then(cancelled)
        .has("/status", "cancelled")
        .has("/cancel_reason", "no more wood")
        .has("/produced", "1")
        .has("/items/0/consumed", "4")
        .has("/items/0/reserved", "0");
    EXPECT_LE(rounds_of(cancelled), most_rounds);
    then.stock_is(leg.sku, {"8", "0", "8"});
    then.stock_is(table.sku, {"1", "0", "1"});
    for (auto* action :
         {"release", "reserve", "start", "hold", "resume", "complete", "cancel", "issue"}) {
        then(act(id, action)).refused(409, "illegal_transition");
    }
    verify_is_clean();
}

TEST_F(Manufacturing, rests_on_hold_and_goes_on_where_it_was) {
    auto table = given.product("TABLE"), leg = given.product("LEG").with_stock(8);
    auto bom = active(table, {{leg.sku, "4"}});
    auto id = released(bom, "2");
    then(act(id, "hold", R"({"reason":"lunch"})"))
        .has("/status", "on_hold")
        .has("/hold_reason", "lunch")
        .has("/items/0/reserved", "8");
    for (auto* action : {"start", "complete", "issue", "hold", "release", "reserve"}) {
        then(act(id, action)).refused(409, "illegal_transition");
    }
    then(act(id, "resume")).has("/status", "released").has("/hold_reason", "null");
    then(act(id, "start")).has("/status", "in_progress");
    then(act(id, "hold")).has("/status", "on_hold");
    then(act(id, "resume")).has("/status", "in_progress");
    then(act(id, "resume")).refused(409, "illegal_transition");
    then(act(id, "assign", R"({"assignee":"Ada"})")).has("/assignee", "Ada");
    then(act(id, "complete")).has("/status", "completed");
    then(act(id, "assign", R"({"assignee":"Ada"})")).refused(409, "illegal_transition");
}

TEST_F(Manufacturing, changes_quantity_and_place_only_while_planned) {
    auto table = given.product("TABLE"), leg = given.product("LEG").with_stock(40);
    auto bom = active(table, {{leg.sku, "4", "10"}});
    auto id = work_order(bom, "2");
    auto path = "/work-orders/" + id;
    then(when.patch(path, R"({"quantity":"5","priority":1,"due_on":"2027-01-31","notes":"soon"})"))
        .succeeded()
        .has("/items/0/required", "22")
        .has("/quantity", "5")
        .has("/notes", "soon");
    then(when.patch(path, R"({"location_id":999999})"))
        .refused(400, "invalid")
        .names("/location_id");
    then(when.patch(path, R"({"quantity":"0"})")).refused(400, "invalid").names("/quantity");
    given.must(act(id, "release"), 200, "released");
    then(when.patch(path, R"({"quantity":"6"})")).refused(409, "illegal_transition");
    then(when.patch(path, R"({"due_on":null})")).succeeded().has("/due_on", "null");
    auto list = when.get("/work-orders?status=released&expand=items&product_id=" + table.id);
    then(list).has("/data/0/id", id).has("/data/0/items/0/reserved", "22");
    auto due = [&](std::string_view day) {
        auto path = "/work-orders?due_before=" + std::string(day) + "&product_id=" + table.id;
        return when.get(path)["data"].size();
    };
    EXPECT_EQ(due("2099-12-31"), 0u);
    then(when.patch(path, R"({"due_on":"2027-01-31"})")).succeeded();
    EXPECT_EQ(due("2027-01-30"), 0u);
    EXPECT_EQ(due("2027-01-31"), 1u);
}

TEST_F(Manufacturing, refuses_work_orders_that_make_no_sense) {
    auto table = given.product("TABLE"), leg = given.product("LEG");
    auto bom = drafted(table, {{leg.sku, "4"}});
    then(planned(bom, "1")).refused(409, "bom_not_active");
    given.must(when.post("/boms/" + bom + "/activate"), 200, "active BOM");
    then(planned(bom, "0")).refused(400, "invalid").names("/quantity");
    then(planned(bom, "1000000000000")).refused(400, "invalid").names("/quantity");
    then(planned(bom, "1", R"("location_id":999999)"))
        .refused(400, "invalid")
        .names("/location_id");
    then(planned("0198c9f2-0000-7000-8000-00000000dead", "1"))
        .refused(400, "invalid")
        .names("/bom_id");
    then(planned(bom, "1", R"("due_on":"soon")")).refused(400, "invalid").names("/due_on");
}

TEST_F(Manufacturing, sets_all_components_aside_or_none_unless_short_is_allowed) {
    auto table = given.product("TABLE");
    auto leg = given.product("LEG").with_stock(6), top = given.product("TOP").with_stock(5);
    auto bom = active(table, {{leg.sku, "4"}, {top.sku, "1"}});
    auto id = work_order(bom, "2");
    auto refused = act(id, "release");
    then(refused).refused(409, "insufficient_stock").names("/items/0");
    then(refused)
        .has("/errors/0/params/sku", leg.sku)
        .has("/errors/0/params/wanted", "8")
        .has("/errors/0/params/available", "6");
    the(id).has_status("planned").has("/items/1/reserved", "0");
    then.stock_is(top.sku, {"5", "0", "5"});

    then(act(id, "release", R"({"allow_short":true})"))
        .has("/status", "released")
        .has("/items/0/reserved", "6")
        .has("/items/1/reserved", "2");
    given.must(act(id, "start"), 200, "started");
    auto lacking = act(id, "complete");
    then(lacking).refused(409, "components_short").names("/items/0");
    then(lacking).has("/errors/0/params/wanted", "8").has("/errors/0/params/reserved", "6");
    then.stock_is(table.sku, {"0", "0", "0"});
    // One can be made of what is there.
    then(act(id, "complete", R"({"quantity":"1"})")).succeeded().has("/items/0/reserved", "2");
    then(act(id, "reserve")).refused(409, "insufficient_stock");
    given.stock(leg.sku, "5");
    then(act(id, "reserve")).succeeded().has("/items/0/reserved", "4");
    then(act(id, "complete")).has("/status", "completed");
    then.stock_is(leg.sku, {"3", "0", "3"});
    then.stock_is(table.sku, {"2", "0", "2"});
    verify_is_clean();
}

TEST_F(Manufacturing, loses_what_is_taken_back_and_refuses_to_complete_until_it_is_there_again) {
    auto table = given.product("TABLE"), leg = given.product("LEG").with_stock(8);
    auto bom = active(table, {{leg.sku, "4"}});
    auto id = started(bom, "2");
    auto held = when.get("/work-orders/" + id).text("/items/0/reservation_ids/0");
    auto reservation = "/inventory/reservations/" + held;
    then(when.get(reservation)).has("/work_order_id", id).has("/expires_at", "null");
    then(when.post(reservation + "/consume")).refused(409, "belongs_to_order");
    then(when.post(reservation + "/release")).succeeded().has("/status", "released");
    the(id).has_status("in_progress").has("/items/0/reserved", "0");
    then.stock_is(leg.sku, {"8", "0", "8"});
    then(act(id, "complete")).refused(409, "components_short");
    then(act(id, "reserve")).has("/items/0/reserved", "8");

    auto adjust = "/inventory/items/" + leg.sku + "/adjust";
    auto below = when.post(adjust, R"({"on_hand":"6","reason":"counted"})");
    then(below).refused(409, "below_allocated").has("/errors/0/params/work_order_id", id);
    auto count =
        "/inventory/counts/" + given.must(when.post("/inventory/counts"), 201, "count").id();
    auto six = R"({"lines":[{"sku":")" + leg.sku + R"(","quantity":"6"}]})";
    given.must(when.post(count + "/lines", six), 200, "line");
    then(when.post(count + "/complete"))
        .refused(409, "below_allocated")
        .has("/errors/0/params/work_order_id", id);
    auto adjusted =
        when.post(adjust, R"({"on_hand":"6","reason":"counted","release_reservations":true})");
    then(adjusted).succeeded().has("/allocated", "0").has("/on_hand", "6");
    EXPECT_LE(rounds_of(adjusted), most_rounds);
    then(act(id, "reserve")).refused(409, "insufficient_stock");
    then(act(id, "reserve", R"({"allow_short":true})")).has("/items/0/reserved", "6");
    then(act(id, "complete", R"({"quantity":"1"})")).succeeded();
    then(act(id, "cancel")).succeeded();
    then.stock_is(leg.sku, {"2", "0", "2"});
    verify_is_clean();
}

TEST_F(Manufacturing, issues_components_ahead_and_takes_that_much_less_later) {
    auto table = given.product("TABLE");
    auto leg = given.product("LEG").with_stock(12), top = given.product("TOP").with_stock(3);
    auto bom = active(table, {{leg.sku, "4"}, {top.sku, "1"}});
    auto id = released(bom, "3");
    then(act(id, "issue")).refused(409, "illegal_transition");
    given.must(act(id, "start"), 200, "started");
    auto issue = [&](const std::string& sku, std::string_view quantity) {
        return act(id, "issue",
                   R"({"items":[{"sku":)" + in_quotes(sku) + R"(,"quantity":)" +
                       in_quotes(quantity) + "}]}");
    };
    then(issue(leg.sku, "5"))
        .succeeded()
        .has("/items/0/consumed", "5")
        .has("/items/0/reserved", "7");
    then.stock_is(leg.sku, {"7", "7", "0"});
    then(issue(leg.sku, "8")).refused(409, "components_short").names("/items/0/quantity");
    then(issue("NO-SUCH", "1")).refused(400, "invalid").names("/items/0/sku");
    then(issue(leg.sku, "0")).refused(400, "invalid").names("/items/0/quantity");
    then(act(id, "complete", R"({"quantity":"1"})"))
        .has("/items/0/consumed", "5")
        .has("/items/1/consumed", "1");
    then(act(id, "complete", R"({"quantity":"1"})")).has("/items/0/consumed", "8");
    then(act(id, "issue")).has("/items/0/consumed", "12").has("/items/1/reserved", "0");
    then(act(id, "complete")).has("/status", "completed");
    then.stock_is(leg.sku, {"0", "0", "0"});
    then.stock_is(table.sku, {"3", "0", "3"});
    verify_is_clean();
}

// ---- many at once

TEST_F(Manufacturing, orders_and_work_orders_share_the_last_pieces_and_nothing_is_promised_twice) {
    constexpr int clients = 16, pieces = 40;
    auto table = given.product("TABLE"), leg = given.product("LEG").with_stock(pieces);
    auto bom = active(table, {{leg.sku, "4"}});
    std::vector<std::string> work_orders, orders;
    for (int i = 0; i < clients / 2; ++i) {
        work_orders.push_back(work_order(bom, "2"));
        orders.push_back(given.order(leg, 8).id);
    }
    auto replies = parallel(clients, [&, client = when](int i) {
        Client mine(client);
        auto at = static_cast<std::size_t>(i / 2);
        return i % 2 ? act(mine, work_orders[at], "release").status
                     : mine.post("/orders/" + orders[at] + "/process").status;
    });
    EXPECT_EQ(std::ranges::count(replies, 200), pieces / 8);
    EXPECT_EQ(std::ranges::count(replies, 409), clients - pieces / 8);
    then.stock_is(leg.sku, {"40", "40", "0"});
    verify_is_clean();
}

TEST_F(Manufacturing, many_who_finish_at_once_finish_it_once) {
    auto table = given.product("TABLE"), leg = given.product("LEG").with_stock(100);
    auto bom = active(table, {{leg.sku, "3"}});
    auto id = started(bom, "10");
    auto replies = parallel(12, [&, client = when](int i) {
        Client mine(client);
        if (i == 11) return act(mine, id, "issue").status;
        return act(mine, id, "complete", R"({"quantity":"1"})").status;
    });
    EXPECT_EQ(std::count(replies.begin(), replies.end() - 1, 200), 10);
    the(id).has_status("completed").has("/produced", "10").has("/items/0/consumed", "30");
    then.stock_is(leg.sku, {"70", "0", "70"});
    then.stock_is(table.sku, {"10", "0", "10"});
    verify_is_clean();
}

TEST_F(Manufacturing, the_same_completion_sent_twice_counts_once) {
    auto table = given.product("TABLE"), leg = given.product("LEG").with_stock(8);
    auto id = started(active(table, {{leg.sku, "4"}}), "2");
    auto path = "/work-orders/" + id + "/complete";
    Headers key{{"Idempotency-Key", given.unique("key")}};
    auto first = when.post(path, R"({"quantity":"1"})", key);
    auto second = when.post(path, R"({"quantity":"1"})", key);
    then(first).succeeded();
    EXPECT_EQ(first.body, second.body);
    EXPECT_EQ(second.header("Idempotent-Replayed"), "true");
    then.stock_is(table.sku, {"1", "0", "1"});
}

// ---- lots and pieces

TEST_F(Manufacturing, tells_what_lots_a_piece_was_made_of_and_where_a_lot_went) {
    auto phone = given.product("PHONE", "299.00", R"("tracking":"serial")");
    auto board = given.product("BOARD", "49.00", R"("tracking":"lot")");
    auto chip = given.product("CHIP", "9.00", R"("tracking":"lot")");
    auto receive = [&](const std::string& lot, std::string_view quantity) {
        given.must(when.post("/inventory/items/" + chip.sku + "/receive",
                             R"({"quantity":)" + in_quotes(quantity) + R"(,"lot_number":)" +
                                 in_quotes(lot) + "}"),
                   200, "received lot");
    };
    receive("C-1", "5");
    receive("C-2", "20");
    auto boards = started(active(board, {{chip.sku, "2"}}), "4");
    auto made = act(boards, "complete", R"({"quantity":"2","lot_number":"B-1"})");
    then(made).succeeded();
    EXPECT_LE(rounds_of(made), most_rounds);
    then(act(boards, "complete", R"({"lot_number":"B-2"})")).has("/status", "completed");

    auto phones = started(active(phone, {{board.sku, "1"}}), "3");
    then(act(phones, "complete")).has_code(400);
    then(act(phones, "complete", R"({"quantity":"1.5","serial_numbers":["S1"]})")).has_code(400);
    then(act(phones, "complete", R"({"serial_numbers":["P-1","P-2"]})")).has_code(400);
    auto built = act(phones, "complete", R"({"serial_numbers":["P-1","P-2","P-3"]})");
    then(built).has("/status", "completed");
    EXPECT_LE(rounds_of(built), most_rounds);
    then.stock_is(phone.sku, {"3", "0", "3"});

    auto ask = [&](std::string_view way, const Product& of, const std::string& number) {
        return when.get("/genealogy/" + std::string(way) + "?sku=" + escaped(of.sku) + "&" +
                        number);
    };
    auto numbers = [](const Reply& reply, std::string_view name) {
        std::vector<std::string> found;
        for (const auto& step : reply["data"].elements()) found.push_back(step[name].text());
        std::ranges::sort(found);
        found.erase(std::unique(found.begin(), found.end()), found.end());
        return found;
    };
    using Numbers = std::vector<std::string>;
    auto inside = ask("made-of", phone, "serial_number=P-1");
    then(inside).has_code(200).has("/data/0/level", "1").has("/data/0/item_number", board.sku);
    EXPECT_EQ(numbers(inside, "lot_number"), (Numbers{"B-1", "B-2", "C-1", "C-2"}));
    auto around = ask("went-into", chip, "lot_number=C-1");
    EXPECT_EQ(numbers(around, "serial_number"), (Numbers{"P-1", "P-2", "P-3", "null"})) << around;
    EXPECT_EQ(numbers(ask("made-of", board, "lot_number=B-1"), "lot_number"), (Numbers{"C-1"}));
    then(ask("made-of", board, "lot_number=NO-SUCH")).refused(400, "invalid").names("?lot_number");
    then(when.get("/genealogy/made-of?sku=" + escaped(board.sku))).refused(400, "invalid");
    auto genealogy = when.get("/work-orders/" + phones + "/genealogy");
    then(genealogy).has("/outputs/0/serial_number", "P-1").has("/inputs/0/lot_number", "B-1");
    verify_is_clean();
}

TEST_F(Manufacturing, consumes_the_pieces_that_somebody_chose) {
    auto kit = given.product("KIT"),
         motor = given.product("MOTOR", "99.00", R"("tracking":"serial")");
    given.must(when.post("/inventory/items/" + motor.sku + "/receive",
                         R"({"quantity":"3","serial_numbers":["M-1","M-2","M-3"]})"),
               200, "received pieces");
    auto id = started(active(kit, {{motor.sku, "1"}}), "2");
    auto chosen = [&](std::string_view numbers) {
        return R"({"quantity":"1","components":[{"sku":)" + in_quotes(motor.sku) +
               R"(,"serial_numbers":[)" + std::string(numbers) + "]}]}";
    };
    then(act(id, "complete", chosen(R"("M-1","M-2")"))).refused(400, "serial_count");
    then(act(id, "complete", chosen(R"("M-9")"))).refused(409, "serial_not_here");
    then(act(id, "complete", chosen(R"("M-3")"))).succeeded();
    then(act(id, "complete")).has("/status", "completed");
    auto genealogy = when.get("/work-orders/" + id + "/genealogy");
    then(genealogy).has("/inputs/0/serial_number", "M-3").has("/inputs/1/serial_number", "M-1");
    verify_is_clean();
}

}  // namespace
}  // namespace stateset::support
