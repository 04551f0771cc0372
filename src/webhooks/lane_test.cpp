#include "webhooks/lane.hpp"

#include <gtest/gtest.h>

namespace stateset::webhooks {
namespace {

Parcel parcel(std::uint64_t id, std::string aggregate, bool first = true, Time until = {1000}) {
    return {.id = Uuid{1, id},
            .event_id = Uuid{2, id},
            .aggregate_id = std::move(aggregate),
            .first = first,
            .lease_until = until};
}

std::uint64_t number(const std::optional<Parcel>& parcel) {
    return parcel ? parcel->id.value.low : 0;
}

TEST(Lane, sends_first_attempts_of_one_aggregate_one_after_the_other) {
    Lane lane;
    lane.add(parcel(1, "a"));
    lane.add(parcel(2, "a"));
    lane.add(parcel(3, "b"));
    auto first = lane.next();
    EXPECT_EQ(number(first), 1u);
    EXPECT_EQ(number(lane.next()), 3u);
    EXPECT_EQ(number(lane.next()), 0u);
    lane.arrived(*first, {});
    EXPECT_EQ(number(lane.next()), 2u);
}

TEST(Lane, lets_retries_overtake) {
    Lane lane;
    lane.add(parcel(1, "a"));
    lane.add(parcel(2, "a", false));
    EXPECT_EQ(number(lane.next()), 1u);
    EXPECT_EQ(number(lane.next()), 2u);
}

TEST(Lane, uses_at_most_its_connections) {
    Lane lane;
    for (std::uint64_t i = 1; i <= 20; ++i) lane.add(parcel(i, std::to_string(i)));
    std::vector<Parcel> under_way;
    while (auto next = lane.next()) under_way.push_back(*next);
    EXPECT_EQ(under_way.size(), Lane::connections);
    lane.arrived(under_way.front(), {});
    EXPECT_TRUE(lane.next());
    EXPECT_FALSE(lane.next());
}

TEST(Lane, claims_ahead_only_when_answers_come_quickly) {
    Lane lane;
    EXPECT_EQ(lane.room(), Lane::connections);
    lane.add(parcel(1, "a"));
    EXPECT_EQ(lane.room(), 0u);  // something waits already
    auto sent = lane.next();
    EXPECT_EQ(lane.room(), Lane::connections - 1);
    lane.arrived(*sent, milliseconds(5));
    EXPECT_EQ(lane.room(), Lane::held_when_quick);
    lane.add(parcel(2, "a"));
    sent = lane.next();
    lane.arrived(*sent, seconds(5));
    EXPECT_EQ(lane.room(), Lane::connections);
}

TEST(Lane, knows_when_the_leases_of_what_is_under_way_end) {
    Lane lane;
    EXPECT_FALSE(lane.first_lease_end());
    for (std::uint64_t i = 1; i <= 3; ++i) {
        lane.add(parcel(i, std::to_string(i), true, {static_cast<std::int64_t>(100 * i)}));
    }
    auto first = lane.next();
    lane.next();
    EXPECT_EQ(lane.first_lease_end(), Time{100});
    EXPECT_EQ(lane.leased_until_before({200}), std::vector{first->id});
    lane.extended(first->id, {900});
    EXPECT_EQ(lane.first_lease_end(), Time{200}) << "what waits is not under way";
    EXPECT_TRUE(lane.leased_until_before({200}).empty());
}

TEST(Lane, gives_back_what_cannot_end_within_its_lease_and_what_follows_it) {
    Lane lane;
    lane.add(parcel(1, "a", true, {100}));
    lane.add(parcel(2, "b", true, {500}));
    lane.add(parcel(3, "a", true, {500}));
    auto stale = lane.stale({200});
    ASSERT_EQ(stale.size(), 2u);
    EXPECT_EQ(stale[0].id.value.low, 1u);
    EXPECT_EQ(stale[1].id.value.low, 3u);
    EXPECT_EQ(number(lane.next()), 2u);
    EXPECT_TRUE(lane.take_all().empty());
}

}  // namespace
}  // namespace stateset::webhooks
