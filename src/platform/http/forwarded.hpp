#pragma once
// Who asks when a proxy stands between. Only proxies that the operator trusts are believed, and of
// X-Forwarded-For only what they added: it is read from its end, and the first address there that
// is no trusted proxy is the client's. What a client claims about itself never counts.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/message.hpp"

namespace stateset::http {

class TrustedProxies {
  public:
    TrustedProxies() = default;
    // "10.0.0.0/8, 192.0.2.7, 2001:db8::/32". Throws std::invalid_argument naming the fault.
    explicit TrustedProxies(std::string_view list);

    // The client's address: `request.peer` itself when that is no trusted proxy.
    std::string client_of(const Request&) const;
    bool trusts(std::string_view address) const;

  private:
    struct Network {
        std::array<unsigned char, 16> address{};  // IPv4 as ::ffff:a.b.c.d
        int bits = 0;
    };

    std::vector<Network> networks_;
};

}  // namespace stateset::http
