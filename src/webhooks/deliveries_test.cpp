// What the workers commit about deliveries, on a store in memory and with a clock of our own.

#include "webhooks/deliveries.hpp"

#include "platform/auth/crypto.hpp"
#include "platform/auth/installation.hpp"
#include "platform/store/store_testing.hpp"
#include "webhooks/fan_out.hpp"

namespace stateset::webhooks {
namespace {

using store_testing::here;
using store_testing::uuid;

constexpr auto owner = "instance";

class Deliveries : public ::testing::Test {
  protected:
    std::shared_ptr<std::atomic<std::int64_t>> clock =
        std::make_shared<std::atomic<std::int64_t>>(hours(1000).micros);
    store_testing::Kernel kernel{{.clock = [clock = clock] { return Time{*clock}; }}};
    EndpointId endpoint_id;
    Patience patience{.schedule = {{}, seconds(5), seconds(10)}};

    Deliveries() {
        auth::installation_secret(*kernel.committer, sealing_secret,
                                  [] { return std::string(32, 'k'); });
        auto made = kernel.run([](Tx& tx) {
            NewEndpoint wanted{.url = {"https://example.com/hook"}, .events = {{{"order.*"}}}};
            return create(tx, tx.actor(), make_secret(wanted));
        });
        endpoint_id = made.endpoint->id;
    }
    void pass(Span span) { *clock += span.micros; }
    Endpoint endpoint() {
        return kernel.run([&](Tx& tx) { return tx.get<Endpoint>(endpoint_id); });
    }
    Delivery delivery(DeliveryId id) {
        return kernel.run([&](Tx& tx) { return tx.get<Delivery>(id); });
    }
    DeliveryId add() {
        kernel.run([&](Tx& tx) {
            add_deliveries(tx, {{.to = {here, endpoint_id},
                                 .event_id = tx.new_id(),
                                 .event_type = "order.created",
                                 .aggregate_type = "order",
                                 .aggregate_id = "1",
                                 .position = 1}});
        });
        auto rows = kernel.memory->rows(store::info<Delivery>());
        return std::get<Uuid>(rows.back().front());
    }
    Claimed claimed(DeliveryId id, std::string who = owner, bool alone = false) {
        return kernel.run([&](Tx& tx) {
            return claim(tx, {.from = {here, endpoint_id},
                              .deliveries = {id},
                              .owner = who,
                              .lease = seconds(60),
                              .alone = alone});
        });
    }
    // One whole attempt.
    Delivery attempt(DeliveryId id, Verdict verdict, std::optional<Span> retry_after = {}) {
        claimed(id);
        kernel.run([&](Tx& tx) {
            record(tx,
                   {{.from = {here, endpoint_id},
                     .delivery = id,
                     .owner = owner,
                     .verdict = verdict,
                     .attempt = {.attempted_at = tx.now(), .error = "status 500"},
                     .retry_after = retry_after}},
                   patience);
        });
        return delivery(id);
    }
    std::size_t events(std::string_view type) {
        std::size_t count = 0;
        for (const auto& row : kernel.memory->rows(store::info<store::Event>())) {
            count += row[1] == store::Value(std::string(type));
        }
        return count;
    }
};

TEST_F(Deliveries, that_succeed_are_done_and_end_a_spell_of_failures) {
    auto id = add();
    attempt(id, Verdict::failed);
    EXPECT_TRUE(endpoint().failing_since);
    auto done = attempt(id, Verdict::delivered);
    EXPECT_EQ(done.status, DeliveryStatus::delivered);
    EXPECT_EQ(done.attempts.size(), 2u);
    EXPECT_FALSE(done.next_attempt_at);
    EXPECT_FALSE(endpoint().failing_since);
}

TEST_F(Deliveries, that_fail_follow_the_schedule_and_die_at_its_end) {
    auto id = add();
    auto first = attempt(id, Verdict::failed);
    EXPECT_EQ(*first.next_attempt_at, Time{*clock} + seconds(5));
    auto second = attempt(id, Verdict::failed, seconds(90));
    EXPECT_EQ(*second.next_attempt_at, Time{*clock} + seconds(90));
    auto third = attempt(id, Verdict::failed);
    EXPECT_EQ(third.status, DeliveryStatus::dead);
    EXPECT_FALSE(third.next_attempt_at);
    EXPECT_EQ(third.attempts.size(), 3u);
}

TEST_F(Deliveries, that_are_dead_begin_the_schedule_anew_when_retried_by_hand) {
    auto id = add();
    for (int i = 0; i < 3; ++i) attempt(id, Verdict::failed);
    auto again = kernel.run([&](Tx& tx) { return retry(tx, tx.actor(), {.id = id}); });
    EXPECT_EQ(again.status, DeliveryStatus::pending);
    EXPECT_EQ(attempt(id, Verdict::failed).status, DeliveryStatus::pending);
    EXPECT_EQ(delivery(id).attempts.size(), 4u);
    attempt(id, Verdict::delivered);
    EXPECT_THROW(kernel.run([&](Tx& tx) { return retry(tx, tx.actor(), {.id = id}); }), Refusal);
}

TEST_F(Deliveries, whose_attempt_was_cut_off_are_free_again_and_nothing_is_counted) {
    auto id = add();
    auto after = attempt(id, Verdict::not_made);
    EXPECT_EQ(after.status, DeliveryStatus::pending);
    EXPECT_TRUE(after.attempts.empty());
    EXPECT_EQ(claimed(id).deliveries.size(), 1u);
}

TEST_F(Deliveries, are_leased_to_one_owner_until_the_lease_runs_out_or_the_owner_is_dead) {
    auto id = add();
    EXPECT_EQ(claimed(id).deliveries.size(), 1u);
    EXPECT_TRUE(claimed(id, "another").deliveries.empty());
    EXPECT_EQ(claimed(id, "another", /*alone=*/true).deliveries.size(), 1u);
    EXPECT_TRUE(claimed(id, "another", /*alone=*/true).deliveries.empty());
    pass(seconds(61));
    EXPECT_EQ(claimed(id, "third").deliveries.size(), 1u);
}

// Two instances found the same ones free; the other's claim of the first was committed before.
TEST_F(Deliveries, do_not_overtake_a_first_attempt_that_another_instance_has_claimed_meanwhile) {
    auto first = add(), second = add();
    claimed(first, "another");
    auto both = [&] {
        return kernel
            .run([&](Tx& tx) {
                return claim(tx, {.from = {here, endpoint_id},
                                  .deliveries = {first, second},
                                  .owner = owner,
                                  .lease = seconds(60)});
            })
            .deliveries;
    };
    EXPECT_TRUE(both().empty());
    pass(seconds(61));
    EXPECT_EQ(both(), (std::vector{first, second})) << "the other's lease is over";
}

TEST_F(Deliveries, that_take_long_keep_their_lease_unless_it_is_lost) {
    auto id = add();
    claimed(id);
    auto keep = [&](const std::string& who) {
        kernel.run([&](Tx& tx) { extend(tx, {{{here, endpoint_id}, id}}, who, seconds(60)); });
    };
    pass(seconds(40));
    keep(owner);
    pass(seconds(40));
    EXPECT_TRUE(claimed(id, "another").deliveries.empty());
    pass(seconds(21));
    EXPECT_EQ(claimed(id, "another").deliveries.size(), 1u);
    keep(owner);
    EXPECT_EQ(*delivery(id).lease_owner.value, "another");
    EXPECT_EQ(*delivery(id).lease_until.value, Time{*clock} + seconds(60));
}

TEST_F(Deliveries, may_overtake_one_that_is_only_tried_again) {
    auto first = add(), second = add();
    attempt(first, Verdict::failed);
    claimed(first, "another");
    auto got = kernel.run([&](Tx& tx) {
        return claim(tx, {.from = {here, endpoint_id},
                          .deliveries = {first, second},
                          .owner = owner,
                          .lease = seconds(60)});
    });
    EXPECT_EQ(got.deliveries, std::vector{second});
}

TEST_F(Deliveries, ignore_outcomes_of_who_lost_the_lease) {
    auto id = add();
    claimed(id);
    claimed(id, "another", /*alone=*/true);
    kernel.run([&](Tx& tx) {
        record(tx,
               {{.from = {here, endpoint_id},
                 .delivery = id,
                 .owner = owner,
                 .verdict = Verdict::failed}},
               patience);
    });
    EXPECT_TRUE(delivery(id).attempts.empty());
    EXPECT_EQ(*delivery(id).lease_owner.value, "another");
}

TEST_F(Deliveries, answered_410_disable_the_endpoint_and_say_so) {
    auto id = add();
    EXPECT_EQ(attempt(id, Verdict::gone).status, DeliveryStatus::dead);
    EXPECT_EQ(endpoint().status, EndpointStatus::disabled);
    EXPECT_EQ(endpoint().disabled_reason, DisabledReason::gone);
    EXPECT_EQ(events("webhook.endpoint_disabled"), 1u);
    EXPECT_THROW(kernel.run([&](Tx& tx) { return retry(tx, tx.actor(), {.id = id}); }), Refusal);
}

TEST_F(Deliveries, that_fail_for_five_days_disable_the_endpoint) {
    attempt(add(), Verdict::failed);
    pass(hours(119));
    attempt(add(), Verdict::failed);
    EXPECT_EQ(endpoint().status, EndpointStatus::enabled);
    pass(hours(1));
    attempt(add(), Verdict::failed);
    EXPECT_EQ(endpoint().status, EndpointStatus::disabled);
    EXPECT_EQ(endpoint().disabled_reason, DisabledReason::failing);
    EXPECT_EQ(events("webhook.endpoint_disabled"), 1u);
}

TEST_F(Deliveries, are_not_added_for_or_claimed_from_disabled_endpoints) {
    auto id = add();
    kernel.run([&](Tx& tx) { return disable(tx, tx.actor(), {.id = endpoint_id}); });
    EXPECT_FALSE(claimed(id).endpoint);
    auto before = kernel.memory->rows(store::info<Delivery>()).size();
    kernel.run([&](Tx& tx) {
        add_deliveries(tx, {{.to = {here, endpoint_id}, .event_type = "order.created"}});
    });
    EXPECT_EQ(kernel.memory->rows(store::info<Delivery>()).size(), before);
    kernel.run([&](Tx& tx) { return enable(tx, tx.actor(), {.id = endpoint_id}); });
    EXPECT_EQ(claimed(id).deliveries.size(), 1u);
}

TEST_F(Deliveries, keep_only_the_newest_attempts) {
    patience.schedule = work::Schedule(100, Span{});
    auto id = add();
    for (std::size_t i = 0; i < work::kept_attempts + 3; ++i) attempt(id, Verdict::failed);
    EXPECT_EQ(delivery(id).attempts.size(), work::kept_attempts);
}

TEST_F(Deliveries, are_signed_with_both_secrets_for_a_day_after_a_rotation) {
    auto rotated = kernel.run([&](Tx& tx) {
        return rotate_secret(tx, tx.actor(), make_new_secret({.id = endpoint_id}));
    });
    auto key = std::string(32, 'k');
    auto now = Time{*clock};
    auto secrets = signing_secrets(endpoint(), key, now);
    ASSERT_EQ(secrets.size(), 2u);
    EXPECT_EQ(secrets[0], *auth::webhook_secret_bytes(rotated.secret));
    EXPECT_EQ(signing_secrets(endpoint(), key, now + hours(24)).size(), 1u);
    EXPECT_THROW(signing_secrets(endpoint(), std::string(32, 'x'), now), std::runtime_error);
}

TEST(FanOut, matches_events_of_the_tenant_that_came_after_the_endpoint) {
    Listening endpoint{.tenant = 1, .id = uuid(7), .events = {"order.*"}, .enabled_at = {100}};
    events::Logged event{.tenant = 1, .type = "order.created", .occurred_at = {100}};
    EXPECT_TRUE(is_for(endpoint, event));
    event.occurred_at = {99};
    EXPECT_FALSE(is_for(endpoint, event));
    event = {.tenant = 1, .type = "payment.captured", .occurred_at = {100}};
    EXPECT_FALSE(is_for(endpoint, event));
    event = {.type = "webhook.test", .aggregate_id = to_string(endpoint.id)};
    EXPECT_TRUE(is_for(endpoint, event));
    endpoint.id = uuid(8);
    endpoint.events = {"*"};
    EXPECT_FALSE(is_for(endpoint, event));
}

TEST(FanOut, covers_whole_events_and_leaves_the_rest_for_the_next_command) {
    std::vector<Listening> endpoints(200, {.tenant = 1, .events = {"*"}});
    for (std::size_t i = 0; i < endpoints.size(); ++i) endpoints[i].id = uuid(i + 1);
    std::vector<events::Logged> chunk(10, {.tenant = 1, .type = "order.created"});
    for (std::size_t i = 0; i < chunk.size(); ++i) {
        chunk[i].position = static_cast<std::int64_t>(i + 1);
    }
    auto reaction = fan_out(endpoints, chunk);
    EXPECT_EQ(reaction.through, 3);
    EXPECT_EQ(reaction.weight, 600);
    for (auto& event : chunk) event.tenant = 2;
    reaction = fan_out(endpoints, chunk);
    EXPECT_EQ(reaction.through, 10);
    EXPECT_FALSE(reaction.command);
}

}  // namespace
}  // namespace stateset::webhooks
