#pragma once
// Goods leave for the customer. A shipment is made of lines of an order, never more than was
// ordered; shipping it takes their reservations off the shelf, delivering the last one delivers the
// order. All of it happens under the order's lock, so that cancelling, paying and shipping the same
// order at once take effect one after the other.

#include "payments/payments.hpp"
#include "shipments/shipments.hpp"

namespace stateset::flows {

inline constexpr Code payment_required{"payment_required", 409, "The order is not paid",
                                       "Pay what is owed first; `payment_terms` on_account ships "
                                       "before payment."};
inline constexpr Code nothing_to_ship{"nothing_to_ship", 409, "Nothing is left to ship",
                                      "Read the order's shipments: they hold all of it already."};
inline constexpr Code exceeds_order{"exceeds_order", 409, "More than was ordered",
                                    "Ship at most what no other shipment of the order holds."};
inline constexpr Code not_reserved{"not_reserved", 409, "The stock is not reserved",
                                   "Ship what the order has reserved there, or process the order "
                                   "again."};

struct ItemToShip {
    orders::LineId order_item_id;
    Int<1, 1'000'000'000> quantity;
};
using ItemsToShip = std::optional<List<ItemToShip, 1, 1000>>;

struct NewShipment {
    orders::OrderId order_id;
    ItemsToShip items;  // absent: everything that no other shipment holds and that does not wait
    std::optional<inventory::LocationId> location_id;
    std::optional<Text<50>> carrier;  // default: sandbox
    std::optional<Text<100>> service, tracking_number;
    Metadata metadata;
};

struct ShipOrder {
    orders::OrderId id;
    ItemsToShip items;
    std::optional<inventory::LocationId> location_id;
    std::optional<Text<50>> carrier;
    std::optional<Text<100>> service, tracking_number;
    Reason reason;
};

struct MoveShipment {
    shipments::ShipmentId id;
    Reason reason;
};

// Which pieces of a line leave, of items tracked by serial number.
struct PiecesOfLine {
    orders::LineId order_item_id;
    List<Text<64>, 1, 1000> serial_numbers;
};

struct ShipShipment {
    shipments::ShipmentId id;
    std::optional<List<PiecesOfLine, 1, 1000>> items;  // else the oldest pieces there
    Reason reason;
};

// Makes a shipment with its label, or a pending one when its carrier assigns the number later.
// Refuses with illegal_transition unless the order is processing or partially shipped, with
// nothing_to_ship, exceeds_order and not_reserved, and with already_exists when the carrier's
// number is taken.
shipments::Shipment create_shipment(Tx&, const Actor&, const NewShipment&);

// It leaves: stock falls, the order is shipped or partially so. Refuses with illegal_transition
// (twice, without label, order on hold), payment_required and not_reserved, with lot_not_usable
// when a lot was called back meanwhile, and with serial_count and serial_not_here for pieces that
// are named.
shipments::Shipment ship_shipment(Tx&, const Actor&, const ShipShipment&);

// It arrived. The order is delivered when all its shipments are and nothing is left to ship.
shipments::Shipment deliver_shipment(Tx&, const Actor&, const MoveShipment&);

// The shortcut: ships what lies ready and makes a shipment of the rest; with `items`, of these
// only.
orders::Order ship_order(Tx&, const Actor&, const ShipOrder&);

// A part of larger commands: moves a shipment that has left, emits what that means, and delivers
// the order with its last shipment. The shipment must be locked.
void move_shipment(Tx&, const shipments::Shipment&, shipments::Action, Time at,
                   std::optional<std::string> note);

}  // namespace stateset::flows

namespace stateset {
class Api;
namespace flows {
void shipping_routes(Api&);  // and those of carrier_reports.hpp
}
}  // namespace stateset
