#include "flows/return_order.hpp"

#include <algorithm>
#include <map>

#include "flows/exchange.hpp"
#include "flows/status.hpp"
#include "inventory/lots.hpp"
#include "platform/store/gather.hpp"
#include "returns/worth.hpp"

namespace stateset::flows {
namespace {

using inventory::Balance;
using inventory::Item;
using inventory::Location;
using inventory::LocationId;
using inventory::Reservation;
using orders::Line;
using orders::LineId;
using orders::Order;
using returns::Disposition;
using returns::Return;
using returns::ReturnItem;

// Where pieces of a line were shipped from.
struct Source {
    std::optional<inventory::ItemId> item_id;  // null: nobody knows any more
    std::optional<LocationId> location_id;
    std::optional<inventory::LotId> lot_id;
    std::int64_t pieces = 0;
};

// What a completion works with, all of it loaded.
struct Goods {
    std::vector<const Line*> lines;
    std::vector<const ReturnItem*> items;        // of this return
    std::map<LineId, returns::Earlier> earlier;  // what returns completed before took of each line
    const Line& line_of(const ReturnItem& item) const {
        auto found = std::ranges::find(lines, item.order_item_id, &Line::id);
        if (found == lines.end()) throw std::logic_error("a return of an unknown line");
        return **found;
    }
};

bool goes_on_the_shelf(const ReturnItem& item) {
    return item.disposition && *item.disposition != Disposition::scrap;
}

// The pieces of a line that were shipped, in parcels: what its reservations gave up, oldest first,
// without the first `skipped` pieces, which came back before.
std::vector<Source> sources_of(Tx& tx, const Line& line, std::int64_t skipped,
                               std::int64_t pieces) {
    std::vector<Source> sources;
    for (const auto* hold : tx.all<Reservation>(line.order_id)) {
        if (hold->order_item_id != line.id) continue;
        auto there = hold->consumed.scaled / Quantity::one;
        auto passed = std::min(skipped, there);
        auto part = std::min(pieces, there - passed);
        skipped -= passed;
        pieces -= part;
        if (part > 0) sources.push_back({hold->item_id, hold->location_id, hold->lot_id, part});
    }
    if (pieces > 0) sources.push_back({.pieces = pieces});
    return sources;
}

const Item* item_of(Tx& tx, const Line& line, const Source& source) {
    return source.item_id ? tx.find<Item>(*source.item_id) : tx.find<&Item::item_number>(line.sku);
}

// Where the pieces go: where the return says, else where they came from; MAIN when that is closed.
const Location* location_for(Tx& tx, const Return& goods, const Source& source) {
    auto wanted = goods.location_id ? goods.location_id : source.location_id;
    const auto* found = wanted ? tx.peek<Location>(*wanted) : nullptr;
    if (found && found->active) return found;
    return tx.peek<&Location::code>(inventory::main_code);
}

// Pieces on their way to one shelf. Pieces with serial numbers go together.
struct Parcel {
    inventory::Place place;
    inventory::Arrival arrival;
};

Parcel parcel_of(Tx& tx, const Return& goods, const ReturnItem& item, const Line& line,
                 const Source& source) {
    Parcel parcel{
        .place = {.item = item_of(tx, line, source), .location = location_for(tx, goods, source)},
        .arrival = {.quantity = Quantity::of(source.pieces)}};
    const auto* lot = source.lot_id ? tx.peek<inventory::Lot>(*source.lot_id) : nullptr;
    if (lot) parcel.arrival.lot_number = Text<64>{lot->lot_number};
    for (const auto& number : item.serial_numbers) {
        parcel.arrival.serial_numbers.push_back({number});
    }
    return parcel;
}

std::vector<Parcel> parcels_of(Tx& tx, const Return& goods, const ReturnItem& item,
                               const Line& line, std::int64_t came_before) {
    auto sources = sources_of(tx, line, came_before, *item.received);
    if (!item.serial_numbers.empty()) {
        sources.resize(1);
        sources.front().pieces = *item.received;
    }
    std::vector<Parcel> parcels;
    for (const auto& source : sources) {
        parcels.push_back(parcel_of(tx, goods, item, line, source));
    }
    return parcels;
}

// The stock that the return's items go to, asked for at once.
void ask_for_stock(Tx& tx, const Return& goods, const Goods& known) {
    tx.each(known.items, [&](const ReturnItem* item) {
        const auto& line = known.line_of(*item);
        if (!goes_on_the_shelf(*item) || !line.track_inventory) return false;
        for (const auto& source : sources_of(tx, line, 0, line.shipped)) {
            auto [place, arrival] = parcel_of(tx, goods, *item, line, source);
            if (source.item_id && place.location) {
                tx.find<&Balance::item_id, &Balance::location_id>(*source.item_id,
                                                                  place.location->id);
            }
            if (place.item && place.location) inventory::foresee(tx, place, arrival);
        }
        return true;
    });
}

std::map<LineId, returns::Earlier> earlier_of(Tx& tx, const std::vector<const Return*>& completed,
                                              Currency currency) {
    std::map<LineId, returns::Earlier> earlier;
    for (const auto* one : completed) {
        for (const auto* item : tx.all<ReturnItem>(one->id)) {
            auto [entry, _] =
                earlier.try_emplace(item->order_item_id, returns::Earlier{0, Money{0, currency}});
            entry->second.pieces += item->received.value_or(0);
            entry->second.value += item->value;
        }
    }
    return earlier;
}

Goods goods_of(Tx& tx, const Order& order, const Return& goods) {
    gather(
        tx, [&] { load_parts(tx, order); }, [&] { tx.all<Return>(order.id); },
        [&] { tx.all<ReturnItem>(goods.id); }, [&] { ask_for_rates(tx, order, goods); });
    auto completed = tx.all<Return>(order.id);
    std::erase_if(completed, [&](const Return* one) {
        return one->status != returns::Status::completed || one->id == goods.id;
    });
    Goods known{
        .lines = tx.all<Line>(order.id), .items = tx.all<ReturnItem>(goods.id), .earlier = {}};
    gather(
        tx,
        [&] { tx.each(completed, [&](const Return* one) { return tx.all<ReturnItem>(one->id); }); },
        [&] { ask_for_stock(tx, goods, known); });
    known.earlier = earlier_of(tx, completed, order.currency);
    return known;
}

// The return and its order, locked; what an exchange needs is asked for along with them.
const Return& locked_with_replacements(Tx& tx, returns::ReturnId id) {
    if (const auto* seen = tx.peek<Return>(id)) {
        gather(
            tx, [&] { tx.find<Order>(seen->order_id); }, [&] { tx.find<Return>(id); },
            [&] { ask_for_replacements(tx, *seen); });
    }
    return returns::locked(tx, id);
}

void put_on_shelf(Tx& tx, const Return& goods, const ReturnItem& item, const Line& line,
                  std::int64_t came_before) {
    for (const auto& [place, arrival] : parcels_of(tx, goods, item, line, came_before)) {
        if (!place.item || !place.location) {
            throw std::logic_error("returned goods without their item or MAIN");
        }
        bool aside = item.disposition == Disposition::quarantine;
        auto& balance = inventory::arrive(tx, place, arrival,
                                          {.quarantined = aside ? arrival.quantity : Quantity{},
                                           .kind = "return",
                                           .reason = goods.rma_number,
                                           .reference = goods.id.value},
                                          "/items");
        tx.emit("inventory.received", balance);
    }
}

// Each item's worth, its line's count, and its pieces back on the shelf.
void take_back(Tx& tx, Return& goods, Goods& known) {
    for (const auto* found : known.items) {
        auto& item = tx.edit(*found);
        const auto& line = known.line_of(item);
        auto pieces = item.received.value_or(0);
        auto& earlier =
            known.earlier.try_emplace(line.id, returns::Earlier{0, Money{0, goods.currency}})
                .first->second;
        item.value = returns::worth(line, earlier, pieces);
        if (goes_on_the_shelf(item) && line.track_inventory) {
            put_on_shelf(tx, goods, item, line, earlier.pieces);
        }
        earlier.pieces += pieces;
        earlier.value += item.value;
        goods.value += item.value;
        if (pieces > 0) tx.edit(line).returned += pieces;
    }
}

Money refundable_of(Tx& tx, const Order& order) {
    Money sum{0, order.currency};
    for (const auto* one : tx.all<payments::Payment>(order.id)) sum += payments::refundable(*one);
    return sum;
}

Money due(const Return& goods) { return goods.refund_amount - goods.refunded - goods.refunding; }

// Begins to give back what is due; the operation to wait for, if there is one.
Uuid give_back(Tx& tx, const Order& order, Return& goods) {
    auto amount = due(goods);
    if (amount.minor <= 0) return {};
    auto begun = begin_return_refunds(tx, order, amount, "Return " + goods.rma_number, goods.id);
    goods.refunding += amount;
    goods.refund_status = returns::refund_progress(goods);
    auto& ids = goods.refund_ids.value;
    ids.insert(ids.end(), begun.refunds.begin(), begun.refunds.end());
    return begun.operation;
}

}  // namespace

Started<Return> complete_return(Tx& tx, const Actor& actor, const CompleteReturn& wanted) {
    const auto& found = locked_with_replacements(tx, wanted.id);
    auto& goods = tx.edit(found);
    returns::progress(goods, returns::Action::complete, tx.now(), wanted.reason);
    auto& order = tx.edit<Order>(found.order_id);
    auto known = goods_of(tx, order, goods);
    take_back(tx, goods, known);

    auto payable = std::min(goods.value, refundable_of(tx, order));
    goods.unrefundable = goods.value - payable;
    if (!goods.replacements.empty() && !wanted.refund_instead.value_or(false)) {
        auto exchanged = exchange(tx, actor, order, goods, payable);
        goods.exchanged = exchanged.paid;
        goods.refund_ids.value = std::move(exchanged.refunds);
    }
    goods.refund_amount = payable - goods.exchanged;
    auto operation = give_back(tx, order, goods);
    refresh(tx, order);
    tx.emit("return.completed", goods);
    return {goods, operation};
}

Started<Return> refund_return(Tx& tx, const Actor&, const RefundReturn& wanted) {
    const auto& found = returns::locked(tx, wanted.id);
    const auto& order = tx.get<Order>(found.order_id);
    require(found.status == returns::Status::completed, codes::illegal_transition,
            "Only a completed return is refunded.");
    require(due(found).minor > 0, nothing_to_refund, "All of it is given back or under way.");
    gather(
        tx, [&] { load_parts(tx, order); }, [&] { tx.all<ReturnItem>(found.id); },
        [&] {
            tx.each(found.refund_ids.value,
                    [&](payments::RefundId id) { return tx.find<payments::Refund>(id); });
        });
    auto left = std::min(due(found), refundable_of(tx, order));
    require(left.minor > 0, payments::refund_exceeds_captured, "Nothing is left to refund.");
    auto& goods = tx.edit(found);
    auto lost = due(goods) - left;
    goods.refund_amount -= lost;
    goods.unrefundable += lost;
    auto operation = give_back(tx, tx.edit(order), goods);
    return {goods, operation};
}

}  // namespace stateset::flows
