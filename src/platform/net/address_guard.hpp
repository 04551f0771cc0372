// Which addresses a URL given by a customer may lead to. Webhooks let strangers choose where this
// server connects; without a guard they could reach the database beside it or the cloud's metadata.
//
// Two checks, both pure: url_fault when a URL is registered, for an early and friendly refusal, and
// public_address on the address that is about to be connected to, which is the one that protects:
// a name may resolve to something else by then.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stateset::net {

// Whether a numeric IPv4 or IPv6 address is one of the public Internet. False for loopback,
// private, link-local, shared, multicast, documentation and reserved ranges (IANA special-purpose
// registries), for forms that embed such an IPv4 address, and for text that is no address.
bool public_address(std::string_view ip);

// What is wrong with a URL to deliver to, as an English clause ("the scheme must be https"), or
// nothing. With allow_private, http and private literals pass as well. Names are not resolved.
std::optional<std::string> url_fault(std::string_view url, bool allow_private);

}  // namespace stateset::net
