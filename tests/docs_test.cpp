// The documentation that is part of the binary: served as pages should be, and asking nobody else.

#include <regex>

#include "support/journey.hpp"

namespace stateset::support {
namespace {

TEST(Docs, are_served_with_a_policy_that_asks_nobody_else) {
    auto client = Server::shared().anybody();
    for (const char* path : {"/docs/", "/docs/status-codes", "/docs/api/orders.html",
                             "/docs/style.css", "/docs/script.js", "/docs/search-index.js"}) {
        auto page = client.get(path);
        EXPECT_EQ(page.status, 200) << path;
        auto policy = page.header("Content-Security-Policy");
        EXPECT_TRUE(policy.starts_with("default-src 'none'")) << path << ": " << policy;
        EXPECT_EQ(policy.find("unsafe"), std::string::npos);
        EXPECT_EQ(page.header("X-Content-Type-Options"), "nosniff") << path;
    }
}

TEST(Docs, are_of_the_kind_that_their_name_says) {
    auto client = Server::shared().anybody();
    EXPECT_EQ(client.get("/docs/").header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(client.get("/docs/style.css").header("Content-Type"), "text/css; charset=utf-8");
    EXPECT_EQ(client.get("/docs/script.js").header("Content-Type"),
              "text/javascript; charset=utf-8");
    EXPECT_EQ(client.get("/docs/api/orders").body, client.get("/docs/api/orders.html").body);
}

TEST(Docs, begin_at_an_address_whose_relative_links_hold) {
    auto moved = Server::shared().anybody().get("/docs");
    EXPECT_EQ(moved.status, 308);
    EXPECT_EQ(moved.header("Location"), "/docs/");
}

TEST(Docs, that_a_reader_has_already_are_not_sent_again) {
    auto client = Server::shared().anybody();
    auto first = client.get("/docs/status-codes");
    auto tag = first.header("ETag");
    ASSERT_FALSE(tag.empty());
    EXPECT_EQ(first.header("Cache-Control"), "no-cache");
    auto again = client.get("/docs/status-codes", {{"If-None-Match", tag}});
    EXPECT_EQ(again.status, 304);
    EXPECT_TRUE(again.body.empty());
    EXPECT_EQ(client.get("/docs/status-codes", {{"If-None-Match", "\"another\""}}).status, 200);
}

TEST(Docs, travel_compressed_to_whoever_takes_that) {
    auto client = Server::shared().anybody();
    auto plain = client.get("/docs/api/orders");
    auto packed = client.get("/docs/api/orders", {{"Accept-Encoding", "br, gzip;q=0.8"}});
    EXPECT_EQ(plain.header("Content-Encoding"), "");
    EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
    EXPECT_EQ(packed.header("Vary"), "Accept-Encoding");
    EXPECT_LT(packed.body.size() * 4, plain.body.size());
    auto refused = client.get("/docs/api/orders", {{"Accept-Encoding", "gzip;q=0, identity"}});
    EXPECT_EQ(refused.header("Content-Encoding"), "");
    EXPECT_EQ(refused.body, plain.body);
}

TEST(Docs, say_so_when_there_is_no_such_page) {
    auto client = Server::shared().anybody();
    for (const char* path :
         {"/docs/nowhere", "/docs/guides/../../etc/passwd", "/docs//", "/docs/a/b/c/"}) {
        auto page = client.get(path);
        EXPECT_EQ(page.status, 404) << path;
        EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8") << path;
        EXPECT_NE(page.body.find("There is no such page"), std::string::npos) << path;
        EXPECT_NE(page.body.find("href=\"/docs/style.css\""), std::string::npos) << path;
    }
    EXPECT_EQ(client.send("POST", "/docs/").status, 405);
}

TEST(Docs, explain_every_code_at_the_address_that_problems_name) {
    auto& server = Server::shared();
    auto problem = server.anybody().get("/orders");
    ASSERT_EQ(problem.status, 401);
    auto type = problem["type"].text();
    auto hash = type.find('#');
    ASSERT_NE(hash, std::string::npos) << type;
    auto page = server.anybody().get(type.substr(0, hash));
    EXPECT_EQ(page.status, 200) << type;
    EXPECT_NE(page.body.find("id=\"" + type.substr(hash + 1) + "\""), std::string::npos) << type;
}

}  // namespace
}  // namespace stateset::support
