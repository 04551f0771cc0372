#pragma once
// What a quantity of a product comes down to when every sub-assembly is made too: a tree of what
// contains what, and the sums of its leaves. A component that several sub-assemblies share is added
// up exactly over all of them, however deep, and rounded up once at the end.

#include <map>

#include "manufacturing/boms.hpp"

namespace stateset::manufacturing {

// A BOM and its lines.
struct Recipe {
    BomId bom_id;
    std::string sku;
    inventory::ItemId item_id;
    std::vector<BomItem> items;
};

// One place in the tree. A leaf has neither a BOM nor components.
struct ExplodedNode {
    inventory::ItemId item_id;
    std::string item_number;
    Quantity quantity;  // for all that is made, scrap included
    std::optional<BomId> bom_id;
    std::vector<ExplodedNode> components;
};

struct Sum {
    inventory::ItemId item_id;
    std::string item_number;
    Quantity quantity;
};

struct Exploded {
    ExplodedNode tree;
    std::vector<Sum> sums;  // of the leaves, by item number
};

// As deep as a tree of JSON may be nested.
inline constexpr std::size_t most_levels = 15;
inline constexpr std::size_t most_nodes = 10'000;

// `active`: the BOMs that sub-assemblies are made by, by what they make. Refuses with bom_cycle,
// naming the way round, and with explosion_too_large beyond most_levels, beyond most_nodes and when
// a sum is more than a location can hold.
Exploded explode(const Recipe&, const std::map<inventory::ItemId, Recipe>& active, Quantity);

// ---- with what there is of it, and what it costs

struct LocatedStock {
    inventory::LocationId location_id;
    std::string code;
    Quantity on_hand, available;
};

struct ComponentNeed {
    inventory::ItemId item_id;
    std::string item_number;
    Quantity quantity, on_hand, available;
    Quantity short_;  // what is wanted beyond what is available, at all locations together
    std::vector<LocatedStock> locations;  // first to be drawn from first
};

struct Explosion {
    BomId bom_id;
    std::string bom_number, sku;
    Quantity quantity;
    ExplodedNode tree;
    std::vector<ComponentNeed> components;  // the leaves, by item number
};

// A component's cost, rounded once; null where nobody stated one.
struct ComponentCost {
    inventory::ItemId item_id;
    std::string item_number;
    Quantity quantity;
    std::optional<Money> unit_cost;
    std::optional<Quantity> per;
    std::optional<Money> cost;
};

struct BomCost {
    BomId bom_id;
    std::string bom_number, sku;
    Quantity quantity;
    std::optional<Currency> currency;
    std::optional<Money> cost;  // of the components whose cost is known; null: of none
    bool complete = false;      // known of all of them
    std::vector<ComponentCost> components;
};

struct AskExplosion {
    BomId id;
    std::optional<Quantity> quantity;  // else 1
};

// Any revision, its sub-assemblies by their active BOMs. Refuse as `explode` does.
Explosion explosion(Reads&, const Actor&, const AskExplosion&);
BomCost cost(Reads&, const Actor&, const AskExplosion&);  // refuses with mixed_currencies, too

}  // namespace stateset::manufacturing
