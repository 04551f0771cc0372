// An explosion beside what there is of its components and what they cost.

#include <algorithm>

#include "manufacturing/explosion.hpp"
#include "sql.hpp"

namespace stateset::manufacturing {
namespace {

using inventory::ItemId;

__extension__ typedef __int128 Wide;  // a quantity times an amount

struct LineBelow {
    BomId bom_id;
    std::string made_sku;
    ItemId made_item_id;
    std::string sku;
    ItemId item_id;
    inventory::Tracking tracking = inventory::Tracking::none;
    Quantity quantity, scrap_percent;
};

struct StockBelow {
    ItemId item_id;
    inventory::LocationId location_id;
    std::string code;
    Quantity on_hand, available;
    bool open = true;
};

struct Asked {
    Bom bom;
    Quantity quantity;
    Exploded exploded;
};

std::map<ItemId, Recipe> recipes_below(Reads& reads, const BomById& bom) {
    std::map<ItemId, Recipe> recipes;
    for (auto& line : reads.all<LineBelow>(sql::manufacturing::recipes_below, bom)) {
        auto& recipe = recipes[line.made_item_id];
        recipe.bom_id = line.bom_id;
        recipe.sku = line.made_sku;
        recipe.item_id = line.made_item_id;
        recipe.items.push_back({.bom_id = line.bom_id,
                                .sku = std::move(line.sku),
                                .item_id = line.item_id,
                                .tracking = line.tracking,
                                .quantity = line.quantity,
                                .scrap_percent = line.scrap_percent});
    }
    return recipes;
}

Asked ask(Reads& reads, const AskExplosion& wanted) {
    auto quantity = wanted.quantity.value_or(Quantity::of(1));
    inventory::require_positive(quantity, "?quantity");
    BomById by_id{wanted.id};
    auto bom = reads.one<Bom>(sql::manufacturing::bom, by_id);
    Recipe recipe{.bom_id = bom.id,
                  .sku = bom.sku,
                  .item_id = bom.item_id,
                  .items = reads.all<BomItem>(sql::manufacturing::bom_items, by_id)};
    auto exploded = explode(recipe, recipes_below(reads, by_id), quantity);
    return {.bom = std::move(bom), .quantity = quantity, .exploded = std::move(exploded)};
}

ComponentNeed need_of(const Sum& sum, const std::vector<StockBelow>& stock) {
    ComponentNeed need{.item_id = sum.item_id,
                       .item_number = sum.item_number,
                       .quantity = sum.quantity,
                       .locations = {}};
    for (const auto& there : stock) {
        if (there.item_id != sum.item_id) continue;
        auto available = there.open ? there.available : Quantity{};
        need.on_hand += there.on_hand;
        need.available += available;
        need.locations.push_back({there.location_id, there.code, there.on_hand, available});
    }
    need.short_ = std::max(need.quantity - need.available, Quantity{});
    return need;
}

// Rounded half up.
Money cost_of(Quantity quantity, const ItemCost& stated) {
    auto cost = (Wide{quantity.scaled} * stated.unit_cost.minor * 2 + stated.per.scaled) /
                (Wide{stated.per.scaled} * 2);
    if (cost > INT64_MAX / 1'000)
        throw Refusal(explosion_too_large, "It costs too much to add up.");
    return {static_cast<std::int64_t>(cost), stated.currency};
}

void add_cost(BomCost& sum, const ItemCost& stated, ComponentCost& line) {
    if (sum.currency && *sum.currency != stated.currency) {
        throw Refusal(mixed_currencies, "Costs are stated in " + std::string(sum.currency->text()) +
                                            " and in " + std::string(stated.currency.text()) + ".");
    }
    line.unit_cost = stated.unit_cost;
    line.per = stated.per;
    line.cost = cost_of(line.quantity, stated);
    sum.cost = sum.cost ? *sum.cost + *line.cost : *line.cost;
    sum.currency = stated.currency;
}

}  // namespace

Explosion explosion(Reads& reads, const Actor&, const AskExplosion& wanted) {
    auto asked = ask(reads, wanted);
    auto stock = reads.all<StockBelow>(sql::manufacturing::stock_below, BomById{wanted.id});
    Explosion shown{.bom_id = asked.bom.id,
                    .bom_number = asked.bom.bom_number,
                    .sku = asked.bom.sku,
                    .quantity = asked.quantity,
                    .tree = std::move(asked.exploded.tree),
                    .components = {}};
    for (const auto& sum : asked.exploded.sums) shown.components.push_back(need_of(sum, stock));
    return shown;
}

BomCost cost(Reads& reads, const Actor&, const AskExplosion& wanted) {
    auto asked = ask(reads, wanted);
    auto stated = reads.all<ItemCost>(sql::manufacturing::costs_below, BomById{wanted.id});
    BomCost sum{.bom_id = asked.bom.id,
                .bom_number = asked.bom.bom_number,
                .sku = asked.bom.sku,
                .quantity = asked.quantity,
                .currency = std::nullopt,
                .cost = std::nullopt,
                .complete = true,
                .components = {}};
    for (const auto& part : asked.exploded.sums) {
        ComponentCost line{
            .item_id = part.item_id, .item_number = part.item_number, .quantity = part.quantity};
        auto found = std::ranges::find(stated, part.item_id, &ItemCost::item_id);
        if (found == stated.end()) {
            sum.complete = false;
        } else {
            add_cost(sum, *found, line);
        }
        sum.components.push_back(std::move(line));
    }
    return sum;
}

}  // namespace stateset::manufacturing
