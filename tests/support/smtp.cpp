#include "support/smtp.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "platform/auth/crypto.hpp"
#include "support/together.hpp"

namespace stateset::support {
namespace {

constexpr std::string_view hang_up = "hang up";

struct Conversation {
    int socket;
    std::string buffer = {};
    ReceivedMail mail = {};
    bool logged_in = false;
};

std::string unwrapped(std::string text) {
    auto open = text.find('<'), close = text.find('>');
    return close == text.npos ? "" : text.substr(open + 1, close - open - 1);
}

std::string words_read(std::string text) {
    std::string out;
    constexpr std::string_view begin = "=?UTF-8?B?";
    for (std::size_t at; (at = text.find(begin)) != text.npos;) {
        auto end = text.find("?=", at + begin.size());
        // Space between encoded words is no text.
        auto before = text.substr(0, at);
        if (out.empty() || before.find_first_not_of(' ') != before.npos) out += before;
        auto bytes = auth::from_base64(
            std::string_view(text).substr(at + begin.size(), end - at - begin.size()));
        out += bytes.value_or("(not base64)");
        text = text.substr(end + 2);
    }
    return out + text;
}

std::string quoted_printable_read(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r') continue;
        if (text[i] != '=') {
            out += text[i];
        } else {
            if (text.substr(i + 1, 2) != "\r\n") {
                auto hex = std::string(text.substr(i + 1, 2));
                out += static_cast<char>(std::stoi(hex, nullptr, 16));
            }
            i += 2;
        }
    }
    return out;
}

// Name and value of each header, folded lines joined.
std::vector<std::pair<std::string, std::string>> headers_of(const std::string& content) {
    std::vector<std::pair<std::string, std::string>> headers;
    auto head = content.substr(0, content.find("\r\n\r\n"));
    for (std::size_t from = 0; from < head.size();) {
        auto end = std::min(head.find("\r\n", from), head.size());
        auto line = head.substr(from, end - from);
        from = end + 2;
        if (line.starts_with(' ') || line.starts_with('\t')) {
            if (!headers.empty()) headers.back().second += line;
            continue;
        }
        auto colon = std::min(line.find(':'), line.size());
        headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 2, line.size())));
    }
    return headers;
}

}  // namespace

struct MailServer::State {
    Options options;
    int port = 0;
    int listener = -1;
    std::atomic<bool> stopping = false;
    std::atomic<std::size_t> connections = 0;
    mutable std::mutex mutex;
    std::vector<ReceivedMail> received;
    Decide recipients, contents;
    std::vector<std::thread> threads;
    std::thread acceptor;

    void open();
    void close();
    void serve(int socket);
    bool read_more(Conversation&) const;
    bool read_line(Conversation&, std::string& line) const;
    bool say(Conversation&, const std::string& text) const;
    bool obey(Conversation&, const std::string& line);
    bool take_login(Conversation&, const std::string& line) const;
    bool take_content(Conversation&);
    std::string decided(const Decide State::*, const std::string& recipient) const;
};

MailServer::MailServer() : MailServer(Options{}) {}
MailServer::MailServer(Options options) : state_(std::make_shared<State>()) {
    state_->options = options;
    state_->open();
}
MailServer::~MailServer() { state_->close(); }

void MailServer::stop() { state_->close(); }
void MailServer::start() { state_->open(); }

void MailServer::State::open() {
    stopping = false;
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    own.sin_port = htons(static_cast<std::uint16_t>(port));
    socklen_t size = sizeof own;
    int yes = 1;
    listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool fine = listener >= 0 &&
                ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                ::bind(listener, reinterpret_cast<sockaddr*>(&own), size) == 0 &&
                ::listen(listener, 128) == 0 &&
                ::getsockname(listener, reinterpret_cast<sockaddr*>(&own), &size) == 0;
    if (!fine) throw std::runtime_error("the mail server cannot listen");
    port = ntohs(own.sin_port);
    acceptor = std::thread([this] {
        pollfd ask{.fd = listener, .events = POLLIN, .revents = 0};
        while (!stopping) {
            if (::poll(&ask, 1, 20) <= 0) continue;
            int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket >= 0) threads.emplace_back([this, socket] { serve(socket); });
        }
    });
}

void MailServer::State::close() {
    if (listener < 0) return;
    stopping = true;
    acceptor.join();
    ::close(std::exchange(listener, -1));
    for (auto& thread : threads) thread.join();
    threads.clear();
}

void MailServer::State::serve(int socket) {
    ++connections;
    Conversation talk{.socket = socket};
    std::string line;
    bool going = say(talk, "220 mail.test ready");
    while (going && read_line(talk, line)) going = obey(talk, line);
    ::close(socket);
}

bool MailServer::State::read_more(Conversation& talk) const {
    pollfd ask{.fd = talk.socket, .events = POLLIN, .revents = 0};
    while (!stopping) {
        if (::poll(&ask, 1, 20) <= 0) continue;
        char bytes[16384];
        auto count = ::recv(talk.socket, bytes, sizeof bytes, 0);
        if (count > 0) talk.buffer.append(bytes, static_cast<std::size_t>(count));
        return count > 0;
    }
    return false;
}

bool MailServer::State::read_line(Conversation& talk, std::string& line) const {
    std::size_t end;
    while ((end = talk.buffer.find("\r\n")) == std::string::npos) {
        if (!read_more(talk)) return false;
    }
    line = talk.buffer.substr(0, end);
    talk.buffer.erase(0, end + 2);
    return true;
}

bool MailServer::State::say(Conversation& talk, const std::string& text) const {
    if (text == hang_up) return false;
    auto line = text + "\r\n";
    return ::send(talk.socket, line.data(), line.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(line.size());
}

std::string MailServer::State::decided(const Decide State::* which,
                                       const std::string& recipient) const {
    Decide decide;
    {
        std::scoped_lock lock(mutex);
        decide = this->*which;
    }
    auto told = decide ? decide(recipient) : "";
    return told.empty() ? "250 fine" : told;
}

bool MailServer::State::obey(Conversation& talk, const std::string& line) {
    auto is = [&](const char* verb) {
        return strncasecmp(line.c_str(), verb, std::strlen(verb)) == 0;
    };
    if (is("EHLO")) {
        return say(talk, options.wants_login ? "250-mail.test\r\n250-SIZE 1000000\r\n250 AUTH PLAIN"
                                             : "250-mail.test\r\n250 8BITMIME");
    }
    if (is("AUTH PLAIN")) return take_login(talk, line);
    if (is("MAIL FROM:")) {
        if (options.wants_login && !talk.logged_in) return say(talk, "530 who are you");
        talk.mail.from = unwrapped(line);
        talk.mail.to.clear();
        return say(talk, "250 fine");
    }
    if (is("RCPT TO:")) {
        auto recipient = unwrapped(line);
        talk.mail.to.push_back(recipient);
        return say(talk, decided(&State::recipients, recipient));
    }
    if (is("DATA")) return take_content(talk);
    if (is("QUIT")) return say(talk, "221 bye") && false;
    if (is("RSET") || is("NOOP")) return say(talk, "250 fine");
    return say(talk, "502 what is " + line);
}

bool MailServer::State::take_login(Conversation& talk, const std::string& line) const {
    auto text = line.substr(std::min(line.size(), std::string("AUTH PLAIN ").size()));
    if (text.empty() && !(say(talk, "334 ") && read_line(talk, text))) return false;
    auto plain = auth::from_base64(text).value_or("");
    auto first = plain.find('\0'), second = plain.rfind('\0');
    if (first == plain.npos || first == second) return say(talk, "501 malformed");
    talk.mail.user = plain.substr(first + 1, second - first - 1);
    talk.mail.password = plain.substr(second + 1);
    if (talk.mail.password == "wrong") return say(talk, "535 no");
    talk.logged_in = true;
    return say(talk, "235 welcome");
}

bool MailServer::State::take_content(Conversation& talk) {
    if (!say(talk, "354 go on")) return false;
    talk.mail.content.clear();
    std::string line;
    while (read_line(talk, line) && line != ".") {
        talk.mail.content += (line.starts_with('.') ? line.substr(1) : line) + "\r\n";
    }
    {
        std::scoped_lock lock(mutex);
        received.push_back(talk.mail);
    }
    return say(talk, decided(&State::contents, talk.mail.to.empty() ? "" : talk.mail.to.front()));
}

std::string MailServer::url() const { return "smtp://127.0.0.1:" + std::to_string(state_->port); }

void MailServer::answers_recipients(Decide decide) {
    std::scoped_lock lock(state_->mutex);
    state_->recipients = std::move(decide);
}

void MailServer::answers_content(Decide decide) {
    std::scoped_lock lock(state_->mutex);
    state_->contents = std::move(decide);
}

std::vector<ReceivedMail> MailServer::received() const {
    std::scoped_lock lock(state_->mutex);
    return state_->received;
}

std::vector<ReceivedMail> MailServer::received_by(std::string_view recipient) const {
    auto all = received();
    std::erase_if(all, [&](const ReceivedMail& mail) {
        return mail.to.empty() || mail.to.front() != recipient;
    });
    return all;
}

bool MailServer::waits_for(std::size_t wanted, std::chrono::milliseconds patience) const {
    return eventually(patience, [&] { return count() >= wanted; });
}

std::size_t MailServer::connections() const { return state_->connections; }

std::string ReceivedMail::header(std::string_view name) const {
    for (const auto& [known, value] : headers_of(content)) {
        if (strcasecmp(known.c_str(), std::string(name).c_str()) == 0) return words_read(value);
    }
    return {};
}

std::size_t ReceivedMail::count(std::string_view name) const {
    auto headers = headers_of(content);
    return static_cast<std::size_t>(std::ranges::count_if(headers, [&](const auto& header) {
        return strcasecmp(header.first.c_str(), std::string(name).c_str()) == 0;
    }));
}

std::string ReceivedMail::part(std::string_view type) const {
    auto boundary = header("Content-Type");
    boundary = boundary.substr(boundary.find("boundary=\"") + 10);
    boundary = "\r\n--" + boundary.substr(0, boundary.find('"'));
    for (auto at = content.find(boundary); at != content.npos;) {
        auto next = content.find(boundary, at + 1);
        auto text = content.substr(at, next == content.npos ? next : next - at);
        at = next;
        auto body = text.find("\r\n\r\n");
        if (body == text.npos || text.substr(0, body).find(type) == text.npos) continue;
        return quoted_printable_read(text.substr(body + 4));
    }
    return {};
}

}  // namespace stateset::support
