#pragma once
// The gate finds out who sends a request. What a token says is checked once and remembered by the
// token's digest; whether it still counts (session, user, roles, key) is asked at every request, of
// copies that the Committer's commits throw away the moment they are out of date. What is not
// remembered is read on the read pool, never on an event loop. Whatever goes wrong, nobody passes;
// whoever belongs to a suspended tenant is told so, with tenant_suspended.
//
// Where other processes commit too, a copy counts for a bounded time only, measured from before it
// was asked for; a busy credential is looked up again, once for all its requests, before that time
// is over, so that none of them waits. When the database is away and the time is over, requests
// are refused with 503. With Freshness all copies go as soon as it tells that another process has
// changed users, roles, keys or sessions; it is asked every 25 ms, whatever the requests do.

#include <chrono>
#include <memory>

#include "identity/tokens.hpp"
#include "platform/core/freshness.hpp"
#include "platform/http/edge.hpp"
#include "platform/store/committer.hpp"

namespace stateset::identity {

class Gate final : public http::Authenticator {
  public:
    struct Options {
        std::size_t most_remembered = 20'000;  // of each kind; beyond, any is forgotten
        std::function<Time()> clock = system_now;
        // How long a copy counts. None: all commits are this process's, and are heard of.
        std::optional<Span> keep_for;
        std::function<std::chrono::steady_clock::time_point()> steady_clock =
            std::chrono::steady_clock::now;
        Freshness* shared = nullptr;  // outlives the gate; null: the time alone bounds
    };
    // Listens to the Committer: make it before the first command.
    explicit Gate(Committer&);
    Gate(Committer&, Options);
    ~Gate() override;

    void open(ReadPool&, auth::SigningKey);  // before the first request

    void identify(std::string credential, std::function<void(Actor)> known,
                  std::function<void(Refusal)> refused) override;

    // The limit of a tenant, as somebody of it was known last. None: it has no limit.
    std::optional<std::int64_t> requests_per_second(Tenant) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::identity
