#pragma once
// Clients of the event streams: one of Server-Sent Events, one of WebSocket. Blocking, exact about
// bytes, and able to misbehave.
//
//     EventListener listener(server.admin_address…, key, "?types=order.*");
//     auto event = listener.next();          // {"position":…,"type":…,"data":{…}}, or absent
//     WebSocketListener socket(address, key);
//     socket.send(Opcode…)

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/client.hpp"

namespace stateset::support {

inline constexpr std::chrono::milliseconds stream_patience{10'000};

// A connection, and what came over it and was not used yet.
class Wire {
  public:
    explicit Wire(const std::string& address, int receive_buffer = 0);
    ~Wire();
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    bool send(std::string_view bytes);
    // Waits for more bytes; false when none came in time, or never will.
    bool more(std::chrono::steady_clock::time_point deadline);
    bool ended() const { return ended_; }
    // The answer's head; the status is 0 when there was none.
    Reply head();
    void read_body(Reply&);  // of an answer that is no stream

    std::string received;

  private:
    int socket_ = -1;
    bool ended_ = false;
};

class EventListener {
  public:
    EventListener(const std::string& address, const std::string& credential,
                  std::string_view query = {}, Headers headers = {}, int receive_buffer = 0);

    const Reply& answer() const { return answer_; }
    // The next event as its `data`; absent when none came in time.
    Json next(std::chrono::milliseconds patience = stream_patience);
    // Reads until an event of this type has come; the types up to it.
    std::vector<std::string> types_until(std::string_view type);
    // The server has ended it; what came before is dropped.
    bool ends(std::chrono::milliseconds patience = stream_patience);
    bool comment(std::chrono::milliseconds patience = stream_patience);  // a heartbeat has come
    const std::string& last_id() const { return last_id_; }

  private:
    std::optional<std::string> block(std::chrono::steady_clock::time_point deadline);

    Wire wire_;
    Reply answer_;
    std::string last_id_;
};

class WebSocketListener {
  public:
    struct Frame {
        int opcode = -1;  // -1: none came
        std::string payload;
        int close_code() const;  // of a close; 0 when there is none
    };

    WebSocketListener(const std::string& address, const std::string& credential,
                      std::string_view query = {}, Headers instead = {});

    const Reply& answer() const { return answer_; }
    void send_text(std::string_view text) { send(frame(0x81, text)); }
    void send(std::string_view bytes) { wire_.send(bytes); }
    // A masked frame with this first byte.
    static std::string frame(int first, std::string_view payload);

    Frame receive(std::chrono::milliseconds patience = stream_patience);
    // The next text; pings meanwhile are answered.
    Json next(std::chrono::milliseconds patience = stream_patience);
    // The code that it is closed with; 0 when it is not.
    int closed_with(std::chrono::milliseconds patience = stream_patience);
    bool hung_up(std::chrono::milliseconds patience = stream_patience);

  private:
    Wire wire_;
    Reply answer_;
};

}  // namespace stateset::support
