#include "platform/http/websocket.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "platform/auth/crypto.hpp"
#include "platform/json/tape.hpp"

namespace stateset::http::websocket {
namespace {

constexpr std::string_view accept_suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 1.3
constexpr std::size_t nonce_bytes = 16;
constexpr std::size_t most_control = 125, close_code_bytes = 2;
constexpr std::uint8_t final_bit = 0x80, reserved_bits = 0x70, opcode_bits = 0x0f;
constexpr std::uint8_t mask_bit = 0x80, length_bits = 0x7f, length_is_16 = 126, length_is_64 = 127;

std::string_view trimmed(std::string_view text) {
    auto from = text.find_first_not_of(" \t");
    if (from == text.npos) return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

// Whether a comma-separated header, which may come in several lines, has this token.
bool lists(const Request& request, std::string_view name, std::string_view token) {
    for (const auto& header : request.headers) {
        if (!same_name(header.name, name)) continue;
        std::string_view rest = header.value;
        while (true) {
            auto comma = rest.find(',');
            if (same_name(trimmed(rest.substr(0, comma)), token)) return true;
            if (comma == rest.npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    return false;
}

// RFC 6455 7.4: what may stand in a close frame.
bool sendable(std::uint16_t code) {
    bool known = code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
    return known || (code >= 3000 && code <= 4999);
}

bool control(Opcode opcode) { return opcode >= Opcode::close; }

}  // namespace

Response accept(const Request& request) {
    if (!lists(request, "Upgrade", "websocket") || !lists(request, "Connection", "upgrade")) {
        throw Refusal(codes::upgrade_required, "This is not a WebSocket handshake.");
    }
    const auto* version = request.find("Sec-WebSocket-Version");
    if (!version || *version != "13") {
        throw Refusal(codes::upgrade_required, "Version 13 of the protocol is spoken here.");
    }
    auto keys = std::ranges::count_if(request.headers, [](const Header& header) {
        return same_name(header.name, "Sec-WebSocket-Key");
    });
    const auto* key = request.find("Sec-WebSocket-Key");
    auto nonce = key ? auth::from_base64(*key) : std::nullopt;
    if (keys != 1 || !nonce || nonce->size() != nonce_bytes) {
        throw Refusal(codes::malformed_handshake,
                      "Sec-WebSocket-Key must be 16 bytes in Base64, given once.");
    }
    if (!request.body.empty()) {
        throw Refusal(codes::malformed_handshake, "A handshake has no body.");
    }
    auto proof = auth::base64(auth::sha1(*key + std::string(accept_suffix)));
    return {.status = 101,
            .content_type = {},
            .body = {},
            .headers = {{"Upgrade", "websocket"}, {"Sec-WebSocket-Accept", proof}}};
}

void demand(Response& response) {
    response.headers.push_back({"Upgrade", "websocket"});
    response.headers.push_back({"Sec-WebSocket-Version", "13"});
}

std::string frame(Opcode opcode, std::string_view payload) {
    std::string out;
    out.reserve(payload.size() + 10);
    out += static_cast<char>(final_bit | static_cast<std::uint8_t>(opcode));
    auto put_length = [&](int bytes) {
        for (int i = bytes - 1; i >= 0; --i) {
            out += static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> (8 * i));
        }
    };
    if (payload.size() < length_is_16) {
        put_length(1);
    } else if (payload.size() <= 0xffff) {
        out += static_cast<char>(length_is_16);
        put_length(2);
    } else {
        out += static_cast<char>(length_is_64);
        put_length(8);
    }
    return out.append(payload);
}

std::string close_frame(Close code, std::string_view reason) {
    auto number = static_cast<std::uint16_t>(code);
    std::string payload{static_cast<char>(number >> 8), static_cast<char>(number)};
    payload.append(reason.substr(0, most_control - close_code_bytes));
    return frame(Opcode::close, payload);
}

const std::optional<FrameReader::Fault>& FrameReader::take(
    std::string_view bytes, const std::function<void(Message&&)>& on) {
    while (!fault_ && !closed_) {
        if (!in_payload_) {
            bool whole = false;
            while (!bytes.empty() && !whole && !fault_) {
                head_ += bytes.front();
                bytes.remove_prefix(1);
                whole = head();
            }
            if (!whole) break;
        }
        auto& buffer = control(opcode_) ? control_ : message_;
        auto missing = static_cast<std::size_t>(length_) - (buffer.size() - frame_begin_);
        auto part = bytes.substr(0, missing);
        bytes.remove_prefix(part.size());
        for (char c : part) {
            auto at = buffer.size() - frame_begin_;
            buffer += static_cast<char>(c ^ mask_[at % 4]);
        }
        if (part.size() < missing) break;
        in_payload_ = false;
        finish(on);
    }
    return fault_;
}

// Looks at the head so far; true when it is whole and sound.
bool FrameReader::head() {
    auto byte = [this](std::size_t at) { return static_cast<std::uint8_t>(head_[at]); };
    if (head_.size() == 1) return check_first(byte(0));
    auto kind = static_cast<std::uint8_t>(byte(1) & length_bits);
    if (head_.size() == 2) {
        if (!(byte(1) & mask_bit)) {
            return fail(Close::protocol_error, "a client masks its frames");
        }
        if (control(opcode_) && kind > most_control) {
            return fail(Close::protocol_error, "a control frame is too long");
        }
    }
    std::size_t extended = kind == length_is_16 ? 2 : kind == length_is_64 ? 8 : 0;
    if (head_.size() < 2 + extended) return false;
    if (head_.size() == 2 + extended) {
        length_ = extended ? 0 : kind;
        for (std::size_t i = 0; i < extended; ++i) length_ = length_ << 8 | byte(2 + i);
        bool shorter = (extended == 2 && length_ < length_is_16) ||
                       (extended == 8 && (length_ <= 0xffff || length_ >> 63));
        if (shorter) return fail(Close::protocol_error, "a length is not in its shortest form");
        auto before = control(opcode_) ? 0 : message_.size();
        if (!control(opcode_) && length_ > most_ - before) {
            return fail(Close::message_too_big, "the message is too big");
        }
    }
    if (head_.size() < 2 + extended + sizeof mask_) return false;
    std::ranges::copy(std::string_view(head_).substr(2 + extended), mask_);
    head_.clear();
    in_payload_ = true;
    frame_begin_ = control(opcode_) ? 0 : message_.size();
    if (control(opcode_)) control_.clear();
    return true;
}

// A frame's first byte. Always false: a head is longer than that.
bool FrameReader::check_first(std::uint8_t first) {
    if (first & reserved_bits) return fail(Close::protocol_error, "a reserved bit is set");
    auto code = static_cast<std::uint8_t>(first & opcode_bits);
    opcode_ = static_cast<Opcode>(code);
    final_ = first & final_bit;
    if (code > 10 || (code > 2 && code < 8)) {
        return fail(Close::protocol_error, "there is no such opcode");
    }
    if (control(opcode_)) {
        return final_ ? false : fail(Close::protocol_error, "a control frame is fragmented");
    }
    if (opcode_ == Opcode::binary) {
        return fail(Close::unsupported_data, "only text is understood");
    }
    bool continues = opcode_ == Opcode::continuation;
    if (continues != in_message_) {
        return fail(Close::protocol_error, continues ? "there is nothing to continue"
                                                     : "the message before has not ended");
    }
    return false;
}

void FrameReader::finish(const std::function<void(Message&&)>& on) {
    if (opcode_ == Opcode::close) return finish_close(on);
    if (control(opcode_)) {
        on({.opcode = opcode_, .payload = std::exchange(control_, {})});
        return;
    }
    in_message_ = !final_;
    if (!final_) return;
    if (json::first_invalid_utf8(message_) != std::string_view::npos) {
        fail(Close::malformed_text, "text is UTF-8");
        return;
    }
    on({.opcode = Opcode::text, .payload = std::exchange(message_, {})});
}

void FrameReader::finish_close(const std::function<void(Message&&)>& on) {
    Message message{.opcode = Opcode::close, .payload = {}};
    if (control_.size() == 1) {
        fail(Close::protocol_error, "a close code has two bytes");
        return;
    }
    if (!control_.empty()) {
        auto byte = [this](std::size_t at) { return static_cast<std::uint8_t>(control_[at]); };
        message.close_code = static_cast<std::uint16_t>(byte(0) << 8 | byte(1));
        message.payload = control_.substr(close_code_bytes);
        if (!sendable(message.close_code)) {
            fail(Close::protocol_error, "there is no such close code");
            return;
        }
        if (json::first_invalid_utf8(message.payload) != std::string_view::npos) {
            fail(Close::malformed_text, "text is UTF-8");
            return;
        }
    }
    closed_ = true;
    on(std::move(message));
}

// False, for `head`.
bool FrameReader::fail(Close code, std::string_view reason) {
    fault_ = Fault{code, reason};
    return false;
}

}  // namespace stateset::http::websocket
