#include <algorithm>
#include <map>

#include "inventory/plan.hpp"
#include "sql.hpp"

namespace stateset::inventory {
namespace {

struct ByItem {
    ItemId id;
};

struct ByLocation {
    LocationId id;
};

struct ShelfRow {
    LocationId location_id;
    std::string code;
    std::int64_t priority;
    bool open;
    Quantity on_hand, allocated, quarantined;
};

struct VariantRow {
    std::string sku;
    bool track_inventory;
};

// One sku of the plan: what was asked for, and what people call where it lies.
struct Asked {
    std::string sku;
    bool tracked = true;
    std::map<LocationId, std::string> codes;
    std::map<LotId, std::string> lot_numbers;
};

// Lines of one sku count together, in the order in which reserving looks at them.
std::map<std::string, Quantity> wanted_of(const PlanOrder& order) {
    std::map<std::string, Quantity> wanted;
    for (std::size_t i = 0; i < order.items.size(); ++i) {
        const auto& need = order.items[i];
        require_positive(need.quantity, "/items/" + std::to_string(i) + "/quantity");
        wanted[need.sku.value] += need.quantity;
    }
    return wanted;
}

std::string pointer_of(const PlanOrder& order, const std::string& sku) {
    std::size_t at = 0;
    while (order.items[at].sku.value != sku) ++at;
    return "/items/" + std::to_string(at) + "/sku";
}

void add_lots(Reads& reads, ItemId item, Asked& asked, Demand& demand) {
    for (auto& lot : reads.all<LotAt>(sql::inventory::lots_of_item, ByItem{item})) {
        asked.lot_numbers[lot.lot_id] = lot.lot_number;
        auto shelf = std::ranges::find(demand.shelves, lot.location_id, &Shelf::location_id);
        if (shelf == demand.shelves.end()) continue;
        shelf->lots.push_back({.lot_id = lot.lot_id,
                               .expires_on = lot.expires_on,
                               .status = lot.status,
                               .on_hand = lot.on_hand,
                               .allocated = lot.allocated,
                               .quarantined = lot.quarantined});
    }
}

void add_shelves(Reads& reads, const Item& item, Asked& asked, Demand& demand) {
    bool by_lot = item.tracking == Tracking::lot;
    for (auto& row : reads.all<ShelfRow>(sql::inventory::plan_shelves, ByItem{item.id})) {
        demand.shelves.push_back({.location_id = row.location_id,
                                  .priority = row.priority,
                                  .open = row.open,
                                  .on_hand = row.on_hand,
                                  .allocated = row.allocated,
                                  .quarantined = row.quarantined,
                                  .by_lot = by_lot,
                                  .lots = {}});
        asked.codes[row.location_id] = std::move(row.code);
    }
    if (by_lot) add_lots(reads, item.id, asked, demand);
    sort_for_drawing(demand);
}

// Goods of which no stock is kept need no plan.
void find(Reads& reads, const PlanOrder& order, Asked& asked, Demand& demand) {
    ItemNumber number{asked.sku};
    auto item = reads.maybe<Item>(sql::inventory::item_by_number, number);
    auto variant = reads.maybe<VariantRow>(sql::inventory::planned_variant, number);
    if (!item && !variant) throw unknown_reference(pointer_of(order, asked.sku));
    asked.tracked = !variant || variant->track_inventory;
    if (!asked.tracked || !item) return;
    demand.owed = item->backordered;
    add_shelves(reads, *item, asked, demand);
}

std::optional<std::string> number_of(const Asked& asked, LotId lot) {
    auto found = asked.lot_numbers.find(lot);
    return found == asked.lot_numbers.end() ? std::nullopt : std::optional(found->second);
}

PlannedDraw shown(const Asked& asked, const Demand& demand, const Draw& draw) {
    const auto& shelf = demand.shelves[draw.shelf];
    PlannedDraw shown{.location_id = shelf.location_id,
                      .code = asked.codes.at(shelf.location_id),
                      .lot_id = {},
                      .lot_number = {},
                      .expires_on = {},
                      .quantity = draw.quantity};
    if (!draw.lot) return shown;
    const auto& lot = shelf.lots[*draw.lot];
    shown.lot_id = lot.lot_id;
    shown.lot_number = number_of(asked, lot.lot_id);
    shown.expires_on = lot.expires_on;
    return shown;
}

PlannedOtherwise shown(const Asked& asked, const Demand& demand, const PassedOver& passed) {
    const auto& shelf = demand.shelves[passed.shelf];
    PlannedOtherwise shown{.location_id = shelf.location_id,
                           .code = asked.codes.at(shelf.location_id),
                           .lot_id = {},
                           .lot_number = {},
                           .expires_on = {},
                           .on_hand = shelf.on_hand,
                           .allocated = shelf.allocated,
                           .quarantined = shelf.quarantined,
                           .available = passed.available,
                           .why = passed.reason};
    if (!passed.lot) return shown;
    const auto& lot = shelf.lots[*passed.lot];
    shown.lot_id = lot.lot_id;
    shown.lot_number = number_of(asked, lot.lot_id);
    shown.expires_on = lot.expires_on;
    shown.on_hand = lot.on_hand;
    shown.allocated = lot.allocated;
    shown.quarantined = lot.quarantined;
    return shown;
}

PlannedItem shown(const Asked& asked, const Demand& demand, const Choice& choice,
                  std::optional<LocationId> only, Date today) {
    PlannedItem item{.sku = asked.sku,
                     .tracked = asked.tracked,
                     .wanted = demand.wanted,
                     .available = choice.available,
                     .short_by = std::max(demand.wanted - choice.available, Quantity{}),
                     .takes = {},
                     .leaves = {}};
    if (!asked.tracked) {
        item.available = item.wanted;
        item.short_by = {};
        return item;
    }
    if (item.short_by == Quantity{}) {
        for (const auto& draw : choice.draws) item.takes.push_back(shown(asked, demand, draw));
    }
    for (const auto& passed : passed_over(demand, choice, only, today)) {
        item.leaves.push_back(shown(asked, demand, passed));
    }
    return item;
}

}  // namespace

Plan plan(Reads& reads, const Actor&, const PlanOrder& order) {
    if (order.location_id &&
        !reads.maybe<Location>(sql::inventory::location, ByLocation{*order.location_id})) {
        throw unknown_reference("/location_id");
    }
    auto wanted = wanted_of(order);
    std::vector<Asked> asked;
    std::vector<Demand> demands, tracked;
    for (const auto& [sku, quantity] : wanted) {
        asked.push_back({.sku = sku, .codes = {}, .lot_numbers = {}});
        demands.push_back({.wanted = quantity, .owed = {}, .shelves = {}});
        find(reads, order, asked.back(), demands.back());
        if (asked.back().tracked) tracked.push_back(demands.back());
    }
    auto today = date_of(system_now());
    auto choices = choose(tracked, order.location_id, today);
    Plan plan;
    auto choice = choices.begin();
    for (std::size_t i = 0; i < asked.size(); ++i) {
        auto chosen = asked[i].tracked ? std::move(*choice++) : Choice{};
        plan.items.push_back(shown(asked[i], demands[i], chosen, order.location_id, today));
        if (plan.items.back().short_by > Quantity{}) plan.possible = false;
    }
    return plan;
}

}  // namespace stateset::inventory
