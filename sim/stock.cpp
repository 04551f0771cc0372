// Goods come, are set aside by hand, and are counted anew.

#include "flows/create_product.hpp"
#include "flows/take_stock_back.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

constexpr const char* skus[] = {"ANVIL", "BELL", "CROWN"};
constexpr std::int64_t prices[] = {1999, 500, 3333};
constexpr std::int64_t first_stock = 12;
const Actor actor = system_actor(tenant);

std::string at(const std::string& sku, inventory::LocationId location) {
    return sku + " at " + std::to_string(location.value);
}

std::optional<Action> receive(Random& random, Model& model, World&) {
    auto sku = random.one_of(model.stock.skus);
    auto location = random.one_of(model.stock.locations);
    auto pieces = random.between(1, 6);
    return Action{
        "receive " + std::to_string(pieces) + " of " + at(sku, location), doing([=](Tx& tx) {
            inventory::receive(
                tx, actor, {.id = sku, .location_id = location, .quantity = Quantity::of(pieces)});
        }),
        [=](Model& now) {
            now.stock.shelf(sku, location).on_hand += pieces;
            return ok;
        }};
}

std::optional<Action> adjust(Random& random, Model& model, World&) {
    auto sku = random.one_of(model.stock.skus);
    auto location = random.one_of(model.stock.locations);
    auto delta = random.between(-4, 3);
    if (delta == 0) return std::nullopt;
    return Action{"adjust " + at(sku, location) + " by " + std::to_string(delta),
                  doing([=](Tx& tx) {
                      flows::adjust_stock(tx, actor,
                                          {.wanted = {.id = sku,
                                                      .location_id = location,
                                                      .delta = Quantity::of(delta),
                                                      .reason = {"counted"}},
                                           .holders = {}});
                  }),
                  [=](Model& now) -> std::string {
                      auto& shelf = now.stock.shelf(sku, location);
                      if (shelf.on_hand + delta < 0) return "invalid";
                      if (shelf.on_hand + delta < shelf.allocated) return "below_allocated";
                      shelf.on_hand += delta;
                      return ok;
                  }};
}

std::optional<Action> reserve(Random& random, Model& model, World&) {
    auto sku = random.one_of(model.stock.skus);
    auto location = random.one_of(model.stock.locations);
    auto pieces = random.between(1, 4);
    auto made = std::make_shared<inventory::ReservationId>();
    return Action{"reserve " + std::to_string(pieces) + " of " + at(sku, location),
                  keeping(made,
                          [=](Tx& tx) {
                              return inventory::reserve_one(tx, actor,
                                                            {.id = sku,
                                                             .location_id = location,
                                                             .quantity = Quantity::of(pieces)})
                                  .reservation->id;
                          }),
                  [=](Model& now) -> std::string {
                      if (now.stock.shelf(sku, location).available() < pieces) {
                          return "insufficient_stock";
                      }
                      now.stock.hold({*made, sku, location, pieces, {}, {}, {}});
                      return ok;
                  }};
}

// One that nobody ordered.
std::optional<Hold> by_hand(Random& random, const Model& model) {
    std::vector<Hold> free;
    std::ranges::copy_if(model.stock.holds, std::back_inserter(free),
                         [](const Hold& one) { return !one.order && !one.job; });
    if (free.empty()) return std::nullopt;
    return random.one_of(free);
}

std::optional<Action> release(Random& random, Model& model, World&) {
    auto hold = by_hand(random, model);
    if (!hold) return std::nullopt;
    return Action{
        "release a reservation of " + hold->sku,
        doing([id = hold->id](Tx& tx) { flows::release_reservation(tx, actor, {.id = id}); }),
        [id = hold->id](Model& now) -> std::string {
            auto same = [id](const Hold& one) { return one.id == id && !one.order && !one.job; };
            if (std::ranges::none_of(now.stock.holds, same)) return "illegal_transition";
            now.stock.let_go(same);
            return ok;
        }};
}

std::optional<Action> consume(Random& random, Model& model, World&) {
    auto hold = by_hand(random, model);
    if (!hold) return std::nullopt;
    auto pieces = random.between(1, hold->quantity);
    return Action{"consume " + std::to_string(pieces) + " of a reservation of " + hold->sku,
                  doing([id = hold->id, pieces](Tx& tx) {
                      inventory::consume_one(tx, actor,
                                             {.id = id, .quantity = Quantity::of(pieces)});
                  }),
                  [id = hold->id, pieces](Model& now) -> std::string {
                      auto found = std::ranges::find_if(now.stock.holds, [id](const Hold& one) {
                          return one.id == id && !one.order && !one.job;
                      });
                      if (found == now.stock.holds.end()) return "illegal_transition";
                      if (found->quantity < pieces) return "exceeds_reservation";
                      now.stock.take(*found, pieces);
                      now.stock.forget_empty_holds();
                      return ok;
                  }};
}

void compare(const World& world, Model& model) {
    std::map<inventory::ItemId, std::string> names;
    for (const auto& item : world.all<inventory::Item>()) names[item.id] = item.item_number;
    auto left = model.stock.shelves;
    for (const auto& balance : world.all<inventory::Balance>()) {
        const auto& sku = names.at(balance.item_id);
        auto what = at(sku, balance.location_id);
        const auto& shelf = model.stock.shelf(sku, balance.location_id);
        require_same(balance.on_hand.scaled, Quantity::of(shelf.on_hand).scaled,
                     "on_hand of " + what + " (ten-thousandths)");
        require_same(balance.quarantined.scaled, Quantity::of(shelf.quarantined).scaled,
                     "quarantined of " + what + " (ten-thousandths)");
        require_same(balance.allocated.scaled, Quantity::of(shelf.allocated).scaled,
                     "allocated of " + what + " (ten-thousandths)");
        left.erase({sku, balance.location_id});
    }
    for (const auto& [key, shelf] : left) {
        require_same(shelf, Shelf{}, "a balance that is missing: " + at(key.first, key.second));
    }
    std::int64_t active = 0;
    for (const auto& one : world.all<inventory::Reservation>()) {
        active += one.status == inventory::ReservationStatus::active ? 1 : 0;
    }
    require_same(active, static_cast<std::int64_t>(model.stock.holds.size()),
                 "the number of active reservations");
}

}  // namespace

Noun stock() {
    return {.name = "stock",
            .ways = {{9, receive}, {3, adjust}, {3, reserve}, {2, release}, {2, consume}},
            .compare = compare};
}

void furnish(World& world, Model& model) {
    world.quietly(doing([&](Tx& tx) {
        model.stock.locations = {inventory::create_main_location(tx).id};
        auto east = inventory::create_location(
            tx, actor, {.code = {"EAST"}, .name = {"East"}, .priority = Int<0, 1'000'000>{200}});
        model.stock.locations.push_back(east.id);
    }));
    for (std::size_t i = 0; i < std::size(skus); ++i) {
        model.stock.skus.emplace_back(skus[i]);
        model.prices[skus[i]] = prices[i];
        world.quietly(doing([&](Tx& tx) {
            flows::create_product(tx, actor,
                                  {.name = {skus[i]},
                                   .sku = {skus[i]},
                                   .price = amount_of(prices[i]),
                                   .currency = currency_from("USD").value()});
        }));
        auto at = model.stock.locations.front();
        model.stock.shelf(skus[i], at).on_hand = first_stock;
        world.quietly(doing([&](Tx& tx) {
            inventory::receive(
                tx, actor,
                {.id = skus[i], .location_id = at, .quantity = Quantity::of(first_stock)});
        }));
    }
    for (const char* name : {"ada", "grace"}) {
        world.quietly(doing([&](Tx& tx) {
            auto made =
                customers::create(tx, actor, {.email = {std::string(name) + "@example.com"}});
            model.customers.push_back(made.id);
        }));
    }
}

}  // namespace stateset::sim
