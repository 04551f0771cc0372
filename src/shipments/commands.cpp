#include <algorithm>

#include "platform/auth/crypto.hpp"
#include "platform/store/gather.hpp"
#include "shipments/lifecycle.hpp"
#include "shipments/local_carrier.hpp"

namespace stateset::shipments {
namespace {

// How long a carrier may go on signing with the secret before the last rotation.
constexpr Span secret_overlap = hours(24);

template <std::size_t Max, std::size_t Min>
std::optional<std::string> text(const std::optional<Text<Max, Min>>& from) {
    return from ? std::optional<std::string>(from->value) : std::nullopt;
}

Shipment& edited(Tx& tx, ShipmentId id) {
    const auto& shipment = locked(tx, id);
    tx.all<ShipmentItem>(id);
    return tx.edit(shipment);
}

void give_up(Tx& tx, Shipment& shipment, std::optional<std::string> reason) {
    progress(shipment, Action::cancel, tx.now(), std::move(reason));
    tx.emit("shipment.cancelled", shipment);
}

CarrierWithSecret shown(const Carrier& carrier) {
    return {.carrier = {carrier}, .secret = carrier.secret.value};
}

void check_code(const std::string& code) {
    bool plain = std::ranges::all_of(
        code, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
    if (!plain) {
        throw invalid("/code", "malformed", "may hold lower-case letters, digits and hyphens");
    }
}

}  // namespace

Shipment cancel(Tx& tx, const Actor&, const CancelShipment& wanted) {
    auto& shipment = edited(tx, wanted.id);
    give_up(tx, shipment, text(wanted.reason));
    return shipment;
}

Shipment make_label(Tx& tx, const Actor&, const MakeLabel& wanted) {
    auto& shipment = edited(tx, wanted.id);
    progress(shipment, Action::make_label, tx.now(), text(wanted.reason));
    if (wanted.service) shipment.service = wanted.service->value;
    if (wanted.tracking_number) {
        shipment.tracking_number = wanted.tracking_number->value;
    } else if (const auto* carrier = local_carrier(shipment.carrier)) {
        shipment.tracking_number = carrier->tracking_number(shipment.id);
    } else {
        throw invalid("/tracking_number", "required",
                      "is required: " + shipment.carrier + " assigns it elsewhere");
    }
    return shipment;
}

const Shipment& locked(Tx& tx, ShipmentId id) {
    const auto* seen = tx.peek<Shipment>(id);
    if (!seen) throw Refusal(codes::not_found, "There is no such shipment.");
    auto order = seen->order_id;
    gather(tx, [&] { tx.get<orders::Order>(order); }, [&] { tx.get<Shipment>(id); });
    return tx.get<Shipment>(id);
}

void cancel_unshipped(Tx& tx, const orders::Order& order) {
    std::vector<const Shipment*> here;
    for (const auto* shipment : tx.all<Shipment>(order.id)) {
        if (still_here(shipment->status)) here.push_back(shipment);
    }
    tx.each(here, [&](const Shipment* one) { return tx.all<ShipmentItem>(one->id); });
    for (const auto* shipment : here) give_up(tx, tx.edit(*shipment), order.cancel_reason);
}

void progress(Shipment& shipment, Action action, Time at, std::optional<std::string> note) {
    shipment.status = next(lifecycle, shipment.status, action);
    if (shipment.status == Status::shipped) shipment.shipped_at = at;
    if (shipment.status == Status::delivered) shipment.delivered_at = at;
    shipment.history.push_back({.status = shipment.status, .at = at, .note = std::move(note)});
}

ShipmentView view(Tx& tx, const Shipment& shipment) {
    ShipmentView shown{.shipment = {shipment}, .items = {}};
    for (const auto* item : tx.all<ShipmentItem>(shipment.id)) shown.items.push_back(*item);
    return shown;
}

CarrierToCreate with_new_secret(const NewCarrier& wanted) {
    return {.carrier = wanted, .secret = auth::make_webhook_secret()};
}

SecretToRotate with_new_secret(const RotateSecret& wanted) {
    return {.id = wanted.id, .secret = auth::make_webhook_secret()};
}

CarrierWithSecret create_carrier(Tx& tx, const Actor&, const CarrierToCreate& wanted) {
    const auto& [code, name] = wanted.carrier;
    check_code(code);
    if (tx.find<&Carrier::code>(code.value)) {
        throw Refusal(codes::already_exists, "A carrier with this code exists already.",
                      {{"/code", "already_exists", "is in use", {}}});
    }
    return shown(tx.add(Carrier{
        .id = tx.new_id(), .code = code.value, .name = name.value, .secret = {wanted.secret}}));
}

CarrierWithSecret rotate_secret(Tx& tx, const Actor&, const SecretToRotate& wanted) {
    auto& carrier = tx.edit<Carrier>(wanted.id);
    carrier.previous_secret = {carrier.secret.value};
    carrier.previous_secret_until = {tx.now() + secret_overlap};
    carrier.secret = {wanted.secret};
    return shown(carrier);
}

Carrier update_carrier(Tx& tx, const Actor&, const CarrierChanges& wanted) {
    auto& carrier = tx.edit<Carrier>(wanted.id);
    if (wanted.name.given) carrier.name = wanted.name.value.value;
    return carrier;
}

}  // namespace stateset::shipments
