// `stateset events listen`: the event log as it grows, for people and for webhook developers. A
// stream that breaks is resumed behind the last event that was dealt with.

#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

#include "cli/client/failure.hpp"
#include "cli/client/forward.hpp"
#include "cli/client/options.hpp"
#include "cli/client/own.hpp"
#include "cli/client/request.hpp"

namespace stateset::cli::client {
namespace {

// The server shows within 15 s that it lives, unless told to do so more rarely.
constexpr std::chrono::seconds silence{60};
constexpr std::chrono::milliseconds first_wait{200};
constexpr std::chrono::milliseconds longest_wait{5'000};

class Listening {
  public:
    Listening(const Catalogue& catalogue, const Given& given)
        : catalogue_(catalogue),
          given_(given),
          terminal_(given.text("color")),
          session_(given, terminal_),
          after_(given.text("after")),
          most_(given.number("count", 0)) {
        auto to = given.text("forward-to");
        if (!to.empty()) forwarder_ = std::make_unique<Forwarder>(to, given.text("secret"));
    }

    int run() {
        auto wait = first_wait;
        while (true) {
            auto seen = seen_;
            auto answer = session_.stream(sending(), silence,
                                          [this](std::string_view piece) { return take(piece); });
            rest_.clear();
            if (done()) return exits::ok;
            if (answer.status >= 400 && answer.status != 429 && answer.status != 503) {
                return explain_refusal(answer.status, answer.body, *given_.command, catalogue_,
                                       terminal_);
            }
            if (!opened_ && answer.status == 0) {
                throw Failure(exits::unreachable,
                              "nothing answers at " + session_.server() + ": " + answer.error);
            }
            if (seen_ != seen) wait = first_wait;
            note("the stream ended; resuming");
            std::this_thread::sleep_for(wait);
            wait = std::min(wait * 2, longest_wait);
        }
    }

  private:
    Sending sending() const {
        Sending sending{.target = "/api/v1/events/stream"};
        auto types = given_.options.find("type");
        if (types != given_.options.end()) {
            sending.target += "?types=" + escaped(joined(types->second, ","));
        }
        if (!after_.empty()) sending.headers.emplace_back("Last-Event-ID", after_);
        return sending;
    }

    bool done() const { return most_ > 0 && seen_ >= most_; }

    bool take(std::string_view piece) {
        if (!opened_) welcome();
        opened_ = true;
        rest_ += piece;
        for (auto end = rest_.find('\n'); end != rest_.npos && !done(); end = rest_.find('\n')) {
            auto line = rest_.substr(0, end);
            rest_.erase(0, end + 1);
            if (line.starts_with("data: ")) event(line.substr(6));
        }
        return !done();
    }

    void welcome() const {
        note("listening to " + session_.server());
        if (!forwarder_) return;
        note("forwarding to " + forwarder_->url());
        note("signed with the secret " + forwarder_->secret());
    }

    void event(const std::string& text) {
        auto event = Tree::parse(text);
        auto format = format_of(given_);
        if (format == Format::table) {
            auto at = event["occurred_at"].word.substr(0, 19);
            if (at.size() > 10) at[10] = ' ';
            std::string line = terminal_.in(Ink::dim, at) + "  " +
                               terminal_.in(Ink::bold, event["type"].word) + "  " +
                               event["aggregate_type"].word + " " + event["aggregate_id"].word;
            write_all(line + (forwarder_ ? "" : "\n"));
        } else {
            write_all(format == Format::json ? event.indented() + "\n" : text + "\n");
        }
        if (forwarder_) {
            auto answer = forwarder_->send(event);
            bool taken = answer.status >= 200 && answer.status < 300;
            auto told = Forwarder::told(answer);
            if (format == Format::table) {
                write_all("  → " + terminal_.in(taken ? Ink::green : Ink::red, told) + "\n");
            } else {
                note(event["id"].word + " → " + told);
            }
        }
        after_ = event["position"].word;
        ++seen_;
    }

    void note(const std::string& text) const {
        std::cerr << terminal_.note(Ink::dim, text) << "\n" << std::flush;
    }

    const Catalogue& catalogue_;
    const Given& given_;
    Terminal terminal_;
    Session session_;
    std::unique_ptr<Forwarder> forwarder_;
    std::string after_, rest_;
    std::int64_t most_, seen_ = 0;
    bool opened_ = false;
};

int listen(const Catalogue& catalogue, const Given& given) {
    return Listening(catalogue, given).run();
}

}  // namespace

std::vector<Command> event_commands() {
    using Kind = Shape::Kind;
    auto type = option("type", Kind::text, "Only these types; * stands for any text", "order.*");
    type.repeats = true;
    return {
        {.words = {"events", "listen"},
         .summary = "Show events as they happen, and forward them as signed webhooks",
         .detail = "Needs events:read, and the permission to read what the events are about. With "
                   "--forward-to each event is sent as the server's webhooks would send it, signed "
                   "with a secret that is shown at the beginning, and the receiver's answer is "
                   "shown; it is not sent again. A stream that breaks is resumed without a gap.",
         .flags = {std::move(type),
                   option("forward-to", Kind::text, "The receiver under development",
                          "http://localhost:3000/webhooks"),
                   option("secret", Kind::text, "Sign with this secret, whsec_…; else one is made"),
                   option("after", Kind::text, "Begin behind this position of the log",
                          "0000000000000000042"),
                   option("count", Kind::integer, "Stop after so many events", "1")},
         .examples = {"events listen --type 'order.*'",
                      "events listen --forward-to http://localhost:3000/webhooks"},
         .act = listen},
    };
}

}  // namespace stateset::cli::client
