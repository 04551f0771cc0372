// Goods go from one place to the other; some never arrive.

#include "inventory/transfers.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using inventory::TransferId;
using inventory::TransferStatus;
const Actor actor = system_actor(tenant);

std::string name_of(TransferId id) { return "transfer " + to_string(id).substr(24); }

bool on_its_way(const Trip& trip) {
    return trip.status == TransferStatus::in_transit ||
           trip.status == TransferStatus::partially_received;
}

struct Made {
    TransferId id;
    inventory::TransferItemId item;
};

std::optional<Action> create(Random& random, Model& model, World&) {
    auto sku = random.one_of(model.stock.skus);
    bool there = random.chance(50);
    auto from = model.stock.locations[there ? 0 : 1], to = model.stock.locations[there ? 1 : 0];
    auto pieces = random.between(1, 4);
    auto made = std::make_shared<Made>();
    auto work = [=](Tx& tx) {
        inventory::NewTransfer wanted{.from_location_id = from, .to_location_id = to};
        wanted.items.value.push_back({.sku = {sku}, .quantity = Quantity::of(pieces)});
        Made one{inventory::create_transfer(tx, actor, wanted).id, {}};
        one.item = tx.all<inventory::TransferItem>(one.id).front()->id;
        return one;
    };
    return Action{"transfer " + std::to_string(pieces) + " of " + sku, keeping(made, work),
                  [=](Model& now) {
                      now.trips[made->id] = {
                          .sku = sku, .from = from, .to = to, .item = made->item, .pieces = pieces};
                      return ok;
                  }};
}

std::optional<Action> ship(Random& random, Model& model, World&) {
    auto id = any_key(random, model.trips, is_one_of(TransferStatus::draft));
    if (!id) return std::nullopt;
    return Action{"ship " + name_of(*id), doing([id](Tx& tx) {
                      inventory::ship_transfer(tx, actor, {.wanted = {.id = *id}, .items = {}});
                  }),
                  [id](Model& now) -> std::string {
                      auto& trip = now.trips.at(*id);
                      if (trip.status != TransferStatus::draft) return "illegal_transition";
                      auto& shelf = now.stock.shelf(trip.sku, trip.from);
                      if (shelf.available() < trip.pieces) return "insufficient_stock";
                      shelf.on_hand -= trip.pieces;
                      trip.on_the_way = trip.pieces;
                      trip.status = TransferStatus::in_transit;
                      return ok;
                  }};
}

std::optional<Action> receive(Random& random, Model& model, World&) {
    auto id = any_key(random, model.trips, on_its_way);
    if (!id) return std::nullopt;
    auto pieces = random.between(1, 3);
    bool final = random.chance(20);
    auto work = [=, item = model.trips.at(*id).item](Tx& tx) {
        inventory::ReceiveTransfer wanted{.id = *id, .final = final};
        wanted.items.emplace().value.push_back(
            {.transfer_item_id = item, .quantity = Quantity::of(pieces)});
        inventory::receive_transfer(tx, actor, wanted);
    };
    return Action{"receive " + std::to_string(pieces) + " of " + name_of(*id), doing(work),
                  [=](Model& now) -> std::string {
                      auto& trip = now.trips.at(*id);
                      if (!on_its_way(trip)) return "illegal_transition";
                      if (pieces > trip.on_the_way) return "exceeds_in_transit";
                      now.stock.shelf(trip.sku, trip.to).on_hand += pieces;
                      trip.on_the_way -= pieces;
                      if (final) trip.on_the_way = 0;
                      trip.status = trip.on_the_way == 0 ? TransferStatus::received
                                                         : TransferStatus::partially_received;
                      return ok;
                  }};
}

std::optional<Action> close(Random& random, Model& model, World&) {
    auto id = any_key(random, model.trips, on_its_way);
    if (!id) return std::nullopt;
    return Action{"close " + name_of(*id), doing([id](Tx& tx) {
                      inventory::close_transfer(tx, actor, {.id = *id, .reason = {"lost"}});
                  }),
                  [id](Model& now) -> std::string {
                      auto& trip = now.trips.at(*id);
                      if (!on_its_way(trip)) return "illegal_transition";
                      trip.on_the_way = 0;
                      trip.status = TransferStatus::received;
                      return ok;
                  }};
}

std::optional<Action> cancel(Random& random, Model& model, World&) {
    auto id =
        any_key(random, model.trips, is_one_of(TransferStatus::draft, TransferStatus::in_transit));
    if (!id) return std::nullopt;
    return Action{"cancel " + name_of(*id),
                  doing([id](Tx& tx) { inventory::cancel_transfer(tx, actor, {.id = *id}); }),
                  [id](Model& now) -> std::string {
                      auto& trip = now.trips.at(*id);
                      bool legal = trip.status == TransferStatus::draft ||
                                   trip.status == TransferStatus::in_transit;
                      if (!legal) return "illegal_transition";
                      now.stock.shelf(trip.sku, trip.from).on_hand += trip.on_the_way;
                      trip.on_the_way = 0;
                      trip.status = TransferStatus::cancelled;
                      return ok;
                  }};
}

void compare(const World& world, Model& model) {
    for (const auto& one : world.all<inventory::Transfer>()) {
        require_same(one.status, model.trips.at(one.id).status, name_of(one.id));
    }
    for (const auto& item : world.all<inventory::TransferItem>()) {
        require_same(item.in_transit().scaled,
                     Quantity::of(model.trips.at(item.transfer_id).on_the_way).scaled,
                     "in transit of " + name_of(item.transfer_id));
    }
}

}  // namespace

Noun transfers() {
    return {.name = "transfers",
            .ways = {{3, create}, {4, ship}, {4, receive}, {1, close}, {1, cancel}},
            .compare = compare};
}

}  // namespace stateset::sim
