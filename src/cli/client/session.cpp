#include "cli/client/session.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <thread>

#include "cli/client/failure.hpp"
#include "platform/auth/crypto.hpp"

namespace stateset::cli::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Problem = net::Answer::Failure;

constexpr std::size_t most_answer_bytes = 256u << 20;
constexpr int usual_retries = 5;
constexpr int usual_connects = 2;  // where nothing listens, most often nobody started it
constexpr milliseconds first_wait{200};
constexpr milliseconds longest_wait{10'000};
constexpr seconds longest_obeyed{60};  // of a Retry-After
constexpr std::int64_t early_s = 30;   // a token is renewed so long before it ends

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

bool nothing_was_sent(Problem problem) {
    return problem == Problem::resolve || problem == Problem::connect ||
           problem == Problem::not_sent;
}

// The server asks to come again and has done nothing yet, or nothing that a repetition doubles.
bool asks_again(const net::Answer& answer, bool repeatable) {
    if (answer.status != 429 && answer.status != 503) return false;
    return repeatable || answer.body.find("\"outcome_unknown\"") == answer.body.npos;
}

milliseconds wait_before(const net::Answer& answer, int attempt) {
    auto told = std::string(answer.header("retry-after"));
    if (!told.empty() && told.find_first_not_of("0123456789") == told.npos && told.size() < 7) {
        return std::min<milliseconds>(seconds(std::stol(told)), longest_obeyed);
    }
    auto wait = std::min(first_wait * (1 << std::min(attempt, 10)), longest_wait);
    // With jitter, so that many who failed together do not come back together.
    auto random = static_cast<unsigned char>(auth::random_bytes(1)[0]);
    return wait / 2 + wait * random / 512;
}

std::string reason(const net::Answer& answer, const std::string& server) {
    switch (answer.failure) {
        case Problem::malformed: return server + " is no address of a server";
        case Problem::resolve: return "the name in " + server + " leads nowhere";
        case Problem::connect: return "nothing answers at " + server;
        case Problem::tls: return "no trusted connection to " + server + ": " + answer.error;
        case Problem::timeout: return server + " did not answer in time";
        case Problem::too_large: return "the answer of " + server + " is too large";
        default: return "the connection to " + server + " broke: " + answer.error;
    }
}

bool on_this_machine(std::string_view server) {
    for (auto host : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
        if (server.starts_with(host)) return true;
    }
    return false;
}

std::int64_t now_s() { return static_cast<std::int64_t>(std::time(nullptr)); }

}  // namespace

Session::Session(const Given& given, const Terminal& terminal)
    : terminal_(terminal),
      retries_(static_cast<int>(given.number("retries", usual_retries))),
      connects_(given.has("retries") ? retries_ : usual_connects),
      timeout_(given.number("timeout", 60)),
      verbose_(given.has("verbose")) {
    auto first = [](std::string one, const std::string& other) {
        return one.empty() ? other : one;
    };
    auto server = first(given.text("server"), environment("STATESET_SERVER"));
    key_ = first(given.text("api-key"), environment("STATESET_API_KEY"));
    auto name = first(given.text("profile"), environment("STATESET_PROFILE"));
    if (key_.empty() || server.empty() || !name.empty()) {
        Profiles profiles;
        if (name.empty()) name = profiles.current();
        profile_ = profiles.read(name);
    }
    if (!server.empty()) server_ = server_from(server);
    if (server_.empty() && profile_) server_ = profile_->server;
    if (server_.empty()) server_ = "http://127.0.0.1:8080";
    if (!key_.empty()) {
        profile_.reset();
    } else if (!profile_) {
        why_nobody_ = "there is no profile \"" + name + "\"; sign in with: stateset login";
    } else if (profile_->server != server_) {
        // A login is a secret between the user and that server.
        why_nobody_ = "the profile \"" + name + "\" is for " + profile_->server + ", not for " +
                      server_ + "; sign in there with: stateset login --server " + server_;
        profile_.reset();
    }
    if (server_.starts_with("http://") && !on_this_machine(server_)) {
        std::cerr << "warning: " << server_ << " is not encrypted; others may read along\n";
    }
}

net::Answer Session::send(const Sending& sending) {
    bool renewed = false;
    for (int attempt = 0;; ++attempt) {
        auto answer = caller_.call(outgoing(sending));
        tell(sending, answer);
        if (answer.status == 401 && profile_ && key_.empty() && !sending.open && !renewed &&
            !profile_->refresh_token.empty()) {
            credential(true);
            renewed = true;
            --attempt;
            continue;
        }
        bool lost = answer.status == 0 && answer.failure != Problem::malformed &&
                    answer.failure != Problem::tls;
        bool again = (lost && (sending.repeatable || nothing_was_sent(answer.failure))) ||
                     asks_again(answer, sending.repeatable);
        bool refused = lost && answer.failure == Problem::connect;
        if (!again || attempt >= (refused ? connects_ : retries_)) {
            if (answer.status != 0) return answer;
            throw Failure(exits::unreachable, reason(answer, server_));
        }
        auto wait = wait_before(answer, attempt);
        std::cerr << terminal_.note(Ink::dim, (lost ? reason(answer, server_)
                                                    : "the server asks to wait (" +
                                                          std::to_string(answer.status) + ")") +
                                                  "; trying again")
                  << "\n";
        std::this_thread::sleep_for(wait);
    }
}

net::Answer Session::stream(const Sending& sending, seconds silence,
                            const std::function<bool(std::string_view)>& take) {
    auto answer = caller_.stream(outgoing(sending), silence, take);
    if (answer.status == 401 && profile_ && !profile_->refresh_token.empty()) {
        credential(true);
        answer = caller_.stream(outgoing(sending), silence, take);
    }
    tell(sending, answer);
    return answer;
}

net::Outgoing Session::outgoing(const Sending& sending) {
    net::Outgoing wanted{.method = sending.method,
                         .url = server_ + sending.target,
                         .headers = sending.headers,
                         .body = sending.body,
                         .timeout = timeout_,
                         .most_answer_bytes = most_answer_bytes};
    wanted.headers.emplace_back("User-Agent", "stateset/" STATESET_VERSION);
    if (!sending.open) wanted.headers.emplace_back("Authorization", "Bearer " + credential(false));
    return wanted;
}

std::string Session::credential(bool refresh_now) {
    if (!key_.empty()) return key_;
    if (!profile_) throw Failure(exits::not_signed_in, why_nobody_);
    if (!profile_->api_key.empty()) return profile_->api_key;
    if (refresh_now || profile_->expires_at - early_s <= now_s()) {
        refresh(profile_->access_token);
    }
    return profile_->access_token;
}

// Another process may have been faster: then its token is taken.
void Session::refresh(std::string stale) {
    Profiles profiles;
    profiles.alone(profile_->name, [&] {
        auto stored = profiles.read(profile_->name);
        if (!stored) throw Failure(exits::not_signed_in, "signed out meanwhile");
        profile_ = stored;
        if (profile_->access_token != stale || profile_->refresh_token.empty()) return;
        auto body = Tree::object();
        body.member("refresh_token") = Tree::text(profile_->refresh_token);
        auto answer = send({.method = "POST",
                            .target = "/api/v1/auth/refresh",
                            .headers = {{"Content-Type", "application/json"}},
                            .body = body.json(),
                            .open = true});
        if (answer.status != 200) {
            throw Failure(exits::not_signed_in,
                          "the login has run out; sign in again with: stateset login" +
                              (profile_->name == "default" ? "" : " --profile " + profile_->name));
        }
        auto tokens = Tree::parse(answer.body);
        profile_->access_token = tokens["access_token"].word;
        profile_->refresh_token = tokens["refresh_token"].word;
        profile_->expires_at = now_s() + std::stoll("0" + tokens["expires_in"].word);
        profiles.write(*profile_);
    });
}

void Session::tell(const Sending& sending, const net::Answer& answer) const {
    if (!verbose_) return;
    std::cerr << "> " << sending.method << " " << server_ << sending.target << "\n";
    for (const auto& [name, value] : sending.headers) {
        std::cerr << "> " << name << ": " << value << "\n";
    }
    std::cerr << "< " << (answer.status != 0 ? std::to_string(answer.status) : answer.error) << " ("
              << answer.took.count() << " ms)\n";
    for (const auto& [name, value] : answer.headers) {
        std::cerr << "< " << name << ": " << value << "\n";
    }
}

std::string new_idempotency_key() { return "cli-" + auth::hex(auth::random_bytes(16)); }

std::string server_from(const std::string& text) {
    auto server = text;
    if (server.find("://") == server.npos) server = "http://" + server;
    while (server.ends_with('/')) server.pop_back();
    auto host = server.substr(server.find("://") + 3);
    bool known = server.starts_with("http://") || server.starts_with("https://");
    if (!known || host.empty() || host.find_first_of("/?#@ ") != host.npos) {
        throw Failure(exits::usage,
                      "--server wants http://HOST:PORT or https://HOST, not \"" + text + "\"");
    }
    return server;
}

std::string escaped(std::string_view text) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
    std::string out;
    for (char c : text) {
        if (plain.find(c) != plain.npos) {
            out += c;
        } else {
            auto hex = auth::hex(std::string(1, c));
            std::ranges::transform(hex, hex.begin(),
                                   [](unsigned char h) { return std::toupper(h); });
            out += "%" + hex;
        }
    }
    return out;
}

}  // namespace stateset::cli::client
