#pragma once
// The two ways to a customer: an SMTP server, and a provider of text messages that takes
// POST {"to","text","id"} with a bearer token. Both are given a message's id each time it is sent,
// as Message-ID and as `id` and Idempotency-Key, so that what arrives twice can be recognised.

#include <functional>
#include <memory>
#include <string>

#include "notifications/sending.hpp"

namespace stateset::notifications {

class Way {
  public:
    virtual ~Way() = default;
    // Returns at once; `done` is called exactly once, on a thread of the way's own or within
    // stop(), with verdict, attempt and retry_after.
    virtual void send(const Message&, std::function<void(Outcome)> done) = 0;
    virtual void stop() = 0;  // what is under way is cut off
    // How many messages are worth claiming at once.
    virtual std::size_t at_once() const = 0;
};

struct MailServer {
    std::string url;   // smtp://HOST:PORT or smtps://HOST:PORT
    std::string from;  // "Shop <orders@shop.example>"
    std::string user, password;
    Span timeout = seconds(15);
};
struct SmsProvider {
    std::string url, token;
    Span timeout = seconds(15);
};

// Both throw std::runtime_error with a text for the operator.
std::unique_ptr<Way> by_email(const MailServer&);
std::unique_ptr<Way> by_sms(const SmsProvider&);

}  // namespace stateset::notifications
