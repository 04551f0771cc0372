#include "platform/net/address_guard.hpp"

#include <gtest/gtest.h>

namespace stateset::net {
namespace {

TEST(AddressGuard, addresses_of_the_internet_are_public) {
    for (const auto* ip : {"1.1.1.1",           "8.8.8.8",         "9.255.255.255",
                           "11.0.0.0",          "100.63.255.255",  "100.128.0.0",
                           "126.255.255.255",   "128.0.0.0",       "168.63.129.15",
                           "168.63.129.17",     "169.253.255.255", "169.255.0.0",
                           "172.15.255.255",    "172.32.0.0",      "191.255.255.255",
                           "192.0.1.0",         "192.0.3.0",       "192.167.255.255",
                           "192.169.0.0",       "198.17.255.255",  "198.20.0.0",
                           "198.51.99.255",     "198.51.101.0",    "203.0.112.255",
                           "203.0.114.0",       "223.255.255.255", "2606:4700:4700::1111",
                           "2a00:1450:4001::1", "2001:200::1",     "2001:4860:4860::8888",
                           "2001:db7::1",       "2001:db9::1",     "::ffff:8.8.8.8",
                           "64:ff9b::8.8.8.8",  "2002:808:808::1", "3fff:1000::1"})
        EXPECT_TRUE(public_address(ip)) << ip;
}

TEST(AddressGuard, special_ranges_are_refused_at_both_their_ends) {
    for (const auto* ip :
         {"0.0.0.0",         "0.255.255.255",   "10.0.0.0",        "10.255.255.255",
          "100.64.0.0",      "100.100.100.200", "100.127.255.255", "127.0.0.0",
          "127.0.0.1",       "127.255.255.255", "168.63.129.16",   "169.254.0.0",
          "169.254.169.254", "169.254.255.255", "172.16.0.0",      "172.31.255.255",
          "192.0.0.0",       "192.0.0.192",     "192.0.0.255",     "192.0.2.0",
          "192.0.2.255",     "192.88.99.1",     "192.168.0.0",     "192.168.255.255",
          "198.18.0.0",      "198.19.255.255",  "198.51.100.0",    "198.51.100.255",
          "203.0.113.0",     "203.0.113.255",   "224.0.0.0",       "239.255.255.255",
          "240.0.0.0",       "255.255.255.254", "255.255.255.255"})
        EXPECT_FALSE(public_address(ip)) << ip;
    for (const auto* ip : {"::",          "::1",       "fe80::1",     "febf::1",
                           "fec0::1",     "fc00::1",   "fdff::1",     "fd00:ec2::254",
                           "ff02::1",     "ff0e::1",   "2001:db8::1", "2001:db8:ffff::1",
                           "2001::1",     "2001:2::1", "2001:10::1",  "2001:20::1",
                           "2001:1ff::1", "3ffe::1",   "3fff::1",     "3fff:fff::1",
                           "100::1",      "5f00::1",   "4000::1",     "64:ff9b:1::808:808"})
        EXPECT_FALSE(public_address(ip)) << ip;
}

TEST(AddressGuard, embedded_addresses_do_not_smuggle_private_ones) {
    for (const auto* ip :
         {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:7f00:1",
          "::127.0.0.1", "::8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::127.0.0.1",
          "64:ff9b::a9fe:a9fe", "64:ff9b::1:8.8.8.8", "2002:7f00:1::1",
          "2002:a00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:101::1", "2001:0:7f00:1::1",
          "2001:0:4136:e378:8000:63bf:3fff:fdd2"})
        EXPECT_FALSE(public_address(ip)) << ip;
}

TEST(AddressGuard, what_is_no_address_is_not_public) {
    for (const auto* text :
         {"", "localhost", "example.com", "1.1.1", "1.1.1.1.1", "256.1.1.1", "0x8.8.8.8",
          "134744072", " 8.8.8.8", "8.8.8.8 ", "fe80::1%eth0", "[2606:4700::1]", "::g"})
        EXPECT_FALSE(public_address(text)) << text;
    EXPECT_FALSE(public_address(std::string_view("8.8.8.8\0.1", 10)));
}

TEST(UrlFault, ordinary_receivers_pass) {
    for (const auto* url :
         {"https://example.com", "https://hooks.example.com/stateset?shop=1",
          "HTTPS://EXAMPLE.COM/", "https://example.com:8443/x", "https://example.com./x",
          "https://xn--bcher-kva.example/", "https://8.8.8.8/hook",
          "https://[2606:4700:4700::1111]/hook", "https://my_shop.example.com/",
          "https://3com.example/", "https://0xcafe.example/", "https://example.com/%20a"})
        EXPECT_EQ(url_fault(url, false), std::nullopt) << url;
}

TEST(UrlFault, private_hosts_are_refused_in_every_spelling) {
    for (const auto* host : {"127.0.0.1",

                             "127.1",
                             "127.1.",
                             "0x7f.1",
                             "0X7F.1",
                             "0x7f000001",
                             "2130706433",
                             "017700000001",
                             "0177.0.0.1",
                             "0",
                             "0.0.0.0",
                             "10.0.0.1",
                             "192.168.1.1",
                             "169.254.169.254",
                             "0xa9fea9fe",
                             "169.16689662",
                             "[::1]",
                             "[::]",
                             "[::ffff:127.0.0.1]",
                             "[::ffff:7f00:1]",
                             "[fd00::1]",
                             "[fe80::1]",
                             "[64:ff9b::7f00:1]",
                             "localhost",
                             "LocalHost",
                             "localhost.",
                             "shop.localhost"}) {
        EXPECT_EQ(url_fault("https://" + std::string(host) + "/hook", false),
                  "the host must be a public address")
            << host;
        EXPECT_EQ(url_fault("http://" + std::string(host) + ":8080/hook", true), std::nullopt)
            << host;
    }
}

TEST(UrlFault, hosts_that_only_look_like_hosts_are_refused_even_privately) {
    for (const auto* host : {"",
                             ".",
                             "..",
                             ".example.com",
                             "a..b",
                             "256.1.1.1",
                             "1.2.3.4.5",
                             "4294967296",
                             "0x1g.0x1",
                             "08.1.1.1",
                             "0x1007f000001",
                             "%31%32%37.0.0.1",
                             "127.0.0.1%00.example.com",
                             "8.8.8.8.example.com",
                             "8.8.8.8a",
                             "127.0.0.1.",
                             "\xe2\x91\xa0.example",
                             "[v1.a]",
                             "[fe80::1%25eth0]",
                             "[::1",
                             "exa mple.com",
                             "a!b.example"})
        EXPECT_TRUE(url_fault("https://" + std::string(host) + "/", true)) << host;
    EXPECT_TRUE(url_fault("https://" + std::string(64, 'a') + ".example/", true));
    EXPECT_FALSE(url_fault("https://" + std::string(63, 'a') + ".example/", true));
}

TEST(UrlFault, each_refusal_names_its_reason) {
    EXPECT_EQ(url_fault("http://example.com/", false), "the scheme must be https");
    EXPECT_EQ(url_fault("ftp://example.com/", false), "the scheme must be https");
    EXPECT_EQ(url_fault("file:///etc/passwd", true), "the scheme must be https or http");
    EXPECT_EQ(url_fault("gopher://example.com/", true), "the scheme must be https or http");
    EXPECT_EQ(url_fault("https:example.com", false), "the host must not be empty");
    EXPECT_EQ(url_fault("https:///x", false), "the host must not be empty");
    EXPECT_EQ(url_fault("https://a@example.com/", false),
              "the URL must not hold a user name or password");
    EXPECT_EQ(url_fault("https://:@example.com/", false),
              "the URL must not hold a user name or password");
    EXPECT_EQ(url_fault("https://example.com/#x", false), "the URL must not hold a fragment");
    for (const auto* port : {"", "0", "65536", "99999999999"})
        EXPECT_EQ(url_fault("https://example.com:" + std::string(port) + "/", false),
                  "the port must be between 1 and 65535");
    EXPECT_EQ(url_fault("https://example.com:65535/", false), std::nullopt);
    for (const auto* url : {"", "example.com", "//example.com", "https://example.com:x/",
                            "https://example.com/\r\nX: y", "https://example.com\\@127.0.0.1/"})
        EXPECT_TRUE(url_fault(url, false)) << url;
    EXPECT_FALSE(url_fault("https://example.com/" + std::string(2028, 'a'), false));
    EXPECT_EQ(url_fault("https://example.com/" + std::string(2029, 'a'), false),
              "the URL must not be longer than 2048 characters");
}

}  // namespace
}  // namespace stateset::net
