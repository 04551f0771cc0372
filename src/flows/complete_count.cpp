#include "flows/complete_count.hpp"

#include <algorithm>

#include "flows/build.hpp"
#include "flows/status.hpp"
#include "inventory/lots.hpp"
#include "platform/store/gather.hpp"
#include "shipments/shipments.hpp"
#include "sql.hpp"

namespace stateset::flows {
namespace {

using inventory::Balance;
using inventory::Count;
using inventory::CountAction;
using inventory::CountLine;
using inventory::Item;
using inventory::Reservation;
using inventory::ReservationStatus;
using orders::Order;

constexpr std::size_t most_named = 20;

struct StockOf {
    inventory::ItemId item_id;
    inventory::LocationId location_id;
};

// A line with the stock that it corrects.
struct Counted {
    const CountLine* line;
    const Item* item;
    const Balance* balance;  // null: there is none yet

    std::optional<Text<64>> lot_number() const {
        return line->lot_number ? std::optional(Text<64>{*line->lot_number}) : std::nullopt;
    }
    // Of the balance, or of the lot there.
    inventory::Counted stock(Tx& tx) const {
        if (!balance) return {};
        return inventory::counted(tx, *balance, {.lot_number = lot_number()});
    }
    Quantity difference() const { return line->counted - line->on_record.value; }
    Quantity target(Tx& tx) const { return stock(tx).on_hand + difference(); }
    bool is_short(Tx& tx) const { return stock(tx).allocated > target(tx); }
};

// Everything that taking stock back from these orders will ask for, level by level, beside what the
// count itself asks for: so that both take no more rounds than one.
void load_reservations(Tx& tx, const std::vector<Holder>& holders) {
    tx.each(holders, [&](const Holder& holder) {
        if (holder.order_id) tx.find<Order>(*holder.order_id);
        if (holder.work_order_id) foresee_taking_back(tx, *holder.work_order_id);
        return tx.find<Reservation>(holder.id);
    });
}

template <class Ask>
void each_order(Tx& tx, const std::vector<Holder>& holders, Ask ask) {
    tx.each(holders, [&](const Holder& holder) {
        const auto* order = holder.order_id ? tx.find<Order>(*holder.order_id) : nullptr;
        if (order) ask(*order);
        return true;
    });
}

void load_parts_of_orders(Tx& tx, const std::vector<Holder>& holders) {
    each_order(tx, holders, [&](const Order& order) {
        gather(tx, [&] { load_parts(tx, order); }, [&] { tx.all<shipments::Shipment>(order.id); });
    });
}

void load_stock_of_orders(Tx& tx, const std::vector<Holder>& holders) {
    each_order(tx, holders, [&](const Order& order) {
        inventory::gather_stock(tx, active_reservations(tx, order));
        for (const auto* one : tx.all<shipments::Shipment>(order.id)) {
            tx.all<shipments::ShipmentItem>(one->id);
        }
    });
}

std::vector<Counted> counted(Tx& tx, const Count& count) {
    return tx.each(tx.all<CountLine>(count.id), [&](const CountLine* line) {
        if (line->lot_number) {
            tx.find<&inventory::Lot::item_id, &inventory::Lot::lot_number>(line->item_id,
                                                                           *line->lot_number);
        }
        return Counted{.line = line,
                       .item = tx.find<Item>(line->item_id),
                       .balance = tx.find<&Balance::item_id, &Balance::location_id>(
                           line->item_id, count.location_id)};
    });
}

// Everything that correcting them will ask for.
void foresee_corrections(Tx& tx, const Count& count, const std::vector<Counted>& lines) {
    const auto* location = tx.peek<inventory::Location>(count.location_id);
    tx.each(lines, [&](const Counted& one) {
        inventory::foresee(tx, {.item = one.item, .location = location},
                           {.lot_number = one.lot_number()});
        return true;
    });
}

std::vector<Holder> all_holders(const Completion& completion) {
    std::vector<Holder> all;
    if (!completion.wanted.release_reservations.value_or(false)) return all;
    for (const auto& [_, holders] : completion.holders) {
        all.insert(all.end(), holders.begin(), holders.end());
    }
    return all;
}

// Of an item tracked by lot only who holds the lot in question.
bool concerns(Tx& tx, const Holder& holder, const Counted& one) {
    return !one.line->lot_number || holder.lot_id == one.stock(tx).lot_id;
}

void refuse_contradictions(Tx& tx, const std::vector<Counted>& lines) {
    std::vector<Fault> faults;
    for (const auto& one : lines) {
        if (one.target(tx) >= Quantity{}) continue;
        auto counted = to_string(one.line->counted);
        auto left = to_string(one.line->on_record.value - one.stock(tx).on_hand);
        faults.push_back(
            {"",
             std::string(count_contradicted.name),
             counted + " of " + one.line->sku + " were counted, and " + left + " have left since",
             {{"sku", one.line->sku}, {"counted", counted}, {"left", left}}});
    }
    if (faults.empty()) return;
    auto detail = faults.front().message;
    throw Refusal(count_contradicted, std::move(detail), std::move(faults));
}

void name_holders(Tx& tx, const Completion& completion, const Counted& one,
                  std::vector<Fault>& faults) {
    auto found = completion.holders.find(one.line->id);
    auto before = faults.size();
    auto add = [&](std::string message, std::map<std::string, std::string> params) {
        params["sku"] = one.line->sku;
        faults.push_back({"/release_reservations", std::string(inventory::below_allocated.name),
                          std::move(message), std::move(params)});
    };
    if (found != completion.holders.end()) {
        for (const auto& holder : found->second) {
            if (faults.size() - before == most_named) break;
            if (!concerns(tx, holder, one)) continue;
            std::map<std::string, std::string> params{{"reservation_id", to_string(holder.id)},
                                                      {"quantity", to_string(holder.held)}};
            if (holder.order_id) params["order_id"] = to_string(*holder.order_id);
            add("reservation " + to_string(holder.id) + " holds " + to_string(holder.held) +
                    " of " + one.line->sku,
                std::move(params));
        }
    }
    if (faults.size() == before) add(one.line->sku + " is promised", {});
}

void refuse_if_short(Tx& tx, const Completion& completion, const std::vector<Counted>& lines) {
    std::vector<Fault> faults;
    std::string detail;
    for (const auto& one : lines) {
        if (!one.is_short(tx)) continue;
        if (detail.empty()) {
            detail = to_string(one.stock(tx).allocated) + " of " + one.line->sku +
                     " is promised, more than the " + to_string(one.target(tx)) +
                     " that would be there.";
        }
        name_holders(tx, completion, one, faults);
    }
    if (!faults.empty()) {
        throw Refusal(inventory::below_allocated, std::move(detail), std::move(faults));
    }
}

bool can_be_taken_back(Tx& tx, const Reservation& reservation) {
    if (reservation.status != ReservationStatus::active) return false;
    if (!reservation.order_id) return true;
    return payment_sums(tx, tx.get<Order>(*reservation.order_id)).processing == 0;
}

// Takes back from one after the other until what is there covers what is promised.
void make_room(Tx& tx, const Actor& actor, const Completion& completion,
               const std::vector<Counted>& lines) {
    for (const auto& one : lines) {
        auto found = completion.holders.find(one.line->id);
        if (!one.is_short(tx) || found == completion.holders.end()) continue;
        for (const auto& holder : found->second) {
            if (!one.is_short(tx)) break;
            if (!concerns(tx, holder, one)) continue;
            const auto* reservation = tx.find<Reservation>(holder.id);
            if (!reservation || !can_be_taken_back(tx, *reservation)) continue;
            release_reservation(tx, actor, {.id = holder.id, .reason = std::nullopt});
        }
    }
}

void correct(Tx& tx, const Count& count, const Counted& one) {
    auto stock = one.stock(tx);
    auto difference = one.difference();
    auto& line = tx.edit(*one.line);
    line.expected = line.on_record.value;
    line.difference = difference;
    line.moved_since = stock.on_hand - line.on_record.value;
    line.on_hand = stock.on_hand + difference;
    if (difference == Quantity{}) return;
    inventory::Shift how{.kind = "count", .reason = count.end_reason, .reference = count.id.value};
    const auto* location = tx.peek<inventory::Location>(count.location_id);
    inventory::Place place{.item = one.item, .location = location};
    if (difference > Quantity{}) {
        inventory::arrive(tx, place, {.quantity = difference, .lot_number = one.lot_number()}, how,
                          "");
    } else {
        inventory::leave(tx, *one.balance,
                         {.quantity = -difference,
                          .lot_number = one.lot_number(),
                          .from = inventory::From::either},
                         how, "");
    }
    tx.emit("inventory.adjusted", inventory::balance_at(tx, place));
}

}  // namespace

Completion find_count_holders(Reads& reads, const Actor&, const CompleteCount& wanted) {
    Completion completion{.wanted = wanted, .holders = {}};
    bool missed = false;
    inventory::OneCount of{wanted.id};
    for (const auto& line : reads.all<ShortLine>(sql::flows::short_counts, of)) {
        // Where a question costs a round trip, all are asked before any is answered.
        try {
            completion.holders[line.id] =
                reads.all<Holder>(sql::flows::holders, StockOf{line.item_id, line.location_id});
        } catch (const store::Miss&) {
            missed = true;
        }
    }
    if (missed) throw store::Miss{};
    return completion;
}

inventory::Count complete_count(Tx& tx, const Actor& actor, const Completion& completion) {
    auto id = completion.wanted.id;
    auto holders = all_holders(completion);
    gather(tx, [&] { tx.get<Count>(id); }, [&] { load_reservations(tx, holders); });
    const auto& found = tx.get<Count>(id);
    auto status = next(inventory::count_lifecycle, found.status, CountAction::complete);
    gather(
        tx, [&] { tx.peek<inventory::Location>(found.location_id); },
        [&] { tx.all<CountLine>(id); }, [&] { load_parts_of_orders(tx, holders); });
    gather(tx, [&] { counted(tx, found); }, [&] { load_stock_of_orders(tx, holders); });
    auto lines = counted(tx, found);
    foresee_corrections(tx, found, lines);
    require(!lines.empty(), nothing_counted, "The count has no lines.");
    refuse_contradictions(tx, lines);
    if (!holders.empty()) make_room(tx, actor, completion, lines);
    refuse_if_short(tx, completion, lines);
    auto& count = tx.edit(found);
    count.status = status;
    count.ended_at = tx.now();
    const auto& reason = completion.wanted.reason;
    if (reason && !reason->value.empty()) count.end_reason = reason->value;
    for (const auto& one : lines) correct(tx, count, one);
    return count;
}

}  // namespace stateset::flows
