#include "platform/net/address_guard.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace stateset::net {
namespace {

// Longer URLs break receivers and logs; the same bound as common webhook senders.
constexpr std::size_t longest_url = 2048;
// RFC 1035 §2.3.4.
constexpr std::size_t longest_host = 253;
constexpr std::size_t longest_label = 63;

struct Range4 {
    std::uint32_t network;
    int bits;
};

constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    return a << 24 | b << 16 | c << 8 | d;
}

constexpr Range4 refused4[] = {
    {ip(0, 0, 0, 0), 8},         // this network
    {ip(10, 0, 0, 0), 8},        // private
    {ip(100, 64, 0, 0), 10},     // shared by carriers; a cloud's metadata lives here too
    {ip(127, 0, 0, 0), 8},       // loopback
    {ip(168, 63, 129, 16), 32},  // Azure's host agent: public in form, internal in fact
    {ip(169, 254, 0, 0), 16},    // link-local, with most clouds' metadata
    {ip(172, 16, 0, 0), 12},     // private
    {ip(192, 0, 0, 0), 24},      // protocol assignments
    {ip(192, 0, 2, 0), 24},      // documentation
    {ip(192, 88, 99, 0), 24},    // 6to4 relays, withdrawn
    {ip(192, 168, 0, 0), 16},    // private
    {ip(198, 18, 0, 0), 15},     // benchmarking
    {ip(198, 51, 100, 0), 24},   // documentation
    {ip(203, 0, 113, 0), 24},    // documentation
    {ip(224, 0, 0, 0), 4},       // multicast
    {ip(240, 0, 0, 0), 4},       // reserved, and broadcast
};

using Bytes6 = std::array<std::uint8_t, 16>;

struct Range6 {
    Bytes6 network;
    int bits;
};

constexpr Range6 global_unicast{{0x20}, 3};
constexpr Range6 nat64{{0x00, 0x64, 0xff, 0x9b}, 96};
constexpr Range6 mapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr Range6 six_to_four{{0x20, 0x02}, 16};
// Inside global unicast, yet not of the Internet.
constexpr Range6 refused6[] = {
    {{0x20, 0x01, 0x00}, 23},        // protocol assignments: Teredo, benchmarking, ORCHID
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x3f, 0xfe}, 16},              // 6bone, returned
    {{0x3f, 0xff, 0x00}, 20},        // documentation
};

bool within(std::uint32_t address, const Range4& range) {
    return (address ^ range.network) >> (32 - range.bits) == 0;
}

bool within(const Bytes6& address, const Range6& range) {
    for (int bit = 0; bit < range.bits; ++bit) {
        const int mask = 0x80 >> bit % 8;
        if ((address[bit / 8] ^ range.network[bit / 8]) & mask) return false;
    }
    return true;
}

bool public_ipv4(std::uint32_t address) {
    return std::none_of(std::begin(refused4), std::end(refused4),
                        [&](const Range4& range) { return within(address, range); });
}

std::uint32_t embedded(const Bytes6& address, int at) {
    return ip(address[at], address[at + 1], address[at + 2], address[at + 3]);
}

bool public_ipv6(const Bytes6& address) {
    if (within(address, mapped) || within(address, nat64))
        return public_ipv4(embedded(address, 12));
    if (within(address, six_to_four)) return public_ipv4(embedded(address, 2));
    return within(address, global_unicast) &&
           std::none_of(std::begin(refused6), std::end(refused6),
                        [&](const Range6& range) { return within(address, range); });
}

std::string_view last_label(std::string_view host) { return host.substr(host.rfind('.') + 1); }

// A host ends in a number when it is meant as an IPv4 address (WHATWG URL §3.5).
bool ends_in_number(std::string_view host) {
    auto label = last_label(host);
    if (label.starts_with("0x") || label.starts_with("0X")) {
        label.remove_prefix(2);
        return label.find_first_not_of("0123456789abcdefABCDEF") == label.npos;
    }
    return !label.empty() && label.find_first_not_of("0123456789") == label.npos;
}

bool well_formed_name(std::string_view host) {
    if (host.size() > longest_host) return false;
    std::size_t label = 0;
    for (const char c : host) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!letter && c != '.') return false;
        label = letter ? label + 1 : 0;
        if (label > longest_label) return false;
    }
    return !host.starts_with('.') && host.find("..") == host.npos;
}

bool is_localhost(std::string_view host) {
    auto label = last_label(host);
    constexpr std::string_view name = "localhost";
    return std::equal(label.begin(), label.end(), name.begin(), name.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
}

constexpr auto private_host = "the host must be a public address";

// `host` as written, without the brackets of IPv6.
std::optional<std::string> host_fault(boost::urls::host_type kind, std::string_view host,
                                      bool allow_private) {
    using boost::urls::host_type;
    if (kind == host_type::ipv6) {
        if (!allow_private && !public_address(host)) return private_host;
        return std::nullopt;
    }
    if (kind == host_type::ipvfuture) return "the host must be a name or an IP address";
    if (host.ends_with('.')) host.remove_suffix(1);  // 127.1. is 127.1
    if (host.empty()) return "the host must not be empty";
    if (!well_formed_name(host)) return "the host must be a name or an IP address";
    if (ends_in_number(host)) {
        // inet_aton reads what resolvers read: 0x7f.1, 017700000001, 2130706433.
        in_addr address{};
        if (inet_aton(std::string(host).c_str(), &address) == 0)
            return "the host must be a name or an IP address";
        if (!allow_private && !public_ipv4(ntohl(address.s_addr))) return private_host;
    }
    if (!allow_private && is_localhost(host)) return private_host;
    return std::nullopt;
}

std::optional<std::string> port_fault(std::string_view port) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc{} || end != port.data() + port.size() || number < 1 || number > 65535)
        return "the port must be between 1 and 65535";
    return std::nullopt;
}

std::string_view view(boost::core::string_view text) { return {text.data(), text.size()}; }

}  // namespace

bool public_address(std::string_view text) {
    if (text.find('\0') != text.npos) return false;  // inet_pton would stop reading there
    const std::string address(text);
    in_addr four{};
    if (inet_pton(AF_INET, address.c_str(), &four) == 1) return public_ipv4(ntohl(four.s_addr));
    in6_addr six{};
    if (inet_pton(AF_INET6, address.c_str(), &six) != 1) return false;
    Bytes6 bytes;
    std::memcpy(bytes.data(), &six, bytes.size());
    return public_ipv6(bytes);
}

std::optional<std::string> url_fault(std::string_view text, bool allow_private) {
    if (text.size() > longest_url) return "the URL must not be longer than 2048 characters";
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed) return "the URL is not well formed";
    const boost::urls::url_view url = *parsed;
    const auto scheme = url.scheme_id();
    if (scheme == boost::urls::scheme::http && !allow_private) return "the scheme must be https";
    if (scheme != boost::urls::scheme::https && scheme != boost::urls::scheme::http)
        return allow_private ? "the scheme must be https or http" : "the scheme must be https";
    if (!url.has_authority()) return "the host must not be empty";
    // Boost 1.81 reads 8.8.8.8.example.com as the host 8.8.8.8 and a path; curl would connect to
    // the name. Where two readers differ, neither is believed.
    if (!url.encoded_path().empty() && !url.encoded_path().starts_with('/'))
        return "the URL is not well formed";
    if (url.has_userinfo()) return "the URL must not hold a user name or password";
    if (url.has_fragment()) return "the URL must not hold a fragment";
    if (url.has_port())
        if (auto fault = port_fault(view(url.port()))) return fault;
    auto host = view(url.encoded_host());
    if (url.host_type() == boost::urls::host_type::ipv6) host = host.substr(1, host.size() - 2);
    return host_fault(url.host_type(), host, allow_private);
}

}  // namespace stateset::net
