#include "platform/json/writer.hpp"

#include <gtest/gtest.h>

namespace stateset::json {
namespace {

struct ThingTag;
enum class Colour { red, dark_blue, void_ };

struct Inner {
    std::int64_t count = 7;
    std::optional<std::string> note;
};

struct Everything {
    bool yes = true;
    std::int64_t lowest = INT64_MIN;
    std::uint64_t highest = UINT64_MAX;
    std::string text = "a";
    Text<5> bounded{"b"};
    Int<1, 9> digit{4};
    List<Inner, 0, 3> list{{Inner{}, Inner{1, "n"}}};
    Email email{"ada@example.com"};
    Id<ThingTag> id{Uuid{0x0123456789abcdef, 0xfedcba9876543210}};
    NumberId<ThingTag> number{42};
    Money money{1999, *currency_from("USD")};
    Money yen{500, *currency_from("JPY")};
    Currency currency = *currency_from("EUR");
    Amount amount{150'000};
    Quantity quantity{25'000};
    Time time{0};
    Date date{0};
    Colour colour = Colour::dark_blue;
    Colour closed = Colour::void_;
    std::optional<Colour> no_colour;
    std::vector<bool> bits{true, false};
    Metadata metadata{{"b", "2"}, {"a", "1"}};
    RawJson raw{R"({"as":[it, is]})"};
    Flat<Inner> flat;
    Secret<std::string> secret{"hidden"};
};

TEST(JsonWriter, writes_every_kind_of_member) {
    EXPECT_EQ(
        to_text(Everything{}),
        R"({"yes":true,"lowest":-9223372036854775808,"highest":18446744073709551615,"text":"a",)"
        R"("bounded":"b","digit":4,"list":[{"count":7,"note":null},{"count":1,"note":"n"}],)"
        R"("email":"ada@example.com","id":"01234567-89ab-cdef-fedc-ba9876543210","number":42,)"
        R"("money":"19.99","yen":"500","currency":"EUR","amount":"15","quantity":"2.5",)"
        R"("time":"1970-01-01T00:00:00Z","date":"1970-01-01","colour":"dark_blue",)"
        R"("closed":"void","no_colour":null,"bits":[true,false],"metadata":{"a":"1","b":"2"},)"
        R"("raw":{"as":[it, is]},"count":7,"note":null})");
}

TEST(JsonWriter, keeps_secrets_and_currencies_only_in_storage) {
    auto stored = stored_text(Everything{});
    EXPECT_NE(stored.find(R"("secret":"hidden")"), stored.npos);
    EXPECT_NE(stored.find(R"("money":"19.99 USD")"), stored.npos);
    EXPECT_EQ(to_text(Everything{}).find("hidden"), std::string::npos);
}

TEST(JsonWriter, writes_empty_containers_and_structs) {
    struct Nothing {};
    EXPECT_EQ(to_text(std::vector<int>{}), "[]");
    EXPECT_EQ(to_text(Metadata{}), "{}");
    EXPECT_EQ(to_text(Nothing{}), "{}");
    struct OnlySecret {
        Secret<int> pin;
    };
    EXPECT_EQ(to_text(OnlySecret{}), "{}");
}

TEST(JsonWriter, leaves_out_what_was_not_expanded) {
    struct Row {
        int id;
        Expanded<std::vector<int>> items;
    };
    EXPECT_EQ(to_text(Row{1, {}}), R"({"id":1})");
    EXPECT_EQ(to_text(Row{1, {{{2}}}}), R"({"id":1,"items":[2]})");
}

TEST(JsonWriter, escapes_what_must_be_and_nothing_else) {
    EXPECT_EQ(to_text(std::string("\"\\/\b\f\n\r\t\x01\x1f\x7f")),
              "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
    EXPECT_EQ(to_text(std::string("a\0b", 3)), R"("a\u0000b")");
    EXPECT_EQ(to_text(std::string("Grüße, 東京 🚚")), "\"Grüße, 東京 🚚\"");
}

// The scan takes eight bytes at a time: a special byte must be seen wherever it stands in them.
TEST(JsonWriter, finds_a_special_byte_at_every_offset) {
    for (std::size_t length = 0; length < 40; ++length) {
        for (std::size_t at = 0; at < length; ++at) {
            for (char special : {'"', '\\', '\n'}) {
                std::string text(length, 'x');
                text[at] = special;
                auto escape = special == '\n' ? 'n' : special;
                auto expected = '"' + text.substr(0, at) + '\\' + escape + text.substr(at + 1);
                EXPECT_EQ(to_text(text), expected + '"');
            }
        }
    }
}

TEST(JsonWriter, appends_behind_what_is_there_and_grows_as_needed) {
    std::string out = "before ";
    write(out, std::vector<std::string>(1'000, std::string(100, '\n')));
    EXPECT_EQ(out.size(), 7 + 1'000 * (200 + 2) + 999 + 2);
    EXPECT_TRUE(out.starts_with("before [\"\\n\\n"));
    EXPECT_TRUE(out.ends_with("\\n\"]"));
}

}  // namespace
}  // namespace stateset::json
