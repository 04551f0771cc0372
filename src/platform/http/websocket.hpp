#pragma once
// WebSocket (RFC 6455), the server's side: the handshake, and frames from and to bytes. No
// extensions are offered and no subprotocols.
//
// The framing is our own because Beast's `websocket::stream` wants to own reading, writing and its
// timers, while our connections read through one buffer per loop and hold nothing at rest; what
// remains of the protocol is this small. It is as strict as the RFC lets a server be: whatever a
// conforming client cannot send fails the connection with the RFC's own close code.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "platform/core/refusal.hpp"
#include "platform/http/message.hpp"

namespace stateset::http::websocket {

namespace codes {
inline constexpr Code upgrade_required{
    "upgrade_required", 426, "This address speaks WebSocket",
    "Open it with a WebSocket client: Upgrade: websocket, Sec-WebSocket-Version: 13."};
inline constexpr Code malformed_handshake{"malformed_handshake", 400,
                                          "The WebSocket handshake is malformed",
                                          "Use a WebSocket client that follows RFC 6455."};
}  // namespace codes

// The 101 that accepts the handshake. Throws Refusal of the codes above; a 426 must carry Upgrade
// and Sec-WebSocket-Version, see `demand`.
Response accept(const Request&);
void demand(Response& upgrade_required);

enum class Opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10
};

// RFC 6455 7.4.1, those we say.
enum class Close : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported_data = 1003,
    malformed_text = 1007,
    policy_violation = 1008,
    message_too_big = 1009
};

// One whole frame as a server sends it: not masked, not fragmented.
std::string frame(Opcode, std::string_view payload);
// `reason` is cut at 123 bytes, as a control frame must be.
std::string close_frame(Close, std::string_view reason);

// What a client sent, defragmented and unmasked. A close has its code, or 1005 when it gave none.
struct Message {
    Opcode opcode = Opcode::text;  // text, ping, pong or close
    std::string payload;
    std::uint16_t close_code = 1005;
};

// Bytes in, messages out. After a fault or a close nothing further is taken.
class FrameReader {
  public:
    struct Fault {
        Close code;
        std::string_view reason;
    };
    explicit FrameReader(std::size_t most_message_bytes) : most_(most_message_bytes) {}

    // Calls `on` for each message that became whole. What is wrong, if anything ever was.
    const std::optional<Fault>& take(std::string_view bytes,
                                     const std::function<void(Message&&)>& on);

  private:
    bool head();
    bool check_first(std::uint8_t first);
    void finish(const std::function<void(Message&&)>& on);
    void finish_close(const std::function<void(Message&&)>& on);
    bool fail(Close code, std::string_view reason);

    const std::size_t most_;
    std::optional<Fault> fault_;
    bool closed_ = false;
    std::string head_;         // bytes of a frame's head, until they are whole
    bool in_payload_ = false;  // the head is read
    bool final_ = false, in_message_ = false;
    Opcode opcode_ = Opcode::text;
    std::uint64_t length_ = 0;
    char mask_[4] = {};
    std::string control_;          // payload of a control frame, which may stand amid a message
    std::string message_;          // of the data frames so far
    std::size_t frame_begin_ = 0;  // of the current frame in its buffer
};

}  // namespace stateset::http::websocket
