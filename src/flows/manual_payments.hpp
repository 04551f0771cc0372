#pragma once
// Money that no gateway moves (payments/by_hand.hpp). A bank transfer or a sale on account waits in
// `processing`: the order counts it as on its way, so that its reservations do not expire, until
// somebody marks it as paid, calls it off, or its due day is over. Then it has failed and the order
// owes again, with its reservations' time beginning anew; the order is not cancelled, since nobody
// declined anything. Refunds of such money wait in the same way.

#include "payments/payments.hpp"
#include "platform/work/operation.hpp"

namespace stateset::flows {

struct MarkPaid {
    payments::PaymentId id;
    std::optional<Text<255>> reference;  // the bank's words for it
    std::optional<Date> paid_on;         // absent: today; never later
    Reason reason;
};
struct CancelPayment {
    payments::PaymentId id;
    Reason reason;
};
struct MarkRefundPaid {
    payments::RefundId id;
    std::optional<Text<255>> reference;
    std::optional<Date> paid_on;
    Reason reason;
};
struct CancelRefund {
    payments::RefundId id;
    Reason reason;
};

// All refuse with illegal_transition what waits for nobody's hand.
// The whole amount has come. Emits payment.captured and order.paid.
payments::Payment mark_paid(Tx&, const Actor&, const MarkPaid&);
// It will not come: it fails with the code `cancelled`. Emits payment.failed.
payments::Payment cancel_payment(Tx&, const Actor&, const CancelPayment&);
// The money went back. Emits refund.succeeded.
payments::Refund mark_refund_paid(Tx&, const Actor&, const MarkRefundPaid&);
// It will not go back: it fails with the code `cancelled`. Emits refund.failed.
payments::Refund cancel_refund(Tx&, const Actor&, const CancelRefund&);

// ---- for pay_order.cpp: the due day

// An operation that nobody is called for: its time comes when the due day is over.
inline constexpr std::string_view overdue_call = "manual_payment.overdue";

// The payment waits from now on, until the end of its due day (UTC) if it has one.
void expect_by(Tx&, const payments::Payment&);
void nobody_is_called(const work::Operation&, std::function<void(work::Result)> done);
// Fails the payment with the code `overdue` when it still waits. Emits payment.failed.
std::optional<store::Answer> settle_overdue(Tx&, const work::Operation&, const work::Result&);

}  // namespace stateset::flows
