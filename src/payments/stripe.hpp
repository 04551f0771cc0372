#pragma once
// Stripe, by its HTTP API (https://docs.stripe.com/api). A payment is a PaymentIntent, created and
// confirmed in one request; a later capture, a void and a refund are requests about it.
//
// Each request carries our operation's id as its Idempotency-Key, and the intent and the refund
// carry it in their metadata, so that what became of a request can be found out in two ways: Stripe
// answers the same key with the same answer for a day, and later the metadata is looked for. So a
// request that brought no answer is sent again with its key within that day, never after it.
//
// Only what Stripe says of this very request is an outcome: 2xx and the refusals 400, 402 and 404.
// No answer, 401, 403, 409, 429 and 5xx leave it unknown, and it is asked for again.

#include "payments/gateway.hpp"

namespace stateset::payments {

inline constexpr std::string_view stripe_gateway = "stripe";
inline constexpr std::string_view stripe_api = "https://api.stripe.com";

class Stripe final : public Gateway {
  public:
    struct Options {
        std::string key;  // sk_… or rk_…; never logged, never shown
        std::string url{stripe_api};
        // For all requests of one call together; twice this is less than half of a lease.
        Span patience = seconds(6);
        std::function<void(std::string_view)> log;  // of what the operator must mend
    };
    // Throws std::invalid_argument for a URL that is neither https nor of loopback.
    explicit Stripe(Options);
    ~Stripe() override;

    std::string_view name() const override { return stripe_gateway; }
    void authorize(const Charge&, Done) override;
    void capture(const Step&, Done) override;
    void void_(const Step&, Done) override;
    void refund(const Step&, Done) override;
    void ask(const Question&, Done) override;

  private:
    class Line;
    std::shared_ptr<Line> line_;
};

}  // namespace stateset::payments
