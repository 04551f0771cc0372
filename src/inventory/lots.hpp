#pragma once
// Pieces that must be told apart. An item tracked by lot lies on the shelf in batches, each with
// its number and perhaps a day after which it may not be used; of an item tracked by serial each
// piece is known by its number. What untracked items need of stock is in inventory.hpp and pays for
// nothing here. Invariants, always: the balances of an item's lots at a location add up to the
// item's balance there, on_hand, allocated and quarantined each; of an item tracked by serial as
// many pieces are in stock there as are on hand; of a lot that is not active everything that is not
// allocated is quarantined. Lots are changed under their item's lock.

#include <functional>

#include "inventory/inventory.hpp"

namespace stateset::shipments {
struct Shipment;
}

namespace stateset::inventory {

struct Serial;
using SerialId = Id<Serial>;
using WorkOrderId = Id<manufacturing::WorkOrder>;

inline constexpr Code lot_required{"lot_required", 400, "The lot is not named",
                                   "Send `lot_number`: the item is tracked by lot."};
inline constexpr Code serials_required{
    "serials_required", 400, "The serial numbers are not given",
    "Send `serial_numbers`, one for each piece: the item is tracked by serial number."};
inline constexpr Code serial_count{"serial_count", 400, "Not as many serial numbers as pieces",
                                   "Send exactly one serial number for each whole piece."};
inline constexpr Code serial_in_stock{"serial_in_stock", 409, "A serial number is in stock already",
                                      "Look the piece up among /inventory/serials."};
inline constexpr Code serial_not_here{
    "serial_not_here", 409, "A piece is not there",
    "Name pieces that are in stock at the location and not quarantined."};
inline constexpr Code too_many_serials{"too_many_serials", 409, "Too many pieces in one place",
                                       "Keep at most 10,000 pieces with serial numbers of an item "
                                       "at one location."};
inline constexpr Code lot_differs{"lot_differs", 409, "The lot expires on another day",
                                  "Leave `expires_on` out, or correct the lot first."};
inline constexpr Code lot_not_usable{
    "lot_not_usable", 409, "The lot may not be used",
    "Release the reservation and take another lot, or release the lot."};
inline constexpr Code not_quarantined{"not_quarantined", 409, "Not that much is quarantined",
                                      "Read the item's balances: they say what is quarantined."};

struct Lot {
    LotId id;
    std::int64_t version = 1;
    ItemId item_id;
    std::string lot_number;          // unique of its item
    std::optional<Date> expires_on;  // the last day on which it may be used
    LotStatus status = LotStatus::active;
    Time created_at, updated_at;
};

// A lot at a location; there is none where nothing is on hand.
struct LotBalance {
    Id<LotBalance> id;
    std::int64_t version = 1;
    ItemId item_id;
    LotId lot_id;
    LocationId location_id;
    Quantity on_hand, allocated, quarantined;
    // Of its lot, kept here so that reserving needs no further read.
    Secret<std::optional<Date>> expires_on;
    Secret<LotStatus> status;
    Time created_at, updated_at;
    Quantity available() const { return on_hand - allocated - quarantined; }
};

enum class LotAction { quarantine, release, expire, renew };

inline constexpr Move<LotStatus, LotAction> lot_lifecycle[] = {
    {LotStatus::active, LotAction::quarantine, LotStatus::quarantined},
    {LotStatus::active, LotAction::expire, LotStatus::expired},
    {LotStatus::quarantined, LotAction::release, LotStatus::active},
    {LotStatus::expired, LotAction::quarantine, LotStatus::quarantined},
    {LotStatus::expired, LotAction::renew, LotStatus::active},
};

enum class SerialStatus { in_stock, quarantined, in_transit, shipped, consumed, scrapped };

struct Serial {
    SerialId id;
    std::int64_t version = 1;
    ItemId item_id;
    std::string serial_number;  // unique of its item
    SerialStatus status = SerialStatus::in_stock;
    Secret<std::optional<BalanceId>> balance_id;  // while it is on a shelf
    std::optional<LocationId> location_id;        // likewise
    std::optional<LotId> lot_id;                  // where it came from
    // Whom it left for last, also when it came back since.
    std::optional<Id<orders::Order>> order_id;
    std::optional<Id<orders::Line>> order_item_id;
    std::optional<Id<shipments::Shipment>> shipment_id;
    std::optional<WorkOrderId> work_order_id;  // that consumed it
    std::optional<WorkOrderId> made_by;        // the work order that made it
    Time created_at, updated_at;
};

// What happened to a piece; never changed.
struct SerialStep {
    Uuid id;
    SerialId serial_id;
    std::string kind;     // receive, ship, return, produce, quarantine, …
    SerialStatus status;  // afterwards
    std::optional<LocationId> location_id;
    std::optional<Uuid> reference;  // the shipment, return, work order, … behind it
    std::string actor;
    Time created_at;
};

}  // namespace stateset::inventory

template <>
struct stateset::store::Table<stateset::inventory::Lot>
    : stateset::store::Named<"inventory_lots", "lot"> {
    using unique =
        Keys<Key<&stateset::inventory::Lot::item_id, &stateset::inventory::Lot::lot_number>>;
};
template <>
struct stateset::store::Table<stateset::inventory::LotBalance>
    : stateset::store::Named<"inventory_lot_balances", "lot_balance"> {
    using parent = Child<"inventory_items", &stateset::inventory::LotBalance::item_id>;
    using unique = Keys<Key<&stateset::inventory::LotBalance::lot_id,
                            &stateset::inventory::LotBalance::location_id>>;
};
template <>
struct stateset::store::Table<stateset::inventory::Serial>
    : stateset::store::Named<"inventory_serials", "serial"> {
    using parent = Child<"inventory_balances", &stateset::inventory::Serial::balance_id, 2>;
    using unique = Keys<
        Key<&stateset::inventory::Serial::item_id, &stateset::inventory::Serial::serial_number>>;
};
template <>
struct stateset::store::Table<stateset::inventory::SerialStep>
    : stateset::store::Named<"inventory_serial_steps", "serial_step"> {};

namespace stateset::inventory {

// ---- for flows: parts of larger commands ----

// A lot by its number, found or made. The item must be locked. Refuses with lot_differs when it
// expires on another day than said.
const Lot& lot_for(Tx&, const Item&, std::string_view lot_number, std::optional<Date> expires_on);

// Goods as they come. Of untracked items the quantity alone.
struct Arrival {
    Quantity quantity;
    std::optional<Text<64>> lot_number;  // of pieces with serial numbers: where they came from
    std::optional<Date> expires_on;
    std::vector<Text<64>> serial_numbers;
};
// Puts goods, tracked or not, on the shelf: lots, pieces and the ledger's line. `how` says the kind
// and what is behind it; its `delta` and `lot_id` are not looked at, and when it has `quarantined`,
// all of the arrival is. Goods of a lot that may not be used are quarantined in any case. A piece
// that is known and not in stock comes back. Kind `produce`: `reference` is the work order. Refuses
// with lot_required, serials_required, serial_count, serial_in_stock, too_many_serials and
// lot_differs, and with invalid at `pointer` and below.
Balance& arrive(Tx&, const Place&, const Arrival&, Shift how, const std::string& pointer);

// From what is available, from what is quarantined, or from the first and then the other.
enum class From { available, quarantined, either };
// Goods as they are to go.
struct Departure {
    Quantity quantity;
    std::optional<Text<64>> lot_number = {};    // else the lots that expire first
    std::vector<Text<64>> serial_numbers = {};  // else the oldest pieces
    From from = From::available;
};
// Takes goods that nobody has reserved off the shelf; returns them as they can arrive elsewhere,
// one for each lot. The item must be locked and the balance read. Pieces that leave with kind
// `transfer` are in transit, with `consume` consumed (`reference`: the work order), else scrapped.
// Refuses with insufficient_stock, not_quarantined, lot_required (unless from what is available),
// serial_not_here and serial_count, and with invalid at `pointer` and below.
std::vector<Arrival> leave(Tx&, const Balance&, const Departure&, Shift how,
                           const std::string& pointer);

// As `consume`, of pieces that the caller names: those of `chosen` that lie where the reservation
// is are taken, and taken out of `chosen`. Where it is empty the oldest there leave. Returns the
// serial numbers of what left. Refuses with serial_not_here at `pointer`, too.
std::vector<std::string> take(Tx&, const Reservation&, Quantity, std::string_view kind,
                              std::optional<Uuid> reference, std::vector<std::string>& chosen,
                              const std::string& pointer);

// What of a balance may be used: as `available`, less lots that expired and were not set apart yet.
Quantity usable_at(Tx&, const Balance&);

// Asks for what `arrive`, `leave` and `take` will read, so that the calls of a loop do not miss one
// after the other: call it within tx.each.
void foresee(Tx&, const Place&, const Arrival&);
void foresee(Tx&, const Balance&, const Departure&);
void foresee_taking(Tx&, const Reservation&);
void foresee_pieces(Tx&, ItemId, const std::vector<std::string>& serial_numbers);

// What an adjustment is about: the whole balance, or the lot that it names. Refuses with
// lot_required, and with invalid where something does not go with how the item is tracked.
struct Counted {
    Quantity on_hand, allocated;
    std::optional<LotId> lot_id;  // null, too, for a lot that does not exist yet
};
Counted counted(Tx&, const Balance&, const Adjust&);
// Carries it out: `delta` is found, or missing.
Balance& adjust_by(Tx&, const Place&, const Adjust&, Quantity delta);

// ---- inputs ----

struct OneLot {
    LotId id;
};

struct ListLots {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<ItemId> item_id;
    std::optional<Text<64>> lot_number;
    std::optional<LotStatus> status;
    std::optional<LocationId> location_id;  // lies there
    std::optional<Date> expires_before;
};

struct LotChanges {
    LotId id;
    Change<std::optional<Date>> expires_on;
};

struct MoveLot {
    LotId id;
    Reason reason;
};

// Of items tracked by lot `lot_number`, by serial `serial_numbers` name what is meant.
struct Quarantine {
    std::string id;
    std::optional<LocationId> location_id;
    std::optional<Quantity> quantity;  // may be left out where serial numbers are given
    std::optional<Text<64>> lot_number;
    SerialNumbers serial_numbers;
    Text<500> reason;
};

struct OneSerial {
    SerialId id;
};

struct ListSerials {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<ItemId> item_id;
    std::optional<Text<64>> serial_number;
    std::optional<SerialStatus> status;
    std::optional<LocationId> location_id;
    std::optional<LotId> lot_id;
    std::optional<Id<orders::Order>> order_id;
};

struct OrdersOfLot {
    LotId id;
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
};

// ---- what is shown ----

struct LotView {
    Flat<Lot> lot;
    std::string item_number;
    Quantity on_hand, allocated, quarantined, available;  // everywhere
    std::vector<LotBalance> lot_balances;                 // by location
};

// Where a piece came from and where it went.
struct Trace {
    Flat<Serial> serial;
    std::string item_number;
    std::optional<std::string> lot_number;
    std::optional<std::string> order_number;
    std::optional<Id<customers::Customer>> customer_id;
    std::vector<SerialStep> steps;  // oldest first; the last 100
};

// An order that has some of a lot, by itself or in something that was made of it.
struct OrderOfLot {
    Id<orders::Order> id;
    std::string order_number;
    std::string order_status;
    Id<customers::Customer> customer_id;
    std::optional<std::string> first_name, last_name, email, phone;
    Quantity shipped, reserved;  // of the lot and of what was made of it
    bool made_of = false;        // only of what was made of the lot, not of the lot itself
};

// ---- commands. All refuse with not_found ----

// Sets stock apart, or gives it back to use. Nothing moves: on_hand stays. Emits
// inventory.adjusted. Refuses with insufficient_stock or not_quarantined, lot_required,
// serials_required, serial_count, serial_not_here, and lot_not_usable when the lot as a whole may
// not be used.
Balance quarantine(Tx&, const Actor&, const Quarantine&);
Balance unquarantine(Tx&, const Actor&, const Quarantine&);
// All of a lot, wherever it lies, that nobody holds; what is released later follows. Pieces with
// serial numbers must all be free: refuses with below_allocated. Refuses with illegal_transition.
Lot quarantine_lot(Tx&, const Actor&, const MoveLot&);
// Refuses with illegal_transition, and with lot_not_usable when its day is over.
Lot release_lot(Tx&, const Actor&, const MoveLot&);
// Corrects the day on which it expires; a lot that had expired is active again when the new day is
// yet to come, and one whose new day is over has expired.
Lot update_lot(Tx&, const Actor&, const LotChanges&);

// Lots whose day is over are set apart: found by a query, each then in a command of its own.
// `attempt` runs one in its tenant and says whether it succeeded. Returns whether there may be
// more.
bool expire_lots(ReadPool&,
                 const std::function<bool(Tenant, const std::function<void(Tx&)>&)>& attempt);

// ---- queries ----

Page<Lot> list_lots(Reads&, const Actor&, const ListLots&);
LotView one_lot(Reads&, const Actor&, const OneLot&);
Page<Serial> list_serials(Reads&, const Actor&, const ListSerials&);
Trace one_serial(Reads&, const Actor&, const OneSerial&);
// The recall: orders that hold or were sent some of a lot, or of what work orders made of it, of
// the latest first.
Page<OrderOfLot> orders_of_lot(Reads&, const Actor&, const OrdersOfLot&);

}  // namespace stateset::inventory

namespace stateset {
class Api;
namespace inventory {
void lot_routes(Api&);  // called by `routes`
}
}  // namespace stateset
