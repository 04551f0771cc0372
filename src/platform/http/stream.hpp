#pragma once
// A connection that an answer has taken over. The endpoint answers with a `Response` that holds a
// Stream; the server writes the head (101 for another protocol; else the body ends with the
// connection, which HTTP/1.0 and 1.1 both understand) and from then on only carries bytes: what the
// Stream's owner hands to its `Line`, and what the client sends. Nobody waits for a client: what
// the socket has not taken is counted, so that the owner, who has the truth elsewhere, makes more
// only when there is room. A client that takes nothing for Limits::stalled_send is cut off.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace stateset::http {

// The server's end, usable from any thread, also when the client or the server has gone.
class Line {
  public:
    virtual ~Line() = default;
    virtual void send(std::string bytes) = 0;  // in the order of calls
    virtual void end(std::string last) = 0;  // sends this and hangs up; what comes later is dropped
    virtual std::size_t unsent() const = 0;
    void end() { end({}); }
};

class Mailbox;

// That of a connection of this server.
class SocketLine final : public Line {
  public:
    SocketLine(std::shared_ptr<Mailbox> to, std::uint64_t connection);
    void send(std::string bytes) override;
    void end(std::string last) override;
    std::size_t unsent() const override { return unsent_.load(std::memory_order_relaxed); }

  private:
    friend class Connection;
    std::shared_ptr<Mailbox> to_;
    const std::uint64_t connection_;
    std::atomic<std::size_t> unsent_ = 0;
    std::atomic<bool> over_ = false;
};

// What happens on it. Called on the loop's thread, so it must not block; never after `closed`.
class Stream {
  public:
    virtual ~Stream() = default;
    virtual void opened(std::shared_ptr<Line>) = 0;  // the head is on its way
    virtual void received(std::string_view bytes) = 0;
    virtual void drained() = 0;    // the socket has taken everything
    virtual void wind_down() = 0;  // the server stops: say good-bye and `end`
    virtual void closed() = 0;
};

}  // namespace stateset::http
