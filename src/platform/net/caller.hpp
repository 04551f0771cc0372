#pragma once
// The way out for programs that speak to one server, such as the command line: one call at a time,
// on the thread that asks, over one connection that is kept. Unlike `Client` it trusts who names
// the URL: it speaks http as well, to any address, and takes a proxy from the environment, though
// never for this machine itself. Certificates are verified; redirects are answers.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "platform/net/client.hpp"

namespace stateset::net {

class Caller {
  public:
    Caller();
    ~Caller();
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    Answer call(const Outgoing&);

    // The body of a 2xx answer goes to `take` as it comes, for as long as `take` answers true; that
    // it stopped is no failure. It ends when nothing has come for `silence`.
    Answer stream(const Outgoing&, std::chrono::seconds silence,
                  const std::function<bool(std::string_view)>& take);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::net
