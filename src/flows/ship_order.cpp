#include "flows/ship_order.hpp"

#include <algorithm>

#include "flows/register_warranties.hpp"
#include "flows/status.hpp"
#include "inventory/lots.hpp"
#include "orders/lifecycle.hpp"
#include "platform/store/gather.hpp"
#include "shipments/lifecycle.hpp"
#include "shipments/local_carrier.hpp"

namespace stateset::flows {
namespace {

using inventory::Location;
using inventory::LocationId;
using inventory::Reservation;
using orders::Line;
using orders::LineId;
using orders::Order;
using payments::Payment;
using shipments::Shipment;
using shipments::ShipmentItem;

// The goods of one locked order: what was ordered, what is set aside, and what shipments hold.
struct Goods {
    std::vector<const Line*> lines;
    std::vector<const Reservation*> holds;  // active ones
    std::vector<const Shipment*> shipments;
    std::vector<std::vector<const ShipmentItem*>> items;  // of each shipment
};

enum class Stock { leave, take };  // whether reservations will be consumed

// The pieces that the caller named for one line, and where.
struct Pieces {
    LineId line;
    std::vector<std::string> numbers;
    std::string pointer;
};

// What goes into a new shipment.
struct Part {
    const Line* line;
    std::int64_t quantity;
};

// Everything but the goods that a caller may say about a shipment.
struct Wishes {
    std::optional<LocationId> location_id;
    std::string carrier;
    std::optional<std::string> service, tracking_number;
    Metadata metadata;
};

template <class In>
Wishes wishes_of(const In& wanted) {
    Wishes wishes{.location_id = wanted.location_id,
                  .carrier = std::string(shipments::default_carrier),
                  .service = {},
                  .tracking_number = {},
                  .metadata = {}};
    if (wanted.carrier) wishes.carrier = wanted.carrier->value;
    if (wanted.service) wishes.service = wanted.service->value;
    if (wanted.tracking_number) wishes.tracking_number = wanted.tracking_number->value;
    if constexpr (requires { wanted.metadata; }) wishes.metadata = wanted.metadata;
    return wishes;
}

// Locks the order and looks at what the wishes name, all at once.
template <class GetOrder>
const Order& locked_order(Tx& tx, const Wishes& wishes, const GetOrder& get_order) {
    auto known_carrier = [&] {
        if (shipments::local_carrier(wishes.carrier)) return;
        if (!tx.peek<&shipments::Carrier::code>(wishes.carrier)) {
            throw invalid("/carrier", "unknown", "is no carrier of yours");
        }
    };
    auto known_location = [&] {
        if (wishes.location_id) tx.peek<Location>(*wishes.location_id, "/location_id");
    };
    auto free_number = [&] {
        if (!wishes.tracking_number) return;
        auto* other = tx.peek<&Shipment::carrier, &Shipment::tracking_number>(
            wishes.carrier, *wishes.tracking_number);
        if (other) {
            throw Refusal(codes::already_exists, "The carrier's number is in use.",
                          {{"/tracking_number", "already_exists", "is in use", {}}});
        }
    };
    // Absent references count only when everything was looked at, and the order's first.
    gather(tx, [&] { get_order(); }, known_carrier, known_location, free_number);
    return get_order();
}

// Asks for the stock behind the reservations, and for the pieces named of it.
void gather_stock(Tx& tx, const std::vector<const Reservation*>& holds,
                  const std::vector<Pieces>& named) {
    inventory::gather_stock(tx, holds);
    for (const auto& pieces : named) {
        auto hold = std::ranges::find(holds, pieces.line, &Reservation::order_item_id);
        if (hold != holds.end()) inventory::foresee_pieces(tx, (*hold)->item_id, pieces.numbers);
    }
}

Goods goods_of(Tx& tx, const Order& order, Stock stock, const std::vector<Pieces>& named = {}) {
    gather(
        tx, [&] { tx.all<Line>(order.id); }, [&] { tx.all<Reservation>(order.id); },
        [&] { tx.all<Payment>(order.id); }, [&] { tx.all<Shipment>(order.id); });
    Goods goods{.lines = tx.all<Line>(order.id),
                .holds = tx.all<Reservation>(order.id),
                .shipments = tx.all<Shipment>(order.id),
                .items = {}};
    std::erase_if(goods.holds, [](const Reservation* hold) {
        return hold->status != inventory::ReservationStatus::active;
    });
    auto items_of = [&](const Shipment* shipment) { return tx.all<ShipmentItem>(shipment->id); };
    gather(
        tx, [&] { tx.each(goods.shipments, items_of); },
        [&] {
            if (stock == Stock::take) gather_stock(tx, goods.holds, named);
        });
    if (stock == Stock::take && named.empty()) {
        tx.each(goods.holds, [&](const Reservation* hold) {
            inventory::foresee_taking(tx, *hold);
            return true;
        });
    }
    goods.items = tx.each(goods.shipments, items_of);
    return goods;
}

// Goods of an order leave only while it may: not on hold, not cancelled, not twice.
void require_shippable(const Order& order) {
    next(orders::lifecycle, order.status, orders::Action::ship);
}

// The money must be here: captured in full, and neither given back in full nor about to be.
void require_paid(Tx& tx, const Order& order) {
    if (order.payment_terms == orders::PaymentTerms::on_account) return;
    std::int64_t captured = 0, given_back = 0;
    for (const auto* payment : tx.all<Payment>(order.id)) {
        captured += payment->captured.minor;
        given_back += payment->refunded.minor + payment->refunding.minor;
    }
    auto total = order.total.minor;
    bool paid = captured >= total && (given_back < captured || total == 0);
    require(paid, payment_required, "The order is not paid in full.");
}

template <class Counts>
std::int64_t in_shipments(const Goods& goods, LineId line, const Counts& counts) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < goods.shipments.size(); ++i) {
        if (!counts(*goods.shipments[i])) continue;
        for (const auto* item : goods.items[i]) {
            if (item->order_item_id == line) sum += item->quantity;
        }
    }
    return sum;
}

// What of a line no shipment holds yet.
std::int64_t left_to_ship(const Goods& goods, const Line& line) {
    return line.quantity - in_shipments(goods, line.id, [](const Shipment& shipment) {
               return shipment.status != shipments::Status::cancelled;
           });
}

// Whole pieces of a line that are reserved, at a location or anywhere, and that no shipment made
// earlier is going to take.
std::int64_t free_to_take(const Goods& goods, const Line& line, std::optional<LocationId> at) {
    Quantity reserved;
    for (const auto* hold : goods.holds) {
        bool here = !at || hold->location_id == *at;
        if (here && hold->order_item_id == line.id) reserved += hold->held();
    }
    return reserved.scaled / Quantity::one -
           in_shipments(goods, line.id, [&](const Shipment& shipment) {
               return shipments::still_here(shipment.status) &&
                      (!at || shipment.location_id == *at);
           });
}

void require_reserved(const Goods& goods, const Part& part, std::optional<LocationId> at,
                      const std::string& pointer) {
    if (!part.line->track_inventory) return;
    auto free = std::max<std::int64_t>(0, free_to_take(goods, *part.line, at));
    if (free >= part.quantity) return;
    auto message = std::to_string(free) + " of " + part.line->sku + " are reserved" +
                   (at ? " there" : "") + ", wanted " + std::to_string(part.quantity);
    throw Refusal(not_reserved, message,
                  {{pointer, "not_reserved", message, {{"sku", part.line->sku}}}});
}

std::vector<Part> chosen_parts(const Goods& goods, const std::vector<ItemToShip>& wanted,
                               std::optional<LocationId> at) {
    std::vector<Part> parts;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto pointer = "/items/" + std::to_string(i);
        auto id = wanted[i].order_item_id;
        auto line = std::ranges::find(goods.lines, id, &Line::id);
        if (line == goods.lines.end()) throw unknown_reference(pointer + "/order_item_id");
        if (std::ranges::any_of(parts, [&](const Part& part) { return part.line == *line; })) {
            throw invalid(pointer + "/order_item_id", "duplicate", "is given twice");
        }
        Part part{*line, wanted[i].quantity};
        auto left = left_to_ship(goods, **line);
        if (part.quantity > left) {
            auto message = std::to_string(left) + " of " + (*line)->sku + " are left to ship";
            throw Refusal(exceeds_order, message,
                          {{pointer + "/quantity", "exceeds_order", message, {}}});
        }
        require_reserved(goods, part, at, pointer + "/quantity");
        parts.push_back(part);
    }
    return parts;
}

// Everything left but what waits for stock, or of it what can be had at one location.
std::vector<Part> all_parts(const Goods& goods, std::optional<LocationId> at) {
    std::vector<Part> parts;
    for (const auto* line : goods.lines) {
        Part part{line, left_to_ship(goods, *line) - line->backordered};
        if (at && line->track_inventory) {
            part.quantity = std::min(part.quantity, free_to_take(goods, *line, at));
        }
        if (part.quantity <= 0) continue;
        require_reserved(goods, part, at, "/items");
        parts.push_back(part);
    }
    return parts;
}

// Where most of the first tracked line can be had; untracked goods are everywhere, so in MAIN.
LocationId location_of(Tx& tx, const Goods& goods, const std::vector<Part>& parts) {
    for (const auto& part : parts) {
        if (!part.line->track_inventory) continue;
        const Reservation* best = nullptr;
        std::int64_t most = 0;
        for (const auto* hold : goods.holds) {
            if (hold->order_item_id != part.line->id) continue;
            auto free = free_to_take(goods, *part.line, hold->location_id);
            if (!best || free > most) {
                best = hold;
                most = free;
            }
        }
        if (best) return best->location_id;
    }
    const auto* main = tx.peek<&Location::code>(inventory::main_code);
    if (!main) throw std::logic_error("a tenant without its location MAIN");
    return main->id;
}

Shipment& make(Tx& tx, const Order& order, const Goods& goods, const std::vector<Part>& parts,
               const Wishes& wishes) {
    auto location = wishes.location_id ? *wishes.location_id : location_of(tx, goods, parts);
    auto& shipment = tx.add(Shipment{.id = tx.new_id(),
                                     .order_id = order.id,
                                     .location_id = location,
                                     .carrier = wishes.carrier,
                                     .service = wishes.service,
                                     .tracking_number = wishes.tracking_number,
                                     .ship_to = order.shipping_address,
                                     .metadata = wishes.metadata});
    const auto* carrier = shipments::local_carrier(shipment.carrier);
    if (!shipment.tracking_number && carrier) {
        shipment.tracking_number = carrier->tracking_number(shipment.id);
    }
    if (shipment.tracking_number) {
        shipments::progress(shipment, shipments::Action::make_label, tx.now());
    }
    for (const auto& part : parts) {
        tx.add(ShipmentItem{.id = tx.new_id(),
                            .shipment_id = shipment.id,
                            .order_item_id = part.line->id,
                            .sku = part.line->sku,
                            .quantity = part.quantity});
    }
    tx.emit("shipment.created", shipment);
    return shipment;
}

// Takes a line's goods off the shelf: from the shipment's location first, and what is short there
// from wherever else the order has them reserved. Returns the serial numbers of what left.
std::vector<std::string> take_off_shelf(Tx& tx, const Goods& goods, const Shipment& shipment,
                                        const Line& line, std::int64_t pieces, Pieces& named) {
    std::vector<const Reservation*> holds;
    std::ranges::copy_if(goods.holds, std::back_inserter(holds),
                         [&](auto* hold) { return hold->order_item_id == line.id; });
    std::ranges::sort(holds, {}, [&](auto* hold) {
        return std::pair(hold->location_id != shipment.location_id, hold->id);
    });
    auto left = Quantity::of(pieces);
    std::vector<std::string> gone;
    for (const auto* hold : holds) {
        auto part = std::min(left, hold->held());
        if (part == Quantity{}) continue;  // taken by another shipment of this command
        auto numbers = inventory::take(tx, *hold, part, "ship", shipment.id.value, named.numbers,
                                       named.pointer);
        gone.insert(gone.end(), numbers.begin(), numbers.end());
        left -= part;
    }
    if (left > Quantity{}) {
        throw Refusal(not_reserved, to_string(left) + " of " + line.sku + " are not reserved.");
    }
    return gone;
}

// What the caller named of this line; of most lines nothing.
Pieces named_of(const std::vector<Pieces>& named, const ShipmentItem& item) {
    auto found = std::ranges::find(named, item.order_item_id, &Pieces::line);
    if (found == named.end())
        return {.line = item.order_item_id, .numbers = {}, .pointer = "/items"};
    auto count = static_cast<std::int64_t>(found->numbers.size());
    if (count != item.quantity) {
        auto message = std::to_string(count) + " numbers for " + std::to_string(item.quantity) +
                       " pieces of " + item.sku;
        throw Refusal(inventory::serial_count, message,
                      {{found->pointer, "serial_count", message, {}}});
    }
    return *found;
}

void require_in_shipment(const std::vector<const ShipmentItem*>& items,
                         const std::vector<Pieces>& named) {
    for (std::size_t i = 0; i < named.size(); ++i) {
        auto pointer = "/items/" + std::to_string(i) + "/order_item_id";
        auto same = std::ranges::find(named, named[i].line, &Pieces::line);
        if (same != named.begin() + static_cast<std::ptrdiff_t>(i)) {
            throw invalid(pointer, "duplicate", "is given twice");
        }
        if (std::ranges::find(items, named[i].line, &ShipmentItem::order_item_id) == items.end()) {
            throw unknown_reference(pointer);
        }
    }
}

void leave(Tx& tx, Order& order, const Goods& goods, Shipment& shipment, const Reason& reason,
           const std::vector<Pieces>& named = {}) {
    auto note = reason ? std::optional(reason->value) : std::nullopt;
    shipments::progress(shipment, shipments::Action::ship, tx.now(), std::move(note));
    auto items = tx.all<ShipmentItem>(shipment.id);
    require_in_shipment(items, named);
    for (const auto* item : items) {
        auto line = std::ranges::find(goods.lines, item->order_item_id, &Line::id);
        if (line == goods.lines.end()) throw std::logic_error("a shipment of an unknown line");
        auto pieces = named_of(named, *item);
        std::vector<std::string> gone;
        if ((*line)->track_inventory) {
            gone = take_off_shelf(tx, goods, shipment, **line, item->quantity, pieces);
        }
        if (!pieces.numbers.empty()) {
            throw invalid(pieces.pointer, "not_tracked", "has no pieces with serial numbers");
        }
        if (!gone.empty()) tx.edit(*item).serial_numbers = std::move(gone);
        tx.edit(**line).shipped += item->quantity;
    }
    order.tracking_number = shipment.tracking_number;
    tx.emit("shipment.shipped", shipment);
}

std::vector<Pieces> pieces_of(const ShipShipment& wanted) {
    std::vector<Pieces> named;
    if (!wanted.items) return named;
    for (const auto& item : *wanted.items) {
        auto pointer = "/items/" + std::to_string(named.size()) + "/serial_numbers";
        named.push_back({.line = item.order_item_id,
                         .numbers = {item.serial_numbers.begin(), item.serial_numbers.end()},
                         .pointer = std::move(pointer)});
    }
    return named;
}

void goods_have_left(Tx& tx, Order& order, const Goods& goods) {
    bool all = std::ranges::all_of(
        goods.lines, [](const Line* line) { return line->shipped >= line->quantity; });
    orders::move(order, all ? orders::Action::ship : orders::Action::ship_part);
    refresh(tx, order);
    tx.emit(all ? "order.shipped" : "order.partially_shipped", order);
}

void deliver_order_with_its_last(Tx& tx, const Order& order) {
    bool all = std::ranges::all_of(tx.all<Shipment>(order.id), [](const Shipment* shipment) {
        return shipment->status == shipments::Status::delivered ||
               shipment->status == shipments::Status::cancelled;
    });
    if (!all || order.status != orders::Status::shipped) return;
    auto& edited = tx.edit(order);
    orders::move(edited, orders::Action::deliver);
    tx.emit("order.delivered", edited);
}

std::string_view event_of(shipments::Status status) {
    switch (status) {
        case shipments::Status::delivered: return "shipment.delivered";
        case shipments::Status::exception:
        case shipments::Status::returned_to_sender: return "shipment.exception";
        default: return "shipment.in_transit";
    }
}

}  // namespace

Shipment create_shipment(Tx& tx, const Actor&, const NewShipment& wanted) {
    auto wishes = wishes_of(wanted);
    const auto& order = locked_order(
        tx, wishes, [&]() -> const Order& { return tx.get<Order>(wanted.order_id, "/order_id"); });
    auto goods = goods_of(tx, order, Stock::leave);
    require_shippable(order);
    auto parts = wanted.items ? chosen_parts(goods, *wanted.items, wishes.location_id)
                              : all_parts(goods, wishes.location_id);
    require(!parts.empty(), nothing_to_ship, "Other shipments hold all that can be shipped.");
    return make(tx, order, goods, parts, wishes);
}

Shipment ship_shipment(Tx& tx, const Actor&, const ShipShipment& wanted) {
    auto named = pieces_of(wanted);
    const auto& found = shipments::locked(tx, wanted.id);
    auto goods = goods_of(tx, tx.get<Order>(found.order_id), Stock::take, named);
    auto& shipment = tx.edit(found);
    auto& order = tx.edit<Order>(found.order_id);
    next(shipments::lifecycle, shipment.status, shipments::Action::ship);
    require_shippable(order);
    require_paid(tx, order);
    leave(tx, order, goods, shipment, wanted.reason, named);
    goods_have_left(tx, order, goods);
    return shipment;
}

Shipment deliver_shipment(Tx& tx, const Actor&, const MoveShipment& wanted) {
    const auto& shipment = shipments::locked(tx, wanted.id);
    auto note = wanted.reason ? std::optional(wanted.reason->value) : std::nullopt;
    move_shipment(tx, shipment, shipments::Action::deliver, tx.now(), std::move(note));
    return shipment;
}

Order ship_order(Tx& tx, const Actor&, const ShipOrder& wanted) {
    auto wishes = wishes_of(wanted);
    const auto& found =
        locked_order(tx, wishes, [&]() -> const Order& { return tx.get<Order>(wanted.id); });
    auto goods = goods_of(tx, found, Stock::take);
    require_shippable(found);
    require_paid(tx, found);
    auto parts = wanted.items ? chosen_parts(goods, *wanted.items, wishes.location_id)
                              : all_parts(goods, wishes.location_id);
    std::vector<Shipment*> leaving;
    for (const auto* shipment : goods.shipments) {
        bool ready = shipment->status == shipments::Status::label_created;
        if (ready && !wanted.items) leaving.push_back(&tx.edit(*shipment));
    }
    if (!parts.empty()) leaving.push_back(&make(tx, found, goods, parts, wishes));
    require(!leaving.empty(), nothing_to_ship, "No shipment is ready and nothing else is left.");
    auto& order = tx.edit(found);
    for (auto* shipment : leaving) leave(tx, order, goods, *shipment, wanted.reason);
    goods_have_left(tx, order, goods);
    return order;
}

void move_shipment(Tx& tx, const Shipment& found, shipments::Action action, Time at,
                   std::optional<std::string> note) {
    const auto& order = tx.get<Order>(found.order_id);
    gather(
        tx, [&] { tx.all<Line>(order.id); }, [&] { tx.all<Shipment>(order.id); },
        [&] { tx.all<ShipmentItem>(found.id); });
    auto& shipment = tx.edit(found);
    shipments::progress(shipment, action, at, std::move(note));
    tx.emit(event_of(shipment.status), shipment);
    if (shipment.status != shipments::Status::delivered) return;
    register_warranties(tx, order, shipment);
    deliver_order_with_its_last(tx, order);
}

}  // namespace stateset::flows
