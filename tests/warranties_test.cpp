// Warranties and what is claimed under them, through the real binary: registered by hand and by
// delivery, extended, voided and expired; claims from the complaint to the new goods or the money.

#include <algorithm>
#include <ctime>
#include <map>
#include <set>

#include "platform/auth/crypto.hpp"
#include "support/arrivals.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

using namespace std::chrono_literals;

constexpr int most_rounds = 5;

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string object_of(const std::vector<std::pair<std::string, std::string>>& members) {
    std::string body;
    for (const auto& [name, value] : members) {
        body += (body.empty() ? "{" : ",") + in_quotes(name) + ":" + in_quotes(value);
    }
    return body.empty() ? "{}" : body + "}";
}

// So many days from today, in UTC.
std::string day(int from_today) {
    auto then = std::time(nullptr) + from_today * 86'400L;
    std::tm parts{};
    gmtime_r(&then, &parts);
    char text[16];
    std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
    return text;
}

// How often the command was run until nothing was missing: Server-Timing, rounds;desc="4".
int rounds_of(const Reply& reply) {
    auto timing = reply.header("Server-Timing");
    auto at = timing.find("rounds;desc=\"");
    return at == timing.npos ? -1 : std::stoi(timing.substr(at + 13));
}

std::string nothing() { return "0198c9f2-0000-7000-8000-00000000dead"; }

class Warranties : public Journey {
  protected:
    std::string term(int from = -1, int to = 365) {
        return R"("starts_on":)" + in_quotes(day(from)) + R"(,"ends_on":)" + in_quotes(day(to));
    }
    std::string body_of(const std::string& product, const std::string& more = {}) {
        return R"({"product_id":)" + in_quotes(product) + R"(,"customer_id":)" +
               in_quotes(given.customer().id) + "," + (more.empty() ? term() : more) + "}";
    }
    Reply registered(const std::string& product, const std::string& more = {}) {
        return given.must(when.post("/warranties", body_of(product, more)), 201, "warranty");
    }
    // One that covers today.
    std::string warranty() { return registered(given.product().id).id(); }
    std::string claim_body(const std::string& warranty, std::string_view more = {}) {
        return R"({"warranty_id":)" + in_quotes(warranty) + R"(,"description":"It leaks.")" +
               std::string(more) + "}";
    }
    std::string claim(const std::string& warranty, std::string_view more = {}) {
        return given.must(when.post("/warranties/claims", claim_body(warranty, more)), 201, "claim")
            .id();
    }
    std::string approved(const std::string& warranty, std::string_view more = {}) {
        auto id = claim(warranty, more);
        given.must(act(id, "approve"), 200, "approve");
        return id;
    }
    Reply act(const std::string& claim, const std::string& action, const std::string& body = {}) {
        return when.post("/warranties/claims/" + claim + "/" + action, body);
    }
    // Of an order, oldest first.
    std::vector<Json> warranties_of(const std::string& order) {
        auto all = when.get("/warranties?limit=100&order_id=" + order)["data"].elements();
        std::ranges::reverse(all);
        return all;
    }
    // A delivered order of a product with two years.
    Order delivered_with_warranty(std::int64_t quantity = 1, std::string_view price = "49.99") {
        auto product = given.product("KETTLE", price, R"("warranty_months":24)");
        return given.delivered(given.shipped(
            given.paid(given.processed(given.order(product.with_stock(quantity), quantity)))));
    }
    std::vector<std::string> events_of(const std::string& aggregate) {
        wait_for_the_log(when);
        std::vector<std::string> types;
        std::string cursor;
        do {
            auto page = when.get("/events?limit=100&types=warranty.*,claim.*" + cursor);
            for (const auto& event : page["data"].elements()) {
                if (event["aggregate_id"] == aggregate) types.push_back(event["type"].text());
            }
            auto next = page["next_cursor"];
            cursor = next.is_string() ? "&cursor=" + escaped(next.text()) : "";
        } while (!cursor.empty());
        return types;
    }
};

// ---- registering

TEST_F(Warranties, are_registered_by_hand_and_read_again) {
    auto product = given.product();
    auto serial = given.unique("SN");
    auto made =
        registered(product.id, R"("serial_number":)" + in_quotes(serial) +
                                   R"(,"terms":"Parts.","metadata":{"shop":"3"},)" + term());
    then(made).created().has("/status", "active").has("/serial_number", serial);
    then(made).has("/quantity", "1").has("/terms", "Parts.").has("/metadata/shop", "3");
    EXPECT_EQ(made.text("/warranty_number").substr(0, 2), "W-") << made;
    EXPECT_TRUE(made["order_id"].is_null()) << made;
    EXPECT_FALSE(made["serial_key"].exists()) << "that is ours alone";
    EXPECT_LE(rounds_of(made), most_rounds);
    auto read = when.get("/warranties/" + made.id());
    EXPECT_EQ(read.body, made.body);
    EXPECT_EQ(when.get("/warranties/" + made.id(), {{"If-None-Match", read.header("ETag")}}).status,
              304);
    EXPECT_EQ(events_of(made.id()), std::vector<std::string>{"warranty.registered"});
}

TEST_F(Warranties, end_after_calendar_months) {
    struct Row {
        const char *from, *months, *to;
    };
    auto product = given.product();
    for (auto [from, months, to] :
         {Row{"2090-01-31", "1", "2090-02-28"}, Row{"2092-01-31", "1", "2092-02-29"},
          Row{"2090-08-31", "6", "2091-02-28"}, Row{"2090-05-15", "24", "2092-05-15"}}) {
        auto made = registered(product.id, R"("starts_on":)" + in_quotes(from) + R"(,"months":)" +
                                               std::string(months));
        then(made).has("/ends_on", to).has("/status", "active");
    }
}

TEST_F(Warranties, of_a_term_that_is_over_are_expired_at_once) {
    auto product = given.product().id;
    then(registered(product, term(-30, -1))).has("/status", "expired");
    then(registered(product, term(-30, 0))).has("/status", "active");
    then(registered(product, term(0, 0))).has("/status", "active");
    then(registered(product, term(10, 20))).has("/status", "active");
}

TEST_F(Warranties, are_refused_with_every_fault_at_once) {
    auto product = given.product();
    auto body = R"({"product_id":)" + in_quotes(nothing()) + R"(,"customer_id":)" +
                in_quotes(nothing()) + R"(,"order_id":)" + in_quotes(nothing()) +
                R"(,"order_item_id":)" + in_quotes(nothing()) +
                R"(,"serial_number":"S","quantity":2,"starts_on":"2026-02-01",)"
                R"("ends_on":"2026-01-01"})";
    auto refused = when.post("/warranties", body);
    then(refused).refused(400, "invalid");
    for (const char* pointer :
         {"/product_id", "/customer_id", "/order_id", "/order_item_id", "/quantity", "/ends_on"}) {
        then(refused).names(pointer);
    }
    auto with = [&](const std::string& more) {
        return when.post("/warranties", body_of(product.id, more));
    };
    then(with(R"("starts_on":"2026-01-01")")).refused(400, "invalid").names("/ends_on");
    then(with(R"("starts_on":"2026-01-01","ends_on":"2026-02-01","months":1)"))
        .refused(400, "invalid")
        .names("/ends_on");
    then(with(R"("starts_on":"9999-06-01","months":12)")).refused(400, "invalid").names("/months");
    then(with(R"("starts_on":"2026-02-30","months":12)"))
        .refused(400, "invalid")
        .names("/starts_on");
    then(with(R"("starts_on":"2026-01-01","months":0)")).refused(400, "invalid").names("/months");
    then(with(R"("serial_number":"",)" + term())).refused(400, "invalid").names("/serial_number");
}

TEST_F(Warranties, name_a_line_of_the_order_that_is_of_the_product) {
    auto order = given.delivered_order(), other = given.delivered_order();
    auto product = order.json["items"][0]["product_id"].text();
    auto line = [&](const Order& of, const std::string& more = {}) {
        return R"("order_item_id":)" + in_quotes(of.line()) + "," + more + term();
    };
    auto of_order = R"("order_id":)" + in_quotes(order.id) + ",";
    then(when.post("/warranties", body_of(product, line(other, of_order))))
        .refused(400, "invalid")
        .names("/order_item_id");
    then(when.post("/warranties", body_of(given.product().id, line(order))))
        .refused(400, "invalid")
        .names("/order_item_id");
    then(when.post("/warranties", body_of(product, line(order, R"("quantity":3,)"))))
        .refused(400, "invalid")
        .names("/quantity");
    auto made = registered(product, line(order, R"("quantity":2,)"));
    then(made).has("/order_id", order.id).has("/order_item_id", order.line());
    then.order(order.id).and_published({"warranty.registered"});
}

TEST_F(Warranties, of_a_serial_number_are_one_until_it_is_void) {
    auto product = given.product();
    auto serial = R"("serial_number":)" + in_quotes(given.unique("SN")) + ",";
    auto first = registered(product.id, serial + term());
    auto again = when.post("/warranties", body_of(product.id, serial + term()));
    then(again).refused(409, "serial_registered").names("/serial_number");
    EXPECT_EQ(again.at("/errors/0/params/warranty_number"), first.text("/warranty_number"));
    registered(given.product().id, serial + term());  // of another product
    given.must(when.post("/warranties/" + first.id() + "/void"), 200, "void");
    auto second = registered(product.id, serial + term(-10, -5));
    then(second).has("/status", "expired");
    // An expired one still holds its number: it is to be extended.
    then(when.post("/warranties", body_of(product.id, serial + term())))
        .refused(409, "serial_registered");
}

TEST_F(Warranties, of_a_serial_number_are_one_when_many_register_it_at_once) {
    constexpr int clients = 8, rounds = 5;
    auto product = given.product();
    for (int round = 0; round < rounds; ++round) {
        auto body = body_of(product.id,
                            R"("serial_number":)" + in_quotes(given.unique("SN")) + "," + term());
        auto replies = parallel(clients, [&](int) {
            Client client(when);
            return client.post("/warranties", body);
        });
        int made = 0;
        for (const auto& reply : replies) {
            made += reply.status == 201;
            if (reply.status != 201) then(reply).refused(409, "serial_registered");
        }
        EXPECT_EQ(made, 1);
    }
}

TEST_F(Warranties, are_registered_once_by_the_same_request) {
    auto body = body_of(given.product().id);
    auto key = given.unique("key");
    auto first = when.post("/warranties", body, {{"Idempotency-Key", key}});
    auto second = when.post("/warranties", body, {{"Idempotency-Key", key}});
    then(first).created();
    EXPECT_EQ(first.body, second.body);
    EXPECT_EQ(second.header("Idempotent-Replayed"), "true");
}

// ---- extending, voiding, expiring

TEST_F(Warranties, are_extended_by_months_or_to_a_day_and_live_again) {
    auto made = registered(given.product().id, R"("starts_on":"2020-01-31","months":1)");
    then(made).has("/ends_on", "2020-02-29").has("/status", "expired");
    auto path = "/warranties/" + made.id() + "/extend";
    then(when.post(path, R"({"months":1})"))
        .has("/ends_on", "2020-03-29")
        .has("/status", "expired");
    auto revived =
        when.post(path, R"({"ends_on":)" + in_quotes(day(30)) + R"(,"reason":"goodwill"})");
    then(revived).has_code(200).has("/ends_on", day(30)).has("/status", "active");
    then(when.post(path, R"({"ends_on":)" + in_quotes(day(30)) + "}"))
        .refused(400, "invalid")
        .names("/ends_on");
    then(when.post(path)).refused(400, "invalid").names("/ends_on");
    then(when.post(path, R"({"months":1,"ends_on":"2099-01-01"})"))
        .refused(400, "invalid")
        .names("/ends_on");
    EXPECT_EQ(events_of(made.id()),
              (std::vector<std::string>{"warranty.registered", "warranty.extended",
                                        "warranty.extended"}));
}

TEST_F(Warranties, make_only_the_moves_of_their_lifecycle) {
    auto product = given.product().id;
    auto in_state = [&](const std::string& state) {
        auto id = registered(product, state == "expired" ? term(-30, -5) : term()).id();
        if (state == "void") given.must(when.post("/warranties/" + id + "/void"), 200, "void");
        return id;
    };
    const std::map<std::string, std::pair<int, int>> expected{// extend, void
                                                              {"active", {200, 200}},
                                                              {"expired", {200, 409}},
                                                              {"void", {409, 409}}};
    for (const auto& [state, codes] : expected) {
        SCOPED_TRACE(state);
        auto extended = when.post("/warranties/" + in_state(state) + "/extend", R"({"months":12})");
        auto voided = when.post("/warranties/" + in_state(state) + "/void",
                                R"({"reason":"Bought elsewhere"})");
        EXPECT_EQ(extended.status, codes.first) << extended;
        EXPECT_EQ(voided.status, codes.second) << voided;
        for (const auto& reply : {extended, voided}) {
            if (reply.status == 409) then(reply).refused(409, "illegal_transition");
        }
        if (voided.ok()) {
            then(voided).has("/status", "void").has("/void_reason", "Bought elsewhere");
        }
    }
}

TEST_F(Warranties, expire_when_their_last_day_is_over_and_nobody_asks) {
    Server own;
    Story there(own);
    auto body = [&](const std::string& term) {
        return R"({"product_id":)" + in_quotes(there.given.product().id) + R"(,"customer_id":)" +
               in_quotes(there.given.customer().id) + "," + term + "}";
    };
    auto register_one = [&](const std::string& term) {
        return there.given.must(there.when.post("/warranties", body(term)), 201, "warranty").id();
    };
    auto over = register_one(R"("serial_number":"S-1",)" + term(-20, 20)),
         stays = register_one(term());
    // The days go by behind the server's back.
    own.database().ask("update warranties set ends_on = starts_on where id = " +
                       own.database().literal(over));
    own.restart();
    there.when.close();
    auto expired = [&] { return there.when.get("/warranties/" + over)["status"] == "expired"; };
    EXPECT_TRUE(eventually(20s, expired)) << there.when.get("/warranties/" + over);
    there.then.thing("/warranties", stays).has_status("active");
    there.then.thing("/warranties", over).has("/version", "2");
    own.stop();
    auto verified = own.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

// ---- by delivery

TEST_F(Warranties, begin_with_the_delivery_of_what_comes_with_one) {
    auto product = given.product("KETTLE", "49.99", R"("warranty_months":24)");
    auto plain = given.product().with_stock(2);
    auto order = given.shipped(given.paid(given.processed(
        given.order(std::vector<Wanted>{{product.with_stock(3).sku, 3}, {plain.sku, 2}}))));
    EXPECT_TRUE(warranties_of(order.id).empty()) << "before it arrives";
    auto delivered = when.post("/shipments/" + order.shipment + "/deliver");
    then(delivered).has_code(200);
    EXPECT_LE(rounds_of(delivered), most_rounds) << delivered.header("Server-Timing");
    auto made = warranties_of(order.id);
    ASSERT_EQ(made.size(), 1u);
    EXPECT_EQ(made[0]["product_id"], product.id);
    EXPECT_EQ(made[0]["customer_id"], order.json["customer_id"].text());
    EXPECT_EQ(made[0]["order_item_id"], order.line());
    EXPECT_EQ(made[0]["quantity"], 3) << "one for the line";
    EXPECT_EQ(made[0]["status"], "active");
    auto starts = made[0]["starts_on"].text(), ends = made[0]["ends_on"].text();
    EXPECT_EQ(starts, delivered.text("/delivered_at").substr(0, 10));
    EXPECT_EQ(std::stoi(ends.substr(0, 4)), std::stoi(starts.substr(0, 4)) + 2);
    then.order(order.id).and_published(
        {"shipment.delivered", "warranty.registered", "order.delivered"});
    then(when.post("/shipments/" + order.shipment + "/deliver")).refused(409, "illegal_transition");
    EXPECT_EQ(warranties_of(order.id).size(), 1u);
}

TEST_F(Warranties, of_pieces_with_serial_numbers_follow_the_piece) {
    auto product = given.product("PHONE", "300.00", R"("warranty_months":24,"tracking":"serial")");
    auto first = given.unique("SN"), second = given.unique("SN");
    auto stock = R"({"location_id":1,"quantity":"2","serial_numbers":[)" + in_quotes(first) + "," +
                 in_quotes(second) + "]}";
    given.must(when.post("/inventory/items/" + product.sku + "/receive", stock), 200, "receive");
    auto by_hand = [&](const std::string& serial, const std::string& customer) {
        return given
            .must(when.post("/warranties", R"({"product_id":)" + in_quotes(product.id) +
                                               R"(,"customer_id":)" + in_quotes(customer) +
                                               R"(,"serial_number":)" + in_quotes(serial) + "," +
                                               term() + "}"),
                  201, "warranty")
            .id();
    };
    auto order = given.paid(given.processed(given.order(product, 2)));
    // One registered it before it arrived; the other piece was somebody else's once.
    auto own = by_hand(first, order.json["customer_id"].text());
    auto former = by_hand(second, given.customer().id);
    order = given.delivered(given.shipped(order));
    auto made = warranties_of(order.id);
    ASSERT_EQ(made.size(), 1u);
    EXPECT_EQ(made[0]["serial_number"], second);
    EXPECT_EQ(made[0]["quantity"], 1);
    then.thing("/warranties", own).has_status("active");
    then.thing("/warranties", former).has_status("void");
    EXPECT_EQ(events_of(former),
              (std::vector<std::string>{"warranty.registered", "warranty.voided"}));
    auto holder = when.get("/warranties/lookup?serial_number=" + second);
    then(holder).has("/data/0/order_id", order.id).has("/data/1/id", former);
}

TEST_F(Warranties, of_each_partial_delivery_are_its_own) {
    auto product = given.product("KETTLE", "49.99", R"("warranty_months":12)").with_stock(5);
    auto order = given.paid(given.processed(given.order(product, 5)));
    for (std::int64_t pieces : {2, 3}) {
        auto body = R"({"order_id":)" + in_quotes(order.id) + R"(,"items":[{"order_item_id":)" +
                    in_quotes(order.line()) + R"(,"quantity":)" + std::to_string(pieces) + "}]}";
        auto id = given.must(when.post("/shipments", body), 201, "shipment").id();
        given.must(when.post("/shipments/" + id + "/ship"), 200, "ship");
        given.must(when.post("/shipments/" + id + "/deliver"), 200, "deliver");
    }
    auto made = warranties_of(order.id);
    ASSERT_EQ(made.size(), 2u);
    EXPECT_EQ(made[0]["quantity"], 2);
    EXPECT_EQ(made[1]["quantity"], 3);
}

// A carrier whose reports are signed with its secret.
class CarrierLine {
  public:
    CarrierLine(Client& client, Given& given) : client_(client) {
        code_ = given.unique("dove");
        std::ranges::transform(code_, code_.begin(), [](char c) {
            return c == '_' ? '-' : static_cast<char>(std::tolower(c));
        });
        auto made =
            given.must(client.post("/carriers", object_of({{"code", code_}, {"name", "Dove"}})),
                       201, "carrier");
        secret_ = made["secret"].text();
    }
    const std::string& code() const { return code_; }
    Reply says(const std::string& number, const std::string& status, const std::string& event) {
        auto body =
            object_of({{"tracking_number", number}, {"status", status}, {"event_id", event}});
        auto at = std::time(nullptr);
        auto key = auth::webhook_secret_bytes(secret_).value();
        auto signature = "v1," + auth::base64(auth::hmac_sha256(
                                     key, event + "." + std::to_string(at) + "." + body));
        Client client(client_);
        return client.post("/carriers/" + code_ + "/webhook", body,
                           {{"webhook-id", event},
                            {"webhook-timestamp", std::to_string(at)},
                            {"webhook-signature", signature}});
    }

  private:
    Client& client_;
    std::string code_, secret_;
};

TEST_F(Warranties, begin_once_however_often_a_carrier_reports_the_delivery) {
    auto product = given.product("KETTLE", "49.99", R"("warranty_months":24)").with_stock(2);
    auto order = given.paid(given.processed(given.order(product, 2)));
    CarrierLine dove(when, given);
    auto number = given.unique("DV");
    auto shipment = given.must(when.post("/shipments", object_of({{"order_id", order.id},
                                                                  {"carrier", dove.code()},
                                                                  {"tracking_number", number}})),
                               201, "shipment");
    given.must(when.post("/shipments/" + shipment.id() + "/ship"), 200, "ship");
    auto replies = parallel(8, [&](int i) {
        // Some are the same message again, some another one about the same.
        return dove.says(number, "delivered", "evt-" + number + "-" + std::to_string(i / 2));
    });
    for (const auto& reply : replies) then(reply).has_code(200);
    then(dove.says(number, "in_transit", "evt-late-" + number)).has_code(200);
    then.order(order.id).has_status("delivered");
    auto made = warranties_of(order.id);
    ASSERT_EQ(made.size(), 1u);
    EXPECT_EQ(made[0]["quantity"], 2);
}

// ---- who holds a piece

TEST_F(Warranties, tell_who_holds_a_serial_number) {
    auto order = given.delivered_order();
    auto product = order.json["items"][0]["product_id"].text();
    auto customer = order.json["customer_id"].text();
    auto serial = given.unique("SN/ü ");
    auto body = R"({"product_id":)" + in_quotes(product) + R"(,"customer_id":)" +
                in_quotes(customer) + R"(,"order_item_id":)" + in_quotes(order.line()) +
                R"(,"serial_number":)" + in_quotes(serial) + "," + term() + "}";
    auto voided = given.must(when.post("/warranties", body), 201, "warranty").id();
    given.must(when.post("/warranties/" + voided + "/void"), 200, "void");
    auto held = given.must(when.post("/warranties", body), 201, "warranty").id();
    auto first = claim(held), second = claim(held);
    registered(given.product().id, R"("serial_number":)" + in_quotes(serial) + "," + term());

    auto path = "/warranties/lookup?serial_number=" + escaped(serial);
    EXPECT_EQ(when.get(path)["data"].size(), 3u) << "of two products";
    auto found = when.get(path + "&product_id=" + product);
    ASSERT_EQ(found["data"].size(), 2u) << found;
    then(found).has("/data/0/id", held).has("/data/0/status", "active");
    then(found).has("/data/0/order_id", order.id).has("/data/0/order_number", order.number);
    then(found).has("/data/0/customer/id", customer).has("/data/0/customer/last_name", "Lovelace");
    ASSERT_EQ(found.at("/data/0/claims").size(), 2u) << found;
    then(found).has("/data/0/claims/0/id", first).has("/data/0/claims/1/id", second);
    then(found).has("/data/1/id", voided).has("/data/1/status", "void");

    auto narrow = server.anybody().as(server.key({"warranties:read"}));
    auto little = narrow.get(path + "&product_id=" + product);
    then(little).has("/data/0/id", held);
    EXPECT_FALSE(little.at("/data/0/customer").exists()) << "whoever may not read customers";
    EXPECT_FALSE(little.at("/data/0/claims").exists());
    EXPECT_FALSE(little.at("/data/0/order_number").exists());
    EXPECT_EQ(when.get("/warranties/lookup?serial_number=none-such")["data"].size(), 0u);
    then(when.get("/warranties/lookup")).refused(400, "invalid").names("?serial_number");
    auto stranger = server.other_tenant(given.unique("other"));
    EXPECT_EQ(stranger.get(path)["data"].size(), 0u);
}

TEST_F(Warranties, and_claims_are_found_by_what_people_know) {
    auto serial = given.unique("SN");
    auto product = given.product().id;
    auto made = registered(product, R"("serial_number":)" + in_quotes(serial) + "," + term(-1, 9));
    auto customer = made.text("/customer_id");
    for (const auto& filter :
         {"product_id=" + product, "customer_id=" + customer, "serial_number=" + serial,
          "warranty_number=" + made.text("/warranty_number"),
          "status=active&customer_id=" + customer,
          "ends_before=" + day(10) + "&customer_id=" + customer,
          "created_after=2026-01-01T00:00:00Z&product_id=" + product}) {
        auto found = when.get("/warranties?" + filter);
        ASSERT_EQ(found["data"].size(), 1u) << filter << ": " << found;
        then(found).has("/data/0/id", made.id());
    }
    for (const auto& filter : {"status=void&customer_id=" + customer,
                               "ends_before=" + day(9) + "&customer_id=" + customer}) {
        EXPECT_EQ(when.get("/warranties?" + filter)["data"].size(), 0u) << filter;
    }
    auto id = claim(made.id());
    auto number = when.get("/warranties/claims/" + id)["claim_number"].text();
    for (const auto& filter :
         {"warranty_id=" + made.id(), "customer_id=" + customer, "product_id=" + product,
          "claim_number=" + number, "status=submitted&customer_id=" + customer}) {
        auto found = when.get("/warranties/claims?" + filter);
        ASSERT_EQ(found["data"].size(), 1u) << filter << ": " << found;
        then(found).has("/data/0/id", id);
    }
    EXPECT_EQ(
        when.get("/warranties/claims?status=approved&warranty_id=" + made.id())["data"].size(), 0u);
}

TEST_F(Warranties, are_walked_page_by_page_without_a_hole) {
    auto product = given.product().id;
    std::set<std::string> wanted, seen;
    for (int i = 0; i < 7; ++i) wanted.insert(registered(product).id());
    std::string cursor;
    do {
        auto page = when.get("/warranties?limit=2&product_id=" + product + cursor);
        for (const auto& one : page["data"].elements()) {
            EXPECT_TRUE(seen.insert(one["id"].text()).second) << "twice";
        }
        auto next = page["next_cursor"];
        cursor = next.is_string() ? "&cursor=" + escaped(next.text()) : "";
    } while (!cursor.empty());
    EXPECT_EQ(seen, wanted);
}

// ---- claims

TEST_F(Warranties, take_claims_on_the_days_that_they_cover) {
    auto product = given.product().id;
    auto on = [&](const std::string& term) {
        return when.post("/warranties/claims", claim_body(registered(product, term).id()));
    };
    then(on(term(0, 0))).created().has("/status", "submitted");
    then(on(term(-10, 0))).created();
    then(on(term(-10, -1))).refused(409, "warranty_not_active");
    then(on(term(1, 10))).refused(409, "warranty_not_active");
    auto voided = warranty();
    given.must(when.post("/warranties/" + voided + "/void"), 200, "void");
    then(when.post("/warranties/claims", claim_body(voided))).refused(409, "warranty_not_active");
    auto expired = registered(product, term(-10, -1)).id();
    given.must(when.post("/warranties/" + expired + "/extend", R"({"months":1})"), 200, "extend");
    then(when.post("/warranties/claims", claim_body(expired))).created();
}

TEST_F(Warranties, take_claims_with_evidence) {
    auto id = warranty();
    auto made = when.post("/warranties/claims",
                          claim_body(id, R"(,"evidence":["https://photos.example.com/1.jpg#top",)"
                                         R"("http://example.org/a?b=c"])"));
    then(made).created().has("/evidence/0", "https://photos.example.com/1.jpg#top");
    EXPECT_EQ(made.text("/claim_number").substr(0, 3), "CL-") << made;
    EXPECT_LE(rounds_of(made), most_rounds);
    EXPECT_EQ(when.get("/warranties/claims/" + made.id()).body, made.body);
    EXPECT_EQ(made.header("Location"), "/api/v1/warranties/claims/" + made.id());

    auto with = [&](const std::string& more) {
        return when.post("/warranties/claims", claim_body(id, more));
    };
    auto bad = with(R"(,"evidence":["https://ok.example/","ftp://example.com/x","no link",)"
                    R"("javascript:void","https://me:secret@example.com/"])");
    then(bad).refused(400, "invalid").names("/evidence/1").names("/evidence/2");
    then(bad).names("/evidence/3").names("/evidence/4");
    EXPECT_EQ(bad["errors"].size(), 4u) << bad;
    std::string many;
    for (int i = 0; i < 21; ++i) many += (i ? "," : "") + in_quotes("https://example.com/");
    then(with(R"(,"evidence":[)" + many + "]")).refused(400, "invalid").names("/evidence");
    auto longest = "https://example.com/" + std::string(1980, 'x');
    then(with(R"(,"evidence":[)" + in_quotes(longest) + "]")).created();
    then(with(R"(,"evidence":[)" + in_quotes(longest + "x") + "]"))
        .refused(400, "invalid")
        .names("/evidence/0");
    then(with(R"(,"quantity":2)")).refused(409, "exceeds_warranty").names("/quantity");
    then(when.post("/warranties/claims", claim_body(nothing())))
        .refused(400, "invalid")
        .names("/warranty_id");
    then(when.post("/warranties/claims", R"({"warranty_id":)" + in_quotes(id) + "}"))
        .refused(400, "invalid")
        .names("/description");
}

TEST_F(Warranties, claims_make_only_the_moves_of_their_lifecycle) {
    auto held = registered(given.product().with_stock(99).id).id();
    const std::map<std::string, std::vector<std::string>> ways{
        {"submitted", {}},
        {"under_review", {"review"}},
        {"approved", {"review", "approve"}},
        {"rejected", {"reject"}},
        {"withdrawn", {"review", "withdraw"}},
        {"resolved", {"approve", "resolve"}}};
    const std::map<std::string, std::map<std::string, std::string>> moves{
        {"submitted",
         {{"review", "under_review"},
          {"approve", "approved"},
          {"reject", "rejected"},
          {"withdraw", "withdrawn"}}},
        {"under_review",
         {{"approve", "approved"}, {"reject", "rejected"}, {"withdraw", "withdrawn"}}},
        {"approved", {{"resolve", "resolved"}}}};
    auto body = [](const std::string& action) {
        return action == "resolve" ? R"({"resolution":"replace"})" : R"({"reason":"so it is"})";
    };
    for (const auto& [state, way] : ways) {
        for (const char* action : {"review", "approve", "reject", "withdraw", "resolve"}) {
            SCOPED_TRACE(state + " " + action);
            auto id = claim(held);
            for (const auto& step : way) given.must(act(id, step, body(step)), 200, step);
            auto legal = moves.contains(state) && moves.at(state).contains(action);
            auto reply = act(id, action, body(action));
            if (legal) {
                then(reply).has_code(200).has("/status", moves.at(state).at(action));
            } else {
                then(reply).refused(409, "illegal_transition");
                then.thing("/warranties/claims", id).has_status(state);
            }
            EXPECT_LE(rounds_of(reply), most_rounds) << reply.header("Server-Timing");
        }
    }
}

TEST_F(Warranties, claims_are_decided_by_who_may) {
    auto held = warranty();
    auto clerk = server.anybody().as(server.key({"claims:create", "claims:read"}));
    auto made = clerk.post("/warranties/claims", claim_body(held));
    then(made).created();
    then(clerk.post("/warranties/claims/" + made.id() + "/approve")).refused(403, "forbidden");
    then(clerk.post("/warranties/claims/" + made.id() + "/resolve", R"({"resolution":"replace"})"))
        .refused(403, "forbidden");
    auto judge = server.anybody().as(server.key({"claims:decide"}));
    auto rejected = judge.post("/warranties/claims/" + made.id() + "/reject",
                               R"({"reason":"Dropped into the sea"})");
    then(rejected).has_code(200).has("/decision_reason", "Dropped into the sea");
    EXPECT_TRUE(rejected["decided_at"].is_string()) << rejected;
    EXPECT_EQ(events_of(made.id()),
              (std::vector<std::string>{"claim.submitted", "claim.rejected"}));
}

TEST_F(Warranties, that_were_voided_meanwhile_back_no_decision) {
    auto held = warranty();
    auto open = claim(held), agreed = approved(held);
    given.must(when.post("/warranties/" + held + "/void"), 200, "void");
    then(act(open, "approve")).refused(409, "warranty_not_active");
    then(act(agreed, "resolve", R"({"resolution":"replace"})")).refused(409, "warranty_not_active");
    then(act(open, "reject")).has_code(200);
}

// ---- resolving

TEST_F(Warranties, a_claim_is_resolved_by_new_goods) {
    auto address = R"("shipping_address":{"line1":"12 St James's Square","city":"London",)"
                   R"("country":"GB"})";
    auto product = given.product("KETTLE", "49.99", R"("warranty_months":24)").with_stock(3);
    auto order = given.delivered(
        given.shipped(given.paid(given.processed(given.order(product, 2, address)))));
    auto held = warranties_of(order.id).at(0)["id"].text();
    auto id = approved(held);
    // Nobody needs orders:price to settle what was promised.
    auto judge = server.anybody().as(server.key({"claims:decide"}));
    auto resolved = judge.post("/warranties/claims/" + id + "/resolve",
                               R"({"resolution":"replace","reason":"Cracked"})");
    then(resolved).has_code(200).has("/status", "resolved").has("/resolution", "replace");
    then(resolved).has("/resolution_reason", "Cracked").has("/refund_ids", "[]");
    EXPECT_TRUE(resolved["resolved_at"].is_string()) << resolved;
    EXPECT_LE(rounds_of(resolved), most_rounds) << resolved.header("Server-Timing");

    auto replacement = resolved.text("/order_id");
    then.order(replacement)
        .has_status("pending")
        .has_payment_status("paid")
        .has("/origin", "replacement")
        .has("/origin_order_id", order.id)
        .has("/customer_id", order.json["customer_id"].text())
        .has("/shipping_address/city", "London")
        .has("/total", "0.00")
        .has("/items/0/sku", product.sku)
        .has("/items/0/quantity", "1")
        .has("/items/0/unit_price", "0.00");
    auto back = when.get("/warranties/claims?order_id=" + replacement);
    then(back).has("/data/0/id", id);
    EXPECT_EQ(events_of(id),
              (std::vector<std::string>{"claim.submitted", "claim.approved", "claim.resolved"}));

    // It goes its way like any other, and what arrives is covered anew.
    Order sent{.id = replacement};
    given.delivered(given.shipped(given.processed(sent)));
    then.order(replacement).has_status("delivered");
    then.stock_is(product.sku, {"0", "0", "0"});
    EXPECT_EQ(warranties_of(replacement).size(), 1u);
    then(act(id, "resolve", R"({"resolution":"refund"})")).refused(409, "illegal_transition");
}

TEST_F(Warranties, a_claim_is_resolved_by_a_repair) {
    auto product = given.product("KETTLE").with_stock(1);
    auto gasket = given.product("GASKET").with_stock(3);
    auto id = approved(registered(product.id).id());
    auto repair = R"({"resolution":"repair","reason":"New gasket"})";
    then(act(id, "resolve", repair)).refused(409, "no_active_bom");
    auto bom = given.must(
        when.post("/boms", R"({"product_id":)" + in_quotes(product.id) + R"(,"items":[{"sku":)" +
                               in_quotes(gasket.sku) + R"(,"quantity":"1"}]})"),
        201, "bom");
    given.must(when.post("/boms/" + bom.id() + "/activate"), 200, "activate");
    then(act(id, "resolve", R"({"resolution":"repair","location_id":999999999})"))
        .refused(400, "invalid")
        .names("/location_id");
    then(act(id, "resolve", R"({"resolution":"refund","location_id":1})"))
        .refused(400, "invalid")
        .names("/location_id");
    auto resolved = act(id, "resolve", repair);
    then(resolved).has_code(200).has("/status", "resolved").has("/resolution", "repair");
    EXPECT_TRUE(resolved["order_id"].is_null()) << resolved;
    EXPECT_LE(rounds_of(resolved), most_rounds) << resolved.header("Server-Timing");
    auto work_order = resolved.text("/work_order_id");
    then.thing("/work-orders", work_order)
        .has_status("planned")
        .has("/kind", "repair")
        .has("/claim_id", id)
        .has("/quantity", "1");
    then(when.get("/warranties/claims?work_order_id=" + work_order)).has("/data/0/id", id);
    for (const char* step : {"release", "start", "complete"}) {
        given.must(when.post("/work-orders/" + work_order + "/" + step), 200, step);
    }
    then.stock_is(gasket.sku, {"2", "0", "2"});
    then.stock_is(product.sku, {"1", "0", "1"});
}

TEST_F(Warranties, a_claim_without_an_order_is_resolved_by_other_goods_too) {
    auto id = approved(warranty());
    auto successor = given.product("KETTLE-2");
    then(act(id, "resolve", R"({"resolution":"replace","sku":"no-such-sku"})"))
        .refused(400, "invalid")
        .names("/sku");
    auto resolved =
        act(id, "resolve", R"({"resolution":"replace","sku":)" + in_quotes(successor.sku) + "}");
    then(resolved).has_code(200);
    auto made = when.get("/orders/" + resolved.text("/order_id"));
    then(made).has("/items/0/sku", successor.sku).has("/total", "0.00");
    EXPECT_TRUE(made["origin_order_id"].is_null()) << made;
}

TEST_F(Warranties, a_claim_about_what_is_not_sold_any_more_says_so) {
    auto product = given.product();
    auto id = approved(registered(product.id).id());
    given.must(when.post("/products/" + product.id + "/archive"), 200, "archive");
    then(act(id, "resolve", R"({"resolution":"replace"})"))
        .refused(409, "product_unavailable")
        .names("/sku");
    then.thing("/warranties/claims", id).has_status("approved");
}

TEST_F(Warranties, a_claim_is_resolved_by_the_money_of_its_pieces) {
    // 3 for 10.00: a third is no whole number of cents.
    auto product = given.product("KETTLE", "3.33", R"("warranty_months":24)").with_stock(3);
    auto order = given.delivered(given.shipped(given.paid(given.processed(
        given.order(product, 3, R"("discount_total":"0.00","shipping_total":"5.00")")))));
    auto held = warranties_of(order.id).at(0)["id"].text();
    auto refund = [&](const std::string& claim) {
        auto resolved = act(claim, "resolve", R"({"resolution":"refund"})");
        then(resolved).has_code(200).has("/status", "resolved");
        EXPECT_LE(rounds_of(resolved), most_rounds) << resolved.header("Server-Timing");
        EXPECT_EQ(resolved["refund_ids"].size(), 1u) << resolved;
        EXPECT_TRUE(resolved["order_id"].is_null()) << resolved;
        auto path = "/refunds/" + resolved.text("/refund_ids/0");
        auto done = [&] { return when.get(path)["status"] == "succeeded"; };
        EXPECT_TRUE(eventually(20s, done)) << when.get(path);
        then(when.get(path)).has("/order_id", order.id);
        EXPECT_NE(when.get(path).text("/reason").find("CL-"), std::string::npos);
        return when.get(path).text("/amount");
    };
    EXPECT_EQ(refund(approved(held)), "3.33");
    EXPECT_EQ(refund(approved(held, R"(,"quantity":2)")), "6.66");
    then.order(order.id).has_payment_status("partially_refunded");
    then(act(approved(held), "resolve", R"({"resolution":"refund"})"))
        .refused(409, "refund_exceeds_captured");
}

TEST_F(Warranties, a_claim_gives_back_no_more_than_there_is) {
    auto order = delivered_with_warranty();
    auto held = warranties_of(order.id).at(0)["id"].text();
    auto id = approved(held);
    then(act(id, "resolve", R"({"resolution":"refund","amount":"50.00"})"))
        .refused(409, "refund_exceeds_captured");
    then(act(id, "resolve", R"({"resolution":"refund","amount":"0"})"))
        .refused(400, "invalid")
        .names("/amount");
    then(act(id, "resolve", R"({"resolution":"refund","amount":"1.001"})"))
        .refused(400, "invalid")
        .names("/amount");
    then(act(id, "resolve", R"({"resolution":"replace","amount":"1.00"})"))
        .refused(400, "invalid")
        .names("/amount");
    then(act(id, "resolve", R"({"resolution":"refund","sku":"X"})"))
        .refused(400, "invalid")
        .names("/sku");
    then(act(id, "resolve", R"({"resolution":"sing"})"))
        .refused(400, "invalid")
        .names("/resolution");
    auto resolved = act(id, "resolve", R"({"resolution":"refund","amount":"20.00"})");
    then(resolved).has_code(200);
    auto path = "/refunds/" + resolved.text("/refund_ids/0");
    EXPECT_EQ(when.get(path).text("/amount"), "20.00");
}

TEST_F(Warranties, only_who_may_refund_gives_back_more_than_the_goods_cost) {
    auto product = given.product("KETTLE", "10.00", R"("warranty_months":24)").with_stock(2);
    auto order =
        given.delivered(given.shipped(given.paid(given.processed(given.order(product, 2)))));
    auto id = approved(warranties_of(order.id).at(0)["id"].text());
    auto path = "/warranties/claims/" + id + "/resolve";
    auto judge = server.anybody().as(server.key({"claims:decide"}));
    then(judge.post(path, R"({"resolution":"refund","amount":"10.01"})"))
        .refused(400, "invalid")
        .names("/amount");
    then(when.post(path, R"({"resolution":"refund","amount":"10.01"})")).has_code(200);
}

TEST_F(Warranties, that_name_no_order_give_no_money_back) {
    then(act(approved(warranty()), "resolve", R"({"resolution":"refund"})"))
        .refused(409, "claim_needs_order");
    auto order = given.delivered_order();
    auto product = order.json["items"][0]["product_id"].text();
    auto held = registered(product, R"("order_id":)" + in_quotes(order.id) + "," + term()).id();
    auto id = approved(held);
    then(act(id, "resolve", R"({"resolution":"refund"})")).refused(400, "invalid").names("/amount");
    then(act(id, "resolve", R"({"resolution":"refund","amount":"5.00"})")).has_code(200);
}

TEST_F(Warranties, a_claim_is_resolved_once_when_many_resolve_it_at_once) {
    Server own;
    Story there(own);
    auto product = there.given.product("KETTLE", "10.00", R"("warranty_months":24)").with_stock(20);
    for (int round = 0; round < 5; ++round) {
        auto order = there.given.delivered(there.given.shipped(
            there.given.paid(there.given.processed(there.given.order(product, 1)))));
        auto held = there.when.get("/warranties?order_id=" + order.id).at("/data/0/id").text();
        auto id =
            there.given.must(there.when.post("/warranties/claims", claim_body(held)), 201, "claim")
                .id();
        auto path = "/warranties/claims/" + id;
        there.given.must(there.when.post(path + "/approve"), 200, "approve");
        auto replies = parallel(8, [&](int i) {
            Client client(there.when);
            return client.post(path + "/resolve", i % 2 ? R"({"resolution":"replace"})"
                                                        : R"({"resolution":"refund"})");
        });
        auto done = std::ranges::count(replies, 200, &Reply::status);
        EXPECT_EQ(done, 1);
        for (const auto& reply : replies) {
            if (reply.status != 200) then(reply).refused(409, "illegal_transition");
        }
    }
    auto settled = [&] {
        return there.when.get("/refunds?status=processing")["data"].size() == 0u;
    };
    EXPECT_TRUE(eventually(20s, settled));
    own.stop();
    auto verified = own.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

// verify must be able to find what does not hold.
TEST_F(Warranties, that_do_not_hold_are_found_by_verify) {
    Server own;
    Story there(own);
    auto product = there.given.product("KETTLE", "10.00", R"("warranty_months":24)").with_stock(9);
    auto order = there.given.delivered(there.given.shipped(
        there.given.paid(there.given.processed(there.given.order(product, 2)))));
    auto held = there.when.get("/warranties?order_id=" + order.id).at("/data/0/id").text();
    std::vector<std::string> claims;
    for (const char* resolution : {"replace", "refund"}) {
        auto id =
            there.given.must(there.when.post("/warranties/claims", claim_body(held)), 201, "claim")
                .id();
        auto path = "/warranties/claims/" + id;
        there.given.must(there.when.post(path + "/approve"), 200, "approve");
        there.given.must(
            there.when.post(path + "/resolve", object_of({{"resolution", resolution}})), 200,
            "resolve");
        claims.push_back(id);
    }
    auto settled = [&] {
        return there.when.get("/refunds?status=processing")["data"].size() == 0u;
    };
    EXPECT_TRUE(eventually(20s, settled));
    auto refund = there.when.get("/warranties/claims/" + claims[1]).at("/refund_ids/0").text();
    own.stop();
    ASSERT_EQ(own.run({"verify"}).status, 0) << own.run({"verify"}).output;

    auto& database = own.database();
    struct Row {
        std::string harm, repair, told;
    };
    const Row rows[] = {
        {"update orders set origin = null where origin = 'replacement'",
         "update orders set origin = 'replacement' where id = (select order_id from claims "
         "where order_id is not null)",
         "the order that replaces its goods is none"},
        {"update claims set refund_ids = '[\"" + nothing() + "\"]' where resolution = 'refund'",
         "update claims set refund_ids = '[\"" + refund + "\"]' where resolution = 'refund'",
         "does not exist, or is of another order"},
        {"update warranties set quantity = 3", "update warranties set quantity = 2",
         "warranties were registered for 3 pieces of 2"},
        {"update warranties set customer_id = id",
         "update warranties set customer_id = (select max(customer_id) from claims)",
         "its customer does not exist"}};
    for (const auto& [harm, repair, told] : rows) {
        SCOPED_TRACE(harm);
        if (on_postgres() && repair.find("max(customer_id)") != repair.npos) continue;
        database.ask(harm);
        auto found = own.run({"verify"});
        EXPECT_EQ(found.status, 1);
        EXPECT_NE(found.output.find(told), std::string::npos) << found.output;
        database.ask(repair);
    }
    EXPECT_EQ(own.run({"verify"}).status, 0) << own.run({"verify"}).output;
}

}  // namespace
}  // namespace stateset::support
