// The API's description: what is served is what the endpoint table says and what is committed, and
// a version only ever grows.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "app.hpp"
#include "platform/http/openapi.hpp"
#include "support/catalogue.hpp"
#include "support/server.hpp"

namespace stateset::support {
namespace {

const std::filesystem::path source = STATESET_SOURCE;

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

// What a client of the old document would stumble over in the new one.
class Differences {
  public:
    Differences(Json before, Json after)
        : before_(std::move(before)), after_(std::move(after)), old_(before_), new_(after_) {}

    std::vector<std::string> breaking() {
        auto paths = before_["paths"];
        for (const auto& path : paths.keys()) {
            for (const auto& method : paths[path].keys()) {
                where_ = method + " " + path;
                auto now = after_["paths"][path][method];
                if (!now.exists()) {
                    say("is gone");
                } else {
                    operation(paths[path][method], now);
                }
            }
        }
        return found_;
    }

  private:
    void say(const std::string& what) { found_.push_back(where_ + ": " + what); }

    void operation(const Json& before, const Json& after) {
        if (before["operationId"] != after["operationId"].text()) say("has another operationId");
        std::map<std::string, Json> known;
        for (const auto& each : before["parameters"].elements()) {
            auto parameter = old_.resolved(each);
            known[parameter["name"].text()] = parameter;
        }
        for (const auto& each : after["parameters"].elements()) {
            auto parameter = new_.resolved(each);
            auto name = parameter["name"].text();
            bool was_required = known.contains(name) && known[name]["required"].is_true();
            if (parameter["required"].is_true() && !was_required) say("now needs ?" + name);
            known.erase(name);
        }
        for (const auto& [name, _] : known) say("no longer takes " + name);
        auto media = "/content/application~1json/schema";
        input(before["requestBody"].at(media), after["requestBody"].at(media), "body", 0);
        for (const auto& status : before["responses"].keys()) {
            if (status[0] == '4' || status[0] == '5') continue;
            auto then = before["responses"][status], now = after["responses"][status];
            if (!now.exists()) {
                say("no longer answers " + status);
            } else {
                output(then.at(media), now.at(media), status, 0);
            }
        }
    }
    // What could be sent must still be taken.
    void input(const Json& given_before, const Json& given_after, const std::string& at,
               int depth) {
        if (!given_before.exists() || depth > 8) return;
        auto before = old_.resolved(given_before), after = new_.resolved(given_after);
        if (!after.exists()) return say(at + " is no longer taken");
        types(before, after, at);
        words(before["enum"], after["enum"], at);
        for (const char* limit : {"maxLength", "maxItems", "maximum"}) {
            if (after[limit].exists() &&
                (!before[limit].exists() || after[limit].number() < before[limit].number())) {
                say(at + " has a smaller " + limit);
            }
        }
        std::set<std::string> required;
        for (const auto& name : before["required"].elements()) required.insert(name.text());
        for (const auto& name : after["required"].elements()) {
            if (!required.contains(name.text())) say(at + "/" + name.text() + " is now required");
        }
        for (const auto& name : before["properties"].keys()) {
            input(before["properties"][name], after["properties"][name], at + "/" + name,
                  depth + 1);
        }
        input(before["items"], after["items"], at + "/0", depth + 1);
    }
    // What was shown must still be shown.
    void output(const Json& given_before, const Json& given_after, const std::string& at,
                int depth) {
        if (!given_before.exists() || depth > 8) return;
        auto before = old_.resolved(given_before), after = new_.resolved(given_after);
        if (!after.exists()) return say(at + " is no longer shown");
        types(before, after, at);
        words(before["enum"], after["enum"], at);
        for (const auto& name : before["properties"].keys()) {
            output(before["properties"][name], after["properties"][name], at + "/" + name,
                   depth + 1);
        }
        output(before["items"], after["items"], at + "/0", depth + 1);
    }
    void types(const Json& before, const Json& after, const std::string& at) {
        for (const char* type : {"string", "number", "integer", "boolean", "array", "object"}) {
            if (old_.has_type(before, type) && !new_.has_type(after, type)) {
                say(at + " is no " + type + " any more");
            }
        }
    }
    void words(const Json& before, const Json& after, const std::string& at) {
        if (!after.exists()) return;
        std::set<std::string> now;
        for (const auto& word : after.elements()) now.insert(word.text());
        for (const auto& word : before.elements()) {
            if (!now.contains(word.text())) say(at + " no longer knows " + word.text());
        }
    }

    Json before_, after_;
    Catalogue old_, new_;
    std::string where_;
    std::vector<std::string> found_;
};

http::Description described() {
    Api api;
    routes(api);
    return http::describe(api);
}

TEST(OpenApi, is_served_as_the_table_says_and_committed_as_it_is_served) {
    auto generated = Json::parse(described().document);
    ASSERT_TRUE(generated.exists());
    auto served = Server::shared().anybody().get("/openapi.json");
    EXPECT_EQ(served.status, 200);
    EXPECT_EQ(served.header("Content-Type"), "application/json");
    EXPECT_EQ(served.json().dump(), generated.dump());

    auto committed = content_of(source / "openapi.json");
    auto printed = run_stateset({"openapi"});
    EXPECT_EQ(printed.status, 0);
    EXPECT_TRUE(printed.output == committed)
        << "openapi.json is not what `stateset openapi` prints; run `./dev docs` and commit it";
}

TEST(OpenApi, breaks_nothing_that_was_committed) {
    auto committed = Json::parse(content_of(source / "openapi.json"));
    ASSERT_TRUE(committed.exists()) << "openapi.json is missing; run `./dev docs`";
    Differences differences(committed, Json::parse(described().document));
    for (const auto& each : differences.breaking()) ADD_FAILURE() << each;
}

TEST(OpenApi, names_what_would_break_a_client) {
    auto text = described().document;
    auto before = Json::parse(text);
    auto without = [&](const std::string& pointer) {
        return Differences(before, Json::parse(changed(text, pointer, ""))).breaking();
    };
    EXPECT_TRUE(Differences(before, before).breaking().empty());
    EXPECT_FALSE(without("/paths/~1api~1v1~1customers/post").empty());
    EXPECT_FALSE(without("/components/schemas/Customer/properties/email").empty());
    EXPECT_FALSE(without("/paths/~1api~1v1~1customers~1{id}/get/responses/200").empty());
}

TEST(OpenApi, describes_every_field) {
    for (const auto& [field, where] : described().undescribed) {
        ADD_FAILURE() << "`" << field << "` of " << where
                      << " has no description: add it to api.describe(…) in its routes.cpp";
    }
}

TEST(OpenApi, gives_every_operation_a_name_of_its_own_and_a_summary) {
    Catalogue catalogue(Json::parse(described().document));
    std::set<std::string> names;
    for (const auto& route : catalogue.routes()) {
        EXPECT_TRUE(names.insert(route.operation).second)
            << route.name() << " has the name of another: " << route.operation;
    }
    const auto& paths = catalogue.document()["paths"];
    for (const auto& path : paths.keys()) {
        for (const auto& operation : paths[path].elements()) {
            EXPECT_FALSE(operation["summary"].text().empty()) << path;
        }
    }
}

// SDKs, gRPC and the command line are called by these names: none may change or go.
TEST(OpenApi, keeps_the_names_that_were_committed) {
    Catalogue catalogue(Json::parse(described().document));
    std::set<std::string> names;
    for (const auto& route : catalogue.routes()) {
        names.insert(route.operation + " " + route.method + " " + route.path);
    }
    std::istringstream lines(content_of(source / "tests" / "contract" / "operations.txt"));
    for (std::string line; std::getline(lines, line);) {
        EXPECT_EQ(names.erase(line), 1u) << line << " is gone";
    }
    for (const auto& name : names) {
        ADD_FAILURE() << name << " is new: add it to tests/contract/operations.txt";
    }
}

TEST(OpenApi, tells_what_each_tag_is_about) {
    auto document = Json::parse(described().document);
    EXPECT_GT(document["tags"].size(), 20u);
    for (const auto& tag : document["tags"].elements()) {
        EXPECT_FALSE(tag["description"].text().empty())
            << tag["name"].text() << " has no line in openapi_parts.cpp";
    }
}

TEST(OpenApi, leads_from_what_was_made_to_what_can_be_done_with_it) {
    auto document = Json::parse(described().document);
    auto made = document.at("/paths/~1api~1v1~1orders/post/responses/201/links");
    EXPECT_EQ(made.at("/orders_get/parameters/id"), "$response.body#/id");
    EXPECT_TRUE(made["orders_cancel"].exists());
    EXPECT_EQ(made.at("/orders_get_by_number/parameters/order_number"),
              "$response.body#/order_number");
    auto listed = document.at("/paths/~1api~1v1~1orders/get/responses/200/links");
    EXPECT_EQ(listed.at("/orders_get/parameters/id"), "$response.body#/data/0/id");
    auto variant = document.at("/paths/~1api~1v1~1products~1{id}~1variants/post/responses/201");
    EXPECT_EQ(variant.at("/links/products_variants_get/parameters/id"), "$request.path.id");
    EXPECT_EQ(variant.at("/links/products_variants_get/parameters/variant_id"),
              "$response.body#/id");
}

TEST(OpenApi, says_what_every_answer_and_parameter_may_be) {
    auto document = Json::parse(described().document);
    auto place = document.at("/paths/~1api~1v1~1orders/post");
    EXPECT_EQ(place["x-verb"], "create");
    EXPECT_EQ(place["x-resource"][0], "orders");
    EXPECT_EQ(place["security"].size(), 2u);
    for (const char* status : {"201", "400", "401", "403", "409", "414", "422", "429", "431"}) {
        EXPECT_TRUE(place["responses"][status].exists()) << status;
    }
    EXPECT_TRUE(place.at("/responses/201/content/application~1json/example/id").exists());
    EXPECT_TRUE(place.at("/responses/201/headers/Dry-Run").exists());
}

TEST(OpenApi, refers_only_to_what_it_holds) {
    auto text = described().document;
    auto document = Json::parse(text);
    std::regex reference(R"re("\$ref":"#([^"]*)")re");
    std::set<std::string> seen;
    for (std::sregex_iterator at(text.begin(), text.end(), reference), end; at != end; ++at) {
        seen.insert((*at)[1].str());
    }
    EXPECT_GT(seen.size(), 10u);
    for (const auto& pointer : seen) EXPECT_TRUE(document.at(pointer).exists()) << pointer;
}

TEST(StatusCodes, are_committed_as_they_are_in_the_code) {
    Api api;
    routes(api);
    EXPECT_TRUE(content_of(source / "docs" / "status-codes.md") == http::status_codes_page(api))
        << "docs/status-codes.md is not what `stateset status-codes` prints; run `./dev docs`";
}

// A code that a route does not name in `.refuses` would be missing from the page and from OpenAPI.
TEST(StatusCodes, all_stand_on_the_page) {
    Api api;
    routes(api);
    auto page = http::status_codes_page(api);
    std::regex declared(R"re(constexpr Code \w+\s*\{\s*"(\w+)")re");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source / "src")) {
        if (entry.path().extension() != ".hpp" && entry.path().extension() != ".cpp") continue;
        auto text = content_of(entry.path());
        for (std::sregex_iterator at(text.begin(), text.end(), declared), end; at != end; ++at) {
            EXPECT_NE(page.find("`" + (*at)[1].str() + "`"), std::string::npos)
                << (*at)[1] << " of " << entry.path().filename() << " is in no route's `.refuses`";
        }
    }
}

TEST(Probes, answer_without_credentials) {
    auto client = Server::shared().anybody();
    EXPECT_EQ(client.get("/livez")["status"], "alive");
    EXPECT_EQ(client.get("/readyz")["status"], "ready");
    EXPECT_EQ(client.send("HEAD", "/livez").status, 200);
    EXPECT_EQ(client.get("/status").status, 401);
    auto status = Server::shared().admin().get("/status");
    EXPECT_EQ(status.status, 200) << status;
    EXPECT_GT(status["committer"]["commands"].number(), 0);
}

}  // namespace
}  // namespace stateset::support
