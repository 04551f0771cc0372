#pragma once
// Where Redis is: `redis://[[user]:password@]host[:port][,host2[:port2]…][/database]`. Several
// hosts are one master and its replicas in any order; who is master is asked of them, never
// assumed.

#include <string>
#include <string_view>
#include <vector>

namespace stateset::redis {

struct Address {
    struct Host {
        std::string name;  // a name, an IPv4 address, or an IPv6 address without its brackets
        int port = 6379;
        std::string text() const { return name + ":" + std::to_string(port); }
    };
    std::vector<Host> hosts;     // at least one
    std::string user, password;  // percent-decoded; empty when the server asks for none
    int database = 0;
};

// Throws std::invalid_argument, whose text never shows the password. `rediss://` is refused: the
// client library of Debian 12 (hiredis 0.14) has no TLS.
Address address_from(std::string_view url);

}  // namespace stateset::redis
