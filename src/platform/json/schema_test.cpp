#include "platform/json/schema.hpp"

#include <gtest/gtest.h>

#include "platform/json/tape.hpp"

namespace stateset::json {
namespace orders {
struct LineTag;
enum class Status { pending, on_hold };
struct Line {
    Id<LineTag> id;
    Int<1, 9> quantity;
    std::optional<Status> status;
    Secret<std::string> hash;
};
struct Place {
    std::string id;
    List<Line, 1, 10> lines;
    Metadata metadata;
    std::optional<Line> gift;
    Change<std::optional<Text<10>>> note;
    Quantity quantity;
    RawJson raw;
    bool express = false;
};
template <class T>
struct Page {
    std::vector<T> data;
};
}  // namespace orders
namespace returns {
struct Line {
    std::string name;
};
struct Return {
    Flat<Line> line;
    std::optional<bool> open;
    Expanded<bool> late;
};
}  // namespace returns

namespace {

const FieldDoc* glossary(std::string_view field) {
    static constexpr FieldDoc name{"What it is \"called\".", "Ada"};
    static constexpr FieldDoc quantity{"How many.", "not a number"};
    if (field == "name") return &name;
    return field == "quantity" ? &quantity : nullptr;
}

TEST(JsonSchema, describes_an_output_as_the_writer_writes_it) {
    Definitions named(glossary);
    EXPECT_EQ(schema<orders::Page<orders::Line>>(Direction::output, named),
              R"({"$ref":"#/components/schemas/LinePage"})");
    EXPECT_EQ(named.all().at("LinePage"),
              R"({"type":"object","properties":{"data":{"type":"array","items":)"
              R"({"$ref":"#/components/schemas/Line"}}},"required":["data"]})");
    EXPECT_EQ(named.all().at("Line"),
              R"({"type":"object","properties":{"id":{"type":"string","format":"uuid",)"
              R"("examples":["0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e"]},)"
              R"("quantity":{"type":"integer","format":"int64","minimum":1,"maximum":9,)"
              R"("description":"How many.","examples":[1]},)"
              R"("status":{"type":["string","null"],"enum":["pending","on_hold",null],)"
              R"("examples":["pending"]}},"required":["id","quantity","status"]})");
}

TEST(JsonSchema, describes_an_input_as_the_decoder_reads_it) {
    Definitions named(glossary);
    const std::string_view elsewhere[] = {"id"};
    const std::string plain = R"("pattern":"^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$")";
    schema<orders::Place>(Direction::input, named, elsewhere);
    EXPECT_EQ(
        named.all().at("Place"),
        R"({"type":"object","properties":{"lines":{"type":"array","items":)"
        R"({"$ref":"#/components/schemas/Line"},"minItems":1,"maxItems":10},)"
        R"("metadata":{"type":"object","additionalProperties":{"type":"string",)"
        R"("maxLength":500,)" +
            plain +
            R"(},"maxProperties":50,"propertyNames":{)"
            R"("type":"string","minLength":1,"maxLength":40,)" +
            plain +
            R"(},"examples":[{"colour":"blue"}]},)"
            R"("gift":{"anyOf":[{"$ref":"#/components/schemas/Line"},{"type":"null"}]},)"
            R"("note":{"type":["string","null"],"minLength":1,"maxLength":10,)" +
            plain +
            R"(},)"
            R"("quantity":{"type":["string","number"],"maxLength":20,"minimum":-922337203685477,)"
            R"("maximum":922337203685477,"multipleOf":0.0625,)"
            R"("pattern":"^-?[0-9]{1,14}([.][0-9]{1,4})?$",)"
            R"("description":"How many.","examples":["not a number"]},"raw":{},)"
            R"("express":{"type":"boolean","examples":[true]}},)"
            R"("required":["lines","quantity","raw","express"],"additionalProperties":false})");
}

TEST(JsonSchema, gives_each_type_and_direction_a_name_of_its_own) {
    Definitions named(glossary);
    schema<orders::Line>(Direction::output, named);
    EXPECT_EQ(schema<orders::Line>(Direction::output, named),
              R"({"$ref":"#/components/schemas/Line"})");
    EXPECT_EQ(schema<orders::Line>(Direction::input, named),
              R"({"$ref":"#/components/schemas/LineInput"})");
    EXPECT_EQ(schema<returns::Line>(Direction::output, named),
              R"({"$ref":"#/components/schemas/ReturnsLine"})");
    EXPECT_EQ(named.all().size(), 3u);
}

TEST(JsonSchema, flattens_and_names_what_the_glossary_lacks) {
    Definitions named(glossary);
    schema<returns::Return>(Direction::output, named);
    EXPECT_EQ(named.all().at("Return"),
              R"({"type":"object","properties":{"name":{"type":"string",)"
              R"("description":"What it is \"called\".","examples":["Ada"]},)"
              R"("open":{"type":["boolean","null"],"examples":[true]},)"
              R"("late":{"type":"boolean","examples":[true]}},)"
              R"("required":["name","open"]})");
    ASSERT_EQ(named.undescribed().size(), 2u);
    EXPECT_TRUE(named.undescribed().contains("open"));
}

TEST(JsonSchema, is_itself_json) {
    Definitions named(glossary);
    schema<orders::Place>(Direction::input, named);
    schema<orders::Page<returns::Return>>(Direction::output, named);
    for (const auto& [name, text] : named.all()) EXPECT_NO_THROW(parse(text)) << name;
}

}  // namespace
}  // namespace stateset::json
