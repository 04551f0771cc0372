#include "payments/by_hand.hpp"
#include "payments/calls.hpp"
#include "payments/lifecycle.hpp"
#include "payments/rules.hpp"

namespace stateset::payments {
namespace {

CallData data_of(const Payment& payment, Money amount) {
    return {.order_id = payment.order_id,
            .payment_id = payment.id,
            .refund_id = {},
            .gateway = payment.gateway,
            .currency = payment.currency,
            .amount = amount,
            .token = {},
            .reference = payment.gateway_reference.value_or("")};
}

Uuid begin(Tx& tx, std::string_view kind, Uuid subject, const CallData& data, Wait wait) {
    return wait == Wait::yes ? work::begin(tx, kind, subject, stored(data))
                             : work::begin_later(tx, kind, subject, stored(data));
}

}  // namespace

PaymentRules& payment_rules() {
    static PaymentRules rules;
    return rules;
}

Money counted(const Payment& payment) {
    switch (payment.status) {
        case Status::processing:
        case Status::authorized: return payment.amount;
        case Status::failed:
        case Status::voided: return {0, payment.currency};
        case Status::captured:
        case Status::partially_refunded:
        case Status::refunded: return payment.captured;
    }
    return payment.captured;
}

Money refundable(const Payment& payment) {
    return payment.captured - payment.refunded - payment.refunding;
}

bool pins_reservations(const Payment& payment) {
    return payment.status == Status::processing || payment.status == Status::authorized;
}

Uuid begin_authorization(Tx& tx, Payment& payment) {
    auto data = data_of(payment, payment.amount);
    data.token = payment.method.token.value.value_or("");
    data.capture = payment.capture;
    auto operation = begin(tx, authorize_call, payment.id.value, data, Wait::yes);
    payment.operation.value = operation;
    return operation;
}

Uuid begin_capture(Tx& tx, Payment& payment, Money amount) {
    auto operation = begin(tx, capture_call, payment.id.value, data_of(payment, amount), Wait::yes);
    payment.operation.value = operation;
    return operation;
}

Uuid begin_void(Tx& tx, Payment& payment, Wait wait) {
    auto operation = begin(tx, void_call, payment.id.value, data_of(payment, payment.amount), wait);
    payment.operation.value = operation;
    return operation;
}

BegunRefund begin_refund(Tx& tx, Payment& payment, Money amount, std::optional<std::string> reason,
                         Wait wait, std::optional<Id<returns::Return>> return_id) {
    const auto& refund = tx.add(Refund{.id = tx.new_id(),
                                       .payment_id = payment.id,
                                       .order_id = payment.order_id,
                                       .currency = payment.currency,
                                       .amount = amount,
                                       .reason = std::move(reason),
                                       .return_id = return_id});
    payment.refunding += amount;
    if (by_hand(payment)) return {refund.id, {}};
    auto data = data_of(payment, amount);
    data.refund_id = refund.id;
    return {refund.id, begin(tx, refund_call, refund.id.value, data, wait)};
}

void give_back_all(Tx& tx, const orders::Order& order) {
    for (const auto* payment : tx.all<Payment>(order.id)) {
        bool idle = payment->status == Status::authorized && !payment->operation.value;
        bool something = idle || waits_by_hand(*payment) || refundable(*payment).minor > 0;
        if (something) give_back(tx, tx.edit(*payment));
    }
}

void give_back(Tx& tx, Payment& payment) {
    if (payment.status == Status::authorized && !payment.operation.value) {
        begin_void(tx, payment, Wait::no);
    } else if (waits_by_hand(payment)) {
        call_off(tx, payment, "order_cancelled", "The order was cancelled.");
    } else if (auto left = refundable(payment); left.minor > 0) {
        begin_refund(tx, payment, left, "The order was cancelled.", Wait::no);
    }
}

}  // namespace stateset::payments
