#include "flows/refund_order.hpp"

#include "flows/pay_order.hpp"
#include "flows/status.hpp"
#include "payments/calls.hpp"
#include "payments/lifecycle.hpp"
#include "platform/store/gather.hpp"
#include "platform/work/answer.hpp"
#include "returns/returns.hpp"

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

// A return goes on whatever becomes of its refund: its caller is told how it stands.
store::Answer answer_about_return(Tx& tx, returns::ReturnId id) {
    const auto& goods = tx.get<returns::Return>(id);
    bool open = goods.refund_status == returns::RefundProgress::processing;
    return work::showing(open ? 202 : 200, returns::view(tx, goods), goods.version);
}

// The answer to whoever asked: about the refund, or about the order with all refunds it made.
store::Answer answer_about(Tx& tx, int status, const payments::CallData& data) {
    if (!data.order_refunds.empty()) {
        const auto& order = tx.get<Order>(data.order_id);
        return work::showing(status == 201 ? 200 : status,
                             shown_with(tx, order, data.order_refunds), order.version);
    }
    const auto& refund = tx.get<Refund>(*data.refund_id);
    if (refund.return_id) return answer_about_return(tx, *refund.return_id);
    return work::showing(status, refund, refund.version, refund_path(refund.id));
}

// The last operation of a gateway among them; what is given back by hand has none.
Uuid last_operation(const std::vector<BegunRefund>& begun) {
    Uuid last;
    for (const auto& one : begun) {
        if (one.operation) last = one.operation;
    }
    return last;
}

// The refund of an operation, and what its answer will show.
void ask_for_subject(Tx& tx, const payments::CallData& data) {
    const auto* refund = tx.find<Refund>(*data.refund_id);
    if (refund && refund->return_id) tx.find<returns::Return>(*refund->return_id);
    for (auto id : data.order_refunds) tx.find<Refund>(id);
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
    auto operation = last_operation(begun);
    if (operation) payments::answer_for_all(tx, operation, ids);
    return {shown_with(tx, order, ids), operation};
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

BegunRefunds begin_return_refunds(Tx& tx, const Order& order, Money amount,
                                  const std::string& reason, returns::ReturnId return_id) {
    auto begun = draw(tx, order, amount, reason, payments::Wait::yes, return_id);
    BegunRefunds refunds{.refunds = {}, .operation = last_operation(begun)};
    for (const auto& one : begun) refunds.refunds.push_back(one.refund);
    return refunds;
}

std::optional<store::Answer> settle_refund(Tx& tx, const work::Operation& operation,
                                           const work::Result& result) {
    auto data = payments::call_data(operation);
    if (!result.known) return answer_about(tx, 202, data);
    auto heard = payments::heard(result);
    auto& order = tx.edit<Order>(data.order_id);
    gather(tx, [&] { load_parts(tx, order); }, [&] { ask_for_subject(tx, data); });
    auto& payment = tx.edit<Payment>(data.payment_id);
    auto& refund = tx.edit<Refund>(*data.refund_id);
    payment.refunding -= data.amount;
    if (heard.verdict == payments::Verdict::declined) {
        refund.status =
            next(payments::refund_lifecycle, refund.status, payments::RefundAction::fail);
        refund.failure_code = heard.code.value_or("declined");
        returns::follow(tx, refund);
        refresh(tx, order);
        tx.emit("refund.failed", refund);
        if (refund.return_id) return answer_about_return(tx, *refund.return_id);
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
    returns::follow(tx, refund);
    refresh(tx, order);
    tx.emit("refund.succeeded", refund);
    return answer_about(tx, 201, data);
}

}  // namespace stateset::flows
