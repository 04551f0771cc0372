#pragma once
// Money goes back, as far as it was captured. Every refund is counted against its payment before
// the gateway hears of it, under the order's lock: captured minus refunded minus refunds in flight
// is all that another one may ask for.

#include "payments/payments.hpp"
#include "platform/work/operation.hpp"

namespace stateset::flows {

struct RefundPayment {
    payments::PaymentId id;
    std::optional<Amount> amount;  // absent: all that is left
    Reason reason;
};

struct RefundOrder {
    orders::OrderId id;
    std::optional<Amount> amount;  // absent: all that is left
    Reason reason;
};

// The order with the refunds that this request made, one for each payment it drew on.
struct OrderRefunds {
    Flat<orders::Order> order;
    std::vector<orders::Line> items;
    std::vector<payments::Refund> refunds;
};

// Both refuse with refund_exceeds_captured; the first with illegal_transition when the payment was
// not captured.
Started<payments::Refund> refund_payment(Tx&, const Actor&, const RefundPayment&);
// Draws on the order's payments, oldest first. Waits for the last of them.
Started<OrderRefunds> refund_order(Tx&, const Actor&, const RefundOrder&);

// Emits refund.succeeded or refund.failed. A return that made the refund shows what became of it,
// and is what its caller is told about.
std::optional<store::Answer> settle_refund(Tx&, const work::Operation&, const work::Result&);

// ---- for other flows: a return refunds what it is worth

// The operations that give `amount` back, oldest payment first; nobody waits for them. Refuses with
// refund_exceeds_captured. The order must be locked.
std::vector<payments::RefundId> begin_refunds(Tx&, const orders::Order&, Money amount,
                                              const std::string& reason,
                                              std::optional<Id<returns::Return>> = {});

// The same for a return, whose caller waits for the operation; nil: there is nothing to wait for.
struct BegunRefunds {
    std::vector<payments::RefundId> refunds;
    Uuid operation;
};
BegunRefunds begin_return_refunds(Tx&, const orders::Order&, Money amount,
                                  const std::string& reason, Id<returns::Return>);

}  // namespace stateset::flows
