// Goods that come and go, told apart.

#include "inventory/lots.hpp"

#include <algorithm>
#include <stdexcept>

#include "inventory/tracking.hpp"
#include "platform/store/gather.hpp"

namespace stateset::inventory {
namespace {

// So that all pieces of a shelf can be looked at together.
constexpr Quantity most_pieces = Quantity::of(10'000);

const Lot* find_lot(Tx& tx, const Item& item, std::string_view number) {
    return tx.find<&Lot::item_id, &Lot::lot_number>(item.id, number);
}

const Serial* find_piece(Tx& tx, ItemId item, const std::string& number) {
    return tx.find<&Serial::item_id, &Serial::serial_number>(item, number);
}

void refuse_without_lot(const std::string& pointer) {
    refuse_at(lot_required, pointer + "/lot_number", "is required");
}

// Faults of what was said about how the goods are tracked, before anything is looked up.
template <class Goods>
void check_tracking(const Item& item, const Goods& goods, const std::string& pointer) {
    bool by_serial = item.tracking == Tracking::serial;
    if (item.tracking == Tracking::none && goods.lot_number) {
        throw invalid(pointer + "/lot_number", "not_tracked", "the item is not tracked by lot");
    }
    if (!by_serial && !goods.serial_numbers.empty()) {
        throw invalid(pointer + "/serial_numbers", "not_tracked",
                      "the item is not tracked by serial number");
    }
    if (!by_serial) return;
    auto count = pieces_in(goods.quantity, pointer + "/quantity");
    if (goods.serial_numbers.empty()) return;
    if (goods.serial_numbers.size() != count) {
        refuse_at(serial_count, pointer + "/serial_numbers",
                  std::to_string(goods.serial_numbers.size()) + " numbers for " +
                      std::to_string(count) + " pieces");
    }
    std::vector<std::string> seen(goods.serial_numbers.begin(), goods.serial_numbers.end());
    std::ranges::sort(seen);
    auto twice = std::ranges::adjacent_find(seen);
    if (twice != seen.end()) {
        throw invalid(pointer + "/serial_numbers", "duplicate", *twice + " is given twice");
    }
}

void check_arrival(const Item& item, const Arrival& goods, const std::string& pointer) {
    require_positive(goods.quantity, pointer + "/quantity");
    check_tracking(item, goods, pointer);
    if (item.tracking == Tracking::lot && !goods.lot_number) refuse_without_lot(pointer);
    if (item.tracking == Tracking::serial && goods.serial_numbers.empty()) {
        refuse_at(serials_required, pointer + "/serial_numbers", "is required");
    }
    if (goods.expires_on && item.tracking != Tracking::lot) {
        throw invalid(pointer + "/expires_on", "not_tracked", "the item is not tracked by lot");
    }
}

const Lot& lot_for(Tx& tx, const Item& item, std::string_view number,
                   std::optional<Date> expires_on, const std::string& pointer) {
    const auto* found = find_lot(tx, item, number);
    if (found) {
        if (expires_on && found->expires_on != expires_on) {
            auto day = found->expires_on ? "on " + to_string(*found->expires_on) : "never";
            refuse_at(lot_differs, pointer + "/expires_on",
                      "lot " + found->lot_number + " expires " + day);
        }
        return *found;
    }
    bool over = expires_on && *expires_on < date_of(tx.now());
    return tx.add(Lot{.id = tx.new_id(),
                      .item_id = item.id,
                      .lot_number = std::string(number),
                      .expires_on = expires_on,
                      .status = over ? LotStatus::expired : LotStatus::active});
}

void put_lot(Tx& tx, const Item& item, const Lot& lot, LocationId location) {
    tx.add(LotBalance{.id = lot_balance_id(lot.id, location),
                      .item_id = item.id,
                      .lot_id = lot.id,
                      .location_id = location,
                      .expires_on = {lot.expires_on},
                      .status = {lot.status}});
}

// New pieces, and such that come back.
void put_pieces(Tx& tx, const Balance& balance, const Arrival& goods, std::optional<LotId> lot,
                const PieceMove& move, const std::string& pointer) {
    for (std::size_t i = 0; i < goods.serial_numbers.size(); ++i) {
        const auto& number = goods.serial_numbers[i].value;
        const auto* known = find_piece(tx, balance.item_id, number);
        if (known && known->balance_id.value) {
            refuse_at(serial_in_stock, pointer + "/serial_numbers/" + std::to_string(i),
                      number + " is in stock already");
        }
        auto& piece =
            known ? move_piece(tx, *known, move) : add_piece(tx, balance, number, lot, move);
        if (lot) piece.lot_id = lot;
        if (move.kind == "produce" && move.reference) piece.made_by = *move.reference;
    }
}

Balance& arrive_pieces(Tx& tx, const Place& place, const Balance& before, const Arrival& goods,
                       Shift& how, const std::string& pointer) {
    if (before.on_hand + goods.quantity > most_pieces) {
        refuse_at(too_many_serials, pointer + "/quantity", "at most 10000 can lie there");
    }
    const Lot* lot = nullptr;
    if (goods.lot_number) {
        lot = &lot_for(tx, *place.item, goods.lot_number->value, goods.expires_on, pointer);
    }
    bool bad = how.quarantined > Quantity{} || (lot && lot->status != LotStatus::active);
    if (bad) how.quarantined = goods.quantity;
    auto& balance = book(tx, before, how);
    put_pieces(tx, balance, goods, lot ? std::optional(lot->id) : std::nullopt,
               {.status = bad ? SerialStatus::quarantined : SerialStatus::in_stock,
                .kind = how.kind,
                .reference = how.reference,
                .to = &balance},
               pointer);
    return balance;
}

// ---- goods that go ----

Quantity left_of(From from, Quantity on_hand, Quantity allocated, Quantity quarantined) {
    if (from == From::quarantined) return quarantined;
    return from == From::either ? on_hand - allocated : on_hand - allocated - quarantined;
}

template <class Stock>
void require_there(const Item& item, const Stock& stock, const Departure& goods,
                   const std::string& pointer) {
    auto there = left_of(goods.from, stock.on_hand, stock.allocated, stock.quarantined);
    if (there >= goods.quantity) return;
    if (goods.from == From::quarantined) {
        refuse_at(not_quarantined, pointer + "/quantity",
                  to_string(there) + " of " + item.item_number + " is quarantined there");
    }
    refuse_short(item, goods.quantity, there, pointer + "/quantity");
}

// By how much `quarantined` falls when that much goes.
Quantity off_quarantine(From from, Quantity quantity, Quantity available) {
    if (from == From::available) return {};
    if (from == From::quarantined) return quantity;
    return std::max(quantity - available, Quantity{});
}

Shift departure(const Shift& how, Quantity quantity, Quantity quarantined,
                std::optional<LotId> lot) {
    Shift shift = how;
    shift.delta = -quantity;
    shift.allocated = {};
    shift.quarantined = -quarantined;
    shift.lot_id = lot;
    return shift;
}

Arrival leave_lot(Tx& tx, const Balance& balance, const Lot& lot, Quantity quantity, From from,
                  const Shift& how) {
    auto available = find_lot_at(tx, lot.id, balance.location_id)->available();
    book(tx, balance, departure(how, quantity, off_quarantine(from, quantity, available), lot.id));
    return {.quantity = quantity,
            .lot_number = Text<64>{lot.lot_number},
            .expires_on = lot.expires_on,
            .serial_numbers = {}};
}

const Lot& lot_named(Tx& tx, const Item& item, const std::string& number,
                     const std::string& pointer) {
    const auto* lot = find_lot(tx, item, number);
    if (!lot) throw unknown_reference(pointer + "/lot_number");
    return *lot;
}

// Nothing of a lot that does not lie there.
LotBalance lot_at(Tx& tx, const Lot& lot, LocationId location) {
    const auto* there = find_lot_at(tx, lot.id, location);
    return there ? *there : LotBalance{};
}

std::vector<Arrival> leave_lots(Tx& tx, const Item& item, const Balance& balance,
                                const Departure& goods, const Shift& how,
                                const std::string& pointer) {
    if (goods.lot_number) {
        const auto& lot = lot_named(tx, item, goods.lot_number->value, pointer);
        require_there(item, lot_at(tx, lot, balance.location_id), goods, pointer);
        return {leave_lot(tx, balance, lot, goods.quantity, goods.from, how)};
    }
    if (goods.from != From::available) refuse_without_lot(pointer);
    auto usable = usable_at(tx, balance);
    if (usable < goods.quantity) {
        refuse_short(item, goods.quantity, usable, pointer + "/quantity");
    }
    auto parcels = pick(tx, balance, goods.quantity);
    auto lots = tx.each(parcels, [&](const Parcel& one) { return tx.find<Lot>(*one.lot_id); });
    std::vector<Arrival> left;
    for (std::size_t i = 0; i < parcels.size(); ++i) {
        if (!lots[i]) throw std::logic_error("a balance of a lot that does not exist");
        left.push_back(leave_lot(tx, balance, *lots[i], parcels[i].quantity, goods.from, how));
    }
    return left;
}

SerialStatus status_after(std::string_view kind) {
    if (kind == "transfer") return SerialStatus::in_transit;
    return kind == "consume" ? SerialStatus::consumed : SerialStatus::scrapped;
}

std::vector<const Serial*> pieces_to_leave(Tx& tx, const Balance& balance, const Departure& goods,
                                           const std::string& pointer) {
    auto count = pieces_in(goods.quantity, pointer + "/quantity");
    std::vector<std::string> chosen(goods.serial_numbers.begin(), goods.serial_numbers.end());
    auto where = pointer + (chosen.empty() ? "/quantity" : "/serial_numbers");
    if (goods.from != From::either) {
        auto status =
            goods.from == From::available ? SerialStatus::in_stock : SerialStatus::quarantined;
        return pieces_at(tx, balance, count, status, chosen, where);
    }
    if (chosen.empty()) refuse_at(serials_required, pointer + "/serial_numbers", "is required");
    std::vector<const Serial*> pieces;
    auto found = tx.each(
        chosen, [&](const std::string& number) { return find_piece(tx, balance.item_id, number); });
    for (const auto* piece : found) {
        if (piece && piece->balance_id.value == balance.id) pieces.push_back(piece);
    }
    if (pieces.size() < count) {
        refuse_at(serial_not_here, where,
                  std::to_string(pieces.size()) + " of the pieces named are there");
    }
    return pieces;
}

std::vector<Arrival> leave_pieces(Tx& tx, const Item& item, const Balance& balance,
                                  const Departure& goods, const Shift& how,
                                  const std::string& pointer) {
    require_there(item, balance, goods, pointer);
    auto pieces = pieces_to_leave(tx, balance, goods, pointer);
    auto set_apart = std::ranges::count(pieces, SerialStatus::quarantined, &Serial::status);
    // Pieces are not reserved by number: what is promised must still be there afterwards.
    auto good = goods.quantity - Quantity::of(set_apart);
    if (good > balance.available()) {
        refuse_short(item, good, balance.available(), pointer + "/quantity");
    }
    book(tx, balance, departure(how, goods.quantity, Quantity::of(set_apart), std::nullopt));
    Arrival left{.quantity = goods.quantity};
    for (const auto* piece : pieces) {
        auto& gone = move_piece(
            tx, *piece,
            {.status = status_after(how.kind), .kind = how.kind, .reference = how.reference});
        if (how.kind == "consume" && how.reference) gone.work_order_id = *how.reference;
        left.serial_numbers.push_back({gone.serial_number});
    }
    return {std::move(left)};
}

template <class Items>
std::vector<Text<64>> numbers_in(const Items& given) {
    if (!given) return {};
    return given->value;
}

}  // namespace

[[noreturn]] void refuse_at(const Code& code, const std::string& pointer,
                            const std::string& message) {
    throw Refusal(code, pointer + ": " + message, {{pointer, std::string(code.name), message, {}}});
}

void refuse_short(const Item& item, Quantity wanted, Quantity available,
                  const std::string& pointer) {
    auto wanted_text = to_string(wanted), available_text = to_string(available);
    std::string message =
        "wants " + wanted_text + " of " + item.item_number + ", " + available_text + " available";
    throw Refusal(
        insufficient_stock, message,
        {{pointer,
          std::string(insufficient_stock.name),
          message,
          {{"sku", item.item_number}, {"wanted", wanted_text}, {"available", available_text}}}});
}

const Lot& lot_for(Tx& tx, const Item& item, std::string_view lot_number,
                   std::optional<Date> expires_on) {
    return lot_for(tx, item, lot_number, expires_on, "");
}

void foresee(Tx& tx, const Place& place, const Arrival& goods) {
    tx.find<&Balance::item_id, &Balance::location_id>(place.item->id, place.location->id);
    if (place.item->tracking == Tracking::none) return;
    if (goods.lot_number) {
        const auto* lot = find_lot(tx, *place.item, goods.lot_number->value);
        if (lot && place.item->tracking == Tracking::lot) {
            find_lot_at(tx, lot->id, place.location->id);
        }
    }
    for (const auto& number : goods.serial_numbers) find_piece(tx, place.item->id, number.value);
}

void foresee(Tx& tx, const Balance& balance, const Departure& goods) {
    const auto& item = item_of(tx, balance);
    if (item.tracking == Tracking::none) return;
    if (item.tracking == Tracking::serial && goods.serial_numbers.empty()) {
        tx.all<Serial>(balance.id);
    }
    for (const auto& number : goods.serial_numbers) find_piece(tx, item.id, number.value);
    if (item.tracking != Tracking::lot) return;
    if (!goods.lot_number) {
        for (const auto* lot : tx.all<LotBalance>(item.id)) {
            if (lot->location_id == balance.location_id) tx.find<Lot>(lot->lot_id);
        }
    } else if (const auto* lot = find_lot(tx, item, goods.lot_number->value)) {
        find_lot_at(tx, lot->id, balance.location_id);
    }
}

Balance& arrive(Tx& tx, const Place& place, const Arrival& goods, Shift how,
                const std::string& pointer) {
    const auto& item = *place.item;
    check_arrival(item, goods, pointer);
    gather(tx, [&] { foresee(tx, place, goods); });
    const auto& before = balance_at(tx, place);
    if (before.on_hand > most_on_hand - goods.quantity) {
        throw invalid(pointer + "/quantity", "too_large", "the location cannot hold that much");
    }
    how.delta = goods.quantity;
    how.allocated = {};
    how.lot_id = std::nullopt;
    if (how.quarantined > Quantity{}) how.quarantined = goods.quantity;
    if (item.tracking == Tracking::serial) {
        return arrive_pieces(tx, place, before, goods, how, pointer);
    }
    if (item.tracking == Tracking::lot) {
        bool lies_nowhere = !find_lot(tx, item, goods.lot_number->value);
        const auto& lot = lot_for(tx, item, goods.lot_number->value, goods.expires_on, pointer);
        if (lies_nowhere || !find_lot_at(tx, lot.id, place.location->id)) {
            put_lot(tx, item, lot, place.location->id);
        }
        how.lot_id = lot.id;
    }
    return book(tx, before, how);
}

std::vector<Arrival> leave(Tx& tx, const Balance& balance, const Departure& goods, Shift how,
                           const std::string& pointer) {
    require_positive(goods.quantity, pointer + "/quantity");
    const auto& item = item_of(tx, balance);
    check_tracking(item, goods, pointer);
    gather(tx, [&] { foresee(tx, balance, goods); });
    if (item.tracking == Tracking::lot) {
        return leave_lots(tx, item, balance, goods, how, pointer);
    }
    if (item.tracking == Tracking::serial) {
        return leave_pieces(tx, item, balance, goods, how, pointer);
    }
    require_there(item, balance, goods, pointer);
    auto quarantined = off_quarantine(goods.from, goods.quantity, balance.available());
    book(tx, balance, departure(how, goods.quantity, quarantined, std::nullopt));
    return {Arrival{.quantity = goods.quantity}};
}

Counted counted(Tx& tx, const Balance& balance, const Adjust& wanted) {
    const auto& item = item_of(tx, balance);
    Counted all{.on_hand = balance.on_hand, .allocated = balance.allocated, .lot_id = {}};
    if (item.tracking == Tracking::none) return all;
    if (item.tracking == Tracking::serial) {
        if (wanted.on_hand) {
            throw invalid("/on_hand", "not_tracked", "give delta and the serial numbers");
        }
        return all;
    }
    if (!wanted.lot_number) refuse_without_lot("");
    const auto* lot = find_lot(tx, item, wanted.lot_number->value);
    if (!lot) return {};
    const auto* there = find_lot_at(tx, lot->id, balance.location_id);
    if (!there) return {.on_hand = {}, .allocated = {}, .lot_id = lot->id};
    return {.on_hand = there->on_hand, .allocated = there->allocated, .lot_id = lot->id};
}

Balance& adjust_by(Tx& tx, const Place& place, const Adjust& wanted, Quantity delta) {
    Shift how{.kind = "adjust", .reason = wanted.reason.value};
    auto numbers = numbers_in(wanted.serial_numbers);
    if (delta > Quantity{}) {
        return arrive(tx, place,
                      {.quantity = delta,
                       .lot_number = wanted.lot_number,
                       .expires_on = wanted.expires_on,
                       .serial_numbers = std::move(numbers)},
                      how, "");
    }
    const auto& balance = balance_at(tx, place);
    leave(tx, balance,
          {.quantity = -delta,
           .lot_number = wanted.lot_number,
           .serial_numbers = std::move(numbers),
           .from = From::either},
          how, "");
    return tx.edit(balance);
}

}  // namespace stateset::inventory
