#include "inventory/inventory.hpp"

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

Refusal short_by(const Item& item, Quantity wanted, Quantity available) {
    auto wanted_text = to_string(wanted), available_text = to_string(available);
    std::string message =
        "wants " + wanted_text + " of " + item.item_number + ", " + available_text + " available";
    return Refusal(
        insufficient_stock, message,
        {{"/quantity",
          std::string(insufficient_stock.name),
          message,
          {{"sku", item.item_number}, {"wanted", wanted_text}, {"available", available_text}}}});
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
    const auto& before = balance_at(tx, place);
    if (before.on_hand > most_on_hand - wanted.quantity) {
        throw invalid("/quantity", "too_large", "the location cannot hold that much");
    }
    auto& balance =
        shift(tx, before,
              {.delta = wanted.quantity, .kind = "receive", .reason = reason_in(wanted.reason)});
    tx.emit("inventory.received", balance);
    return balance;
}

Reservation reserve_one(Tx& tx, const Actor&, const Reserve& wanted) {
    require_positive(wanted.quantity, "/quantity");
    auto place = place_of(tx, wanted.id, wanted.location_id);
    auto* balance =
        tx.find<&Balance::item_id, &Balance::location_id>(place.item->id, place.location->id);
    auto available = balance ? balance->available() : Quantity{};
    if (available < wanted.quantity) throw short_by(*place.item, wanted.quantity, available);
    auto hold = wanted.expires_in_s ? seconds(wanted.expires_in_s->value) : default_hold;
    return reserve(tx, *balance,
                   {.quantity = wanted.quantity,
                    .expires_at = tx.now() + hold,
                    .reference = text(wanted.reference)});
}

Reservation consume_one(Tx& tx, const Actor&, const ConsumeReservation& wanted) {
    if (wanted.quantity) require_positive(*wanted.quantity, "/quantity");
    const auto& reservation = tx.get<Reservation>(wanted.id);
    require(!reservation.order_id, belongs_to_order, "Stock of an order leaves with its shipment.");
    auto quantity = wanted.quantity.value_or(reservation.held());
    consume(tx, reservation, quantity, "consume", reservation.id.value);
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
