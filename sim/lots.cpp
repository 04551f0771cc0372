// Stock that must be told apart: batches expire and are called back, pieces are set apart.

#include "inventory/upkeep.hpp"

#include "nouns.hpp"

namespace stateset::sim {
namespace {

using inventory::LotId;
using inventory::LotStatus;
using inventory::SerialStatus;

struct Known {
    LotId id;
    std::string sku, lot;
};

std::map<inventory::ItemId, std::string> item_names(const World& world) {
    std::map<inventory::ItemId, std::string> names;
    for (const auto& item : world.all<inventory::Item>()) names[item.id] = item.item_number;
    return names;
}

std::optional<Known> any_lot(Random& random, const World& world, LotStatus wanted,
                             bool wants_any = false) {
    auto names = item_names(world);
    std::vector<Known> all, fitting;
    for (const auto& lot : world.all<inventory::Lot>()) {
        all.push_back({lot.id, names.at(lot.item_id), lot.lot_number});
        if (wants_any || lot.status == wanted) fitting.push_back(all.back());
    }
    if (!fitting.empty() && !random.chance(10)) return random.one_of(fitting);
    if (all.empty()) return std::nullopt;
    return random.one_of(all);
}

std::optional<Action> quarantine_lot(Random& random, Model&, World& world) {
    auto lot = any_lot(random, world, LotStatus::active);
    if (!lot) return std::nullopt;
    return Action{"call lot " + lot->lot + " back",
                  doing([id = lot->id](Tx& tx) { inventory::quarantine_lot(tx, actor, {id, {}}); }),
                  [lot](Model& now) -> std::string {
                      auto& batch = now.stock.batches.at({lot->sku, lot->lot});
                      if (batch.status == LotStatus::quarantined) return "illegal_transition";
                      batch.status = LotStatus::quarantined;
                      now.stock.settle_everywhere(lot->sku, lot->lot);
                      return ok;
                  }};
}

// All of it that was set apart may be used again, also what was set apart before the lot was.
void free_lot(Model& now, const std::string& sku, const std::string& lot) {
    now.stock.batches.at({sku, lot}).status = LotStatus::active;
    for (auto at : now.stock.locations) {
        auto found = now.stock.shelves.find({sku, at, lot});
        if (found != now.stock.shelves.end()) found->second.quarantined = 0;
    }
}

std::optional<Action> release_lot(Random& random, Model&, World& world) {
    auto lot = any_lot(random, world, LotStatus::quarantined);
    if (!lot) return std::nullopt;
    return Action{"release lot " + lot->lot,
                  doing([id = lot->id](Tx& tx) { inventory::release_lot(tx, actor, {id, {}}); }),
                  [lot](Model& now) -> std::string {
                      auto& batch = now.stock.batches.at({lot->sku, lot->lot});
                      if (batch.status != LotStatus::quarantined) return "illegal_transition";
                      if (batch.expires_on && *batch.expires_on < now.stock.today) {
                          return "lot_not_usable";
                      }
                      free_lot(now, lot->sku, lot->lot);
                      return ok;
                  }};
}

std::optional<Action> correct_lot(Random& random, Model& model, World& world) {
    auto lot = any_lot(random, world, LotStatus::active, true);
    if (!lot) return std::nullopt;
    std::optional<Date> day;
    if (!random.chance(20)) day = Date{model.stock.today.days + random.between(-2, 6)};
    return Action{"lot " + lot->lot + " expires " + (day ? "on " + to_string(*day) : "never"),
                  doing([id = lot->id, day](Tx& tx) {
                      inventory::LotChanges wanted{.id = id};
                      wanted.expires_on = {.given = true, .value = day};
                      inventory::update_lot(tx, actor, wanted);
                  }),
                  [lot, day](Model& now) -> std::string {
                      auto& batch = now.stock.batches.at({lot->sku, lot->lot});
                      batch.expires_on = day;
                      bool over = day && *day < now.stock.today;
                      if (batch.status == LotStatus::active && over) {
                          batch.status = LotStatus::expired;
                          now.stock.settle_everywhere(lot->sku, lot->lot);
                      } else if (batch.status == LotStatus::expired && !over) {
                          free_lot(now, lot->sku, lot->lot);
                      }
                      return ok;
                  }};
}

std::optional<Action> day_is_over(Random& random, Model&, World& world) {
    auto lot = any_lot(random, world, LotStatus::active);
    if (!lot) return std::nullopt;
    return Action{"look whether lot " + lot->lot + " is over",
                  doing([id = lot->id](Tx& tx) { inventory::expire_lot_if_over(tx, id); }),
                  [lot](Model& now) {
                      auto& batch = now.stock.batches.at({lot->sku, lot->lot});
                      bool over = batch.expires_on && *batch.expires_on < now.stock.today;
                      if (batch.status == LotStatus::active && over) {
                          batch.status = LotStatus::expired;
                          now.stock.settle_everywhere(lot->sku, lot->lot);
                      }
                      return ok;
                  }};
}

// ---- a part of what lies somewhere

struct Some {
    std::string sku;
    inventory::LocationId at;
    Goods goods;
};

// Of items in lots and pieces mostly what is there in that state.
Some some_stock(Random& random, Model& model, SerialStatus state) {
    auto& stock = model.stock;
    Some some{.sku = random.one_of(stock.skus), .at = random.one_of(stock.locations)};
    some.goods.pieces = random.between(1, 2);
    if (stock.by_lot(some.sku) && !random.chance(5)) {
        auto shelves = stock.shelves_of(some.sku, some.at);
        some.goods.lot = shelves.empty() ? "L-1" : random.one_of(shelves).first;
    }
    if (!stock.by_serial(some.sku) || random.chance(5)) return some;
    for (const auto& [key, piece] : stock.pieces) {
        bool fits = key.first == some.sku && piece.at == some.at && piece.status == state;
        bool enough = static_cast<std::int64_t>(some.goods.serials.size()) == some.goods.pieces;
        if (fits && !enough) some.goods.serials.push_back(key.second);
    }
    if (some.goods.serials.empty()) some.goods.serials = {"P-1", "P-2"};
    return some;
}

inventory::Quarantine wanted_of(const Some& some) {
    inventory::Quarantine wanted{.id = some.sku,
                                 .location_id = some.at,
                                 .quantity = Quantity::of(some.goods.pieces),
                                 .lot_number = {},
                                 .serial_numbers = {},
                                 .reason = {"looks odd"}};
    if (!some.goods.lot.empty()) wanted.lot_number = Text<64>{some.goods.lot};
    if (!some.goods.serials.empty()) {
        wanted.serial_numbers.emplace();
        for (const auto& one : some.goods.serials) wanted.serial_numbers->value.push_back({one});
    }
    return wanted;
}

std::string named_wrong(Model& model, const Some& some) {
    auto& stock = model.stock;
    if (stock.by_lot(some.sku) && some.goods.lot.empty()) return "lot_required";
    if (stock.by_serial(some.sku)) {
        if (some.goods.serials.empty()) return "serials_required";
        if (static_cast<std::int64_t>(some.goods.serials.size()) != some.goods.pieces) {
            return "serial_count";
        }
    }
    bool unknown = stock.by_lot(some.sku) && !stock.batches.contains({some.sku, some.goods.lot});
    return unknown ? "invalid" : ok;
}

std::string move_pieces(Model& model, const Some& some, SerialStatus from, SerialStatus to) {
    for (const auto& serial : some.goods.serials) {
        auto piece = model.stock.pieces.find({some.sku, serial});
        bool here = piece != model.stock.pieces.end() && piece->second.at == some.at &&
                    piece->second.status == from;
        if (!here) return "serial_not_here";
        piece->second.status = to;
    }
    return ok;
}

std::optional<Action> set_apart(Random& random, Model& model, World&) {
    auto some = some_stock(random, model, SerialStatus::in_stock);
    return Action{
        "quarantine " + std::to_string(some.goods.pieces) + " of " + some.sku,
        doing([wanted = wanted_of(some)](Tx& tx) { inventory::quarantine(tx, actor, wanted); }),
        [some](Model& now) -> std::string {
            if (auto wrong = named_wrong(now, some); wrong != ok) return wrong;
            auto& shelf = now.stock.shelf(some.sku, some.at, some.goods.lot);
            if (shelf.available() < some.goods.pieces) return "insufficient_stock";
            auto watching = now.stock.watch(some.sku, some.at);
            shelf.quarantined += some.goods.pieces;
            return move_pieces(now, some, SerialStatus::in_stock, SerialStatus::quarantined);
        }};
}

std::optional<Action> give_to_use(Random& random, Model& model, World&) {
    auto some = some_stock(random, model, SerialStatus::quarantined);
    return Action{
        "unquarantine " + std::to_string(some.goods.pieces) + " of " + some.sku,
        doing([wanted = wanted_of(some)](Tx& tx) { inventory::unquarantine(tx, actor, wanted); }),
        [some](Model& now) -> std::string {
            if (auto wrong = named_wrong(now, some); wrong != ok) return wrong;
            auto& stock = now.stock;
            bool bad = stock.by_lot(some.sku) &&
                       stock.batches.at({some.sku, some.goods.lot}).status != LotStatus::active;
            if (bad) return "lot_not_usable";
            auto& shelf = stock.shelf(some.sku, some.at, some.goods.lot);
            if (shelf.quarantined < some.goods.pieces) return "not_quarantined";
            shelf.quarantined -= some.goods.pieces;
            return move_pieces(now, some, SerialStatus::quarantined, SerialStatus::in_stock);
        }};
}

// ---- comparing

void compare_lots(const World& world, Model& model,
                  const std::map<inventory::ItemId, std::string>& names) {
    std::map<LotId, std::string> numbers;
    for (const auto& lot : world.all<inventory::Lot>()) {
        numbers[lot.id] = lot.lot_number;
        const auto& batch = model.stock.batches.at({names.at(lot.item_id), lot.lot_number});
        require_same(lot.status, batch.status, "lot " + lot.lot_number);
        require_same(lot.expires_on, batch.expires_on, "the day of lot " + lot.lot_number);
    }
    auto left = model.stock.shelves;
    for (const auto& one : world.all<inventory::LotBalance>()) {
        const auto& sku = names.at(one.item_id);
        const auto& lot = numbers.at(one.lot_id);
        auto what = "lot " + lot + " of " + sku;
        const auto& shelf = model.stock.shelf(sku, one.location_id, lot);
        require_same(one.on_hand, Quantity::of(shelf.on_hand), what + " on hand");
        require_same(one.allocated, Quantity::of(shelf.allocated), what + " allocated");
        require_same(one.quarantined, Quantity::of(shelf.quarantined), what + " quarantined");
        left.erase({sku, one.location_id, lot});
    }
    for (const auto& [key, shelf] : left) {
        if (!std::get<2>(key).empty()) require_same(shelf, Shelf{}, "a lot that is missing");
    }
}

void compare(const World& world, Model& model) {
    auto names = item_names(world);
    compare_lots(world, model, names);
    auto pieces = world.all<inventory::Serial>();
    require_same(static_cast<std::int64_t>(pieces.size()),
                 static_cast<std::int64_t>(model.stock.pieces.size()), "the number of pieces");
    for (const auto& piece : pieces) {
        auto what = "piece " + piece.serial_number;
        const auto& modelled =
            model.stock.pieces.at({names.at(piece.item_id), piece.serial_number});
        require_same(piece.status, modelled.status, what);
        require_same(piece.location_id, modelled.at, what + ", its place");
    }
}

}  // namespace

Noun lots() {
    return {.name = "lots",
            .ways = {{1, quarantine_lot, "POST /inventory/lots/{id}/quarantine"},
                     {2, release_lot, "POST /inventory/lots/{id}/release"},
                     {1, correct_lot, "PATCH /inventory/lots/{id}"},
                     {2, day_is_over, "worker: lots"},
                     {2, set_apart, "POST /inventory/items/{id}/quarantine"},
                     {2, give_to_use, "POST /inventory/items/{id}/unquarantine"}},
            .compare = compare};
}

}  // namespace stateset::sim
