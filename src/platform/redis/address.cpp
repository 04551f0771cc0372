#include "platform/redis/address.hpp"

#include <charconv>
#include <stdexcept>

namespace stateset::redis {
namespace {

constexpr int largest_port = 65535;
constexpr int largest_database = 1'000'000;

[[noreturn]] void refuse(const std::string& why) {
    throw std::invalid_argument("the address of Redis is redis://[:password@]host[:port]: " + why);
}

int number_from(std::string_view text, int largest, const char* what) {
    int number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || number < 0 || number > largest) refuse(std::string(what) + " is no number");
    return number;
}

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned char byte = 0;
        auto* digits = text.data() + i + 1;
        bool enough = i + 2 < text.size();
        if (!enough || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) {
            refuse("a % stands without two hexadecimal digits");
        }
        out += static_cast<char>(byte);
        i += 2;
    }
    return out;
}

Address::Host host_from(std::string_view text) {
    Address::Host host;
    auto port = text;
    if (text.starts_with('[')) {
        auto end = text.find(']');
        if (end == text.npos) refuse("a [ is not closed");
        host.name = text.substr(1, end - 1);
        port = text.substr(end + 1);
        if (!port.empty() && port.front() != ':') refuse("after ] only a port may stand");
    } else {
        auto colon = text.find(':');
        host.name = text.substr(0, colon);
        port = colon == text.npos ? std::string_view{} : text.substr(colon);
    }
    if (host.name.empty()) refuse("a host has no name");
    if (!port.empty()) host.port = number_from(port.substr(1), largest_port, "the port");
    if (host.port == 0) refuse("the port is 0");
    return host;
}

}  // namespace

Address address_from(std::string_view url) {
    if (url.starts_with("rediss://")) {
        refuse("TLS is not built in; reach the server through a private network or a local tunnel");
    }
    if (!url.starts_with("redis://")) refuse("it must begin with redis://");
    auto rest = url.substr(std::string_view("redis://").size());
    Address address;
    if (auto at = rest.rfind('@'); at != rest.npos) {
        auto credentials = rest.substr(0, at);
        auto colon = credentials.find(':');
        if (colon == credentials.npos) refuse("before @ there must be a colon and the password");
        address.user = decoded(credentials.substr(0, colon));
        address.password = decoded(credentials.substr(colon + 1));
        rest = rest.substr(at + 1);
    }
    if (auto slash = rest.find('/'); slash != rest.npos) {
        auto database = rest.substr(slash + 1);
        if (!database.empty()) {
            address.database = number_from(database, largest_database, "the database");
        }
        rest = rest.substr(0, slash);
    }
    while (true) {
        auto comma = rest.find(',');
        address.hosts.push_back(host_from(rest.substr(0, comma)));
        if (comma == rest.npos) return address;
        rest = rest.substr(comma + 1);
    }
}

}  // namespace stateset::redis
