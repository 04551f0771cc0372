#pragma once
// What a gateway sends us of its own accord. A message is only a reason to ask: the operation it is
// about is asked for at once, so that its outcome is settled as always and a forged or stale one
// could at most make us ask. Nothing happens while a call is under way: its return settles. So a
// message and an answer that race each other take effect once.
//
// The sandbox signs as Standard Webhooks says and names the operation. Stripe signs in its own way
// (stripe_message.hpp) and names the charge, or the operation that we wrote on it; an intent that
// it cancels by itself, as it does with authorizations after a week, makes us void the payment. The
// same message again changes nothing.

#include "payments/payments.hpp"

namespace stateset::payments {

inline constexpr std::size_t longest_message_id = 255;

struct OutcomeMessage {
    Uuid operation_id;  // the idempotency key that the gateway was given
};

struct GatewayReceipt {
    Uuid id;
    std::string gateway, message_id;
    Time created_at;
};

// The secret with which the sandbox of this installation signs, raw bytes; made when first asked
// for. After a rotation the one before holds for a day.
std::string message_secret(Committer&, std::string_view gateway);
std::string rotate_message_secret(Committer&, std::string_view gateway);

// What a message is about; `operation` absent: an idle payment that the gateway says is cancelled.
struct About {
    std::optional<Uuid> operation;
    std::optional<PaymentId> payment;
    std::optional<orders::OrderId> order;
};
// The part of `receive` that is a command.
void take_message(Tx&, const std::string& gateway, std::string_view message_id, const About&);

}  // namespace stateset::payments

template <>
struct stateset::store::Table<stateset::payments::GatewayReceipt>
    : stateset::store::Named<"gateway_messages", "gateway_message"> {
    using unique = Keys<Key<&stateset::payments::GatewayReceipt::gateway,
                            &stateset::payments::GatewayReceipt::message_id>>;
};
