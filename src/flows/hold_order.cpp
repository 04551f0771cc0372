#include "flows/hold_order.hpp"

#include "flows/status.hpp"
#include "orders/lifecycle.hpp"

namespace stateset::flows {

orders::Order hold_order(Tx& tx, const Actor&, const HoldOrder& wanted) {
    auto& order = tx.edit<orders::Order>(wanted.id);
    orders::move(order, orders::Action::hold);
    if (wanted.reason && !wanted.reason->value.empty()) order.hold_reason = wanted.reason->value;
    refresh(tx, order);
    tx.emit("order.on_hold", order);
    return order;
}

orders::Order release_order(Tx& tx, const Actor&, const ReleaseOrder& wanted) {
    auto& order = tx.edit<orders::Order>(wanted.id);
    orders::move(order, orders::Action::release);
    refresh(tx, order);
    tx.emit("order.released", order);
    return order;
}

}  // namespace stateset::flows
