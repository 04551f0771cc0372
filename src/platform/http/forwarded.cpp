#include "platform/http/forwarded.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "platform/core/money.hpp"

namespace stateset::http {
namespace {

using Bytes = std::array<unsigned char, 16>;
constexpr int all_bits = 128, bits_before_ipv4 = 96;

struct Parsed {
    Bytes bytes{};
    bool ipv4 = false;
};

std::optional<Parsed> address_from(std::string_view text) {
    std::string copy(text);
    Parsed parsed;
    if (inet_pton(AF_INET6, copy.c_str(), parsed.bytes.data()) == 1) return parsed;
    parsed.ipv4 = true;
    parsed.bytes[10] = parsed.bytes[11] = 0xff;
    if (inet_pton(AF_INET, copy.c_str(), parsed.bytes.data() + 12) == 1) return parsed;
    return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool same_bits(const Bytes& a, const Bytes& b, int bits) {
    auto whole = static_cast<std::size_t>(bits / 8);
    if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin()))
        return false;
    return bits % 8 == 0 || (a[whole] ^ b[whole]) >> (8 - bits % 8) == 0;
}

}  // namespace

TrustedProxies::TrustedProxies(std::string_view list) {
    while (!list.empty()) {
        auto comma = list.find(',');
        auto item = trimmed(list.substr(0, comma));
        list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
        auto slash = item.find('/');
        auto address = address_from(item.substr(0, slash));
        if (!address) throw std::invalid_argument("no address: " + std::string(item));
        int most = address->ipv4 ? all_bits - bits_before_ipv4 : all_bits;
        auto bits = slash == item.npos ? std::optional<std::int64_t>(most)
                                       : decimal_from(item.substr(slash + 1), 0);
        if (!bits || *bits < 0 || *bits > most) {
            throw std::invalid_argument("no length of a network: " + std::string(item));
        }
        networks_.push_back({address->bytes, static_cast<int>(*bits) + all_bits - most});
    }
}

std::string TrustedProxies::client_of(const Request& request) const {
    if (!trusts(request.peer)) return request.peer;
    // A proxy may add a line of its own instead of to the one it got.
    std::string chain;
    for (const auto& [name, value] : request.headers) {
        if (same_name(name, "X-Forwarded-For")) chain += (chain.empty() ? "" : ",") + value;
    }
    std::string client = request.peer;
    std::string_view rest = chain;
    while (!rest.empty()) {
        auto comma = rest.rfind(',');
        auto address = trimmed(comma == rest.npos ? rest : rest.substr(comma + 1));
        rest = comma == rest.npos ? std::string_view() : rest.substr(0, comma);
        if (!address_from(address)) break;
        client = address;
        if (!trusts(address)) break;
    }
    return client;
}

bool TrustedProxies::trusts(std::string_view text) const {
    if (networks_.empty()) return false;
    auto address = address_from(text);
    return address && std::ranges::any_of(networks_, [&](const Network& network) {
               return same_bits(address->bytes, network.address, network.bits);
           });
}

}  // namespace stateset::http
