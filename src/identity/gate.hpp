#pragma once
// The gate finds out who sends a request. What a token says is checked once and remembered by the
// token's digest; whether it still counts (session, user, roles, key) is asked at every request, of
// copies that the Committer's commits throw away the moment they are out of date. What is not
// remembered is read on the read pool, never on an event loop. Whatever goes wrong, nobody passes.

#include <memory>

#include "identity/tokens.hpp"
#include "platform/http/edge.hpp"
#include "platform/store/committer.hpp"

namespace stateset::identity {

class Gate final : public http::Authenticator {
  public:
    struct Options {
        std::size_t most_remembered = 20'000;  // of each kind; beyond, any is forgotten
        std::function<Time()> clock = system_now;
    };
    // Listens to the Committer: make it before the first command.
    explicit Gate(Committer&);
    Gate(Committer&, Options);
    ~Gate() override;

    void open(ReadPool&, auth::SigningKey);  // before the first request

    void identify(std::string credential, std::function<void(Actor)> known,
                  std::function<void(Refusal)> refused) override;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::identity
