#include "platform/json/decode.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "platform/json/writer.hpp"

namespace stateset::json {
namespace {

struct ThingTag;
enum class Colour { red, dark_blue };

struct NewLine {
    Text<8> sku;
    Int<1, 1'000> quantity;
    std::optional<Amount> unit_price;
};

struct Extra {
    std::optional<std::string> po_number;
    std::string source = "web";
};

struct Place {
    Id<ThingTag> customer_id;
    Email email;
    std::optional<Text<5, 0>> note;
    Colour colour = Colour::red;
    Metadata metadata;
    List<NewLine, 1, 3> items;
    Flat<Extra> extra;
    Secret<std::string> hash{"unset"};
};

constexpr std::string_view good = R"({"customer_id":"0198C9F2-6b7a-7c31-9d0e-3f5a8b1c2d4e",
    "email":"Ada.L+x@Example.COM","colour":"dark_blue","source":"shop","metadata":{"k":"v"},
    "items":[{"sku":"A","quantity":1e2},{"sku":"東京","quantity":1.0,"unit_price":19.99}]})";

// Faults as lines "pointer code", in order.
template <class F>
std::vector<std::string> faults_of(F&& attempt) {
    std::vector<std::string> lines;
    try {
        attempt();
    } catch (const Refusal& refusal) {
        EXPECT_EQ(refusal.code().name, "invalid");
        for (const auto& fault : refusal.faults())
            lines.push_back(fault.pointer + " " + fault.code);
    }
    return lines;
}

template <class T>
std::vector<std::string> faults_in(std::string_view text) {
    return faults_of([&] { decode<T>(parse(text)); });
}

template <class T>
struct Only {
    T x{};
};

// The code of the one fault of `{"x": value}`, "" when it is accepted.
template <class T>
std::string code_of(std::string_view value) {
    auto faults = faults_in<Only<T>>("{\"x\":" + std::string(value) + "}");
    if (faults.empty()) return {};
    EXPECT_EQ(faults.size(), 1u) << value;
    EXPECT_TRUE(faults[0].starts_with("/x ")) << faults[0];
    return faults[0].substr(3);
}

template <class T>
T value_of(std::string_view value) {
    return decode<Only<T>>(parse("{\"x\":" + std::string(value) + "}")).x;
}

using Lines = std::vector<std::string>;

TEST(JsonDecode, reads_a_request) {
    auto place = decode<Place>(parse(good));
    EXPECT_EQ(to_string(place.customer_id), "0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e");
    EXPECT_EQ(place.email.value, "ada.l+x@example.com");
    EXPECT_FALSE(place.note);
    EXPECT_EQ(place.colour, Colour::dark_blue);
    EXPECT_EQ(place.metadata.at("k"), "v");
    EXPECT_EQ(place.items.size(), 2u);
    EXPECT_EQ(place.items[0].quantity, 100);
    EXPECT_EQ(place.items[1].sku.value, "東京");
    EXPECT_EQ(place.items[1].unit_price->scaled, 199'900);
    EXPECT_EQ(place.extra->source, "shop");
    EXPECT_EQ(place.hash.value, "unset");
}

TEST(JsonDecode, reports_every_fault_at_once) {
    EXPECT_EQ(faults_in<Place>(R"({"customer_id":"x","emial":"a@b.c","note":"123456","note":"",
        "colour":"green","metadata":{"a":5},"hash":"mine",
        "items":[{"sku":"","quantity":0},{"sku":"a\u0000","quantity":1.5,"c/d~":1},
                 {"sku":3,"quantity":null,"unit_price":1.00001}]})"),
              (Lines{"/note duplicate_key", "/customer_id malformed", "/email required",
                     "/note too_long", "/colour unknown_value", "/metadata/a wrong_type",
                     "/items/0/sku too_short", "/items/0/quantity too_small",
                     "/items/1/sku control_character", "/items/1/quantity too_precise",
                     "/items/1/c~1d~0 unknown_field", "/items/2/sku wrong_type",
                     "/items/2/quantity not_nullable", "/items/2/unit_price too_precise",
                     "/source required", "/emial unknown_field", "/hash unknown_field"}));
}

TEST(JsonDecode, refuses_another_kind_of_document) {
    for (std::string_view text : {"[]", "1", "\"a\"", "true"}) {
        EXPECT_EQ(faults_in<Place>(text), Lines{" wrong_type"}) << text;
    }
    EXPECT_EQ(faults_in<Place>("null"), Lines{" not_nullable"});
}

TEST(JsonDecode, suggests_the_name_that_was_meant_only_when_it_is_near) {
    auto message = [](std::string_view name) {
        try {
            decode<Only<std::optional<int>>>(parse("{\"" + std::string(name) + "\":1}"));
            return std::string();
        } catch (const Refusal& refusal) {
            return refusal.faults().at(0).message;
        }
    };
    EXPECT_EQ(message("X"), "is not a field here; did you mean `x`?");
    EXPECT_EQ(message("shipping"), "is not a field here");
    EXPECT_EQ(message(std::string(100'000, 'x')), "is not a field here");
}

TEST(JsonDecode, stops_at_a_hundred_faults) {
    auto many = [](int count) {
        std::string text = "{";
        for (int i = 0; i < count; ++i) text += "\"y" + std::to_string(i) + "\":0,";
        text.back() = '}';
        return faults_in<Only<std::optional<int>>>(text).size();
    };
    EXPECT_EQ(many(99), 99u);
    EXPECT_EQ(many(100), 100u);
    EXPECT_EQ(many(20'000), 100u);
}

TEST(JsonDecode, leaves_out_what_comes_from_elsewhere) {
    struct Move {
        Id<ThingTag> id;
        Int<1, 9> steps;
    };
    const std::string_view elsewhere[] = {"id"};
    DecodeOptions options{elsewhere};
    EXPECT_EQ(decode<Move>(parse(R"({"steps":2})"), options).steps, 2);
    EXPECT_EQ(faults_of([&] { decode<Move>(parse(R"({"steps":2,"id":"x"})"), options); }),
              Lines{"/id unknown_field"});
}

TEST(JsonDecode, knows_absent_null_and_given_changes_apart) {
    struct Patch {
        Change<std::optional<Text<9>>> note;
        Change<Text<9>> name;
        Change<List<int, 0, 2>> tags;
    };
    auto none = decode<Patch>(parse("{}"));
    EXPECT_FALSE(none.note.given || none.name.given || none.tags.given);
    auto some = decode<Patch>(parse(R"({"note":null,"name":"n","tags":[1]})"));
    EXPECT_TRUE(some.note.given && some.name.given && some.tags.given);
    EXPECT_FALSE(some.note.value);
    EXPECT_EQ(faults_in<Patch>(R"({"name":null,"tags":null})"),
              (Lines{"/name not_nullable", "/tags not_nullable"}));
}

TEST(JsonDecode, decides_by_the_type_alone_what_must_be_given) {
    struct Mixed {
        bool flag = true;
        int count = 3;
        std::string name = "n";
        std::optional<int> maybe = 4;
        std::vector<int> list;
        List<int, 0, 3> short_list;
        List<int, 1, 3> some_list;
        Metadata metadata;
        RawJson raw;
    };
    EXPECT_EQ(faults_in<Mixed>("{}"), (Lines{"/flag required", "/count required", "/name required",
                                             "/some_list required", "/raw required"}));
}

TEST(JsonDecode, checks_text) {
    using T = Text<3, 2>;
    EXPECT_EQ(code_of<T>(R"("ab")"), "");
    EXPECT_EQ(code_of<T>(R"("äöü")"), "");
    EXPECT_EQ(code_of<T>(R"("\ud83d\ude9a\n\t")"), "");
    EXPECT_EQ(code_of<T>(R"("a")"), "too_short");
    EXPECT_EQ(code_of<T>(R"("äöüß")"), "too_long");
    EXPECT_EQ(code_of<T>("12"), "wrong_type");
    EXPECT_EQ(code_of<T>("null"), "not_nullable");
    for (std::string_view bad :
         {R"("a\u0000")", R"("a\r")", R"("a\u001f")", R"("a\u007f")", R"("a\u0085")"}) {
        EXPECT_EQ(code_of<T>(bad), "control_character") << bad;
    }
    EXPECT_EQ(code_of<std::string>('"' + std::string(10'000, 'a') + '"'), "");
    EXPECT_EQ(code_of<std::string>('"' + std::string(10'001, 'a') + '"'), "too_long");
}

TEST(JsonDecode, takes_whole_numbers_only_when_exact_and_in_range) {
    using Dozen = Int<1, 12>;
    for (std::string_view fine : {"1", "12", "1.0", "1e1", "120e-1", "0.5e1"}) {
        EXPECT_EQ(code_of<Dozen>(fine), "") << fine;
    }
    EXPECT_EQ(code_of<Dozen>("0"), "too_small");
    EXPECT_EQ(code_of<Dozen>("-1e400"), "too_small");
    EXPECT_EQ(code_of<Dozen>("13"), "too_large");
    EXPECT_EQ(code_of<Dozen>("1e400"), "too_large");
    EXPECT_EQ(code_of<Dozen>("1e401"), "too_large");
    EXPECT_EQ(code_of<Dozen>("99999999999999999999"), "too_large");
    EXPECT_EQ(code_of<Dozen>("1.5"), "too_precise");
    EXPECT_EQ(code_of<Dozen>("1e-400"), "too_precise");
    EXPECT_EQ(code_of<Dozen>("\"5\""), "wrong_type");
    EXPECT_EQ(code_of<Dozen>("true"), "wrong_type");
    EXPECT_EQ(value_of<std::int64_t>("9223372036854775807"), INT64_MAX);
    EXPECT_EQ(code_of<std::int64_t>("9223372036854775808"), "too_large");
    EXPECT_EQ(code_of<std::int32_t>("2147483648"), "too_large");
    EXPECT_EQ(code_of<std::uint16_t>("-1"), "too_small");
    EXPECT_EQ(code_of<std::uint16_t>("65535"), "");
    EXPECT_EQ(code_of<NumberId<ThingTag>>("0"), "too_small");
    EXPECT_EQ(code_of<bool>("1"), "wrong_type");
    EXPECT_EQ(value_of<bool>("false"), false);
}

TEST(JsonDecode, takes_decimals_as_text_or_number_and_never_rounds) {
    EXPECT_EQ(value_of<Amount>("19.99").scaled, 199'900);
    EXPECT_EQ(value_of<Amount>(R"("19.99")").scaled, 199'900);
    EXPECT_EQ(value_of<Amount>("19.99900").scaled, 199'990);
    EXPECT_EQ(value_of<Quantity>("1.5e1").scaled, 150'000);
    EXPECT_EQ(value_of<Quantity>("-2.5").scaled, -25'000);
    EXPECT_EQ(code_of<Amount>("0.00001"), "too_precise");
    EXPECT_EQ(code_of<Amount>("1e-5"), "too_precise");
    EXPECT_EQ(code_of<Quantity>("1e400"), "too_large");
    EXPECT_EQ(code_of<Quantity>("-1e300"), "too_small");
    EXPECT_EQ(code_of<Quantity>("922337203685477.5807"), "");
    EXPECT_EQ(code_of<Quantity>("922337203685477.5808"), "too_large");
    for (std::string_view bad : {R"("")", R"("1,5")", R"("NaN")", R"(" 1")", R"("+1")", R"("1.")",
                                 R"("1e")", R"("0x1")"}) {
        EXPECT_EQ(code_of<Quantity>(bad), "malformed") << bad;
    }
    EXPECT_EQ(code_of<Quantity>("[]"), "wrong_type");
}

TEST(JsonDecode, checks_the_other_scalars) {
    EXPECT_EQ(code_of<Currency>(R"("USD")"), "");
    EXPECT_EQ(code_of<Currency>(R"("usd")"), "unknown_value");
    EXPECT_EQ(code_of<Currency>(R"("")"), "unknown_value");
    EXPECT_EQ(code_of<Time>(R"("2026-11-22T10:15:30+01:00")"), "");
    EXPECT_EQ(code_of<Time>(R"("2026-02-30T10:15:30Z")"), "malformed");
    EXPECT_EQ(code_of<Time>(R"("2026\r11-22T10:15:30Z")"), "malformed");
    EXPECT_EQ(code_of<Date>(R"("2026-11-22")"), "");
    EXPECT_EQ(code_of<Date>(R"("22.11.2026")"), "malformed");
    EXPECT_EQ(code_of<Id<ThingTag>>(R"("0198c9f26b7a7c319d0e3f5a8b1c2d4e")"), "malformed");
    EXPECT_EQ(code_of<Colour>(R"("Red")"), "unknown_value");
    EXPECT_EQ(code_of<Colour>("0"), "wrong_type");
    try {
        value_of<Colour>(R"("")");
        FAIL();
    } catch (const Refusal& refusal) {
        EXPECT_STREQ(refusal.what(), "/x must be one of: red, dark_blue");
    }
}

TEST(JsonDecode, knows_an_address_of_mail) {
    auto code = [](const std::string& address) { return code_of<Email>('"' + address + '"'); };
    EXPECT_EQ(code("o'hara+tag_1@mail.example-shop.co.uk"), "");
    for (std::string bad : {"", "a", "@b.c", "a@", "a@b", "a b@c.d", "a@b..c", ".a@b.c", "a.@b.c",
                            "a@-b.c", "a@b-.c", "a@b.c.", "a@b@c.d", "ä@b.c"}) {
        EXPECT_EQ(code(bad), "malformed") << bad;
    }
    std::string label(61, 'd');
    auto domain = label + "." + label + "." + label + ".";  // 186 characters
    EXPECT_EQ(code(std::string(64, 'a') + "@" + domain + "com"), "");
    EXPECT_EQ(code(std::string(65, 'a') + "@" + domain + "co"), "malformed");
    EXPECT_EQ(code(std::string(64, 'a') + "@" + domain + "info"), "too_long");
}

TEST(JsonDecode, bounds_lists_and_maps) {
    auto list = [](std::size_t n) {
        std::string text = "[";
        for (std::size_t i = 0; i < n; ++i) text += "1,";
        if (n > 0) text.pop_back();
        return text + "]";
    };
    EXPECT_EQ((code_of<List<int, 1, 3>>(list(3))), "");
    EXPECT_EQ((code_of<List<int, 1, 3>>(list(4))), "too_long");
    EXPECT_EQ((code_of<List<int, 1, 3>>(list(0))), "too_short");
    EXPECT_EQ((code_of<List<int, 1, 3>>("{}")), "wrong_type");
    EXPECT_EQ(code_of<std::vector<int>>(list(1'000)), "");
    EXPECT_EQ(code_of<std::vector<int>>(list(1'001)), "too_long");

    auto map = [](int n) {
        std::string text = "{";
        for (int i = 0; i < n; ++i) text += "\"k" + std::to_string(i) + "\":\"v\",";
        text.back() = '}';
        return text;
    };
    EXPECT_EQ(code_of<Metadata>(map(50)), "");
    EXPECT_EQ(code_of<Metadata>(map(51)), "too_long");
    auto entry = [](std::size_t key, std::size_t value) {
        auto faults = faults_in<Only<Metadata>>("{\"x\":{\"" + std::string(key, 'k') + "\":\"" +
                                                std::string(value, 'v') + "\"}}");
        return faults.empty() ? "" : faults[0].substr(faults[0].rfind(' ') + 1);
    };
    EXPECT_EQ(entry(40, 500), "");
    EXPECT_EQ(entry(41, 1), "too_long");
    EXPECT_EQ(entry(1, 501), "too_long");
    EXPECT_EQ(entry(0, 1), "too_short");
}

TEST(JsonDecode, passes_raw_json_on_with_its_exact_numbers) {
    EXPECT_EQ(value_of<RawJson>(R"({ "a" : [ 1.10 , 1e400 , null ] })").text,
              R"({"a":[1.10,1e400,null]})");
    EXPECT_EQ(value_of<RawJson>("null").text, "null");
}

TEST(JsonDecode, reads_the_text_of_queries_and_paths) {
    Faults faults;
    Int<1, 100> limit;
    decode_text_into("25", limit, faults, "?limit");
    std::optional<bool> open;
    decode_text_into("true", open, faults, "?open");
    std::vector<Colour> colours;
    decode_text_into("red,dark_blue", colours, faults, "?colour");
    List<Text<3>, 1, 2> tags;
    decode_text_into("a,b", tags, faults, "?tag");
    EXPECT_TRUE(faults.empty());
    EXPECT_EQ(limit, 25);
    EXPECT_EQ(open, true);
    EXPECT_EQ(colours, (std::vector{Colour::red, Colour::dark_blue}));
    EXPECT_EQ(tags.size(), 2u);

    decode_text_into("101", limit, faults, "?limit");
    decode_text_into("ten", limit, faults, "?limit");
    decode_text_into("1", open, faults, "?open");
    decode_text_into("red,,blue", colours, faults, "?colour");
    decode_text_into("a,b,c", tags, faults, "?tag");
    decode_text_into("\xFF", tags, faults, "?tag");
    Id<ThingTag> id;
    decode_text_into("1", id, faults, "id");
    EXPECT_EQ(
        faults_of([&] { faults.refuse_if_any(); }),
        (Lines{"?limit too_large", "?limit malformed", "?open malformed", "?colour unknown_value",
               "?colour unknown_value", "?tag too_long", "?tag malformed", "id malformed"}));
}

TEST(JsonDecode, reads_what_was_stored_without_the_limits_of_requests) {
    struct Row {
        std::string text;
        Secret<std::string> hash;
        std::vector<int> numbers;
        Money money;
        Currency none;
        Metadata metadata;
        Text<1> shortened;
    };
    Row row{.text = std::string(20'000, '\x01'),
            .hash = {"secret"},
            .numbers = std::vector<int>(2'000, 7),
            .money = {500, *currency_from("JPY")},
            .metadata = {{"", std::string(900, 'v')}},
            .shortened = {"longer than it may be now"}};
    auto text = stored_text(row);
    auto again = read<Row>(text);
    EXPECT_EQ(stored_text(again), text);
    EXPECT_EQ(again.hash.value, "secret");
    EXPECT_EQ(again.money, row.money);
    EXPECT_NO_THROW(read<Only<std::optional<int>>>(R"({"gone":1})"));
    EXPECT_THROW(read<Row>("{}"), std::runtime_error);
    EXPECT_THROW(read<Row>("{"), std::runtime_error);
    EXPECT_THROW(read<Only<int>>(R"({"x":"1"})"), std::runtime_error);
}

// A body of nothing but wrong members must cost no more than it is worth.
TEST(JsonDecode, is_not_slowed_down_by_many_unknown_members) {
    std::string text = "{";
    for (int i = 0; i < 50'000; ++i) text += "\"customer_i" + std::to_string(i) + "\":0,";
    text.back() = '}';
    EXPECT_EQ(faults_in<Place>(text).size(), 100u);
}

struct Wide {
    std::string text;
    std::int64_t number = 0;
    bool flag = false;
    Quantity quantity;
    Time time;
    Id<ThingTag> id;
    std::optional<Text<500, 0>> note;
    std::map<std::string, std::string> pairs;
    std::vector<Extra> extras;
};

RC_GTEST_PROP(JsonDecode, gives_back_what_was_written, ()) {
    Wide wide;
    wide.text = *rc::gen::string<std::string>();
    wide.number = *rc::gen::inRange<std::int64_t>(-INT64_MAX, INT64_MAX);
    wide.flag = *rc::gen::arbitrary<bool>();
    wide.quantity.scaled = *rc::gen::inRange<std::int64_t>(-INT64_MAX, INT64_MAX);
    wide.time.micros =
        *rc::gen::inRange<std::int64_t>(-60'000'000'000'000'000, 250'000'000'000'000'000);
    wide.id.value = {*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>()};
    for (char& c : wide.text) c = static_cast<char>(c & 0x7F);
    if (*rc::gen::arbitrary<bool>()) wide.note = {wide.text + "€"};
    wide.pairs[wide.text] = "\\" + wide.text;
    wide.extras.resize(*rc::gen::inRange<std::size_t>(0, 20), {std::nullopt, wide.text});
    auto text = stored_text(wide);
    RC_ASSERT(stored_text(read<Wide>(text)) == text);
    RC_ASSERT(read<Wide>(text).text == wide.text);
    RC_ASSERT(read<Wide>(text).time == wide.time);
    RC_ASSERT(read<Wide>(text).quantity == wide.quantity);
}

}  // namespace
}  // namespace stateset::json
