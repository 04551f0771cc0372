// What must hold for every route, tested for every route: they come from /openapi.json, so that a
// new one is covered by being served. What cannot be derived is a thing to act on; `recipes()` says
// how to make one for each pattern with parameters, and a test fails when one is missing.

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "support/catalogue.hpp"
#include "support/journey.hpp"
#include "support/recipes.hpp"

namespace stateset::support {
namespace {

// Any caller with credentials may use these, so they name no permission.
// Imports and exports need the permission of what they are about.
const std::set<std::string> without_permission{"GET /api/v1/auth/me",
                                               "POST /api/v1/auth/logout",
                                               "GET /api/v1/moves",
                                               "GET /auth/me",
                                               "POST /auth/logout",
                                               "GET /api/v1/imports",
                                               "POST /api/v1/imports",
                                               "GET /api/v1/imports/{id}",
                                               "GET /api/v1/imports/{id}/chunks/{chunk}",
                                               "PUT /api/v1/imports/{id}/chunks/{chunk}",
                                               "POST /api/v1/imports/{id}/start",
                                               "POST /api/v1/imports/{id}/cancel",
                                               "GET /api/v1/imports/{id}/errors",
                                               "GET /api/v1/exports",
                                               "POST /api/v1/exports",
                                               "GET /api/v1/exports/{id}",
                                               "POST /api/v1/exports/{id}/cancel",
                                               "GET /api/v1/exports/{id}/content"};

class EveryRoute : public Journey {
  protected:
    const Catalogue catalogue = Catalogue::of(server.anybody());

    // Asks, and in passing makes sure that the server is never at a loss.
    Reply ask(Client& client, const Route& route, const std::string& path,
              const std::string& body = {}, Headers headers = {}) {
        auto reply = client.send(route.method, path, body, std::move(headers));
        EXPECT_GE(reply.status, 200) << route.name() << ": " << reply;
        EXPECT_LT(reply.status, 500) << route.name() << " with " << body << ": " << reply;
        return reply;
    }
    // A caller who may do something, but not this.
    Client& without(const std::string& permission) {
        return permission == "events:read" ? ops_reader_ : events_reader_;
    }
    std::string body_of(const Route& route) const {
        return route.body.exists() ? catalogue.example(route.body) : "";
    }
    // Texts of the right form that lead nowhere.
    std::string path_to_nothing(const Route& route) const {
        std::vector<std::string> texts;
        for (const auto& parameter : route.in_path) {
            if (parameter.schema["format"] == "uuid") {
                texts.push_back("0198c9f2-0000-7000-8000-00000000dead");
            } else if (catalogue.has_type(parameter.schema, "integer")) {
                texts.push_back("999999999999");
            } else {
                texts.push_back("no-such-thing");
            }
        }
        return Catalogue::path_with(route, texts);
    }

  private:
    Client events_reader_ = server.anybody().as(server.key({"events:read"}));
    Client ops_reader_ = server.anybody().as(server.key({"ops:read"}));
};

TEST_F(EveryRoute, asks_for_credentials) {
    auto nobody = server.anybody();
    auto stranger = nobody.as("sk_live_000000000000000000000000000000000000");
    for (const auto& route : catalogue.routes()) {
        if (route.open) continue;
        SCOPED_TRACE(route.name());
        for (auto* client : {&nobody, &stranger}) {
            auto reply = ask(*client, route, path_to_nothing(route), body_of(route));
            then(reply).refused(401, "unauthenticated");
            EXPECT_EQ(reply.header("WWW-Authenticate").substr(0, 6), "Bearer");
        }
    }
}

TEST_F(EveryRoute, asks_for_its_permission_and_changes_nothing_without) {
    for (const auto& route : catalogue.routes()) {
        if (route.open) continue;
        SCOPED_TRACE(route.name());
        auto& powerless = without(route.permission);
        if (route.permission.empty()) {
            EXPECT_TRUE(without_permission.contains(route.name())) << "names no permission";
            continue;
        }
        auto reply = ask(powerless, route, path_to_nothing(route), body_of(route));
        then(reply).refused(403, "forbidden");
    }
}

TEST_F(EveryRoute, has_a_recipe_for_what_it_acts_on) {
    for (const auto& route : catalogue.routes()) {
        if (route.open || route.in_path.empty()) continue;
        EXPECT_NE(recipe_for(route), nullptr)
            << route.name() << " needs a line in `recipes` (tests/support/recipes.cpp)";
    }
}

TEST_F(EveryRoute, does_not_find_things_of_another_tenant_and_leaves_them_as_they_are) {
    auto other = server.other_tenant(given.unique("other"));
    std::map<std::string, std::vector<std::string>> made;
    for (const auto& route : catalogue.routes()) {
        auto* recipe = recipe_for(route);
        if (route.open || route.in_path.empty() || !recipe) continue;
        SCOPED_TRACE(route.name());
        try {
            if (!made.contains(recipe->first)) made[recipe->first] = recipe->second(story);
        } catch (const std::exception& failure) {
            ADD_FAILURE() << "the recipe of " << recipe->first << ": " << failure.what();
            continue;
        }
        const auto& texts = made[recipe->first];
        Route thing{.path = recipe->first};
        auto address = Catalogue::path_with(thing, texts);
        auto before = when.get(address);
        auto path = Catalogue::path_with(route, texts);
        auto reply = ask(other, route, path, body_of(route));
        EXPECT_EQ(reply.status, 404) << reply;
        EXPECT_EQ(ask(without(route.permission), route, path, body_of(route)).status,
                  route.permission.empty() ? reply.status : 403);
        auto after = when.get(address);
        EXPECT_EQ(after.status, before.status);
        EXPECT_EQ(after.header("ETag"), before.header("ETag"));
        EXPECT_EQ(after.body, before.body);
    }
}

// Every list, and every way to narrow it down by what a row names: a reader of another tenant gets
// no row that this one has, not by naming it either.
TEST_F(EveryRoute, lists_nothing_of_another_tenant) {
    const std::set<std::string> streams{"/api/v1/events/stream", "/api/v1/events/ws"};
    // Templates that came with the server are everybody's; tenants are the first one's to list.
    const std::string shared = "/api/v1/notifications/templates", first_only = "/api/v1/tenants";
    // Lists of what is in a state that no recipe brings about.
    const std::set<std::string> may_be_empty{"/api/v1/boms/costs", "/api/v1/inventory/low-stock"};
    auto other = server.other_tenant(given.unique("other"));
    for (const auto& [pattern, recipe] : recipes()) {
        SCOPED_TRACE(pattern);
        EXPECT_NO_THROW(recipe(story));
    }
    int rows = 0;
    for (const auto& route : catalogue.routes()) {
        if (route.method != "GET" || route.open || !route.in_path.empty()) continue;
        if (streams.contains(route.path)) continue;
        SCOPED_TRACE(route.name());
        auto ours = ask(when, route, route.path);
        if (!ours["data"].is_array()) continue;
        EXPECT_TRUE(ours["data"].size() > 0 || may_be_empty.contains(route.path))
            << "no recipe makes such a thing";
        auto theirs = ask(other, route, route.path);
        EXPECT_EQ(theirs.status, route.path == first_only ? 403 : 200) << theirs;
        std::set<std::string> foreign;
        for (const auto& row : theirs["data"].elements()) foreign.insert(row["id"].text());
        for (const auto& row : ours["data"].elements()) {
            ++rows;
            auto built_in = route.path == shared && !row["customized"].is_true();
            if (row["id"].exists() && !built_in) {
                EXPECT_FALSE(foreign.contains(row["id"].text())) << row.dump();
            }
            for (const auto& name : row.keys()) {
                if (!name.ends_with("_id") || !row[name].is_string()) continue;
                auto named = ask(other, route, route.path + "?" + name + "=" + row[name].text());
                EXPECT_EQ(named["data"].size(), 0u) << name << ": " << named;
            }
        }
    }
    EXPECT_GT(rows, 30);
}

TEST_F(EveryRoute, answers_404_to_ids_of_nothing_and_to_what_is_no_id) {
    for (const auto& route : catalogue.routes()) {
        if (route.open || route.in_path.empty()) continue;
        SCOPED_TRACE(route.name());
        auto nothing = ask(when, route, path_to_nothing(route), body_of(route));
        EXPECT_EQ(nothing.status, 404) << nothing;
        for (const char* text : {"no-id", "0198c9f2-6b7a", "-1", "0", "%", "\xff", "a/b"}) {
            std::vector<std::string> texts(route.in_path.size(), text);
            auto reply = ask(when, route, Catalogue::path_with(route, texts), body_of(route));
            EXPECT_EQ(reply.status, 404) << text << ": " << reply;
        }
    }
}

TEST_F(EveryRoute, reads_no_other_kind_of_body) {
    for (const auto& route : catalogue.routes()) {
        if (!route.body.exists()) continue;
        SCOPED_TRACE(route.name());
        auto path = path_to_nothing(route), body = body_of(route);
        for (Headers headers :
             {Headers{{"Content-Type", "text/plain"}},
              Headers{{"Content-Type", "application/json; charset=latin1"}},
              Headers{{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}}}) {
            auto reply = ask(when, route, path, body, headers);
            then(reply).refused(415, "unsupported_media_type");
        }
    }
}

TEST_F(EveryRoute, says_which_methods_its_path_has) {
    std::map<std::string, std::pair<const Route*, std::set<std::string>>> paths;
    for (const auto& route : catalogue.routes()) {
        auto& [one, methods] = paths[route.path];
        one = &route;
        methods.insert(route.method);
    }
    for (const auto& [path, known] : paths) {
        SCOPED_TRACE(path);
        const auto& [route, methods] = known;
        auto address = path_to_nothing(*route);
        for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
            if (methods.contains(method)) continue;
            auto reply = when.send(method, address);
            then(reply).refused(405, "method_not_allowed");
            for (const auto& allowed : methods) {
                EXPECT_NE(reply.header("Allow").find(allowed), std::string::npos)
                    << reply.header("Allow");
            }
        }
        auto options = when.send("OPTIONS", address);
        EXPECT_EQ(options.status, 204);
        EXPECT_NE(options.header("Allow").find(*methods.begin()), std::string::npos);
    }
}

TEST_F(EveryRoute, knows_no_other_query_parameters) {
    for (const auto& route : catalogue.routes()) {
        SCOPED_TRACE(route.name());
        auto path = path_to_nothing(route) + "?no_such_parameter=1";
        auto reply = ask(when, route, path, body_of(route));
        then(reply).refused(400, "invalid").names("?no_such_parameter");
    }
}

// A route's body, and each of its fields spoilt in every way its schema forbids.
class EveryBody : public EveryRoute {
  protected:
    void spoil(const Route& route, const std::string& pointer, const std::string& value,
               std::string_view why) {
        auto body = changed(base_, pointer, value);
        auto reply = ask(when, route, path_to_nothing(route), body);
        bool named = false;
        for (const auto& fault : reply["errors"].elements()) named |= fault["pointer"] == pointer;
        EXPECT_TRUE(reply.status == 400 && named) << route.name() << ", " << pointer << " " << why
                                                  << ": " << body.substr(0, 300) << "\n  " << reply;
        ++asked_;
    }
    void spoil_text(const Route& route, const std::string& pointer, const Json& schema) {
        if (schema["maxLength"].exists()) {
            auto length = static_cast<std::size_t>(schema["maxLength"].number()) + 1;
            spoil(route, pointer, "\"" + std::string(length, 'a') + "\"", "too long");
        }
        if (schema["minLength"].number() > 0) spoil(route, pointer, "\"\"", "too short");
        bool coded = schema["enum"].exists() || schema["format"].exists();
        bool any_text = !schema["pattern"].exists() || schema["pattern"].text().starts_with("^[^");
        if (coded || !any_text) {
            spoil(route, pointer, "\"no such word\"", "is not of this form");
        }
        if (!coded) spoil(route, pointer, R"("bell\u0007")", "has a control character");
    }
    void spoil_field(const Route& route, const std::string& pointer, const Json& given, int depth) {
        auto schema = catalogue.resolved(given);
        bool object = catalogue.has_type(schema, "object");
        bool array = catalogue.has_type(schema, "array");
        if (!schema["type"].exists()) return;  // anything goes
        spoil(route, pointer, object || array ? "true" : R"({"is":"wrong"})", "of the wrong type");
        if (!catalogue.has_type(given, "null")) spoil(route, pointer, "null", "null");
        if (catalogue.has_type(schema, "string")) spoil_text(route, pointer, schema);
        constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
        constexpr auto highest = std::numeric_limits<std::int64_t>::max();
        if (schema["maximum"].exists() && schema["maximum"].number() < highest) {
            spoil(route, pointer, std::to_string(schema["maximum"].number() + 1), "too large");
        }
        if (schema["minimum"].exists() && schema["minimum"].number() > lowest) {
            spoil(route, pointer, std::to_string(schema["minimum"].number() - 1), "too small");
        }
        if (array) spoil_list(route, pointer, schema, depth);
        if (object && depth < 4) spoil_object(route, pointer, schema, depth);
    }
    void spoil_list(const Route& route, const std::string& pointer, const Json& schema, int depth) {
        auto one = catalogue.example(schema["items"], depth + 1);
        if (schema["maxItems"].exists()) {
            std::string many = "[" + one;
            for (std::int64_t i = 0; i < schema["maxItems"].number(); ++i) many += "," + one;
            spoil(route, pointer, many + "]", "too many");
        }
        if (schema["minItems"].number() > 0) spoil(route, pointer, "[]", "too few");
        auto kept = base_;
        base_ = changed(base_, pointer, "[" + one + "]");
        spoil_field(route, pointer + "/0", schema["items"], depth + 1);
        base_ = kept;
    }
    void spoil_object(const Route& route, const std::string& pointer, const Json& schema,
                      int depth) {
        if (schema["additionalProperties"].exists() && schema["additionalProperties"].is_object()) {
            return;  // a map: its names are free
        }
        auto kept = base_;
        if (!pointer.empty()) base_ = changed(base_, pointer, catalogue.example(schema, 0));
        spoil(route, pointer + "/no_such_field", "1", "is unknown");
        for (const auto& required : schema["required"].elements()) {
            spoil(route, pointer + "/" + required.text(), "", "is missing");
        }
        for (const auto& name : schema["properties"].keys()) {
            spoil_field(route, pointer + "/" + name, schema["properties"][name], depth + 1);
        }
        base_ = kept;
    }

    std::string base_;
    int asked_ = 0;
};

TEST_F(EveryBody, is_refused_with_a_pointer_for_every_spoilt_field) {
    for (const auto& route : catalogue.routes()) {
        if (!route.body.exists()) continue;
        SCOPED_TRACE(route.name());
        base_ = body_of(route);
        spoil_object(route, "", catalogue.resolved(route.body), 0);
    }
    EXPECT_GT(asked_, 500);
    EXPECT_EQ(server.anybody().get("/readyz").status, 200);
}

TEST_F(EveryBody, is_one_json_object) {
    for (const auto& route : catalogue.routes()) {
        if (!route.body.exists()) continue;
        SCOPED_TRACE(route.name());
        for (const char* text : {"[]", "1", "\"text\"", "null", "true"}) {
            EXPECT_EQ(ask(when, route, path_to_nothing(route), text).status, 400) << text;
        }
        for (const char* text : {"{", "{}{}", " ", "{\"a\":}", "\xff"}) {
            auto reply = ask(when, route, path_to_nothing(route), text);
            then(reply).refused(400, "unreadable");
        }
    }
}

}  // namespace
}  // namespace stateset::support
