#include "platform/events/pattern.hpp"

#include <gtest/gtest.h>

#include "platform/core/refusal.hpp"
#include "platform/events/position.hpp"

namespace stateset::events {
namespace {

TEST(Pattern, matches_the_whole_type_with_stars_for_any_text) {
    struct {
        std::string_view pattern, type;
        bool matches;
    } rows[] = {
        {"order.created", "order.created", true},
        {"order.created", "order.create", false},
        {"order.*", "order.created", true},
        {"order.*", "order.", true},
        {"order.*", "reorder.created", false},
        {"order.*", "work_order.created", false},
        {"*.cancelled", "shipment.cancelled", true},
        {"*.cancelled", "order.created", false},
        {"*", "order.created", true},
        {"*", "", true},
        {"*order*", "work_order.created", true},
        {"o*d*r.c*d", "order.created", true},
        {"o*d*r.c*d", "order.cancel", false},
        {"", "order.created", false},
        {"a*a", "a", false},
        {"a*ab", "aaab", true},
    };
    for (const auto& [pattern, type, wanted] : rows) {
        EXPECT_EQ(matches(pattern, type), wanted) << pattern << " on " << type;
    }
}

TEST(Pattern, names_what_is_wrong_with_it) {
    EXPECT_FALSE(pattern_fault("work_order.*"));
    for (auto wrong : {"", "Order.created", "order created", "order.?", "order.[a]", "a\"b"}) {
        EXPECT_TRUE(pattern_fault(wrong)) << wrong;
    }
    EXPECT_TRUE(pattern_fault(std::string(101, 'a')));
    EXPECT_FALSE(pattern_fault(std::string(100, 'a')));
}

TEST(Pattern, lists_become_json_and_faults_name_their_pointer) {
    EXPECT_EQ(patterns_json("order.*,payment.captured", "?types"),
              R"(["order.*","payment.captured"])");
    for (auto wrong : {"order.*,", ",", "order.*,'"}) {
        try {
            patterns_json(wrong, "?types");
            FAIL() << wrong;
        } catch (const Refusal& refusal) {
            EXPECT_EQ(refusal.faults().at(0).pointer, "?types");
        }
    }
}

TEST(Position, is_text_that_sorts_as_the_log_does) {
    EXPECT_LT(position_text(9), position_text(10));
    EXPECT_LT(position_text(99), position_text(INT64_MAX));
    for (std::int64_t position : {std::int64_t{0}, std::int64_t{42}, INT64_MAX}) {
        EXPECT_EQ(position_from(position_text(position)), position);
    }
    for (auto wrong : {"", "-1", "1e3", "9223372036854775808", "00000000000000000001"}) {
        EXPECT_FALSE(position_from(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace stateset::events
