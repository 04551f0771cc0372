#pragma once
// Stock: what is on hand where, and who may have it. A balance is one item at one location:
// `on_hand` is there, `allocated` of it is promised to active reservations, the rest is available.
// Every change of on_hand is a movement in an append-only ledger whose sum is the balance.
// Invariants, always: on_hand ≥ 0, 0 ≤ allocated ≤ on_hand, and `allocated` is the sum of (quantity
// − consumed) over the active reservations.

#include "customers/customers.hpp"
#include "platform/core/input.hpp"
#include "platform/core/lifecycle.hpp"
#include "platform/store/reads.hpp"
#include "platform/store/tx.hpp"

namespace stateset::orders {
struct Order;
struct Line;
}  // namespace stateset::orders

namespace stateset::inventory {

struct Item;
struct Location;
struct Balance;
struct Reservation;
struct Movement;
using ItemId = NumberId<Item>;
using LocationId = NumberId<Location>;
using BalanceId = Id<Balance>;
using ReservationId = Id<Reservation>;

inline constexpr Code insufficient_stock{
    "insufficient_stock", 409, "Not enough stock",
    "Order less, wait for stock, or read `errors` for what is short by how much."};
inline constexpr std::string_view main_code = "MAIN";  // of a tenant's first location

inline constexpr Code exceeds_reservation{"exceeds_reservation", 409,
                                          "More than the reservation holds",
                                          "Consume at most its quantity minus what is consumed."};

struct Item {
    ItemId id;  // global number
    std::int64_t version = 1;
    std::string item_number;  // unique; the sku of a product's variant
    std::optional<std::string> description;
    std::string uom = "each";
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
    Quantity on_hand, allocated;
    std::optional<Quantity> reorder_point;
    // Of its location, kept here so that reserving needs no further read: its priority, and whether
    // it is active.
    Secret<std::int64_t> priority;
    Secret<bool> open;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
    Quantity available() const { return on_hand - allocated; }
};

// What GET shows.
struct BalanceView {
    Flat<Balance> balance;
    Quantity available;
};

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
    std::optional<Uuid> reference;  // the reservation or shipment behind it
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
    std::string pointer;  // where the caller wrote it, for the refusal: "/items/0"
};

// Reserves every need, all or nothing: from one location if one has it all, else from several by
// priority; needs that share an item are added up before the check. Refuses with insufficient_stock
// naming each short sku, wanted and available. The order must be locked by the caller. `expires_at`
// null: never. Emits inventory.reserved for each reservation; a need has one per location.
std::vector<Reservation> reserve_all(Tx&, Id<orders::Order>, const std::vector<Need>&,
                                     std::optional<Time> expires_at);
// One reservation at one location. The balance must be read with a lock and have that much.
struct Hold {
    Quantity quantity;
    std::optional<Time> expires_at;
    std::optional<std::string> reference;
    std::optional<Id<orders::Order>> order_id;
    std::optional<Id<orders::Line>> order_item_id;
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
// inventory.allocated. Refuses with exceeds_reservation.
void consume(Tx&, const Reservation&, Quantity, std::string_view kind,
             std::optional<Uuid> reference);
// Moves the moment an active reservation expires; null: never (paid, on hold).
void keep_until(Tx&, const Reservation&, std::optional<Time> expires_at);

// A tenant's first location, code MAIN; the first tenant's has id 1. A product's inventory item.
Location& create_main_location(Tx&);
Item& create_item(Tx&, std::string_view item_number, std::optional<std::string> description);

// Puts `delta` on the shelf or, when negative, takes it off, with its line in the ledger. The item
// must be locked and the balance read.
struct Shift {
    Quantity delta;
    Quantity allocated = {};  // how `allocated` changes with it
    std::string_view kind;
    std::optional<std::string> reason = {};
    std::optional<Uuid> reference = {};
};
Balance& shift(Tx&, const Balance&, const Shift&);

BalanceView view(Tx&, const Balance&);

}  // namespace stateset::inventory
