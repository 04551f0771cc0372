#include "platform/net/caller.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>

namespace stateset::net {
namespace {

using Failure = Answer::Failure;

struct Taking {
    Answer& answer;
    CURL* easy;
    std::size_t most;
    const std::function<bool(std::string_view)>* take;  // nullptr: the body is kept
    bool stopped = false;
    bool too_large = false;
};

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* user) {
    auto& taking = *static_cast<Taking*>(user);
    std::string_view line(bytes, size * count);
    if (line.starts_with("HTTP/")) taking.answer.headers.clear();  // after a 100 there is another
    auto colon = line.find(':');
    if (colon == line.npos) return size * count;
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    auto value = line.substr(colon + 1);
    auto first = value.find_first_not_of(" \t\r\n");
    value = first == value.npos ? "" : value.substr(first);
    while (!value.empty() && std::string_view(" \t\r\n").find(value.back()) != value.npos) {
        value.remove_suffix(1);
    }
    taking.answer.headers.emplace_back(std::move(name), std::string(value));
    return size * count;
}

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* user) {
    auto& taking = *static_cast<Taking*>(user);
    std::string_view piece(bytes, size * count);
    long status = 0;
    curl_easy_getinfo(taking.easy, CURLINFO_RESPONSE_CODE, &status);
    if (taking.take != nullptr && status >= 200 && status < 300) {
        taking.stopped = !(*taking.take)(piece);
        return taking.stopped ? 0 : piece.size();
    }
    if (taking.answer.body.size() + piece.size() > taking.most) {
        taking.too_large = true;
        return 0;
    }
    taking.answer.body += piece;
    return piece.size();
}

Failure failure_of(CURLcode code, bool connected) {
    switch (code) {
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL: return Failure::malformed;
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY: return Failure::resolve;
        case CURLE_COULDNT_CONNECT: return Failure::connect;
        case CURLE_OPERATION_TIMEDOUT: return connected ? Failure::timeout : Failure::connect;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE: return Failure::tls;
        default: return Failure::other;
    }
}

// What the environment exempts from its proxy, and this machine itself.
std::string without_proxy() {
    std::string hosts = "localhost,127.0.0.1,::1";
    for (const char* name : {"no_proxy", "NO_PROXY"}) {
        if (const char* more = std::getenv(name)) return hosts + "," + more;
    }
    return hosts;
}

}  // namespace

struct Caller::State {
    CURL* easy = nullptr;

    Answer run(const Outgoing&, std::chrono::seconds silence,
               const std::function<bool(std::string_view)>* take);
    void prepare(const Outgoing&, curl_slist* headers);
};

Caller::Caller() : state_(std::make_unique<State>()) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    state_->easy = curl_easy_init();
}

Caller::~Caller() { curl_easy_cleanup(state_->easy); }

Answer Caller::call(const Outgoing& wanted) {
    return state_->run(wanted, std::chrono::seconds(0), nullptr);
}

Answer Caller::stream(const Outgoing& wanted, std::chrono::seconds silence,
                      const std::function<bool(std::string_view)>& take) {
    return state_->run(wanted, silence, &take);
}

Answer Caller::State::run(const Outgoing& wanted, std::chrono::seconds silence,
                          const std::function<bool(std::string_view)>* take) {
    curl_slist* headers = curl_slist_append(nullptr, "Expect:");
    for (const auto& [name, value] : wanted.headers) {
        auto line = value.empty() ? name + ";" : name + ": " + value;
        headers = curl_slist_append(headers, line.c_str());
    }
    prepare(wanted, headers);
    Answer answer;
    Taking taking{answer, easy, wanted.most_answer_bytes, take};
    char error[CURL_ERROR_SIZE] = {};
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &taking);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &taking);
    if (take != nullptr) {
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 0L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(silence.count()));
    }
    auto code = curl_easy_perform(easy);
    long status = 0;
    double seconds = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME, &seconds);
    curl_off_t connected = 0;
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
    curl_slist_free_all(headers);
    curl_easy_reset(easy);  // its error buffer is on this stack
    answer.took = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    if (code == CURLE_OK || taking.stopped) {
        answer.status = static_cast<int>(status);
        return answer;
    }
    answer.failure = taking.too_large ? Failure::too_large : failure_of(code, connected > 0);
    answer.status = taking.too_large ? static_cast<int>(status) : 0;
    answer.error = *error != '\0' ? error : curl_easy_strerror(code);
    return answer;
}

void Caller::State::prepare(const Outgoing& wanted, curl_slist* headers) {
    auto milliseconds = [](std::chrono::milliseconds span) {
        return static_cast<long>(span.count());
    };
    curl_easy_setopt(easy, CURLOPT_URL, wanted.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, without_proxy().c_str());
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(wanted.connect_timeout));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(wanted.timeout));
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, wanted.method.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    if (wanted.method == "GET" || wanted.method == "DELETE") {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, wanted.method.c_str());
        return;
    }
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(wanted.body.size()));
    curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, wanted.body.data());
}

}  // namespace stateset::net
