#include "platform/net/mailer.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "platform/net/mail_text.hpp"

namespace stateset::net {
namespace {

constexpr long longest_idle_s = 10;  // servers hang up on who says nothing
constexpr std::size_t longest_error = 200;

// How far the conversation has come. A refusal counts for good only once the server has been told
// whom the mail is for: before that it is about us.
enum class Stage { greeting, sender, recipient, content };

struct Conversation {
    std::string_view rest;  // of the content
    Stage stage = Stage::greeting;
    std::string reply;  // the server's last line
    bool over = false;  // the connection is being closed: what is said now is about nothing
    const std::atomic<bool>* stopping = nullptr;
};

std::size_t read_content(char* to, std::size_t size, std::size_t count, void* data) noexcept {
    auto& talk = *static_cast<Conversation*>(data);
    auto bytes = std::min(size * count, talk.rest.size());
    std::memcpy(to, talk.rest.data(), bytes);
    talk.rest.remove_prefix(bytes);
    return bytes;
}

std::size_t drop(char*, std::size_t size, std::size_t count, void*) noexcept {
    return size * count;
}

int overhear(CURL*, curl_infotype kind, char* text, std::size_t size, void* data) noexcept {
    auto& talk = *static_cast<Conversation*>(data);
    std::string_view line(text, size);
    if (kind == CURLINFO_HEADER_IN && !talk.over) {
        while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
        talk.reply = line.substr(0, longest_error);
    } else if (kind == CURLINFO_HEADER_OUT) {
        if (line.starts_with("MAIL ")) talk.stage = Stage::sender;
        if (line.starts_with("RCPT ")) talk.stage = Stage::recipient;
        if (line.starts_with("DATA")) talk.stage = Stage::content;
        talk.over = line.starts_with("QUIT");
        if (!talk.over) talk.reply.clear();
    } else if (kind == CURLINFO_DATA_OUT) {
        talk.reply.clear();
    }
    return 0;
}

int ask_whether_to_go_on(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
    return *static_cast<Conversation*>(data)->stopping ? 1 : 0;
}

int code_of(std::string_view reply) {
    bool digits = reply.size() >= 3 && std::ranges::all_of(reply.substr(0, 3), [](char c) {
                      return c >= '0' && c <= '9';
                  });
    return digits ? std::stoi(std::string(reply.substr(0, 3))) : 0;
}

std::string printable(std::string text) {
    std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
    return text.substr(0, longest_error);
}

std::string part(CURLU* url, CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
    std::string result(text);
    curl_free(text);
    return result;
}

struct Server {
    bool tls = false, local = false;
};

Server server_of(const std::string& text) {
    std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
    bool fine =
        curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) == CURLUE_OK;
    auto scheme = fine ? part(url.get(), CURLUPART_SCHEME) : "";
    if (scheme != "smtp" && scheme != "smtps") {
        throw std::invalid_argument("wants smtp://HOST:PORT or smtps://HOST:PORT, without user");
    }
    auto host = part(url.get(), CURLUPART_HOST);
    return {.tls = scheme == "smtps",
            .local = host == "localhost" || host.starts_with("127.") || host == "[::1]"};
}

struct Waiting {
    Mailer::Letter letter;
    std::function<void(MailAnswer)> done;
};

}  // namespace

struct Mailer::State {
    Options options;
    Server server;
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Waiting> waiting;
    std::atomic<bool> stopping = false;
    std::vector<std::thread> threads;

    void work();
    void set_up(CURL*) const;
    MailAnswer carry(CURL*, const Letter&);
    MailAnswer judge(CURLcode, const Conversation&, const char* error) const;
};

Mailer::Mailer(Options options) : state_(new State) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK) throw std::runtime_error("libcurl does not start");
    state_->options = std::move(options);
    state_->server = server_of(state_->options.url);
    for (int i = 0; i < state_->options.connections; ++i) {
        state_->threads.emplace_back([state = state_.get()] { state->work(); });
    }
}

Mailer::~Mailer() { stop(); }

void Mailer::send(Letter letter, std::function<void(MailAnswer)> done) {
    {
        std::scoped_lock lock(state_->mutex);
        if (!state_->stopping) {
            state_->waiting.push_back({std::move(letter), std::move(done)});
            state_->wake.notify_one();
            return;
        }
    }
    done({});
}

void Mailer::stop() {
    std::deque<Waiting> left;
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
        left.swap(state_->waiting);
    }
    state_->wake.notify_all();
    for (auto& thread : state_->threads) {
        if (thread.joinable()) thread.join();
    }
    for (auto& one : left) one.done({});
}

void Mailer::State::work() {
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
    std::unique_lock lock(mutex);
    while (true) {
        wake.wait(lock, [this] { return stopping || !waiting.empty(); });
        if (stopping) return;
        auto one = std::move(waiting.front());
        waiting.pop_front();
        lock.unlock();
        auto started = std::chrono::steady_clock::now();
        auto answer = carry(curl.get(), one.letter);
        answer.took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - started);
        one.done(std::move(answer));
        lock.lock();
    }
}

void Mailer::State::set_up(CURL* curl) const {
    curl_easy_reset(curl);  // connections stay
    curl_easy_setopt(curl, CURLOPT_URL, options.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, longest_idle_s);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, long{options.connect_timeout.count()});
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, long{options.timeout.count()});
    curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT,
                     std::max(1L, long{options.timeout.count()} / 1000));
    const bool secret = !options.password.empty();
    if (secret) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, options.user.c_str());
        curl_easy_setopt(curl, CURLOPT_PASSWORD, options.password.c_str());
    }
    if (server.tls) return;
    if (secret && !server.local) {
        curl_easy_setopt(curl, CURLOPT_USE_SSL, long{CURLUSESSL_ALL});
        return;
    }
    curl_easy_setopt(curl, CURLOPT_USE_SSL, long{CURLUSESSL_TRY});
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
}

MailAnswer Mailer::State::carry(CURL* curl, const Letter& letter) {
    if (!is_mail_address(letter.from) || !is_mail_address(letter.to)) {
        return {.result = MailAnswer::Result::refused, .error = "not an e-mail address"};
    }
    Conversation talk{.rest = letter.content, .stopping = &stopping};
    char error[CURL_ERROR_SIZE] = {};
    set_up(curl);
    curl_slist* recipients = curl_slist_append(nullptr, letter.to.c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, letter.from.c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_content);
    curl_easy_setopt(curl, CURLOPT_READDATA, &talk);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, overhear);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &talk);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, ask_whether_to_go_on);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &talk);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    auto answer = judge(curl_easy_perform(curl), talk, error);
    curl_easy_reset(curl);
    curl_slist_free_all(recipients);
    return answer;
}

MailAnswer Mailer::State::judge(CURLcode result, const Conversation& talk,
                                const char* error) const {
    MailAnswer answer{.code = code_of(talk.reply)};
    if (result == CURLE_OK) {
        answer.result = MailAnswer::Result::taken;
        return answer;
    }
    if (result == CURLE_ABORTED_BY_CALLBACK) return answer;
    bool about_the_mail = talk.stage == Stage::recipient || talk.stage == Stage::content;
    bool for_good = answer.code >= 500 && answer.code < 600;
    answer.result =
        about_the_mail && for_good ? MailAnswer::Result::refused : MailAnswer::Result::failed;
    bool said = answer.code >= 400;
    answer.error = printable(said ? talk.reply : error[0] ? error : curl_easy_strerror(result));
    return answer;
}

}  // namespace stateset::net
