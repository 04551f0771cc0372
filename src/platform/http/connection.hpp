#pragma once
// One client's connection: bytes to requests, answers to bytes, in order.
//
// Three things move it (bytes arrived, the socket takes bytes again, an answer was made) and all
// end in `proceed`: take requests while allowed, send what is ready in one go, then decide what to
// wait for. At rest it holds no buffer: reads go through the loop's scratch, and only an unfinished
// line is carried over. An answer may hand the connection over to a Stream; what happened until
// then is over, and only bytes are carried from there on.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/http/framing.hpp"
#include "platform/http/loop.hpp"
#include "platform/http/rendering.hpp"
#include "platform/http/stream.hpp"

namespace stateset::http {

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    struct Origin {
        std::uint64_t id;
        std::string peer;      // address as told to handlers
        std::string admitted;  // what the census counted; empty: it was refused there
    };

    Connection(Loop& loop, Socket socket, Origin origin);

    void open();
    void refuse(const Fault& fault);  // instead of open: answers and closes

    // Keeps the answer of request number `turn`; `proceed` must follow.
    void keep(std::uint64_t turn, std::optional<Response> response);
    // Bytes of the stream that has taken over; `proceed` must follow.
    void put(std::string_view bytes, bool last);
    void proceed();
    void sweep(Clock::time_point now);
    void wind_down();
    void close();

    std::uint64_t id() const { return origin_.id; }

  private:
    struct Exchange {
        BodyRule body = BodyRule::sent;
        Ending ending = Ending::kept;
        std::optional<Response> answer{};
    };

    void await_readable();
    void await_writable();
    void receive();
    void discard();
    void advance(std::string_view fresh);
    std::size_t take_requests(std::string_view input);
    bool may_handle() const;
    void begin();
    void fail(const Fault& fault);
    void render_ready();
    void hand_over(Response answer);
    void carry_on();
    void flush();
    void wait_or_finish();
    void linger();
    void note_progress(bool bytes_left);
    bool resting() const;
    std::size_t unsent() const { return output_.size() - sent_; }
    template <class F>
    void guarded(F&& turn);

    Loop& loop_;
    Socket socket_;
    const Origin origin_;
    RequestReader reader_;
    std::string carried_;  // bytes read and not yet taken
    std::string output_;   // answers rendered; the first `sent_` bytes are gone
    std::size_t sent_ = 0;
    std::vector<Exchange> exchanges_;  // requests being answered, oldest first
    std::size_t done_ = 0;             // exchanges_ before this one are rendered
    std::uint64_t next_turn_ = 0;      // number of the next request

    std::shared_ptr<Stream> stream_;    // who has taken over
    std::shared_ptr<SocketLine> line_;  // and its end of the connection
    bool stream_ended_ = false;

    bool closed_ = false, reading_ = false, writing_ = false, input_ended_ = false;
    bool held_back_ = false;   // requests may wait in carried_ until answers leave
    bool last_taken_ = false;  // no request after this one: fault, Connection: close or wind-down
    bool lingering_ = false;   // everything is said; only waiting for the client to hang up
    bool partial_ = false, body_begun_ = false;
    std::size_t discarded_ = 0;
    Clock::time_point active_, request_began_, body_began_, send_progress_, linger_until_;
};

}  // namespace stateset::http
