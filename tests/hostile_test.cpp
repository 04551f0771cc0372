// Bodies and requests that mean harm or were made by accident. Each is answered with 400 (or the
// status that fits) naming what is wrong, and the server goes on as if nothing had been.

#include "support/journey.hpp"

namespace stateset::support {
namespace {

class Hostile : public Journey {
  protected:
    void TearDown() override {
        EXPECT_EQ(server.anybody().get("/readyz").status, 200);
        then.stock_is(mug_.sku, {"15", "0", "15"});
    }
    std::string order_of(std::string_view quantity) const {
        return R"({"customer_id":")" + customer_.id + R"(","items":[{"sku":")" + mug_.sku +
               R"(","quantity":)" + std::string(quantity) + "}]}";
    }
    Product mug_ = given.product("MUG").with_stock(15);
    Customer customer_ = given.customer();
};

TEST_F(Hostile, a_body_cut_anywhere_is_unreadable) {
    auto whole = order_of("1");
    for (std::size_t length = 1; length < whole.size(); ++length) {
        auto reply = when.post("/orders", whole.substr(0, length));
        then(reply).refused(400, "unreadable");
        ASSERT_EQ(reply.status, 400) << whole.substr(0, length);
    }
    then(when.post("/orders", whole)).created();
}

TEST_F(Hostile, what_is_no_json_is_unreadable) {
    for (std::string body : {"{\"a\":NaN}",
                             "{\"a\":Infinity}",
                             "{\"a\":-}",
                             "{\"a\":01}",
                             "{\"a\":+1}",
                             "{\"a\":.5}",
                             "{\"a\":0x10}",
                             "{'a':1}",
                             "{\"a\":1,}",
                             "[1,]",
                             "{\"a\" 1}",
                             "{a:1}",
                             "// {}",
                             "{}//",
                             "\xef\xbb\xbf{}",
                             "{\"a\":\"\n\"}",
                             "{\"a\":\"\\x41\"}",
                             "{\"a\":\"\\ud800\"}",
                             "{\"a\":tru}",
                             "<order/>",
                             "customer_id=1"}) {
        then(when.post("/orders", body)).refused(400, "unreadable");
    }
    then(when.post("/orders", std::string(3, '\0'))).refused(400, "unreadable");
}

TEST_F(Hostile, what_is_not_utf_8_is_unreadable_and_never_echoed) {
    for (std::string bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
        auto body = R"({"email":"ada@example.com","first_name":")" + bad + "\"}";
        auto reply = when.post("/customers", body);
        then(reply).refused(400, "unreadable");
        EXPECT_TRUE(reply.json().exists()) << "the answer itself is no JSON";
        reply = when.get("/customers?q=" + escaped(bad));
        then(reply).refused(400, "unreadable");
        reply = when.get("/customers?" + escaped(bad) + "=1");
        then(reply).refused(400, "unreadable");
        reply = when.post("/customers", "{}", {{"Content-Type", "text/" + bad}});
        then(reply).refused(415, "unsupported_media_type");
        EXPECT_TRUE(reply.json().exists());
        reply = when.get("/customers/" + escaped(bad));
        EXPECT_EQ(reply.status, 404);
        EXPECT_TRUE(reply.json().exists());
    }
}

TEST_F(Hostile, depth_is_bounded) {
    for (int depth : {33, 1000, 100'000}) {
        auto times = static_cast<std::size_t>(depth);
        then(when.post("/orders", std::string(times, '[') + std::string(times, ']')))
            .refused(400, "unreadable");
        then(when.post("/orders", std::string(times, '['))).refused(400, "unreadable");
        std::string objects;
        for (std::size_t i = 0; i < times; ++i) objects += "{\"a\":";
        then(when.post("/orders", objects + "1" + std::string(times, '}')))
            .refused(400, "unreadable");
    }
}

TEST_F(Hostile, size_is_bounded) {
    constexpr std::size_t most = 1024 * 1024;
    auto padded = [&](std::size_t size) {
        auto body = order_of("1");
        return body + std::string(size - body.size(), ' ');
    };
    then(when.post("/orders", padded(most))).created();
    then(when.post("/orders", padded(most + 1))).refused(413, "body_too_large");
    std::string many = "{\"items\":[";
    for (int i = 0; i < 200'000; ++i) many += "0,";
    then(when.post("/orders", many + "0]}")).refused(400, "unreadable");
}

TEST_F(Hostile, duplicate_names_are_refused_by_name) {
    auto body = order_of("1");
    body.insert(body.size() - 1, R"(,"customer_id":"0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e")");
    then(when.post("/orders", body)).refused(400, "invalid").names("/customer_id");
    body = R"({"email":"a@example.com","\u0065mail":"b@example.com"})";
    then(when.post("/customers", body)).refused(400, "invalid").names("/email");
}

TEST_F(Hostile, numbers_that_are_not_exact_here_are_refused_by_name) {
    for (auto quantity : {"1e400", "-1e400", "1e-400", "1.5", "0", "-1", "99999999999999999999",
                          "9223372036854775808", "\"1\\u0000\"", "true", "null", "[]", "{}"}) {
        then(when.post("/orders", order_of(quantity)))
            .refused(400, "invalid")
            .names("/items/0/quantity");
    }
    for (auto price : {"19.999", "\"19.999\"", "1e400", "\"1e400\"", "\"NaN\"", "\"Infinity\"",
                       "\"-1\"", "-0.01", "\"\"", "\" 1\"", "\"1,00\"", "\"0x10\"",
                       "\"99999999999999999999.99\"", "true", "\"1.\"", "\".5\"", "\"+1\""}) {
        auto body = R"({"name":"Mug","sku":")" + given.unique("BAD") +
                    R"(","currency":"USD","price":)" + price + "}";
        then(when.post("/products", body)).refused(400, "invalid").names("/price");
    }
    for (auto quantity : {"\"0.00001\"", "1e400", "\"-5\"", "0", "\"9999999999999999999\""}) {
        auto body = R"({"location_id":1,"quantity":)" + std::string(quantity) + "}";
        then(when.post("/inventory/items/" + mug_.sku + "/receive", body))
            .refused(400, "invalid")
            .names("/quantity");
    }
}

TEST_F(Hostile, exact_numbers_in_other_clothes_are_taken) {
    then(when.post("/orders", order_of("1e0"))).created();
    then(when.post("/orders", order_of("10e-1"))).created();
}

TEST_F(Hostile, misspelt_fields_are_named_with_what_was_meant) {
    auto body = order_of("1");
    body.insert(body.size() - 1, R"(,"shiping_address":null)");
    auto reply = when.post("/orders", body);
    then(reply).refused(400, "invalid").names("/shiping_address");
    EXPECT_NE(reply.body.find("shipping_address"), std::string::npos) << reply;
    body = order_of("1");
    body.insert(body.size() - 1, R"(,"__proto__":{},"a~/b":1)");
    then(when.post("/orders", body)).refused(400, "invalid").names("/__proto__").names("/a~0~1b");
}

TEST_F(Hostile, text_that_looks_like_a_statement_is_only_text) {
    for (std::string text :
         {"'; drop table orders; --", "\\\" or 1=1", "%_%", ":tenant", "$1", "?1"}) {
        auto found = when.get("/customers?q=" + escaped(text));
        then(found).succeeded();
        EXPECT_EQ(found["data"].size(), 0u) << text;
    }
    auto body = R"({"email":")" + given.unique("bob") +
                R"(@example.com","first_name":"Robert'); drop table customers;--"})";
    auto reply = when.post("/customers", body);
    then(reply).created().has("/first_name", "Robert'); drop table customers;--");
}

TEST_F(Hostile, idempotency_keys_and_versions_that_are_none_are_refused) {
    for (std::string key :
         {std::string(256, 'k'), std::string("two words"), std::string("\xc3\xa9")}) {
        then(when.post("/orders", order_of("1"), {{"Idempotency-Key", key}}))
            .refused(400, "invalid");
    }
    then(when.post("/orders", order_of("1"), {{"Idempotency-Key", std::string(255, 'k')}}))
        .created();
    auto path = "/customers/" + customer_.id;
    for (std::string tag :
         {"1", "\"0\"", "\"-1\"", "\"1", "W/\"1\"", "\"99999999999999999999\"", "\"x\""}) {
        then(when.patch(path, R"({"first_name":"Eve"})", {{"If-Match", tag}}))
            .refused(412, "precondition_failed");
    }
    then.thing("/customers", customer_.id).has("/first_name", "Ada");
    then(when.patch(path, R"({"first_name":"Augusta"})", {{"If-Match", "\"9\", \"1\""}}))
        .refused(412, "precondition_failed");
    then(when.patch(path, R"({"first_name":"Augusta"})", {{"If-Match", "\"1\""}})).succeeded();
}

TEST_F(Hostile, what_is_unchanged_is_not_sent_again) {
    auto path = "/customers/" + customer_.id;
    auto etag = when.get(path).header("ETag");
    for (std::string field : {etag, "W/" + etag, "\"7\", " + etag, std::string("*")}) {
        auto reply = when.get(path, {{"If-None-Match", field}});
        EXPECT_EQ(reply.status, 304) << field;
        EXPECT_EQ(reply.header("ETag"), etag);
        EXPECT_TRUE(reply.body.empty());
    }
    EXPECT_EQ(when.get(path, {{"If-None-Match", "\"7\""}}).status, 200);
    auto head = when.send("HEAD", path);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("ETag"), etag);
    EXPECT_TRUE(head.body.empty());
}

TEST_F(Hostile, cursors_and_limits_that_nobody_gave_are_refused) {
    for (std::string cursor : {"x", "AAAA", "%00", "....", "a b"}) {
        then(when.get("/customers?cursor=" + escaped(cursor)))
            .refused(400, "invalid")
            .names("?cursor");
    }
    for (std::string limit : {"0", "101", "-1", "1e3", "1.5", "", "99999999999999999999", "ten"}) {
        then(when.get("/customers?limit=" + limit)).refused(400, "invalid").names("?limit");
    }
    then(when.get("/customers?limit=1&limit=2")).refused(400, "invalid").names("?limit");
    then(when.get("/customers?limit=%zz")).refused(400, "unreadable");
    then(when.get("/customers?limit=%")).refused(400, "unreadable");
}

TEST_F(Hostile, broken_framing_is_answered_and_the_connection_closed) {
    auto client = server.anybody();
    for (std::string request :
         {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
          "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n",
          "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n"}) {
        auto answer = client.raw(request);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << request << "\n" << answer;
        EXPECT_NE(answer.find("application/problem+json"), std::string::npos) << answer;
        EXPECT_NE(answer.find("malformed_request"), std::string::npos) << answer;
    }
}

}  // namespace
}  // namespace stateset::support
