#include "flows/split_order.hpp"

#include <algorithm>
#include <ranges>
#include <stdexcept>

#include "flows/backorders.hpp"
#include "flows/status.hpp"
#include "orders/pricing.hpp"
#include "orders/sums.hpp"
#include "payments/payments.hpp"
#include "platform/store/gather.hpp"
#include "shipments/shipments.hpp"

namespace stateset::flows {
namespace {

using inventory::Reservation;
using orders::Line;
using orders::Order;
using shipments::Shipment;
using shipments::ShipmentItem;

// Some pieces of a line go to the new order.
struct Part {
    Line& line;
    std::int64_t pieces;
};

void load_all(Tx& tx, const Order& order) {
    gather(tx, [&] { load_parts(tx, order); }, [&] { tx.all<Shipment>(order.id); });
    gather(
        tx, [&] { gather_waiting(tx, order); },
        [&] {
            tx.each(tx.all<Shipment>(order.id),
                    [&](const Shipment* shipment) { return tx.all<ShipmentItem>(shipment->id); });
        });
}

void require_can_split(Tx& tx, const Order& order) {
    if (order.status != orders::Status::pending && order.status != orders::Status::processing) {
        throw Refusal(codes::illegal_transition,
                      "Only a pending or processing order is split; it is `" +
                          std::string(reflect::name(order.status)) + "`.");
    }
    for (const auto* payment : tx.all<payments::Payment>(order.id)) {
        require(payments::counted(*payment).minor == 0, order_has_payments,
                "Payments made or in flight belong to the whole order.");
    }
}

std::int64_t in_shipments(Tx& tx, const Order& order, orders::LineId line) {
    std::int64_t sum = 0;
    for (const auto* shipment : tx.all<Shipment>(order.id)) {
        if (shipment->status == shipments::Status::cancelled) continue;
        for (const auto* item : tx.all<ShipmentItem>(shipment->id)) {
            if (item->order_item_id == line) sum += item->quantity;
        }
    }
    return sum;
}

std::vector<Part> parts_of(Tx& tx, const Order& order, const SplitOrder& wanted) {
    auto lines = tx.all<Line>(order.id);
    std::vector<Part> parts;
    std::vector<Fault> faults;
    auto fault = [&](std::size_t at, const char* field, const char* code, std::string message) {
        faults.push_back({"/items/" + std::to_string(at) + field, code, std::move(message), {}});
    };
    for (std::size_t i = 0; i < wanted.items.size(); ++i) {
        const auto& item = wanted.items[i];
        auto line = std::ranges::find(lines, item.order_item_id, &Line::id);
        auto same = [&](const Part& part) { return part.line.id == item.order_item_id; };
        if (line == lines.end()) {
            fault(i, "/order_item_id", "unknown", "names nothing that exists");
        } else if (std::ranges::any_of(parts, same)) {
            fault(i, "/order_item_id", "duplicate", "is given twice");
        } else if (auto free = (*line)->quantity - in_shipments(tx, order, (*line)->id);
                   item.quantity > free) {
            fault(i, "/quantity", "too_large",
                  std::to_string(free) + " of " + (*line)->sku + " are in no shipment");
        } else {
            parts.push_back({tx.edit(**line), item.quantity});
        }
    }
    if (!faults.empty()) {
        throw Refusal(codes::invalid, "Some items cannot be moved.", std::move(faults));
    }
    std::int64_t all = 0, moved = 0;
    for (const auto* line : lines) all += line->quantity;
    for (const auto& part : parts) moved += part.pieces;
    require(moved < all, orders::order_needs_items, "Nothing would be left of the order.");
    return parts;
}

// What share of an amount goes with `moved` of `all` pieces.
Money share(Money amount, std::int64_t moved, std::int64_t all) {
    const std::int64_t pieces[] = {moved, all - moved};
    return {allocate(amount.minor, pieces)[0], amount.currency};
}

// What the parts' pieces have of the discount of the whole order.
Money order_discount_of(const std::vector<Part>& parts, Currency currency) {
    Money sum{0, currency};
    for (const auto& part : parts) {
        sum += share(part.line.discount - part.line.line_discount, part.pieces, part.line.quantity);
    }
    return sum;
}

Order& new_order_like(Tx& tx, const Order& order, Money discount) {
    const Money nothing{0, order.currency};
    auto& made = tx.add(Order{.id = tx.new_id(),
                              .order_number = orders::next_number(tx),
                              .customer_id = order.customer_id,
                              .status = order.status,
                              .currency = order.currency,
                              .subtotal = nothing,
                              .discount_total = nothing,
                              .tax_total = nothing,
                              .shipping_total = nothing,
                              .total = nothing,
                              .order_discount = discount,
                              .payment_terms = order.payment_terms,
                              .shipping_address = order.shipping_address,
                              .billing_address = order.billing_address,
                              .origin = orders::Origin::split,
                              .origin_order_id = order.id,
                              .metadata = order.metadata});
    orders::set_tags(tx, made, order.tags);
    return made;
}

// Takes over up to `pieces` that wait for stock; the place in the queue goes along.
std::int64_t move_waiting(Tx& tx, const Line& from, const Line& to, std::int64_t pieces) {
    if (from.backordered == 0) return 0;
    auto rows = tx.all<Backorder>(from.order_id);
    auto found = std::ranges::find(rows, from.id, &Backorder::order_item_id);
    if (found == rows.end()) throw std::logic_error("a backordered line without its place");
    const Backorder row = **found;
    auto moved = std::min(pieces, row.quantity);
    wait_for_less(tx, **found, moved);
    const Shortage shortage{
        .order_item_id = to.id, .item_id = row.item_id, .sku = row.sku, .quantity = moved};
    begin_waiting(tx, tx.get<Order>(to.order_id), {shortage}, row.since);
    return moved;
}

// The stock stays where it is; who it is for changes. The newest reservations go first.
void move_reserved(Tx& tx, const Line& from, const Line& to, Quantity left) {
    auto holds = active_reservations(tx, tx.get<Order>(from.order_id));
    for (const auto* hold : holds | std::views::reverse) {
        if (hold->order_item_id != from.id || left == Quantity{}) continue;
        auto part = std::min(left, hold->held());
        left -= part;
        auto moved = *hold;
        auto& old = tx.edit(*hold);
        if (part == hold->held()) {
            old.status = next(inventory::reservation_lifecycle, old.status,
                              inventory::ReservationAction::release);
            tx.emit("inventory.released", old);
        } else {
            old.quantity -= part;
        }
        moved.id = tx.new_id();
        moved.order_id = to.order_id;
        moved.order_item_id = to.id;
        moved.quantity = part;
        moved.consumed = {};
        moved.event_sequence = {};
        tx.emit("inventory.reserved", tx.add(std::move(moved)));
    }
}

void move_part(Tx& tx, const Order& to, const Part& part) {
    auto& from = part.line;
    auto made = from;
    made.id = tx.new_id();
    made.order_id = to.id;
    made.quantity = part.pieces;
    made.line_discount = share(from.line_discount, part.pieces, from.quantity);
    made.reserved = made.backordered = 0;
    from.line_discount -= made.line_discount;
    auto& line = tx.add(std::move(made));
    auto waiting = move_waiting(tx, from, line, part.pieces);
    auto in_stock = std::min(part.pieces - waiting, from.reserved);
    move_reserved(tx, from, line, Quantity::of(in_stock));
    from.quantity -= part.pieces;
}

void total_up(Tx& tx, Order& order) {
    std::vector<Line*> lines;
    for (const auto* line : tx.all<Line>(order.id)) lines.push_back(&tx.edit(*line));
    orders::total_up(order, lines);
    refresh(tx, order);
}

}  // namespace

Order split_order(Tx& tx, const Actor&, const SplitOrder& wanted) {
    auto& order = tx.edit<Order>(wanted.id);
    load_all(tx, order);
    require_can_split(tx, order);
    auto parts = parts_of(tx, order, wanted);
    auto discount = order_discount_of(parts, order.currency);
    auto& made = new_order_like(tx, order, discount);
    for (const auto& part : parts) move_part(tx, made, part);
    for (const auto& part : parts) {
        if (part.line.quantity == 0) tx.remove(part.line);
    }
    order.order_discount -= discount;
    total_up(tx, order);
    total_up(tx, made);
    tx.emit("order.updated", order);
    tx.emit("order.created", made);
    return made;
}

}  // namespace stateset::flows
