#include "notifications/template_language.hpp"

#include <gtest/gtest.h>

namespace stateset::notifications {
namespace {

struct Piece {
    std::string name;
    std::int64_t quantity = 0;
    Secret<std::int64_t> hidden;
};
struct Basket {
    std::string number;
    std::optional<std::string> note;
    std::vector<Piece> items;
    Metadata metadata;
    Expanded<Piece> expanded;
};
struct Data {
    Basket order;
};

constexpr const char* data = R"({"order":{"number":"SO-1","note":null,"gift":false,"empty":"",
    "items":[{"name":"Mug","quantity":2},{"name":"<b>Cup</b> & \"co\"","quantity":1}],"none":[],
    "metadata":{"colour":"blue"}},"name":"outer"})";

std::string written(std::string_view source, Form form = Form::text) {
    auto tape = json::parse(data);
    return render(source, tape.root(), form);
}

std::vector<std::string> faults(std::string_view source) {
    std::vector<std::string> codes;
    for (const auto& fault : faults_of(source, names_of<Data>(), "/text")) {
        EXPECT_EQ(fault.pointer, "/text");
        codes.push_back(fault.code + ": " + fault.message);
    }
    return codes;
}

TEST(TemplateLanguage, writes_what_the_names_stand_for) {
    const std::pair<const char*, const char*> table[] = {
        {"", ""},
        {"plain { text }} }", "plain { text }} }"},
        {"No. {{order.number}}!", "No. SO-1!"},
        {"{{ order.number }}", "SO-1"},
        {"[{{order.note}}{{order.nothing}}{{nothing.at.all}}{{order.number.deeper}}]", "[]"},
        {"{{order.metadata.colour}}", "blue"},
        {"{{order}}{{order.items}}", ""},
        {"{{order.gift}}", "false"},
        {"{{#order.items}}{{quantity}}x{{name}};{{/order.items}}", "2xMug;1x<b>Cup</b> & \"co\";"},
        {"{{#order.items}}{{order.number}} {{/order.items}}", "SO-1 SO-1 "},
        {"{{#order.note}}note{{/order.note}}{{^order.note}}none{{/order.note}}", "none"},
        {"{{#order.number}}yes{{/order.number}}{{^order.number}}no{{/order.number}}", "yes"},
        {"{{#order.gift}}a{{/order.gift}}{{#order.empty}}b{{/order.empty}}"
         "{{#order.none}}c{{/order.none}}{{#order.nothing}}d{{/order.nothing}}",
         ""},
        {"{{#order}}{{number}} {{name}}{{/order}}", "SO-1 outer"},
        {"{{#order}}{{#items}}{{quantity}}{{/items}}{{/order}}", "21"},
        {"a\n{{#order.items}}\n- {{name}}\n{{/order.items}}\nz",
         "a\n- Mug\n- <b>Cup</b> & \"co\"\nz"},
        {"{{#order}}\n  {{#items}}  \n{{quantity}}\n{{/items}}\n{{/order}}", "2\n1\n"},
        {"a {{#order.gift}}b{{/order.gift}}\nc", "a \nc"},
        {"a\n\n{{#order.note}}\nx\n{{/order.note}}\n\nb", "a\n\n\nb"},
    };
    for (const auto& [source, wanted] : table) EXPECT_EQ(written(source), wanted) << source;
}

TEST(TemplateLanguage, escapes_values_in_html_and_nothing_else) {
    EXPECT_EQ(written("<i>{{order.number}}</i>", Form::html), "<i>SO-1</i>");
    EXPECT_EQ(written("{{#order.items}}<li>{{name}}</li>{{/order.items}}", Form::html),
              "<li>Mug</li><li>&lt;b&gt;Cup&lt;/b&gt; &amp; &quot;co&quot;</li>");
    EXPECT_EQ(escaped_for_html("it's"), "it&#39;s");
    EXPECT_EQ(html_of("Hello <you>,\nsecond\n\n\nnext\n"),
              "<p>Hello &lt;you&gt;,<br>\nsecond</p>\n<p>next</p>\n");
}

TEST(TemplateLanguage, never_takes_what_is_in_the_data_for_a_tag) {
    auto tape = json::parse(R"({"a":"{{b}}","b":"secret"})");
    EXPECT_EQ(render("{{a}}", tape.root(), Form::text), "{{b}}");
}

TEST(TemplateLanguage, knows_the_names_a_struct_shows) {
    for (const char* fine :
         {"", "{{order.number}}", "{{order.note}}", "{{order.metadata.anything_at_all}}",
          "{{#order.items}}{{name}} {{quantity}} {{order.number}}{{/order.items}}",
          "{{#order.note}}{{order.note}}{{/order.note}}{{^order.items}}none{{/order.items}}",
          "{{#order}}{{number}}{{/order}}"}) {
        EXPECT_TRUE(faults(fine).empty()) << fine << ": " << ::testing::PrintToString(faults(fine));
    }
}

TEST(TemplateLanguage, names_every_name_it_does_not_know) {
    const std::pair<const char*, const char*> table[] = {
        {"{{order.numbre}}", "unknown_name: `order.numbre` is no name of this template"},
        {"{{number}}", "unknown_name: `number` is no name of this template"},
        {"{{#order.items}}{{hidden}}{{/order.items}}",
         "unknown_name: `hidden` is no name of this template"},
        {"{{order.expanded.name}}",
         "unknown_name: `order.expanded.name` is no name of this template"},
        {"{{order.items.name}}", "unknown_name: `order.items.name` is no name of this template"},
        {"{{#order.item}}{{/order.item}}",
         "unknown_name: `order.item` is no name of this template"},
        {"{{^order.items}}{{name}}{{/order.items}}",
         "unknown_name: `name` is no name of this template"},
        {"{{order.number.x}}", "unknown_name: `order.number.x` is no name of this template"},
        {"{{order}}", "not_a_value: `order` is no single value; use a section or a name in it"},
        {"{{order.items}}",
         "not_a_value: `order.items` is no single value; use a section or a name in it"},
        {"{{order.number", "malformed: `{{order.number` is no tag of a template"},
        {"{{}}", "malformed: `{{` is no tag of a template"},
        {"{{a b}}", "malformed: `{{a b` is no tag of a template"},
        {"{{order..number}}", "malformed: `{{order..number` is no tag of a template"},
        {"{{> partial}}", "malformed: `{{> partial` is no tag of a template"},
        {"{{{order.number}}}", "malformed: `{{{order.number` is no tag of a template"},
        {"{{#order}}", "malformed: `{{#order}}` is not closed"},
        {"{{/order}}", "malformed: `{{/order}}` closes no section"},
    };
    for (const auto& [source, wanted] : table) {
        ASSERT_FALSE(faults(source).empty()) << source;
        EXPECT_EQ(faults(source)[0], wanted) << source;
    }
    EXPECT_EQ(faults("{{a}}{{b}}{{order.number}}{{c}}").size(), 3u);
}

TEST(TemplateLanguage, has_bounds) {
    std::string deep, end;
    for (int i = 0; i < 9; ++i) {
        deep += "{{#order}}";
        end += "{{/order}}";
    }
    EXPECT_EQ(faults(deep + end).at(0), "too_deep: has sections more than 8 deep");
    std::string items;
    for (int i = 0; i < 500; ++i) items += i ? ",{}" : "{}";
    auto tape = json::parse(R"({"a":[)" + items + "]}");
    auto nested = "{{#a}}{{#a}}" + std::string(1000, 'x') + "{{/a}}{{/a}}";
    EXPECT_LT(render(nested, tape.root(), Form::text).size(), longest_rendering + 2000);
}

}  // namespace
}  // namespace stateset::notifications
