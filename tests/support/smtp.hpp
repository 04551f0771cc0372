#pragma once
// A small real SMTP server (RFC 5321): it keeps what it is given and answers as told.
//
//     MailServer mail;                                   // takes everything
//     mail.answers_recipients([](const std::string&) { return "550 no such user"; });
//     ASSERT_TRUE(mail.waits_for(1));                    // one mail, within 10 s
//     mail.received()[0].header("Subject")

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace stateset::support {

struct ReceivedMail {
    std::string from;             // of the envelope
    std::vector<std::string> to;  // of the envelope
    std::string content;          // headers and body, dots undoubled, with CRLF
    std::string user, password;   // as it logged in, "" when it did not

    // The header's value, lines joined and encoded words read; "" when there is none.
    std::string header(std::string_view name) const;
    std::size_t count(std::string_view name) const;  // headers of this name
    // The part of this type with its transfer encoding undone, line ends as LF.
    std::string part(std::string_view type) const;
};

class MailServer {
  public:
    struct Options {
        bool wants_login = false;  // offers AUTH and takes no mail without
    };
    MailServer();
    explicit MailServer(Options);
    ~MailServer();

    std::string url() const;  // smtp://127.0.0.1:port
    void stop();              // nobody listens on the port any more
    void start();             // again, on the same port

    // The reply to RCPT and to the end of the content: "" means 250; "hang up" closes without one.
    // A mail that is not replied to with 250 counts as received all the same. Called on the
    // connection's thread, so that it may wait.
    using Decide = std::function<std::string(const std::string& recipient)>;
    void answers_recipients(Decide);
    void answers_content(Decide);

    std::vector<ReceivedMail> received() const;
    std::size_t count() const { return received().size(); }
    std::vector<ReceivedMail> received_by(std::string_view recipient) const;
    bool waits_for(std::size_t count,
                   std::chrono::milliseconds patience = std::chrono::milliseconds(10'000)) const;
    std::size_t connections() const;  // so far

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace stateset::support
