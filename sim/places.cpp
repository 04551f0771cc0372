// Items and places, when little is left of something, and what can be promised of it.

#include "inventory/inventory.hpp"
#include "inventory/plan.hpp"
#include "inventory/promise.hpp"
#include "nouns.hpp"
#include "platform/store/event.hpp"

namespace stateset::sim {
namespace {

using inventory::LocationId;

std::optional<Action> add_item(Random& random, Model&, World&) {
    auto number = "PART-" + std::to_string(random.between(1, 9));
    return Action{"an item " + number, doing([=](Tx& tx) {
                      inventory::create_one(tx, actor, {.item_number = {number}});
                  }),
                  [=](Model& now) -> std::string {
                      if (now.items.contains(number)) return "already_exists";
                      now.items[number] = "each";
                      return ok;
                  }};
}

std::optional<Action> change_item(Random& random, Model& model, World&) {
    auto number = any_key(random, model.items, [](const auto&) { return true; });
    if (!number) return std::nullopt;
    auto uom = random.chance(50) ? "kg" : "box";
    return Action{"count " + *number + " by " + uom, doing([=](Tx& tx) {
                      inventory::ItemChanges wanted{.id = *number};
                      wanted.uom = {true, {uom}};
                      inventory::update(tx, actor, wanted);
                  }),
                  [=](Model& now) {
                      now.items.at(*number) = uom;
                      return ok;
                  }};
}

// Places where nothing lies: what balances would follow is the worker's business.
std::optional<Action> add_place(Random& random, Model&, World&) {
    auto code = "W-" + std::to_string(random.between(1, 5));
    return Action{"a place " + code, doing([=](Tx& tx) {
                      inventory::create_location(tx, actor, {.code = {code}, .name = {"a shed"}});
                  }),
                  [=](Model& now) -> std::string {
                      if (now.places.contains(code)) return "already_exists";
                      now.places[code] = {"a shed", true};
                      return ok;
                  }};
}

std::optional<Action> change_place(Random& random, Model& model, World& world) {
    auto code = any_key(random, model.places, [](const auto&) { return true; });
    if (!code) return std::nullopt;
    LocationId id;
    for (const auto& one : world.all<inventory::Location>()) {
        if (one.code == *code) id = one.id;
    }
    bool active = random.chance(50);
    return Action{"change " + *code, doing([=](Tx& tx) {
                      inventory::LocationChanges wanted{.id = id};
                      wanted.name = {true, {"a barn"}};
                      wanted.active = {true, active};
                      inventory::update_location(tx, actor, wanted);
                  }),
                  [=](Model& now) {
                      now.places.at(*code) = {"a barn", active};
                      return ok;
                  }};
}

std::optional<Action> set_reorder_point(Random& random, Model&, World& world) {
    auto all = world.all<inventory::Balance>();
    if (all.empty()) return std::nullopt;
    auto balance = random.one_of(all);
    std::string sku;
    for (const auto& item : world.all<inventory::Item>()) {
        if (item.id == balance.item_id) sku = item.item_number;
    }
    auto point = random.between(-1, 8);
    return Action{"order " + sku + " anew at " + std::to_string(point), doing([=](Tx& tx) {
                      inventory::BalanceChanges wanted{.id = balance.id};
                      wanted.reorder_point = {true, Quantity::of(point)};
                      inventory::update_balance(tx, actor, wanted);
                  }),
                  [=](Model& now) -> std::string {
                      if (point < 0) return "invalid";
                      now.stock.reorder_points[{sku, balance.location_id}] = point;
                      return ok;
                  }};
}

// What the queries say of one item, another one each time. They go by the day of today, so those in
// lots are left out.
void compare_answers(const World& world, Model& model) {
    const auto& skus = model.stock.skus;
    const auto& sku = skus[static_cast<std::size_t>(world.now().micros / 1'000'000) % skus.size()];
    if (model.stock.by_lot(sku)) return;
    constexpr std::int64_t pieces = 4;
    auto plan = world.read([&](Reads& reads) {
        inventory::PlanOrder wanted;
        wanted.items.value.push_back({.sku = {sku}, .quantity = Quantity::of(pieces)});
        return inventory::plan(reads, actor, wanted);
    });
    auto free = model.free(sku);
    require_same(plan.possible, free >= pieces, "whether 4 of " + sku + " can be had");
    require_same(plan.items.front().available, Quantity::of(free),
                 "what of " + sku + " can be had");
    auto promise = world.read([&](Reads& reads) {
        return inventory::promise(reads, actor, {.id = sku, .quantity = {}, .by = {}});
    });
    require_same(promise.available, Quantity::of(model.stock.usable(sku)), sku + ", available");
    require_same(promise.backordered, Quantity::of(model.owed(sku)), sku + ", owed");
}

void compare(const World& world, Model& model) {
    std::map<std::string, std::string> items;
    for (const auto& one : world.all<inventory::Item>()) items[one.item_number] = one.uom;
    for (const auto& sku : model.stock.skus) items.erase(sku);
    require_same(items, model.items, "the items");
    for (const auto& one : world.all<inventory::Location>()) {
        if (one.code == "MAIN" || one.code == "EAST") continue;
        require_same(std::pair(one.name, one.active), model.places.at(one.code), one.code);
    }
    std::int64_t warnings = 0;
    for (const auto& one : world.all<store::Event>()) {
        warnings += one.type == "inventory.low_stock" ? 1 : 0;
    }
    require_same(warnings, model.stock.warnings, "how often little was left");
    compare_answers(world, model);
}

}  // namespace

Noun places() {
    return {.name = "places",
            .ways = {{1, add_item, "POST /inventory/items"},
                     {1, change_item, "PATCH /inventory/items/{id}"},
                     {1, add_place, "POST /locations"},
                     {1, change_place, "PATCH /locations/{id}"},
                     {3, set_reorder_point, "PATCH /inventory/balances/{id}"}},
            .compare = compare};
}

}  // namespace stateset::sim
