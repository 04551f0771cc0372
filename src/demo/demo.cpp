#include "demo/demo.hpp"

#include <array>
#include <chrono>
#include <thread>

#include "customers/customers.hpp"
#include "flows/create_product.hpp"
#include "flows/pay_order.hpp"
#include "flows/process_order.hpp"
#include "flows/ship_order.hpp"
#include "inventory/inventory.hpp"

namespace stateset::demo {
namespace {

constexpr Tenant first_tenant = 1;
constexpr std::int64_t order_count = 24;
constexpr std::chrono::seconds payment_patience{10};

struct Article {
    const char *sku, *name, *price, *description;
    std::int64_t stock;
};

constexpr Article articles[] = {
    {"MUG-WHITE", "Stoneware mug, white", "14.90", "Holds 350 ml, dishwasher safe.", 240},
    {"MUG-BLUE", "Stoneware mug, blue", "14.90", "Holds 350 ml, dishwasher safe.", 180},
    {"TEAPOT", "Cast iron teapot", "64.00", "1.2 litres, with strainer.", 35},
    {"KETTLE", "Gooseneck kettle", "79.50", "0.9 litres, for pour-over coffee.", 22},
    {"GRINDER", "Hand coffee grinder", "119.00", "Steel burrs, 30 g hopper.", 18},
    {"DRIPPER", "Ceramic dripper", "24.50", "For cone filters of size 2.", 90},
    {"FILTER-100", "Paper filters, 100", "7.20", "Cone, size 2, unbleached.", 600},
    {"BEANS-ETH", "Coffee, Ethiopia, 250 g", "13.80", "Washed; jasmine and citrus.", 150},
    {"BEANS-BRA", "Coffee, Brazil, 250 g", "11.40", "Natural; cocoa and hazelnut.", 150},
    {"SCALE", "Brewing scale", "45.00", "0.1 g steps, with timer.", 40},
};

constexpr std::array<std::pair<const char*, const char*>, 6> people{{{"Ada", "Lovelace"},
                                                                     {"Grace", "Hopper"},
                                                                     {"Edsger", "Dijkstra"},
                                                                     {"Barbara", "Liskov"},
                                                                     {"Donald", "Knuth"},
                                                                     {"Radia", "Perlman"}}};

class Shop {
    template <class F>
    auto run(F&& command) {
        return committer_.run(actor_, command, "demo");
    }

  public:
    explicit Shop(Committer& committer) : committer_(committer) {}

    void stock_up() {
        for (const auto& article : articles) {
            run([&](Tx& tx) {
                return flows::create_product(
                    tx, actor_,
                    {.name = {article.name},
                     .sku = {article.sku},
                     .description = Text<10'000>{article.description},
                     .price = {decimal_from(article.price, Amount::digits).value()},
                     .currency = currency_from("EUR").value()});
            });
            run([&](Tx& tx) {
                return inventory::receive(tx, actor_,
                                          {.id = article.sku,
                                           .quantity = Quantity::of(article.stock),
                                           .reason = Text<500, 0>{"opening stock"}});
            });
        }
    }

    void welcome_customers() {
        for (const auto& [first, last] : people) {
            auto customer = run([&](Tx& tx) {
                return customers::create(tx, actor_,
                                         {.email = {std::string(first) + "@example.com"},
                                          .first_name = Text<100>{first},
                                          .last_name = Text<100>{last}});
            });
            customers_.push_back(customer.id);
        }
    }

    // The n-th order goes as far as its number says: placed, processed, paid, shipped, delivered.
    void trade(std::int64_t n) {
        auto stage = n % 6;
        auto order = place(n);
        if (stage == 0) return;
        run([&](Tx& tx) { return flows::process_order(tx, actor_, {.id = order.id}); });
        if (stage == 1) return;
        pay(order.id);
        if (stage == 2) return;
        auto shipment =
            run([&](Tx& tx) { return flows::create_shipment(tx, actor_, {.order_id = order.id}); });
        if (stage == 3) return;
        run([&](Tx& tx) { return flows::ship_shipment(tx, actor_, {.id = shipment.id}); });
        if (stage == 4) return;
        run([&](Tx& tx) { return flows::deliver_shipment(tx, actor_, {.id = shipment.id}); });
    }

  private:
    orders::Order place(std::int64_t n) {
        constexpr auto kinds = static_cast<std::int64_t>(std::size(articles));
        orders::PlaceOrder wanted{.customer_id =
                                      customers_[static_cast<std::size_t>(n) % customers_.size()]};
        for (std::int64_t line = 0; line <= n % 3; ++line) {
            const auto& article = articles[(n * 7 + line * 3) % kinds];
            wanted.items.value.push_back(
                {.sku = Text<100>{article.sku}, .quantity = {1 + (n + line) % 2}});
        }
        wanted.shipping_address =
            customers::PostalAddress{.line1 = {std::to_string(10 + n) + " Market Street"},
                                     .city = {"Dublin"},
                                     .country = {"IE"}};
        return run([&](Tx& tx) { return orders::place(tx, actor_, wanted); });
    }

    // The gateway answers after the commit; shipping needs its answer.
    void pay(orders::OrderId order) {
        flows::PayOrder wanted;
        wanted.order_id = order;
        wanted.method.token = Text<255>{"tok_ok"};
        wanted.gateway = Text<50>{"sandbox"};
        auto started = run([&](Tx& tx) { return flows::pay_order(tx, actor_, wanted); });
        auto deadline = std::chrono::steady_clock::now() + payment_patience;
        auto settled = [&] {
            return run([&](Tx& tx) {
                return tx.peek<payments::Payment>(started.interim.id, "").status !=
                       payments::Status::processing;
            });
        };
        while (!settled() && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }

    Committer& committer_;
    Actor actor_ = system_actor(first_tenant);
    std::vector<customers::CustomerId> customers_;
};

}  // namespace

void fill(Committer& committer, ReadPool& reads) {
    auto actor = system_actor(first_tenant);
    auto there = reads.run(
        first_tenant, [&](Reads& from) { return !products::list(from, actor, {}).data.empty(); });
    if (there) return;
    Shop shop(committer);
    shop.stock_up();
    shop.welcome_customers();
    for (std::int64_t n = 0; n < order_count; ++n) shop.trade(n);
}

}  // namespace stateset::demo
