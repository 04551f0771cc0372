#pragma once
// A shipment takes goods of one order from one location to the customer. Making it assigns the
// carrier, the tracking number and the label; shipping it takes the stock off the shelf. Carriers
// report progress; late or repeated reports change nothing.
//
// Everything that also moves the order or its stock (making, shipping, delivering, a carrier's
// report) is in flows/ship_order.hpp; here are the shipment itself, its label and its carriers.

#include "inventory/inventory.hpp"
#include "orders/orders.hpp"
#include "platform/store/idempotency.hpp"

namespace stateset::shipments {

struct Shipment;
struct ShipmentItem;
struct Carrier;
using ShipmentId = Id<Shipment>;
using CarrierId = Id<Carrier>;

enum class Status {
    pending,
    label_created,
    shipped,
    in_transit,
    out_for_delivery,
    delivered,
    exception,
    returned_to_sender,
    cancelled
};
enum class Action {
    make_label,
    ship,
    move,
    out_for_delivery,
    deliver,
    fail,
    return_to_sender,
    cancel
};

struct Progress {  // one line of the history
    Status status;
    Time at;
    std::optional<std::string> note;
};

struct Shipment {
    ShipmentId id;
    std::int64_t version = 1;
    orders::OrderId order_id;
    inventory::LocationId location_id;  // what it lacks there, other reservations of the order give
    Status status = Status::pending;
    std::string carrier;  // a carrier's code
    std::optional<std::string> service, tracking_number;
    std::optional<customers::PostalAddress> ship_to;
    std::vector<Progress> history;
    std::optional<Time> shipped_at, delivered_at;
    Metadata metadata;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

struct ShipmentItem {
    Id<ShipmentItem> id;
    ShipmentId shipment_id;
    orders::LineId order_item_id;
    std::string sku;
    std::int64_t quantity = 0;
    std::vector<std::string> serial_numbers;  // of items tracked by serial, once they have left
};

// Who carries for this tenant, and the secret that its reports are signed with. `sandbox` needs no
// row to ship with; it needs one to send reports.
struct Carrier {
    CarrierId id;
    std::int64_t version = 1;
    std::string code;  // unique: "sandbox"
    std::string name;
    Secret<std::string> secret;  // "whsec_…"
    // The secret before the last rotation still counts for a while, so that no report is lost.
    Secret<std::optional<std::string>> previous_secret;
    Secret<std::optional<Time>> previous_secret_until;
    Time created_at, updated_at;
};

// A report of a carrier that was taken in: the same event id never counts twice. Never changed.
struct CarrierMessage {
    Uuid id;
    std::string carrier, event_id;
    ShipmentId shipment_id;
    Time created_at;
};

struct ShipmentView {
    Flat<Shipment> shipment;
    std::vector<ShipmentItem> items;
};

// A row of a list.
struct ShipmentRow {
    Flat<Shipment> shipment;
    Expanded<std::vector<ShipmentItem>> items;
};

// A carrier just after its secret was made: the only time it is shown.
struct CarrierWithSecret {
    Flat<Carrier> carrier;
    std::string secret;
};

struct ById {
    ShipmentId id;
};

struct ByTrackingNumber {
    Text<100> number;
};

enum class Expand { items };

struct ListShipments {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<orders::OrderId> order_id;
    std::optional<Status> status;
    std::optional<Text<50>> carrier;
    std::optional<Text<100>> tracking_number;
    std::optional<Time> created_after, created_before;
    std::vector<Expand> expand;
};

struct CancelShipment {
    ShipmentId id;
    Reason reason;
};

struct MakeLabel {
    ShipmentId id;
    std::optional<Text<100>> tracking_number;
    std::optional<Text<100>> service;
    Reason reason;
};

struct NewCarrier {
    Text<50> code;  // lower-case letters, digits and hyphens
    Text<100> name;
};

// The same with its secret, made where processor time is allowed.
struct CarrierToCreate {
    NewCarrier carrier;
    std::string secret;
};

struct CarrierChanges {
    CarrierId id;
    Change<Text<100>> name;
};

struct RotateSecret {
    CarrierId id;
    Reason reason;
};

struct SecretToRotate {
    CarrierId id;
    std::string secret;
};

struct CarrierById {
    CarrierId id;
};

struct ListCarriers {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Text<50>> code;
};

// A shipment that has not left is given up; its goods can go into another one. Refuses with
// illegal_transition afterwards.
Shipment cancel(Tx&, const Actor&, const CancelShipment&);
// Gives a pending shipment its tracking number: the carrier's own, or the given one. Refuses with
// illegal_transition when it has a label, and with `invalid` when nobody knows the number.
Shipment make_label(Tx&, const Actor&, const MakeLabel&);

ShipmentView view(Tx&, const Shipment&);

ShipmentView one(Reads&, const Actor&, const ById&);
ShipmentView track(Reads&, const Actor&, const ByTrackingNumber&);
Page<ShipmentRow> list(Reads&, const Actor&, const ListShipments&);
store::Answer label(Reads&, const Actor&, const ById&);  // a PDF

CarrierToCreate with_new_secret(const NewCarrier&);
SecretToRotate with_new_secret(const RotateSecret&);
CarrierWithSecret create_carrier(Tx&, const Actor&, const CarrierToCreate&);
CarrierWithSecret rotate_secret(Tx&, const Actor&, const SecretToRotate&);
Carrier update_carrier(Tx&, const Actor&, const CarrierChanges&);
Carrier one_carrier(Reads&, const Actor&, const CarrierById&);
Page<Carrier> list_carriers(Reads&, const Actor&, const ListCarriers&);

// ---- for flows ----

// A shipment, locked together with its order, which guards it. Refuses with not_found.
const Shipment& locked(Tx&, ShipmentId);

// The order is being cancelled: its shipments that have not left are cancelled too. The order must
// be locked by the caller.
void cancel_unshipped(Tx&, const orders::Order&);

// Moves a shipment that is being edited along its lifecycle and writes its history.
void progress(Shipment&, Action, Time at, std::optional<std::string> note = std::nullopt);

}  // namespace stateset::shipments

namespace stateset {
class Api;
namespace shipments {
void routes(Api&);
}
}  // namespace stateset

template <>
struct stateset::store::Table<stateset::shipments::Shipment>
    : stateset::store::Named<"shipments", "shipment"> {
    using parent = Child<"orders", &stateset::shipments::Shipment::order_id>;
    using unique = Keys<Key<&stateset::shipments::Shipment::carrier,
                            &stateset::shipments::Shipment::tracking_number>>;
};
template <>
struct stateset::store::Table<stateset::shipments::ShipmentItem>
    : stateset::store::Named<"shipment_items", "shipment_item"> {
    using parent = Child<"shipments", &stateset::shipments::ShipmentItem::shipment_id, 2>;
};
template <>
struct stateset::store::Table<stateset::shipments::Carrier>
    : stateset::store::Named<"carriers", "carrier"> {
    using unique = Keys<Key<&stateset::shipments::Carrier::code>>;
};
template <>
struct stateset::store::Table<stateset::shipments::CarrierMessage>
    : stateset::store::Named<"carrier_messages", "carrier_message"> {
    using unique = Keys<Key<&stateset::shipments::CarrierMessage::carrier,
                            &stateset::shipments::CarrierMessage::event_id>>;
};
