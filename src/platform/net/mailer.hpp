// The way out for e-mail: SMTP submission with libcurl. A few threads with a connection each, kept
// for the next mail, so that a slow server holds up only what waits for it.
//
// smtps:// is TLS from the start. smtp:// begins in the clear: with a password STARTTLS is
// demanded and the certificate verified, unless the server is on this machine; without one,
// STARTTLS is used where it is offered, whoever's certificate it is (RFC 3207 §4.1: relays inside a
// network have their own, and who can forge one can as well leave the offer out).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace stateset::net {

struct MailAnswer {
    enum class Result {
        taken,    // by the server: it answers for the mail from here on
        refused,  // for good, this recipient or this content: asking again is in vain
        failed,   // no connection, a wrong password, not now; the server may have taken it
        cut_off   // stop() was faster
    };
    Result result = Result::cut_off;
    int code = 0;       // of the server's last reply, 0 when none came
    std::string error;  // for the attempt's record; never holds a password
    std::chrono::milliseconds took{0};
};

class Mailer {
  public:
    struct Options {
        std::string url;  // smtp://mail.example:587
        std::string user, password;
        std::chrono::milliseconds connect_timeout{5'000};
        std::chrono::milliseconds timeout{15'000};  // for one mail
        int connections = 4;
    };
    // Throws std::invalid_argument with a text for the operator on a malformed URL.
    explicit Mailer(Options);
    ~Mailer();  // stops

    struct Letter {
        std::string from, to;  // addresses, see is_mail_address
        std::string content;   // see mail_text
    };
    // Returns at once. `done` runs on one of the mailer's threads, or within stop().
    void send(Letter, std::function<void(MailAnswer)> done);
    // Cuts off what is under way, within about a second.
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::net
