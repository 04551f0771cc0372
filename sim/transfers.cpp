// Goods go from one place to the other; some never arrive.

#include "inventory/transfers.hpp"

#include "nouns.hpp"

namespace stateset::sim {
namespace {

using inventory::SerialStatus;
using inventory::TransferId;
using inventory::TransferStatus;

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

std::optional<Action> update(Random& random, Model& model, World&) {
    auto id = any_key(random, model.trips, is_one_of(TransferStatus::draft));
    if (!id) return std::nullopt;
    auto day = Date{model.stock.today.days + random.between(1, 5)};
    return Action{name_of(*id) + " is expected later", doing([=](Tx& tx) {
                      inventory::TransferChanges wanted{.id = *id};
                      wanted.expected_on = {true, day};
                      inventory::update_transfer(tx, actor, wanted);
                  }),
                  [=](Model& now) {
                      now.trips.at(*id).expected_on = day;
                      return ok;
                  }};
}

std::optional<Action> ship(Random& random, Model& model, World&) {
    auto id = any_key(random, model.trips, is_one_of(TransferStatus::draft));
    if (!id) return std::nullopt;
    return Action{"ship " + name_of(*id), doing([id](Tx& tx) {
                      inventory::ship_transfer(tx, actor,
                                               {.wanted = {.id = *id, .reason = {}}, .items = {}});
                  }),
                  [id](Model& now) -> std::string {
                      auto& trip = now.trips.at(*id);
                      if (trip.status != TransferStatus::draft) return "illegal_transition";
                      if (now.stock.usable(trip.sku, trip.from) < trip.pieces) {
                          return "insufficient_stock";
                      }
                      trip.on_the_way = now.stock.send(trip.sku, trip.from, trip.pieces);
                      trip.status = TransferStatus::in_transit;
                      return ok;
                  }};
}

// Takes pieces out of what is on its way, in the order in which it left, and puts them somewhere.
std::string unload(Model& model, Trip& trip, std::int64_t pieces, inventory::LocationId at) {
    for (auto& load : trip.on_the_way) {
        auto part = std::min(pieces, load.pieces);
        if (part == 0) continue;
        Goods goods{.pieces = part, .lot = load.lot, .expires_on = load.expires_on};
        while (!load.serials.empty() && static_cast<std::int64_t>(goods.serials.size()) < part) {
            goods.serials.push_back(load.serials.front());
            load.serials.erase(load.serials.begin());
        }
        auto answer = model.stock.arrive(trip.sku, at, goods);
        if (answer != ok) return answer;
        load.pieces -= part;
        pieces -= part;
    }
    std::erase_if(trip.on_the_way, [](const Goods& one) { return one.pieces == 0; });
    return ok;
}

// Pieces that were found elsewhere meanwhile are not lost.
void lose_the_rest(Model& model, Trip& trip) {
    for (const auto& load : trip.on_the_way) {
        for (const auto& serial : load.serials) {
            auto& piece = model.stock.pieces.at({trip.sku, serial});
            if (piece.status == SerialStatus::in_transit) piece.status = SerialStatus::scrapped;
        }
    }
    trip.on_the_way.clear();
}

std::string receive_by_hand(Model& model, TransferId id, std::int64_t pieces, bool final) {
    auto& trip = model.trips.at(id);
    if (!on_its_way(trip)) return "illegal_transition";
    if (pieces > trip.left()) return "exceeds_in_transit";
    bool done = final || pieces == trip.left();
    auto answer = unload(model, trip, pieces, trip.to);
    if (answer != ok) return answer;
    if (done) lose_the_rest(model, trip);
    trip.status = done ? TransferStatus::received : TransferStatus::partially_received;
    return ok;
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
                  [=](Model& now) { return receive_by_hand(now, *id, pieces, final); }};
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
                      lose_the_rest(now, trip);
                      trip.status = TransferStatus::received;
                      return ok;
                  }};
}

std::optional<Action> cancel(Random& random, Model& model, World&) {
    auto id =
        any_key(random, model.trips, is_one_of(TransferStatus::draft, TransferStatus::in_transit));
    if (!id) return std::nullopt;
    return Action{
        "cancel " + name_of(*id),
        doing([id](Tx& tx) { inventory::cancel_transfer(tx, actor, {.id = *id, .reason = {}}); }),
        [id](Model& now) -> std::string {
            auto& trip = now.trips.at(*id);
            bool legal =
                trip.status == TransferStatus::draft || trip.status == TransferStatus::in_transit;
            if (!legal) return "illegal_transition";
            trip.status = TransferStatus::cancelled;
            return unload(now, trip, trip.left(), trip.from);
        }};
}

void compare(const World& world, Model& model) {
    for (const auto& one : world.all<inventory::Transfer>()) {
        const auto& trip = model.trips.at(one.id);
        require_same(one.status, trip.status, name_of(one.id));
        require_same(one.expected_on, trip.expected_on, "when it is expected");
    }
    for (const auto& item : world.all<inventory::TransferItem>()) {
        require_same(item.in_transit().scaled,
                     Quantity::of(model.trips.at(item.transfer_id).left()).scaled,
                     "in transit of " + name_of(item.transfer_id));
    }
}

}  // namespace

Noun transfers() {
    return {.name = "transfers",
            .ways = {{3, create, "POST /inventory/transfers"},
                     {1, update, "PATCH /inventory/transfers/{id}"},
                     {4, ship, "POST /inventory/transfers/{id}/ship"},
                     {4, receive, "POST /inventory/transfers/{id}/receive"},
                     {1, close, "POST /inventory/transfers/{id}/close"},
                     {1, cancel, "POST /inventory/transfers/{id}/cancel"}},
            .compare = compare};
}

}  // namespace stateset::sim
