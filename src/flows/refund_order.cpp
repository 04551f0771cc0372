#include "flows/refund_order.hpp"

#include "flows/pay_order.hpp"
#include "flows/status.hpp"
#include "payments/calls.hpp"
#include "payments/lifecycle.hpp"
#include "platform/store/gather.hpp"
#include "platform/work/answer.hpp"

namespace stateset::flows {
namespace {

using orders::Order;
using payments::BegunRefund;
using payments::Payment;
using payments::Refund;

std::optional<std::string> text(const Reason& reason) {
    return reason ? std::optional(reason->value) : std::nullopt;
}

void require_left(Money amount, Money left) {
    if (left.minor > 0 && amount <= left) return;
    throw Refusal(payments::refund_exceeds_captured,
                  left.minor > 0 ? "Left to refund are " + to_string(left) + "."
                                 : std::string("Nothing is left to refund."));
}

Money refundable_of(Tx& tx, const Order& order) {
    Money sum{0, order.currency};
    for (const auto* payment : tx.all<Payment>(order.id)) sum += payments::refundable(*payment);
    return sum;
}

// Draws `amount` on the payments of the order, oldest first.
std::vector<BegunRefund> draw(Tx& tx, const Order& order, Money amount,
                              const std::optional<std::string>& reason, payments::Wait wait,
                              std::optional<Id<returns::Return>> return_id = {}) {
    require_left(amount, refundable_of(tx, order));
    std::vector<BegunRefund> begun;
    for (const auto* payment : tx.all<Payment>(order.id)) {
        auto part = std::min(amount, payments::refundable(*payment));
        if (part.minor <= 0) continue;
        begun.push_back(
            payments::begin_refund(tx, tx.edit(*payment), part, reason, wait, return_id));
        amount -= part;
    }
    return begun;
}

OrderRefunds shown_with(Tx& tx, const Order& order, const std::vector<payments::RefundId>& ids) {
    OrderRefunds shown{.order = {order}, .items = {}, .refunds = {}};
    for (const auto* line : tx.all<orders::Line>(order.id)) shown.items.push_back(*line);
    for (auto id : ids) shown.refunds.push_back(tx.get<Refund>(id));
    return shown;
}

std::string refund_path(payments::RefundId id) { return "/api/v1/refunds/" + to_string(id); }

// The answer to whoever asked: about the refund, or about the order with all refunds it made.
store::Answer answer_about(Tx& tx, int status, const payments::CallData& data) {
    if (!data.order_refunds.empty()) {
        const auto& order = tx.get<Order>(data.order_id);
        return work::showing(status == 201 ? 200 : status,
                             shown_with(tx, order, data.order_refunds), order.version);
    }
    const auto& refund = tx.get<Refund>(*data.refund_id);
    return work::showing(status, refund, refund.version, refund_path(refund.id));
}

}  // namespace

Started<Refund> refund_payment(Tx& tx, const Actor&, const RefundPayment& wanted) {
    auto& payment = lock_payment(tx, wanted.id);
    using enum payments::Status;
    if (payment.status != captured && payment.status != partially_refunded &&
        payment.status != refunded) {
        next(payments::lifecycle, payment.status, payments::Action::refund_part);
    }
    auto left = payments::refundable(payment);
    auto amount = wanted.amount ? positive(*wanted.amount, payment.currency) : left;
    require_left(amount, left);
    auto begun =
        payments::begin_refund(tx, payment, amount, text(wanted.reason), payments::Wait::yes);
    return {tx.get<Refund>(begun.refund), begun.operation};
}

Started<OrderRefunds> refund_order(Tx& tx, const Actor&, const RefundOrder& wanted) {
    auto& order = tx.edit<Order>(wanted.id);
    load_parts(tx, order);
    auto amount =
        wanted.amount ? positive(*wanted.amount, order.currency) : refundable_of(tx, order);
    auto begun = draw(tx, order, amount, text(wanted.reason), payments::Wait::yes);
    std::vector<payments::RefundId> ids;
    for (const auto& one : begun) ids.push_back(one.refund);
    payments::answer_for_all(tx, begun.back().operation, ids);
    return {shown_with(tx, order, ids), begun.back().operation};
}

std::vector<payments::RefundId> begin_refunds(Tx& tx, const Order& order, Money amount,
                                              const std::string& reason,
                                              std::optional<Id<returns::Return>> return_id) {
    std::vector<payments::RefundId> ids;
    for (const auto& one : draw(tx, order, amount, reason, payments::Wait::no, return_id)) {
        ids.push_back(one.refund);
    }
    return ids;
}

std::optional<store::Answer> settle_refund(Tx& tx, const work::Operation& operation,
                                           const work::Result& result) {
    auto data = payments::call_data(operation);
    if (!result.known) return answer_about(tx, 202, data);
    auto heard = payments::heard(result);
    auto& order = tx.edit<Order>(data.order_id);
    gather(
        tx, [&] { load_parts(tx, order); },
        [&] {
            for (auto id : data.order_refunds) tx.find<Refund>(id);
        });
    auto& payment = tx.edit<Payment>(data.payment_id);
    auto& refund = tx.edit<Refund>(*data.refund_id);
    payment.refunding -= data.amount;
    if (heard.verdict == payments::Verdict::declined) {
        refund.status =
            next(payments::refund_lifecycle, refund.status, payments::RefundAction::fail);
        refund.failure_code = heard.code.value_or("declined");
        refresh(tx, order);
        tx.emit("refund.failed", refund);
        return work::refusing(gateway_says(payments::gateway_refused, "", heard),
                              refund_path(refund.id), operation.request_id);
    }
    refund.status =
        next(payments::refund_lifecycle, refund.status, payments::RefundAction::succeed);
    refund.gateway_reference = heard.reference;
    payment.refunded += data.amount;
    bool all = payment.refunded == payment.captured;
    payment.status = next(payments::lifecycle, payment.status,
                          all ? payments::Action::refund_all : payments::Action::refund_part);
    refresh(tx, order);
    tx.emit("refund.succeeded", refund);
    return answer_about(tx, 201, data);
}

}  // namespace stateset::flows
