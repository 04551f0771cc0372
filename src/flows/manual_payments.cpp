#include "flows/manual_payments.hpp"

#include "flows/pay_order.hpp"
#include "flows/refund_order.hpp"
#include "flows/status.hpp"
#include "payments/by_hand.hpp"
#include "payments/calls.hpp"
#include "payments/lifecycle.hpp"

namespace stateset::flows {
namespace {

using orders::Order;
using payments::Payment;
using payments::Refund;

void require_hand(bool waits) {
    if (waits) return;
    throw Refusal(codes::illegal_transition, "It waits for no hand: its gateway settles it.");
}

// A payment that waits, and its order, both being edited and loaded.
struct Waiting {
    Order& order;
    Payment& payment;
};

Waiting waiting(Tx& tx, payments::PaymentId id, payments::Action action) {
    auto& payment = lock_payment(tx, id);
    next(payments::lifecycle, payment.status, action);
    require_hand(payments::waits_by_hand(payment));
    return {tx.edit<Order>(payment.order_id), payment};
}

Refund& waiting_refund(Tx& tx, payments::RefundId id, payments::RefundAction action) {
    auto* seen = tx.peek<Refund>(id);
    if (!seen) throw Refusal(codes::not_found, "There is no such refund.");
    const auto& payment = lock_payment(tx, seen->payment_id);
    auto& refund = tx.edit<Refund>(id);
    next(payments::refund_lifecycle, refund.status, action);
    require_hand(payments::by_hand(payment));
    return refund;
}

// The refund ends as one whose gateway said so.
Refund settle_by_hand(Tx& tx, const Refund& refund, const payments::Heard& heard) {
    payments::CallData data{.order_id = refund.order_id,
                            .payment_id = refund.payment_id,
                            .refund_id = refund.id,
                            .gateway = {},
                            .currency = refund.currency,
                            .amount = refund.amount,
                            .token = {},
                            .reference = {},
                            .order_refunds = {}};
    work::Operation said{.kind = std::string(payments::refund_call),
                         .subject = refund.id.value,
                         .data = payments::stored(data)};
    settle_refund(tx, said, payments::result_of(heard));
    return refund;
}

Date day_paid(std::optional<Date> wanted, Date today) {
    if (wanted && *wanted > today) {
        throw invalid("/paid_on", "too_late", "must not be in the future");
    }
    return wanted.value_or(today);
}

std::optional<std::string> words(const std::optional<Text<255>>& given) {
    return given ? std::optional(given->value) : std::nullopt;
}

constexpr std::int64_t day_s = 86'400;

Time end_of(Date day) { return Time{} + seconds((day.days + 1) * day_s); }

}  // namespace

Payment mark_paid(Tx& tx, const Actor&, const MarkPaid& wanted) {
    auto [order, payment] = waiting(tx, wanted.id, payments::Action::capture);
    payment.paid_on = day_paid(wanted.paid_on, date_of(tx.now()));
    payment.reference = words(wanted.reference);
    take_capture(tx, order, payment, payment.amount);
    return payment;
}

Payment cancel_payment(Tx& tx, const Actor&, const CancelPayment& wanted) {
    auto [order, payment] = waiting(tx, wanted.id, payments::Action::decline);
    auto why = wanted.reason ? wanted.reason->value : std::string("Nobody expects it any more.");
    payments::call_off(tx, payment, "cancelled", std::move(why));
    refresh(tx, order);
    return payment;
}

Refund mark_refund_paid(Tx& tx, const Actor&, const MarkRefundPaid& wanted) {
    auto& refund = waiting_refund(tx, wanted.id, payments::RefundAction::succeed);
    refund.paid_on = day_paid(wanted.paid_on, date_of(tx.now()));
    refund.reference = words(wanted.reference);
    return settle_by_hand(tx, refund, {.verdict = payments::Verdict::approved});
}

Refund cancel_refund(Tx& tx, const Actor&, const CancelRefund& wanted) {
    const auto& refund = waiting_refund(tx, wanted.id, payments::RefundAction::fail);
    return settle_by_hand(tx, refund,
                          {.verdict = payments::Verdict::declined, .code = "cancelled"});
}

void expect_by(Tx& tx, const Payment& payment) {
    if (!payment.due_on) return;
    payments::CallData data{.order_id = payment.order_id,
                            .payment_id = payment.id,
                            .refund_id = {},
                            .gateway = payment.gateway,
                            .currency = payment.currency,
                            .amount = payment.amount,
                            .token = {},
                            .reference = {},
                            .order_refunds = {}};
    auto id = work::begin_later(tx, overdue_call, payment.id.value, payments::stored(data));
    tx.edit<work::Operation>(id).next_attempt_at = end_of(*payment.due_on);
}

void nobody_is_called(const work::Operation&, std::function<void(work::Result)> done) {
    done({.known = true, .data = {"{}"}});
}

std::optional<store::Answer> settle_overdue(Tx& tx, const work::Operation& operation,
                                            const work::Result&) {
    auto data = payments::call_data(operation);
    auto& payment = lock_payment(tx, data.payment_id);
    if (!payments::waits_by_hand(payment)) return std::nullopt;
    payments::call_off(tx, payment, "overdue", "The money did not come by its due day.");
    refresh(tx, tx.edit<Order>(payment.order_id));
    return std::nullopt;
}

}  // namespace stateset::flows
