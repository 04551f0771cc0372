#include "flows/take_stock_back.hpp"

#include <algorithm>

#include "flows/backorders.hpp"
#include "flows/build.hpp"
#include "flows/status.hpp"
#include "orders/lifecycle.hpp"
#include "platform/store/gather.hpp"
#include "shipments/shipments.hpp"
#include "sql.hpp"

namespace stateset::flows {
namespace {

using inventory::Balance;
using inventory::Reservation;
using inventory::ReservationStatus;
using orders::Order;

constexpr std::size_t most_named = 20;

struct StockOf {
    inventory::ItemId item_id;
    std::optional<inventory::LocationId> location_id;
};

// Everything that taking stock back from this order will ask for.
void load_all(Tx& tx, const Order& order) {
    gather(tx, [&] { load_parts(tx, order); }, [&] { tx.all<shipments::Shipment>(order.id); });
    gather(
        tx, [&] { inventory::gather_stock(tx, active_reservations(tx, order)); },
        [&] { gather_waiting(tx, order); },
        [&] {
            for (const auto* one : tx.all<shipments::Shipment>(order.id)) {
                tx.all<shipments::ShipmentItem>(one->id);
            }
        });
}

void send_back_to_pending(Tx& tx, Order& order) {
    for (const auto* one : active_reservations(tx, order)) inventory::release(tx, *one);
    shipments::cancel_unshipped(tx, order);
    if (order.status == orders::Status::on_hold) {
        order.held_from.value = orders::Status::pending;
    } else {
        orders::move(order, orders::Action::reservations_expire);
    }
}

bool payment_on_its_way(Tx& tx, const Order& order) {
    return payment_sums(tx, order).processing > 0;
}

// The reservation, its order or work order and the parts of these are locked.
void take_back(Tx& tx, const Reservation& reservation) {
    if (reservation.work_order_id) return take_from_work_order(tx, reservation);
    if (!reservation.order_id) return inventory::release(tx, reservation);
    auto& order = tx.edit<Order>(*reservation.order_id);
    load_all(tx, order);
    auto status = order.held_from.value.value_or(order.status);
    if (status == orders::Status::processing && reservation.status == ReservationStatus::active) {
        send_back_to_pending(tx, order);
    } else {
        inventory::release(tx, reservation);
    }
    refresh(tx, order);
    tx.emit("order.updated", order);
}

// The balance, or its lot, as it should be; refuses what cannot be meant.
Quantity target_of(const inventory::Adjust& wanted, const Balance& balance, Quantity on_hand) {
    if (wanted.delta.has_value() == wanted.on_hand.has_value()) {
        throw invalid("/delta", "required", "give either delta or on_hand");
    }
    if (wanted.expected_version && *wanted.expected_version != balance.version) {
        throw Refusal(codes::precondition_failed,
                      "The balance is at version " + std::to_string(balance.version) + ".");
    }
    const char* pointer = wanted.delta ? "/delta" : "/on_hand";
    auto most = inventory::most_on_hand;
    if (wanted.delta && (*wanted.delta > most || *wanted.delta < -most)) {
        throw invalid(pointer, "too_large", "is too much");
    }
    auto target = wanted.on_hand ? *wanted.on_hand : on_hand + *wanted.delta;
    if (target < Quantity{}) {
        throw invalid(
            pointer, "too_small",
            "would leave " + to_string(target) + "; " + to_string(on_hand) + " is on hand");
    }
    if (target > most) throw invalid(pointer, "too_large", "is too much");
    return target;
}

// Of an item tracked by lot only who holds the lot in question.
bool concerns(const Holder& holder, const inventory::Counted& counted) {
    return !counted.lot_id || holder.lot_id == counted.lot_id;
}

Refusal too_little(const Adjustment& adjustment, const inventory::Counted& counted,
                   Quantity target) {
    return Refusal(
        inventory::below_allocated,
        to_string(counted.allocated) + " is promised, more than the " + to_string(target) +
            " that would be there.",
        name_holders(adjustment.holders, counted, adjustment.wanted.delta ? "/delta" : "/on_hand"));
}

bool can_be_taken_back(Tx& tx, const Reservation& reservation) {
    if (reservation.status != ReservationStatus::active) return false;
    return !reservation.order_id || !payment_on_its_way(tx, tx.get<Order>(*reservation.order_id));
}

}  // namespace

inventory::Reservation release_reservation(Tx& tx, const Actor&,
                                           const inventory::ReleaseReservation& wanted) {
    const auto& reservation = tx.get<Reservation>(wanted.id);
    next(inventory::reservation_lifecycle, reservation.status,
         inventory::ReservationAction::release);
    if (reservation.order_id) {
        const auto& order = tx.get<Order>(*reservation.order_id);
        load_all(tx, order);
        require(!payment_on_its_way(tx, order), codes::illegal_transition,
                "A payment of the order is on its way and needs its stock.");
    }
    take_back(tx, reservation);
    return reservation;
}

void load_holders(Tx& tx, const Holders& holders) {
    tx.each(holders, [&](const Holder& holder) {
        if (holder.order_id) tx.find<Order>(*holder.order_id);
        if (holder.work_order_id) foresee_taking_back(tx, *holder.work_order_id);
        return tx.find<Reservation>(holder.id);
    });
    tx.each(holders, [&](const Holder& holder) {
        if (holder.work_order_id) foresee_taking_back(tx, *holder.work_order_id);
        auto* order = holder.order_id ? tx.find<Order>(*holder.order_id) : nullptr;
        if (order) load_all(tx, *order);
        return true;
    });
}

void make_room(Tx& tx, const Holders& holders, const Balance& balance, const inventory::Adjust& of,
               Quantity most) {
    for (const auto& holder : holders) {
        auto counted = inventory::counted(tx, balance, of);
        if (counted.allocated <= most) return;
        if (!concerns(holder, counted)) continue;
        auto* reservation = tx.find<Reservation>(holder.id);
        if (reservation && can_be_taken_back(tx, *reservation)) take_back(tx, *reservation);
    }
}

std::vector<Fault> name_holders(const Holders& holders, const inventory::Counted& counted,
                                std::string_view pointer) {
    std::vector<Fault> faults;
    for (const auto& holder : holders) {
        if (faults.size() == most_named) break;
        if (!concerns(holder, counted)) continue;
        std::map<std::string, std::string> params{{"reservation_id", to_string(holder.id)},
                                                  {"quantity", to_string(holder.held)}};
        if (holder.order_id) params["order_id"] = to_string(*holder.order_id);
        if (holder.work_order_id) params["work_order_id"] = to_string(*holder.work_order_id);
        faults.push_back(
            {std::string(pointer), std::string(inventory::below_allocated.name),
             "reservation " + to_string(holder.id) + " holds " + to_string(holder.held),
             std::move(params)});
    }
    return faults;
}

Adjustment find_holders(Reads& reads, const Actor&, const inventory::Adjust& wanted) {
    Adjustment adjustment{.wanted = wanted, .holders = {}};
    auto item = inventory::item_of(reads, wanted.id);
    auto balance =
        reads.maybe<Balance>(sql::inventory::balance_at, StockOf{item.id, wanted.location_id});
    if (!balance) return adjustment;
    bool enough = wanted.on_hand ? *wanted.on_hand >= balance->allocated
                                 : !wanted.delta || *wanted.delta >= -balance->available();
    // One lot can be short where the balance is not.
    if (!enough || wanted.lot_number) {
        adjustment.holders =
            reads.all<Holder>(sql::flows::holders, StockOf{item.id, balance->location_id});
    }
    return adjustment;
}

inventory::Balance adjust_stock(Tx& tx, const Actor&, const Adjustment& adjustment) {
    const auto& wanted = adjustment.wanted;
    bool may_release = wanted.release_reservations.value_or(false);
    gather(
        tx, [&] { inventory::place_of(tx, wanted.id, wanted.location_id); },
        [&] {
            if (may_release) load_holders(tx, adjustment.holders);
        });
    auto place = inventory::place_of(tx, wanted.id, wanted.location_id);
    const auto& before = inventory::balance_at(tx, place);
    auto counted = inventory::counted(tx, before, wanted);
    auto target = target_of(wanted, before, counted.on_hand);
    if (target < counted.allocated) {
        if (may_release) make_room(tx, adjustment.holders, before, wanted, target);
        auto left = inventory::counted(tx, before, wanted);
        if (left.allocated > target) throw too_little(adjustment, left, target);
    }
    auto delta = target - counted.on_hand;
    if (delta == Quantity{}) return before;
    auto& balance = inventory::adjust_by(tx, place, wanted, delta);
    tx.emit("inventory.adjusted", balance);
    return balance;
}

}  // namespace stateset::flows
