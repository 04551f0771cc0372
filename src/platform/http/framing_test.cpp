#include "platform/http/framing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace stateset::http {

namespace {

struct Read {
    std::vector<Request> requests;
    int fault = 0;       // status, 0: none
    std::string detail;  // of the fault
    std::string left;    // not taken
};

// Feeds `bytes` in pieces of the given size.
Read read(std::string_view bytes, const Limits& limits, std::size_t piece) {
    RequestReader reader(limits);
    Read result;
    for (std::size_t at = 0; at < bytes.size() && !reader.failed(); at += piece) {
        result.left += bytes.substr(at, piece);
        for (;;) {
            result.left.erase(0, reader.take(result.left));
            if (!reader.complete()) break;
            result.requests.push_back(reader.release());
        }
    }
    if (reader.failed()) {
        result.fault = reader.fault().status;
        result.detail = reader.fault().detail;
    }
    return result;
}

Read read(std::string_view bytes, const Limits& limits = {}) {
    auto whole = read(bytes, limits, bytes.size());
    const auto drip = read(bytes, limits, 1);
    EXPECT_EQ(whole.requests.size(), drip.requests.size()) << bytes.substr(0, 200);
    EXPECT_EQ(whole.fault, drip.fault) << bytes.substr(0, 200);
    for (std::size_t i = 0; i < std::min(whole.requests.size(), drip.requests.size()); ++i) {
        EXPECT_EQ(whole.requests[i].target, drip.requests[i].target);
        EXPECT_EQ(whole.requests[i].body, drip.requests[i].body);
    }
    return whole;
}

std::string times(std::size_t count, char c) { return std::string(count, c); }

const std::string get = "GET /a?b=c HTTP/1.1\r\nHost: shop\r\n";

}  // namespace

TEST(Framing, a_request_is_split_into_its_parts) {
    const auto result = read(
        "POST /orders/%20x?limit=3&a=? HTTP/1.1\r\nhost:shop:80\r\nX-Empty:\r\nX-Tab: \t a\tb "
        "\t\r\n"
        "content-LENGTH: 5\r\n\r\nhello");
    ASSERT_EQ(result.requests.size(), 1u) << result.detail;
    const auto& request = result.requests[0];
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/orders/%20x?limit=3&a=?");
    EXPECT_EQ(request.path, "/orders/%20x");
    EXPECT_EQ(request.query, "limit=3&a=?");
    EXPECT_EQ(request.body, "hello");
    EXPECT_EQ(request.headers[0].name, "host");
    EXPECT_EQ(*request.find("HOST"), "shop:80");
    EXPECT_EQ(*request.find("x-empty"), "");
    EXPECT_EQ(*request.find("x-tab"), "a\tb");
    EXPECT_EQ(request.find("x-ta"), nullptr);
}

TEST(Framing, a_chunked_body_is_put_together_and_its_trailers_dropped) {
    const auto result = read(
        "PUT /a HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n00A;name=\"v\";x\r\n, world of\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n" +
        get + "\r\n");
    ASSERT_EQ(result.requests.size(), 2u) << result.detail;
    EXPECT_EQ(result.requests[0].body, "hello, world of!");
    EXPECT_EQ(result.requests[0].find("x-sum"), nullptr);
    EXPECT_EQ(result.requests[1].path, "/a");
    EXPECT_EQ(result.requests[1].body, "");
}

TEST(Framing, one_empty_line_before_a_request_is_forgiven_and_two_are_not) {
    EXPECT_EQ(read("\r\n" + get + "\r\n").requests.size(), 1u);
    EXPECT_EQ(read("\r\n\r\n" + get + "\r\n").fault, 400);
}

TEST(Framing, every_target_form_is_read_or_refused) {
    struct Case {
        std::string start, path, query;
        int fault;
    };
    const std::vector<Case> cases = {
        {"GET /", "/", "", 0},
        {"GET /?", "/", "", 0},
        {"GET /a??", "/a", "?", 0},
        {"GET //a", "//a", "", 0},
        {"GET http://shop/a?b", "/a", "b", 0},
        {"GET HTTPS://shop:8443", "/", "", 0},
        {"GET http://shop?b", "/", "b", 0},
        {"GET http:///a", "", "", 400},
        {"GET http://user@shop/", "", "", 400},
        {"GET ftp://shop/a", "", "", 400},
        {"OPTIONS *", "*", "", 0},
        {"GET *", "", "", 400},
        {"CONNECT shop:443", "", "", 400},
        {"GET shop", "", "", 400},
        {"GET /a#b", "", "", 400},
        {"GET /\x7f", "", "", 400},
        {"GET /\xc3\xa4", "", "", 400},
        {"GET /a\tb", "", "", 400},
        {"GET /a b", "", "", 400},
        {"GET ", "", "", 400},
        {"GET  /", "", "", 400},
    };
    for (const auto& each : cases) {
        const auto result = read(each.start + " HTTP/1.1\r\nHost: shop\r\n\r\n");
        EXPECT_EQ(result.fault, each.fault) << each.start;
        ASSERT_EQ(result.requests.size(), each.fault ? 0u : 1u) << each.start;
        if (each.fault) continue;
        EXPECT_EQ(result.requests[0].path, each.path) << each.start;
        EXPECT_EQ(result.requests[0].query, each.query) << each.start;
    }
}

TEST(Framing, every_version_but_1_0_and_1_1_is_refused) {
    const auto fault = [](const std::string& version) {
        return read("GET / " + version + "\r\nHost: s\r\n\r\n").fault;
    };
    EXPECT_EQ(fault("HTTP/1.0"), 0);
    for (const auto* other : {"HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/3.0"})
        EXPECT_EQ(fault(other), 505);
    for (const auto* nonsense :
         {"HTTP/1", "http/1.1", "HTTP/1.11", "HTTP/1.1 ", "HTTPS/1.1", "", "HTTP/a.1"}) {
        EXPECT_EQ(fault(nonsense), 400) << nonsense;
    }
    EXPECT_EQ(read("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").fault, 505);
}

TEST(Framing, connection_headers_decide_who_stays) {
    const auto keeps = [](const std::string& version, const std::string& headers) {
        const Limits limits;
        RequestReader reader(limits);
        reader.take("GET / HTTP/" + version + "\r\nHost: s\r\n" + headers + "\r\n");
        EXPECT_TRUE(reader.complete());
        return reader.keep_alive();
    };
    EXPECT_TRUE(keeps("1.1", ""));
    EXPECT_FALSE(keeps("1.1", "Connection: close\r\n"));
    EXPECT_FALSE(keeps("1.1", "Connection: TE , Close\r\n"));
    EXPECT_FALSE(keeps("1.1", "Connection: te\r\nconnection: close\r\n"));
    EXPECT_TRUE(keeps("1.1", "Connection: not-close\r\n"));
    EXPECT_FALSE(keeps("1.0", ""));
    EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
    EXPECT_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST(Framing, limits_hold_at_n_and_fail_at_n_plus_1) {
    Limits limits;
    limits.target_bytes = 100;
    limits.header_block_bytes = 200;
    limits.headers = 5;
    limits.body_bytes = 1000;
    const auto fault = [&](const std::string& bytes) { return read(bytes, limits).fault; };

    const auto target = [](std::size_t n) {
        return "GET /" + times(n - 1, 'a') + " HTTP/1.1\r\nHost: s\r\n\r\n";
    };
    EXPECT_EQ(fault(target(100)), 0);
    EXPECT_EQ(fault(target(101)), 414);
    EXPECT_EQ(fault("GET /" + times(5000, 'a')), 414) << "the line need not end for that";

    const std::string start = "GET / HTTP/1.1\r\n";
    const auto block = [&](std::size_t n) {
        return start + "Host: s\r\nX: " + times(n - 9 - 5 - 2, 'a') + "\r\n\r\n";
    };
    EXPECT_EQ(block(200).size(), start.size() + 200);
    EXPECT_EQ(fault(block(200)), 0);
    EXPECT_EQ(fault(block(201)), 431);
    EXPECT_EQ(fault(start + "X: " + times(300, 'a')), 431) << "the line need not end for that";

    const auto lines = [&](int n) {
        std::string all = start + "Host: s\r\n";
        for (int i = 1; i < n; ++i) all += "X: y\r\n";
        return all + "\r\n";
    };
    EXPECT_EQ(fault(lines(5)), 0);
    EXPECT_EQ(fault(lines(6)), 431);

    const auto sized = [&](std::size_t n) {
        return "PUT / HTTP/1.1\r\nHost: s\r\nContent-Length: " + std::to_string(n) + "\r\n\r\n" +
               times(n, 'b');
    };
    EXPECT_EQ(fault(sized(1000)), 0);
    EXPECT_EQ(fault(sized(1001)), 413);
    EXPECT_EQ(fault(start + "Host: s\r\nContent-Length: 99999999999999999999999\r\n\r\n"), 413);

    const auto chunked = [&](std::size_t n) {
        char last[16];
        std::snprintf(last, sizeof last, "%zx", n - 500);
        return "PUT / HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n" +
               times(500, 'b') + "\r\n" + last + "\r\n" + times(n - 500, 'b') + "\r\n0\r\n\r\n";
    };
    EXPECT_EQ(fault(chunked(1000)), 0);
    EXPECT_EQ(fault(chunked(1001)), 413);
}

TEST(Framing, a_413_is_known_from_the_length_before_any_body_byte) {
    const auto result = read("PUT / HTTP/1.1\r\nHost: s\r\nContent-Length: 1048577\r\n\r\n");
    EXPECT_EQ(result.fault, 413);
}

TEST(Framing, another_protocol_is_refused_at_its_first_bytes) {
    EXPECT_EQ(read("\x16\x03\x01").fault, 400);
    EXPECT_EQ(read("get").fault, 400);
    EXPECT_EQ(read(times(17, 'A')).fault, 400);
    EXPECT_EQ(read(times(16, 'A')).fault, 0);
}

TEST(Framing, chunk_extensions_are_bounded_one_by_one_and_together) {
    const std::string head = "PUT / HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(read(head + "1;" + times(252, 'x') + "\r\nb\r\n0\r\n\r\n").fault, 0);
    EXPECT_EQ(read(head + "1;" + times(253, 'x') + "\r\nb\r\n0\r\n\r\n").fault, 400);
    std::string many = head;
    for (int i = 0; i < 100; ++i) many += "1;" + times(200, 'x') + "\r\nb\r\n";
    EXPECT_EQ(read(many).fault, 400);
}

// Each could be read in two ways by two parties. The bytes after each hold a request that must
// never be seen.
TEST(Framing, every_smuggling_shape_is_refused) {
    const std::string post = "POST / HTTP/1.1\r\nHost: s\r\n";
    const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
    const std::vector<std::string> shapes = {
        post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
        post + "Content-Length: 0\r\nContent-Length: 9\r\n\r\n",
        post + "Content-Length: 1, 1\r\n\r\na",
        post + "Content-Length: -1\r\n\r\n",
        post + "Content-Length: +5\r\n\r\nabcde",
        post + "Content-Length: 0x5\r\n\r\nabcde",
        post + "Content-Length: 5 \v\r\n\r\nabcde",
        post + "Content-Length: 1e1\r\n\r\n",
        post + "Content-Length: \r\n\r\n",
        post + "Content-Length: 1_0\r\n\r\n",
        post + "Content-Length: 5.0\r\n\r\nabcde",
        post + "Transfer-Encoding: xchunked\r\n\r\n",
        post + "Transfer-Encoding: chunked, chunked\r\n\r\n",
        post + "Transfer-Encoding: gzip, chunked\r\n\r\n",
        post + "Transfer-Encoding: identity\r\n\r\n",
        post + "Transfer-Encoding: chunked, identity\r\n\r\n",
        post + "Transfer-Encoding: \"chunked\"\r\n\r\n",
        post + "Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding: \r\n\r\n",
        post + "Transfer-Encoding:\v chunked\r\n\r\n",
        post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding\t: chunked\r\n\r\n",
        post + "Content-Length : 5\r\n\r\nabcde",
        post + " Transfer-Encoding: chunked\r\n\r\n",
        post + "X: a\r\n Transfer-Encoding: chunked\r\n\r\n",
        post + "X: a\r\n\tb\r\n\r\n",
        post + "X: a\nTransfer-Encoding: chunked\r\n\r\n",
        post + "X: a\n\n",
        post + "X: a\r\n\n",
        post + "X: a\n\r\n",
        post + "X: a\rTransfer-Encoding: chunked\r\n\r\n",
        post + "X: a\r\r\n\r\n",
        "POST / HTTP/1.1\nHost: s\r\n\r\n",
        "POST / HTTP/1.1\rHost: s\r\n\r\n",
        "\nPOST / HTTP/1.1\r\nHost: s\r\n\r\n",
        " POST / HTTP/1.1\r\nHost: s\r\n\r\n",
        "POST / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: s\r\nHost: s\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: s\r\nhOST: t\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: s, t\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: s/t\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a@s\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: s\r\nHost: s\r\n\r\n",
        "post / HTTP/1.1\r\nHost: s\r\n\r\n",
        "PoST / HTTP/1.1\r\nHost: s\r\n\r\n",
        "POST\t/ HTTP/1.1\r\nHost: s\r\n\r\n",
        "ABCDEFGHIJKLMNOPQ / HTTP/1.1\r\nHost: s\r\n\r\n",
        post + ": empty\r\n\r\n",
        post + "no colon\r\n\r\n",
        post + "X Y: a\r\n\r\n",
        post + "X(Y): a\r\n\r\n",
        post + "X\xc3\xa4: a\r\n\r\n",
        post + std::string("X: a\0b\r\n\r\n", 11),
        post + std::string("X\0: a\r\n\r\n", 10),
        post + "X: a\x01\r\n\r\n",
        post + "X: a\x7f\r\n\r\n",
        chunked + "5\nhello\r\n0\r\n\r\n",
        chunked + "5\r\nhello0\r\n\r\n",
        chunked + "5\r\nhello\n0\r\n\r\n",
        chunked + "5\r\nhello\r0\r\n\r\n",
        chunked + "4\r\nhello\r\n0\r\n\r\n",
        chunked + "0x5\r\nhello\r\n0\r\n\r\n",
        chunked + "+5\r\nhello\r\n0\r\n\r\n",
        chunked + "-1\r\n\r\n",
        chunked + "\r\n\r\n",
        chunked + ";x\r\n\r\n",
        chunked + " 5\r\nhello\r\n0\r\n\r\n",
        chunked + "5 \r\nhello\r\n0\r\n\r\n",
        chunked + "5 ;x\r\nhello\r\n0\r\n\r\n",
        chunked + "5;x\ny\r\nhello\r\n0\r\n\r\n",
        chunked + "5;x\x01\r\nhello\r\n0\r\n\r\n",
        chunked + "g\r\n\r\n",
        chunked + "10000000000000005\r\nhello\r\n0\r\n\r\n",
        chunked + "0000000000000005\r\nhello\r\n0\r\n\r\n",
        chunked + "0\r\n folded: trailer\r\n\r\n",
        chunked + "0\r\nX: a\n\r\n",
        chunked + "0\r\nContent-Length: 5\r\n\r\n",
        chunked + "0\r\nHost: t\r\n\r\n",
        post + "Connection: close\"\r\n\r\n",
    };
    for (const auto& shape : shapes) {
        const auto result = read(shape + "GET /smuggled HTTP/1.1\r\nHost: s\r\n\r\n");
        EXPECT_EQ(result.fault, 400) << shape;
        EXPECT_TRUE(result.requests.empty()) << shape;
    }
}

TEST(Framing, the_body_is_announced_only_while_none_of_it_has_come) {
    const Limits limits;
    RequestReader reader(limits);
    reader.take("PUT / HTTP/1.1\r\nHost: s\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_TRUE(reader.wants_continue());
    reader.take("a");
    EXPECT_FALSE(reader.wants_continue());
}

}  // namespace stateset::http
