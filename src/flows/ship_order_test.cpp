#include "flows/ship_order.hpp"

#include <gtest/gtest.h>

#include "flows/cancel_order.hpp"
#include "flows/carrier_reports.hpp"
#include "platform/store/store_testing.hpp"
#include "shipments/local_carrier.hpp"

namespace stateset::flows {
namespace {

using inventory::Balance;
using inventory::LocationId;
using orders::Line;
using orders::Order;
using shipments::Shipment;
using shipments::ShipmentItem;
using store_testing::Folder;
using store_testing::here;

constexpr int most_rounds = 5;
const Currency usd = *currency_from("USD");
Money dollars(std::int64_t minor) { return {minor, usd}; }

// An order being processed: 3 of SKU-1, all reserved at location 1; 4 of SKU-2, of which 3 are
// reserved at location 1 and one at location 2; 5 of what is not tracked. Paid. On a real database,
// so that its checks have their say.
class ShippingAnOrder : public ::testing::Test {
  protected:
    template <class F>
    auto run(F&& command) {
        auto before = committer->counters().rounds;
        struct Count {
            ShippingAnOrder& test;
            std::uint64_t before;
            ~Count() {
                test.rounds = static_cast<int>(test.committer->counters().rounds - before);
                EXPECT_LE(test.rounds, most_rounds);
            }
        } count{*this, before};
        return committer->run(system_actor(here), std::forward<F>(command));
    }
    ShippingAnOrder() {
        {
            store::sqlite::Connection connection(folder.file(), store::sqlite::Access::write);
            store::sqlite::migrate(connection, store::Migrate::apply);
        }
        committer = std::make_unique<Committer>(
            store::sqlite::open_store(folder.file()),
            Committer::Options{.log = [](std::string_view text) { ADD_FAILURE() << text; }});
        run([&](Tx& tx) {
            for (std::int64_t i : {1, 2}) {
                tx.add(inventory::Location{
                    .id = LocationId(i), .code = i == 1 ? "MAIN" : "NORTH", .name = "Warehouse"});
            }
            auto& order = tx.add(Order{.id = tx.new_id(),
                                       .order_number = "SO-1",
                                       .customer_id = tx.new_id(),
                                       .status = orders::Status::processing,
                                       .currency = usd,
                                       .subtotal = dollars(1200),
                                       .discount_total = dollars(0),
                                       .tax_total = dollars(0),
                                       .shipping_total = dollars(0),
                                       .total = dollars(1200),
                                       .order_discount = dollars(0)});
            order_id = order.id;
            lines = {add_line(tx, "SKU-1", 3, true), add_line(tx, "SKU-2", 4, true),
                     add_line(tx, "GIFT", 5, false)};
            add_stock(tx, 1, lines[0], {3, 0});
            add_stock(tx, 2, lines[1], {3, 1});
            payment_id = tx.add(payments::Payment{.id = tx.new_id(),
                                                  .order_id = order.id,
                                                  .currency = usd,
                                                  .amount = dollars(1200),
                                                  .status = payments::Status::captured,
                                                  .gateway = "sandbox",
                                                  .captured = dollars(1200),
                                                  .refunded = dollars(0),
                                                  .refunding = dollars(0)})
                             .id;
            return true;
        });
    }

    orders::LineId add_line(Tx& tx, std::string sku, std::int64_t quantity, bool tracked) {
        return tx
            .add(Line{.id = tx.new_id(),
                      .order_id = order_id,
                      .product_id = tx.new_id(),
                      .sku = sku,
                      .name = sku,
                      .quantity = quantity,
                      .currency = usd,
                      .unit_price = dollars(100),
                      .tax = dollars(0),
                      .discount = dollars(0),
                      .total = dollars(100 * quantity),
                      .reserved = tracked ? quantity : 0,
                      .track_inventory = tracked})
            .id;
    }
    // 5 on hand at each location, of which so many are reserved.
    void add_stock(Tx& tx, std::int64_t item, orders::LineId line,
                   std::array<std::int64_t, 2> reserved) {
        tx.add(inventory::Item{.id = inventory::ItemId(item),
                               .item_number = "SKU-" + std::to_string(item)});
        for (std::int64_t at : {1, 2}) {
            auto held = Quantity::of(reserved[static_cast<std::size_t>(at - 1)]);
            tx.add(Balance{.id = tx.new_id(),
                           .item_id = inventory::ItemId(item),
                           .location_id = LocationId(at),
                           .on_hand = Quantity::of(5),
                           .allocated = held});
            if (held == Quantity{}) continue;
            tx.add(inventory::Reservation{.id = tx.new_id(),
                                          .item_id = inventory::ItemId(item),
                                          .location_id = LocationId(at),
                                          .quantity = held,
                                          .order_id = order_id,
                                          .order_item_id = line});
        }
    }

    template <class F>
    std::string code_of(F&& command) {
        return store_testing::code_of_refusal([&] { command(); });
    }

    Shipment create(NewShipment wanted = {}) {
        wanted.order_id = order_id;
        return run([&](Tx& tx) { return create_shipment(tx, tx.actor(), wanted); });
    }
    Shipment ship(shipments::ShipmentId id) {
        return run([&](Tx& tx) { return ship_shipment(tx, tx.actor(), {.id = id}); });
    }
    Shipment deliver(shipments::ShipmentId id) {
        return run([&](Tx& tx) { return deliver_shipment(tx, tx.actor(), {.id = id}); });
    }
    Order ship_all(ShipOrder wanted = {}) {
        wanted.id = order_id;
        return run([&](Tx& tx) { return ship_order(tx, tx.actor(), wanted); });
    }
    Receipt report(shipments::ShipmentId id, Report status, std::string event,
                   std::optional<Time> at = {}) {
        CarrierReport said{.event_id = {std::move(event)}, .status = status, .occurred_at = at};
        return run([&](Tx& tx) { return take_report(tx, id, said); });
    }
    ItemsToShip items(std::vector<std::pair<std::size_t, std::int64_t>> wanted) {
        ItemsToShip result{std::in_place};
        for (auto [line, quantity] : wanted) {
            result->value.push_back({.order_item_id = lines[line], .quantity = {quantity}});
        }
        return result;
    }
    std::vector<std::int64_t> quantities(shipments::ShipmentId id) {
        return run([&](Tx& tx) {
            shipments::locked(tx, id);
            std::vector<std::int64_t> result;
            for (const auto* item : tx.all<ShipmentItem>(id)) result.push_back(item->quantity);
            return result;
        });
    }
    Order order() {
        return run([&](Tx& tx) { return tx.get<Order>(order_id); });
    }
    std::int64_t shipped(std::size_t line) {
        return run([&](Tx& tx) { return tx.get<Line>(lines[line]).shipped; });
    }
    std::string stock(std::int64_t item, std::int64_t at) {
        return run([&](Tx& tx) {
            const auto* found = tx.find<&Balance::item_id, &Balance::location_id>(
                inventory::ItemId(item), LocationId(at));
            return to_string(found->on_hand) + "/" + to_string(found->allocated);
        });
    }

    Folder folder;
    std::unique_ptr<Committer> committer;
    orders::OrderId order_id;
    payments::PaymentId payment_id;
    std::vector<orders::LineId> lines;
    int rounds = 0;
};

TEST_F(ShippingAnOrder, takes_everything_from_where_it_is_reserved) {
    auto shipment = create();
    EXPECT_EQ(shipment.status, shipments::Status::label_created);
    EXPECT_EQ(shipment.tracking_number, shipments::sandbox_tracking_number(shipment.id));
    EXPECT_EQ(shipment.location_id, LocationId(1));
    EXPECT_EQ(quantities(shipment.id), (std::vector<std::int64_t>{3, 4, 5}));
    EXPECT_EQ(stock(2, 1), "5/3");

    EXPECT_EQ(ship(shipment.id).status, shipments::Status::shipped);
    EXPECT_EQ(order().status, orders::Status::shipped);
    EXPECT_EQ(order().fulfillment_status, orders::FulfillmentStatus::fulfilled);
    EXPECT_EQ(order().tracking_number, shipment.tracking_number);
    EXPECT_EQ(stock(1, 1), "2/0");
    EXPECT_EQ(stock(2, 1), "2/0");
    EXPECT_EQ(stock(2, 2), "4/0");
    EXPECT_EQ(shipped(2), 5);

    deliver(shipment.id);
    EXPECT_EQ(order().status, orders::Status::delivered);
}

TEST_F(ShippingAnOrder, goes_in_parts_and_is_delivered_with_the_last) {
    auto first = create({.items = items({{0, 1}, {1, 4}})});
    auto second = create();
    EXPECT_EQ(quantities(second.id), (std::vector<std::int64_t>{2, 5}));
    ship(first.id);
    EXPECT_EQ(order().status, orders::Status::partially_shipped);
    deliver(first.id);
    EXPECT_EQ(order().status, orders::Status::partially_shipped);
    ship(second.id);
    EXPECT_EQ(order().status, orders::Status::shipped);
    deliver(second.id);
    EXPECT_EQ(order().status, orders::Status::delivered);
}

TEST_F(ShippingAnOrder, holds_no_piece_twice) {
    auto first = create({.items = items({{0, 2}})});
    EXPECT_EQ(code_of([&] { create({.items = items({{0, 2}})}); }), "exceeds_order");
    EXPECT_EQ(code_of([&] { create({.items = items({{0, 1}, {0, 1}})}); }), "invalid");
    create({.items = items({{0, 1}, {1, 4}, {2, 5}})});
    EXPECT_EQ(code_of([&] { create(); }), "nothing_to_ship");
    run([&](Tx& tx) { return shipments::cancel(tx, tx.actor(), {.id = first.id}); });
    EXPECT_EQ(quantities(create().id), (std::vector<std::int64_t>{2}));
}

TEST_F(ShippingAnOrder, takes_at_a_location_what_is_reserved_there) {
    auto north = create({.location_id = LocationId(2)});
    EXPECT_EQ(quantities(north.id), (std::vector<std::int64_t>{1, 5}));
    EXPECT_EQ(code_of([&] { create({.items = items({{1, 1}}), .location_id = LocationId(2)}); }),
              "not_reserved");
    auto rest = create();
    EXPECT_EQ(rest.location_id, LocationId(1));
    EXPECT_EQ(quantities(rest.id), (std::vector<std::int64_t>{3, 3}));
    ship(rest.id);
    EXPECT_EQ(stock(2, 2), "5/1");
    ship(north.id);
    EXPECT_EQ(stock(2, 2), "4/0");
    EXPECT_EQ(order().status, orders::Status::shipped);
}

TEST_F(ShippingAnOrder, in_one_step_sends_what_lies_ready_and_the_rest) {
    auto ready = create({.items = items({{0, 2}, {1, 2}})});
    EXPECT_EQ(ship_all().status, orders::Status::shipped);
    EXPECT_EQ(shipped(0), 3);
    EXPECT_EQ(shipped(1), 4);
    EXPECT_EQ(code_of([&] { ship(ready.id); }), "illegal_transition");
    EXPECT_EQ(code_of([&] { ship_all(); }), "illegal_transition");
}

TEST_F(ShippingAnOrder, in_one_step_sends_only_the_items_named) {
    create({.items = items({{1, 2}})});
    EXPECT_EQ(ship_all({.items = items({{0, 2}})}).status, orders::Status::partially_shipped);
    EXPECT_EQ(shipped(0), 2);
    EXPECT_EQ(shipped(1), 0);
}

TEST_F(ShippingAnOrder, waits_for_the_money) {
    auto shipment = create();
    auto with = [&](payments::Status status, std::int64_t captured, std::int64_t refunding) {
        run([&](Tx& tx) {
            tx.get<Order>(order_id);
            auto& payment = tx.edit<payments::Payment>(payment_id);
            payment.status = status;
            payment.captured = dollars(captured);
            payment.refunding = dollars(refunding);
            return true;
        });
    };
    with(payments::Status::captured, 1199, 0);
    EXPECT_EQ(code_of([&] { ship(shipment.id); }), "payment_required");
    with(payments::Status::authorized, 0, 0);
    EXPECT_EQ(code_of([&] { ship(shipment.id); }), "payment_required");
    EXPECT_EQ(code_of([&] { ship_all(); }), "payment_required");
    with(payments::Status::captured, 1200, 1200);
    EXPECT_EQ(code_of([&] { ship(shipment.id); }), "payment_required");
    with(payments::Status::captured, 1200, 200);
    EXPECT_EQ(ship(shipment.id).status, shipments::Status::shipped);
}

TEST_F(ShippingAnOrder, needs_a_carrier_that_is_known_and_a_number_that_is_free) {
    EXPECT_EQ(code_of([&] { create({.carrier = Text<50>{"nobody"}}); }), "invalid");
    create({.items = items({{0, 1}}), .tracking_number = Text<100>{"N1"}});
    EXPECT_EQ(code_of([&] { create({.tracking_number = Text<100>{"N1"}}); }), "already_exists");
    run([&](Tx& tx) {
        shipments::CarrierToCreate post{.carrier = {{"post"}, {"Post"}}, .secret = "whsec_"};
        return shipments::create_carrier(tx, tx.actor(), post).carrier.value;
    });
    auto pending = create({.carrier = Text<50>{"post"}});
    EXPECT_EQ(pending.status, shipments::Status::pending);
    EXPECT_EQ(code_of([&] { ship(pending.id); }), "illegal_transition");
    auto labelled = run([&](Tx& tx) {
        shipments::MakeLabel wanted{.id = pending.id, .tracking_number = Text<100>{"N1"}};
        return shipments::make_label(tx, tx.actor(), wanted);
    });
    EXPECT_EQ(labelled.status, shipments::Status::label_created);
    EXPECT_EQ(ship(pending.id).status, shipments::Status::shipped);
}

TEST_F(ShippingAnOrder, hears_its_carrier_once_and_forwards_only) {
    auto shipment = create();
    auto id = shipment.id;
    EXPECT_EQ(code_of([&] { report(id, Report::in_transit, "early"); }), "illegal_transition");
    auto left_at = *ship(id).shipped_at;
    EXPECT_TRUE(report(id, Report::in_transit, "early").changed);
    EXPECT_FALSE(report(id, Report::in_transit, "again").changed);
    EXPECT_TRUE(report(id, Report::exception, "lost").changed);
    EXPECT_FALSE(report(id, Report::out_for_delivery, "late", left_at).changed);
    EXPECT_TRUE(report(id, Report::out_for_delivery, "found").changed);
    EXPECT_FALSE(report(id, Report::in_transit, "backwards").changed);
    EXPECT_TRUE(report(id, Report::delivered, "there").changed);
    EXPECT_FALSE(report(id, Report::delivered, "there").changed);
    EXPECT_FALSE(report(id, Report::returned_to_sender, "too late").changed);
    EXPECT_EQ(order().status, orders::Status::delivered);
}

TEST_F(ShippingAnOrder, is_over_when_it_is_cancelled) {
    auto shipment = create();
    run([&](Tx& tx) { return cancel_order(tx, tx.actor(), {.id = order_id}); });
    auto now = run([&](Tx& tx) { return shipments::locked(tx, shipment.id); });
    EXPECT_EQ(now.status, shipments::Status::cancelled);
    EXPECT_EQ(code_of([&] { ship(shipment.id); }), "illegal_transition");
    EXPECT_EQ(code_of([&] { create(); }), "illegal_transition");
    EXPECT_EQ(stock(2, 1), "5/0");
}

}  // namespace
}  // namespace stateset::flows
