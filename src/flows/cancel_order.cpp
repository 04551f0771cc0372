#include "flows/cancel_order.hpp"

#include "flows/backorders.hpp"
#include "flows/status.hpp"
#include "orders/lifecycle.hpp"
#include "payments/payments.hpp"
#include "platform/store/gather.hpp"
#include "shipments/shipments.hpp"

namespace stateset::flows {
namespace {

// What releasing, cancelling and giving back will ask for, all in two rounds.
void load_all(Tx& tx, const orders::Order& order) {
    gather(tx, [&] { load_parts(tx, order); }, [&] { tx.all<shipments::Shipment>(order.id); });
    gather(
        tx, [&] { inventory::gather_stock(tx, active_reservations(tx, order)); },
        [&] { gather_waiting(tx, order); },
        [&] {
            for (const auto* one : tx.all<payments::Payment>(order.id)) {
                tx.all<payments::Refund>(one->id);
            }
        },
        [&] {
            for (const auto* one : tx.all<shipments::Shipment>(order.id)) {
                tx.all<shipments::ShipmentItem>(one->id);
            }
        });
}

}  // namespace

orders::Order cancel_order(Tx& tx, const Actor&, const CancelOrder& wanted) {
    auto& order = tx.edit<orders::Order>(wanted.id);
    std::optional<std::string> reason;
    if (wanted.reason) reason = wanted.reason->value;
    cancel(tx, order, std::move(reason));
    return order;
}

void cancel(Tx& tx, orders::Order& order, std::optional<std::string> reason) {
    orders::move(order, orders::Action::cancel);
    order.cancel_reason = std::move(reason);
    load_all(tx, order);
    for (const auto* one : active_reservations(tx, order)) inventory::release(tx, *one);
    shipments::cancel_unshipped(tx, order);
    payments::give_back_all(tx, order);
    refresh(tx, order);
    tx.emit("order.cancelled", order);
}

}  // namespace stateset::flows
