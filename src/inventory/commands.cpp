#include <algorithm>
#include <iterator>

#include "inventory/tracking.hpp"
#include "platform/store/gather.hpp"

namespace stateset::inventory {
namespace {

// As long as an unpaid order holds its stock.
constexpr Span default_hold = hours(24);

template <std::size_t Max>
std::optional<std::string> text(const std::optional<Text<Max>>& from) {
    return from ? std::optional<std::string>(from->value) : std::nullopt;
}

template <std::size_t Max>
std::optional<std::string> reason_in(const std::optional<Text<Max, 0>>& from) {
    return from && !from->value.empty() ? std::optional<std::string>(from->value) : std::nullopt;
}

// What a reservation by hand can be made of.
struct Source {
    const Balance* balance = nullptr;
    const Lot* lot = nullptr;  // when it is named
};

// Of untracked items the balance alone is asked for.
Source source_of(Tx& tx, const Place& place, const std::optional<Text<64>>& lot_number) {
    Source source;
    auto balance = [&] {
        source.balance =
            tx.find<&Balance::item_id, &Balance::location_id>(place.item->id, place.location->id);
    };
    if (place.item->tracking != Tracking::lot) {
        if (lot_number) throw invalid("/lot_number", "not_tracked", "is not tracked by lot");
        balance();
        return source;
    }
    auto lots = [&] { tx.all<LotBalance>(place.item->id); };
    auto lot = [&] {
        if (!lot_number) return;
        source.lot = tx.find<&Lot::item_id, &Lot::lot_number>(place.item->id, lot_number->value);
        if (!source.lot) throw unknown_reference("/lot_number");
    };
    gather(tx, balance, lots, lot);
    return source;
}

// Which lots the reservations are made of; fewer than wanted when stock does not go so far.
std::vector<Parcel> parcels_of(Tx& tx, const Place& place, const Source& source, Quantity wanted) {
    if (!source.lot) return pick(tx, *source.balance, wanted);
    for (const auto* there : tx.all<LotBalance>(place.item->id)) {
        bool here = there->lot_id == source.lot->id && there->location_id == place.location->id;
        bool usable = there->status.value == LotStatus::active &&
                      (!there->expires_on.value || *there->expires_on.value >= date_of(tx.now()));
        if (here && usable) {
            return {{.lot_id = there->lot_id, .quantity = std::min(wanted, there->available())}};
        }
    }
    return {};
}

}  // namespace

Item create_one(Tx& tx, const Actor&, const NewItem& wanted) {
    if (tx.find<&Item::item_number>(wanted.item_number.value)) {
        throw Refusal(codes::already_exists, "An item with this number exists already.",
                      {{"/item_number", "already_exists", "is in use", {}}});
    }
    auto& item = create_item(tx, wanted.item_number.value, text(wanted.description));
    if (wanted.uom) item.uom = *wanted.uom;
    item.tracking = wanted.tracking.value_or(Tracking::none);
    return item;
}

Item update(Tx& tx, const Actor&, const ItemChanges& wanted) {
    auto& item = tx.edit(resolve(tx, wanted.id));
    if (wanted.description.given) item.description = text(wanted.description.value);
    if (wanted.uom.given) item.uom = wanted.uom.value;
    return item;
}

Balance receive(Tx& tx, const Actor&, const Receive& wanted) {
    require_positive(wanted.quantity, "/quantity");
    auto place = place_of(tx, wanted.id, wanted.location_id);
    Arrival goods{.quantity = wanted.quantity,
                  .lot_number = wanted.lot_number,
                  .expires_on = wanted.expires_on,
                  .serial_numbers = {}};
    if (wanted.serial_numbers) goods.serial_numbers = *wanted.serial_numbers;
    auto& balance =
        arrive(tx, place, goods, {.kind = "receive", .reason = reason_in(wanted.reason)}, "");
    tx.emit("inventory.received", balance);
    return balance;
}

Reserved reserve_one(Tx& tx, const Actor&, const Reserve& wanted) {
    require_positive(wanted.quantity, "/quantity");
    auto place = place_of(tx, wanted.id, wanted.location_id);
    if (place.item->tracking == Tracking::serial) pieces_in(wanted.quantity, "/quantity");
    auto source = source_of(tx, place, wanted.lot_number);
    if (!source.balance) refuse_short(*place.item, wanted.quantity, {}, "/quantity");
    auto available = free_to_reserve(tx, *place.item, *source.balance);
    if (available < wanted.quantity) {
        refuse_short(*place.item, wanted.quantity, available, "/quantity");
    }
    auto parcels = parcels_of(tx, place, source, wanted.quantity);
    Quantity had;
    for (const auto& parcel : parcels) had += parcel.quantity;
    if (had < wanted.quantity) refuse_short(*place.item, wanted.quantity, had, "/quantity");
    auto hold = wanted.expires_in_s ? seconds(wanted.expires_in_s->value) : default_hold;
    std::vector<Reservation> made;
    for (const auto& parcel : parcels) {
        made.push_back(reserve(tx, *source.balance,
                               {.quantity = parcel.quantity,
                                .expires_at = tx.now() + hold,
                                .reference = text(wanted.reference),
                                .lot_id = parcel.lot_id}));
    }
    Reserved reserved{.reservation = {std::move(made.front())}, .other_lots = {}};
    reserved.other_lots.assign(std::make_move_iterator(made.begin() + 1),
                               std::make_move_iterator(made.end()));
    return reserved;
}

Reservation consume_one(Tx& tx, const Actor&, const ConsumeReservation& wanted) {
    if (wanted.quantity) require_positive(*wanted.quantity, "/quantity");
    const auto& reservation = tx.get<Reservation>(wanted.id);
    require(!reservation.order_id, belongs_to_order, "Stock of an order leaves with its shipment.");
    require(!reservation.work_order_id, belongs_to_order,
            "Components of a work order leave when they are issued or something is finished.");
    auto quantity = wanted.quantity.value_or(reservation.held());
    std::vector<std::string> chosen;
    if (wanted.serial_numbers) {
        chosen.assign(wanted.serial_numbers->begin(), wanted.serial_numbers->end());
        auto tracking = tx.get<Item>(reservation.item_id).tracking;
        if (tracking != Tracking::serial) {
            throw invalid("/serial_numbers", "not_tracked",
                          "the item is not tracked by serial number");
        }
        if (chosen.size() != pieces_in(quantity, "/quantity")) {
            refuse_at(serial_count, "/serial_numbers", "there must be one for each piece");
        }
    }
    take(tx, reservation, quantity, "consume", reservation.id.value, chosen,
         wanted.serial_numbers ? "/serial_numbers" : "/quantity");
    return reservation;
}

Balance update_balance(Tx& tx, const Actor&, const BalanceChanges& wanted) {
    bool negative = wanted.reorder_point.given && wanted.reorder_point.value &&
                    *wanted.reorder_point.value < Quantity{};
    if (negative) throw invalid("/reorder_point", "too_small", "must not be negative");
    const auto& found = tx.get<Balance>(wanted.id);
    tx.get<Item>(found.item_id);
    auto& balance = tx.edit(found);
    wanted.reorder_point.apply(balance.reorder_point);
    return balance;
}

Location create_location(Tx& tx, const Actor&, const NewLocation& wanted) {
    if (tx.find<&Location::code>(wanted.code.value)) {
        throw Refusal(codes::already_exists, "A location with this code exists already.",
                      {{"/code", "already_exists", "is in use", {}}});
    }
    auto number = tx.next_global_number("locations", first_free_location);
    auto& location =
        tx.add(Location{.id = LocationId(number), .code = wanted.code, .name = wanted.name});
    if (wanted.type) location.type = *wanted.type;
    if (wanted.priority) location.priority = *wanted.priority;
    location.address = wanted.address;
    return location;
}

Location update_location(Tx& tx, const Actor&, const LocationChanges& wanted) {
    auto& location = tx.edit<Location>(wanted.id);
    if (wanted.name.given) location.name = wanted.name.value;
    if (wanted.type.given) location.type = wanted.type.value;
    if (wanted.priority.given) location.priority = wanted.priority.value;
    wanted.active.apply(location.active);
    wanted.address.apply(location.address);
    return location;
}

}  // namespace stateset::inventory
