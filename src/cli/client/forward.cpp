#include "cli/client/forward.hpp"

#include <ctime>

#include "cli/client/failure.hpp"
#include "platform/auth/crypto.hpp"

namespace stateset::cli::client {

Forwarder::Forwarder(std::string url, std::string secret)
    : url_(std::move(url)), secret_(std::move(secret)) {
    if (!url_.starts_with("http://") && !url_.starts_with("https://")) {
        throw Failure(exits::usage, "a receiver is http://… or https://…, not \"" + url_ + "\"");
    }
    if (secret_.empty()) secret_ = auth::make_webhook_secret();
    auto bytes = auth::webhook_secret_bytes(secret_);
    if (!bytes) {
        throw Failure(exits::usage, "--secret: must be whsec_ and the base64 of 24 to 64 bytes");
    }
    bytes_ = *bytes;
}

net::Answer Forwarder::send(const Tree& event) {
    auto body = Tree::object();
    body.member("type") = event["type"];
    body.member("timestamp") = event["occurred_at"];
    body.member("data") = event["data"];
    auto at = static_cast<std::int64_t>(std::time(nullptr));
    const auto& id = event["id"].word;
    net::Outgoing message{.url = url_, .body = body.json()};
    message.headers = {
        {"Content-Type", "application/json"},
        {"webhook-id", id},
        {"webhook-timestamp", std::to_string(at)},
        {"webhook-signature", auth::webhook_signature(bytes_, id, at, message.body)}};
    return caller_.call(message);
}

std::string Forwarder::told(const net::Answer& answer) {
    if (answer.status == 0) return "no answer: " + answer.error;
    auto text = std::to_string(answer.status) + " (" + std::to_string(answer.took.count()) + " ms)";
    bool accepted = answer.status >= 200 && answer.status < 300;
    constexpr std::size_t longest = 200;
    if (!accepted && !answer.body.empty()) text += " " + answer.body.substr(0, longest);
    return text;
}

}  // namespace stateset::cli::client
