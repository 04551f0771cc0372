#include "platform/http/server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace stateset::http {

using namespace std::chrono_literals;

namespace {

constexpr auto patience = 10s;  // longer than anything here takes; a failing test ends all the same

bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

struct Answer {
    int status = 0;
    std::string head, body;

    std::string header(std::string_view name) const {
        const auto at = head.find("\r\n" + std::string(name) + ": ");
        if (at == head.npos) return "";
        const auto from = at + name.size() + 4;
        return head.substr(from, head.find("\r\n", from) - from);
    }
};

// A raw socket: sends exactly what the test says, reads answers one by one.
class Client {
  public:
    explicit Client(unsigned short port, int receive_buffer = 0)
        : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        if (receive_buffer)
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        sockaddr_in there{};
        there.sin_family = AF_INET;
        there.sin_port = htons(port);
        there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected = ::connect(socket_, reinterpret_cast<sockaddr*>(&there), sizeof there) == 0;
    }
    ~Client() { leave(); }
    Client(const Client&) = delete;

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    // Sends what fits without waiting; how much that was.
    std::size_t send_some(std::string_view bytes) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return sent < 0 ? 0 : static_cast<std::size_t>(sent);
    }
    void finish_sending() { ::shutdown(socket_, SHUT_WR); }
    void leave() {
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }
    // Goes away with a reset instead of a goodbye.
    void vanish() {
        const linger now{1, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        leave();
    }

    // The next answer; status 0 when the server hung up or was silent for too long.
    Answer receive(bool without_body = false) {
        while (received_.find("\r\n\r\n") == received_.npos) {
            if (!more()) return {};
        }
        Answer answer;
        answer.head = received_.substr(0, received_.find("\r\n\r\n") + 2);
        received_.erase(0, answer.head.size() + 2);
        answer.status = std::stoi(answer.head.substr(9, 3));
        const auto length = answer.header("Content-Length");
        const auto size = length.empty() || without_body ? 0 : std::stoul(length);
        while (received_.size() < size) {
            if (!more()) return {};
        }
        answer.body = received_.substr(0, size);
        received_.erase(0, size);
        return answer;
    }
    Answer ask(std::string_view bytes) {
        send(bytes);
        return receive();
    }
    // The server has nothing more to say and has said so.
    bool hung_up() {
        while (more()) {
        }
        return ended_ && received_.empty();
    }
    // Nothing arrives for this long.
    bool silent_for(std::chrono::milliseconds time) {
        pollfd waiting{socket_, POLLIN, 0};
        return received_.empty() && ::poll(&waiting, 1, static_cast<int>(time.count())) == 0;
    }

    bool connected = false;

  private:
    bool more() {
        pollfd waiting{socket_, POLLIN, 0};
        if (::poll(&waiting, 1, std::chrono::milliseconds(patience).count()) <= 0) return false;
        char bytes[65536];
        const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
        if (count <= 0) return ended_ = true, false;
        received_.append(bytes, static_cast<std::size_t>(count));
        return true;
    }

    int socket_;
    bool ended_ = false;
    std::string received_;
};

// Keeps requests until the test answers them, as a committer's thread would.
class Desk {
  public:
    struct Waiting {
        Request request;
        Reply reply;
    };

    Handler handler() {
        return [this](Request&& request, Reply reply) {
            std::lock_guard lock(mutex_);
            waiting_.push_back({std::move(request), std::move(reply)});
        };
    }
    bool holds(std::size_t count) {
        return eventually([&] { return this->count() >= count; });
    }
    std::size_t count() {
        std::lock_guard lock(mutex_);
        return waiting_.size();
    }
    enum class Which { oldest, newest };
    std::optional<Waiting> try_take(Which which) {
        std::lock_guard lock(mutex_);
        if (waiting_.empty()) return {};
        const auto at = which == Which::oldest ? waiting_.begin() : waiting_.end() - 1;
        std::optional<Waiting> one(std::move(*at));
        waiting_.erase(at);
        return one;
    }
    Waiting take(Which which = Which::oldest) { return std::move(*try_take(which)); }

  private:
    std::mutex mutex_;
    std::deque<Waiting> waiting_;
};

Response text(std::string body, int status = 200) {
    return {.status = status, .content_type = "text/plain", .body = std::move(body)};
}

void echo(Request&& request, Reply reply) {
    reply(text(request.method + " " + request.target + " " + request.body));
}

Response rejected(int status, std::string_view code, std::string_view) {
    return {
        .status = status, .content_type = "application/problem+json", .body = std::string(code)};
}

class HttpServer : public testing::Test {
  protected:
    unsigned short start(Handler handler, Limits limits = {}, int loops = 2) {
        server = std::make_unique<Server>(Options{.port = 0, .loops = loops, .limits = limits},
                                          std::move(handler), rejected);
        server->start();
        return server->port();
    }

    std::unique_ptr<Server> server;
};

std::string get(const std::string& target, const std::string& headers = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: shop\r\n" + headers + "\r\n";
}

std::string post(const std::string& body) {
    return "POST /echo HTTP/1.1\r\nHost: shop\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

}  // namespace

TEST_F(HttpServer, answers_on_a_kept_connection_with_its_own_headers) {
    Client client(start(echo));
    for (int i = 0; i < 3; ++i) {
        const auto answer = client.ask(get("/orders?limit=" + std::to_string(i)));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "GET /orders?limit=" + std::to_string(i) + " ");
        EXPECT_TRUE(answer.head.starts_with("HTTP/1.1 200 OK\r\n"));
        EXPECT_EQ(answer.header("Server"), "stateset");
        EXPECT_EQ(answer.header("Content-Type"), "text/plain");
        EXPECT_EQ(answer.header("Connection"), "");
        EXPECT_EQ(answer.header("Date").size(), 29u);
    }
    EXPECT_EQ(client.ask(post("hello")).body, "POST /echo hello");
    EXPECT_EQ(server->counters().requests, 4u);
    EXPECT_EQ(server->counters().connections, 1u);
    client.leave();
    EXPECT_TRUE(eventually([&] { return server->counters().connections == 0; }));
}

TEST_F(HttpServer, tells_the_handler_who_asks_and_when) {
    const auto before = std::chrono::steady_clock::now();
    Client client(start([&](Request&& request, Reply reply) {
        const bool sane = request.received_at >= before &&
                          request.received_at <= std::chrono::steady_clock::now();
        reply(text(request.peer + (sane ? " now" : " sometime")));
    }));
    EXPECT_EQ(client.ask(get("/")).body, "127.0.0.1 now");
}

TEST_F(HttpServer, reads_a_request_that_comes_byte_by_byte) {
    Client client(start(echo));
    const std::string bytes =
        "POST /a HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX: y\r\n\r\n" +
        get("/b");
    for (const char c : bytes) client.send({&c, 1});
    EXPECT_EQ(client.receive().body, "POST /a abcde");
    EXPECT_EQ(client.receive().body, "GET /b ");
}

TEST_F(HttpServer,
       answers_sixteen_pipelined_requests_in_order_when_replies_come_in_reverse_from_elsewhere) {
    Desk desk;
    Client client(start(desk.handler()));
    std::string all;
    for (int i = 0; i < 16; ++i) all += get("/" + std::to_string(i));
    client.send(all);
    ASSERT_TRUE(desk.holds(16));
    for (int i = 0; i < 16; ++i) {
        EXPECT_TRUE(i > 0 || client.silent_for(20ms));
        auto waiting = desk.take(Desk::Which::newest);
        waiting.reply(text(waiting.request.target));
    }
    for (int i = 0; i < 16; ++i) EXPECT_EQ(client.receive().body, "/" + std::to_string(i));
}

TEST_F(HttpServer, keeps_order_under_many_clients_and_answering_threads) {
    Desk desk;
    const auto port = start(desk.handler());
    std::atomic<bool> done = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&, which = i % 2 ? Desk::Which::oldest : Desk::Which::newest] {
            while (!done) {
                if (auto waiting = desk.try_take(which)) {
                    waiting->reply(text(waiting->request.target));
                } else {
                    std::this_thread::yield();
                }
            }
        });
    }
    std::vector<std::thread> clients;
    std::atomic<int> wrong = 0;
    for (int c = 0; c < 8; ++c) {
        clients.emplace_back([&, c] {
            Client client(port);
            for (int round = 0; round < 50; ++round) {
                std::string all;
                for (int i = 0; i < 16; ++i)
                    all += get("/" + std::to_string(c * 1000 + round * 16 + i));
                client.send(all);
                for (int i = 0; i < 16; ++i) {
                    if (client.receive().body != "/" + std::to_string(c * 1000 + round * 16 + i))
                        ++wrong;
                }
            }
        });
    }
    for (auto& client : clients) client.join();
    done = true;
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(server->counters().requests, 8u * 50 * 16);
}

TEST_F(HttpServer, takes_more_requests_than_it_answers_at_once_one_after_the_other) {
    Desk desk;
    Limits limits;
    limits.pipelined = 4;
    Client client(start(desk.handler(), limits));
    std::string all;
    for (int i = 0; i < 20; ++i) all += get("/" + std::to_string(i));
    client.send(all);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(desk.holds(1));
        EXPECT_LE(desk.count(), 4u);
        auto waiting = desk.take();
        waiting.reply(text(waiting.request.target));
        EXPECT_EQ(client.receive().body, "/" + std::to_string(i));
    }
}

TEST_F(HttpServer, head_204_and_304_carry_no_body) {
    Client client(start([](Request&& request, Reply reply) {
        reply(text("twelve bytes", request.path == "/" ? 200 : std::stoi(request.path.substr(1))));
    }));
    client.send("HEAD / HTTP/1.1\r\nHost: s\r\n\r\n");
    EXPECT_EQ(client.receive(true).header("Content-Length"), "12");
    for (const auto* path : {"/204", "/304"}) {
        const auto answer = client.ask(get(path));
        EXPECT_EQ(answer.header("Content-Length"), "");
        EXPECT_EQ(answer.status, std::stoi(path + 1));
    }
    EXPECT_EQ(client.ask(get("/")).body, "twelve bytes");
}

TEST_F(HttpServer, an_answer_cannot_break_framing) {
    Client client(start([](Request&&, Reply reply) {
        auto answer = text("body");
        answer.headers = {{"Content-Length", "1"},
                          {"Location", "/a\r\nX-Evil: 1"},
                          {"Transfer-Encoding", "chunked"}};
        reply(std::move(answer));
    }));
    const auto answer = client.ask(get("/"));
    EXPECT_EQ(answer.body, "body");
    EXPECT_EQ(answer.header("Location"), "/a  X-Evil: 1");
    EXPECT_EQ(answer.header("X-Evil"), "");
    EXPECT_EQ(answer.header("Transfer-Encoding"), "");
}

TEST_F(HttpServer, expect_100_continue_is_answered_before_the_body) {
    Client client(start(echo));
    client.send("POST /a HTTP/1.1\r\nHost: s\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ(client.receive().status, 100);
    EXPECT_EQ(client.ask("abc").body, "POST /a abc");
    EXPECT_EQ(client
                  .ask("POST /b HTTP/1.1\r\nHost: s\r\nExpect: 100-continue\r\nContent-Length: "
                       "3\r\n\r\nabc")
                  .body,
              "POST /b abc");
    EXPECT_EQ(client
                  .ask("POST /a HTTP/1.1\r\nHost: s\r\nExpect: 100-continue\r\nContent-Length: "
                       "9999999\r\n\r\n")
                  .status,
              413);
}

TEST_F(HttpServer, a_100_continue_waits_for_the_answers_before_it) {
    Desk desk;
    Client client(start(desk.handler()));
    client.send(get("/first") +
                "POST /a HTTP/1.1\r\nHost: s\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    ASSERT_TRUE(desk.holds(1));
    EXPECT_TRUE(client.silent_for(20ms));
    desk.take().reply(text("first"));
    EXPECT_EQ(client.receive().body, "first");
    EXPECT_EQ(client.receive().status, 100);
    client.send("abc");
    ASSERT_TRUE(desk.holds(1));
    desk.take().reply(text("second"));
    EXPECT_EQ(client.receive().body, "second");
}

TEST_F(HttpServer, who_wants_to_close_is_closed_and_who_wants_to_stay_stays) {
    const auto port = start(echo);
    Client closing(port);
    const auto last = closing.ask(get("/a", "Connection: close\r\n") + get("/never"));
    EXPECT_EQ(last.header("Connection"), "close");
    EXPECT_TRUE(closing.hung_up());

    Client old(port);
    EXPECT_EQ(old.ask("GET /a HTTP/1.0\r\n\r\n").header("Connection"), "close");
    EXPECT_TRUE(old.hung_up());

    Client old_and_kept(port);
    for (int i = 0; i < 2; ++i) {
        const auto answer = old_and_kept.ask("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        EXPECT_EQ(answer.header("Connection"), "keep-alive");
    }

    Client half_closing(port);
    half_closing.send(get("/a"));
    half_closing.finish_sending();
    EXPECT_EQ(half_closing.receive().body, "GET /a ");
    EXPECT_TRUE(half_closing.hung_up());
    EXPECT_EQ(server->counters().requests, 5u);
}

TEST_F(HttpServer, a_half_closing_client_still_gets_what_is_answered_later) {
    Desk desk;
    Client client(start(desk.handler()));
    client.send(get("/a") + get("/b"));
    client.finish_sending();
    ASSERT_TRUE(desk.holds(2));
    desk.take().reply(text("a"));
    EXPECT_EQ(client.receive().body, "a");
    desk.take().reply(text("b"));
    EXPECT_EQ(client.receive().body, "b");
    EXPECT_TRUE(client.hung_up());
}

TEST_F(HttpServer, after_bad_framing_nothing_of_the_connection_reaches_the_handler) {
    struct Case {
        const char* name;
        std::string bytes;
        int status;
    };
    const std::string line = "POST / HTTP/1.1\r\nHost: s\r\n";
    const std::vector<Case> cases = {
        {"length and coding",
         line + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"two lengths", line + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400},
        {"bare LF", "POST / HTTP/1.1\nHost: s\n\n", 400},
        {"bare LF at the end", line + "\n", 400},
        {"folded", line + "X: a\r\n b\r\n\r\n", 400},
        {"blank before colon", line + "Content-Length : 0\r\n\r\n", 400},
        {"unknown coding", line + "Transfer-Encoding: chunked, gzip\r\n\r\n", 400},
        {"bad chunk", line + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400},
        {"no host", "POST / HTTP/1.1\r\n\r\n", 400},
        {"two hosts", line + "Host: t\r\n\r\n", 400},
        {"version", "GET / HTTP/2.0\r\n\r\n", 505},
        {"target", get("/" + std::string(8192, 'a')), 414},
        {"headers", get("/", "X: " + std::string(16384, 'a') + "\r\n"), 431},
        {"body", line + "Content-Length: 1048577\r\n\r\n", 413},
    };
    const auto port = start(echo);
    for (const auto& each : cases) {
        Client client(port);
        const auto answer = client.ask(each.bytes + get("/smuggled") + get("/smuggled"));
        EXPECT_EQ(answer.status, each.status) << each.name;
        EXPECT_EQ(answer.header("Connection"), "close") << each.name;
        EXPECT_EQ(answer.header("Content-Type"), "application/problem+json") << each.name;
        EXPECT_FALSE(answer.body.empty()) << each.name;
        EXPECT_TRUE(client.hung_up()) << each.name;
    }
    EXPECT_EQ(server->counters().requests, 0u);
    EXPECT_EQ(server->counters().rejected, cases.size());
}

TEST_F(HttpServer, good_requests_before_a_bad_one_are_answered_first) {
    Desk desk;
    Client client(start(desk.handler()));
    client.send(get("/good") + "nonsense\r\n\r\n");
    ASSERT_TRUE(desk.holds(1));
    desk.take().reply(text("good"));
    EXPECT_EQ(client.receive().body, "good");
    EXPECT_EQ(client.receive().status, 400);
    EXPECT_TRUE(client.hung_up());
}

TEST_F(HttpServer, a_client_that_sends_on_after_413_still_reads_it) {
    Client client(start(echo));
    client.send("POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 3000000\r\n\r\n" +
                std::string(3'000'000, 'x'));
    EXPECT_EQ(client.receive().status, 413);
    EXPECT_TRUE(client.hung_up());
}

TEST_F(HttpServer, a_body_at_the_limit_arrives_whole) {
    Client client(start(
        [](Request&& request, Reply reply) { reply(text(std::to_string(request.body.size()))); }));
    EXPECT_EQ(client.ask(post(std::string(1024 * 1024, 'b'))).body, "1048576");
    EXPECT_EQ(client.ask(post(std::string(1024 * 1024 + 1, 'b'))).status, 413);
}

TEST_F(HttpServer, a_reply_dropped_unanswered_is_500) {
    Client client(start([](Request&& request, Reply) {
        if (request.path == "/throw") throw std::runtime_error("not for the client");
    }));
    EXPECT_EQ(client.ask(get("/drop")).status, 500);
    EXPECT_EQ(client.ask(get("/throw")).body, "internal_error");

    Desk desk;
    Client other(start(desk.handler()));
    other.send(get("/later"));
    ASSERT_TRUE(desk.holds(1));
    {
        const auto dropped = desk.take();
    }
    EXPECT_EQ(other.receive().status, 500);
}

TEST_F(HttpServer, a_reply_after_the_client_or_the_server_left_does_no_harm) {
    Desk desk;
    const auto port = start(desk.handler());
    Client gone(port), vanished(port);
    gone.send(get("/gone"));
    vanished.send(get("/vanished"));
    ASSERT_TRUE(desk.holds(2));
    gone.leave();
    vanished.vanish();
    EXPECT_TRUE(eventually([&] { return server->counters().connections <= 1; }));
    desk.take().reply(text(std::string(100'000, 'x')));
    desk.take().reply(text("nobody hears this"));

    Client stays(port);
    stays.send(get("/stays"));
    ASSERT_TRUE(desk.holds(1));
    auto waiting = desk.take();
    server.reset();
    waiting.reply(text("nobody hears this either"));
    EXPECT_TRUE(stays.hung_up());
}

TEST_F(HttpServer, a_client_that_does_not_read_is_not_served_further) {
    std::atomic<std::size_t> handled = 0;
    const std::string large(256 * 1024, 'x');
    const auto port = start([&](Request&&, Reply reply) {
        ++handled;
        reply(text(large));
    });
    Client slow(port, 4096);
    std::string all;
    for (int i = 0; i < 200; ++i) all += get("/");
    slow.send(all);
    ASSERT_TRUE(eventually([&] { return handled > 0; }));
    Client other(port);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(other.ask(get("/")).status, 200);
    EXPECT_LT(handled, 50u + 60u) << "unsent answers are bounded";
    for (int i = 0; i < 200; ++i) ASSERT_EQ(slow.receive().body.size(), large.size()) << i;
    EXPECT_EQ(handled, 250u);
}

TEST_F(HttpServer, slow_headers_are_answered_408_and_silence_is_closed) {
    Limits limits;
    limits.header_time = 250ms;
    limits.idle = 500ms;
    const auto port = start(echo, limits);
    Client slow(port);
    slow.send("GET / HTTP/1.1\r\nHo");
    const auto answer = slow.receive();
    EXPECT_EQ(answer.status, 408);
    EXPECT_EQ(answer.body, "request_timeout");
    EXPECT_TRUE(slow.hung_up());

    Client silent(port);
    EXPECT_TRUE(silent.hung_up());

    Client idle(port);
    const auto asked = std::chrono::steady_clock::now();
    EXPECT_EQ(idle.ask(get("/")).status, 200);
    EXPECT_TRUE(idle.hung_up());
    EXPECT_GE(std::chrono::steady_clock::now() - asked, 500ms);
}

TEST_F(HttpServer, the_header_clock_counts_from_the_first_byte_however_they_drip) {
    Limits limits;
    limits.header_time = 150ms;
    Client drip(start(echo, limits));
    const auto began = std::chrono::steady_clock::now();
    drip.send("GET / HTTP/1.1\r\n");
    while (drip.silent_for(20ms) && std::chrono::steady_clock::now() - began < patience)
        drip.send("X: y\r\n");
    EXPECT_EQ(drip.receive().status, 408);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST_F(HttpServer, a_body_that_drips_is_answered_408_and_one_that_flows_is_not) {
    Limits limits;
    limits.body_grace = 300ms;
    limits.body_bytes_per_second = 1000;
    const auto port = start(echo, limits);
    const std::string head = "POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 1000\r\n\r\n";

    Client drip(port);
    drip.send(head + "a");
    while (drip.silent_for(20ms)) drip.send("b");
    EXPECT_EQ(drip.receive().status, 408);

    Client flow(port);
    flow.send(head);
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(flow.silent_for(50ms));
        flow.send(std::string(100, 'b'));
    }
    EXPECT_EQ(flow.receive().status, 200);
}

TEST_F(HttpServer, a_request_being_answered_is_never_timed_out) {
    Limits limits;
    limits.header_time = limits.idle = 200ms;
    Desk desk;
    Client client(start(desk.handler(), limits));
    client.send(get("/"));
    ASSERT_TRUE(desk.holds(1));
    EXPECT_TRUE(client.silent_for(600ms));
    desk.take().reply(text("at last"));
    EXPECT_EQ(client.receive().body, "at last");
}

TEST_F(HttpServer, a_client_that_never_reads_its_answer_is_cut) {
    Limits limits;
    limits.stalled_send = 200ms;
    Client client(
        start([](Request&&, Reply reply) { reply(text(std::string(16 * 1024 * 1024, 'x'))); },
              limits),
        4096);
    client.send(get("/"));
    EXPECT_TRUE(eventually([&] { return server->counters().requests == 1; }));
    EXPECT_TRUE(eventually([&] { return server->counters().connections == 0; }));
}

TEST_F(HttpServer, connections_beyond_a_limit_are_answered_503) {
    Limits limits;
    limits.connections_per_address = 3;
    const auto port = start(echo, limits);
    std::deque<Client> clients;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(clients.emplace_back(port).ask(get("/")).status, 200);
    Client fourth(port);
    const auto refused = fourth.ask(get("/"));
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.body, "too_many_connections");
    EXPECT_TRUE(fourth.hung_up());
    EXPECT_EQ(clients[0].ask(get("/")).status, 200);
    clients.pop_front();
    EXPECT_TRUE(eventually([&] { return server->counters().connections == 2; }));
    EXPECT_EQ(Client(port).ask(get("/")).status, 200);

    limits = {};
    limits.connections = 1;
    const auto small = start(echo, limits);
    Client only(small);
    EXPECT_EQ(only.ask(get("/")).status, 200);
    EXPECT_EQ(Client(small).ask(get("/")).status, 503);
}

TEST_F(HttpServer, stop_finishes_what_is_in_flight_and_closes_what_rests) {
    Desk desk;
    const auto port = start(desk.handler());
    Client resting(port), asking(port), pipelining(port), half(port);
    asking.send(get("/a"));
    pipelining.send(get("/b") + get("/c"));
    ASSERT_TRUE(desk.holds(3));
    half.send("GET /d HTT");
    EXPECT_TRUE(eventually([&] { return server->counters().connections == 4; }));

    std::thread stopping([&] { server->stop(5s); });
    EXPECT_TRUE(resting.hung_up());
    EXPECT_TRUE(eventually([&] { return !Client(port).connected; }));
    half.send("P/1.1\r\nHost: s\r\n\r\n");
    ASSERT_TRUE(desk.holds(4));
    while (desk.count() > 0) {
        auto waiting = desk.take();
        waiting.reply(text(waiting.request.target));
    }
    const auto answer = asking.receive();
    EXPECT_EQ(answer.body, "/a");
    EXPECT_EQ(answer.header("Connection"), "close");
    EXPECT_TRUE(asking.hung_up());
    EXPECT_EQ(pipelining.receive().header("Connection"), "");
    EXPECT_EQ(pipelining.receive().header("Connection"), "close");
    EXPECT_EQ(half.receive().body, "/d");
    for (auto* client : {&asking, &pipelining, &half}) client->leave();
    const auto began = std::chrono::steady_clock::now();
    stopping.join();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 3s) << "grace is not waited out";
}

TEST_F(HttpServer, stop_cuts_what_does_not_finish_in_its_grace) {
    Desk desk;
    Client client(start(desk.handler()));
    client.send(get("/"));
    ASSERT_TRUE(desk.holds(1));
    server->stop(50ms);
    EXPECT_TRUE(client.hung_up());
}

TEST_F(HttpServer, a_port_in_use_is_refused_with_the_address_in_the_text) {
    const auto port = start(echo);
    Server second({.port = port}, echo, rejected);
    try {
        second.start();
        FAIL() << "two servers share a port";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::address_in_use);
        EXPECT_NE(std::string(error.what()).find("127.0.0.1:" + std::to_string(port)),
                  std::string::npos);
    }
    Server nowhere({.address = "not an address"}, echo, rejected);
    EXPECT_THROW(nowhere.start(), std::system_error);
}

TEST_F(HttpServer, running_out_of_descriptors_stops_accepting_only_for_as_long_as_it_lasts) {
    const auto port = start(echo, {}, 1);
    Client before(port);
    EXPECT_EQ(before.ask(get("/")).status, 200);
    Client later(port);
    EXPECT_TRUE(eventually([&] { return server->counters().connections == 2; }));

    // The sockets of both sides are this process's, so one is opened first and the rest is used up.
    const int spare = ::socket(AF_INET, SOCK_STREAM, 0);
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const auto lowered = rlimit{static_cast<rlim_t>(spare + 1), limit.rlim_max};
    std::vector<int> used;
    ::setrlimit(RLIMIT_NOFILE, &lowered);
    for (int one; (one = ::dup(spare)) >= 0;) used.push_back(one);
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(port);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(spare, reinterpret_cast<sockaddr*>(&there), sizeof there), 0);
    EXPECT_TRUE(eventually([&] { return server->counters().accept_failures > 0; }));
    EXPECT_EQ(before.ask(get("/")).status, 200) << "those already here are served";
    const auto failures = server->counters().accept_failures;
    std::this_thread::sleep_for(250ms);
    EXPECT_LT(server->counters().accept_failures, failures + 10) << "it must not spin";
    for (const int one : used) ::close(one);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    EXPECT_TRUE(eventually([&] { return server->counters().connections == 3; }));
    ::close(spare);
}

TEST(Reply, can_answer_a_function_instead_of_a_socket) {
    int status = 0;
    const auto to = [&](Response response) { status = response.status; };
    Reply(std::function<void(Response)>(to))(text("", 201));
    EXPECT_EQ(status, 201);
    {
        Reply dropped{std::function<void(Response)>(to)};
    }
    EXPECT_EQ(status, 500);
}

}  // namespace stateset::http
