#pragma once
// A small real HTTP server that receives webhooks: it records what comes and answers as told.
//
//     Receiver receiver;                                   // answers 204
//     receiver.answers([](const Received&) { return Receiver::Answer{.status = 503}; });
//     ASSERT_TRUE(receiver.waits_for(3));                  // three requests, within 10 s

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/client.hpp"

namespace stateset::support {

struct Received {
    std::string method, path, body;
    Headers headers;
    std::chrono::steady_clock::time_point at;

    std::string header(std::string_view name) const;
    Json json() const { return Json::parse(body); }
    std::string type() const { return json()["type"].text(); }  // of an event
};

class Receiver {
  public:
    struct Answer {
        int status = 204;
        std::string body = {};
        Headers headers = {};
        std::chrono::milliseconds delay{0};  // before it answers
        bool hang_up = false;                // closes without an answer
    };
    Receiver();
    ~Receiver();

    std::string url(std::string_view path = "/hook") const;  // http://127.0.0.1:port/hook
    void answers(Answer);
    void answers(std::function<Answer(const Received&)>);  // called on the connection's thread
    std::vector<Received> received() const;
    std::size_t count() const;
    bool waits_for(std::size_t count,
                   std::chrono::milliseconds patience = std::chrono::milliseconds(10'000)) const;
    // Those whose event type is this one.
    std::vector<Received> of_type(std::string_view type) const;
    bool waits_for_type(
        std::string_view type, std::size_t count = 1,
        std::chrono::milliseconds patience = std::chrono::milliseconds(10'000)) const;
    void forget();
    std::size_t most_at_once() const;  // requests being answered at the same moment

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace stateset::support
