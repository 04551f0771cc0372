#include "flows/pay_order.hpp"

#include <gtest/gtest.h>

#include "flows/refund_order.hpp"
#include "inventory/inventory.hpp"
#include "platform/store/gather.hpp"
#include "platform/store/memory_store.hpp"

namespace stateset::flows {
namespace {

constexpr Tenant here = 1;
constexpr int most_rounds = 5;
const Currency usd = *currency_from("USD");
Money dollars(std::int64_t minor) { return {minor, usd}; }

using orders::Order;
using payments::Heard;
using payments::Payment;
using payments::Verdict;

// An order of two items, each reserved, and the commands of a payment without a gateway: what it
// says is given by the test.
class PayingAnOrder : public ::testing::Test {
  protected:
    static orders::OrderId with_stock(Tx& tx) {
        auto& order = tx.add(Order{.id = tx.new_id(),
                                   .order_number = "SO-1",
                                   .customer_id = tx.new_id(),
                                   .status = orders::Status::processing,
                                   .currency = usd,
                                   .subtotal = dollars(1000),
                                   .discount_total = dollars(0),
                                   .tax_total = dollars(0),
                                   .shipping_total = dollars(0),
                                   .total = dollars(1000),
                                   .order_discount = dollars(0)});
        for (std::int64_t i = 1; i <= 2; ++i) {
            auto& item = tx.add(inventory::Item{.id = inventory::ItemId(i),
                                                .item_number = "SKU-" + std::to_string(i)});
            tx.add(inventory::Balance{.id = tx.new_id(),
                                      .item_id = item.id,
                                      .location_id = inventory::LocationId(1),
                                      .on_hand = Quantity::of(5),
                                      .allocated = Quantity::of(2)});
            auto& line = tx.add(orders::Line{.id = tx.new_id(),
                                             .order_id = order.id,
                                             .product_id = tx.new_id(),
                                             .sku = item.item_number,
                                             .quantity = 2,
                                             .currency = usd,
                                             .unit_price = dollars(250),
                                             .tax = dollars(0),
                                             .discount = dollars(0),
                                             .total = dollars(500)});
            tx.add(inventory::Reservation{.id = tx.new_id(),
                                          .item_id = item.id,
                                          .location_id = inventory::LocationId(1),
                                          .quantity = Quantity::of(2),
                                          .expires_at = tx.now() + hours(24),
                                          .order_id = order.id,
                                          .order_item_id = line.id});
        }
        return order.id;
    }

    // Runs a command, counts its rounds, and keeps what its events were called.
    template <class F>
    auto run(F&& command) {
        auto before = committer->counters().rounds;
        auto result = committer->run(system_actor(here), std::forward<F>(command));
        rounds = static_cast<int>(committer->counters().rounds - before);
        return result;
    }
    void SetUp() override {
        auto made = std::make_unique<store::MemoryStore>();
        memory = made.get();
        committer = std::make_unique<Committer>(std::move(made), Committer::Options{});
        order_id = run([](Tx& tx) { return with_stock(tx); });
    }
    Started<Payment> pay(std::optional<std::int64_t> minor = {}, bool capture = true) {
        PayOrder wanted{.order_id = order_id,
                        .method = {payments::MethodType::card, Text<255>{"tok"}},
                        .capture = capture};
        if (minor) wanted.amount = Amount{*minor * 100};
        return run([&](Tx& tx) { return pay_order(tx, tx.actor(), wanted); });
    }
    // As the worker settles an operation.
    store::Answer settle(Uuid operation_id, const Heard& heard) {
        payments::Gateways none;
        auto kinds = payment_operations(none);
        auto called = run([&](Tx& tx) { return tx.get<work::Operation>(operation_id); });
        auto kind = std::ranges::find(kinds, called.kind, &work::Kind::name);
        return run([&](Tx& tx) {
            gather(
                tx, [&] { tx.find<work::Operation>(operation_id); },
                [&] { kind->prepare(tx, called); });
            auto& operation = tx.edit<work::Operation>(operation_id);
            auto answer = *kind->settle(tx, operation, payments::result_of(heard));
            operation.state = work::OperationState::done;
            return answer;
        });
    }
    Order order() {
        return run([&](Tx& tx) { return tx.get<Order>(order_id); });
    }
    Payment payment(payments::PaymentId id) {
        return run([&](Tx& tx) { return tx.get<Payment>(id); });
    }
    std::vector<inventory::Reservation> reservations() {
        return run([&](Tx& tx) {
            tx.get<Order>(order_id);
            std::vector<inventory::Reservation> all;
            for (auto* one : tx.all<inventory::Reservation>(order_id)) all.push_back(*one);
            return all;
        });
    }
    std::vector<std::string> events() {
        std::vector<std::string> types;
        for (auto& row : memory->rows(store::info<store::Event>())) {
            types.push_back(store::from_row<store::Event>(row).type);
        }
        return types;
    }
    std::vector<std::string> events_since(std::size_t known) {
        auto all = events();
        return {all.begin() + static_cast<std::ptrdiff_t>(known), all.end()};
    }

    store::MemoryStore* memory = nullptr;
    std::unique_ptr<Committer> committer;
    orders::OrderId order_id;
    int rounds = 0;
};

const Heard approved{.verdict = Verdict::approved, .reference = "ref"};
const Heard declined{.verdict = Verdict::declined, .code = "card_declined"};
const Heard silence{};

TEST_F(PayingAnOrder, a_capture_stops_the_reservations_from_expiring) {
    auto begun = pay();
    EXPECT_LE(rounds, most_rounds);
    EXPECT_EQ(begun.interim.status, payments::Status::processing);
    for (auto& held : reservations()) EXPECT_FALSE(held.expires_at) << "while it is in flight";
    auto answer = settle(begun.operation, approved);
    EXPECT_LE(rounds, most_rounds);
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(order().payment_status, orders::PaymentStatus::paid);
    for (auto& held : reservations()) EXPECT_FALSE(held.expires_at);
}

TEST_F(PayingAnOrder, a_decline_takes_everything_back_in_one_command_of_few_rounds) {
    auto begun = pay();
    auto answer = settle(begun.operation, declined);
    EXPECT_LE(rounds, most_rounds);
    EXPECT_EQ(answer.status, 402);
    EXPECT_EQ(order().status, orders::Status::cancelled);
    EXPECT_EQ(payment(begun.interim.id).status, payments::Status::failed);
    for (auto& held : reservations()) {
        EXPECT_EQ(held.status, inventory::ReservationStatus::released);
    }
}

TEST_F(PayingAnOrder, silence_changes_nothing) {
    auto begun = pay();
    auto known = events().size();
    auto before = order();
    EXPECT_EQ(settle(begun.operation, silence).status, 202);
    EXPECT_EQ(order().version, before.version);
    EXPECT_TRUE(events_since(known).empty());
}

TEST_F(PayingAnOrder, an_authorization_for_a_cancelled_order_is_voided_by_itself) {
    auto begun = pay({}, false);
    run([&](Tx& tx) {
        tx.edit<Order>(order_id).status = orders::Status::cancelled;
        return 0;
    });
    settle(begun.operation, approved);
    auto held = payment(begun.interim.id);
    ASSERT_TRUE(held.operation.value);
    settle(*held.operation.value, approved);
    EXPECT_EQ(payment(begun.interim.id).status, payments::Status::voided);
}

TEST_F(PayingAnOrder, a_second_step_waits_for_the_first) {
    auto begun = pay({}, false);
    settle(begun.operation, approved);
    auto capture =
        run([&](Tx& tx) { return capture_payment(tx, tx.actor(), {.id = begun.interim.id}); });
    EXPECT_LE(rounds, most_rounds);
    EXPECT_THROW(
        run([&](Tx& tx) { return void_payment(tx, tx.actor(), {.id = begun.interim.id}); }),
        Refusal);
    settle(capture.operation, approved);
    EXPECT_LE(rounds, most_rounds);
    EXPECT_EQ(payment(begun.interim.id).status, payments::Status::captured);
}

TEST_F(PayingAnOrder, refunds_take_few_rounds_and_count_before_they_are_known) {
    auto begun = pay();
    settle(begun.operation, approved);
    auto refund = run([&](Tx& tx) {
        return refund_payment(tx, tx.actor(), {.id = begun.interim.id, .amount = Amount{60'000}});
    });
    EXPECT_LE(rounds, most_rounds);
    EXPECT_EQ(payment(begun.interim.id).refunding, dollars(600));
    EXPECT_THROW(run([&](Tx& tx) {
                     return refund_order(tx, tx.actor(),
                                         {.id = order_id, .amount = Amount{40'100}});
                 }),
                 Refusal);
    auto of_order = run([&](Tx& tx) { return refund_order(tx, tx.actor(), {.id = order_id}); });
    EXPECT_LE(rounds, most_rounds);
    settle(of_order.operation, approved);
    EXPECT_LE(rounds, most_rounds);
    EXPECT_EQ(payment(begun.interim.id).status, payments::Status::partially_refunded);
    settle(refund.operation, declined);
    EXPECT_EQ(payment(begun.interim.id).refunding, dollars(0));
    EXPECT_EQ(payments::refundable(payment(begun.interim.id)), dollars(600));
}

TEST_F(PayingAnOrder, two_payments_share_what_is_owed) {
    auto first = pay(400);
    EXPECT_THROW(pay(601), Refusal);
    auto second = pay();
    EXPECT_EQ(second.interim.amount, dollars(600));
    settle(first.operation, approved);
    EXPECT_EQ(order().payment_status, orders::PaymentStatus::partially_paid);
    auto known = events().size();
    settle(second.operation, {.verdict = Verdict::approved, .reference = "ref2"});
    EXPECT_EQ(events_since(known), (std::vector<std::string>{"payment.captured", "order.paid"}));
}

}  // namespace
}  // namespace stateset::flows
