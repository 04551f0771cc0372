#pragma once
// Events brought to a webhook receiver under development as the server's webhooks would bring them:
// the same body, signed as Standard Webhooks says.

#include <string>

#include "cli/client/tree.hpp"
#include "platform/net/caller.hpp"

namespace stateset::cli::client {

class Forwarder {
  public:
    // Makes a secret when none is given. Throws Failure(usage) when it is no whsec_….
    Forwarder(std::string url, std::string secret);

    const std::string& url() const { return url_; }
    const std::string& secret() const { return secret_; }
    // An event as the log shows it.
    net::Answer send(const Tree& event);
    // "204 (3 ms)", "no answer: …"
    static std::string told(const net::Answer&);

  private:
    std::string url_, secret_, bytes_;
    net::Caller caller_;
};

}  // namespace stateset::cli::client
