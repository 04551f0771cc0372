#pragma once
// What the operator decides about payments. Set once, before the first command runs.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stateset::payments {

struct PaymentRules {
    // Who takes cards; the first of them when a payment names none.
    std::vector<std::string> card_gateways{"sandbox"};
    // How long a bank transfer may take when nobody says, in days.
    std::int64_t bank_transfer_days = 14;
    std::optional<std::string> stripe_webhook_secret;  // absent: messages of Stripe are refused
};
PaymentRules& payment_rules();

}  // namespace stateset::payments
