#pragma once
// The HTTP/1.1 server: sockets in, whole requests to one Handler, answers back in order.
//
// One event loop per core accepts on its own SO_REUSEPORT socket and keeps its connections for
// their whole life. Requests of one connection are answered in the order they came, whatever order
// their replies are made in; replies may come from any thread and are collected, so that a burst of
// them wakes a loop once. It knows nothing of JSON, endpoints or nouns: what is wrong with a
// request's framing it tells through the Rejecter, which makes the body, and then closes the
// connection.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/message.hpp"

namespace stateset::http {

class Census;
class Loop;

// Who waits for an answer. An empty answer means that the Reply was dropped.
class Replied {
  public:
    virtual ~Replied() = default;
    virtual void answer(std::uint64_t connection, std::uint64_t turn,
                        std::optional<Response> response) = 0;
};

// Answers one request; callable once, from any thread, also after its client or the server has gone
// (the answer is then dropped). A Reply destroyed unanswered answers 500.
class Reply {
  public:
    // For a door other than a socket, such as a test: `to` gets the answer, or a bare 500 if there
    // is none.
    explicit Reply(std::function<void(Response)> to);
    Reply(std::shared_ptr<Replied> to, std::uint64_t connection, std::uint64_t turn);
    Reply(Reply&&) noexcept = default;
    Reply& operator=(Reply&& other) noexcept;
    ~Reply();

    void operator()(Response response);

  private:
    std::shared_ptr<Replied> to_;
    std::uint64_t connection_ = 0, turn_ = 0;
};

// Called on an event-loop thread, so it must not block. What it throws is answered 500.
using Handler = std::function<void(Request&&, Reply)>;

// Makes body and headers of an error the server itself finds: 400 malformed_request, 408
// request_timeout, 413 body_too_large, 414 target_too_long, 431 headers_too_large, 500
// internal_error, 503 too_many_connections, 505 version_not_supported. Called on any loop thread.
// The status stays the given one.
using Rejecter =
    std::function<Response(int status, std::string_view code, std::string_view detail)>;

struct Options {
    std::string address = "127.0.0.1";  // IPv4 or IPv6, no names
    unsigned short port = 8080;         // 0: any free one, see Server::port
    int loops = 0;                      // 0: one per core
    Limits limits{};
};

class Server {
  public:
    Server(Options options, Handler handler, Rejecter rejecter);
    ~Server();  // stops without grace

    // Binds and starts the loop threads; they block all signals. Throws std::system_error whose
    // text names the address, also when another process already listens there.
    void start();

    // The port bound; 0 before start.
    unsigned short port() const { return port_; }

    // Stops accepting, closes idle connections, finishes what is in flight with answers that carry
    // Connection: close, and cuts what remains after `grace`. Not from a loop thread. A second call
    // does nothing.
    void stop(std::chrono::milliseconds grace);

    struct Counters {
        std::uint64_t connections = 0;      // open now
        std::uint64_t accepted = 0;         // connections since start, refused ones included
        std::uint64_t requests = 0;         // whole requests given to the handler
        std::uint64_t rejected = 0;         // errors the server itself found
        std::uint64_t accept_failures = 0;  // such as no descriptor left
    };
    Counters counters() const;

  private:
    struct Threads;

    Options options_;
    Handler handler_;
    Rejecter rejecter_;
    std::shared_ptr<Census> census_;
    std::vector<std::unique_ptr<Loop>> loops_;
    std::unique_ptr<Threads> threads_;
    unsigned short port_ = 0;
    std::atomic<bool> stopped_ = false;
};

}  // namespace stateset::http
