// Goods are put into shipments, leave and arrive.

#include "flows/ship_order.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using orders::OrderId;
using orders::Status;
using shipments::ShipmentId;
using Shipment = shipments::Status;
const Actor actor = system_actor(tenant);

std::string name_of(ShipmentId id) { return "shipment " + to_string(id).substr(24); }

template <class Counts>
std::int64_t in_parcels(const Model& model, OrderId id, orders::LineId line, Counts counts) {
    std::int64_t sum = 0;
    for (const auto& [_, parcel] : model.parcels) {
        if (parcel.order != id || !counts(parcel)) continue;
        for (const auto& [item, pieces] : parcel.items) sum += item == line ? pieces : 0;
    }
    return sum;
}

std::int64_t left_of(const Model& model, OrderId id, const OrderLine& line) {
    return line.quantity - in_parcels(model, id, line.id, [](const Parcel& one) {
               return one.status != Shipment::cancelled;
           });
}

// Set aside, and in no parcel that has not left.
std::int64_t free_of(const Model& model, OrderId id, const OrderLine& line,
                     std::optional<inventory::LocationId> at = {}) {
    std::int64_t held = 0;
    for (const auto& one : model.stock.holds) {
        if (one.line == line.id && one.order == id && (!at || one.at == *at)) held += one.quantity;
    }
    return held - in_parcels(model, id, line.id, [&](const Parcel& one) {
               return one.still_here() && (!at || one.from == *at);
           });
}

// Where most of the first line can be had.
inventory::LocationId place_for(const Model& model, OrderId id, const OrderLine& line) {
    std::optional<inventory::LocationId> best;
    std::int64_t most = 0;
    for (const auto& hold : model.stock.holds) {
        if (hold.line != line.id || hold.order != id) continue;
        auto free = free_of(model, id, line, hold.at);
        if (best && free <= most) continue;
        best = hold.at;
        most = free;
    }
    return best.value_or(model.stock.locations.front());
}

// Pieces wanted of a line, by its place in the order; empty: everything.
using Wanted = std::optional<std::pair<std::size_t, std::int64_t>>;

std::string pack(Model& model, OrderId id, const Wanted& wanted, ShipmentId made) {
    const auto& order = model.orders.at(id);
    bool may = order.status == Status::processing || order.status == Status::partially_shipped;
    if (!may) return "illegal_transition";
    Parcel parcel{.order = id, .from = {}};
    const OrderLine* first = nullptr;
    for (std::size_t i = 0; i < order.lines.size(); ++i) {
        const auto& line = order.lines[i];
        if (wanted && wanted->first != i) continue;
        auto left = left_of(model, id, line);
        auto pieces = wanted ? wanted->second : left;
        if (wanted && pieces > left) return "exceeds_order";
        if (pieces <= 0) continue;
        if (free_of(model, id, line) < pieces) return "not_reserved";
        parcel.items.emplace_back(line.id, pieces);
        if (!first) first = &line;
    }
    if (!first) return "nothing_to_ship";
    parcel.from = place_for(model, id, *first);
    model.parcels[made] = std::move(parcel);
    return ok;
}

std::optional<Action> create(Random& random, Model& model, World&) {
    auto id =
        any_key(random, model.orders, is_one_of(Status::processing, Status::partially_shipped));
    if (!id) return std::nullopt;
    const auto& lines = model.orders.at(*id).lines;
    Wanted wanted;
    if (random.chance(35)) {
        auto which = random.below(static_cast<std::int64_t>(lines.size()));
        wanted = {static_cast<std::size_t>(which), random.between(1, 2)};
    }
    auto made = std::make_shared<ShipmentId>();
    auto work = [id, wanted, line = wanted ? lines[wanted->first].id : orders::LineId()](Tx& tx) {
        flows::NewShipment asked{.order_id = *id};
        if (wanted) asked.items.emplace().value = {{line, {wanted->second}}};
        return flows::create_shipment(tx, actor, asked).id;
    };
    return Action{"make a shipment of order " + to_string(*id).substr(24), keeping(made, work),
                  [=](Model& now) { return pack(now, *id, wanted, *made); }};
}

// Off the shelf: at the parcel's place first, then wherever the order has some.
void take_off_shelf(Model& model, const Parcel& parcel, orders::LineId line, std::int64_t pieces) {
    for (bool here : {true, false}) {
        for (auto& hold : model.stock.holds) {
            if (hold.line != line || (hold.at == parcel.from) != here) continue;
            auto part = std::min(pieces, hold.quantity);
            if (part == 0) continue;
            model.stock.take(hold, part);
            pieces -= part;
        }
    }
    model.stock.forget_empty_holds();
}

bool is_paid(Model& model, OrderId id) {
    const auto& order = model.orders.at(id);
    if (order.on_account) return true;
    std::int64_t captured = 0, given_back = 0;
    model.of_order(id, model.payments, [&](const Paid& one) {
        captured += one.captured;
        given_back += one.refunded + one.refunding;
    });
    return captured >= order.total() && (given_back < captured || order.total() == 0);
}

std::string send(Model& model, ShipmentId id) {
    auto& parcel = model.parcels.at(id);
    auto& order = model.orders.at(parcel.order);
    if (!parcel.still_here()) return "illegal_transition";
    bool may = order.status == Status::processing || order.status == Status::partially_shipped;
    if (!may) return "illegal_transition";
    if (!is_paid(model, parcel.order)) return "payment_required";
    for (const auto& [line, pieces] : parcel.items) {
        std::int64_t held = 0;
        for (const auto& one : model.stock.holds) held += one.line == line ? one.quantity : 0;
        if (held < pieces) return "not_reserved";
    }
    for (const auto& [id_, pieces] : parcel.items) {
        take_off_shelf(model, parcel, id_, pieces);
        std::ranges::find(order.lines, id_, &OrderLine::id)->shipped += pieces;
    }
    parcel.status = Shipment::shipped;
    bool all = std::ranges::all_of(
        order.lines, [](const OrderLine& line) { return line.shipped >= line.quantity; });
    order.status = all ? Status::shipped : Status::partially_shipped;
    model.keep_expiry(parcel.order);
    return ok;
}

std::optional<Action> ship(Random& random, Model& model, World&) {
    auto id = any_key(random, model.parcels, is_one_of(Shipment::label_created));
    if (!id) return std::nullopt;
    return Action{"ship " + name_of(*id),
                  doing([id](Tx& tx) { flows::ship_shipment(tx, actor, {.id = *id}); }),
                  [id](Model& now) { return send(now, *id); }};
}

std::optional<Action> deliver(Random& random, Model& model, World&) {
    auto id = any_key(random, model.parcels, is_one_of(Shipment::shipped));
    if (!id) return std::nullopt;
    return Action{"deliver " + name_of(*id),
                  doing([id](Tx& tx) { flows::deliver_shipment(tx, actor, {.id = *id}); }),
                  [id](Model& now) -> std::string {
                      auto& parcel = now.parcels.at(*id);
                      if (parcel.status != Shipment::shipped) return "illegal_transition";
                      parcel.status = Shipment::delivered;
                      auto& order = now.orders.at(parcel.order);
                      bool all = std::ranges::all_of(now.parcels, [&](const auto& one) {
                          return one.second.order != parcel.order ||
                                 one.second.status == Shipment::delivered ||
                                 one.second.status == Shipment::cancelled;
                      });
                      if (all && order.status == Status::shipped) order.status = Status::delivered;
                      return ok;
                  }};
}

std::optional<Action> cancel(Random& random, Model& model, World&) {
    auto id = any_key(random, model.parcels, is_one_of(Shipment::label_created));
    if (!id) return std::nullopt;
    return Action{"cancel " + name_of(*id),
                  doing([id](Tx& tx) { shipments::cancel(tx, actor, {.id = *id}); }),
                  [id](Model& now) -> std::string {
                      auto& parcel = now.parcels.at(*id);
                      if (!parcel.still_here()) return "illegal_transition";
                      parcel.status = Shipment::cancelled;
                      return ok;
                  }};
}

void compare(const World& world, Model& model) {
    auto found = world.all<shipments::Shipment>();
    require_same(static_cast<std::int64_t>(found.size()),
                 static_cast<std::int64_t>(model.parcels.size()), "the number of shipments");
    for (const auto& shipment : found) {
        require_same(shipment.status, model.parcels.at(shipment.id).status, name_of(shipment.id));
    }
}

}  // namespace

Noun shipments_() {
    return {.name = "shipments",
            .ways = {{8, create}, {8, ship}, {5, deliver}, {1, cancel}},
            .compare = compare};
}

}  // namespace stateset::sim
