// Goods are put into shipments, leave and arrive, as carriers tell it; what comes with a warranty
// has it from then on.

#include "flows/carrier_reports.hpp"
#include "flows/ship_order.hpp"
#include "nouns.hpp"
#include "warranties/term.hpp"

namespace stateset::sim {
namespace {

using orders::OrderId;
using orders::Status;
using shipments::ShipmentId;
using Shipment = shipments::Status;

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

// Pieces wanted of a line, by its place in the order; empty: everything that does not wait.
using Wanted = std::optional<std::pair<std::size_t, std::int64_t>>;

std::string pack(Model& model, OrderId id, const Wanted& wanted, Parcel& parcel) {
    const auto& order = model.orders.at(id);
    bool may = order.status == Status::processing || order.status == Status::partially_shipped;
    if (!may) return "illegal_transition";
    parcel.order = id;
    const OrderLine* first = nullptr;
    for (std::size_t i = 0; i < order.lines.size(); ++i) {
        const auto& line = order.lines[i];
        if (wanted && wanted->first != i) continue;
        auto left = left_of(model, id, line);
        auto pieces = wanted ? wanted->second : left - model.waiting(line.id);
        if (wanted && pieces > left) return "exceeds_order";
        if (pieces <= 0) continue;
        if (free_of(model, id, line) < pieces) return "not_reserved";
        parcel.items.emplace_back(line.id, pieces);
        if (!first) first = &line;
    }
    if (!first) return "nothing_to_ship";
    parcel.from = place_for(model, id, *first);
    return ok;
}

// What somebody wants to be sent of an order, as they ask for it.
struct Asked {
    Wanted wanted;
    orders::LineId line;
    flows::ItemsToShip items() const {
        if (!wanted) return std::nullopt;
        return List<flows::ItemToShip, 1, 1000>{{{line, {wanted->second}}}};
    }
};

Asked some_of(Random& random, const Placed& order) {
    if (!random.chance(35)) return {};
    auto which =
        static_cast<std::size_t>(random.below(static_cast<std::int64_t>(order.lines.size())));
    return {Wanted({which, random.between(1, 2)}), order.lines[which].id};
}

// The line may have gone to another order since.
bool is_there(const Model& model, OrderId id, const Asked& asked) {
    const auto& lines = model.orders.at(id).lines;
    return !asked.wanted ||
           (asked.wanted->first < lines.size() && lines[asked.wanted->first].id == asked.line);
}

std::optional<Action> create(Random& random, Model& model, World&) {
    auto id =
        any_key(random, model.orders, is_one_of(Status::processing, Status::partially_shipped));
    if (!id) return std::nullopt;
    auto asked = some_of(random, model.orders.at(*id));
    // Only the sandbox makes labels here; of others they come later.
    bool elsewhere = !model.carriers.empty() && random.chance(25);
    auto made = std::make_shared<ShipmentId>();
    auto work = [=](Tx& tx) {
        flows::NewShipment wanted{.order_id = *id, .items = asked.items()};
        if (elsewhere) wanted.carrier = Text<50>{"truck"};
        return flows::create_shipment(tx, actor, wanted).id;
    };
    return Action{"make a shipment of order " + to_string(*id).substr(24), keeping(made, work),
                  [=](Model& now) -> std::string {
                      auto status = now.orders.at(*id).status;
                      bool may =
                          status == Status::processing || status == Status::partially_shipped;
                      if (may && !is_there(now, *id, asked)) return "invalid";
                      Parcel parcel;
                      parcel.status = elsewhere ? Shipment::pending : Shipment::label_created;
                      auto answer = pack(now, *id, asked.wanted, parcel);
                      if (answer == ok) now.parcels[*made] = parcel;
                      return answer;
                  }};
}

std::optional<Action> label(Random& random, Model& model, World&) {
    auto id = any_key(random, model.parcels, is_one_of(Shipment::pending));
    if (!id) return std::nullopt;
    auto number = "T" + to_string(*id).substr(24);
    return Action{
        "label " + name_of(*id), doing([id, number](Tx& tx) {
            shipments::make_label(
                tx, actor,
                {.id = *id, .tracking_number = Text<100>{number}, .service = {}, .reason = {}});
        }),
        [id](Model& now) -> std::string {
            auto& parcel = now.parcels.at(*id);
            if (parcel.status != Shipment::pending) return "illegal_transition";
            parcel.status = Shipment::label_created;
            return ok;
        }};
}

// Off the shelf: at the parcel's place first, then wherever the order has some.
std::string take_off_shelf(Model& model, Parcel& parcel, orders::LineId line, std::int64_t pieces) {
    for (bool here : {true, false}) {
        for (auto& hold : model.stock.holds) {
            if (hold.line != line || (hold.at == parcel.from) != here) continue;
            auto part = std::min(pieces, hold.quantity);
            if (part == 0) continue;
            auto answer = model.stock.take(hold, part, inventory::SerialStatus::shipped,
                                           &parcel.serials[line]);
            if (answer != ok) return answer;
            pieces -= part;
        }
    }
    model.stock.forget_empty_holds();
    return pieces > 0 ? "not_reserved" : ok;
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

std::string may_ship(Model& model, OrderId id) {
    auto status = model.orders.at(id).status;
    bool may = status == Status::processing || status == Status::partially_shipped;
    if (!may) return "illegal_transition";
    return is_paid(model, id) ? ok : "payment_required";
}

std::string leave(Model& model, Parcel& parcel) {
    auto& order = model.orders.at(parcel.order);
    for (const auto& [id, pieces] : parcel.items) {
        auto answer = take_off_shelf(model, parcel, id, pieces);
        if (answer != ok) return answer;
        std::ranges::find(order.lines, id, &OrderLine::id)->shipped += pieces;
    }
    parcel.status = Shipment::shipped;
    return ok;
}

void have_left(Model& model, OrderId id) {
    auto& order = model.orders.at(id);
    bool all = std::ranges::all_of(
        order.lines, [](const OrderLine& line) { return line.shipped >= line.quantity; });
    order.status = all ? Status::shipped : Status::partially_shipped;
    model.refresh(id);
}

std::string send(Model& model, ShipmentId id) {
    auto& parcel = model.parcels.at(id);
    if (parcel.status != Shipment::label_created) return "illegal_transition";
    auto answer = may_ship(model, parcel.order);
    if (answer == ok) answer = leave(model, parcel);
    if (answer == ok) have_left(model, parcel.order);
    return answer;
}

std::optional<Action> ship(Random& random, Model& model, World&) {
    auto id = any_key(random, model.parcels, is_one_of(Shipment::label_created));
    if (!id) return std::nullopt;
    return Action{"ship " + name_of(*id), doing([id](Tx& tx) {
                      flows::ship_shipment(tx, actor, {.id = *id, .items = {}, .reason = {}});
                  }),
                  [id](Model& now) { return send(now, *id); }};
}

// What lies ready and the rest, or a part, in one go.
std::string ship_by_hand(Model& model, OrderId id, const Asked& asked, ShipmentId made) {
    auto answer = may_ship(model, id);
    if (answer != ok) return answer;
    if (!is_there(model, id, asked)) return "invalid";
    Parcel rest;
    answer = pack(model, id, asked.wanted, rest);
    if (answer != ok && answer != "nothing_to_ship") return answer;
    bool any = answer == ok;
    if (!asked.wanted) {
        for (auto& [_, parcel] : model.parcels) {
            if (parcel.order != id || parcel.status != Shipment::label_created) continue;
            any = true;
            answer = leave(model, parcel);
            if (answer != ok) return answer;
        }
    }
    if (!any) return "nothing_to_ship";
    if (!rest.items.empty()) {
        answer = leave(model, rest);
        if (answer != ok) return answer;
        model.parcels[made] = rest;
    }
    have_left(model, id);
    return ok;
}

std::optional<Action> ship_order(Random& random, Model& model, World&) {
    auto id =
        any_key(random, model.orders, is_one_of(Status::processing, Status::partially_shipped));
    if (!id) return std::nullopt;
    auto asked = some_of(random, model.orders.at(*id));
    auto made = std::make_shared<ShipmentId>();
    auto work = [=](Tx& tx) {
        flows::ShipOrder wanted{.id = *id, .items = asked.items()};
        flows::ship_order(tx, actor, wanted);
        return tx.all<shipments::Shipment>(*id).back()->id;  // the one that it made, if any
    };
    return Action{"ship order " + to_string(*id).substr(24), keeping(made, work),
                  [=](Model& now) { return ship_by_hand(now, *id, asked, *made); }};
}

// ---- arriving

// What comes with a warranty has one for each piece with a number, and one for the rest of a line.
void promise(Model& model, const Parcel& parcel, const OrderLine& line, std::int64_t pieces,
             const std::string& serial) {
    const auto& sold = model.sold.at(line.sku);
    if (!sold.warranty_months) return;
    auto today = date_of(model.now);
    const auto& order = model.orders.at(parcel.order);
    auto keeps = [&](Promise& held) {
        bool same = !serial.empty() && held.sku == line.sku && held.serial == serial &&
                    held.status != warranties::Status::void_;
        if (!same) return false;
        bool its_own = held.order ? *held.order == parcel.order : held.customer == order.customer;
        if (its_own && held.ends_on >= today) return true;
        held.status = warranties::Status::void_;
        return false;
    };
    for (auto& [_, held] : model.promises) {
        if (keeps(held)) return;
    }
    for (auto& held : model.new_promises) {
        if (keeps(held)) return;
    }
    model.new_promises.push_back(
        {.sku = line.sku,
         .serial = serial,
         .starts_on = today,
         .ends_on = warranties::add_months(today, *sold.warranty_months).value(),
         .customer = order.customer,
         .order = parcel.order,
         .line = line.id,
         .pieces = pieces});
}

void arrive(Model& model, Parcel& parcel) {
    auto& order = model.orders.at(parcel.order);
    for (const auto& [id, pieces] : parcel.items) {
        const auto& line = *std::ranges::find(order.lines, id, &OrderLine::id);
        const auto& serials = parcel.serials[id];
        for (const auto& serial : serials) promise(model, parcel, line, 1, serial);
        if (serials.empty()) promise(model, parcel, line, pieces, "");
    }
    bool all = std::ranges::all_of(model.parcels, [&](const auto& one) {
        return one.second.order != parcel.order || one.second.status == Shipment::delivered ||
               one.second.status == Shipment::cancelled;
    });
    if (all && order.status == Status::shipped) order.status = Status::delivered;
}

bool may_become(Shipment from, Shipment to) {
    bool under_way = from == Shipment::shipped || from == Shipment::in_transit ||
                     from == Shipment::out_for_delivery;
    switch (to) {
        case Shipment::in_transit: return from == Shipment::shipped || from == Shipment::exception;
        case Shipment::out_for_delivery:
            return (under_way && from != to) || from == Shipment::exception;
        case Shipment::exception: return under_way;
        case Shipment::delivered:
        case Shipment::returned_to_sender: return under_way || from == Shipment::exception;
        default: return false;
    }
}

void become(Model& model, Parcel& parcel, Shipment to) {
    parcel.status = to;
    if (to == Shipment::delivered) arrive(model, parcel);
}

bool has_left(const Parcel& parcel) {
    return parcel.status == Shipment::shipped || parcel.status == Shipment::in_transit ||
           parcel.status == Shipment::out_for_delivery || parcel.status == Shipment::exception;
}

std::optional<Action> deliver(Random& random, Model& model, World&) {
    auto id = any_key(random, model.parcels, has_left);
    if (!id) return std::nullopt;
    return Action{"deliver " + name_of(*id),
                  doing([id](Tx& tx) { flows::deliver_shipment(tx, actor, {*id, {}}); }),
                  [id](Model& now) -> std::string {
                      auto& parcel = now.parcels.at(*id);
                      if (!may_become(parcel.status, Shipment::delivered)) {
                          return "illegal_transition";
                      }
                      become(now, parcel, Shipment::delivered);
                      return ok;
                  }};
}

// Repeated and late ones change nothing.
std::optional<Action> report(Random& random, Model& model, World&) {
    auto id = any_key(random, model.parcels, has_left);
    if (!id) return std::nullopt;
    constexpr std::pair<flows::Report, Shipment> all[] = {
        {flows::Report::shipped, Shipment::shipped},
        {flows::Report::in_transit, Shipment::in_transit},
        {flows::Report::out_for_delivery, Shipment::out_for_delivery},
        {flows::Report::delivered, Shipment::delivered},
        {flows::Report::exception, Shipment::exception},
        {flows::Report::returned_to_sender, Shipment::returned_to_sender}};
    auto [word, to] = random.one_of(all);
    auto event = "message-" + std::to_string(random.between(1, 30)) + to_string(*id);
    return Action{"the carrier says that " + name_of(*id) + " is " + std::string(reflect::name(to)),
                  doing([=, said = word](Tx& tx) {
                      flows::take_report(tx, *id,
                                         {.event_id = {event},
                                          .tracking_number = {"any"},
                                          .status = said,
                                          .occurred_at = {},
                                          .note = {}});
                  }),
                  [=, to = to](Model& now) -> std::string {
                      auto& parcel = now.parcels.at(*id);
                      if (now.reports.contains(event)) return ok;
                      if (parcel.still_here()) return "illegal_transition";
                      now.reports.insert(event);
                      if (may_become(parcel.status, to)) become(now, parcel, to);
                      return ok;
                  }};
}

std::optional<Action> cancel(Random& random, Model& model, World&) {
    auto id = any_key(random, model.parcels, [](const Parcel& one) { return one.still_here(); });
    if (!id) return std::nullopt;
    return Action{"cancel " + name_of(*id),
                  doing([id](Tx& tx) { shipments::cancel(tx, actor, {.id = *id, .reason = {}}); }),
                  [id](Model& now) -> std::string {
                      auto& parcel = now.parcels.at(*id);
                      if (!parcel.still_here()) return "illegal_transition";
                      parcel.status = Shipment::cancelled;
                      return ok;
                  }};
}

// ---- carriers

std::optional<Action> add_carrier(Random&, Model&, World&) {
    auto made = std::make_shared<shipments::CarrierId>();
    auto work = [](Tx& tx) {
        auto carrier =
            shipments::create_carrier(tx, actor, {{{"truck"}, {"A truck"}}, "whsec_one"});
        return carrier.carrier->id;
    };
    return Action{"make a carrier", keeping(made, work), [made](Model& now) -> std::string {
                      if (!now.carriers.empty()) return "already_exists";
                      now.carriers[*made] = {"A truck", "whsec_one"};
                      return ok;
                  }};
}

std::optional<Action> change_carrier(Random& random, Model& model, World&) {
    if (model.carriers.empty()) return std::nullopt;
    auto id = model.carriers.begin()->first;
    auto name = "Truck " + std::to_string(random.below(100));
    return Action{"rename the carrier", doing([=](Tx& tx) {
                      shipments::update_carrier(tx, actor, {.id = id, .name = {true, {name}}});
                  }),
                  [=](Model& now) {
                      now.carriers.at(id).first = name;
                      return ok;
                  }};
}

std::optional<Action> rotate(Random& random, Model& model, World&) {
    if (model.carriers.empty()) return std::nullopt;
    auto id = model.carriers.begin()->first;
    auto secret = "whsec_" + std::to_string(random.below(1000));
    return Action{"give the carrier another secret",
                  doing([=](Tx& tx) { shipments::rotate_secret(tx, actor, {id, secret}); }),
                  [=](Model& now) {
                      now.carriers.at(id).second = secret;
                      return ok;
                  }};
}

void compare(const World& world, Model& model) {
    auto found = world.all<shipments::Shipment>();
    require_same(static_cast<std::int64_t>(found.size()),
                 static_cast<std::int64_t>(model.parcels.size()), "the number of shipments");
    for (const auto& shipment : found) {
        const auto& parcel = model.parcels.at(shipment.id);
        require_same(shipment.status, parcel.status, name_of(shipment.id));
        require_same(shipment.location_id, parcel.from, "where it leaves from");
    }
    for (const auto& item : world.all<shipments::ShipmentItem>()) {
        auto& parcel = model.parcels.at(item.shipment_id);
        auto serials = item.serial_numbers;
        auto modelled = parcel.serials[item.order_item_id];
        require_same(serials, modelled, "the pieces in " + name_of(item.shipment_id));
    }
    for (const auto& carrier : world.all<shipments::Carrier>()) {
        const auto& [name, secret] = model.carriers.at(carrier.id);
        require_same(carrier.name, name, "a carrier");
        require_same(carrier.secret.value, secret, "its secret");
    }
}

}  // namespace

Noun shipments_() {
    return {.name = "shipments",
            .ways = {{8, create, "POST /shipments"},
                     {8, ship, "POST /shipments/{id}/ship"},
                     {5, ship_order, "POST /orders/{id}/ship"},
                     {6, deliver, "POST /shipments/{id}/deliver"},
                     {3, report, "worker: carrier reports"},
                     {3, label, "POST /shipments/{id}/label"},
                     {2, cancel, "POST /shipments/{id}/cancel"},
                     {1, add_carrier, "POST /carriers"},
                     {1, change_carrier, "PATCH /carriers/{id}"},
                     {1, rotate, "POST /carriers/{id}/rotate-secret"}},
            .compare = compare};
}

}  // namespace stateset::sim
