#pragma once
// What Stripe sends us of its own accord (https://docs.stripe.com/webhooks/signature): events,
// signed with the endpoint's secret.

#include <optional>
#include <string>
#include <string_view>

#include "platform/core/id.hpp"
#include "platform/core/refusal.hpp"
#include "platform/core/time.hpp"

namespace stateset::payments::stripe {

// Whether one of the signatures of a `Stripe-Signature` header, "t=1492774577,v1=5257a8…,v1=…", is
// made with the secret over "t.body", and t is within five minutes of now. There are several while
// the secret rotates.
bool signature_holds(std::string_view secret, std::string_view header, std::string_view body,
                     Time now);

struct Event {
    std::string id;                     // "evt_…": the same when it is sent again
    std::string type;                   // "payment_intent.succeeded"
    std::optional<Uuid> operation;      // that made the object
    std::optional<std::string> intent;  // "pi_…" that it is or belongs to
};
// nullopt: it is about nothing that we make there.
std::optional<Event> event_of(std::string_view body);

}  // namespace stateset::payments::stripe
