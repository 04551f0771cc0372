#pragma once
// An HTTP/1.1 client for tests: one kept-alive connection, blocking, exact about bytes. A client
// belongs to one thread; copies share address and headers, never the connection.
//
//     auto reply = client.post("/orders", R"({"customer_id":"…"})", {{"Idempotency-Key", "k1"}});
//     EXPECT_EQ(reply.status, 201) << reply;
//
// Paths are below /api/v1 unless they start with it or with one of the root's own (/livez,
// /openapi.json, …). A request that was sent is never sent twice: when the connection breaks, the
// reply has status 0 and says so in `failure`.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/json.hpp"

namespace stateset::support {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Reply {
    int status = 0;  // 0: no answer came
    Headers headers;
    std::string body;
    std::string failure;  // why there is none

    // The first header of that name, "" when there is none.
    std::string header(std::string_view name) const;
    bool has_header(std::string_view name) const;
    const Json& json() const;  // parsed once
    Json operator[](std::string_view member) const { return json()[member]; }
    Json at(std::string_view pointer) const { return json().at(pointer); }
    std::string text(std::string_view pointer) const { return json().at(pointer).text(); }
    std::string id() const { return json()["id"].text(); }
    std::string code() const { return json()["code"].text(); }  // of a problem
    bool ok() const { return status >= 200 && status < 300; }

  private:
    mutable Json parsed_;
};
std::ostream& operator<<(std::ostream&, const Reply&);

class Client {
  public:
    // `address` is "127.0.0.1:8080"; `credential` an API key or access token, sent as bearer.
    explicit Client(std::string address, std::string credential = {});
    Client(const Client&);
    Client& operator=(const Client&);
    ~Client();

    Client as(std::string credential) const;                 // the same server, somebody else
    Client with(std::string name, std::string value) const;  // one more header on every request

    Reply get(std::string_view path, Headers = {});
    Reply post(std::string_view path, std::string_view body = {}, Headers = {});
    Reply put(std::string_view path, std::string_view body = {}, Headers = {});
    Reply patch(std::string_view path, std::string_view body, Headers = {});
    Reply remove(std::string_view path, Headers = {});
    // A body goes out as application/json unless `headers` name another Content-Type.
    Reply send(std::string_view method, std::string_view path, std::string_view body = {},
               Headers = {});

    // What `send` does, for who stands between. `instead`, when set, is what every client does.
    struct Message {
        std::string_view method, path, body;
        const Headers& headers;
    };
    Reply exchange(const Message&);
    static inline std::function<Reply(Client&, const Message&)> instead;

    // For malformed requests: opens a connection of its own, sends the bytes, and returns all that
    // comes until the server closes or `patience` ends.
    std::string raw(std::string_view bytes,
                    std::chrono::milliseconds patience = std::chrono::milliseconds(2000)) const;

    void close();                                // the next request connects anew
    std::chrono::milliseconds patience{30'000};  // for one answer
    const std::string& address() const { return address_; }

  private:
    std::string address_, credential_;
    Headers always_;
    int socket_ = -1;
    std::string buffer_;  // read, not yet used

    bool connect();
    bool stale() const;
    bool fill(Reply&, std::chrono::steady_clock::time_point deadline);
    void read_reply(Reply&, bool body_expected);
    void read_body(Reply&, std::chrono::steady_clock::time_point deadline);
    bool read_chunks(Reply&, std::chrono::steady_clock::time_point deadline);
};

// The path as it is sent: below /api/v1 unless it is one of the root's.
std::string full_path(std::string_view path);
// "%2F" for "/": text as it may stand in a path or query.
std::string escaped(std::string_view text);

}  // namespace stateset::support
