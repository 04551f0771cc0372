#pragma once
// Stock: what is on hand where, and who may have it. A balance is one item at one location:
// `on_hand` is there, `allocated` of it is promised to active reservations, `quarantined` of it may
// not be used, the rest is available. Every change of on_hand is a movement in an append-only
// ledger whose sum is the balance. Invariants, always: on_hand, allocated, quarantined ≥ 0,
// allocated + quarantined ≤ on_hand, and `allocated` is the sum of (quantity − consumed) over the
// active reservations.

#include "customers/customers.hpp"
#include "platform/core/input.hpp"
#include "platform/core/lifecycle.hpp"
#include "platform/store/reads.hpp"
#include "platform/store/tx.hpp"
#include "products/products.hpp"

namespace stateset::orders {
struct Order;
struct Line;
}  // namespace stateset::orders
namespace stateset::manufacturing {
struct WorkOrder;
}

namespace stateset::inventory {

struct Item;
struct Location;
struct Balance;
struct Reservation;
struct Movement;
struct Lot;
using products::Tracking;
using LotId = Id<Lot>;
using ItemId = NumberId<Item>;
using LocationId = NumberId<Location>;
using BalanceId = Id<Balance>;
using ReservationId = Id<Reservation>;

inline constexpr Code insufficient_stock{
    "insufficient_stock", 409, "Not enough stock",
    "Order less, wait for stock, or read `errors` for what is short by how much."};
inline constexpr Code belongs_to_order{
    "belongs_to_order", 409, "The reservation belongs to an order", "Ship the order instead."};
inline constexpr Code below_allocated{
    "below_allocated", 409, "Less than what is promised",
    "Release the reservations in `errors`, or send release_reservations: true."};

inline constexpr std::string_view main_code = "MAIN";   // of a tenant's first location
inline constexpr std::int64_t first_free_location = 2;  // 1 is the first tenant's MAIN

inline constexpr Code exceeds_reservation{"exceeds_reservation", 409,
                                          "More than the reservation holds",
                                          "Consume at most its quantity minus what is consumed."};

struct Item {
    ItemId id;  // global number
    std::int64_t version = 1;
    std::string item_number;  // unique; the sku of a product's variant
    std::optional<std::string> description;
    std::string uom = "each";
    Tracking tracking = Tracking::none;
    Quantity backordered;  // owed to orders that wait: whoever comes later leaves that much
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

struct Location {
    LocationId id;  // global number
    std::int64_t version = 1;
    std::string code;  // unique; "MAIN" exists from the first start
    std::string name;
    std::string type = "warehouse";
    std::int64_t priority = 100;  // lower is drawn from first
    bool active = true;           // else nothing is received here or drawn from here
    std::optional<customers::PostalAddress> address;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

struct Balance {
    BalanceId id;
    ItemId item_id;
    LocationId location_id;
    std::int64_t version = 1;
    Quantity on_hand, allocated, quarantined;
    std::optional<Quantity> reorder_point;
    // Of its location, kept here so that reserving needs no further read: its priority, and whether
    // it is active.
    Secret<std::int64_t> priority;
    Secret<bool> open;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
    Quantity available() const { return on_hand - allocated - quarantined; }
};

// What GET shows: the balance with what is derived from it; the item with its balances.
struct BalanceView {
    Flat<Balance> balance;
    Quantity available;
};

struct ItemView {
    Flat<Item> item;
    std::vector<BalanceView> balances;  // by location
};

// A batch of an item. Only what is active may be used.
enum class LotStatus { active, quarantined, expired };

// The serial numbers of pieces, one each.
using SerialNumbers = std::optional<List<Text<64>, 1, 1000>>;

enum class ReservationStatus { active, consumed, released, expired };
enum class ReservationAction { consume, release, expire };

inline constexpr Move<ReservationStatus, ReservationAction> reservation_lifecycle[] = {
    {ReservationStatus::active, ReservationAction::consume, ReservationStatus::consumed},
    {ReservationStatus::active, ReservationAction::release, ReservationStatus::released},
    {ReservationStatus::active, ReservationAction::expire, ReservationStatus::expired},
};

struct Reservation {
    ReservationId id;
    std::int64_t version = 1;
    ItemId item_id;
    LocationId location_id;
    Quantity quantity, consumed;
    ReservationStatus status = ReservationStatus::active;
    std::optional<Time> expires_at;  // null: does not expire (paid, on hold)
    std::optional<std::string> reference;
    std::optional<Id<orders::Order>> order_id;
    std::optional<Id<orders::Line>> order_item_id;
    std::optional<Id<manufacturing::WorkOrder>> work_order_id;
    std::optional<LotId> lot_id;  // of items tracked by lot: one lot each
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
    Quantity held() const { return quantity - consumed; }
};

// The ledger: one line per change of on_hand. Never changed.
struct Movement {
    Uuid id;
    ItemId item_id;
    LocationId location_id;
    std::string kind;  // receive, adjust, ship, consume, transfer, count
    Quantity delta;
    Quantity on_hand;  // afterwards
    std::optional<std::string> reason;
    std::optional<Uuid> reference;  // the reservation, shipment, return, … behind it
    std::optional<LotId> lot_id;
    std::string actor;
    Time created_at;
};

}  // namespace stateset::inventory

template <>
struct stateset::store::Table<stateset::inventory::Item>
    : stateset::store::Named<"inventory_items", "item"> {
    using unique = Keys<Key<&stateset::inventory::Item::item_number>>;
};
template <>
struct stateset::store::Table<stateset::inventory::Location>
    : stateset::store::Named<"locations", "location"> {
    using unique = Keys<Key<&stateset::inventory::Location::code>>;
};
template <>
struct stateset::store::Table<stateset::inventory::Balance>
    : stateset::store::Named<"inventory_balances", "balance"> {
    using parent = Child<"inventory_items", &stateset::inventory::Balance::item_id>;
    using unique = Keys<
        Key<&stateset::inventory::Balance::item_id, &stateset::inventory::Balance::location_id>>;
};
template <>
struct stateset::store::Table<stateset::inventory::Reservation>
    : stateset::store::Named<"inventory_reservations", "reservation"> {
    using parent = Child<"orders", &stateset::inventory::Reservation::order_id>;
};
template <>
struct stateset::store::Table<stateset::inventory::Movement>
    : stateset::store::Named<"inventory_movements", "movement"> {};

namespace stateset::inventory {

// ---- for flows: parts of larger commands ----

// One tracked need of an order, already added up per line.
struct Need {
    std::string sku;
    Quantity quantity;
    std::optional<Id<orders::Line>> order_item_id;
    std::string pointer;      // where the caller wrote it, for the refusal: "/items/0"
    bool has_waited = false;  // its turn has come: it may take what is owed to those who wait
};

// What who comes now may have of an item: what is available at all open locations, less what orders
// that wait are owed. The item must be locked. With `at`, at most what is available there.
Quantity free_to_reserve(Tx&, const Item&);
Quantity free_to_reserve(Tx&, const Item&, const Balance& at);

// Reserves every need, all or nothing: from one location if one has it all, else from several by
// priority; needs that share an item are added up before the check, and what orders that wait are
// owed is left to them. Lots that expire first are drawn from first, quarantined and expired ones
// never; see plan.hpp, which chooses. Refuses with insufficient_stock naming each short sku, wanted
// and available. The order must be locked by the caller. `expires_at` null: never. Emits
// inventory.reserved for each reservation; a need has one per location and lot.
std::vector<Reservation> reserve_all(Tx&, Id<orders::Order>, const std::vector<Need>&,
                                     std::optional<Time> expires_at);
// One reservation at one location. The balance must be read with a lock and have that much. Of
// items tracked by lot each reservation names its lot: see `pick`.
struct Hold {
    Quantity quantity;
    std::optional<Time> expires_at;
    std::optional<std::string> reference;
    std::optional<Id<orders::Order>> order_id;
    std::optional<Id<orders::Line>> order_item_id;
    std::optional<Id<manufacturing::WorkOrder>> work_order_id = {};
    std::optional<LotId> lot_id = {};
};
Reservation& reserve(Tx&, const Balance&, Hold);

// Asks for the stock behind these reservations at once, so that the calls below, one for each, do
// not miss one after the other.
void gather_stock(Tx&, const std::vector<const Reservation*>&);
// Gives back what a reservation still holds. Emits inventory.released (or inventory.expired).
// Refuses with illegal_transition unless it is active.
void release(Tx&, const Reservation&, ReservationAction = ReservationAction::release);
// Takes `quantity` of a reservation off the shelf: on_hand and allocated fall, the ledger gets a
// `ship` (or other) movement, the reservation is consumed when nothing is left. Emits
// inventory.allocated. Refuses with exceeds_reservation, and with lot_not_usable when its lot is
// quarantined or expired. Of items tracked by serial the oldest pieces there leave; see `take` in
// lots.hpp.
void consume(Tx&, const Reservation&, Quantity, std::string_view kind,
             std::optional<Uuid> reference);
// Moves the moment an active reservation expires; null: never (paid, on hold).
void keep_until(Tx&, const Reservation&, std::optional<Time> expires_at);

// A tenant's first location, code MAIN; the first tenant's has id 1. A product's inventory item.
Location& create_main_location(Tx&);
Item& create_item(Tx&, std::string_view item_number, std::optional<std::string> description);

// Puts `delta` on the shelf or, when negative, takes it off, with its line in the ledger. The item
// must be locked and the balance read. Of tracked items this is for what names its lot; else see
// `arrive` and `leave` in lots.hpp. Refuses with lot_required or serials_required.
struct Shift {
    Quantity delta;
    Quantity allocated = {};    // how `allocated` changes with it
    Quantity quarantined = {};  // and `quarantined`
    std::string_view kind;
    std::optional<std::string> reason = {};
    std::optional<Uuid> reference = {};
    std::optional<LotId> lot_id = {};
};
Balance& shift(Tx&, const Balance&, const Shift&);

// Which lots an amount would leave from: what is available, first expired first. Of items that are
// not tracked by lot one parcel, without a lot. The caller has checked `available`; when lots have
// expired that nobody has set apart yet, the parcels add up to less.
struct Parcel {
    std::optional<LotId> lot_id;
    Quantity quantity;
};
std::vector<Parcel> pick(Tx&, const Balance&, Quantity);

// The number in an item's path, when it is all digits; else the path is an item_number.
std::optional<std::int64_t> number_in(std::string_view id);
const Item& resolve(Tx&, const std::string& id);  // with a lock; refuses with not_found
// Where a request means: its item, locked, and its location, MAIN when it names none. Both are
// asked for at once. Refuses with not_found, and with invalid at /location_id when that location
// does not exist or is not active.
struct Place {
    const Item* item;
    const Location* location;
};
Place place_of(Tx&, const std::string& item, std::optional<LocationId>);
// The balance there, made when there was none.
const Balance& balance_at(Tx&, const Place&);
// Refuses at `pointer` unless the quantity is positive and not absurd.
void require_positive(Quantity, const std::string& pointer);
// The most of one item that one location can hold.
inline constexpr Quantity most_on_hand = Quantity::of(1'000'000'000'000);

BalanceView view(Tx&, const Balance&);
ItemView view(Tx&, const Item&);

// ---- inputs. The `id` of an item is its number or, when it is not all digits, its item_number
// ----

struct NewItem {
    Text<64> item_number;
    std::optional<Text<255>> description;
    std::optional<Text<20>> uom;
    std::optional<Tracking> tracking;  // stays
};

struct ItemChanges {
    std::string id;
    Change<std::optional<Text<255>>> description;
    Change<Text<20>> uom;
};

struct OneItem {
    std::string id;
};

struct ItemNumber {
    std::string item_number;
};

struct ListItems {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Text<100>> q;  // part of an item number or description
    std::optional<Text<64>> item_number;
    std::optional<Time> created_after, created_before;
};

struct Receive {
    std::string id;
    std::optional<LocationId> location_id;
    Quantity quantity;
    std::optional<Text<64>> lot_number;
    std::optional<Date> expires_on;  // of a lot that is new
    SerialNumbers serial_numbers;
    Reason reason;
};

struct Reserve {
    std::string id;
    std::optional<LocationId> location_id;
    Quantity quantity;
    std::optional<Text<64>> lot_number;  // else of those that expire first
    std::optional<Int<1, 366 * 86'400>> expires_in_s;
    std::optional<Text<100>> reference;
    Reason reason;
};

// Exactly one of `delta` and `on_hand`. Of items tracked by lot, of that lot; of items tracked by
// serial a `delta` with as many serial numbers, of pieces that are found or missing.
struct Adjust {
    std::string id;
    std::optional<LocationId> location_id;
    std::optional<Quantity> delta, on_hand;
    std::optional<Int<1, INT64_MAX>> expected_version;  // of the balance
    std::optional<Text<64>> lot_number;
    std::optional<Date> expires_on;  // of a lot that is new
    SerialNumbers serial_numbers;
    Text<500> reason;
    std::optional<bool> release_reservations;
};

struct BalanceChanges {
    BalanceId id;
    Change<std::optional<Quantity>> reorder_point;
};

struct OneBalance {
    BalanceId id;
};

struct ListBalances {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<ItemId> item_id;
    std::optional<LocationId> location_id;
};

struct ListLowStock {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<LocationId> location_id;
};

struct OneReservation {
    ReservationId id;
};

struct ReleaseReservation {
    ReservationId id;
    Reason reason;
};

struct ConsumeReservation {
    ReservationId id;
    std::optional<Quantity> quantity;  // else all that it still holds
    SerialNumbers serial_numbers;      // else the oldest there
    Reason reason;
};

struct ListReservations {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<ItemId> item_id;
    std::optional<LocationId> location_id;
    std::optional<ReservationStatus> status;
    std::optional<Id<orders::Order>> order_id;
};

struct ListMovements {
    std::string id;  // of the item
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<LocationId> location_id;
};

struct NewLocation {
    Text<32> code;
    Text<100> name;
    std::optional<Text<32>> type;
    std::optional<Int<0, 1'000'000>> priority;
    std::optional<customers::PostalAddress> address;
};

struct LocationChanges {
    LocationId id;
    Change<Text<100>> name;
    Change<Text<32>> type;
    Change<Int<0, 1'000'000>> priority;
    Change<bool> active;
    Change<std::optional<customers::PostalAddress>> address;
};

struct OneLocation {
    LocationId id;
};

struct ListLocations {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Text<32>> code, type;
    std::optional<bool> active;
};

// ---- why is it not available? ----

struct StockAt {
    LocationId location_id;
    std::string code;
    bool active;
    Quantity on_hand, allocated, quarantined, available;
    std::optional<Quantity> reorder_point;
};

struct HeldBy {
    ReservationId id;
    LocationId location_id;
    Quantity held;
    std::optional<Time> expires_at;
    std::optional<std::string> reference;
    std::optional<Id<orders::Order>> order_id;
    std::optional<std::string> order_number;
    std::optional<Id<manufacturing::WorkOrder>> work_order_id;
    std::optional<LotId> lot_id;
    Time created_at;
};

struct LotAt {
    LotId lot_id;
    std::string lot_number;
    LotStatus status;
    std::optional<Date> expires_on;
    LocationId location_id;
    Quantity on_hand, allocated, quarantined;
};

struct Explanation {
    ItemId item_id;
    std::string item_number;
    Quantity on_hand, allocated, quarantined, available;
    std::vector<StockAt> locations;
    std::vector<LotAt> lots;  // of items tracked by lot, first to expire first; at most 100
    std::vector<HeldBy> reservations;  // active, oldest first; at most 100
    bool more_reservations = false;
    std::vector<Movement> movements;  // the last 20, newest first
};

// What was set aside: of items tracked by lot a reservation for each lot that was needed.
struct Reserved {
    Flat<Reservation> reservation;
    std::vector<Reservation> other_lots;
};

// ---- commands. All refuse with not_found ----

Item create_one(Tx&, const Actor&, const NewItem&);  // refuses with already_exists
Item update(Tx&, const Actor&, const ItemChanges&);
// Refuses with lot_required, serials_required, serial_count and serial_in_stock.
Balance receive(Tx&, const Actor&, const Receive&);
Reserved reserve_one(Tx&, const Actor&, const Reserve&);  // refuses with insufficient_stock
// Refuses with illegal_transition unless active, exceeds_reservation, belongs_to_order.
Reservation consume_one(Tx&, const Actor&, const ConsumeReservation&);
Balance update_balance(Tx&, const Actor&, const BalanceChanges&);
Location create_location(Tx&, const Actor&, const NewLocation&);  // refuses with already_exists
Location update_location(Tx&, const Actor&, const LocationChanges&);

// ---- queries ----

// The item that a path names; refuses with not_found.
Item item_of(Reads&, const std::string& id);
ItemView one(Reads&, const Actor&, const OneItem&);
ItemView by_number(Reads&, const Actor&, const ItemNumber&);
Page<Item> list(Reads&, const Actor&, const ListItems&);
Page<BalanceView> balances(Reads&, const Actor&, const ListBalances&);
BalanceView one_balance(Reads&, const Actor&, const OneBalance&);
Page<BalanceView> low_stock(Reads&, const Actor&, const ListLowStock&);
Page<Reservation> reservations(Reads&, const Actor&, const ListReservations&);
Reservation one_reservation(Reads&, const Actor&, const OneReservation&);
Page<Movement> movements(Reads&, const Actor&, const ListMovements&);
Explanation explain(Reads&, const Actor&, const OneItem&);
Page<Location> locations(Reads&, const Actor&, const ListLocations&);
Location one_location(Reads&, const Actor&, const OneLocation&);

}  // namespace stateset::inventory

namespace stateset {
class Api;
namespace inventory {
void routes(Api&);
}
}  // namespace stateset
