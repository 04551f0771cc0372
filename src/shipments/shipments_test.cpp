#include "shipments/shipments.hpp"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>

#include "shipments/label.hpp"
#include "shipments/lifecycle.hpp"
#include "shipments/local_carrier.hpp"

namespace stateset::shipments {
namespace {

constexpr int statuses = 9, actions = 8;

// What every action makes of every status, in the order of the enumeration; `-` is refused.
TEST(ShipmentLifecycle, knows_every_status_and_action) {
    constexpr std::string_view refused = "-";
    const std::map<std::string_view, std::array<std::string_view, actions>> expected{
        // make_label, ship, move, out_for_delivery, deliver, fail, return_to_sender, cancel
        {"pending", {"label_created", "-", "-", "-", "-", "-", "-", "cancelled"}},
        {"label_created", {"-", "shipped", "-", "-", "-", "-", "-", "cancelled"}},
        {"shipped",
         {"-", "-", "in_transit", "out_for_delivery", "delivered", "exception", "-", "-"}},
        {"in_transit", {"-", "-", "-", "out_for_delivery", "delivered", "exception", "-", "-"}},
        {"out_for_delivery", {"-", "-", "-", "-", "delivered", "exception", "-", "-"}},
        {"delivered", {"-", "-", "-", "-", "-", "-", "-", "-"}},
        {"exception",
         {"-", "-", "in_transit", "out_for_delivery", "delivered", "-", "returned_to_sender", "-"}},
        {"returned_to_sender", {"-", "-", "-", "-", "-", "-", "-", "-"}},
        {"cancelled", {"-", "-", "-", "-", "-", "-", "-", "-"}},
    };
    for (int s = 0; s < statuses; ++s) {
        auto from = static_cast<Status>(s);
        for (int a = 0; a < actions; ++a) {
            auto to = move(lifecycle, from, static_cast<Action>(a));
            EXPECT_EQ(to ? reflect::name(*to) : refused,
                      expected.at(reflect::name(from))[static_cast<std::size_t>(a)])
                << reflect::name(from) << " × " << reflect::name(static_cast<Action>(a));
        }
    }
}

TEST(ShipmentLifecycle, writes_what_happened_and_when) {
    Shipment shipment;
    progress(shipment, Action::make_label, Time{1});
    progress(shipment, Action::ship, Time{2}, "picked up at the dock");
    progress(shipment, Action::deliver, Time{3});
    ASSERT_EQ(shipment.history.size(), 3u);
    EXPECT_EQ(shipment.history[1].note, "picked up at the dock");
    EXPECT_EQ(shipment.shipped_at, Time{2});
    EXPECT_EQ(shipment.delivered_at, Time{3});
    EXPECT_THROW(progress(shipment, Action::cancel, Time{4}), Refusal);
    EXPECT_EQ(shipment.history.size(), 3u);
}

TEST(SandboxCarrier, gives_the_same_shipment_the_same_valid_number) {
    std::set<std::string> numbers;
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        // As ids come: the same millisecond, counting on.
        ShipmentId id(Uuid{0x0198'c9f2'0000'7000, 0x8000'0000'0000'0000 + i});
        auto number = sandbox_tracking_number(id);
        ASSERT_TRUE(is_sandbox_tracking_number(number)) << number;
        ASSERT_EQ(number, sandbox_tracking_number(id));
        numbers.insert(number);
    }
    EXPECT_EQ(numbers.size(), 10'000u);
}

TEST(SandboxCarrier, notices_every_wrong_digit) {
    auto number = sandbox_tracking_number(ShipmentId(Uuid{1, 2}));
    for (std::size_t at = 2; at < number.size(); ++at) {
        for (char digit = '0'; digit <= '9'; ++digit) {
            auto mistyped = number;
            mistyped[at] = digit;
            EXPECT_EQ(is_sandbox_tracking_number(mistyped), digit == number[at]) << mistyped;
        }
    }
    EXPECT_FALSE(is_sandbox_tracking_number(number + "0"));
    EXPECT_FALSE(is_sandbox_tracking_number("SB"));
    EXPECT_FALSE(is_sandbox_tracking_number(""));
}

// The check digit of GS1's own example, 629104150021 → 3, led by zeros that weigh nothing.
TEST(SandboxCarrier, uses_the_check_digit_of_gs1) {
    EXPECT_TRUE(is_sandbox_tracking_number("SB0000006291041500213"));
    EXPECT_FALSE(is_sandbox_tracking_number("SB0000006291041500214"));
}

TEST(Label, has_a_barcode_of_whole_symbols) {
    // Start B, "A" (33), check (104 + 1 × 33) mod 103 = 34, stop.
    EXPECT_EQ(code_128("A"), (std::vector<int>{2, 1, 1, 2, 1, 4, 1, 1, 1, 3, 2, 3, 1,
                                               3, 1, 1, 2, 3, 2, 3, 3, 1, 1, 1, 2}));
    std::string all;
    for (char c = 32; c < 127; ++c) all += c;
    std::set<std::vector<int>> symbols;
    for (char c : all) {
        auto widths = code_128(std::string(1, c));
        std::vector<int> symbol(widths.begin() + 6, widths.begin() + 12);
        EXPECT_EQ(std::accumulate(symbol.begin(), symbol.end(), 0), 11) << c;
        EXPECT_EQ((symbol[0] + symbol[2] + symbol[4]) % 2, 0) << c;
        symbols.insert(symbol);
    }
    EXPECT_EQ(symbols.size(), all.size());
}

std::string a_label() {
    return label_pdf({.carrier = "sandbox",
                      .service = "express",
                      .ship_to = {"Ada (Countess) \\ Lovelace", "12 Stra\u00dfe", "\u6771\u4eac"},
                      .tracking_number = "SB0123456789012345675",
                      .goods = {"2 x MUG"}});
}

TEST(Label, is_a_pdf_whose_offsets_hold) {
    auto pdf = a_label();
    ASSERT_TRUE(pdf.starts_with("%PDF-1.4\n"));
    ASSERT_TRUE(pdf.ends_with("%%EOF\n"));
    auto start = pdf.rfind("startxref\n") + 10;
    auto table = std::stoul(pdf.substr(start));
    ASSERT_EQ(pdf.compare(table, 9, "xref\n0 7\n"), 0);
    for (std::size_t i = 1; i <= 6; ++i) {
        auto offset = std::stoul(pdf.substr(table + 9 + 20 * i, 10));
        EXPECT_EQ(pdf.compare(offset, 7, std::to_string(i) + " 0 obj"), 0) << i;
    }
    auto length = std::stoul(pdf.substr(pdf.find("/Length ") + 8));
    auto content = pdf.find("stream\n") + 7;
    EXPECT_EQ(pdf.compare(content + length, 9, "endstream"), 0);
}

TEST(Label, prints_text_that_cannot_break_out_of_its_string) {
    auto pdf = a_label();
    EXPECT_NE(pdf.find("(Ada \\(Countess\\) \\\\ Lovelace)"), pdf.npos);
    EXPECT_NE(pdf.find("(12 Stra\xdf"
                       "e)"),
              pdf.npos);
    EXPECT_NE(pdf.find("(\?\?)"), pdf.npos);
    EXPECT_NE(pdf.find("(SB0123456789012345675)"), pdf.npos);
}

}  // namespace
}  // namespace stateset::shipments
