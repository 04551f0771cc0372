#include "flows/expire_reservations.hpp"

#include <algorithm>

#include "flows/backorders.hpp"
#include "flows/status.hpp"
#include "orders/lifecycle.hpp"
#include "platform/store/gather.hpp"
#include "shipments/shipments.hpp"

namespace stateset::flows {
namespace {

using inventory::Reservation;

void expire(Tx& tx, orders::Order& order, const std::vector<const Reservation*>& held) {
    gather(
        tx, [&] { inventory::gather_stock(tx, held); }, [&] { gather_waiting(tx, order); },
        [&] { tx.all<shipments::Shipment>(order.id); });
    for (const auto* one : held) {
        inventory::release(tx, *one, inventory::ReservationAction::expire);
    }
    shipments::cancel_unshipped(tx, order);
    orders::move(order, orders::Action::reservations_expire);
    refresh(tx, order);
    tx.emit("order.updated", order);
}

}  // namespace

void expire_reservations(Tx& tx, orders::OrderId id) {
    const auto* seen = tx.find<orders::Order>(id);
    if (!seen) return;
    load_parts(tx, *seen);
    auto held = active_reservations(tx, *seen);
    bool due = std::ranges::any_of(
        held, [&](const auto* one) { return one->expires_at && *one->expires_at <= tx.now(); });
    if (!due) return;
    auto& order = tx.edit(*seen);
    if (orders::reservations_expire(order, payment_sums(tx, order))) {
        expire(tx, order, held);
    } else {
        refresh(tx, order);
    }
}

}  // namespace stateset::flows
