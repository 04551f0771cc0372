#include "inventory/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace stateset::inventory {
namespace {

constexpr Date today{20'000};

Quantity of(std::int64_t whole) { return Quantity::of(whole); }

Shelf shelf(std::int64_t location, std::int64_t on_hand, std::int64_t priority = 100) {
    return {.location_id = LocationId(location),
            .priority = priority,
            .on_hand = of(on_hand),
            .allocated = {},
            .quarantined = {},
            .lots = {}};
}

LotStock lot(std::uint64_t id, std::int64_t on_hand, std::optional<std::int64_t> expires = {}) {
    LotStock stock{.lot_id = LotId(Uuid{0, id}),
                   .expires_on = {},
                   .on_hand = of(on_hand),
                   .allocated = {},
                   .quarantined = {}};
    if (expires) stock.expires_on = Date{today.days + *expires};
    return stock;
}

Shelf shelf_of_lots(std::int64_t location, std::vector<LotStock> lots) {
    auto made = shelf(location, 0);
    made.by_lot = true;
    for (const auto& one : lots) {
        made.on_hand += one.on_hand;
        made.allocated += one.allocated;
        made.quarantined += one.quarantined;
    }
    made.lots = std::move(lots);
    return made;
}

Demand demand(std::int64_t wanted, std::vector<Shelf> shelves) {
    Demand made{.wanted = of(wanted), .owed = {}, .shelves = std::move(shelves)};
    sort_for_drawing(made);
    return made;
}

// "2:5 3:1": 5 of location 2, 1 of location 3; with lots "2/7:5".
std::string text(const Demand& demand, const Choice& choice) {
    std::string text;
    for (const auto& draw : choice.draws) {
        const auto& from = demand.shelves[draw.shelf];
        if (!text.empty()) text += " ";
        text += to_string(from.location_id);
        if (draw.lot) text += "/" + std::to_string(from.lots[*draw.lot].lot_id.value.low);
        text += ":" + to_string(draw.quantity);
    }
    return text;
}

std::string chosen(const Demand& demand, std::optional<LocationId> only = {}) {
    return text(demand, choose({&demand, 1}, only, today).front());
}

std::vector<NotTaken> reasons(const Demand& demand, std::optional<LocationId> only = {}) {
    std::vector<NotTaken> result;
    auto choice = choose({&demand, 1}, only, today).front();
    for (const auto& one : passed_over(demand, choice, only, today)) result.push_back(one.reason);
    return result;
}

TEST(Plan, one_location_that_has_everything_is_preferred_to_several) {
    EXPECT_EQ(chosen(demand(5, {shelf(1, 3), shelf(2, 5), shelf(3, 9)})), "2:5");
    EXPECT_EQ(chosen(demand(10, {shelf(1, 3), shelf(2, 5), shelf(3, 9)})), "1:3 2:5 3:2");
    EXPECT_EQ(chosen(demand(5, {shelf(1, 9, 200), shelf(2, 9, 10)})), "2:5");
}

TEST(Plan, all_items_together_come_from_one_location_when_one_has_them_all) {
    std::vector<Demand> both{demand(2, {shelf(1, 9), shelf(2, 9)}), demand(3, {shelf(2, 3)})};
    auto choices = choose(both, std::nullopt, today);
    EXPECT_EQ(text(both[0], choices[0]), "2:2");
    EXPECT_EQ(text(both[1], choices[1]), "2:3");
}

TEST(Plan, lots_that_expire_first_go_first_and_those_that_never_do_last) {
    auto one = demand(6, {shelf_of_lots(1, {lot(1, 4), lot(2, 3, 30), lot(3, 2, 5)})});
    EXPECT_EQ(chosen(one), "1/3:2 1/2:3 1/1:1");
}

TEST(Plan, a_lot_may_be_used_on_its_last_day_and_not_after_it) {
    EXPECT_EQ(chosen(demand(1, {shelf_of_lots(1, {lot(1, 4, 0)})})), "1/1:1");
    EXPECT_EQ(chosen(demand(1, {shelf_of_lots(1, {lot(1, 4, -1)})})), "");
}

TEST(Plan, quarantined_lots_and_closed_locations_give_nothing) {
    auto bad = lot(1, 4, 1);
    bad.status = LotStatus::quarantined;
    EXPECT_EQ(chosen(demand(3, {shelf_of_lots(1, {bad, lot(2, 3)})})), "1/2:3");
    auto closed = shelf(1, 9);
    closed.open = false;
    EXPECT_EQ(chosen(demand(3, {closed, shelf(2, 3)})), "2:3");
}

TEST(Plan, what_is_owed_to_those_who_wait_is_left_to_them) {
    auto one = demand(5, {shelf(1, 9)});
    one.owed = of(5);
    auto choice = choose({&one, 1}, std::nullopt, today).front();
    EXPECT_EQ(to_string(choice.available), "4");
    EXPECT_EQ(reasons(one), std::vector{NotTaken::owed});
}

TEST(Plan, says_why_not) {
    using enum NotTaken;
    auto closed = shelf(1, 9), promised = shelf(2, 4), apart = shelf(3, 4);
    closed.open = false;
    promised.allocated = of(4);
    apart.quarantined = of(4);
    auto one = demand(5, {closed, promised, apart, shelf(4, 2), shelf(5, 7), shelf(6, 8)});
    EXPECT_EQ(chosen(one), "5:5");
    EXPECT_EQ(reasons(one),
              (std::vector{inactive_location, allocated, quarantined, not_enough, lower_priority}));
    EXPECT_EQ(reasons(one, LocationId(4)),
              (std::vector{inactive_location, other_location, other_location, insufficient,
                           other_location, other_location}));
    auto old = lot(1, 4, -3), called_back = lot(2, 4, 1);
    called_back.status = LotStatus::quarantined;
    auto lots = demand(2, {shelf_of_lots(1, {old, called_back, lot(3, 2, 1), lot(4, 1, 2)})});
    EXPECT_EQ(reasons(lots), (std::vector{expired, quarantined, expires_later}));
}

// ---- properties, over whatever may lie anywhere ----

struct Random {
    std::mt19937_64 engine;
    std::int64_t upto(std::int64_t most) {
        return static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(most + 1));
    }
    Demand demand(std::uint64_t& next_lot) {
        std::vector<Shelf> shelves;
        bool by_lot = upto(1) == 0;
        for (std::int64_t i = 0, count = upto(4); i < count; ++i) {
            auto one = by_lot ? shelf_of_lots(i, lots(next_lot)) : shelf(i, upto(6));
            if (!by_lot) one.allocated = of(upto(one.on_hand.scaled / Quantity::one));
            one.priority = upto(3);
            one.open = upto(4) > 0;
            shelves.push_back(std::move(one));
        }
        auto made = inventory::demand(1 + upto(9), std::move(shelves));
        made.owed = of(upto(5) == 0 ? upto(3) : 0);
        return made;
    }
    std::vector<LotStock> lots(std::uint64_t& next_lot) {
        std::vector<LotStock> made;
        for (std::int64_t i = 0, count = upto(3); i < count; ++i) {
            auto one = lot(next_lot++, 1 + upto(4),
                           upto(2) > 0 ? std::optional(upto(8) - 2) : std::nullopt);
            if (upto(4) == 0) one.status = LotStatus::quarantined;
            one.allocated = of(upto(one.on_hand.scaled / Quantity::one));
            if (one.status == LotStatus::quarantined) one.quarantined = one.on_hand - one.allocated;
            made.push_back(one);
        }
        return made;
    }
};

Quantity drawn(const Choice& choice, std::size_t shelf, std::optional<std::size_t> lot = {}) {
    Quantity sum;
    for (const auto& draw : choice.draws) {
        if (draw.shelf == shelf && (!lot || draw.lot == lot)) sum += draw.quantity;
    }
    return sum;
}

// Nothing is taken that may not be, never more than there is, and exactly what is wanted or all.
void check_amounts(const Demand& demand, const Choice& choice) {
    Quantity sum;
    for (std::size_t i = 0; i < demand.shelves.size(); ++i) {
        const auto& from = demand.shelves[i];
        auto taken = drawn(choice, i);
        sum += taken;
        EXPECT_LE(taken, usable_on(from, today));
        if (!from.open) {
            EXPECT_EQ(taken, Quantity{});
        }
        Quantity of_lots;
        for (std::size_t k = 0; k < from.lots.size(); ++k) {
            auto of_lot = drawn(choice, i, k);
            of_lots += of_lot;
            EXPECT_LE(of_lot, from.lots[k].usable(today) ? from.lots[k].available() : Quantity{});
        }
        if (from.by_lot) {
            EXPECT_EQ(of_lots, taken);
        }
    }
    EXPECT_EQ(sum, std::min(demand.wanted, choice.available));
}

// No later lot is touched while an earlier one has some left.
void check_order_of_lots(const Demand& demand, const Choice& choice) {
    for (std::size_t i = 0; i < demand.shelves.size(); ++i) {
        const auto& lots = demand.shelves[i].lots;
        bool left_some = false;
        for (std::size_t k = 0; k < lots.size(); ++k) {
            if (!lots[k].usable(today)) continue;
            auto of_lot = drawn(choice, i, k);
            EXPECT_FALSE(left_some && of_lot > Quantity{}) << "a later lot before an earlier one";
            left_some = left_some || of_lot < lots[k].available();
        }
    }
}

// All from one location if any has all of it.
void check_one_location(const Demand& demand, const Choice& choice) {
    auto wanted = std::min(demand.wanted, choice.available);
    bool one_has_all = std::ranges::any_of(demand.shelves, [&](const Shelf& from) {
        return from.open && usable_on(from, today) >= wanted;
    });
    std::size_t touched = 0;
    for (std::size_t i = 0; i < demand.shelves.size(); ++i) {
        touched += drawn(choice, i) > Quantity{} ? 1 : 0;
    }
    if (one_has_all) {
        EXPECT_LE(touched, 1u);
    }
}

// Whatever lies somewhere is either taken or passed over for a reason that is true.
void check_reasons(const Demand& demand, const Choice& choice) {
    bool is_short = choice.available < demand.wanted;
    for (const auto& passed : passed_over(demand, choice, std::nullopt, today)) {
        const auto& from = demand.shelves[passed.shelf];
        if (!is_short) {
            EXPECT_EQ(drawn(choice, passed.shelf, passed.lot), Quantity{});
        }
        if (!from.open) {
            EXPECT_EQ(passed.reason, NotTaken::inactive_location);
        } else if (passed.reason == NotTaken::quarantined && passed.lot) {
            EXPECT_EQ(passed.available, Quantity{});
        } else if (passed.available > Quantity{}) {
            EXPECT_EQ(passed.reason == NotTaken::insufficient || passed.reason == NotTaken::owed,
                      is_short);
        }
    }
}

TEST(Plan, holds_its_laws_whatever_lies_wherever) {
    for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
        SCOPED_TRACE(seed);
        Random random{std::mt19937_64(seed)};
        std::uint64_t next_lot = 1;
        std::vector<Demand> demands;
        for (std::int64_t i = 0, count = random.upto(2); i <= count; ++i) {
            demands.push_back(random.demand(next_lot));
        }
        auto choices = choose(demands, std::nullopt, today);
        ASSERT_EQ(choices.size(), demands.size());
        for (std::size_t i = 0; i < demands.size(); ++i) {
            check_amounts(demands[i], choices[i]);
            check_order_of_lots(demands[i], choices[i]);
            check_reasons(demands[i], choices[i]);
            if (demands.size() == 1) check_one_location(demands[i], choices[i]);
        }
        if (HasFailure()) return;
    }
}

}  // namespace
}  // namespace stateset::inventory
