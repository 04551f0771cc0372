#include "flows/backorders.hpp"

#include <algorithm>
#include <map>

#include "flows/status.hpp"
#include "inventory/lots.hpp"
#include "platform/store/gather.hpp"

namespace stateset::flows {
namespace {

using inventory::Balance;
using inventory::Item;
using inventory::Need;
using orders::Line;
using orders::Order;

std::int64_t whole(Quantity quantity) {
    return std::max<std::int64_t>(0, quantity.scaled / Quantity::one);
}

const Line* line_of(Tx& tx, const Order& order, const std::optional<orders::LineId>& id) {
    for (const auto* line : tx.all<Line>(order.id)) {
        if (line->id == id) return line;
    }
    return nullptr;
}

bool may_wait(Tx& tx, const Order& order, const Need& need) {
    const auto* line = line_of(tx, order, need.order_item_id);
    return line && line->backorder.value;
}

bool any_waits(Tx& tx, const Order& order) {
    return std::ranges::any_of(tx.all<Line>(order.id),
                               [](const Line* line) { return line->backordered > 0; });
}

std::vector<const Item*> items_of(Tx& tx, const std::vector<Need>& needs) {
    return tx.each(needs, [&](const Need& need) {
        const auto* item = tx.find<&Item::item_number>(need.sku);
        if (item) inventory::free_to_reserve(tx, *item);  // loads its stock
        return item;
    });
}

Quantity there_of(Tx& tx, inventory::ItemId item) {
    Quantity sum;
    for (const auto* balance : tx.all<Balance>(item)) {
        if (balance->open.value) sum += inventory::usable_at(tx, *balance);
    }
    return sum;
}

// The order's waiting lines whose turn it is, with their items and stock.
std::vector<const Backorder*> load_turns(Tx& tx, const Order& order,
                                         const std::vector<Turn>& turns) {
    gather(tx, [&] { load_parts(tx, order); }, [&] { tx.all<Backorder>(order.id); });
    std::vector<const Backorder*> waiting;
    for (const auto& turn : turns) {
        auto all = tx.all<Backorder>(order.id);
        auto found = std::ranges::find(all, turn.id, &Backorder::id);
        waiting.push_back(found == all.end() ? nullptr : *found);
    }
    tx.each(waiting, [&](const Backorder* one) {
        const auto* item = one ? tx.find<&Item::item_number>(one->sku) : nullptr;
        if (item) inventory::free_to_reserve(tx, *item);  // loads its stock
        return true;
    });
    return waiting;
}

}  // namespace

std::vector<Shortage> leave_out_missing(Tx& tx, const Order& order, std::vector<Need>& needs) {
    bool any = std::ranges::any_of(tx.all<Line>(order.id), [](const Line* line) {
        return line->track_inventory && line->backorder.value;
    });
    if (!any) return {};
    auto items = items_of(tx, needs);
    std::map<std::string, Quantity> free;
    for (std::size_t i = 0; i < needs.size(); ++i) {
        if (items[i]) free[needs[i].sku] = inventory::free_to_reserve(tx, *items[i]);
    }
    for (const auto& need : needs) {
        if (!may_wait(tx, order, need)) free[need.sku] -= need.quantity;
    }
    std::vector<Shortage> missing;
    for (std::size_t i = 0; i < needs.size(); ++i) {
        auto& need = needs[i];
        if (!items[i] || !may_wait(tx, order, need)) continue;
        auto got = std::min(need.quantity, Quantity::of(whole(free[need.sku])));
        free[need.sku] -= got;
        auto short_by = whole(need.quantity - got);
        need.quantity = got;
        if (short_by == 0) continue;
        missing.push_back({.order_item_id = *need.order_item_id,
                           .item_id = items[i]->id,
                           .sku = need.sku,
                           .quantity = short_by});
    }
    std::erase_if(needs, [](const Need& need) { return need.quantity == Quantity{}; });
    return missing;
}

void begin_waiting(Tx& tx, const Order& order, const std::vector<Shortage>& missing, Time since) {
    for (const auto& one : missing) {
        tx.add(Backorder{.id = tx.new_id(),
                         .order_id = order.id,
                         .order_item_id = one.order_item_id,
                         .item_id = one.item_id,
                         .sku = one.sku,
                         .quantity = one.quantity,
                         .since = since});
        tx.edit<Line>(one.order_item_id).backordered += one.quantity;
        tx.edit<Item>(one.item_id).backordered += Quantity::of(one.quantity);
    }
}

void wait_for_less(Tx& tx, const Backorder& waiting, std::int64_t pieces) {
    tx.edit<Line>(waiting.order_item_id).backordered -= pieces;
    tx.edit<Item>(waiting.item_id).backordered -= Quantity::of(pieces);
    if (pieces == waiting.quantity) {
        tx.remove(waiting);
    } else {
        tx.edit(waiting).quantity -= pieces;
    }
}

void gather_waiting(Tx& tx, const Order& order) {
    if (!any_waits(tx, order)) return;
    gather(
        tx, [&] { tx.all<Backorder>(order.id); },
        [&] {
            tx.each(tx.all<Line>(order.id), [&](const Line* line) {
                if (line->backordered > 0) tx.find<&Item::item_number>(line->sku);
                return true;
            });
        });
}

void stop_waiting(Tx& tx, const Order& order) {
    if (!any_waits(tx, order)) return;
    gather_waiting(tx, order);
    for (const auto* one : tx.all<Backorder>(order.id)) wait_for_less(tx, *one, one->quantity);
}

void fill_backorders(Tx& tx, orders::OrderId id, const std::vector<Turn>& turns) {
    const auto* seen = tx.find<Order>(id);
    if (!seen) return;
    auto waiting = load_turns(tx, *seen, turns);
    std::map<inventory::ItemId, std::int64_t> there;
    std::vector<Need> needs;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        const auto* one = waiting[i];
        if (!one) continue;
        auto first = !there.contains(one->item_id);
        if (first) there[one->item_id] = whole(there_of(tx, one->item_id));
        auto& left = there[one->item_id];
        auto given = std::min({left, one->quantity, turns[i].quantity});
        if (given <= 0) continue;
        left -= given;
        needs.push_back({.sku = one->sku,
                         .quantity = Quantity::of(given),
                         .order_item_id = one->order_item_id,
                         .pointer = {},
                         .has_waited = true});
        wait_for_less(tx, *one, given);
    }
    if (needs.empty()) return;
    auto& order = tx.edit(*seen);
    std::optional<Time> expires_at;
    if (orders::reservations_expire(order, payment_sums(tx, order))) {
        expires_at = tx.now() + order_rules().reservation_lifetime;
    }
    inventory::reserve_all(tx, order.id, needs, expires_at);
    refresh(tx, order);
    tx.emit("order.updated", order);
}

}  // namespace stateset::flows
