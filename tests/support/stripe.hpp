#pragma once
// A strict Stripe of our own on loopback: it keeps intents and refunds, remembers idempotency keys,
// and refuses every header and parameter that it does not know or that is missing. It can be told
// to be slow, to lose its answers, to fail, and to send its signed events.
//
//     StripeServer stripe;
//     Server server({.arguments = stripe.flags()});
//     stripe.next({.lose_answer = true});          // acts, and hangs up
//     …
//     EXPECT_EQ(stripe.complaints(), "");          // nothing it had to object to

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "support/receiver.hpp"
#include "support/server.hpp"

namespace stateset::support {

class StripeServer {
  public:
    static constexpr const char* key = "sk_test_51NeverShown";
    static constexpr const char* webhook_secret = "whsec_stripe_test_secret";

    // What happens to the next operation that is new here: to its first request, no retry.
    struct Mishap {
        bool lose_answer = false;              // acts, then closes the connection
        int status = 0;                        // answers this instead: 409, 429, 500
        bool acts_anyway = false;              // and nevertheless acts
        std::chrono::milliseconds delay{0};    // before it answers; it acts at once
        std::function<void()> meanwhile = {};  // after acting, before answering
    };

    StripeServer();
    std::vector<std::string> flags() const;  // for `serve`
    void next(Mishap);
    std::string complaints() const;
    std::vector<Received> requests() const { return receiver_.received(); }
    std::size_t intents() const;
    std::size_t captures(const std::string& intent) const;  // times that money was taken
    std::size_t refunds() const;
    std::string operation_of(const std::string& intent) const;
    std::string last_intent() const;
    void cancel(const std::string& intent);  // by itself, as it does after a week

    // An event about an intent, signed as of now, to the server's webhook.
    Reply send_event(Server&, const std::string& type, const std::string& intent,
                     const std::string& event_id) const;
    static std::string signature(std::string_view secret, std::int64_t time_s,
                                 std::string_view body);
    std::string event_body(const std::string& type, const std::string& intent,
                           const std::string& event_id) const;

  private:
    using Form = std::map<std::string, std::string>;
    struct Intent {
        std::string id, status, currency, operation;
        std::int64_t amount = 0, received = 0, refunded = 0;
        std::size_t captures = 0;
    };
    struct Refund {
        std::string id, intent, operation;
        std::int64_t amount = 0;
    };
    struct Remembered {
        std::string request;
        Receiver::Answer answer;
    };

    mutable std::mutex mutex_;
    std::map<std::string, Intent> intents_;
    std::vector<Refund> refunds_;
    std::map<std::string, Remembered> remembered_;  // by idempotency key
    std::vector<Mishap> mishaps_;
    std::set<std::string> met_;  // idempotency keys
    std::vector<std::string> complaints_;
    std::string last_;
    Receiver receiver_;  // last: it ends first

    Receiver::Answer answer(const Received&);
    Receiver::Answer act(const Received&);
    Receiver::Answer act_once(const Received&);
    Receiver::Answer read(const Received&);
    Receiver::Answer create(const Form&);
    Receiver::Answer step(const std::string& path, const Form&);
    Receiver::Answer refund(const Form&);
    void check_headers(const Received&);
    void check_names(const Form&, const std::vector<std::string>& known);
    std::string shown(const Intent&) const;
    std::string shown(const Refund&) const;
};

}  // namespace stateset::support
