#pragma once
// Checks what other systems send us signed as Standard Webhooks says: `webhook-id`,
// `webhook-timestamp` and `webhook-signature` over id.timestamp.body.

#include <string>
#include <string_view>

#include "platform/core/refusal.hpp"
#include "platform/core/time.hpp"

namespace stateset::auth {

inline constexpr Code bad_signature{
    "bad_signature", 401, "The signature does not hold",
    "Sign as Standard Webhooks says, with the sender's secret and the time of sending."};

struct SignedMessage {
    std::string_view id, timestamp, signature;  // as the headers have them
    std::string_view body;
};

// Whether one of the signatures is made with this secret (raw bytes) and the time of sending is
// within five minutes of now: an old message that somebody kept proves nothing.
bool signature_holds(std::string_view secret_bytes, const SignedMessage&, Time now);

}  // namespace stateset::auth
