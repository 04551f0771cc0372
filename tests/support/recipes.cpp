#include "support/recipes.hpp"

#include <algorithm>
#include <stdexcept>

namespace stateset::support {
namespace {

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

}  // namespace

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

}  // namespace stateset::support
