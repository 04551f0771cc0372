// Shelves are counted while goods come and go.

#include "inventory/counts.hpp"

#include "flows/complete_count.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using inventory::CountId;
using inventory::CountStatus;

std::string name_of(CountId id) { return "count " + to_string(id).substr(24); }

std::optional<Action> open(Random& random, Model& model, World&) {
    auto at = random.one_of(model.stock.locations);
    auto made = std::make_shared<CountId>();
    return Action{
        "open a count",
        keeping(made,
                [at](Tx& tx) { return inventory::open_count(tx, actor, {.location_id = at}).id; }),
        [=](Model& now) {
            now.counts[*made] = {.at = at};
            return ok;
        }};
}

// Mostly what is there, sometimes one more or less.
std::optional<Action> note(Random& random, Model& model, World&) {
    auto id = any_key(random, model.counts, is_one_of(CountStatus::open));
    if (!id) return std::nullopt;
    auto sku = random.one_of(model.stock.skus);
    auto at = model.counts.at(*id).at;
    auto lots = model.stock.shelves_of(sku, at);
    std::string lot;
    if (model.stock.by_lot(sku) && !random.chance(5)) {
        lot = lots.empty() ? "L-1" : random.one_of(lots).first;
    }
    auto there = model.stock.look(sku, at, lot).on_hand;
    auto pieces = std::max<std::int64_t>(0, there + random.between(-1, 1));
    auto work = [=](Tx& tx) {
        inventory::AddCountLines wanted{.id = *id, .lines = {}};
        inventory::NewCountLine line{.sku = {sku}, .quantity = Quantity::of(pieces)};
        if (!lot.empty()) line.lot_number = Text<64>{lot};
        wanted.lines.value.push_back(std::move(line));
        inventory::add_count_lines(tx, actor, {.wanted = wanted, .on_record = {std::nullopt}});
    };
    return Action{"count " + std::to_string(pieces) + " of " + sku + " in " + name_of(*id),
                  doing(work), [=](Model& now) -> std::string {
                      auto& count = now.counts.at(*id);
                      if (count.status != CountStatus::open) return "illegal_transition";
                      bool unnamed = now.stock.by_lot(sku) && lot.empty();
                      if (now.stock.by_serial(sku) || unnamed) return "invalid";
                      count.difference[{sku, lot}] =
                          pieces - now.stock.look(sku, count.at, lot).on_hand;
                      return ok;
                  }};
}

std::string finish(Model& model, CountId id) {
    auto& count = model.counts.at(id);
    if (count.status != CountStatus::open) return "illegal_transition";
    if (count.difference.empty()) return "nothing_counted";
    for (bool contradicted : {true, false}) {
        for (const auto& [what, difference] : count.difference) {
            auto shelf = model.stock.look(what.first, count.at, what.second);
            auto target = shelf.on_hand + difference;
            if (contradicted && target < 0) return "count_contradicted";
            if (!contradicted && target < shelf.allocated) return "below_allocated";
        }
    }
    for (const auto& [what, difference] : count.difference) {
        const auto& [sku, lot] = what;
        Goods goods{.pieces = std::abs(difference), .lot = lot};
        if (difference < 0) model.stock.lose(sku, count.at, goods);
        if (difference > 0) model.stock.arrive(sku, count.at, goods);
    }
    count.status = CountStatus::completed;
    return ok;
}

std::optional<Action> complete(Random& random, Model& model, World&) {
    auto id = any_key(random, model.counts, is_one_of(CountStatus::open));
    if (!id) return std::nullopt;
    return Action{"complete " + name_of(*id), doing([id](Tx& tx) {
                      flows::complete_count(tx, actor, {.wanted = {.id = *id}, .holders = {}});
                  }),
                  [id](Model& now) { return finish(now, *id); }};
}

std::optional<Action> cancel(Random& random, Model& model, World&) {
    auto id = any_key(random, model.counts, is_one_of(CountStatus::open));
    if (!id) return std::nullopt;
    return Action{"cancel " + name_of(*id),
                  doing([id](Tx& tx) { inventory::cancel_count(tx, actor, {.id = *id}); }),
                  [id](Model& now) -> std::string {
                      auto& count = now.counts.at(*id);
                      if (count.status != CountStatus::open) return "illegal_transition";
                      count.status = CountStatus::cancelled;
                      return ok;
                  }};
}

void compare(const World& world, Model& model) {
    for (const auto& one : world.all<inventory::Count>()) {
        require_same(one.status, model.counts.at(one.id).status, name_of(one.id));
    }
}

}  // namespace

Noun counts() {
    return {.name = "counts",
            .ways = {{1, open, "POST /inventory/counts"},
                     {3, note, "POST /inventory/counts/{id}/lines"},
                     {2, complete, "POST /inventory/counts/{id}/complete"},
                     {1, cancel, "POST /inventory/counts/{id}/cancel"}},
            .compare = compare};
}

}  // namespace stateset::sim
