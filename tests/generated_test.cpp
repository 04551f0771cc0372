// What must hold for every route, tested for every route: they come from /openapi.json, so that a
// new one is covered by being served. What cannot be derived is a thing to act on; `recipes` says
// how to make one for each pattern with parameters, and a test fails when one is missing.

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "support/catalogue.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

// Any caller with credentials may use these, so they name no permission.
// Imports and exports need the permission of what they are about.
const std::set<std::string> without_permission{"GET /api/v1/auth/me",
                                               "POST /api/v1/auth/logout",
                                               "GET /api/v1/moves",
                                               "GET /auth/me",
                                               "POST /auth/logout",
                                               "GET /api/v1/imports",
                                               "POST /api/v1/imports",
                                               "GET /api/v1/imports/{id}",
                                               "GET /api/v1/imports/{id}/chunks/{chunk}",
                                               "PUT /api/v1/imports/{id}/chunks/{chunk}",
                                               "POST /api/v1/imports/{id}/start",
                                               "POST /api/v1/imports/{id}/cancel",
                                               "GET /api/v1/imports/{id}/errors",
                                               "GET /api/v1/exports",
                                               "POST /api/v1/exports",
                                               "GET /api/v1/exports/{id}",
                                               "POST /api/v1/exports/{id}/cancel",
                                               "GET /api/v1/exports/{id}/content"};

// Makes a thing in the administrator's tenant and returns the path parameters that lead to it.
using Recipe = std::function<std::vector<std::string>(Story&)>;

std::string id_of(Story& story, std::string_view path, const std::string& body) {
    return story.given.must(story.when.post(path, body), 201, path).id();
}

std::string first_id(Story& story, const std::string& path) {
    auto id = story.when.get(path)["data"][0]["id"].text();
    if (id.empty()) throw std::runtime_error("nothing at " + path);
    return id;
}

std::string address_body() {
    return R"({"address":{"line1":"12 St James's Square","city":"London",)"
           R"("postal_code":"SW1Y 4JH","country":"GB"}})";
}

using Texts = std::vector<std::string>;
using Recipes = std::vector<std::pair<std::string, Recipe>>;

// Patterns of things; the rest of a route is an action. The longer one stands first.
Recipes of_people() {
    return {
        {"/api/v1/customers/{id}/addresses/{address_id}",
         [](Story& story) -> Texts {
             auto customer = story.given.customer().id;
             return {customer,
                     id_of(story, "/customers/" + customer + "/addresses", address_body())};
         }},
        {"/api/v1/customers/{id}",
         [](Story& story) -> Texts { return {story.given.customer().id}; }},
        {"/api/v1/users/{id}",
         [](Story& story) -> Texts {
             auto email = story.given.unique("grace") + "@example.com";
             return {id_of(story, "/users",
                           R"({"name":"Grace","password":"long enough for all","email":")" + email +
                               R"(","roles":["viewer"]})")};
         }},
        {"/api/v1/roles/{id}",
         [](Story& story) -> Texts {
             return {id_of(story, "/roles",
                           R"({"permissions":["orders:read"],"name":")" +
                               story.given.unique("packer") + "\"}")};
         }},
        {"/api/v1/tenants/{id}",
         [](Story& story) -> Texts {
             auto email = story.given.unique("chief") + "@example.com";
             return {id_of(story, "/tenants",
                           R"({"name":")" + story.given.unique("Branch") +
                               R"(","administrator":{"password":"long enough for all","email":")" +
                               email + R"("}})")};
         }},
        {"/api/v1/api-keys/{id}",
         [](Story& story) -> Texts {
             return {id_of(story, "/api-keys", R"({"name":"till","scopes":["orders:read"]})")};
         }},
    };
}

Recipes of_stock() {
    return {
        {"/api/v1/products/{id}/variants/{variant_id}",
         [](Story& story) -> Texts {
             auto product = story.given.product();
             auto body = R"({"price":"9.99","options":{"colour":"blue"},"sku":")" +
                         story.given.unique("BLUE") + "\"}";
             return {product.id, id_of(story, "/products/" + product.id + "/variants", body)};
         }},
        {"/api/v1/products/{id}", [](Story& story) -> Texts { return {story.given.product().id}; }},
        {"/api/v1/inventory/items/by-number/{item_number}",
         [](Story& story) -> Texts { return {story.given.product().sku}; }},
        {"/api/v1/inventory/items/{id}",
         [](Story& story) -> Texts { return {story.given.product().with_stock(5).sku}; }},
        {"/api/v1/inventory/balances/{id}",
         [](Story& story) -> Texts {
             auto sku = story.given.product().with_stock(5).sku;
             auto item = story.when.get("/inventory/items/" + sku)["id"].text();
             return {first_id(story, "/inventory/balances?item_id=" + item)};
         }},
        {"/api/v1/inventory/reservations/{id}",
         [](Story& story) -> Texts {
             auto sku = story.given.product().with_stock(5).sku;
             return {id_of(story, "/inventory/items/" + sku + "/reserve", R"({"quantity":"1"})")};
         }},
        {"/api/v1/inventory/transfers/{id}",
         [](Story& story) -> Texts {
             auto sku = story.given.product().with_stock(5).sku;
             auto to = id_of(story, "/locations",
                             R"({"name":"South","type":"warehouse","code":")" +
                                 story.given.unique("SOUTH") + "\"}");
             return {id_of(story, "/inventory/transfers",
                           R"({"from_location_id":1,"to_location_id":)" + to +
                               R"(,"items":[{"sku":")" + sku + R"(","quantity":"2"}]})")};
         }},
        {"/api/v1/inventory/counts/{id}",
         [](Story& story) -> Texts { return {id_of(story, "/inventory/counts", "{}")}; }},
        {"/api/v1/inventory/lots/{id}",
         [](Story& story) -> Texts {
             auto sku = story.given.product("MILK", "3.00", R"("tracking":"lot")").sku;
             auto items = "/inventory/items/" + sku;
             story.given.must(
                 story.when.post(items + "/receive", R"({"quantity":"5","lot_number":"L1"})"), 200,
                 "a lot");
             auto item = story.when.get(items)["id"].text();
             return {first_id(story, "/inventory/lots?item_id=" + item)};
         }},
        {"/api/v1/inventory/serials/{id}",
         [](Story& story) -> Texts {
             auto sku = story.given.product("WATCH", "99.00", R"("tracking":"serial")").sku;
             auto items = "/inventory/items/" + sku;
             story.given.must(
                 story.when.post(items + "/receive", R"({"quantity":"1","serial_numbers":["S1"]})"),
                 200, "a piece");
             auto item = story.when.get(items)["id"].text();
             return {first_id(story, "/inventory/serials?item_id=" + item)};
         }},
        {"/api/v1/locations/{id}",
         [](Story& story) -> Texts {
             return {id_of(story, "/locations",
                           R"({"name":"North","type":"warehouse","code":")" +
                               story.given.unique("NORTH") + "\"}")};
         }},
    };
}

Recipes of_orders() {
    return {
        {"/api/v1/orders/by-number/{order_number}",
         [](Story& story) -> Texts { return {story.given.order().number}; }},
        {"/api/v1/orders/{id}/items/{order_item_id}",
         [](Story& story) -> Texts {
             auto order = story.given.order();
             return {order.id, order.line()};
         }},
        {"/api/v1/tax-rates/{id}",
         [](Story& story) -> Texts {
             return {id_of(story, "/tax-rates",
                           R"({"country":"AQ","rate":"0.1","name":"Ice","category":")" +
                               story.given.unique("ice") + "\"}")};
         }},
        {"/api/v1/orders/{id}", [](Story& story) -> Texts { return {story.given.order().id}; }},
        {"/api/v1/payments/{id}",
         [](Story& story) -> Texts { return {story.given.paid_order().payment}; }},
        {"/api/v1/refunds/{id}",
         [](Story& story) -> Texts {
             auto payment = story.given.paid_order().payment;
             auto refunded = story.when.post("/payments/" + payment + "/refund");
             if (!refunded.ok()) throw std::runtime_error("no refund: " + refunded.body);
             return {first_id(story, "/refunds?payment_id=" + payment)};
         }},
        {"/api/v1/shipments/track/{number}",
         [](Story& story) -> Texts {
             auto shipment = story.given.shipped_order().shipment;
             return {story.when.get("/shipments/" + shipment)["tracking_number"].text()};
         }},
        {"/api/v1/returns/{id}",
         [](Story& story) -> Texts {
             auto order = story.given.shipped_order();
             auto body = R"({"order_id":")" + order.id + R"(","items":[{"order_item_id":")" +
                         order.line() + R"(","quantity":1}]})";
             return {id_of(story, "/returns", body)};
         }},
        {"/api/v1/shipments/{id}",
         [](Story& story) -> Texts { return {story.given.shipped_order().shipment}; }},
        {"/api/v1/carriers/{id}",
         [](Story& story) -> Texts {
             auto code = story.given.unique("dove");
             return {id_of(story, "/carriers", R"({"name":"Dove","code":")" + code + "\"}")};
         }},
    };
}

Recipes of_warranties() {
    auto warranty = [](Story& story) {
        return id_of(story, "/warranties",
                     R"({"product_id":")" + story.given.product().id + R"(","customer_id":")" +
                         story.given.customer().id +
                         R"(","starts_on":"2026-01-01","ends_on":"2099-12-31"})");
    };
    return {
        {"/api/v1/warranties/claims/{id}",
         [warranty](Story& story) -> Texts {
             return {
                 id_of(story, "/warranties/claims",
                       R"({"description":"It leaks.","warranty_id":")" + warranty(story) + "\"}")};
         }},
        {"/api/v1/warranties/{id}",
         [warranty](Story& story) -> Texts { return {warranty(story)}; }},
    };
}

Recipes of_webhooks() {
    return {
        {"/api/v1/webhooks/endpoints/{id}",
         [](Story& story) -> Texts {
             return {id_of(story, "/webhooks/endpoints",
                           R"({"url":"http://127.0.0.1:9/hook","events":["customer.erased"]})")};
         }},
        {"/api/v1/webhooks/deliveries/{id}",
         [](Story& story) -> Texts {
             Receiver receiver;
             auto endpoint = id_of(story, "/webhooks/endpoints",
                                   R"({"url":")" + receiver.url() + R"(","events":["order.*"]})");
             story.given.order();
             receiver.waits_for(1);
             auto id = first_id(story, "/webhooks/deliveries?endpoint_id=" + endpoint);
             story.when.remove("/webhooks/endpoints/" + endpoint);
             return {id};
         }},
    };
}

std::string active_bom(Story& story) {
    auto part = story.given.product("PART").sku;
    auto bom = id_of(story, "/boms",
                     R"({"product_id":")" + story.given.product("WHOLE").id +
                         R"(","items":[{"sku":")" + part + R"(","quantity":"2"}]})");
    story.given.must(story.when.post("/boms/" + bom + "/activate"), 200, "active BOM");
    return bom;
}

Recipes of_manufacturing() {
    return {
        {"/api/v1/boms/{id}", [](Story& story) -> Texts { return {active_bom(story)}; }},
        {"/api/v1/work-orders/{id}",
         [](Story& story) -> Texts {
             return {id_of(story, "/work-orders",
                           R"({"bom_id":")" + active_bom(story) + R"(","quantity":"1"})")};
         }},
    };
}

Recipes of_notifications() {
    return {
        {"/api/v1/notifications/templates/{id}",
         [](Story& story) -> Texts {
             static int made = 0;  // each in a language of its own
             std::string language{static_cast<char>('a' + made / 26 % 26),
                                  static_cast<char>('a' + made % 26)};
             ++made;
             return {id_of(story, "/notifications/templates",
                           R"({"event_type":"order.on_hold","channel":"sms","language":")" +
                               language + R"(","text":"Please wait."})")};
         }},
        {"/api/v1/notifications/messages/{id}",
         [](Story& story) -> Texts {
             // The server has nobody to send by, and so writes none itself.
             const auto& database = Server::shared().database();
             auto id = story.given.customer().id;
             database.ask(
                 "insert into notification_messages (tenant, id, version, event_id, event_type, "
                 "channel, customer_id, order_id, language, recipient, text, status, attempts, "
                 "tries, created_at, updated_at) select tenant, id, 1, id, 'order.created', 'sms', "
                 "id, id, 'en', '+44 20 7946 0000', 'Hello', 'dead', '[]', 0, created_at, "
                 "created_at from customers where id = " +
                 database.literal(id));
             return {id};
         }},
    };
}

Recipes of_jobs() {
    auto an_import = [](Story& story) {
        return id_of(story, "/imports", R"({"kind":"products","format":"csv"})");
    };
    return {
        {"/api/v1/imports/{id}/chunks/{chunk}",
         [=](Story& story) -> Texts {
             auto id = an_import(story);
             story.given.must(story.when.put("/imports/" + id + "/chunks/1", "sku"), 200, "chunk");
             return {id, "1"};
         }},
        {"/api/v1/imports/{id}", [=](Story& story) -> Texts { return {an_import(story)}; }},
        {"/api/v1/exports/{id}",
         [](Story& story) -> Texts {
             auto id = id_of(story, "/exports", R"({"kind":"products","format":"csv"})");
             // Cancelled, so that it stays as it is.
             story.when.post("/exports/" + id + "/cancel");
             return {id};
         }},
    };
}

const Recipes& recipes() {
    static const Recipes all = [] {
        Recipes together;
        for (const auto& some : {of_people(), of_stock(), of_manufacturing(), of_orders(),
                                 of_warranties(), of_webhooks(), of_notifications(), of_jobs()}) {
            together.insert(together.end(), some.begin(), some.end());
        }
        return together;
    }();
    return all;
}

const std::pair<std::string, Recipe>* recipe_for(const Route& route) {
    for (const auto& recipe : recipes()) {
        const auto& pattern = recipe.first;
        bool fits = route.path == pattern || route.path.starts_with(pattern + "/");
        auto parameters = std::ranges::count(pattern, '{');
        if (fits && static_cast<std::size_t>(parameters) == route.in_path.size()) return &recipe;
    }
    return nullptr;
}

class EveryRoute : public Journey {
  protected:
    const Catalogue catalogue = Catalogue::of(server.anybody());

    // Asks, and in passing makes sure that the server is never at a loss.
    Reply ask(Client& client, const Route& route, const std::string& path,
              const std::string& body = {}, Headers headers = {}) {
        auto reply = client.send(route.method, path, body, std::move(headers));
        EXPECT_GE(reply.status, 200) << route.name() << ": " << reply;
        EXPECT_LT(reply.status, 500) << route.name() << " with " << body << ": " << reply;
        return reply;
    }
    // A caller who may do something, but not this.
    Client& without(const std::string& permission) {
        return permission == "events:read" ? ops_reader_ : events_reader_;
    }
    std::string body_of(const Route& route) const {
        return route.body.exists() ? catalogue.example(route.body) : "";
    }
    // Texts of the right form that lead nowhere.
    std::string path_to_nothing(const Route& route) const {
        std::vector<std::string> texts;
        for (const auto& parameter : route.in_path) {
            if (parameter.schema["format"] == "uuid") {
                texts.push_back("0198c9f2-0000-7000-8000-00000000dead");
            } else if (catalogue.has_type(parameter.schema, "integer")) {
                texts.push_back("999999999999");
            } else {
                texts.push_back("no-such-thing");
            }
        }
        return Catalogue::path_with(route, texts);
    }

  private:
    Client events_reader_ = server.anybody().as(server.key({"events:read"}));
    Client ops_reader_ = server.anybody().as(server.key({"ops:read"}));
};

TEST_F(EveryRoute, asks_for_credentials) {
    auto nobody = server.anybody();
    auto stranger = nobody.as("sk_live_000000000000000000000000000000000000");
    for (const auto& route : catalogue.routes()) {
        if (route.open) continue;
        SCOPED_TRACE(route.name());
        for (auto* client : {&nobody, &stranger}) {
            auto reply = ask(*client, route, path_to_nothing(route), body_of(route));
            then(reply).refused(401, "unauthenticated");
            EXPECT_EQ(reply.header("WWW-Authenticate").substr(0, 6), "Bearer");
        }
    }
}

TEST_F(EveryRoute, asks_for_its_permission_and_changes_nothing_without) {
    for (const auto& route : catalogue.routes()) {
        if (route.open) continue;
        SCOPED_TRACE(route.name());
        auto& powerless = without(route.permission);
        if (route.permission.empty()) {
            EXPECT_TRUE(without_permission.contains(route.name())) << "names no permission";
            continue;
        }
        auto reply = ask(powerless, route, path_to_nothing(route), body_of(route));
        then(reply).refused(403, "forbidden");
    }
}

TEST_F(EveryRoute, has_a_recipe_for_what_it_acts_on) {
    for (const auto& route : catalogue.routes()) {
        if (route.open || route.in_path.empty()) continue;
        EXPECT_NE(recipe_for(route), nullptr)
            << route.name() << " needs a line in `recipes` (tests/generated_test.cpp)";
    }
}

TEST_F(EveryRoute, does_not_find_things_of_another_tenant_and_leaves_them_as_they_are) {
    auto other = server.other_tenant(given.unique("other"));
    std::map<std::string, std::vector<std::string>> made;
    for (const auto& route : catalogue.routes()) {
        auto* recipe = recipe_for(route);
        if (route.open || route.in_path.empty() || !recipe) continue;
        SCOPED_TRACE(route.name());
        try {
            if (!made.contains(recipe->first)) made[recipe->first] = recipe->second(story);
        } catch (const std::exception& failure) {
            ADD_FAILURE() << "the recipe of " << recipe->first << ": " << failure.what();
            continue;
        }
        const auto& texts = made[recipe->first];
        Route thing{.path = recipe->first};
        auto address = Catalogue::path_with(thing, texts);
        auto before = when.get(address);
        auto path = Catalogue::path_with(route, texts);
        auto reply = ask(other, route, path, body_of(route));
        EXPECT_EQ(reply.status, 404) << reply;
        EXPECT_EQ(ask(without(route.permission), route, path, body_of(route)).status,
                  route.permission.empty() ? reply.status : 403);
        auto after = when.get(address);
        EXPECT_EQ(after.status, before.status);
        EXPECT_EQ(after.header("ETag"), before.header("ETag"));
        EXPECT_EQ(after.body, before.body);
    }
}

// Every list, and every way to narrow it down by what a row names: a reader of another tenant gets
// no row that this one has, not by naming it either.
TEST_F(EveryRoute, lists_nothing_of_another_tenant) {
    const std::set<std::string> streams{"/api/v1/events/stream", "/api/v1/events/ws"};
    // Templates that came with the server are everybody's; tenants are the first one's to list.
    const std::string shared = "/api/v1/notifications/templates", first_only = "/api/v1/tenants";
    // Lists of what is in a state that no recipe brings about.
    const std::set<std::string> may_be_empty{"/api/v1/boms/costs", "/api/v1/inventory/low-stock"};
    auto other = server.other_tenant(given.unique("other"));
    for (const auto& [pattern, recipe] : recipes()) {
        SCOPED_TRACE(pattern);
        EXPECT_NO_THROW(recipe(story));
    }
    int rows = 0;
    for (const auto& route : catalogue.routes()) {
        if (route.method != "GET" || route.open || !route.in_path.empty()) continue;
        if (streams.contains(route.path)) continue;
        SCOPED_TRACE(route.name());
        auto ours = ask(when, route, route.path);
        if (!ours["data"].is_array()) continue;
        EXPECT_TRUE(ours["data"].size() > 0 || may_be_empty.contains(route.path))
            << "no recipe makes such a thing";
        auto theirs = ask(other, route, route.path);
        EXPECT_EQ(theirs.status, route.path == first_only ? 403 : 200) << theirs;
        std::set<std::string> foreign;
        for (const auto& row : theirs["data"].elements()) foreign.insert(row["id"].text());
        for (const auto& row : ours["data"].elements()) {
            ++rows;
            auto built_in = route.path == shared && !row["customized"].is_true();
            if (row["id"].exists() && !built_in) {
                EXPECT_FALSE(foreign.contains(row["id"].text())) << row.dump();
            }
            for (const auto& name : row.keys()) {
                if (!name.ends_with("_id") || !row[name].is_string()) continue;
                auto named = ask(other, route, route.path + "?" + name + "=" + row[name].text());
                EXPECT_EQ(named["data"].size(), 0u) << name << ": " << named;
            }
        }
    }
    EXPECT_GT(rows, 30);
}

TEST_F(EveryRoute, answers_404_to_ids_of_nothing_and_to_what_is_no_id) {
    for (const auto& route : catalogue.routes()) {
        if (route.open || route.in_path.empty()) continue;
        SCOPED_TRACE(route.name());
        auto nothing = ask(when, route, path_to_nothing(route), body_of(route));
        EXPECT_EQ(nothing.status, 404) << nothing;
        for (const char* text : {"no-id", "0198c9f2-6b7a", "-1", "0", "%", "\xff", "a/b"}) {
            std::vector<std::string> texts(route.in_path.size(), text);
            auto reply = ask(when, route, Catalogue::path_with(route, texts), body_of(route));
            EXPECT_EQ(reply.status, 404) << text << ": " << reply;
        }
    }
}

TEST_F(EveryRoute, reads_no_other_kind_of_body) {
    for (const auto& route : catalogue.routes()) {
        if (!route.body.exists()) continue;
        SCOPED_TRACE(route.name());
        auto path = path_to_nothing(route), body = body_of(route);
        for (Headers headers :
             {Headers{{"Content-Type", "text/plain"}},
              Headers{{"Content-Type", "application/json; charset=latin1"}},
              Headers{{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}}}) {
            auto reply = ask(when, route, path, body, headers);
            then(reply).refused(415, "unsupported_media_type");
        }
    }
}

TEST_F(EveryRoute, says_which_methods_its_path_has) {
    std::map<std::string, std::pair<const Route*, std::set<std::string>>> paths;
    for (const auto& route : catalogue.routes()) {
        auto& [one, methods] = paths[route.path];
        one = &route;
        methods.insert(route.method);
    }
    for (const auto& [path, known] : paths) {
        SCOPED_TRACE(path);
        const auto& [route, methods] = known;
        auto address = path_to_nothing(*route);
        for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
            if (methods.contains(method)) continue;
            auto reply = when.send(method, address);
            then(reply).refused(405, "method_not_allowed");
            for (const auto& allowed : methods) {
                EXPECT_NE(reply.header("Allow").find(allowed), std::string::npos)
                    << reply.header("Allow");
            }
        }
        auto options = when.send("OPTIONS", address);
        EXPECT_EQ(options.status, 204);
        EXPECT_NE(options.header("Allow").find(*methods.begin()), std::string::npos);
    }
}

TEST_F(EveryRoute, knows_no_other_query_parameters) {
    for (const auto& route : catalogue.routes()) {
        SCOPED_TRACE(route.name());
        auto path = path_to_nothing(route) + "?no_such_parameter=1";
        auto reply = ask(when, route, path, body_of(route));
        then(reply).refused(400, "invalid").names("?no_such_parameter");
    }
}

// A route's body, and each of its fields spoilt in every way its schema forbids.
class EveryBody : public EveryRoute {
  protected:
    void spoil(const Route& route, const std::string& pointer, const std::string& value,
               std::string_view why) {
        auto body = changed(base_, pointer, value);
        auto reply = ask(when, route, path_to_nothing(route), body);
        bool named = false;
        for (const auto& fault : reply["errors"].elements()) named |= fault["pointer"] == pointer;
        EXPECT_TRUE(reply.status == 400 && named) << route.name() << ", " << pointer << " " << why
                                                  << ": " << body.substr(0, 300) << "\n  " << reply;
        ++asked_;
    }
    void spoil_text(const Route& route, const std::string& pointer, const Json& schema) {
        if (schema["maxLength"].exists()) {
            auto length = static_cast<std::size_t>(schema["maxLength"].number()) + 1;
            spoil(route, pointer, "\"" + std::string(length, 'a') + "\"", "too long");
        }
        if (schema["minLength"].number() > 0) spoil(route, pointer, "\"\"", "too short");
        bool coded = schema["enum"].exists() || schema["format"].exists();
        if (coded || schema["pattern"].exists()) {
            spoil(route, pointer, "\"no such word\"", "is not of this form");
        }
        if (!coded) spoil(route, pointer, R"("bell\u0007")", "has a control character");
    }
    void spoil_field(const Route& route, const std::string& pointer, const Json& given, int depth) {
        auto schema = catalogue.resolved(given);
        bool object = catalogue.has_type(schema, "object");
        bool array = catalogue.has_type(schema, "array");
        if (!schema["type"].exists()) return;  // anything goes
        spoil(route, pointer, object || array ? "true" : R"({"is":"wrong"})", "of the wrong type");
        if (!catalogue.has_type(given, "null")) spoil(route, pointer, "null", "null");
        if (catalogue.has_type(schema, "string")) spoil_text(route, pointer, schema);
        if (schema["maximum"].exists()) {
            spoil(route, pointer, std::to_string(schema["maximum"].number() + 1), "too large");
        }
        if (schema["minimum"].exists()) {
            spoil(route, pointer, std::to_string(schema["minimum"].number() - 1), "too small");
        }
        if (array) spoil_list(route, pointer, schema, depth);
        if (object && depth < 4) spoil_object(route, pointer, schema, depth);
    }
    void spoil_list(const Route& route, const std::string& pointer, const Json& schema, int depth) {
        auto one = catalogue.example(schema["items"], depth + 1);
        if (schema["maxItems"].exists()) {
            std::string many = "[" + one;
            for (std::int64_t i = 0; i < schema["maxItems"].number(); ++i) many += "," + one;
            spoil(route, pointer, many + "]", "too many");
        }
        if (schema["minItems"].number() > 0) spoil(route, pointer, "[]", "too few");
        auto kept = base_;
        base_ = changed(base_, pointer, "[" + one + "]");
        spoil_field(route, pointer + "/0", schema["items"], depth + 1);
        base_ = kept;
    }
    void spoil_object(const Route& route, const std::string& pointer, const Json& schema,
                      int depth) {
        if (schema["additionalProperties"].exists() && schema["additionalProperties"].is_object()) {
            return;  // a map: its names are free
        }
        auto kept = base_;
        if (!pointer.empty()) base_ = changed(base_, pointer, catalogue.example(schema, 0));
        spoil(route, pointer + "/no_such_field", "1", "is unknown");
        for (const auto& required : schema["required"].elements()) {
            spoil(route, pointer + "/" + required.text(), "", "is missing");
        }
        for (const auto& name : schema["properties"].keys()) {
            spoil_field(route, pointer + "/" + name, schema["properties"][name], depth + 1);
        }
        base_ = kept;
    }

    std::string base_;
    int asked_ = 0;
};

TEST_F(EveryBody, is_refused_with_a_pointer_for_every_spoilt_field) {
    for (const auto& route : catalogue.routes()) {
        if (!route.body.exists()) continue;
        SCOPED_TRACE(route.name());
        base_ = body_of(route);
        spoil_object(route, "", catalogue.resolved(route.body), 0);
    }
    EXPECT_GT(asked_, 500);
    EXPECT_EQ(server.anybody().get("/readyz").status, 200);
}

TEST_F(EveryBody, is_one_json_object) {
    for (const auto& route : catalogue.routes()) {
        if (!route.body.exists()) continue;
        SCOPED_TRACE(route.name());
        for (const char* text : {"[]", "1", "\"text\"", "null", "true"}) {
            EXPECT_EQ(ask(when, route, path_to_nothing(route), text).status, 400) << text;
        }
        for (const char* text : {"{", "{}{}", " ", "{\"a\":}", "\xff"}) {
            auto reply = ask(when, route, path_to_nothing(route), text);
            then(reply).refused(400, "unreadable");
        }
    }
}

}  // namespace
}  // namespace stateset::support
