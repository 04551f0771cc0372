#include "support/client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace stateset::support {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view of_the_root[] = {"/livez", "/readyz",  "/metrics",     "/openapi.json",
                                            "/docs",  "/console", "/.well-known", "/api/"};

bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// A client that asks for a port where nobody listens may be given that very port for itself, and is
// then connected with itself.
bool with_itself(int socket) {
    sockaddr_in here{}, there{};
    socklen_t size = sizeof here;
    getsockname(socket, reinterpret_cast<sockaddr*>(&here), &size);
    getpeername(socket, reinterpret_cast<sockaddr*>(&there), &size);
    return here.sin_port == there.sin_port && here.sin_addr.s_addr == there.sin_addr.s_addr;
}

bool wait_for(int socket, short what, Clock::time_point deadline) {
    pollfd ask{.fd = socket, .events = what, .revents = 0};
    while (true) {
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        int ready = ::poll(&ask, 1, std::max<int>(0, static_cast<int>(left.count())));
        if (ready > 0) return true;
        if (ready == 0) return false;
        if (errno != EINTR) return false;
    }
}

int connected(const std::string& address) {
    auto colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    if (inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr) != 1) return -1;
    int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return -1;
    if (::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 ||
        with_itself(socket)) {
        ::close(socket);
        return -1;
    }
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void read_head(Reply& reply, std::string_view head) {
    auto line = head.substr(0, head.find("\r\n"));
    reply.status = line.size() > 12 ? std::atoi(std::string(line.substr(9, 3)).c_str()) : 0;
    head.remove_prefix(std::min(line.size() + 2, head.size()));
    while (!head.empty()) {
        line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(std::min(line.size() + 2, head.size()));
        auto colon = line.find(':');
        if (colon == line.npos) continue;
        auto value = line.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        reply.headers.emplace_back(line.substr(0, colon), value);
    }
}

}  // namespace

std::string full_path(std::string_view path) {
    for (auto root : of_the_root) {
        if (path.starts_with(root)) return std::string(path);
    }
    return path.empty() || path[0] != '/' ? std::string(path) : "/api/v1" + std::string(path);
}

std::string Reply::header(std::string_view name) const {
    for (const auto& [known, value] : headers) {
        if (same(known, name)) return value;
    }
    return {};
}

bool Reply::has_header(std::string_view name) const {
    return std::ranges::any_of(headers, [&](auto& pair) { return same(pair.first, name); });
}

const Json& Reply::json() const {
    if (!parsed_.exists()) parsed_ = Json::parse(body);
    return parsed_;
}

std::ostream& operator<<(std::ostream& out, const Reply& reply) {
    constexpr std::size_t enough = 4000;
    if (reply.status == 0) return out << "no answer: " << reply.failure;
    return out << reply.status << " " << reply.body.substr(0, enough);
}

Client::Client(std::string address, std::string credential)
    : address_(std::move(address)), credential_(std::move(credential)) {}

Client::Client(const Client& other)
    : patience(other.patience),
      address_(other.address_),
      credential_(other.credential_),
      always_(other.always_) {}

Client& Client::operator=(const Client& other) {
    if (this == &other) return *this;
    close();
    patience = other.patience;
    address_ = other.address_;
    credential_ = other.credential_;
    always_ = other.always_;
    return *this;
}

Client::~Client() { close(); }

Client Client::as(std::string credential) const {
    Client other(*this);
    other.credential_ = std::move(credential);
    return other;
}

Client Client::with(std::string name, std::string value) const {
    Client other(*this);
    other.always_.emplace_back(std::move(name), std::move(value));
    return other;
}

Reply Client::get(std::string_view path, Headers headers) {
    return send("GET", path, {}, std::move(headers));
}
Reply Client::post(std::string_view path, std::string_view body, Headers headers) {
    return send("POST", path, body, std::move(headers));
}
Reply Client::put(std::string_view path, std::string_view body, Headers headers) {
    return send("PUT", path, body, std::move(headers));
}
Reply Client::patch(std::string_view path, std::string_view body, Headers headers) {
    return send("PATCH", path, body, std::move(headers));
}
Reply Client::remove(std::string_view path, Headers headers) {
    return send("DELETE", path, {}, std::move(headers));
}

Reply Client::send(std::string_view method, std::string_view path, std::string_view body,
                   Headers headers) {
    Message message{method, path, body, headers};
    return instead ? instead(*this, message) : exchange(message);
}

Reply Client::exchange(const Message& message) {
    const auto& [method, path, body, headers] = message;
    bool typed = false;
    std::string text =
        std::string(method) + " " + full_path(path) + " HTTP/1.1\r\nHost: " + address_ + "\r\n";
    if (!credential_.empty()) text += "Authorization: Bearer " + credential_ + "\r\n";
    for (const auto* list : std::initializer_list<const Headers*>{&always_, &headers}) {
        for (const auto& [name, value] : *list) {
            typed = typed || same(name, "Content-Type");
            text.append(name).append(": ").append(value).append("\r\n");
        }
    }
    if (!body.empty() && !typed) text += "Content-Type: application/json\r\n";
    bool has_length = !body.empty() || (method != "GET" && method != "HEAD");
    if (has_length) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    text.append("\r\n").append(body);

    Reply reply;
    if ((socket_ < 0 || stale()) && !connect()) {
        reply.failure = "cannot connect: " + std::string(std::strerror(errno));
        return reply;
    }
    // A server may answer and close before it took a large body: look for an answer all the same.
    bool sent = send_all(socket_, text);
    read_reply(reply, method != "HEAD");
    if (!sent && reply.status == 0) reply.failure = "the connection broke while sending";
    return reply;
}

void Client::read_reply(Reply& reply, bool body_expected) {
    auto deadline = Clock::now() + patience;
    do {
        std::size_t end;
        while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
            if (!fill(reply, deadline)) return close();
        }
        reply = {};
        read_head(reply, std::string_view(buffer_).substr(0, end));
        buffer_.erase(0, end + 4);
    } while (reply.status / 100 == 1);
    bool none = !body_expected || reply.status == 204 || reply.status == 304;
    if (!none) read_body(reply, deadline);
    if (same(reply.header("Connection"), "close")) close();
}

void Client::read_body(Reply& reply, Clock::time_point deadline) {
    if (same(reply.header("Transfer-Encoding"), "chunked")) {
        if (!read_chunks(reply, deadline)) close();
        return;
    }
    if (!reply.has_header("Content-Length")) {
        Reply until_closed;
        while (fill(until_closed, deadline)) {
        }
        reply.body = std::exchange(buffer_, {});
        return close();
    }
    auto length = std::stoull(reply.header("Content-Length"));
    while (buffer_.size() < length) {
        if (!fill(reply, deadline)) {
            reply.status = 0;
            return close();
        }
    }
    reply.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
}

bool Client::read_chunks(Reply& reply, Clock::time_point deadline) {
    while (true) {
        std::size_t end;
        while ((end = buffer_.find("\r\n")) == std::string::npos) {
            if (!fill(reply, deadline)) return false;
        }
        auto size = std::stoull(buffer_.substr(0, end), nullptr, 16);
        while (buffer_.size() < end + 2 + size + 2) {
            if (!fill(reply, deadline)) return false;
        }
        reply.body += buffer_.substr(end + 2, size);
        buffer_.erase(0, end + 2 + size + 2);
        if (size == 0) return true;
    }
}

// Reads what has come; false when nothing will.
bool Client::fill(Reply& reply, Clock::time_point deadline) {
    if (!wait_for(socket_, POLLIN, deadline)) {
        reply.failure = "no answer in time";
        return false;
    }
    char bytes[65536];
    auto count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) {
        reply.failure = count == 0 ? "the server closed the connection" : std::strerror(errno);
        return false;
    }
    buffer_.append(bytes, static_cast<std::size_t>(count));
    return true;
}

bool Client::connect() {
    close();
    socket_ = connected(address_);
    return socket_ >= 0;
}

// A kept connection that the server has closed, or where bytes came that nobody asked for.
bool Client::stale() const { return wait_for(socket_, POLLIN, Clock::now()); }

void Client::close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    buffer_.clear();
}

std::string Client::raw(std::string_view bytes, std::chrono::milliseconds patience) const {
    int socket = connected(address_);
    if (socket < 0) return {};
    send_all(socket, bytes);
    std::string all;
    auto deadline = Clock::now() + patience;
    char piece[65536];
    while (wait_for(socket, POLLIN, deadline)) {
        auto count = ::recv(socket, piece, sizeof piece, 0);
        if (count <= 0) break;
        all.append(piece, static_cast<std::size_t>(count));
    }
    ::close(socket);
    return all;
}

std::string escaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string result;
    for (char c : text) {
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            result += c;
        } else {
            result += '%';
            result += digits[static_cast<unsigned char>(c) >> 4];
            result += digits[static_cast<unsigned char>(c) & 15];
        }
    }
    return result;
}

}  // namespace stateset::support
