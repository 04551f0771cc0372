#pragma once
// What a gateway sends us of its own accord. A message is only a reason to ask: the operation it
// names is asked for at once, so that its outcome is settled as always and a forged or stale one
// could at most make us ask. Signed as Standard Webhooks says, with the gateway's secret; the same
// `webhook-id` again changes nothing.

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

// The secret of this installation and the gateway, raw bytes; made when first asked for.
std::string message_secret(Committer&, std::string_view gateway);

// The part of `receive` that is a command.
void take_message(Tx&, const std::string& gateway, std::string_view message_id, Uuid operation);

}  // namespace stateset::payments

template <>
struct stateset::store::Table<stateset::payments::GatewayReceipt>
    : stateset::store::Named<"gateway_messages", "gateway_message"> {
    using unique = Keys<Key<&stateset::payments::GatewayReceipt::gateway,
                            &stateset::payments::GatewayReceipt::message_id>>;
};
