#include "flows/pay_order.hpp"

#include <algorithm>

#include "flows/cancel_order.hpp"
#include "flows/manual_payments.hpp"
#include "flows/refund_order.hpp"
#include "flows/status.hpp"
#include "payments/by_hand.hpp"
#include "payments/lifecycle.hpp"
#include "payments/rules.hpp"
#include "platform/store/gather.hpp"
#include "platform/work/answer.hpp"
#include "shipments/shipments.hpp"

namespace stateset::flows {
namespace {

using orders::Order;
using payments::Payment;
using payments::Verdict;

// 13 to 19 digits, as cards are numbered (ISO/IEC 7812), however they are grouped.
bool looks_like_card_number(std::string_view token) {
    constexpr std::ptrdiff_t fewest = 13, most = 19;
    auto digit = [](char c) { return c >= '0' && c <= '9'; };
    auto filler = [](char c) { return c == ' ' || c == '-'; };
    auto digits = std::ranges::count_if(token, digit);
    return digits >= fewest && digits <= most &&
           std::ranges::all_of(token, [&](char c) { return digit(c) || filler(c); });
}

// Who takes the method: what the caller names, else the first.
std::string gateway_for(const PayOrder& wanted) {
    using payments::MethodType;
    if (wanted.method.type == MethodType::exchange) {
        throw invalid("/method/type", "not_allowed", "is what only returns pay with");
    }
    auto takers = payments::payment_rules().card_gateways;
    if (wanted.method.type != MethodType::card) takers = {std::string(payments::manual_gateway)};
    if (takers.empty()) throw invalid("/method/type", "not_supported", "is taken by no gateway");
    if (!wanted.gateway) return takers.front();
    if (std::ranges::find(takers, wanted.gateway->value) == takers.end()) {
        throw invalid("/gateway", "not_supported", "is no gateway here that takes this method");
    }
    return wanted.gateway->value;
}

std::optional<std::string> token_of(const PayBy& method) {
    if (method.type != payments::MethodType::card) {
        if (method.token) throw invalid("/method/token", "not_allowed", "is for cards only");
        return std::nullopt;
    }
    if (!method.token) throw invalid("/method/token", "required", "is required for cards");
    if (looks_like_card_number(method.token->value)) {
        throw invalid("/method/token", "card_number",
                      "must be a token of the gateway, never a card number");
    }
    return method.token->value;
}

std::optional<Date> due_day(const PayOrder& wanted, Date today) {
    bool card = wanted.method.type == payments::MethodType::card;
    if (card && wanted.due_on) throw invalid("/due_on", "not_allowed", "is not for cards");
    if (!card && wanted.capture == false) {
        throw invalid("/capture", "not_allowed", "is for cards only");
    }
    if (wanted.due_on && *wanted.due_on < today) {
        throw invalid("/due_on", "too_early", "must not be over already");
    }
    if (wanted.due_on || wanted.method.type != payments::MethodType::bank_transfer) {
        return wanted.due_on;
    }
    return Date{today.days + payments::payment_rules().bank_transfer_days};
}

Money owed(Tx& tx, const Order& order) {
    auto owed = order.total;
    for (const auto* payment : tx.all<Payment>(order.id)) owed -= payments::counted(*payment);
    return owed;
}

Money captured_for(Tx& tx, const Order& order) {
    Money sum{0, order.currency};
    for (const auto* payment : tx.all<Payment>(order.id)) sum += payment->captured;
    return sum;
}

void require_idle_authorization(const Payment& payment, payments::Action action) {
    next(payments::lifecycle, payment.status, action);
    // `processing` could move on to captured, but only by its gateway's word or by hand.
    if (payments::waits_by_hand(payment)) {
        throw Refusal(codes::illegal_transition,
                      "It is paid by hand: mark it as paid, or cancel it.");
    }
    if (payment.status == payments::Status::processing || payment.operation.value) {
        throw Refusal(payments::payment_busy, "Its outcome at the gateway is not known yet.");
    }
}

// The order and the payment of an operation, with everything that hangs from the order.
struct Parties {
    Order& order;
    Payment& payment;
};

void prepare(Tx& tx, const work::Operation& operation) {
    auto data = payments::call_data(operation);
    gather(
        tx, [&] { tx.find<Order>(data.order_id); }, [&] { tx.find<Payment>(data.payment_id); },
        [&] {
            if (data.refund_id) tx.find<payments::Refund>(*data.refund_id);
        });
}

Parties parties_of(Tx& tx, const payments::CallData& data) {
    auto& order = tx.edit<Order>(data.order_id);
    gather(tx, [&] { load_parts(tx, order); }, [&] { tx.all<shipments::Shipment>(order.id); });
    return {order, tx.edit<Payment>(data.payment_id)};
}

store::Answer still_open(Tx& tx, const payments::CallData& data) {
    const auto& payment = tx.get<Payment>(data.payment_id);
    return work::showing(202, payment, payment.version, payment_path(payment.id));
}

store::Answer shown(int status, const Payment& payment) {
    return work::showing(status, payment, payment.version,
                         status == 201 ? payment_path(payment.id) : std::string());
}

void take_authorization(Tx& tx, Order& order, Payment& payment) {
    payment.status = next(payments::lifecycle, payment.status, payments::Action::authorize);
    tx.emit("payment.authorized", payment);
    if (order.status == orders::Status::cancelled) payments::give_back(tx, payment);
    refresh(tx, order);
}

// Goods on their way, or money that is there or may still arrive, keep the order alive.
bool decline_cancels(Tx& tx, const Order& order) {
    using enum orders::Status;
    if (order.status != pending && order.status != processing && order.status != on_hold) {
        return false;
    }
    bool shipment = std::ranges::any_of(tx.all<shipments::Shipment>(order.id), [](auto* one) {
        return one->status != shipments::Status::cancelled;
    });
    bool money = std::ranges::any_of(tx.all<Payment>(order.id), [](auto* one) {
        return payments::counted(*one) > one->refunded;
    });
    return !shipment && !money;
}

void take_decline(Tx& tx, Order& order, Payment& payment, const payments::Heard& heard) {
    payment.status = next(payments::lifecycle, payment.status, payments::Action::decline);
    payment.failure_code = heard.code.value_or("declined");
    payment.failure_message = heard.message;
    tx.emit("payment.failed", payment);
    if (decline_cancels(tx, order)) {
        cancel(tx, order, "The payment was declined.");
    } else {
        refresh(tx, order);
    }
}

// A capture or void that the gateway refused: the authorization stands as it stood.
store::Answer keep_authorized(Tx& tx, Order& order, Payment& payment, const payments::Heard& heard,
                              const work::Operation& operation, const Code& code) {
    payment.failure_code = heard.code.value_or("declined");
    payment.failure_message = heard.message;
    refresh(tx, order);
    return work::refusing(gateway_says(code, "", heard), payment_path(payment.id),
                          operation.request_id);
}

}  // namespace

std::string payment_path(payments::PaymentId id) { return "/api/v1/payments/" + to_string(id); }

Refusal gateway_says(const Code& code, std::string_view pointer, const payments::Heard& heard) {
    auto message = heard.message.value_or("The gateway gives no reason.");
    return Refusal(code, message,
                   {{std::string(pointer), heard.code.value_or("declined"), message, {}}});
}

Payment& lock_payment(Tx& tx, payments::PaymentId id) {
    auto* seen = tx.peek<Payment>(id);
    if (!seen) throw Refusal(codes::not_found, "There is no such payment.");
    auto order_id = seen->order_id;
    gather(tx, [&] { tx.find<Order>(order_id); }, [&] { tx.find<Payment>(id); });
    load_parts(tx, tx.get<Order>(order_id));
    return tx.edit<Payment>(id);
}

void take_capture(Tx& tx, Order& order, Payment& payment, Money amount) {
    bool was_paid = captured_for(tx, order) >= order.total;
    payment.status = next(payments::lifecycle, payment.status, payments::Action::capture);
    payment.captured = amount;
    tx.emit("payment.captured", payment);
    if (order.status == orders::Status::cancelled) payments::give_back(tx, payment);
    refresh(tx, order);
    if (!was_paid && captured_for(tx, order) >= order.total) tx.emit("order.paid", order);
}

Money positive(const Amount& wanted, Currency currency) {
    auto amount = wanted.in(currency);
    if (!amount) {
        throw invalid("/amount", "too_precise",
                      "has more fraction digits than " + std::string(currency.text()) + " has");
    }
    if (amount->minor <= 0) throw invalid("/amount", "too_small", "must be greater than 0");
    return *amount;
}

Started<Payment> pay_order(Tx& tx, const Actor&, const PayOrder& wanted) {
    auto gateway = gateway_for(wanted);
    auto token = token_of(wanted.method);
    auto due_on = due_day(wanted, date_of(tx.now()));
    auto& order = tx.edit(tx.get<Order>(wanted.order_id, "/order_id"));
    load_parts(tx, order);
    if (order.status == orders::Status::cancelled) {
        throw Refusal(codes::illegal_transition, "A cancelled order cannot be paid.");
    }
    auto left = owed(tx, order);
    auto amount = wanted.amount ? positive(*wanted.amount, order.currency) : left;
    if (left.minor <= 0) {
        throw Refusal(payments::nothing_owed, "Payments made or in flight cover the order.");
    }
    if (amount > left) {
        throw Refusal(payments::exceeds_owed, "The order owes " + to_string(left) + " " +
                                                  std::string(order.currency.text()) + ".");
    }
    Money nothing{0, order.currency};
    auto& payment = tx.add(Payment{.id = tx.new_id(),
                                   .order_id = order.id,
                                   .currency = order.currency,
                                   .amount = amount,
                                   .gateway = std::move(gateway),
                                   .method = {wanted.method.type, {std::move(token)}},
                                   .capture = wanted.capture.value_or(true),
                                   .captured = nothing,
                                   .refunded = nothing,
                                   .refunding = nothing,
                                   .due_on = due_on,
                                   .metadata = wanted.metadata});
    Uuid operation;
    if (payments::by_hand(payment)) {
        expect_by(tx, payment);
    } else {
        operation = payments::begin_authorization(tx, payment);
    }
    refresh(tx, order);
    tx.emit("payment.processing", payment);
    return {payment, operation};
}

Started<Payment> capture_payment(Tx& tx, const Actor&, const CapturePayment& wanted) {
    auto& payment = lock_payment(tx, wanted.id);
    require_idle_authorization(payment, payments::Action::capture);
    auto amount = wanted.amount ? positive(*wanted.amount, payment.currency) : payment.amount;
    if (amount > payment.amount) {
        throw Refusal(payments::exceeds_authorized,
                      "Authorized are " + to_string(payment.amount) + ".");
    }
    auto operation = payments::begin_capture(tx, payment, amount);
    return {payment, operation};
}

Started<Payment> void_payment(Tx& tx, const Actor&, const VoidPayment& wanted) {
    auto& payment = lock_payment(tx, wanted.id);
    require_idle_authorization(payment, payments::Action::void_);
    auto operation = payments::begin_void(tx, payment, payments::Wait::yes);
    return {payment, operation};
}

std::optional<store::Answer> settle_authorization(Tx& tx, const work::Operation& operation,
                                                  const work::Result& result) {
    auto data = payments::call_data(operation);
    if (!result.known) return still_open(tx, data);
    auto heard = payments::heard(result);
    auto [order, payment] = parties_of(tx, data);
    payment.operation.value.reset();
    if (heard.verdict == Verdict::declined) {
        take_decline(tx, order, payment, heard);
        return work::refusing(gateway_says(payments::payment_declined, "/method/token", heard),
                              payment_path(payment.id), operation.request_id);
    }
    payment.gateway_reference = heard.reference;
    if (data.capture) {
        take_capture(tx, order, payment, data.amount);
    } else {
        take_authorization(tx, order, payment);
    }
    return shown(201, payment);
}

std::optional<store::Answer> settle_capture(Tx& tx, const work::Operation& operation,
                                            const work::Result& result) {
    auto data = payments::call_data(operation);
    if (!result.known) return still_open(tx, data);
    auto heard = payments::heard(result);
    auto [order, payment] = parties_of(tx, data);
    payment.operation.value.reset();
    if (heard.verdict == Verdict::declined) {
        if (order.status == orders::Status::cancelled) payments::give_back(tx, payment);
        return keep_authorized(tx, order, payment, heard, operation, payments::payment_declined);
    }
    take_capture(tx, order, payment, data.amount);
    return shown(200, payment);
}

std::optional<store::Answer> settle_void(Tx& tx, const work::Operation& operation,
                                         const work::Result& result) {
    auto data = payments::call_data(operation);
    if (!result.known) return still_open(tx, data);
    auto heard = payments::heard(result);
    auto [order, payment] = parties_of(tx, data);
    payment.operation.value.reset();
    if (heard.verdict == Verdict::declined) {
        return keep_authorized(tx, order, payment, heard, operation, payments::gateway_refused);
    }
    payment.status = next(payments::lifecycle, payment.status, payments::Action::void_);
    refresh(tx, order);
    tx.emit("payment.voided", payment);
    return shown(200, payment);
}

std::vector<work::Kind> payment_operations(const payments::Gateways& gateways) {
    auto call = [&gateways](const work::Operation& operation,
                            std::function<void(work::Result)> done) {
        payments::call(gateways, operation, std::move(done));
    };
    return {
        {.name = payments::authorize_call,
         .call = call,
         .settle = settle_authorization,
         .prepare = prepare},
        {.name = payments::capture_call,
         .call = call,
         .settle = settle_capture,
         .prepare = prepare},
        {.name = payments::void_call, .call = call, .settle = settle_void, .prepare = prepare},
        {.name = payments::refund_call, .call = call, .settle = settle_refund, .prepare = prepare},
        {.name = overdue_call,
         .call = nobody_is_called,
         .settle = settle_overdue,
         .prepare = prepare},
    };
}

}  // namespace stateset::flows
