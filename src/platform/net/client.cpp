#include "platform/net/client.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_map>

#include "platform/net/address_guard.hpp"

namespace stateset::net {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Answer headers are kept; a receiver must not fill memory with them either.
constexpr std::size_t most_header_bytes = 64 * 1024;
// How late a call that waits for a connection may learn that its time is over.
constexpr milliseconds waiting_sweep{50};
constexpr milliseconds idle_poll{10'000};
// Idle connections kept open for the next call, all hosts together.
constexpr long kept_connections = 64;

struct Call {
    Outgoing wanted;
    std::function<void(Answer)> done;
    Clock::time_point deadline;
    Clock::time_point started;  // when it got its connection; zero before
    std::string host;           // scheme, host and port: whose line it stands in
    CURLU* url = nullptr;
    CURL* easy = nullptr;
    curl_slist* headers = nullptr;
    Answer answer;
    std::size_t header_bytes = 0;
    bool refused_address = false;
    bool too_large = false;
    bool allow_private = false;
    char error[CURL_ERROR_SIZE] = {};

    Call() = default;
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() {
        if (easy) curl_easy_cleanup(easy);
        curl_slist_free_all(headers);
        curl_url_cleanup(url);
    }
};

using CallPtr = std::unique_ptr<Call>;
using Failure = Answer::Failure;

struct Host {
    int running = 0;
    std::deque<CallPtr> waiting;
};

void finish(CallPtr call) {
    if (call->started != Clock::time_point{})
        call->answer.took = std::chrono::duration_cast<milliseconds>(Clock::now() - call->started);
    try {
        call->done(std::move(call->answer));
    } catch (const std::exception& thrown) {
        spdlog::error("the receiver of an HTTP answer threw: {}", thrown.what());
    } catch (...) {
        spdlog::error("the receiver of an HTTP answer threw");
    }
}

void fail(CallPtr call, Failure failure, std::string error) {
    call->answer = {};
    call->answer.failure = failure;
    call->answer.error = std::move(error);
    finish(std::move(call));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lowered(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

std::string_view trimmed(std::string_view text) {
    constexpr auto space = " \t\r\n";
    const auto first = text.find_first_not_of(space);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

// libcurl writes methods and headers as they are; a line break in one would smuggle another.
bool writable(const Outgoing& wanted) {
    return is_token(wanted.method) &&
           std::all_of(wanted.headers.begin(), wanted.headers.end(), [](const auto& header) {
               return is_token(header.first) && header.second.find_first_of(std::string_view(
                                                    "\r\n\0", 3)) == std::string::npos;
           });
}

std::string part(CURLU* url, CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
    std::string result(text);
    curl_free(text);
    return result;
}

// Parses the URL with the parser that will be used to connect, and names the line to stand in.
bool find_host(Call& call) {
    call.url = curl_url();
    if (!call.url || curl_url_set(call.url, CURLUPART_URL, call.wanted.url.c_str(),
                                  CURLU_DISALLOW_USER) != CURLUE_OK)
        return false;
    call.host = part(call.url, CURLUPART_SCHEME) + "://" + lowered(part(call.url, CURLUPART_HOST)) +
                ":" + part(call.url, CURLUPART_PORT);
    return true;
}

// ---- what libcurl calls while a transfer runs ---------------------------------------------------

// The last word on where we connect: what is checked here is what the socket is opened for.
curl_socket_t open_socket(void* data, curlsocktype, curl_sockaddr* address) noexcept {
    auto& call = *static_cast<Call*>(data);
    char text[INET6_ADDRSTRLEN] = {};
    const void* raw = nullptr;
    if (address->family == AF_INET)
        raw = &reinterpret_cast<const sockaddr_in*>(&address->addr)->sin_addr;
    if (address->family == AF_INET6)
        raw = &reinterpret_cast<const sockaddr_in6*>(&address->addr)->sin6_addr;
    const bool known = raw && inet_ntop(address->family, raw, text, sizeof text);
    if (!known || (!call.allow_private && !public_address(text))) {
        call.refused_address = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t read_header(char* text, std::size_t, std::size_t size, void* data) noexcept {
    auto& call = *static_cast<Call*>(data);
    call.header_bytes += size;
    if (call.header_bytes > most_header_bytes) {
        call.too_large = true;
        return 0;
    }
    const std::string_view line(text, size);
    if (line.starts_with("HTTP/")) call.answer.headers.clear();  // after a 1xx
    const auto colon = line.find(':');
    if (colon != line.npos)
        call.answer.headers.emplace_back(lowered(line.substr(0, colon)),
                                         trimmed(line.substr(colon + 1)));
    return size;
}

std::size_t read_body(char* bytes, std::size_t, std::size_t size, void* data) noexcept {
    auto& call = *static_cast<Call*>(data);
    const auto room = call.wanted.most_answer_bytes - call.answer.body.size();
    call.answer.body.append(bytes, std::min(size, room));
    if (size <= room) return size;
    call.too_large = true;
    return 0;
}

// ---- one transfer -------------------------------------------------------------------------------

void add_header(Call& call, const std::string& line) {
    auto* longer = curl_slist_append(call.headers, line.c_str());
    if (!longer) throw std::bad_alloc();
    call.headers = longer;
}

void set_request(Call& call) {
    const auto& wanted = call.wanted;
    auto* easy = call.easy;
    bool has_type = false;
    for (const auto& [name, value] : wanted.headers) {
        has_type = has_type || lowered(name) == "content-type";
        add_header(call, value.empty() ? name + ";" : name + ": " + value);
    }
    if (!has_type) add_header(call, "Content-Type:");  // else libcurl would claim a form
    add_header(call, "Expect:");                       // else long bodies wait a second for a 100
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call.headers);
    curl_easy_setopt(easy, CURLOPT_CURLU, call.url);
    const bool body_expected = !wanted.body.empty() || wanted.method == "POST" ||
                               wanted.method == "PUT" || wanted.method == "PATCH";
    if (wanted.method == "HEAD") {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (body_expected) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(wanted.body.size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, wanted.body.data());
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, wanted.method.c_str());
    } else {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, wanted.method.c_str());
    }
}

void set_caution(Call& call, const std::string& ca_file) {
    auto* easy = call.easy;
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, call.allow_private ? "http,https" : "https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!ca_file.empty()) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
        curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    }
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &call);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, read_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, read_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &call);
}

// Makes the libcurl handle of a call that has a connection's worth of room now.
void prepare(Call& call, const std::string& ca_file) {
    call.easy = curl_easy_init();
    if (!call.easy) throw std::bad_alloc();
    auto* easy = call.easy;
    set_request(call);
    set_caution(call, ca_file);
    call.started = Clock::now();
    const auto left =
        std::max(std::chrono::ceil<milliseconds>(call.deadline - call.started), milliseconds(1));
    const auto connect = std::clamp(call.wanted.connect_timeout, milliseconds(1), left);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "StateSet/" STATESET_VERSION);
    // One call per connection at a time, so that the bound on connections bounds calls too.
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // stop() does not wait for a slow resolver
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call.error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &call);
}

// How far a call came that ran out of time: what was never sent is safe to send again.
Failure late_failure(const Call& call) {
    long sent_bytes = 0;
    curl_off_t resolved_us = 0;
    curl_easy_getinfo(call.easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
    curl_easy_getinfo(call.easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved_us);
    if (sent_bytes > 0) return Failure::timeout;
    return resolved_us > 0 ? Failure::connect : Failure::resolve;
}

Failure failure_of(CURLcode code, const Call& call) {
    switch (code) {
        case CURLE_OK: return Failure::none;
        case CURLE_COULDNT_RESOLVE_HOST: return Failure::resolve;
        case CURLE_COULDNT_CONNECT:
            return call.refused_address ? Failure::refused_address : Failure::connect;
        case CURLE_OPERATION_TIMEDOUT: return late_failure(call);
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT: return Failure::malformed;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_SSL_ISSUER_ERROR: return Failure::tls;
        case CURLE_WRITE_ERROR: return call.too_large ? Failure::too_large : Failure::other;
        default: return Failure::other;
    }
}

void conclude(Call& call, CURLcode code) {
    auto& answer = call.answer;
    answer.failure = failure_of(code, call);
    if (answer.failure == Failure::none || answer.failure == Failure::too_large) {
        long status = 0;
        curl_easy_getinfo(call.easy, CURLINFO_RESPONSE_CODE, &status);
        answer.status = static_cast<int>(status);
    } else {
        answer.headers.clear();
        answer.body.clear();
    }
    if (answer.failure == Failure::refused_address)
        answer.error = "the host leads to an address that is not public";
    else if (answer.failure == Failure::too_large)
        answer.error = "the answer is larger than allowed";
    else if (answer.failure != Failure::none)
        answer.error = call.error[0] ? call.error : curl_easy_strerror(code);
}

}  // namespace

// ---- the thread ---------------------------------------------------------------------------------

// Lines are kept here, not by libcurl: its own limit of connections per host wakes the first
// waiting transfer whatever its host, so calls behind a slow host would starve the others, and its
// timeouts do not run while a transfer waits.
class Client::Loop {
  public:
    explicit Loop(Options options) : options_(std::move(options)) {
        static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
        multi_ = curl_multi_init();
        if (ready != CURLE_OK || !multi_) throw std::runtime_error("libcurl does not start");
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kept_connections);
        thread_ = std::thread([this] { run(); });
    }

    ~Loop() {
        stop();
        curl_multi_cleanup(multi_);
    }

    void send(CallPtr call) {
        {
            const std::lock_guard lock(mutex_);
            if (!stopping_) {
                incoming_.push_back(std::move(call));
                curl_multi_wakeup(multi_);
                return;
            }
        }
        fail(std::move(call), Failure::not_sent, "the client is stopped");
    }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        curl_multi_wakeup(multi_);
        if (thread_.joinable()) thread_.join();
    }

    bool allow_private() const { return options_.allow_private_addresses; }

  private:
    void run() {
        leave_signals_to_others();
        while (take_incoming()) {
            int running = 0;
            curl_multi_perform(multi_, &running);
            collect_finished();
            give_up_waiting();
            start_waiting();
            curl_multi_poll(multi_, nullptr, 0, poll_ms(), nullptr);
        }
        end_everything();
    }

    // SIGPIPE of a lost connection must not end the process; other signals are for the main thread.
    static void leave_signals_to_others() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr);
    }

    // Puts new calls in the lines of their hosts. False once the client stops.
    bool take_incoming() {
        std::vector<CallPtr> arrived;
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return false;
            arrived.swap(incoming_);
        }
        for (auto& call : arrived) {
            if (waiting_ + running_.size() >= options_.most_calls) {
                fail(std::move(call), Failure::not_sent, "too many calls are waiting");
            } else if (!writable(call->wanted)) {
                fail(std::move(call), Failure::malformed, "the method or a header is malformed");
            } else if (!find_host(*call)) {
                fail(std::move(call), Failure::malformed, "the URL is malformed");
            } else {
                auto& host = hosts_[call->host];
                host.waiting.push_back(std::move(call));
                ++waiting_;
            }
        }
        return true;
    }

    void collect_finished() {
        int left = 0;
        while (const auto* message = curl_multi_info_read(multi_, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            const auto code = message->data.result;  // the message dies with the next call
            auto call = leave(message->easy_handle);
            conclude(*call, code);
            finish(std::move(call));
        }
    }

    // Takes a running call out of libcurl and of the books of its host.
    CallPtr leave(CURL* easy) {
        curl_multi_remove_handle(multi_, easy);
        auto node = running_.extract(easy);
        auto call = std::move(node.mapped());
        const auto host = hosts_.find(call->host);
        --host->second.running;
        if (host->second.running == 0 && host->second.waiting.empty()) hosts_.erase(host);
        return call;
    }

    void give_up_waiting() {
        const auto now = Clock::now();
        if (waiting_ == 0 || now < next_sweep_) return;
        next_sweep_ = now + waiting_sweep;
        std::vector<CallPtr> late;
        for (auto host = hosts_.begin(); host != hosts_.end();) {
            auto& line = host->second.waiting;
            for (auto& call : line)
                if (call->deadline <= now) late.push_back(std::move(call));
            std::erase(line, nullptr);
            host = host->second.running == 0 && line.empty() ? hosts_.erase(host) : ++host;
        }
        waiting_ -= late.size();
        for (auto& call : late)
            fail(std::move(call), Failure::not_sent,
                 "no connection to the host became free in time");
    }

    // One call per host and pass, so that no host takes all that is left of the common bound.
    void start_waiting() {
        bool progress = waiting_ > 0;
        while (progress) {
            progress = false;
            for (auto& [name, host] : hosts_) {
                if (running_.size() >= options_.most_connections) return;
                if (host.waiting.empty() || host.running >= options_.connections_per_host) continue;
                start(host);
                progress = true;
            }
        }
    }

    void start(Host& host) {
        auto call = std::move(host.waiting.front());
        host.waiting.pop_front();
        --waiting_;
        prepare(*call, options_.ca_file);
        if (curl_multi_add_handle(multi_, call->easy) != CURLM_OK) {
            fail(std::move(call), Failure::not_sent, "libcurl takes no more calls");
            return;
        }
        ++host.running;
        auto* const easy = call->easy;
        running_.emplace(easy, std::move(call));
    }

    // libcurl shortens this for its own timers.
    int poll_ms() const {
        return static_cast<int>((waiting_ > 0 ? waiting_sweep : idle_poll).count());
    }

    void end_everything() {
        while (!running_.empty())
            fail(leave(running_.begin()->first), Failure::cut_off, "the client was stopped");
        for (auto& [name, host] : hosts_)
            for (auto& call : host.waiting)
                fail(std::move(call), Failure::not_sent, "the client was stopped");
        hosts_.clear();
        for (auto& call : incoming_)  // nobody adds any more
            fail(std::move(call), Failure::not_sent, "the client was stopped");
        incoming_.clear();
    }

    const Options options_;
    CURLM* multi_ = nullptr;

    std::mutex mutex_;
    std::vector<CallPtr> incoming_;  // under mutex_
    bool stopping_ = false;          // under mutex_

    // The thread's own.
    std::map<std::string, Host> hosts_;
    std::unordered_map<CURL*, CallPtr> running_;
    std::size_t waiting_ = 0;
    Clock::time_point next_sweep_;

    std::thread thread_;
};

std::string_view Answer::header(std::string_view name) const {
    for (const auto& [known, value] : headers)
        if (known == name) return value;
    return {};
}

Client::Client(Options options) : loop_(std::make_unique<Loop>(std::move(options))) {}

Client::~Client() = default;

void Client::send(Outgoing wanted, std::function<void(Answer)> done) {
    auto call = std::make_unique<Call>();
    call->deadline = Clock::now() + wanted.timeout;
    call->allow_private = loop_->allow_private();
    call->wanted = std::move(wanted);
    call->done = std::move(done);
    loop_->send(std::move(call));
}

void Client::stop() { loop_->stop(); }

}  // namespace stateset::net
