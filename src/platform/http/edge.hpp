#pragma once
// The edge: what happens to every request before and after its endpoint. Route, limits,
// credentials, permission, then the endpoint's own `act`; a deadline that answers when nobody else
// does. The socket side is `Server`.

#include <functional>
#include <memory>
#include <string>

#include "platform/core/actor.hpp"
#include "platform/http/api.hpp"
#include "platform/http/forwarded.hpp"

namespace stateset::http {

// Finds out who asks. Calls `known` with the actor, or `refused`; at once when it is remembered,
// else from a thread of its own choosing. The credential is the bearer token or API key as sent.
class Authenticator {
  public:
    virtual ~Authenticator() = default;
    virtual void identify(std::string credential, std::function<void(Actor)> known,
                          std::function<void(Refusal)> refused) = 0;
};

// The bearer token or API key of a request; "" when it has none.
std::string credential_of(const Request&);

// Counts requests. Answers how many seconds to wait, 0 when the request may pass.
class Limiter {
  public:
    virtual ~Limiter() = default;
    virtual int address(const std::string& peer) = 0;  // before authentication
    virtual int caller(const Actor&, const Endpoint&,
                       Response* headers) = 0;  // adds RateLimit headers
};

class Edge {
  public:
    struct Options {
        std::chrono::milliseconds deadline{10'000};
        std::size_t in_flight = 512;
        TrustedProxies proxies;
        std::function<void(const Call&, int status)> log;
    };
    Edge(const Api&, Engine&, Authenticator&, Limiter*, Options);
    ~Edge();

    // The Server's Handler, and that of any other door: its client may have less patience than the
    // edge has, and may go away, which is what `expire` of the call is for.
    std::weak_ptr<Call> handle(Request&&, Reply,
                               std::chrono::steady_clock::time_point deadline = no_deadline);
    static constexpr auto no_deadline = std::chrono::steady_clock::time_point::max();
    static Response reject(int status, std::string_view code, std::string_view detail);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::http
