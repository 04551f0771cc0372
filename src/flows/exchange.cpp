#include "flows/exchange.hpp"

#include "flows/status.hpp"
#include "orders/pricing.hpp"
#include "payments/lifecycle.hpp"
#include "platform/store/gather.hpp"
#include "taxes/taxes.hpp"

namespace stateset::flows {
namespace {

using orders::Order;
using payments::Payment;
using payments::Refund;
using returns::Return;

Order& place_exchange(Tx& tx, const Actor& actor, const Order& from, const Return& goods) {
    orders::PlaceOrder wanted{.customer_id = goods.customer_id,
                              .items = {},
                              .currency = from.currency,
                              .shipping_address = from.shipping_address,
                              .billing_address = from.billing_address};
    for (const auto& one : goods.replacements) wanted.items.value.push_back(returns::line_of(one));
    auto placed = orders::place(tx, actor, wanted);
    auto& order = tx.edit<Order>(placed.id);
    order.origin = orders::Origin::exchange;
    order.origin_order_id = from.id;
    order.payment_terms = from.payment_terms;
    return order;
}

Refund& refunded_here(Tx& tx, Payment& payment, Money part, const Return& goods) {
    payment.refunded += part;
    bool all = payment.refunded == payment.captured;
    payment.status = next(payments::lifecycle, payment.status,
                          all ? payments::Action::refund_all : payments::Action::refund_part);
    return tx.add(Refund{.id = tx.new_id(),
                         .payment_id = payment.id,
                         .order_id = payment.order_id,
                         .currency = payment.currency,
                         .amount = part,
                         .status = payments::RefundStatus::succeeded,
                         .reason = "Exchange " + goods.rma_number,
                         .return_id = goods.id});
}

// Takes `credit` from the payments of the first order, oldest first.
std::vector<payments::RefundId> take(Tx& tx, const Order& from, Money credit, const Return& goods) {
    std::vector<payments::RefundId> refunds;
    for (const auto* payment : tx.all<Payment>(from.id)) {
        auto part = std::min(credit, payments::refundable(*payment));
        if (part.minor <= 0) continue;
        const auto& refund = refunded_here(tx, tx.edit(*payment), part, goods);
        tx.emit("refund.succeeded", refund);
        refunds.push_back(refund.id);
        credit -= part;
    }
    return refunds;
}

void pay(Tx& tx, const Order& order, Money credit, const Return& goods) {
    Payment made;
    made.id = tx.new_id();
    made.order_id = order.id;
    made.currency = order.currency;
    made.amount = made.captured = credit;
    made.refunded = made.refunding = Money{0, order.currency};
    made.status = payments::Status::captured;
    made.gateway = payments::exchange_gateway;
    made.method.type = payments::MethodType::exchange;
    made.gateway_reference = goods.rma_number;
    const auto& payment = tx.add(std::move(made));
    tx.emit("payment.captured", payment);
}

}  // namespace

Exchanged exchange(Tx& tx, const Actor& actor, const Order& from, Return& goods, Money credit) {
    auto& order = place_exchange(tx, actor, from, goods);
    goods.exchange_order_id = order.id;
    Exchanged exchanged{.paid = std::min(credit, order.total), .refunds = {}};
    if (exchanged.paid.minor > 0) {
        exchanged.refunds = take(tx, from, exchanged.paid, goods);
        pay(tx, order, exchanged.paid, goods);
    }
    refresh(tx, order);
    if (exchanged.paid.minor > 0 && exchanged.paid == order.total) tx.emit("order.paid", order);
    return exchanged;
}

void ask_for_replacements(Tx& tx, const Return& goods) {
    if (goods.replacements.empty()) return;
    gather(
        tx, [&] { tx.peek<customers::Customer>(goods.customer_id); },
        [&] {
            tx.each(goods.replacements, [&](const returns::Replacement& one) {
                return orders::variant_of(tx, returns::line_of(one));
            });
        });
}

void ask_for_rates(Tx& tx, const Order& from, const Return& goods) {
    if (goods.replacements.empty()) return;
    taxes::table_for(tx, from.shipping_address, from.billing_address);
}

}  // namespace stateset::flows
