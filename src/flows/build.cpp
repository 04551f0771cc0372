#include "flows/build.hpp"

#include <algorithm>

#include "manufacturing/lifecycle.hpp"
#include "manufacturing/proportion.hpp"
#include "platform/store/gather.hpp"

namespace stateset::flows {
namespace {

using inventory::Balance;
using inventory::Item;
using inventory::Reservation;
using manufacturing::Completion;
using manufacturing::Consumption;
using manufacturing::Output;
using manufacturing::Status;
using manufacturing::WorkOrder;
using manufacturing::WorkOrderId;
using manufacturing::WorkOrderItem;
using Items = std::vector<const WorkOrderItem*>;

std::optional<std::string> text(const Reason& from) {
    return from ? std::optional<std::string>(from->value) : std::nullopt;
}

std::string pointer_at(std::size_t i) { return "/items/" + std::to_string(i); }

// ---- what a work order has in stock

const Balance* stock_of(Tx& tx, const WorkOrder& work_order, inventory::ItemId item) {
    tx.find<Item>(item);
    return tx.find<&Balance::item_id, &Balance::location_id>(item, work_order.location_id);
}

std::vector<const Reservation*> reservations_of(Tx& tx, const Items& items) {
    std::vector<inventory::ReservationId> ids;
    for (const auto* item : items) {
        ids.insert(ids.end(), item->reservation_ids.begin(), item->reservation_ids.end());
    }
    return tx.each(ids, [&](auto id) { return tx.find<Reservation>(id); });
}

// The items of a work order, with all that taking from their reservations will ask for.
Items load(Tx& tx, const WorkOrder& work_order) {
    auto items = tx.all<WorkOrderItem>(work_order.id);
    gather(
        tx, [&] { reservations_of(tx, items); },
        [&] {
            tx.each(items, [&](const WorkOrderItem* item) {
                return stock_of(tx, work_order, item->item_id);
            });
        });
    auto reservations = reservations_of(tx, items);
    std::erase(reservations, nullptr);  // only just asked for
    gather(
        tx, [&] { inventory::gather_stock(tx, reservations); },
        [&] {
            tx.each(reservations, [&](const Reservation* one) {
                inventory::foresee_taking(tx, *one);
                return true;
            });
        });
    return items;
}

Refusal short_of(const Code& code, std::vector<Fault> faults) {
    auto detail = faults.front().message;
    return Refusal(code, std::move(detail), std::move(faults));
}

Fault shortage(const Code& code, const std::string& pointer, const WorkOrderItem& item,
               Quantity wanted, std::string_view had, Quantity quantity) {
    auto wanted_text = to_string(wanted), quantity_text = to_string(quantity);
    return {
        pointer,
        std::string(code.name),
        "wants " + wanted_text + " of " + item.sku + ", " + quantity_text + " " + std::string(had),
        {{"sku", item.sku}, {"wanted", wanted_text}, {std::string(had), quantity_text}}};
}

// ---- reserving

// What may be had of each item at the location.
std::vector<Quantity> available_to(Tx& tx, const WorkOrder& work_order, const Items& items) {
    return tx.each(items, [&](const WorkOrderItem* item) {
        const auto* stock = stock_of(tx, work_order, item->item_id);
        const auto* counted = tx.find<Item>(item->item_id);
        bool open = stock && counted && stock->open.value;
        return open ? inventory::free_to_reserve(tx, *counted, *stock) : Quantity{};
    });
}

void refuse_short(const Items& items, const std::vector<Quantity>& available) {
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto missing = items[i]->missing();
        if (missing <= available[i]) continue;
        faults.push_back(shortage(inventory::insufficient_stock, pointer_at(i), *items[i], missing,
                                  "available", available[i]));
    }
    if (!faults.empty()) throw short_of(inventory::insufficient_stock, std::move(faults));
}

void reserve(Tx& tx, const WorkOrder& work_order, const WorkOrderItem& wanted, Quantity quantity) {
    if (quantity <= Quantity{}) return;
    const auto& stock = *stock_of(tx, work_order, wanted.item_id);
    auto& item = tx.edit(wanted);
    for (const auto& parcel : inventory::pick(tx, stock, quantity)) {
        auto& made = inventory::reserve(tx, stock,
                                        {.quantity = parcel.quantity,
                                         .expires_at = std::nullopt,
                                         .reference = std::nullopt,
                                         .order_id = std::nullopt,
                                         .order_item_id = std::nullopt,
                                         .work_order_id = work_order.id,
                                         .lot_id = parcel.lot_id});
        item.reserved += parcel.quantity;
        item.reservation_ids.push_back(made.id);
    }
}

void reserve_missing(Tx& tx, const WorkOrder& work_order, bool allow_short) {
    auto items = tx.all<WorkOrderItem>(work_order.id);
    std::erase_if(items, [](const WorkOrderItem* item) { return item->missing() <= Quantity{}; });
    tx.each(items,
            [&](const WorkOrderItem* item) { return stock_of(tx, work_order, item->item_id); });
    auto available = available_to(tx, work_order, items);
    if (!allow_short) refuse_short(items, available);
    for (std::size_t i = 0; i < items.size(); ++i) {
        reserve(tx, work_order, *items[i], std::min(items[i]->missing(), available[i]));
    }
}

// ---- consuming

struct Taking {
    const WorkOrder& work_order;
    std::optional<manufacturing::CompletionId> completion_id;
};

void remember(Tx& tx, const Taking& taking, const Reservation& from, Quantity quantity,
              std::optional<std::string> serial_number) {
    tx.add(Consumption{.id = tx.new_id(),
                       .work_order_id = taking.work_order.id,
                       .completion_id = taking.completion_id,
                       .item_id = from.item_id,
                       .lot_id = from.lot_id,
                       .serial_number = std::move(serial_number),
                       .quantity = quantity});
}

// Takes that much of an item out of its reservations, oldest first. That much is reserved.
void consume(Tx& tx, const Taking& taking, const WorkOrderItem& from, Quantity quantity,
             std::vector<std::string> chosen, const std::string& pointer) {
    if (quantity <= Quantity{}) return;
    auto& item = tx.edit(from);
    std::vector<inventory::ReservationId> left_over;
    auto left = quantity;
    for (auto id : item.reservation_ids) {
        const auto& reservation = tx.get<Reservation>(id);
        auto part = std::min(left, reservation.held());
        if (part > Quantity{}) {
            auto pieces = inventory::take(tx, reservation, part, "consume",
                                          taking.work_order.id.value, chosen, pointer);
            if (pieces.empty()) remember(tx, taking, reservation, part, std::nullopt);
            for (auto& piece : pieces) {
                remember(tx, taking, reservation, Quantity::of(1), std::move(piece));
            }
            left -= part;
        }
        if (reservation.held() > Quantity{}) left_over.push_back(id);
    }
    if (left > Quantity{}) throw std::logic_error("less is reserved than a work order says");
    item.reservation_ids = std::move(left_over);
    item.reserved -= quantity;
    item.consumed += quantity;
}

template <class Numbers>
std::vector<std::string> words(const Numbers& numbers) {
    return {numbers.begin(), numbers.end()};
}

// Serial numbers that somebody chose must be those of so many whole pieces.
void check_chosen(const WorkOrderItem& item, Quantity quantity,
                  const std::vector<std::string>& chosen, const std::string& pointer) {
    if (item.tracking == inventory::Tracking::serial && quantity.scaled % Quantity::one != 0) {
        throw invalid(pointer + "/quantity", "not_whole",
                      "must be whole: each piece has a serial number");
    }
    if (chosen.empty()) return;
    if (item.tracking != inventory::Tracking::serial) {
        throw invalid(pointer + "/serial_numbers", "not_tracked", "has no serial numbers");
    }
    auto count = Quantity::of(static_cast<std::int64_t>(chosen.size()));
    if (count == quantity) return;
    auto message = to_string(quantity) + " pieces are taken";
    throw Refusal(
        inventory::serial_count, message,
        {{pointer + "/serial_numbers", std::string(inventory::serial_count.name), message, {}}});
}

const WorkOrderItem& item_called(const Items& items, const std::string& sku,
                                 const std::string& pointer) {
    auto found = std::ranges::find(items, sku, &WorkOrderItem::sku);
    if (found == items.end()) throw unknown_reference(pointer + "/sku");
    return **found;
}

void refuse_unreserved(std::vector<Fault> faults) {
    if (!faults.empty()) throw short_of(components_short, std::move(faults));
}

void issue(Tx& tx, const WorkOrder& work_order, const Items& items,
           const List<IssuedComponent, 0, 500>& wanted) {
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto pointer = pointer_at(i);
        const auto& item = item_called(items, wanted[i].sku, pointer);
        inventory::require_positive(wanted[i].quantity, pointer + "/quantity");
        std::vector<std::string> chosen;
        if (wanted[i].serial_numbers) chosen = words(*wanted[i].serial_numbers);
        check_chosen(item, wanted[i].quantity, chosen, pointer);
        if (item.reserved < wanted[i].quantity) {
            faults.push_back(shortage(components_short, pointer + "/quantity", item,
                                      wanted[i].quantity, "reserved", item.reserved));
            continue;
        }
        consume(tx, {work_order, std::nullopt}, item, wanted[i].quantity, std::move(chosen),
                pointer);
    }
    refuse_unreserved(std::move(faults));
}

// ---- finishing

struct Finished {
    Quantity good, scrapped;
};

Finished finished(const CompleteWorkOrder& wanted, const WorkOrder& work_order) {
    Finished now{.good = {}, .scrapped = wanted.scrapped.value_or(Quantity{})};
    if (now.scrapped < Quantity{}) throw invalid("/scrapped", "too_small", "must not be negative");
    if (wanted.quantity && *wanted.quantity < Quantity{}) {
        throw invalid("/quantity", "too_small", "must not be negative");
    }
    auto left = work_order.left();
    bool too_much =
        now.scrapped > left || (wanted.quantity && *wanted.quantity > left - now.scrapped);
    require(!too_much, exceeds_work_order, "No more than " + to_string(left) + " is left to make.");
    now.good = wanted.quantity.value_or(left - now.scrapped);
    if (now.good + now.scrapped == Quantity{}) {
        throw invalid("/quantity", "too_small", "must be more than 0, or some must be scrapped");
    }
    bool whole = now.good.scaled % Quantity::one == 0 && now.scrapped.scaled % Quantity::one == 0;
    if (work_order.tracking == inventory::Tracking::serial && !whole) {
        throw invalid("/quantity", "not_whole", "must be whole: each piece has a serial number");
    }
    return now;
}

inventory::Arrival arrival_of(const CompleteWorkOrder& wanted, const WorkOrder& work_order,
                              Quantity good) {
    inventory::Arrival goods{.quantity = good,
                             .lot_number = wanted.lot_number,
                             .expires_on = wanted.expires_on,
                             .serial_numbers = {}};
    if (wanted.serial_numbers) goods.serial_numbers = wanted.serial_numbers->value;
    if (work_order.tracking == inventory::Tracking::lot && !goods.lot_number) {
        goods.lot_number = Text<64>{work_order.work_order_number};
    }
    return goods;
}

// Everything that finishing will ask for; where what is made is put.
inventory::Place load_all(Tx& tx, const CompleteWorkOrder& wanted) {
    const auto& work_order = tx.get<WorkOrder>(wanted.id);
    auto place = [&] {
        return inventory::Place{.item = tx.find<Item>(work_order.item_id),
                                .location = tx.peek<inventory::Location>(work_order.location_id)};
    };
    gather(tx, [&] { tx.all<WorkOrderItem>(work_order.id); }, [&] { place(); });
    auto there = place();
    if (!there.item || !there.location) throw std::logic_error("a work order that is nowhere");
    gather(
        tx, [&] { load(tx, work_order); },
        [&] {
            inventory::foresee(
                tx, there,
                arrival_of(wanted, work_order, wanted.quantity.value_or(Quantity::of(1))));
        });
    return there;
}

std::vector<std::string> chosen_for(const CompleteWorkOrder& wanted, const WorkOrderItem& item,
                                    std::string& pointer) {
    for (std::size_t i = 0; i < wanted.components.size(); ++i) {
        if (wanted.components[i].sku.value != item.sku) continue;
        pointer = "/components/" + std::to_string(i);
        return words(wanted.components[i].serial_numbers);
    }
    return {};
}

void consume_share(Tx& tx, const Taking& taking, const CompleteWorkOrder& wanted,
                   const Items& items) {
    const auto& work_order = taking.work_order;
    auto done = work_order.produced + work_order.scrapped;
    std::vector<Quantity> due;
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto& item = *items[i];
        auto share =
            manufacturing::due_for(item.required, done, work_order.quantity, item.tracking);
        due.push_back(std::max(share - item.consumed, Quantity{}));
        if (due[i] <= item.reserved) continue;
        faults.push_back(
            shortage(components_short, pointer_at(i), item, due[i], "reserved", item.reserved));
    }
    refuse_unreserved(std::move(faults));
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto pointer = pointer_at(i);
        auto chosen = chosen_for(wanted, *items[i], pointer);
        check_chosen(*items[i], due[i], chosen, pointer);
        consume(tx, taking, *items[i], due[i], std::move(chosen), pointer);
    }
}

// What was made lies on the shelf from here on; a repaired piece is the customer's.
void put_away(Tx& tx, const WorkOrder& work_order, const Completion& completion,
              const inventory::Place& place, const inventory::Arrival& goods) {
    if (completion.quantity == Quantity{}) return;
    Output output{.id = tx.new_id(),
                  .work_order_id = work_order.id,
                  .completion_id = completion.id,
                  .item_id = work_order.item_id,
                  .quantity = completion.quantity};
    if (work_order.kind == manufacturing::Kind::repair) return;
    auto& balance = inventory::arrive(tx, place, goods,
                                      {.delta = goods.quantity,
                                       .kind = "produce",
                                       .reason = completion.reason,
                                       .reference = work_order.id.value},
                                      "");
    tx.emit("inventory.received", balance);
    if (goods.lot_number) {
        output.lot_id =
            inventory::lot_for(tx, *place.item, goods.lot_number->value, goods.expires_on).id;
    }
    if (goods.serial_numbers.empty()) {
        tx.add(std::move(output));
        return;
    }
    output.quantity = Quantity::of(1);
    for (const auto& number : goods.serial_numbers) {
        output.id = tx.new_id();
        output.serial_number = number.value;
        tx.add(output);
    }
}

void give_back(Tx& tx, const Items& items) {
    for (const auto* held : items) {
        if (held->reservation_ids.empty()) continue;
        auto& item = tx.edit(*held);
        for (auto id : item.reservation_ids) inventory::release(tx, tx.get<Reservation>(id));
        item.reservation_ids.clear();
        item.reserved = {};
    }
}

void check_components(const CompleteWorkOrder& wanted, const Items& items) {
    for (std::size_t i = 0; i < wanted.components.size(); ++i) {
        item_called(items, wanted.components[i].sku, "/components/" + std::to_string(i));
    }
}

}  // namespace

WorkOrder release_work_order(Tx& tx, const Actor&, const ReserveComponents& wanted) {
    auto& work_order = tx.edit<WorkOrder>(wanted.id);
    manufacturing::move(work_order, manufacturing::Action::release);
    reserve_missing(tx, work_order, wanted.allow_short.value_or(false));
    work_order.released_at = tx.now();
    tx.emit("work_order.released", work_order);
    return work_order;
}

WorkOrder reserve_components(Tx& tx, const Actor&, const ReserveComponents& wanted) {
    auto& work_order = tx.edit<WorkOrder>(wanted.id);
    bool open = work_order.status == Status::released || work_order.status == Status::in_progress;
    require(open, codes::illegal_transition,
            "Components are reserved for work orders that are released or in progress.");
    reserve_missing(tx, work_order, wanted.allow_short.value_or(false));
    return work_order;
}

WorkOrder issue_components(Tx& tx, const Actor&, const IssueComponents& wanted) {
    auto& work_order = tx.edit<WorkOrder>(wanted.id);
    require(work_order.status == Status::in_progress, codes::illegal_transition,
            "Components are issued to work orders in progress.");
    auto items = load(tx, work_order);
    if (!wanted.items.empty()) {
        issue(tx, work_order, items, wanted.items);
    } else {
        for (const auto* item : items) {
            consume(tx, {work_order, std::nullopt}, *item, item->reserved, {}, "");
        }
    }
    return work_order;
}

WorkOrder complete_work_order(Tx& tx, const Actor& actor, const CompleteWorkOrder& wanted) {
    auto place = load_all(tx, wanted);
    auto& work_order = tx.edit<WorkOrder>(wanted.id);
    auto completed = work_order;
    manufacturing::move(completed, manufacturing::Action::complete);
    auto [good, scrapped] = finished(wanted, work_order);
    auto items = tx.all<WorkOrderItem>(work_order.id);
    check_components(wanted, items);

    work_order.produced += good;
    work_order.scrapped += scrapped;
    auto& completion = tx.add(Completion{.id = tx.new_id(),
                                         .work_order_id = work_order.id,
                                         .quantity = good,
                                         .scrapped = scrapped,
                                         .reason = text(wanted.reason),
                                         .actor = actor.text()});
    consume_share(tx, {work_order, completion.id}, wanted, items);
    put_away(tx, work_order, completion, place, arrival_of(wanted, work_order, good));
    if (work_order.left() == Quantity{}) {
        give_back(tx, items);
        manufacturing::move(work_order, manufacturing::Action::complete);
        work_order.completed_at = tx.now();
        tx.emit("work_order.completed", work_order);
    }
    return work_order;
}

WorkOrder cancel_work_order(Tx& tx, const Actor&,
                            const manufacturing::ChangeWorkOrderStatus& wanted) {
    auto& work_order = tx.edit<WorkOrder>(wanted.id);
    manufacturing::move(work_order, manufacturing::Action::cancel);
    give_back(tx, load(tx, work_order));
    work_order.cancel_reason = text(wanted.reason);
    tx.emit("work_order.cancelled", work_order);
    return work_order;
}

void foresee_taking_back(Tx& tx, WorkOrderId id) {
    tx.find<WorkOrder>(id);
    tx.all<WorkOrderItem>(id);
}

void take_from_work_order(Tx& tx, const Reservation& reservation) {
    gather(
        tx, [&] { foresee_taking_back(tx, *reservation.work_order_id); },
        [&] { inventory::gather_stock(tx, {&reservation}); });
    auto held = reservation.held();
    inventory::release(tx, reservation);
    for (const auto* item : tx.all<WorkOrderItem>(*reservation.work_order_id)) {
        if (item->item_id != reservation.item_id) continue;
        auto& changed = tx.edit(*item);
        std::erase(changed.reservation_ids, reservation.id);
        changed.reserved -= held;
    }
}

}  // namespace stateset::flows
