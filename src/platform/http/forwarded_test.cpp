// Whose address counts behind proxies.

#include "platform/http/forwarded.hpp"

#include <gtest/gtest.h>

namespace stateset::http {
namespace {

std::string client(std::string_view trusted, std::string peer, std::string forwarded) {
    Request request;
    request.peer = std::move(peer);
    if (!forwarded.empty()) request.headers.push_back({"X-Forwarded-For", std::move(forwarded)});
    return TrustedProxies(trusted).client_of(request);
}

TEST(Forwarded, a_client_that_is_no_trusted_proxy_is_who_it_is_whatever_it_claims) {
    EXPECT_EQ(client("", "203.0.113.9", "198.51.100.1"), "203.0.113.9");
    EXPECT_EQ(client("10.0.0.0/8", "203.0.113.9", "198.51.100.1"), "203.0.113.9");
}

TEST(Forwarded, a_trusted_proxy_says_who_the_client_is) {
    EXPECT_EQ(client("10.0.0.0/8", "10.1.2.3", "198.51.100.1"), "198.51.100.1");
    EXPECT_EQ(client("10.0.0.0/8", "::ffff:10.1.2.3", "198.51.100.1"), "198.51.100.1");
    EXPECT_EQ(client("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::2"), "2001:db8:8000::2");
    EXPECT_EQ(client("192.0.2.7", "192.0.2.7", ""), "192.0.2.7");
}

TEST(Forwarded, of_a_chain_only_what_trusted_proxies_added_counts) {
    EXPECT_EQ(client("10.0.0.0/8", "10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
    EXPECT_EQ(client("10.0.0.0/8", "10.0.0.1", "10.0.0.3,10.0.0.2"), "10.0.0.3");
}

TEST(Forwarded, a_line_that_a_proxy_added_comes_after_those_it_got) {
    Request request;
    request.peer = "10.0.0.1";
    request.headers = {{"X-Forwarded-For", "1.1.1.1"}, {"x-forwarded-for", "198.51.100.1"}};
    EXPECT_EQ(TrustedProxies("10.0.0.0/8").client_of(request), "198.51.100.1");
}

TEST(Forwarded, what_is_no_address_ends_the_chain) {
    EXPECT_EQ(client("10.0.0.0/8", "10.0.0.1", "unknown"), "10.0.0.1");
    EXPECT_EQ(client("10.0.0.0/8", "10.0.0.1", "1.1.1.1, x, 10.0.0.2"), "10.0.0.2");
}

TEST(Forwarded, a_list_that_cannot_be_read_is_refused) {
    for (auto bad : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "nonsense", "::/129", "1.1.1.1,,"}) {
        EXPECT_THROW(TrustedProxies{bad}, std::invalid_argument) << bad;
    }
}

}  // namespace
}  // namespace stateset::http
