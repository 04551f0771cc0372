// The arithmetic of making things: what a quantity needs, what of it is due in parts, and how
// everything explodes into what is bought.

#include <gtest/gtest.h>

#include "manufacturing/explosion.hpp"
#include "manufacturing/lifecycle.hpp"
#include "manufacturing/proportion.hpp"

namespace stateset::manufacturing {
namespace {

using inventory::ItemId;
using inventory::Tracking;

Quantity of(std::string_view text) { return {*decimal_from(text, Quantity::digits)}; }

TEST(Required, is_what_a_piece_needs_and_the_scrap_on_top_rounded_up) {
    struct Row {
        const char *each, *scrap, *pieces;
        Tracking tracking;
        const char* required;
    };
    const Row rows[] = {{"4", "0", "3", Tracking::none, "12"},
                        {"4", "10", "3", Tracking::none, "13.2"},
                        {"0.3333", "2.5", "1", Tracking::none, "0.3417"},
                        {"0.0001", "0.0001", "1", Tracking::none, "0.0002"},
                        {"1", "100", "7", Tracking::none, "14"},
                        {"1", "10", "3", Tracking::serial, "4"},
                        {"1", "0", "3", Tracking::serial, "3"},
                        {"2.5", "0", "0.5", Tracking::lot, "1.25"}};
    for (const auto& row : rows) {
        auto required = required_for(of(row.each), of(row.scrap), of(row.pieces), row.tracking);
        ASSERT_TRUE(required);
        EXPECT_EQ(to_string(*required), row.required) << row.each << " x " << row.pieces;
    }
}

TEST(Required, is_unknown_where_it_cannot_be_held) {
    auto much = inventory::most_on_hand;
    EXPECT_FALSE(required_for(much, {}, of("1.0001"), Tracking::none));
    EXPECT_FALSE(required_for(much, of("100"), much, Tracking::none));
    EXPECT_EQ(required_for(much, {}, of("1"), Tracking::none), much);
}

TEST(Due, parts_add_up_to_the_whole_whatever_the_parts_are) {
    for (auto tracking : {Tracking::none, Tracking::serial}) {
        for (std::int64_t required : {10'000, 30'000, 70'000, 130'000}) {
            for (std::int64_t quantity : {1, 3, 7, 11, 10'000, 70'000}) {
                Quantity before;
                for (std::int64_t done = 0; done <= quantity; ++done) {
                    auto due = due_for({required}, {done}, {quantity}, tracking);
                    ASSERT_GE(due, before);
                    // Never more than its share, never a step less.
                    auto step = tracking == Tracking::serial ? Quantity::one : 1;
                    ASSERT_LE(due.scaled * quantity, required * done);
                    ASSERT_LT(required * done, (due.scaled + step) * quantity);
                    ASSERT_EQ(due.scaled % step, 0);
                    before = due;
                }
                ASSERT_EQ(before, Quantity{required});
            }
        }
    }
}

// ---- explosion

struct Kitchen {
    std::map<ItemId, Recipe> active;

    static BomItem line(std::int64_t item, std::string_view quantity, std::string_view scrap = "0",
                        Tracking tracking = Tracking::none) {
        return {.sku = "I" + std::to_string(item),
                .item_id = ItemId(item),
                .tracking = tracking,
                .quantity = of(quantity),
                .scrap_percent = of(scrap)};
    }
    Recipe& recipe(std::int64_t item, std::vector<BomItem> items) {
        return active[ItemId(item)] = {.sku = "I" + std::to_string(item),
                                       .item_id = ItemId(item),
                                       .items = std::move(items)};
    }
    std::map<std::string, std::string> sums_of(std::int64_t item, std::string_view quantity) const {
        std::map<std::string, std::string> sums;
        for (const auto& sum : explode(active.at(ItemId(item)), active, of(quantity)).sums) {
            sums[sum.item_number] = to_string(sum.quantity);
        }
        return sums;
    }
};

using Sums = std::map<std::string, std::string>;

TEST(Explosion, goes_down_to_the_leaves_and_adds_up_what_is_shared) {
    Kitchen kitchen;
    kitchen.recipe(1, {Kitchen::line(2, "2"), Kitchen::line(3, "1"), Kitchen::line(9, "4")});
    kitchen.recipe(2, {Kitchen::line(3, "3"), Kitchen::line(9, "1")});
    kitchen.recipe(3, {Kitchen::line(9, "0.5"), Kitchen::line(8, "2")});
    // I3: 1 + 2 × 3 = 7; I9: 4 + 2 × 1 + 7 × 0.5 = 9.5; I8: 7 × 2 = 14.
    EXPECT_EQ(kitchen.sums_of(1, "1"), (Sums{{"I8", "14"}, {"I9", "9.5"}}));
    EXPECT_EQ(kitchen.sums_of(1, "3"), (Sums{{"I8", "42"}, {"I9", "28.5"}}));

    auto tree = explode(kitchen.active.at(ItemId(1)), kitchen.active, of("3")).tree;
    ASSERT_EQ(tree.components.size(), 3u);
    EXPECT_EQ(to_string(tree.components[0].quantity), "6");
    EXPECT_TRUE(tree.components[0].bom_id);
    EXPECT_EQ(to_string(tree.components[0].components[0].quantity), "18");
    EXPECT_EQ(tree.components[0].components[0].components.size(), 2u);
    EXPECT_FALSE(tree.components[2].bom_id);
}

TEST(Explosion, rounds_once_and_not_at_every_place) {
    Kitchen kitchen;
    kitchen.recipe(1, {Kitchen::line(2, "1"), Kitchen::line(3, "1"), Kitchen::line(4, "1")});
    for (auto item : {2, 3, 4}) kitchen.recipe(item, {Kitchen::line(9, "0.0001", "20")});
    // 3 × 0.00012 = 0.00036, not 3 × 0.0002.
    EXPECT_EQ(kitchen.sums_of(1, "1"), (Sums{{"I9", "0.0004"}}));
}

TEST(Explosion, takes_scrap_on_top_of_scrap) {
    Kitchen kitchen;
    kitchen.recipe(1, {Kitchen::line(2, "2", "10")});
    kitchen.recipe(2, {Kitchen::line(9, "3", "10")});
    EXPECT_EQ(kitchen.sums_of(1, "1"), (Sums{{"I9", "7.26"}}));
}

TEST(Explosion, needs_whole_pieces_where_they_have_serial_numbers) {
    Kitchen kitchen;
    kitchen.recipe(1, {Kitchen::line(9, "1", "10", Tracking::serial)});
    EXPECT_EQ(kitchen.sums_of(1, "3"), (Sums{{"I9", "4"}}));
}

TEST(Explosion, names_the_way_round_a_cycle) {
    Kitchen kitchen;
    kitchen.recipe(1, {Kitchen::line(2, "1")});
    kitchen.recipe(2, {Kitchen::line(3, "1")});
    kitchen.recipe(3, {Kitchen::line(2, "1")});
    try {
        kitchen.sums_of(1, "1");
        FAIL() << "went round";
    } catch (const Refusal& refusal) {
        EXPECT_EQ(&refusal.code(), &bom_cycle);
        EXPECT_NE(refusal.detail().find("I2 > I3 > I2"), std::string::npos) << refusal.detail();
    }
}

// Its draft may still say so; only activating it is refused.
TEST(Explosion, finds_the_product_itself_where_it_has_no_active_bom) {
    Kitchen kitchen;
    kitchen.recipe(2, {Kitchen::line(1, "1")});
    Recipe draft{.sku = "I1", .item_id = ItemId(1), .items = {Kitchen::line(2, "1")}};
    EXPECT_THROW(explode(draft, kitchen.active, of("1")), Refusal);
}

TEST(Explosion, stops_where_it_gets_too_deep_or_too_wide) {
    auto depth = [](std::int64_t levels) {
        Kitchen kitchen;
        for (std::int64_t i = 1; i <= levels; ++i) kitchen.recipe(i, {Kitchen::line(i + 1, "1")});
        return kitchen.sums_of(1, "1").size();
    };
    EXPECT_EQ(depth(most_levels), 1u);
    EXPECT_THROW(depth(most_levels + 1), Refusal);

    // Each level twice in the one above: as a tree it doubles.
    Kitchen wide;
    for (std::int64_t i = 0; i < 14; ++i) {
        auto next = 2 * i + 3;
        for (auto half : {2 * i + 1, 2 * i + 2}) {
            wide.recipe(half, {Kitchen::line(next, "1"), Kitchen::line(next + 1, "1")});
        }
    }
    EXPECT_THROW(wide.sums_of(1, "1"), Refusal);
}

}  // namespace
}  // namespace stateset::manufacturing
