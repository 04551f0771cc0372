#pragma once
// The operations of a payment: what each call needs, kept with it so that nobody can change it any
// more, and how it is put to the gateway. What comes of them is settled by flows.

#include "payments/gateway.hpp"
#include "payments/payments.hpp"

namespace stateset::payments {

inline constexpr std::string_view authorize_call = "payment.authorize";
inline constexpr std::string_view capture_call = "payment.capture";
inline constexpr std::string_view void_call = "payment.void";
inline constexpr std::string_view refund_call = "payment.refund";

struct CallData {
    orders::OrderId order_id;
    PaymentId payment_id;
    std::optional<RefundId> refund_id;
    std::string gateway;
    Currency currency;
    Money amount;
    std::string token;                    // authorize
    bool capture = true;                  // authorize
    std::string reference;                // the other calls: the gateway's name for the charge
    std::vector<RefundId> order_refunds;  // refund: all that one request for the order made
};

RawJson stored(const CallData&);
CallData call_data(const work::Operation&);
// A refund's answer is to show its order with all these refunds.
void answer_for_all(Tx&, Uuid operation, const std::vector<RefundId>&);
Heard heard(const work::Result&);
work::Result result_of(const Heard&);

// Puts the operation to its gateway; after the first attempt it asks before it acts again. A
// gateway that is not configured gives no answer.
void call(const Gateways&, const work::Operation&, std::function<void(work::Result)> done);

}  // namespace stateset::payments
