#include "flows/process_order.hpp"

#include "flows/backorders.hpp"
#include "flows/status.hpp"
#include "orders/lifecycle.hpp"

namespace stateset::flows {
namespace {

std::vector<inventory::Need> needs_of(Tx& tx, const orders::Order& order) {
    std::vector<inventory::Need> needs;
    std::size_t at = 0;
    for (const auto* line : tx.all<orders::Line>(order.id)) {
        auto pointer = "/items/" + std::to_string(at++);
        if (!line->track_inventory) continue;
        needs.push_back({.sku = line->sku,
                         .quantity = Quantity::of(line->quantity),
                         .order_item_id = line->id,
                         .pointer = std::move(pointer)});
    }
    return needs;
}

}  // namespace

orders::Order process_order(Tx& tx, const Actor&, const ProcessOrder& wanted) {
    auto& order = tx.edit<orders::Order>(wanted.id);
    orders::move(order, orders::Action::process);
    load_parts(tx, order);
    auto needs = needs_of(tx, order);
    auto missing = leave_out_missing(tx, order, needs);
    if (!needs.empty()) {
        std::optional<Time> expires_at;
        if (orders::reservations_expire(order, payment_sums(tx, order))) {
            expires_at = tx.now() + order_rules().reservation_lifetime;
        }
        inventory::reserve_all(tx, order.id, needs, expires_at);
    }
    begin_waiting(tx, order, missing, tx.now());
    refresh(tx, order);
    tx.emit("order.processing", order);
    return order;
}

}  // namespace stateset::flows
