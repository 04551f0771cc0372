#pragma once
// The workers of notifications together: the writing of messages and the courier.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "notifications/channels.hpp"
#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"
#include "platform/work/lease.hpp"

namespace stateset::notifications {

class Workers {
  public:
    struct Options {
        std::optional<MailServer> email;
        std::optional<SmsProvider> sms;
        std::optional<std::string> schedule;  // of attempts; see work::schedule_from
        bool shared = false;                  // other processes work on this database
        Span lease = seconds(30);  // of a message; a dead instance's are taken over after it
        work::Duty writing;
        std::function<void(std::string_view)> log;
    };
    // Made before the Committer's first caller. Throws std::runtime_error with a text for the
    // operator on what cannot be used.
    Workers(Committer&, ReadPool&, Options);
    ~Workers();
    void start();  // stores the built-in templates first
    void stop();

  private:
    struct Crew;
    std::unique_ptr<Crew> crew_;
};

}  // namespace stateset::notifications
