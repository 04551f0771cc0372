#pragma once
// A shipment takes goods of one order from one location to the customer. Making it assigns the
// carrier, the tracking number and the label; shipping it takes the stock off the shelf. Carriers
// report progress; late or repeated reports change nothing.

#include "inventory/inventory.hpp"
#include "orders/orders.hpp"

namespace stateset::shipments {

struct Shipment;
struct ShipmentItem;
using ShipmentId = Id<Shipment>;

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
    inventory::LocationId location_id;
    Status status = Status::pending;
    std::string carrier;
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
};

struct ShipmentView {
    Flat<Shipment> shipment;
    std::vector<ShipmentItem> items;
};

ShipmentView view(Tx&, const Shipment&);

// ---- for flows
// ---------------------------------------------------------------------------------------------------

// The order is being cancelled: its shipments that have not left are cancelled too.
void cancel_unshipped(Tx&, const orders::Order&);

}  // namespace stateset::shipments

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
