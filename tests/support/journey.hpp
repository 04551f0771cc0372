#pragma once
// The words that journeys are told in. A test names what it needs (`given`), does one thing
// (`when`) and says what must follow (`then`); all three go through the API, on the real binary.
//
//     class Orders : public Journey {};
//     TEST_F(Orders, cancelling_a_shipped_order_is_refused) {
//         auto order = given.shipped_order();
//         auto reply = when.post("/orders/" + order.id + "/cancel");
//         then(reply).refused(409, "illegal_transition");
//         then.order(order.id).has_status("shipped").and_published_nothing();
//     }
//
// All journeys of a process share one server, so a thing made by `given` has a name of its own:
// `given.product("MUG", "49.99")` has the sku "MUG-…"; use `product.sku`. A test that needs a world
// of its own makes a Server and a Story of it: `Server server; Story story(server);
// story.given…`. Each thread needs a Story or Client of its own.

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/client.hpp"
#include "support/receiver.hpp"
#include "support/server.hpp"
#include "support/together.hpp"

namespace stateset::support {

using Place = std::source_location;

class Given;

struct Product {
    std::string id, sku, price;
    Json json;
    Given* given = nullptr;
    // Receives stock at location 1 (MAIN). The quantity as text may have fractions: "2.5".
    Product& with_stock(std::int64_t quantity);
    Product& with_stock(std::string_view quantity, std::int64_t location_id = 1);
};

struct Customer {
    std::string id, email;
    Json json;
};

struct Order {
    std::string id, number, total;
    std::string sku;                // of its first line
    std::string payment, shipment;  // ids, once there are any
    Json json;                      // as it was answered last
    std::string line(std::size_t at = 0) const { return json["items"][at]["id"].text(); }
};

using Wanted = std::pair<std::string, std::int64_t>;  // sku, quantity

// What a test starts from. Each of these throws when the server refuses.
class Given {
  public:
    explicit Given(Client client) : client_(std::move(client)) {}

    // A word that no other test has: "MUG-3f9a1c-7".
    std::string unique(std::string_view word);

    // `more` is further JSON members: R"("currency":"EUR","track_inventory":false)".
    Product product(std::string_view word = "MUG", std::string_view price = "49.99",
                    std::string_view more = {});
    void stock(const std::string& sku, std::string_view quantity, std::int64_t location_id = 1);
    Customer customer();

    // Two of a product of which there are 15, by a customer of its own.
    Order order();
    Order order(const Product&, std::int64_t quantity = 1, std::string_view more = {});
    Order order(const std::vector<Wanted>&, std::string_view more = {});
    // The same, further on its way. Without arguments each starts with `order()`.
    Order processed_order();
    Order paid_order();       // and processed
    Order shipped_order();    // and paid
    Order delivered_order();  // and shipped
    Order processed(Order);
    Order paid(Order, std::string_view token = "tok_ok");
    Order shipped(Order);
    Order delivered(Order);

    Reply must(Reply, int status, std::string_view what) const;  // throws on another status
    Client& client() { return client_; }
    // How many events its timeline had when `given` was done with it.
    std::size_t events_known_of(const std::string& order_id) const;

  private:
    Order remembered(Order);

    Client client_;
    std::map<std::string, std::size_t> events_;
};

// Something the server answered, to be looked at. Every check returns it again.
class Answered {
  public:
    Answered(const Reply& reply, Place place) : reply_(reply), place_(place) {}
    const Answered& has_code(int status) const;  // the HTTP status
    const Answered& succeeded() const;           // 2xx
    const Answered& created() const;             // 201 with Location
    // A problem of this status and code.
    const Answered& refused(int status, std::string_view code) const;
    // Among its errors there is one at this JSON pointer ("?name": a query parameter).
    const Answered& names(std::string_view pointer) const;
    const Answered& has(std::string_view pointer, std::string_view value) const;

  private:
    const Reply& reply_;
    Place place_;
};

// A thing as it stands at the server now.
class Standing {
  public:
    Standing(Client& client, Given& given, std::string path, std::string id, Place place);
    Standing& has(std::string_view pointer, std::string_view value);
    Standing& has_status(std::string_view status) { return has("/status", status); }
    Standing& has_payment_status(std::string_view s) { return has("/payment_status", s); }
    Standing& has_fulfillment_status(std::string_view s) { return has("/fulfillment_status", s); }
    // Orders: exactly these events since `given` was done with it, in this order.
    Standing& and_published(const std::vector<std::string>& types);
    Standing& and_published_nothing() { return and_published({}); }
    const Reply& reply() const { return reply_; }

  private:
    Client& client_;
    Given& given_;
    std::string path_, id_;
    Place place_;
    Reply reply_;
};

struct Stock {
    std::string on_hand, allocated, available;
    bool operator==(const Stock&) const = default;
};
std::ostream& operator<<(std::ostream&, const Stock&);

class Then {
  public:
    Then(Client client, Given& given) : client_(std::move(client)), given_(given) {}
    Answered operator()(const Reply& reply, Place place = Place::current()) const {
        return {reply, place};
    }
    Standing order(const std::string& id, Place place = Place::current()) {
        return thing("/orders", id, place);
    }
    Standing payment(const std::string& id, Place place = Place::current()) {
        return thing("/payments", id, place);
    }
    Standing shipment(const std::string& id, Place place = Place::current()) {
        return thing("/shipments", id, place);
    }
    Standing thing(const std::string& collection, const std::string& id,
                   Place place = Place::current()) {
        return {client_, given_, collection, id, place};
    }
    // What there is of a sku at a location.
    Stock stock(const std::string& sku, std::int64_t location_id = 1);
    // Expects it to be so.
    void stock_is(const std::string& sku, const Stock& wanted, Place place = Place::current());

  private:
    Client client_;
    Given& given_;
};

// given, when and then of one server, with an administrator's key.
struct Story {
    explicit Story(Server& server) : Story(server.admin()) {}
    explicit Story(const Client& client) : given(client), when(client), then(client, given) {}
    Story(const Story&) = delete;
    Story& operator=(const Story&) = delete;
    Given given;
    Client when;
    Then then;
};

class Journey : public ::testing::Test {
  protected:
    Server& server = Server::shared();
    Story story{server};
    Given& given = story.given;
    Client& when = story.when;
    Then& then = story.then;
};

}  // namespace stateset::support
