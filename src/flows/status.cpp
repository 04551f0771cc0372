#include "flows/status.hpp"

#include <map>

#include "flows/backorders.hpp"
#include "payments/payments.hpp"
#include "platform/store/gather.hpp"

namespace stateset::flows {
namespace {

using inventory::Reservation;
using inventory::ReservationStatus;
using orders::Line;
using orders::Order;
using payments::Payment;

// Lines wait for stock while the order is being processed, also on hold.
bool may_wait(const Order& order) {
    auto status = order.held_from.value.value_or(order.status);
    return status == orders::Status::processing || status == orders::Status::partially_shipped;
}

// Untracked goods are set aside as soon as the order is processed, and for as long.
bool sets_untracked_aside(const Order& order) {
    auto status = order.held_from.value.value_or(order.status);
    return status != orders::Status::pending && status != orders::Status::cancelled;
}

// Each line's `reserved` is what its active reservations still hold.
void follow_reservations(Tx& tx, const Order& order) {
    std::map<orders::LineId, Quantity> held;
    for (const auto* one : active_reservations(tx, order)) {
        if (!one->order_item_id) continue;
        held[*one->order_item_id] += one->quantity - one->consumed;
    }
    for (const auto* line : tx.all<Line>(order.id)) {
        auto reserved = held[line->id].scaled / Quantity::one;
        if (line->reserved != reserved) tx.edit(*line).reserved = reserved;
    }
}

orders::FulfillmentSums fulfillment_sums(Tx& tx, const Order& order) {
    orders::FulfillmentSums sums;
    for (const auto* line : tx.all<Line>(order.id)) {
        bool aside = !line->track_inventory && sets_untracked_aside(order);
        sums.ordered += line->quantity;
        sums.reserved += aside ? line->quantity - line->shipped : line->reserved;
        sums.shipped += line->shipped;
        sums.returned += line->returned;
    }
    return sums;
}

// A reservation has a time to expire exactly while the order as a whole does.
void keep_expiry(Tx& tx, const Order& order, const orders::PaymentSums& sums) {
    bool expires = orders::reservations_expire(order, sums);
    for (const auto* one : active_reservations(tx, order)) {
        if (one->expires_at.has_value() == expires) continue;
        std::optional<Time> end;
        if (expires) end = tx.now() + order_rules().reservation_lifetime;
        inventory::keep_until(tx, *one, end);
    }
}

}  // namespace

OrderRules& order_rules() {
    static OrderRules rules;
    return rules;
}

void refresh(Tx& tx, Order& order) {
    load_parts(tx, order);
    auto paid = payment_sums(tx, order);
    order.payment_status = orders::payment_status(paid);
    if (!may_wait(order)) stop_waiting(tx, order);
    follow_reservations(tx, order);
    order.fulfillment_status = orders::fulfillment_status(fulfillment_sums(tx, order));
    keep_expiry(tx, order, paid);
}

void load_parts(Tx& tx, const Order& order) {
    gather(
        tx, [&] { tx.all<Line>(order.id); }, [&] { tx.all<Reservation>(order.id); },
        [&] { tx.all<Payment>(order.id); });
}

std::vector<const Reservation*> active_reservations(Tx& tx, const Order& order) {
    auto all = tx.all<Reservation>(order.id);
    std::erase_if(all, [](const auto* one) { return one->status != ReservationStatus::active; });
    return all;
}

orders::PaymentSums payment_sums(Tx& tx, const Order& order) {
    orders::PaymentSums sums{.due = order.total.minor};
    for (const auto* payment : tx.all<Payment>(order.id)) {
        sums.captured += payment->captured.minor;
        sums.refunded += payment->refunded.minor;
        if (payment->status == payments::Status::processing)
            sums.processing += payment->amount.minor;
        if (payment->status == payments::Status::authorized)
            sums.authorized += payment->amount.minor;
        if (payment->status == payments::Status::failed) sums.any_failed = true;
        if (payment->status == payments::Status::voided) sums.any_voided = true;
    }
    return sums;
}

}  // namespace stateset::flows
