#include "notifications/channels.hpp"

#include <stdexcept>

#include "platform/net/client.hpp"
#include "platform/net/mail_text.hpp"
#include "platform/net/mailer.hpp"

namespace stateset::notifications {
namespace {

constexpr std::size_t connections = 4;
constexpr std::size_t longest_error = 200;
constexpr std::size_t most_answer_bytes = 4096;  // it is not kept

std::chrono::milliseconds in_milliseconds(Span span) {
    return std::chrono::milliseconds(span.micros / 1000);
}

class Email : public Way {
  public:
    Email(net::Mailbox from, net::Mailer::Options options)
        : from_(std::move(from)), mailer_(std::move(options)) {}

    void send(const Message& message, std::function<void(Outcome)> done) override {
        auto started = system_now();
        auto domain = from_.address.substr(from_.address.rfind('@'));
        net::Mail mail{.from = from_,
                       .to = message.recipient,
                       .subject = message.subject.value_or(""),
                       .text = message.text,
                       .html = message.html.value.value_or(""),
                       .message_id = to_string(message.id) + domain,
                       .date = message.created_at};
        if (!net::is_mail_address(mail.to)) {
            done({.verdict = Verdict::refused,
                  .attempt = {.attempted_at = started, .error = "not an e-mail address"}});
            return;
        }
        mailer_.send({.from = from_.address, .to = mail.to, .content = net::mail_text(mail)},
                     [done = std::move(done), started](const net::MailAnswer& answer) {
                         done(outcome_of(answer, started));
                     });
    }
    void stop() override { mailer_.stop(); }
    std::size_t at_once() const override { return 2 * connections; }

  private:
    static Outcome outcome_of(const net::MailAnswer& answer, Time started) {
        using Result = net::MailAnswer::Result;
        Outcome outcome{.attempt = {.attempted_at = started, .duration_ms = answer.took.count()}};
        if (answer.code) outcome.attempt.status_code = answer.code;
        if (!answer.error.empty()) outcome.attempt.error = answer.error;
        if (answer.result == Result::taken) outcome.verdict = Verdict::delivered;
        if (answer.result == Result::refused) outcome.verdict = Verdict::refused;
        if (answer.result == Result::failed) outcome.verdict = Verdict::failed;
        return outcome;
    }

    net::Mailbox from_;
    net::Mailer mailer_;
};

struct SmsBody {
    std::string to, text;
    MessageId id;
};

// A provider that does not know us, has no time or too much to do may take it later; what it
// refuses otherwise it will refuse again.
bool passes(int status) {
    return status >= 500 || (status >= 300 && status < 400) || status == 401 || status == 402 ||
           status == 403 || status == 404 || status == 405 || status == 408 || status == 425 ||
           status == 429;
}

class Sms : public Way {
  public:
    explicit Sms(SmsProvider provider)
        : provider_(std::move(provider)),
          client_({.allow_private_addresses = true,  // the operator chose it
                   .connections_per_host = static_cast<int>(connections)}) {}

    void send(const Message& message, std::function<void(Outcome)> done) override {
        auto started = system_now();
        net::Outgoing out{
            .url = provider_.url,
            .body = json::to_text(SmsBody{message.recipient, message.text, message.id}),
            .timeout = in_milliseconds(provider_.timeout),
            .most_answer_bytes = most_answer_bytes};
        out.headers = {{"Content-Type", "application/json"},
                       {"Idempotency-Key", to_string(message.id)}};
        if (!provider_.token.empty()) {
            out.headers.emplace_back("Authorization", "Bearer " + provider_.token);
        }
        client_.send(std::move(out), [done = std::move(done), started](const net::Answer& answer) {
            done(outcome_of(answer, started));
        });
    }
    void stop() override { client_.stop(); }
    std::size_t at_once() const override { return 2 * connections; }

  private:
    static Outcome outcome_of(const net::Answer& answer, Time started) {
        using Failure = net::Answer::Failure;
        Outcome outcome{.attempt = {.attempted_at = started, .duration_ms = answer.took.count()}};
        if (answer.failure == Failure::not_sent || answer.failure == Failure::cut_off) {
            return outcome;
        }
        outcome.verdict = Verdict::failed;
        if (answer.failure != Failure::none && answer.failure != Failure::too_large) {
            outcome.attempt.error = answer.error.substr(0, longest_error);
            return outcome;
        }
        outcome.attempt.status_code = answer.status;
        if (answer.status >= 200 && answer.status < 300) {
            outcome.verdict = Verdict::delivered;
            return outcome;
        }
        outcome.attempt.error = "status " + std::to_string(answer.status);
        outcome.retry_after = work::retry_after_from(answer.header("retry-after"), system_now());
        if (!passes(answer.status)) outcome.verdict = Verdict::refused;
        return outcome;
    }

    SmsProvider provider_;
    net::Client client_;
};

}  // namespace

std::unique_ptr<Way> by_email(const MailServer& server) {
    try {
        auto from = net::mailbox_from(server.from);
        return std::make_unique<Email>(
            std::move(from), net::Mailer::Options{.url = server.url,
                                                  .user = server.user,
                                                  .password = server.password,
                                                  .timeout = in_milliseconds(server.timeout),
                                                  .connections = static_cast<int>(connections)});
    } catch (const std::invalid_argument& fault) {
        throw std::runtime_error(std::string("--smtp, --smtp-from: ") + fault.what());
    }
}

std::unique_ptr<Way> by_sms(const SmsProvider& provider) {
    if (!provider.url.starts_with("https://") && !provider.url.starts_with("http://")) {
        throw std::runtime_error("--sms-url wants https://… or http://…, not " + provider.url);
    }
    return std::make_unique<Sms>(provider);
}

}  // namespace stateset::notifications
