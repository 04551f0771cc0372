#pragma once
// Stock: what is on hand where, and who may have it. A balance is one item at one location:
// `on_hand` is there, `allocated` of it is promised to active reservations, the rest is available.
// Every change of on_hand is a movement in an append-only ledger whose sum is the balance.
// Invariants, always: on_hand ≥ 0, 0 ≤ allocated ≤ on_hand, and `allocated` is the sum of (quantity
// − consumed) over the active reservations.

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
    bool active = true;
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
    std::int64_t priority =
        100;  // of its location, kept here so that reserving needs no further read
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
    Quantity available() const { return on_hand - allocated; }
};

enum class ReservationStatus { active, consumed, released, expired };
enum class ReservationAction { consume, release, expire };

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

// ---- for flows: parts of larger commands
// -------------------------------------------------------------------------

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
// null: never.
std::vector<Reservation> reserve_all(Tx&, Id<orders::Order>, const std::vector<Need>&,
                                     std::optional<Time> expires_at);
// Gives back what a reservation still holds. Emits inventory.released (or inventory.expired).
void release(Tx&, const Reservation&, ReservationAction = ReservationAction::release);
// Takes `quantity` of a reservation off the shelf: on_hand and allocated fall, the ledger gets a
// `ship` (or other) movement, the reservation is consumed when nothing is left. Emits
// inventory.allocated.
void consume(Tx&, const Reservation&, Quantity, std::string_view kind,
             std::optional<Uuid> reference);

// A tenant's first location, code MAIN; a product's inventory item.
Location& create_main_location(Tx&);
Item& create_item(Tx&, std::string_view item_number, std::optional<std::string> description);

}  // namespace stateset::inventory
