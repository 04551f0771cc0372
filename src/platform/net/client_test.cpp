#include "platform/net/client.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

namespace stateset::net {
namespace {

using namespace std::chrono_literals;
using Failure = Answer::Failure;

// ---- a small real server ------------------------------------------------------------------------

struct Request {
    std::string head;
    std::string body;
};

std::string reply(std::string_view status, std::string_view body, std::string_view headers = "") {
    return "HTTP/1.1 " + std::string(status) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(headers) +
           "\r\n" + std::string(body);
}

// Answers each request on loopback by a function; an empty answer closes the connection. One thread
// per connection.
class Server {
  public:
    using Respond = std::function<std::string(const Request&)>;

    explicit Server(Respond respond, SSL_CTX* tls = nullptr)
        : respond_(std::move(respond)), tls_(tls), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (bind(listener_, generic, size) != 0 || listen(listener_, 128) != 0 ||
            getsockname(listener_, generic, &size) != 0)
            throw std::runtime_error("the test server does not start");
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }

    ~Server() {
        shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        {
            const std::lock_guard lock(mutex_);
            for (const int connection : open_) shutdown(connection, SHUT_RDWR);
        }
        for (auto& thread : threads_) thread.join();
        close(listener_);
    }

    std::string url(std::string_view path = "/", std::string_view scheme = "http",
                    std::string_view host = "127.0.0.1") const {
        return std::string(scheme) + "://" + std::string(host) + ":" + std::to_string(port_) +
               std::string(path);
    }

    int accepted() const { return accepted_; }
    int most_at_once() const { return most_at_once_; }
    int requests() const { return requests_; }
    Request last() const {
        const std::lock_guard lock(mutex_);
        return last_;
    }

  private:
    void accept_all() {
        for (;;) {
            const int connection = accept(listener_, nullptr, nullptr);
            if (connection < 0) return;
            ++accepted_;
            const std::lock_guard lock(mutex_);
            open_.push_back(connection);
            threads_.emplace_back([this, connection] { serve(connection); });
        }
    }

    void serve(int connection) {
        sigset_t pipe;
        sigemptyset(&pipe);
        sigaddset(&pipe, SIGPIPE);  // OpenSSL writes to clients that hung up
        pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
        SSL* tls = tls_ ? SSL_new(tls_) : nullptr;
        if (tls) SSL_set_fd(tls, connection);
        if (!tls || SSL_accept(tls) == 1) answer_requests(connection, tls);
        SSL_free(tls);
        const std::lock_guard lock(mutex_);
        std::erase(open_, connection);
        close(connection);
    }

    void answer_requests(int connection, SSL* tls) {
        std::string buffer;
        while (auto request = read_request(connection, tls, buffer)) {
            {
                const std::lock_guard lock(mutex_);
                last_ = *request;
            }
            ++requests_;
            const int now = ++at_once_;
            for (int most = most_at_once_; now > most;)
                if (most_at_once_.compare_exchange_weak(most, now)) break;
            const auto answer = respond_(*request);
            --at_once_;
            if (answer.empty() || !write(connection, tls, answer)) return;
        }
    }

    static std::optional<Request> read_request(int connection, SSL* tls, std::string& buffer) {
        for (;;) {
            const auto end = buffer.find("\r\n\r\n");
            if (end != buffer.npos) {
                const auto field = buffer.find("Content-Length: ");
                const auto size =
                    field < end ? std::stoul(buffer.substr(field + 16)) : std::size_t{0};
                if (buffer.size() >= end + 4 + size) {
                    Request request{buffer.substr(0, end + 2), buffer.substr(end + 4, size)};
                    buffer.erase(0, end + 4 + size);
                    return request;
                }
            }
            char chunk[4096];
            const auto got = tls ? SSL_read(tls, chunk, sizeof chunk)
                                 : static_cast<int>(recv(connection, chunk, sizeof chunk, 0));
            if (got <= 0) return std::nullopt;
            buffer.append(chunk, static_cast<std::size_t>(got));
        }
    }

    static bool write(int connection, SSL* tls, std::string_view bytes) {
        while (!bytes.empty()) {
            const auto put =
                tls ? SSL_write(tls, bytes.data(), static_cast<int>(bytes.size()))
                    : static_cast<int>(send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL));
            if (put <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(put));
        }
        return true;
    }

    Respond respond_;
    SSL_CTX* tls_;
    int listener_;
    int port_ = 0;
    std::atomic<int> accepted_{0}, requests_{0}, at_once_{0}, most_at_once_{0};
    mutable std::mutex mutex_;
    Request last_;
    std::vector<int> open_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

// Holds whoever waits until it is opened, at the latest at the end of the test.
class Gate {
  public:
    ~Gate() { open(); }
    void open() {
        const std::lock_guard lock(mutex_);
        opened_ = true;
        changed_.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, 20s, [this] { return opened_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool opened_ = false;
};

// A certificate for 127.0.0.1 that nobody but its own file vouches for.
class Certificate {
  public:
    Certificate() : context(SSL_CTX_new(TLS_server_method())) {
        EVP_PKEY* key = EVP_EC_gen("P-256");
        X509* certificate = X509_new();
        X509_set_version(certificate, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key);
        auto* name = X509_get_subject_name(certificate);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
        X509_set_issuer_name(certificate, name);
        auto* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
        X509_add_ext(certificate, names, -1);
        X509_EXTENSION_free(names);
        X509_sign(certificate, key, EVP_sha256());
        SSL_CTX_use_certificate(context, certificate);
        SSL_CTX_use_PrivateKey(context, key);
        char pattern[] = "/tmp/stateset-ca-XXXXXX";
        const int descriptor = mkstemp(pattern);
        file = pattern;
        FILE* out = fdopen(descriptor, "w");
        PEM_write_X509(out, certificate);
        fclose(out);
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    ~Certificate() {
        SSL_CTX_free(context);
        std::filesystem::remove(file);
    }

    SSL_CTX* context;
    std::string file;
};

std::future<Answer> start(Client& client, Outgoing wanted) {
    auto promise = std::make_shared<std::promise<Answer>>();
    client.send(std::move(wanted),
                [promise](Answer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
}

Answer call(Client& client, Outgoing wanted) {
    auto answer = start(client, std::move(wanted));
    if (answer.wait_for(20s) != std::future_status::ready) throw std::runtime_error("no answer");
    return answer.get();
}

bool eventually(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

Client::Options open_options() { return {.allow_private_addresses = true}; }

int unused_port() {
    const int probe = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(probe, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
    close(probe);
    return ntohs(address.sin_port);
}

// ---- requests and answers -----------------------------------------------------------------------

TEST(HttpClient, sends_what_was_asked_and_returns_what_was_answered) {
    Server server([](const Request&) { return reply("200 OK", "hi", "X-Thing:  a b \r\n"); });
    Client client(open_options());
    const auto answer = call(client, {.url = server.url("/hook?a=1"),
                                      .headers = {{"Content-Type", "application/json"},
                                                  {"webhook-id", "msg_1"},
                                                  {"X-Empty", ""}},
                                      .body = R"({"a":1})"});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.failure, Failure::none);
    EXPECT_EQ(answer.error, "");
    EXPECT_EQ(answer.body, "hi");
    EXPECT_EQ(answer.header("x-thing"), "a b");
    EXPECT_EQ(answer.header("absent"), "");
    const auto request = server.last();
    EXPECT_TRUE(request.head.starts_with("POST /hook?a=1 HTTP/1.1\r\n")) << request.head;
    EXPECT_NE(request.head.find("\r\nwebhook-id: msg_1\r\n"), std::string::npos) << request.head;
    EXPECT_NE(request.head.find("\r\nX-Empty:"), std::string::npos) << request.head;
    EXPECT_NE(request.head.find("\r\nUser-Agent: StateSet/"), std::string::npos) << request.head;
    EXPECT_EQ(request.head.find("Expect:"), std::string::npos) << request.head;
    EXPECT_EQ(request.body, R"({"a":1})");
}

TEST(HttpClient, every_method_keeps_its_shape) {
    Server server([](const Request& request) {
        return request.head.starts_with("HEAD ") ? "HTTP/1.1 204 No Content\r\n\r\n"
                                                 : reply("200 OK", "");
    });
    Client client(open_options());
    for (const std::string method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
        const auto answer = call(client, {.method = method, .url = server.url()});
        EXPECT_EQ(answer.failure, Failure::none) << method << answer.error;
        EXPECT_TRUE(server.last().head.starts_with(method + " / HTTP/1.1\r\n"));
        EXPECT_EQ(server.last().head.find("Content-"), std::string::npos) << server.last().head;
    }
    for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
        call(client, {.method = method, .url = server.url(), .body = "b"});
        EXPECT_TRUE(server.last().head.starts_with(method + " / HTTP/1.1\r\n"));
        EXPECT_EQ(server.last().body, "b");
    }
    call(client, {.url = server.url()});
    EXPECT_NE(server.last().head.find("Content-Length: 0\r\n"), std::string::npos);
    EXPECT_EQ(server.last().head.find("Content-Type"), std::string::npos) << server.last().head;
}

TEST(HttpClient, a_server_error_is_an_answer) {
    Server server([](const Request&) {
        return reply("500 Internal Server Error", "oops", "Retry-After: 7\r\n");
    });
    Client client(open_options());
    const auto answer = call(client, {.url = server.url()});
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.failure, Failure::none);
    EXPECT_EQ(answer.header("retry-after"), "7");
}

TEST(HttpClient, a_redirect_is_an_answer_and_not_followed) {
    Server secret([](const Request&) { return reply("200 OK", "secret"); });
    Server server([&](const Request&) {
        return reply("302 Found", "", "Location: " + secret.url() + "\r\n");
    });
    Client client(open_options());
    const auto answer = call(client, {.url = server.url()});
    EXPECT_EQ(answer.status, 302);
    EXPECT_EQ(answer.header("location"), secret.url());
    EXPECT_EQ(secret.accepted(), 0);
}

TEST(HttpClient, a_proxy_of_the_environment_is_ignored) {
    Server proxy([](const Request&) { return reply("200 OK", "proxied"); });
    Server server([](const Request&) { return reply("200 OK", "direct"); });
    setenv("http_proxy", proxy.url().c_str(), 1);
    setenv("ALL_PROXY", proxy.url().c_str(), 1);
    Client client(open_options());
    EXPECT_EQ(call(client, {.url = server.url()}).body, "direct");
    EXPECT_EQ(proxy.accepted(), 0);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
}

TEST(HttpClient, connections_are_kept_for_the_next_call) {
    Server server([](const Request&) { return reply("200 OK", ""); });
    Client client(open_options());
    for (int i = 0; i < 5; ++i) EXPECT_EQ(call(client, {.url = server.url()}).status, 200);
    EXPECT_EQ(server.requests(), 5);
    EXPECT_EQ(server.accepted(), 1);
}

TEST(HttpClient, an_answer_over_the_bound_is_cut_and_said_so) {
    Server server([](const Request&) { return reply("200 OK", std::string(1'000'000, 'x')); });
    Client client(open_options());
    const auto cut = call(client, {.url = server.url(), .most_answer_bytes = 1000});
    EXPECT_EQ(cut.failure, Failure::too_large);
    EXPECT_EQ(cut.status, 200);
    EXPECT_EQ(cut.body, std::string(1000, 'x'));
    EXPECT_NE(cut.error, "");
    const auto exact = call(client, {.url = server.url(), .most_answer_bytes = 1'000'000});
    EXPECT_EQ(exact.failure, Failure::none);
    EXPECT_EQ(exact.body.size(), 1'000'000u);
}

TEST(HttpClient, endless_headers_are_cut_too) {
    std::string many;
    for (int i = 0; i < 100; ++i) many += "X-Pad: " + std::string(1000, 'x') + "\r\n";
    Server server([&](const Request&) { return reply("200 OK", "", many); });
    Client client(open_options());
    EXPECT_EQ(call(client, {.url = server.url()}).failure, Failure::too_large);
}

// ---- failures -----------------------------------------------------------------------------------

TEST(HttpClient, a_server_that_does_not_answer_is_a_timeout) {
    Gate gate;
    Server server([&](const Request&) { return gate.wait(), reply("200 OK", ""); });
    Client client(open_options());
    const auto answer = call(client, {.url = server.url(), .timeout = 200ms});
    EXPECT_EQ(answer.failure, Failure::timeout);
    EXPECT_EQ(answer.status, 0);
    EXPECT_NE(answer.error, "");
    EXPECT_GE(answer.took, 150ms);
    EXPECT_LT(answer.took, 5s);
    gate.open();
}

TEST(HttpClient, half_an_answer_is_no_answer) {
    Server server([](const Request& request) -> std::string {
        if (request.head.starts_with("GET /empty")) return "";
        return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
    });
    Client client(open_options());
    const auto late = call(client, {.method = "GET", .url = server.url(), .timeout = 200ms});
    EXPECT_EQ(late.failure, Failure::timeout);
    EXPECT_EQ(late.status, 0);
    EXPECT_EQ(late.body, "");
    const auto closed = call(client, {.method = "GET", .url = server.url("/empty")});
    EXPECT_EQ(closed.failure, Failure::other);
    EXPECT_EQ(closed.status, 0);
}

TEST(HttpClient, a_refused_connection_is_told_apart) {
    Client client(open_options());
    const auto answer =
        call(client, {.url = "http://127.0.0.1:" + std::to_string(unused_port()) + "/"});
    EXPECT_EQ(answer.failure, Failure::connect);
    EXPECT_EQ(answer.status, 0);
}

TEST(HttpClient, a_handshake_that_stalls_has_sent_nothing) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(listen(listener, 8), 0);
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    Client client(open_options());
    const auto answer =
        call(client, {.url = "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/",
                      .connect_timeout = 200ms});
    EXPECT_EQ(answer.failure, Failure::connect);
    EXPECT_LT(answer.took, 5s);
    close(listener);
}

TEST(HttpClient, a_name_that_leads_nowhere_is_told_apart) {
    Client client(open_options());
    // A label of 64 characters fails before any name server is asked.
    const auto answer = call(client, {.url = "http://" + std::string(64, 'a') + "/"});
    EXPECT_EQ(answer.failure, Failure::resolve) << answer.error;
}

TEST(HttpClient, malformed_requests_never_leave) {
    Server server([](const Request&) { return reply("200 OK", ""); });
    Client client(open_options());
    for (const Outgoing& wanted :
         {Outgoing{.method = "GET / HTTP/1.1\r\nX: y\r\n", .url = server.url()},
          Outgoing{.method = "", .url = server.url()},
          Outgoing{.url = server.url(), .headers = {{"X", "a\r\nY: b"}}},
          Outgoing{.url = server.url(), .headers = {{"X: y\r\nZ", "a"}}},
          Outgoing{.url = server.url("/a\r\nb")}, Outgoing{.url = ""},
          Outgoing{.url = "file:///etc/hostname"}, Outgoing{.url = server.url("/", "gopher")},
          Outgoing{.url = server.url("/", "http", "user:secret@127.0.0.1")}}) {
        const auto answer = call(client, wanted);
        EXPECT_EQ(answer.failure, Failure::malformed) << wanted.url << answer.error;
        EXPECT_EQ(answer.error.find("secret"), std::string::npos);
    }
    EXPECT_EQ(server.accepted(), 0);
}

TEST(HttpClient, a_receiver_that_throws_harms_nobody) {
    Server server([](const Request&) { return reply("200 OK", ""); });
    Client client(open_options());
    client.send({.url = server.url()}, [](Answer) { throw std::runtime_error("on purpose"); });
    client.send({.url = server.url()}, [](Answer) { throw 1; });
    EXPECT_EQ(call(client, {.url = server.url()}).status, 200);
}

// ---- where it may connect -----------------------------------------------------------------------

TEST(HttpClient, a_private_address_is_refused_before_connecting) {
    Server server([](const Request&) { return reply("200 OK", ""); });
    Client client({.allow_private_addresses = false});
    for (const auto* host :
         {"127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]"}) {
        const auto answer = call(client, {.url = server.url("/", "https", host)});
        EXPECT_EQ(answer.failure, Failure::refused_address) << host << ": " << answer.error;
        EXPECT_EQ(answer.error.find("127"), std::string::npos) << "tells what a name leads to";
    }
    EXPECT_EQ(server.accepted(), 0);
}

TEST(HttpClient, plain_http_needs_private_addresses_allowed) {
    Server server([](const Request&) { return reply("200 OK", ""); });
    Client client({.allow_private_addresses = false});
    EXPECT_EQ(call(client, {.url = server.url()}).failure, Failure::malformed);
    EXPECT_EQ(server.accepted(), 0);
}

TEST(HttpClient, a_certificate_must_be_trusted_and_name_the_host) {
    Certificate certificate;
    Server server([](const Request&) { return reply("200 OK", "over tls"); }, certificate.context);
    Client stranger(open_options());
    EXPECT_EQ(call(stranger, {.url = server.url("/", "https")}).failure, Failure::tls);
    EXPECT_EQ(server.requests(), 0);
    Client friendly({.allow_private_addresses = true, .ca_file = certificate.file});
    const auto answer = call(friendly, {.url = server.url("/", "https")});
    EXPECT_EQ(answer.body, "over tls") << answer.error;
    const auto misnamed = call(friendly, {.url = server.url("/", "https", "localhost")});
    EXPECT_EQ(misnamed.failure, Failure::tls) << misnamed.error;
}

// ---- many at once -------------------------------------------------------------------------------

TEST(HttpClient, a_slow_host_does_not_delay_the_others) {
    Gate gate;
    Server slow([&](const Request&) { return gate.wait(), reply("200 OK", "slow"); });
    Server fast([](const Request&) { return reply("200 OK", "fast"); });
    Client client({.allow_private_addresses = true, .connections_per_host = 4});
    std::vector<std::future<Answer>> held;
    for (int i = 0; i < 20; ++i) held.push_back(start(client, {.url = slow.url()}));
    std::vector<std::future<Answer>> free;
    for (int i = 0; i < 20; ++i) free.push_back(start(client, {.url = fast.url()}));
    for (auto& answer : free) {
        ASSERT_EQ(answer.wait_for(10s), std::future_status::ready);
        EXPECT_EQ(answer.get().body, "fast");
    }
    for (auto& answer : held) EXPECT_EQ(answer.wait_for(0s), std::future_status::timeout);
    EXPECT_TRUE(eventually([&] { return slow.requests() == 4; }));
    gate.open();
    for (auto& answer : held) {
        ASSERT_EQ(answer.wait_for(10s), std::future_status::ready);
        EXPECT_EQ(answer.get().body, "slow");
    }
    EXPECT_EQ(slow.most_at_once(), 4);
    EXPECT_LE(slow.accepted(), 4);
    EXPECT_LE(fast.accepted(), 4);
}

TEST(HttpClient, calls_from_many_threads_and_from_done_all_end_once) {
    Server server([](const Request&) { return reply("200 OK", ""); });
    Client client(open_options());
    std::atomic<int> answered{0};
    std::promise<void> all;
    const auto count = [&](Answer answer) {
        EXPECT_EQ(answer.status, 200) << answer.error;
        if (++answered == 400) all.set_value();
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j < 50; ++j)
                client.send({.url = server.url()}, [&](Answer answer) {
                    count(std::move(answer));
                    client.send({.url = server.url()}, count);
                });
        });
    for (auto& thread : threads) thread.join();
    ASSERT_EQ(all.get_future().wait_for(20s), std::future_status::ready);
    client.stop();
    EXPECT_EQ(answered, 400);
    EXPECT_LE(server.accepted(), 8);
}

TEST(HttpClient, waiting_in_line_ends_with_the_timeout_and_nothing_sent) {
    Gate gate;
    Server slow([&](const Request&) { return gate.wait(), reply("200 OK", ""); });
    Client client({.allow_private_addresses = true, .connections_per_host = 1});
    auto holder = start(client, {.url = slow.url()});
    const auto waited = call(client, {.url = slow.url(), .timeout = 200ms});
    EXPECT_EQ(waited.failure, Failure::not_sent);
    EXPECT_EQ(waited.took, 0ms);
    EXPECT_EQ(slow.accepted(), 1);
    gate.open();
    EXPECT_EQ(holder.get().status, 200);
}

TEST(HttpClient, calls_over_the_bound_are_refused_at_once) {
    Gate gate;
    Server slow([&](const Request&) { return gate.wait(), reply("200 OK", ""); });
    Client client({.allow_private_addresses = true, .connections_per_host = 1, .most_calls = 3});
    std::vector<std::future<Answer>> accepted;
    for (int i = 0; i < 3; ++i) accepted.push_back(start(client, {.url = slow.url()}));
    EXPECT_EQ(call(client, {.url = slow.url()}).failure, Failure::not_sent);
    gate.open();
    for (auto& answer : accepted) EXPECT_EQ(answer.get().status, 200);
}

TEST(HttpClient, the_common_bound_on_connections_is_shared_between_hosts) {
    Gate gate;
    Server slow([&](const Request&) { return gate.wait(), reply("200 OK", ""); });
    Server other([](const Request&) { return reply("200 OK", ""); });
    Client client({.allow_private_addresses = true, .most_connections = 2});
    auto first = start(client, {.url = slow.url()});
    std::vector<std::future<Answer>> others;
    for (int i = 0; i < 6; ++i) others.push_back(start(client, {.url = other.url()}));
    for (auto& answer : others) ASSERT_EQ(answer.wait_for(10s), std::future_status::ready);
    EXPECT_EQ(other.most_at_once(), 1);
    gate.open();
    EXPECT_EQ(first.get().status, 200);
}

TEST(HttpClient, stopping_ends_every_call_and_says_whether_it_left) {
    Gate gate;
    Server slow([&](const Request&) { return gate.wait(), reply("200 OK", ""); });
    Client client({.allow_private_addresses = true, .connections_per_host = 1});
    auto running = start(client, {.url = slow.url()});
    auto waiting = start(client, {.url = slow.url()});
    ASSERT_TRUE(eventually([&] { return slow.requests() == 1; }));
    client.stop();
    EXPECT_EQ(running.get().failure, Failure::cut_off);
    EXPECT_EQ(waiting.get().failure, Failure::not_sent);
    EXPECT_EQ(start(client, {.url = slow.url()}).get().failure, Failure::not_sent);
    client.stop();
    gate.open();
}

}  // namespace
}  // namespace stateset::net
