#include "platform/json/tape.hpp"

#include <gtest/gtest.h>

#include "platform/core/refusal.hpp"

namespace stateset::json {
namespace {

std::string compact(std::string_view text) {
    std::string out;
    auto tape = parse(text);
    write(out, tape.root());
    return out;
}

// The one fault of a text that cannot be read.
Fault fault_of(std::string_view text, Limits limits = {}) {
    try {
        parse(text, limits);
    } catch (const Refusal& refusal) {
        EXPECT_EQ(refusal.code().name, "unreadable");
        EXPECT_EQ(refusal.faults().size(), 1u);
        return refusal.faults().at(0);
    }
    ADD_FAILURE() << "was accepted: " << text;
    return {};
}

TEST(JsonTape, keeps_a_document_and_its_numbers_as_they_were_written) {
    EXPECT_EQ(compact(R"( { "a" : [ 1 , -0 , 1.50e+02 , 123456789012345678901234567890 ] ,
                            "b" : { } , "c" : [ ] , "d" : "\u00e9\n\ud83d\ude9a" , "" : null } )"),
              R"({"a":[1,-0,1.50e+02,123456789012345678901234567890],"b":{},"c":[],"d":"é\n🚚",)"
              R"("":null})");
    EXPECT_EQ(compact("true"), "true");
    EXPECT_EQ(compact("19.999"), "19.999");
    EXPECT_EQ(compact("[1e400,-1e-400]"), "[1e400,-1e-400]");
}

TEST(JsonTape, says_where_a_node_stands) {
    auto tape = parse(R"({"a/b":[0,{"m~n":1}]})");
    auto inner = tape.root().first().first().next().first();
    EXPECT_EQ(inner.pointer(), "/a~1b/1/m~0n");
    EXPECT_EQ(inner.key(), "m~n");
    EXPECT_EQ(tape.root().pointer(), "");
    EXPECT_FALSE(inner.next());
    EXPECT_FALSE(inner.first());
}

TEST(JsonTape, refuses_what_is_no_json) {
    struct Case {
        std::string_view text, code;
    };
    const Case cases[] = {
        {"", "empty"},
        {" ", "incomplete"},
        {"{", "incomplete"},
        {R"({"a")", "incomplete"},
        {R"({"a":"b)", "incomplete"},
        {R"({"a":1,})", "syntax"},
        {"[1,]", "syntax"},
        {"[1 2]", "syntax"},
        {"NaN", "syntax"},
        {"[NaN]", "syntax"},
        {"-Infinity", "syntax"},
        {"01", "trailing_data"},
        {"+1", "syntax"},
        {".5", "syntax"},
        {"1.", "syntax"},
        {"0x10", "trailing_data"},
        {"'a'", "syntax"},
        {"{a:1}", "syntax"},
        {"/* c */ 1", "syntax"},
        {"\"a\nb\"", "syntax"},
        {std::string_view("\"a\0b\"", 5), "syntax"},
        {std::string_view("\0", 1), "syntax"},
        {std::string_view("1\0", 2), "trailing_data"},
        {"{} {}", "trailing_data"},
        {"{}x", "trailing_data"},
        {R"("\ud800")", "syntax"},
        {R"("\ud800\u0041")", "syntax"},
        {R"("\udc00")", "syntax"},
        {R"("\x41")", "syntax"},
        {"\xEF\xBB\xBF{}", "syntax"},
        {"\"\xFF\"", "invalid_utf8"},
        {"\"\xC0\xAF\"", "invalid_utf8"},
        {"\"\xE2\x82\"", "invalid_utf8"},
        {"\"\xED\xA0\x80\"", "invalid_utf8"},
        {"\"\xF5\x80\x80\x80\"", "invalid_utf8"},
        {"\"\xE2\x82", "invalid_utf8"},
        {"{\"\xFF\":1}", "invalid_utf8"},
        {"1e99999999999", "too_large"},
    };
    for (const auto& [text, code] : cases) {
        auto fault = fault_of(text);
        EXPECT_EQ(fault.code, code) << text;
        EXPECT_EQ(fault.pointer, "") << text;
    }
}

TEST(JsonTape, tells_the_byte_at_which_reading_stopped) {
    EXPECT_EQ(fault_of(R"({"a":tru})").message, "this is not JSON (at byte 5)");
    EXPECT_EQ(fault_of("[\"\xFF\"]").message, "the text is not valid UTF-8 (at byte 2)");
    EXPECT_EQ(fault_of("{} x").message, "more text follows the document (at byte 3)");
}

TEST(JsonTape, nests_thirty_two_levels_and_no_more) {
    auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_EQ(compact(nested(32)), nested(32));
    EXPECT_EQ(fault_of(nested(33)).code, "too_deep");
    EXPECT_EQ(fault_of(nested(500'000)).code, "too_deep");
    EXPECT_EQ(fault_of(nested(4), {.depth = 3}).code, "too_deep");
}

TEST(JsonTape, holds_as_many_values_as_allowed) {
    EXPECT_NO_THROW(parse("[1,2]", {.nodes = 3}));
    EXPECT_EQ(fault_of("[1,2,3]", {.nodes = 3}).code, "too_many");
}

TEST(JsonTape, finds_every_duplicate_name_in_small_and_large_objects) {
    auto pointers = [](std::string_view text) {
        std::vector<std::string> found;
        auto tape = parse(text);
        for (const auto& node : tape.duplicates()) found.push_back(node.pointer());
        return found;
    };
    using Pointers = std::vector<std::string>;
    EXPECT_EQ(pointers(R"({"a":1,"b":2})"), Pointers{});
    EXPECT_EQ(pointers(R"({"a":1,"b":{"c":1,"c":2},"a":2,"\u0061":3})"),
              (Pointers{"/b/c", "/a", "/a"}));
    std::string large = "{";
    for (int i = 0; i < 100; ++i) large += "\"k" + std::to_string(i) + "\":0,";
    EXPECT_EQ(pointers(large + R"("k50":1,"z":1})"), (Pointers{"/k50"}));
}

TEST(JsonTape, survives_being_moved) {
    auto tape = parse(R"(["a"])");
    auto moved = std::move(tape);
    EXPECT_EQ(moved.root().first().text(), "a");
}

TEST(JsonTape, knows_valid_utf8) {
    for (std::string_view good : {"", "a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x9A\x9A",
                                  "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
        EXPECT_EQ(first_invalid_utf8(good), std::string_view::npos) << good;
    }
    EXPECT_EQ(first_invalid_utf8("ab\x80"), 2u);
    EXPECT_EQ(first_invalid_utf8("ab\xF0\x9F\x9A"), 2u);
    EXPECT_EQ(first_invalid_utf8("\xE0\x9F\xBF"), 0u);
    EXPECT_EQ(first_invalid_utf8("\xF0\x8F\xBF\xBF"), 0u);
    EXPECT_EQ(first_invalid_utf8("\xF4\x90\x80\x80"), 0u);
}

}  // namespace
}  // namespace stateset::json
