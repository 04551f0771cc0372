// The way out: one asynchronous HTTP client for webhooks, gateways and carriers. Any number of
// calls run at once on one thread of the client's own, over kept-alive HTTP/1.1 connections.
//
// It is careful because customers choose some of the URLs. Redirects are answers, never followed;
// no proxy is taken from the environment; certificates are verified; answers are read up to a
// bound. Unless private addresses are allowed, only https is spoken and each address is checked by
// address_guard at the moment it is connected to, so a name that changes its mind gains nothing.
//
// Calls to one host share a few connections and wait in line for them; hosts do not wait for each
// other, so a slow receiver delays only itself. Each call ends within its timeout, counted from
// send(), and `done` is called exactly once. A call on a kept connection that the other side just
// closed is sent again, so a receiver may see a call twice: give it an idempotency key.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stateset::net {

struct Outgoing {
    std::string method = "POST";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds timeout{15'000};  // for all of it, waiting for a connection included
    std::size_t most_answer_bytes = 64 * 1024;
};

struct Answer {
    enum class Failure {
        none,
        malformed,        // the URL, scheme, method or a header; nothing was sent
        refused_address,  // the host leads to an address that is not public; nothing was sent
        resolve,          // the name leads nowhere, or not in time; nothing was sent
        connect,          // no connection, or not in time; nothing was sent
        tls,              // no trusted connection; nothing was sent
        not_sent,         // too many calls, no free connection in time, or stopped; try later
        timeout,          // no whole answer in time: the other side may have acted
        cut_off,          // stop() ended it midway: the other side may have acted
        too_large,        // status and headers are the server's, body is the beginning of its body
        other             // lost midway or unreadable: the other side may have acted
    };

    int status = 0;                                            // 0: no whole answer
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;
    Failure failure = Failure::none;
    // For logs and attempt records: never holds a header, a body or a query.
    std::string error;
    std::chrono::milliseconds took{0};  // from the start of the exchange, without waiting in line

    // The first value of a header, "" when absent. `name` in lower case.
    std::string_view header(std::string_view name) const;
};

class Client {
  public:
    struct Options {
        bool allow_private_addresses = false;  // also allows http
        int connections_per_host = 8;
        std::size_t most_connections = 512;  // of all hosts together
        std::size_t most_calls = 10'000;     // running and waiting; beyond, not_sent at once
        std::string ca_file = {};            // PEM; empty: the system's certificate authorities
    };

    explicit Client(Options options);
    ~Client();  // stops

    // Thread-safe, returns at once. `done` runs on the client's thread, must not block and may
    // send(); after stop() it runs within send(). What it throws is logged and dropped.
    void send(Outgoing wanted, std::function<void(Answer)> done);

    // Ends every call (not_sent or cut_off) and the thread. May be called twice, not from `done`.
    void stop();

  private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace stateset::net
