#pragma once
// Requests to one server in one user's name. What did not get through is sent again when that is
// safe: reads, and writes under their Idempotency-Key. Access tokens that have run out are renewed
// with the refresh token, once for all processes that share the profile.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/client/arguments.hpp"
#include "cli/client/profile.hpp"
#include "cli/client/terminal.hpp"
#include "platform/net/caller.hpp"

namespace stateset::cli::client {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Sending {
    std::string method = "GET";
    std::string target;  // path and query
    Headers headers = {};
    std::string body = {};
    bool repeatable = true;  // may be sent again when nobody knows what became of it
    bool open = false;       // needs no credentials
};

class Session {
  public:
    // By the flags, the environment and the profile, in this order. Throws Failure(usage) when a
    // flag is wrong; missing credentials show when they are needed.
    Session(const Given&, const Terminal&);

    // Throws Failure(unreachable) when no answer came, Failure(not_signed_in) without credentials.
    net::Answer send(const Sending&);
    // Server-Sent Events; ends as Caller::stream does.
    net::Answer stream(const Sending&, std::chrono::seconds silence,
                       const std::function<bool(std::string_view)>& take);

    const std::string& server() const { return server_; }
    const std::optional<Profile>& profile() const { return profile_; }
    bool by_key() const { return !key_.empty(); }
    const Terminal& terminal() const { return terminal_; }

  private:
    net::Outgoing outgoing(const Sending&);
    std::string credential(bool refresh_now);
    void refresh(std::string stale);
    void tell(const Sending&, const net::Answer&) const;

    const Terminal& terminal_;
    std::string server_, key_;
    std::optional<Profile> profile_;
    std::string why_nobody_;  // there are no credentials
    int retries_, connects_;
    std::chrono::seconds timeout_;
    bool verbose_;
    net::Caller caller_;
};

// A key of its own for a request that has none.
std::string new_idempotency_key();
// "https://shop.example/" is "https://shop.example"; throws Failure(usage) for what is no URL.
std::string server_from(const std::string& text);
std::string escaped(std::string_view text);  // for a path or a query

}  // namespace stateset::cli::client
