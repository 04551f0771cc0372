#include "demo/demo.hpp"

#include <array>
#include <chrono>
#include <thread>

#include "customers/customers.hpp"
#include "flows/build.hpp"
#include "flows/create_product.hpp"
#include "flows/pay_order.hpp"
#include "flows/process_order.hpp"
#include "flows/return_order.hpp"
#include "flows/ship_order.hpp"
#include "inventory/counts.hpp"
#include "inventory/transfers.hpp"
#include "manufacturing/boms.hpp"
#include "warranties/warranties.hpp"

namespace stateset::demo {
namespace {

constexpr Tenant first_tenant = 1;
constexpr std::int64_t order_count = 24;
constexpr std::chrono::seconds payment_patience{10};

struct Article {
    const char *sku, *name, *price, *description;
    std::int64_t stock;
    std::int64_t warranty_months = 0;
};

constexpr Article articles[] = {
    {"MUG-WHITE", "Stoneware mug, white", "14.90", "Holds 350 ml, dishwasher safe.", 240},
    {"MUG-BLUE", "Stoneware mug, blue", "14.90", "Holds 350 ml, dishwasher safe.", 180},
    {"TEAPOT", "Cast iron teapot", "64.00", "1.2 litres, with strainer.", 35},
    {"KETTLE", "Gooseneck kettle", "79.50", "0.9 litres, for pour-over coffee.", 22, 24},
    {"GRINDER", "Hand coffee grinder", "119.00", "Steel burrs, 30 g hopper.", 18, 24},
    {"DRIPPER", "Ceramic dripper", "24.50", "For cone filters of size 2.", 90},
    {"FILTER-100", "Paper filters, 100", "7.20", "Cone, size 2, unbleached.", 600},
    {"BEANS-ETH", "Coffee, Ethiopia, 250 g", "13.80", "Washed; jasmine and citrus.", 150},
    {"BEANS-BRA", "Coffee, Brazil, 250 g", "11.40", "Natural; cocoa and hazelnut.", 150},
    {"SCALE", "Brewing scale", "45.00", "0.1 g steps, with timer.", 40, 24},
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
    Shop(Committer& committer, ReadPool& reads) : committer_(committer), reads_(reads) {}

    void stock_up() {
        for (const auto& article : articles) {
            sell(article);
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
        delivered_.push_back(order.id);
    }

    // Something comes back for good, and something else is on its way back.
    void take_back() {
        using enum ReturnStage;
        for (auto stage : {completed, approved, requested}) {
            if (delivered_.size() < returned_ + 1) return;
            send_back(delivered_[returned_++], stage);
        }
    }

    // A delivery registered warranties by itself; one of them is claimed.
    void claim() {
        auto page = reads_.run(first_tenant,
                               [&](Reads& reads) { return warranties::list(reads, actor_, {}); });
        if (page.data.empty()) return;
        run([&](Tx& tx) {
            return warranties::submit(tx, actor_,
                                      {.warranty_id = page.data.front().id,
                                       .description = {"It rattles since last week."}});
        });
    }

    // Gift boxes are packed from what is on the shelf.
    void build() {
        auto box =
            sell({"GIFT-BOX", "Gift box: two mugs and coffee", "42.00", "Packed by hand.", 0});
        auto bom = run([&](Tx& tx) {
            manufacturing::NewBom wanted{.product_id = box.id};
            for (auto [sku, pieces] : {std::pair{"MUG-WHITE", 2}, {"BEANS-ETH", 1}}) {
                wanted.items.value.push_back({.sku = {sku}, .quantity = Quantity::of(pieces)});
            }
            return manufacturing::create_bom(tx, actor_, wanted);
        });
        auto activation = reads_.run(first_tenant, [&](Reads& reads) {
            return manufacturing::look_below(reads, actor_, {.id = bom.id});
        });
        run([&](Tx& tx) { return manufacturing::activate(tx, actor_, activation); });
        for (std::int64_t boxes : {12, 20, 6}) {
            auto order = run([&](Tx& tx) {
                return manufacturing::create(tx, actor_,
                                             {.bom_id = bom.id, .quantity = Quantity::of(boxes)});
            });
            if (boxes == 6) return;  // planned
            run([&](Tx& tx) { return flows::release_work_order(tx, actor_, {.id = order.id}); });
            if (boxes == 20) continue;  // released
            run([&](Tx& tx) { return manufacturing::start(tx, actor_, {.id = order.id}); });
            run([&](Tx& tx) {
                return flows::complete_work_order(tx, actor_,
                                                  {.id = order.id, .quantity = Quantity::of(8)});
            });
        }
    }

    // The shop in town gets some, and the shelves of the warehouse are being counted.
    void move_and_count() {
        auto main = run(
            [&](Tx& tx) { return tx.peek<&inventory::Location::code>(inventory::main_code)->id; });
        auto shop = run([&](Tx& tx) {
            return inventory::create_location(
                tx, actor_,
                {.code = {"SHOP"}, .name = {"Shop in town"}, .type = Text<32>{"store"}});
        });
        auto transfer = run([&](Tx& tx) {
            inventory::NewTransfer wanted{.from_location_id = main, .to_location_id = shop.id};
            wanted.items.value.push_back({.sku = {"MUG-BLUE"}, .quantity = Quantity::of(24)});
            return inventory::create_transfer(tx, actor_, wanted);
        });
        run([&](Tx& tx) {
            return inventory::ship_transfer(tx, actor_,
                                            {.wanted = {.id = transfer.id}, .items = {}});
        });
        auto count = run([&](Tx& tx) { return inventory::open_count(tx, actor_, {}); });
        run([&](Tx& tx) {
            inventory::AddCountLines wanted{.id = count.id};
            wanted.lines.value.push_back({.sku = {"SCALE"}, .quantity = Quantity::of(38)});
            return inventory::add_count_lines(tx, actor_,
                                              {.wanted = wanted, .on_record = {std::nullopt}});
        });
    }

  private:
    enum class ReturnStage { requested, approved, completed };

    products::Product sell(const Article& article) {
        products::NewProduct wanted{.name = {article.name},
                                    .sku = {article.sku},
                                    .description = Text<10'000>{article.description},
                                    .price = {decimal_from(article.price, Amount::digits).value()},
                                    .currency = currency_from("EUR").value()};
        if (article.warranty_months > 0) wanted.warranty_months = {article.warranty_months};
        return run([&](Tx& tx) { return flows::create_product(tx, actor_, wanted); });
    }

    void send_back(orders::OrderId order, ReturnStage stage) {
        auto made = run([&](Tx& tx) {
            tx.get<orders::Order>(order);
            returns::RequestReturn wanted{.order_id = order};
            wanted.items.value.push_back({.order_item_id = tx.all<orders::Line>(order).front()->id,
                                          .quantity = {1},
                                          .reason = Text<255>{"Does not match the others"}});
            return returns::request(tx, actor_, wanted);
        });
        if (stage == ReturnStage::requested) return;
        run([&](Tx& tx) { return returns::approve(tx, actor_, {.id = made.id}); });
        if (stage == ReturnStage::approved) return;
        run([&](Tx& tx) { return returns::receive(tx, actor_, {.id = made.id}); });
        run([&](Tx& tx) { return returns::inspect(tx, actor_, {.id = made.id}); });
        run([&](Tx& tx) { return flows::complete_return(tx, actor_, {.id = made.id}); });
    }

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
    ReadPool& reads_;
    Actor actor_ = system_actor(first_tenant);
    std::vector<customers::CustomerId> customers_;
    std::vector<orders::OrderId> delivered_;
    std::size_t returned_ = 0;  // of those, from the first on
};

}  // namespace

void fill(Committer& committer, ReadPool& reads) {
    auto actor = system_actor(first_tenant);
    auto there = reads.run(
        first_tenant, [&](Reads& from) { return !products::list(from, actor, {}).data.empty(); });
    if (there) return;
    Shop shop(committer, reads);
    shop.stock_up();
    shop.welcome_customers();
    for (std::int64_t n = 0; n < order_count; ++n) shop.trade(n);
    shop.take_back();
    shop.claim();
    shop.build();
    shop.move_and_count();
}

}  // namespace stateset::demo
