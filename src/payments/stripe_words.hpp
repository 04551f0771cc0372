#pragma once
// What is said to Stripe and what its answers mean: pure functions, apart from how it travels.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "payments/gateway.hpp"

namespace stateset::payments::stripe {

// The edition of Stripe's API whose words these are.
inline constexpr std::string_view version = "2026-08-26.dahlia";
// Stripe forgets keys after 24 hours at the earliest; a key that is sent later acts anew.
inline constexpr Span key_lifetime = hours(23);

using Form = std::vector<std::pair<std::string, std::string>>;

// application/x-www-form-urlencoded; keys are ours and stay as they are.
std::string encoded(const Form&);
std::string percent_encoded(std::string_view);

// The integer that Stripe takes for an amount. It counts some currencies in other units than ISO
// 4217 does (https://docs.stripe.com/currencies#special-cases). nullopt: it cannot take this one.
std::optional<std::int64_t> amount(Money);

Form charge_form(const Charge&, std::int64_t amount);
std::string intent_path(std::string_view reference);   // /v1/payment_intents/pi_…
std::string search_path(Uuid operation);               // of intents, by metadata
std::string refunds_path(std::string_view reference);  // of one intent

struct Reason {
    std::optional<std::string> type, code, decline_code, message;
};
struct Tags {
    std::optional<std::string> operation_id;
};
struct Intent {
    std::string id, status;
    std::optional<std::int64_t> amount_received;
    std::optional<Reason> last_payment_error;
    std::optional<Tags> metadata;
};
struct Refund {
    std::string id;
    std::optional<std::string> status, failure_reason;
    std::optional<Tags> metadata;
};

// What an intent's state says about what we wanted of it. `absent`: it waits for that still.
// `amount` is what was to be captured.
Heard told_by(const Intent&, Deed, std::optional<std::int64_t> amount);
Heard told_by(const Refund&);

// An answer as it came; status 0 when none did.
struct Reply {
    int status = 0;
    std::string_view body;
};

// What the answer to an acting request says.
Heard told_by(const Reply&, Deed, std::optional<std::int64_t> amount);
// What reading the intent says.
Heard read_intent(const Reply&, Deed, std::optional<std::int64_t> amount);
// The intent that an operation made, among the search's results; `unknown` when that cannot be
// said, `absent` when there is none, else `approved` with its reference.
Heard found_intent(const Reply&, Uuid operation);
// The operation's refund, among those of its intent.
Heard found_refund(const Reply&, Uuid operation);

}  // namespace stateset::payments::stripe
