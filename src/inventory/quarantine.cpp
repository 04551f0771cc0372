// Stock that may not be used: of a balance, of a lot, and of lots whose day is over.

#include <algorithm>

#include "inventory/tracking.hpp"
#include "inventory/upkeep.hpp"
#include "platform/store/gather.hpp"
#include "sql.hpp"

namespace stateset::inventory {
namespace {

// So that one pass stays short; the next follows at once while there is more.
constexpr std::int64_t most_at_once = 200;

struct DueLot {
    Tenant tenant;
    LotId id;
};

struct DueLotsWanted {
    Date today;
    std::int64_t most;
};

// ---- a part of a balance ----

struct Meant {
    Place place;
    const Balance* balance;
    Quantity quantity;
    const Lot* lot = nullptr;
    std::vector<std::string> numbers;
};

Quantity quantity_in(const Quarantine& wanted) {
    if (wanted.quantity) return *wanted.quantity;
    if (!wanted.serial_numbers) throw invalid("/quantity", "required", "is required");
    return Quantity::of(static_cast<std::int64_t>(wanted.serial_numbers->size()));
}

// Of tracked items the lot or the pieces must be named.
void check_named(const Item& item, const Quarantine& wanted, Quantity quantity) {
    if (item.tracking != Tracking::lot && wanted.lot_number) {
        throw invalid("/lot_number", "not_tracked", "the item is not tracked by lot");
    }
    if (item.tracking != Tracking::serial && wanted.serial_numbers) {
        throw invalid("/serial_numbers", "not_tracked", "the item is not tracked by serial number");
    }
    if (item.tracking == Tracking::lot && !wanted.lot_number) {
        refuse_at(lot_required, "/lot_number", "is required");
    }
    if (item.tracking != Tracking::serial) return;
    if (!wanted.serial_numbers) refuse_at(serials_required, "/serial_numbers", "is required");
    if (wanted.serial_numbers->size() != pieces_in(quantity, "/quantity")) {
        refuse_at(serial_count, "/serial_numbers", "there must be one for each piece");
    }
}

Meant meant_by(Tx& tx, const Quarantine& wanted) {
    auto quantity = quantity_in(wanted);
    require_positive(quantity, "/quantity");
    auto place = place_of(tx, wanted.id, wanted.location_id);
    check_named(*place.item, wanted, quantity);
    Meant meant{.place = place, .balance = nullptr, .quantity = quantity, .numbers = {}};
    gather(
        tx,
        [&] {
            meant.balance = tx.find<&Balance::item_id, &Balance::location_id>(place.item->id,
                                                                              place.location->id);
        },
        [&] {
            if (!wanted.lot_number) return;
            meant.lot =
                tx.find<&Lot::item_id, &Lot::lot_number>(place.item->id, wanted.lot_number->value);
            if (!meant.lot) throw unknown_reference("/lot_number");
            find_lot_at(tx, meant.lot->id, place.location->id);
        });
    if (wanted.serial_numbers) {
        meant.numbers.assign(wanted.serial_numbers->begin(), wanted.serial_numbers->end());
    }
    return meant;
}

// What is there of what is meant.
LotBalance there(Tx& tx, const Meant& meant) {
    if (!meant.balance) return {};
    if (!meant.lot) {
        return {.on_hand = meant.balance->on_hand,
                .allocated = meant.balance->allocated,
                .quarantined = meant.balance->quarantined};
    }
    const auto* lot = find_lot_at(tx, meant.lot->id, meant.balance->location_id);
    return lot ? *lot : LotBalance{};
}

Balance set_apart(Tx& tx, Meant& meant, Quantity by, SerialStatus from, const PieceMove& move) {
    std::vector<const Serial*> pieces;
    if (!meant.numbers.empty()) {
        auto count = meant.numbers.size();
        pieces = pieces_at(tx, *meant.balance, count, from, meant.numbers, "/serial_numbers");
    }
    auto lot = meant.lot ? std::optional(meant.lot->id) : std::nullopt;
    auto& balance = set_apart(tx, *meant.balance, by, lot);
    auto to = move;
    to.to = &balance;
    for (const auto* piece : pieces) move_piece(tx, *piece, to);
    tx.emit("inventory.adjusted", balance);
    return balance;
}

// ---- a whole lot ----

// The lot with all that lies anywhere, its item locked.
struct Whole {
    const Lot* lot;
    const Item* item;
    std::vector<const Balance*> balances;
    std::vector<const LotBalance*> parts;  // of items tracked by lot
    std::vector<const Serial*> pieces;     // of the others, on shelves
};

Whole whole(Tx& tx, LotId id) {
    // Its item never changes, so that it can be asked for together with the lock.
    const auto* seen = tx.peek<Lot>(id);
    if (!seen) throw Refusal(codes::not_found, "There is no such lot.");
    auto item_id = seen->item_id;
    gather(tx, [&] { tx.get<Item>(item_id); }, [&] { tx.get<Lot>(id); });
    Whole found{.lot = &tx.get<Lot>(id), .item = &tx.get<Item>(item_id)};
    gather(
        tx, [&] { found.balances = tx.all<Balance>(item_id); },
        [&] {
            if (found.item->tracking == Tracking::lot) found.parts = tx.all<LotBalance>(item_id);
        });
    std::erase_if(found.parts, [&](const LotBalance* part) { return part->lot_id != id; });
    if (found.item->tracking == Tracking::serial) {
        auto lie =
            tx.each(found.balances, [&](const Balance* one) { return tx.all<Serial>(one->id); });
        for (const auto& here : lie) {
            std::ranges::copy_if(here, std::back_inserter(found.pieces),
                                 [&](const Serial* piece) { return piece->lot_id == id; });
        }
    }
    return found;
}

const Balance& balance_at(const Whole& whole, LocationId location) {
    return **std::ranges::find(whole.balances, location, &Balance::location_id);
}

// Each part takes over what the lot says now, and its balance follows.
void follow(Tx& tx, const Whole& whole, const Lot& lot) {
    for (const auto* found : whole.parts) {
        const auto& balance = balance_at(whole, found->location_id);
        auto& part = tx.edit(*found);
        part.expires_on.value = lot.expires_on;
        bool was_active = part.status.value == LotStatus::active;
        bool is_active = lot.status == LotStatus::active;
        part.status.value = lot.status;
        if (was_active == is_active) continue;
        auto by = is_active ? -part.quarantined : part.available();
        // Of a lot that is not active all that is free is quarantined by any change.
        auto& changed = set_apart(tx, balance, is_active ? by : Quantity{}, lot.id);
        if (by != Quantity{}) tx.emit("inventory.adjusted", changed);
    }
}

void require_all_free(const Whole& whole, const Balance& balance, std::int64_t pieces) {
    if (Quantity::of(pieces) <= balance.available()) return;
    throw Refusal(below_allocated, to_string(balance.allocated) + " of " + whole.item->item_number +
                                       " are promised: release reservations first.");
}

void move_pieces(Tx& tx, const Whole& whole, SerialStatus from, SerialStatus to,
                 std::string_view kind) {
    for (const auto* one : whole.balances) {
        std::vector<const Serial*> here;
        std::ranges::copy_if(whole.pieces, std::back_inserter(here), [&](const Serial* piece) {
            return piece->balance_id.value == one->id && piece->status == from;
        });
        if (here.empty()) continue;
        auto count = static_cast<std::int64_t>(here.size());
        bool set_aside = to == SerialStatus::quarantined;
        if (set_aside) require_all_free(whole, *one, count);
        auto& balance = set_apart(tx, *one, Quantity::of(set_aside ? count : -count), std::nullopt);
        for (const auto* piece : here) {
            move_piece(tx, *piece, {.status = to, .kind = kind, .to = &balance});
        }
        tx.emit("inventory.adjusted", balance);
    }
}

bool is_over(const std::optional<Date>& expires_on, Time now) {
    return expires_on && *expires_on < date_of(now);
}

}  // namespace

Balance quarantine(Tx& tx, const Actor&, const Quarantine& wanted) {
    auto meant = meant_by(tx, wanted);
    auto available = there(tx, meant).available();
    if (meant.balance) available = std::min(available, meant.balance->available());
    if (available < meant.quantity) {
        refuse_short(*meant.place.item, meant.quantity, available, "/quantity");
    }
    return set_apart(tx, meant, meant.quantity, SerialStatus::in_stock,
                     {.status = SerialStatus::quarantined, .kind = "quarantine"});
}

Balance unquarantine(Tx& tx, const Actor&, const Quarantine& wanted) {
    auto meant = meant_by(tx, wanted);
    if (meant.lot) {
        require(meant.lot->status == LotStatus::active, lot_not_usable,
                "The lot as a whole may not be used: release it.");
    }
    auto set_aside = there(tx, meant).quarantined;
    if (set_aside < meant.quantity) {
        refuse_at(not_quarantined, "/quantity", to_string(set_aside) + " is quarantined there");
    }
    return set_apart(tx, meant, -meant.quantity, SerialStatus::quarantined,
                     {.status = SerialStatus::in_stock, .kind = "unquarantine"});
}

Lot quarantine_lot(Tx& tx, const Actor&, const MoveLot& wanted) {
    auto found = whole(tx, wanted.id);
    auto& lot = tx.edit(*found.lot);
    lot.status = next(lot_lifecycle, lot.status, LotAction::quarantine);
    follow(tx, found, lot);
    move_pieces(tx, found, SerialStatus::in_stock, SerialStatus::quarantined, "quarantine");
    return lot;
}

Lot release_lot(Tx& tx, const Actor&, const MoveLot& wanted) {
    auto found = whole(tx, wanted.id);
    auto& lot = tx.edit(*found.lot);
    lot.status = next(lot_lifecycle, lot.status, LotAction::release);
    require(!is_over(lot.expires_on, tx.now()), lot_not_usable,
            "Its day is over: correct expires_on first.");
    follow(tx, found, lot);
    move_pieces(tx, found, SerialStatus::quarantined, SerialStatus::in_stock, "unquarantine");
    return lot;
}

Lot update_lot(Tx& tx, const Actor&, const LotChanges& wanted) {
    auto found = whole(tx, wanted.id);
    auto& lot = tx.edit(*found.lot);
    if (!wanted.expires_on.given) return lot;
    if (found.item->tracking != Tracking::lot && wanted.expires_on.value) {
        throw invalid("/expires_on", "not_tracked", "the item is not tracked by lot");
    }
    lot.expires_on = wanted.expires_on.value;
    bool over = is_over(lot.expires_on, tx.now());
    if (lot.status == LotStatus::active && over) {
        lot.status = next(lot_lifecycle, lot.status, LotAction::expire);
    } else if (lot.status == LotStatus::expired && !over) {
        lot.status = next(lot_lifecycle, lot.status, LotAction::renew);
    }
    follow(tx, found, lot);
    return lot;
}

void expire_lot_if_over(Tx& tx, LotId id) {
    if (!tx.peek<Lot>(id)) return;
    auto found = whole(tx, id);
    if (found.lot->status != LotStatus::active || !is_over(found.lot->expires_on, tx.now())) return;
    auto& lot = tx.edit(*found.lot);
    lot.status = next(lot_lifecycle, lot.status, LotAction::expire);
    follow(tx, found, lot);
}

bool expire_lots(ReadPool& reads,
                 const std::function<bool(Tenant, const std::function<void(Tx&)>&)>& attempt) {
    // Outside of the read: one that is run again must ask the same.
    DueLotsWanted wanted{date_of(system_now()), most_at_once};
    auto due = reads.run(
        no_tenant, [&](Reads& from) { return from.all<DueLot>(sql::inventory::lots_due, wanted); });
    bool any_done = false;
    for (const auto& one : due) {
        any_done |= attempt(one.tenant, [&](Tx& tx) { expire_lot_if_over(tx, one.id); });
    }
    return any_done && due.size() == most_at_once;
}

}  // namespace stateset::inventory
