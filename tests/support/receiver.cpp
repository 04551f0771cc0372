#include "support/receiver.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "support/together.hpp"

namespace stateset::support {

struct Receiver::State {
    int listener = -1;
    int port = 0;
    std::atomic<bool> stopping = false;
    std::atomic<std::size_t> busy = 0, busiest = 0;
    mutable std::mutex mutex;
    std::vector<Received> received;
    std::function<Answer(const Received&)> answer = [](const Received&) { return Answer{}; };
    std::vector<std::thread> threads;
    std::thread acceptor;

    void open();
    void accept();
    void serve(int socket);
    bool respond(int socket, const Received& request);
};

namespace {

// Waits in short turns, so that nobody is waited for at the end.
bool readable(int socket, const std::atomic<bool>& stopping) {
    constexpr int turn_ms = 50;
    pollfd ask{.fd = socket, .events = POLLIN, .revents = 0};
    while (!stopping) {
        if (::poll(&ask, 1, turn_ms) > 0) return true;
    }
    return false;
}

Received request_from(std::string_view head) {
    Received request;
    auto line = head.substr(0, head.find("\r\n"));
    auto first = line.find(' '), second = line.rfind(' ');
    request.method = line.substr(0, first);
    request.path = line.substr(first + 1, second - first - 1);
    head.remove_prefix(std::min(line.size() + 2, head.size()));
    while (!head.empty()) {
        line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(std::min(line.size() + 2, head.size()));
        auto colon = line.find(':');
        if (colon == line.npos) continue;
        auto value = line.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        request.headers.emplace_back(line.substr(0, colon), value);
    }
    return request;
}

}  // namespace

std::string Received::header(std::string_view name) const {
    for (const auto& [known, value] : headers) {
        if (strcasecmp(known.c_str(), std::string(name).c_str()) == 0) return value;
    }
    return {};
}

Receiver::Receiver() : state_(std::make_shared<State>()) { state_->open(); }

Receiver::~Receiver() {
    state_->stopping = true;
    state_->acceptor.join();
    for (auto& thread : state_->threads) thread.join();
    ::close(state_->listener);
}

void Receiver::State::open() {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof own;
    listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool fine = listener >= 0 && ::bind(listener, reinterpret_cast<sockaddr*>(&own), size) == 0 &&
                ::listen(listener, 128) == 0 &&
                ::getsockname(listener, reinterpret_cast<sockaddr*>(&own), &size) == 0;
    if (!fine) throw std::runtime_error("the receiver cannot listen");
    port = ntohs(own.sin_port);
    acceptor = std::thread([this] { accept(); });
}

void Receiver::State::accept() {
    while (readable(listener, stopping)) {
        int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket >= 0) threads.emplace_back([this, socket] { serve(socket); });
    }
}

void Receiver::State::serve(int socket) {
    std::string buffer;
    auto more = [&] {
        char bytes[16384];
        if (!readable(socket, stopping)) return false;
        auto count = ::recv(socket, bytes, sizeof bytes, 0);
        if (count > 0) buffer.append(bytes, static_cast<std::size_t>(count));
        return count > 0;
    };
    while (true) {
        std::size_t end;
        while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
            if (!more()) return void(::close(socket));
        }
        auto request = request_from(std::string_view(buffer).substr(0, end));
        buffer.erase(0, end + 4);
        auto length = request.header("Content-Length");
        std::size_t wanted = length.empty() ? 0 : std::stoull(length);
        while (buffer.size() < wanted) {
            if (!more()) return void(::close(socket));
        }
        request.body = buffer.substr(0, wanted);
        buffer.erase(0, wanted);
        request.at = std::chrono::steady_clock::now();
        if (!respond(socket, request)) return void(::close(socket));
    }
}

bool Receiver::State::respond(int socket, const Received& request) {
    std::function<Answer(const Received&)> decide;
    {
        std::scoped_lock lock(mutex);
        received.push_back(request);
        decide = answer;
    }
    auto now = ++busy;
    for (auto seen = busiest.load(); seen < now && !busiest.compare_exchange_weak(seen, now);) {
    }
    auto told = decide(request);
    auto until = std::chrono::steady_clock::now() + told.delay;
    while (!stopping && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    --busy;
    if (told.hang_up) return false;
    std::string text = "HTTP/1.1 " + std::to_string(told.status) + " As told\r\n";
    for (const auto& [name, value] : told.headers) text += name + ": " + value + "\r\n";
    if (told.status != 204) text += "Content-Length: " + std::to_string(told.body.size()) + "\r\n";
    text += "\r\n" + told.body;
    return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
}

std::string Receiver::url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(state_->port) + std::string(path);
}

void Receiver::answers(Answer told) {
    answers([told = std::move(told)](const Received&) { return told; });
}

void Receiver::answers(std::function<Answer(const Received&)> decide) {
    std::scoped_lock lock(state_->mutex);
    state_->answer = std::move(decide);
}

std::vector<Received> Receiver::received() const {
    std::scoped_lock lock(state_->mutex);
    return state_->received;
}

std::size_t Receiver::count() const {
    std::scoped_lock lock(state_->mutex);
    return state_->received.size();
}

bool Receiver::waits_for(std::size_t wanted, std::chrono::milliseconds patience) const {
    return eventually(patience, [&] { return count() >= wanted; });
}

std::vector<Received> Receiver::of_type(std::string_view type) const {
    std::vector<Received> found;
    for (auto& each : received()) {
        if (each.type() == type) found.push_back(std::move(each));
    }
    return found;
}

bool Receiver::waits_for_type(std::string_view type, std::size_t wanted,
                              std::chrono::milliseconds patience) const {
    return eventually(patience, [&] { return of_type(type).size() >= wanted; });
}

void Receiver::forget() {
    std::scoped_lock lock(state_->mutex);
    state_->received.clear();
}

std::size_t Receiver::most_at_once() const { return state_->busiest; }

}  // namespace stateset::support
