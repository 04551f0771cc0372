#include "support/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace stateset::support {
namespace {

using Clock = std::chrono::steady_clock;

std::string request(std::string_view path, const Headers& headers) {
    std::string text = "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n";
    for (const auto& [name, value] : headers) text.append(name + ": " + value + "\r\n");
    return text + "\r\n";
}

Headers with_credential(const std::string& credential, Headers more) {
    if (!credential.empty()) more.emplace_back("Authorization", "Bearer " + credential);
    return more;
}

}  // namespace

Wire::Wire(const std::string& address, int receive_buffer)
    : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer) {
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&there), sizeof there) != 0) ended_ = true;
}

Wire::~Wire() { ::close(socket_); }

bool Wire::send(std::string_view bytes) {
    while (!bytes.empty()) {
        auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool Wire::more(Clock::time_point deadline) {
    if (ended_) return false;
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, std::max(0, static_cast<int>(left.count()))) <= 0) return false;
    char bytes[65536];
    auto count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) {
        ended_ = true;
        return false;
    }
    received.append(bytes, static_cast<std::size_t>(count));
    return true;
}

Reply Wire::head() {
    Reply reply;
    auto deadline = Clock::now() + stream_patience;
    std::size_t end;
    while ((end = received.find("\r\n\r\n")) == received.npos) {
        if (!more(deadline)) {
            reply.failure = "no answer";
            return reply;
        }
    }
    auto text = received.substr(0, end + 2);
    received.erase(0, end + 4);
    reply.status = std::stoi(text.substr(9, 3));
    for (auto at = text.find("\r\n") + 2; at < text.size();) {
        auto line = text.substr(at, text.find("\r\n", at) - at);
        auto colon = line.find(": ");
        if (colon != line.npos) {
            reply.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
        }
        at += line.size() + 2;
    }
    return reply;
}

void Wire::read_body(Reply& reply) {
    auto length = reply.header("Content-Length");
    auto size = length.empty() ? 0 : std::stoul(length);
    auto deadline = Clock::now() + stream_patience;
    while (received.size() < size && more(deadline)) {
    }
    reply.body = received.substr(0, size);
}

EventListener::EventListener(const std::string& address, const std::string& credential,
                             std::string_view query, Headers headers, int receive_buffer)
    : wire_(address, receive_buffer) {
    wire_.send(request("/api/v1/events/stream" + std::string(query),
                       with_credential(credential, std::move(headers))));
    answer_ = wire_.head();
    if (answer_.status != 200) wire_.read_body(answer_);
}

// Up to an empty line, without it.
std::optional<std::string> EventListener::block(Clock::time_point deadline) {
    std::size_t end;
    while ((end = wire_.received.find("\n\n")) == std::string::npos) {
        if (!wire_.more(deadline)) return std::nullopt;
    }
    auto text = wire_.received.substr(0, end);
    wire_.received.erase(0, end + 2);
    return text;
}

Json EventListener::next(std::chrono::milliseconds patience) {
    auto deadline = Clock::now() + patience;
    while (auto text = block(deadline)) {
        auto id = text->find("id: "), kind = text->find("\nevent: "), data = text->find("\ndata: ");
        if (id != 0 || kind == text->npos || data == text->npos) continue;
        last_id_ = text->substr(4, kind - 4);
        auto json = Json::parse(std::string_view(*text).substr(data + 7));
        bool agrees =
            json["position"] == last_id_ && json["type"] == text->substr(kind + 8, data - kind - 8);
        if (!agrees) throw std::runtime_error("an event contradicts itself: " + *text);
        return json;
    }
    return {};
}

std::vector<std::string> EventListener::types_until(std::string_view type) {
    std::vector<std::string> types;
    while (types.empty() || types.back() != type) {
        auto event = next();
        if (!event.exists()) break;
        types.push_back(event["type"].text());
    }
    return types;
}

bool EventListener::ends(std::chrono::milliseconds patience) {
    auto deadline = Clock::now() + patience;
    while (wire_.more(deadline)) wire_.received.clear();
    return wire_.ended();
}

bool EventListener::comment(std::chrono::milliseconds patience) {
    auto deadline = Clock::now() + patience;
    while (auto text = block(deadline)) {
        if (text->starts_with(":")) return true;
    }
    return false;
}

int WebSocketListener::Frame::close_code() const {
    if (opcode != 8 || payload.size() < 2) return 0;
    return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
}

WebSocketListener::WebSocketListener(const std::string& address, const std::string& credential,
                                     std::string_view query, Headers instead)
    : wire_(address) {
    if (instead.empty()) {
        instead = {{"Upgrade", "websocket"},
                   {"Connection", "Upgrade"},
                   {"Sec-WebSocket-Version", "13"},
                   {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    }
    wire_.send(request("/api/v1/events/ws" + std::string(query),
                       with_credential(credential, std::move(instead))));
    answer_ = wire_.head();
    if (answer_.status != 101) wire_.read_body(answer_);
}

std::string WebSocketListener::frame(int first, std::string_view payload) {
    constexpr std::string_view mask = "\x12\x34\x56\x78";
    std::string out(1, static_cast<char>(first));
    if (payload.size() < 126) {
        out += static_cast<char>(0x80 | payload.size());
    } else {
        out += static_cast<char>(0x80 | 126);
        out += static_cast<char>(payload.size() >> 8);
        out += static_cast<char>(payload.size());
    }
    out += mask;
    for (std::size_t i = 0; i < payload.size(); ++i) {
        out += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
    }
    return out;
}

WebSocketListener::Frame WebSocketListener::receive(std::chrono::milliseconds patience) {
    auto deadline = Clock::now() + patience;
    auto& in = wire_.received;
    auto have = [&](std::size_t bytes) {
        while (in.size() < bytes) {
            if (!wire_.more(deadline)) return false;
        }
        return true;
    };
    if (!have(2)) return {};
    std::size_t length = static_cast<unsigned char>(in[1]), extended = 0;
    if (length >= 126) extended = length == 126 ? 2 : 8;
    if (!have(2 + extended)) return {};
    if (extended) length = 0;
    for (std::size_t i = 0; i < extended; ++i) {
        length = length << 8 | static_cast<unsigned char>(in[2 + i]);
    }
    if (!have(2 + extended + length)) return {};
    Frame frame{.opcode = in[0] & 0x0f, .payload = in.substr(2 + extended, length)};
    in.erase(0, 2 + extended + length);
    return frame;
}

Json WebSocketListener::next(std::chrono::milliseconds patience) {
    auto deadline = Clock::now() + patience;
    while (true) {
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        auto frame = receive(left);
        if (frame.opcode == 9) send(this->frame(0x8a, frame.payload));
        if (frame.opcode == 1) return Json::parse(frame.payload);
        if (frame.opcode == 8 || frame.opcode < 0) return {};
    }
}

int WebSocketListener::closed_with(std::chrono::milliseconds patience) {
    auto deadline = Clock::now() + patience;
    while (true) {
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        auto frame = receive(left);
        if (frame.opcode == 8) return frame.close_code();
        if (frame.opcode < 0) return 0;
    }
}

bool WebSocketListener::hung_up(std::chrono::milliseconds patience) {
    auto deadline = Clock::now() + patience;
    while (wire_.more(deadline)) wire_.received.clear();
    return wire_.ended();
}

}  // namespace stateset::support
