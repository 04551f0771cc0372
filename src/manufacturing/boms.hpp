#pragma once
// A bill of materials says what one piece of a product is made of. It is a revision: a draft is
// changed freely, activating it obsoletes the one before, and from then on it stays as it is. What
// it contains are items by their sku: raw materials, or products that have a BOM of their own. The
// BOMs that are active form a graph without cycles, at any depth. Every item that stands in any BOM
// has a row (`Composition`) that says what it is made of at this moment; activating a BOM locks
// those of all it contains at any depth, so that two activations that only together would close a
// cycle cannot pass each other.
//
// What work orders make of a BOM is in work_orders.hpp; how it explodes, in explosion.hpp.

#include "inventory/inventory.hpp"

namespace stateset::manufacturing {

struct Bom;
struct BomItem;
struct Composition;
struct ItemCost;
using BomId = Id<Bom>;

enum class BomStatus { draft, active, obsolete };
enum class BomAction { activate, obsolete };

inline constexpr Move<BomStatus, BomAction> bom_lifecycle[] = {
    {BomStatus::draft, BomAction::activate, BomStatus::active},
    {BomStatus::draft, BomAction::obsolete, BomStatus::obsolete},
    {BomStatus::active, BomAction::obsolete, BomStatus::obsolete},
};

inline constexpr Code bom_cycle{"bom_cycle", 409, "A product would contain itself",
                                "Take the item that `detail` names out of one of the BOMs."};
inline constexpr Code boms_changed{"boms_changed", 409, "Other BOMs were activated meanwhile",
                                   "Send it again: it is decided anew."};
inline constexpr Code bom_not_active{"bom_not_active", 409, "The BOM is not active",
                                     "Activate it, or use the product's active revision."};
inline constexpr Code no_active_bom{"no_active_bom", 409, "The product has no active BOM",
                                    "Make a BOM of it and activate it."};
inline constexpr Code explosion_too_large{
    "explosion_too_large", 409, "Too much to explode",
    "Explode a smaller quantity, or the sub-assemblies one by one."};
inline constexpr Code mixed_currencies{"mixed_currencies", 409, "Costs in several currencies",
                                       "State the costs of all components in one currency."};

struct Bom {
    BomId id;
    std::int64_t version = 1;
    std::string bom_number;  // "BOM-1001"
    products::ProductId product_id;
    std::string sku;  // the product's own: what is made
    inventory::ItemId item_id;
    inventory::Tracking tracking = inventory::Tracking::none;  // of what is made
    std::int64_t revision = 1;                                 // of its product, from 1
    BomStatus status = BomStatus::draft;
    std::optional<std::string> notes;
    Metadata metadata;
    std::optional<Time> activated_at;
    // Its product while it is active, else null: unique, so that the database holds that there is
    // one active revision.
    Secret<std::optional<products::ProductId>> active_product_id;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

// A line: what goes into one piece, and how many per cent of it are lost on the way, on top.
struct BomItem {
    Id<BomItem> id;
    BomId bom_id;
    std::string sku;  // an item_number
    inventory::ItemId item_id;
    inventory::Tracking tracking = inventory::Tracking::none;
    Quantity quantity;
    Quantity scrap_percent;  // 0 to 100
};

// What an item is made of at this moment. There is one of every item that stands in a BOM, also of
// what is not made here: so that there is something to lock. Counts the revisions, too.
struct Composition {
    inventory::ItemId id;  // the item's
    std::int64_t version = 1;
    std::string sku;
    std::int64_t revisions = 0;
    std::optional<BomId> active_bom_id;
    std::vector<inventory::ItemId> contains;  // of the active BOM
    Time created_at, updated_at;
};

// What an item costs to buy: `unit_cost` for `per` of it.
struct ItemCost {
    Id<ItemCost> id;
    std::int64_t version = 1;
    inventory::ItemId item_id;  // unique
    std::string sku;
    Money unit_cost;
    Quantity per = Quantity::of(1);
    Currency currency;
    Time created_at, updated_at;
};

// What GET shows.
struct BomView {
    Flat<Bom> bom;
    std::vector<BomItem> items;
};
// A row of a list.
struct BomRow {
    Flat<Bom> bom;
    Expanded<std::vector<BomItem>> items;
};

// ---- inputs ----

struct NewBomItem {
    Text<64> sku;
    Quantity quantity;
    std::optional<Quantity> scrap_percent;  // else 0
};

struct NewBom {
    products::ProductId product_id;
    List<NewBomItem, 1, 500> items;
    std::optional<Text<10'000>> notes;
    Metadata metadata;
};

struct BomChanges {
    BomId id;
    Change<List<NewBomItem, 1, 500>> items;  // all of them; drafts only
    Change<std::optional<Text<10'000>>> notes;
    Change<Metadata> metadata;
};

struct BomById {
    BomId id;
};

struct ChangeBomStatus {
    BomId id;
    Reason reason;
};

enum class ExpandBom { items };

struct ListBoms {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<products::ProductId> product_id;
    std::optional<BomStatus> status;
    std::optional<Text<64>> bom_number;
    std::optional<Text<64>> sku;  // of what it makes
    std::optional<Time> created_after, created_before;
    std::vector<ExpandBom> expand;
};

struct SetItemCost {
    Text<64> sku;
    Amount unit_cost;
    std::optional<Quantity> per;  // else 1
    Currency currency;
};

struct ListItemCosts {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Text<64>> sku;
};

// ---- commands. All refuse with not_found ----

// Refuses with `invalid` at /product_id when the product is unknown or keeps no stock, and at
// /items/n/… when an item is unknown, named twice or a quantity makes no sense; with bom_cycle when
// the product itself is among its items.
Bom create_bom(Tx&, const Actor&, const NewBom&);
// A draft's items are replaced; notes and metadata can always be changed. Refuses as create_bom
// does, and with illegal_transition when items are given and it is no draft.
Bom update_bom(Tx&, const Actor&, const BomChanges&);
// What an activation will look at, seen beforehand without a lock.
struct Activation {
    BomId id;
    products::ProductId product_id;
    inventory::ItemId item_id;
    std::vector<inventory::ItemId> below;  // what it contains, at any depth
};
Activation look_below(Reads&, const Actor&, const ChangeBomStatus&);
// The revision that was active becomes obsolete. Refuses with illegal_transition unless it is a
// draft, with bom_cycle when the product would contain itself at any depth, and with boms_changed
// when others activated so much below it since `below` was seen that it would have to look again.
// Emits bom.activated.
Bom activate(Tx&, const Actor&, const Activation&);
// Refuses with illegal_transition when it is obsolete already.
Bom obsolete(Tx&, const Actor&, const ChangeBomStatus&);
// Refuses with `invalid` at /sku, /unit_cost and /per.
ItemCost set_cost(Tx&, const Actor&, const SetItemCost&);

BomView view(Tx&, const Bom&);

// ---- queries ----

BomView one_bom(Reads&, const Actor&, const BomById&);
Page<BomRow> list_boms(Reads&, const Actor&, const ListBoms&);
Page<ItemCost> list_costs(Reads&, const Actor&, const ListItemCosts&);

}  // namespace stateset::manufacturing

template <>
struct stateset::store::Table<stateset::manufacturing::Bom>
    : stateset::store::Named<"boms", "bom"> {
    using unique = Keys<Key<&stateset::manufacturing::Bom::active_product_id>>;
};
template <>
struct stateset::store::Table<stateset::manufacturing::BomItem>
    : stateset::store::Named<"bom_items", "bom_item"> {
    using parent = Child<"boms", &stateset::manufacturing::BomItem::bom_id>;
};
template <>
struct stateset::store::Table<stateset::manufacturing::Composition>
    : stateset::store::Named<"bom_compositions", "composition"> {};
template <>
struct stateset::store::Table<stateset::manufacturing::ItemCost>
    : stateset::store::Named<"item_costs", "item_cost"> {
    using unique = Keys<Key<&stateset::manufacturing::ItemCost::item_id>>;
};
