#pragma once
// An order is paid. A command commits the intent and begins an operation at the gateway; what the
// gateway says is settled by a second command, whether it answers at once, is asked later, or after
// a restart. Money that arrives for a cancelled order goes back by itself.
//
// A decline cancels the order and frees its stock in the same transaction, unless goods are in a
// shipment or other money is there or may still arrive for it: then only the payment fails.

#include "payments/calls.hpp"
#include "payments/payments.hpp"
#include "platform/work/operation.hpp"

namespace stateset::flows {

struct PayBy {
    payments::MethodType type = payments::MethodType::card;  // all but `exchange`
    // Cards need it, nothing else takes it: the gateway's; what looks like a card number is
    // refused.
    std::optional<Text<255>> token;
};

struct PayOrder {
    orders::OrderId order_id;
    std::optional<Amount> amount;  // absent: what is owed
    PayBy method;
    std::optional<Text<50>> gateway;  // absent: the first that takes the method
    std::optional<bool> capture;      // cards. false: only authorize; default true
    // Not of cards: a payment still waiting after this day fails. Absent: some days for a bank
    // transfer (PaymentRules), no end for a sale on account.
    std::optional<Date> due_on;
    Metadata metadata;
};

struct CapturePayment {
    payments::PaymentId id;
    std::optional<Amount> amount;  // absent: all of it; what is not captured is let go
    Reason reason;
};

struct VoidPayment {
    payments::PaymentId id;
    Reason reason;
};

// Refuses with invalid (amount, method, gateway), nothing_owed, exceeds_owed and, for a cancelled
// order, illegal_transition. Emits payment.processing. What is paid by hand waits
// (manual_payments).
Started<payments::Payment> pay_order(Tx&, const Actor&, const PayOrder&);
// Authorized payments only. Refuse with illegal_transition and payment_busy, capture also with
// exceeds_authorized.
Started<payments::Payment> capture_payment(Tx&, const Actor&, const CapturePayment&);
Started<payments::Payment> void_payment(Tx&, const Actor&, const VoidPayment&);

// What came of the calls. Emit payment.authorized, captured, failed, voided and order.paid,
// order.cancelled.
std::optional<store::Answer> settle_authorization(Tx&, const work::Operation&, const work::Result&);
std::optional<store::Answer> settle_capture(Tx&, const work::Operation&, const work::Result&);
std::optional<store::Answer> settle_void(Tx&, const work::Operation&, const work::Result&);

// The kinds of operation that payments need, for the worker. The gateways must outlive it.
std::vector<work::Kind> payment_operations(const payments::Gateways&);

// ---- for refund_order.cpp and manual_payments.cpp

std::string payment_path(payments::PaymentId);
// The other side's no, with its reason among the faults.
Refusal gateway_says(const Code&, std::string_view pointer, const payments::Heard&);
// The payment of a path, being edited, with its order locked and loaded: payments hang from their
// order. Refuses with not_found.
payments::Payment& lock_payment(Tx&, payments::PaymentId);
// The payment, which is `processing` or authorized, is captured with this amount; order and payment
// are being edited, and loaded. Emits payment.captured and order.paid.
void take_capture(Tx&, orders::Order&, payments::Payment&, Money amount);
// Takes an amount into the payment's currency. Refuses what is too precise or not positive.
Money positive(const Amount&, Currency);

}  // namespace stateset::flows

namespace stateset {
class Api;
namespace flows {
void payment_routes(Api&);
}
}  // namespace stateset
