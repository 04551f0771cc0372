// The arithmetic of stock: what every other part of the house does with it comes through here.

#include <algorithm>
#include <map>
#include <stdexcept>

#include "inventory/tracking.hpp"

namespace stateset::inventory {
namespace {

// All needs of one item, and the balances that can meet them.
struct Wanted {
    std::string_view sku;
    std::vector<const Need*> needs;
    std::vector<const Balance*> balances;
};

// What there is of an item.
struct Found {
    const Item* item = nullptr;
    std::vector<const Balance*> balances;
    std::vector<const LotBalance*> lots;
};

std::vector<Wanted> wanted_of(const std::vector<Need>& needs) {
    std::map<std::string_view, Wanted> by_sku;
    for (const auto& need : needs) {
        auto& wanted = by_sku[need.sku];
        wanted.sku = need.sku;
        wanted.needs.push_back(&need);
    }
    std::vector<Wanted> result;
    for (auto& [_, wanted] : by_sku) result.push_back(std::move(wanted));
    return result;
}

// Of items that are not tracked by lot nobody asks for lots.
Found stock_of(Tx& tx, const Item& item) {
    Found found{.item = &item, .balances = tx.all<Balance>(item.id), .lots = {}};
    if (item.tracking == Tracking::lot) found.lots = tx.all<LotBalance>(item.id);
    return found;
}

Demand demand_of(const Wanted& wanted, const Found& found) {
    Demand demand;
    for (const auto* need : wanted.needs) demand.wanted += need->quantity;
    if (!found.item) return demand;
    if (!wanted.needs.front()->has_waited) demand.owed = found.item->backordered;
    demand.shelves.reserve(found.balances.size());
    for (const auto* balance : found.balances) {
        demand.shelves.push_back(shelf_of(*balance, found.item->tracking, found.lots));
    }
    sort_for_drawing(demand);
    return demand;
}

std::vector<Demand> find_stock(Tx& tx, std::vector<Wanted>& wanted) {
    auto found = tx.each(wanted, [&](const Wanted& one) {
        auto* item = tx.find<&Item::item_number>(one.sku);
        return item ? stock_of(tx, *item) : Found{};
    });
    std::vector<Demand> demands;
    demands.reserve(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        demands.push_back(demand_of(wanted[i], found[i]));
        wanted[i].balances = std::move(found[i].balances);
    }
    return demands;
}

void refuse_if_short(const std::vector<Wanted>& wanted, const std::vector<Demand>& demands,
                     const std::vector<Choice>& choices) {
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < demands.size(); ++i) {
        auto available = choices[i].available;
        if (available >= demands[i].wanted) continue;
        auto wanted_text = to_string(demands[i].wanted), available_text = to_string(available);
        std::string sku(wanted[i].sku);
        faults.push_back(
            {wanted[i].needs.front()->pointer,
             std::string(insufficient_stock.name),
             "wants " + wanted_text + " of " + sku + ", " + available_text + " available",
             {{"sku", sku}, {"wanted", wanted_text}, {"available", available_text}}});
    }
    if (faults.empty()) return;
    auto detail = faults.front().message;
    throw Refusal(insufficient_stock, std::move(detail), std::move(faults));
}

const Balance& balance_of(const Wanted& wanted, const Shelf& shelf) {
    return **std::ranges::find(wanted.balances, shelf.location_id, &Balance::location_id);
}

// Shares out what was drawn among the needs of the item.
void reserve_drawn(Tx& tx, Id<orders::Order> order, std::optional<Time> expires_at,
                   const Wanted& wanted, const Demand& demand, std::vector<Draw> draws,
                   std::vector<Reservation>& made) {
    auto draw = draws.begin();
    for (const auto* need : wanted.needs) {
        for (auto left = need->quantity; left > Quantity{};) {
            if (draw->quantity == Quantity{}) ++draw;
            auto part = std::min(left, draw->quantity);
            const auto& shelf = demand.shelves[draw->shelf];
            std::optional<LotId> lot;
            if (draw->lot) lot = shelf.lots[*draw->lot].lot_id;
            made.push_back(reserve(tx, balance_of(wanted, shelf),
                                   {.quantity = part,
                                    .expires_at = expires_at,
                                    .order_id = order,
                                    .order_item_id = need->order_item_id,
                                    .lot_id = lot}));
            draw->quantity -= part;
            left -= part;
        }
    }
}

// Emits inventory.low_stock once when the available stock falls to the reorder point.
void warn_if_low(Tx& tx, Balance& balance, Quantity before) {
    if (!balance.reorder_point) return;
    bool crossed = before > *balance.reorder_point && balance.available() <= *balance.reorder_point;
    if (crossed) tx.emit("inventory.low_stock", balance);
}

Balance& allocate_more(Tx& tx, const Balance& of, Quantity quantity) {
    auto& balance = tx.edit(of);
    auto before = balance.available();
    balance.allocated += quantity;
    if (balance.allocated < Quantity{} || balance.available() < Quantity{}) {
        throw std::logic_error("allocated would leave its bounds");
    }
    warn_if_low(tx, balance, before);
    return balance;
}

// What is free of a lot that may not be used is set apart. Returns by how much more that is; an
// empty lot balance goes.
struct LotChange {
    Quantity on_hand = {}, allocated = {}, quarantined = {};
};
Quantity change_lot(Tx& tx, LotId lot, LocationId location, const LotChange& by) {
    const auto* found = find_lot_at(tx, lot, location);
    if (!found) throw std::logic_error("a lot that is not there");
    auto& here = tx.edit(*found);
    here.on_hand += by.on_hand;
    here.allocated += by.allocated;
    here.quarantined += by.quarantined;
    Quantity idle;
    if (here.status.value != LotStatus::active) idle = here.available();
    here.quarantined += idle;
    bool within = here.allocated >= Quantity{} && here.quarantined >= Quantity{} &&
                  here.available() >= Quantity{} && idle >= Quantity{};
    if (!within) throw std::logic_error("a lot's balance would leave its bounds");
    if (here.on_hand == Quantity{}) tx.remove(here);
    return idle;
}

// The stock that a reservation holds, its item, its balance and its lot locked.
const Balance* stock_of(Tx& tx, const Reservation& reservation) {
    tx.find<Item>(reservation.item_id);
    if (reservation.lot_id) find_lot_at(tx, *reservation.lot_id, reservation.location_id);
    return tx.find<&Balance::item_id, &Balance::location_id>(reservation.item_id,
                                                             reservation.location_id);
}

const Balance& locked_stock_of(Tx& tx, const Reservation& reservation) {
    auto found = tx.each(std::vector{&reservation},
                         [&](const Reservation* one) { return stock_of(tx, *one); });
    if (!found.front()) throw std::logic_error("a reservation without its balance");
    return *found.front();
}

// A lot that was called back after it was promised stays here.
void require_usable(Tx& tx, LotId lot, LocationId location) {
    const auto* there = find_lot_at(tx, lot, location);
    bool usable = there && there->status.value == LotStatus::active &&
                  (!there->expires_on.value || *there->expires_on.value >= date_of(tx.now()));
    require(usable, lot_not_usable, "The reserved lot is quarantined or has expired.");
}

// Pieces that leave with a reservation.
std::vector<std::string> send_off(Tx& tx, const Reservation& held,
                                  const std::vector<const Serial*>& pieces, std::string_view kind,
                                  std::optional<Uuid> reference) {
    std::vector<std::string> numbers;
    bool shipped = kind == "ship";
    for (const auto* piece : pieces) {
        auto& gone = move_piece(tx, *piece,
                                {.status = shipped ? SerialStatus::shipped : SerialStatus::consumed,
                                 .kind = kind,
                                 .reference = reference});
        gone.order_id = held.order_id;
        gone.order_item_id = held.order_item_id;
        if (shipped && reference) gone.shipment_id = *reference;
        if (held.work_order_id) gone.work_order_id = held.work_order_id;
        numbers.push_back(gone.serial_number);
    }
    return numbers;
}

// Whoever changes the balance of a tracked item says what of it: else the parts no longer add up.
void require_untracked(Tx& tx, const Balance& balance) {
    auto tracking = item_of(tx, balance).tracking;
    if (tracking == Tracking::none) return;
    const auto& code = tracking == Tracking::lot ? lot_required : serials_required;
    throw Refusal(code, std::string(code.remedy));
}

const Item* find_item(Tx& tx, const std::string& id) {
    auto number = number_in(id);
    return number ? tx.find<Item>(ItemId(*number)) : tx.find<&Item::item_number>(id);
}

}  // namespace

std::optional<std::int64_t> number_in(std::string_view id) {
    constexpr std::size_t most_digits = 18;  // so that it fits
    bool digits = !id.empty() && id.size() <= most_digits &&
                  std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; });
    return digits ? decimal_from(id, 0) : std::nullopt;
}

const Item& resolve(Tx& tx, const std::string& id) {
    auto* item = find_item(tx, id);
    if (!item) throw Refusal(codes::not_found, "There is no such item.");
    return *item;
}

Id<LotBalance> lot_balance_id(LotId lot, LocationId location) {
    constexpr std::uint64_t odd = 0x9E3779B97F4A7C15ULL;
    constexpr int variant_bits = 2;  // stay as they are: it remains a UUID
    auto id = lot.value;
    id.low ^= (static_cast<std::uint64_t>(location.value) * odd) >> variant_bits;
    return Id<LotBalance>(id);
}

const LotBalance* find_lot_at(Tx& tx, LotId lot, LocationId location) {
    return tx.find<LotBalance>(lot_balance_id(lot, location));
}

const Item& item_of(Tx& tx, const Balance& balance) {
    auto* item = tx.find<Item>(balance.item_id);
    if (!item) throw std::logic_error("a balance without its item");
    return *item;
}

Shelf shelf_of(const Balance& balance, Tracking tracking,
               const std::vector<const LotBalance*>& lots) {
    Shelf shelf{.location_id = balance.location_id,
                .priority = balance.priority.value,
                .open = balance.open.value,
                .on_hand = balance.on_hand,
                .allocated = balance.allocated,
                .quarantined = balance.quarantined,
                .by_lot = tracking == Tracking::lot,
                .lots = {}};
    for (const auto* lot : lots) {
        if (lot->location_id != balance.location_id) continue;
        shelf.lots.push_back({.lot_id = lot->lot_id,
                              .expires_on = lot->expires_on.value,
                              .status = lot->status.value,
                              .on_hand = lot->on_hand,
                              .allocated = lot->allocated,
                              .quarantined = lot->quarantined});
    }
    return shelf;
}

Quantity usable_at(Tx& tx, const Balance& balance) {
    const auto& item = item_of(tx, balance);
    if (item.tracking != Tracking::lot) return balance.available();
    auto shelf = shelf_of(balance, item.tracking, tx.all<LotBalance>(item.id));
    return usable_on(shelf, date_of(tx.now()));
}

Quantity free_to_reserve(Tx& tx, const Item& item) {
    auto found = tx.each(std::vector{&item}, [&](const Item* one) { return stock_of(tx, *one); });
    Quantity sum;
    for (const auto* balance : found.front().balances) {
        if (balance->open.value) sum += usable_at(tx, *balance);
    }
    return std::max(sum - item.backordered, Quantity{});
}

// Nobody waits for most items: then the other locations are not asked for.
Quantity free_to_reserve(Tx& tx, const Item& item, const Balance& at) {
    if (item.backordered == Quantity{}) return usable_at(tx, at);
    return std::min(usable_at(tx, at), free_to_reserve(tx, item));
}

std::vector<Reservation> reserve_all(Tx& tx, Id<orders::Order> order,
                                     const std::vector<Need>& needs,
                                     std::optional<Time> expires_at) {
    auto wanted = wanted_of(needs);
    auto demands = find_stock(tx, wanted);
    auto choices = choose(demands, std::nullopt, date_of(tx.now()));
    refuse_if_short(wanted, demands, choices);
    std::vector<Reservation> made;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        reserve_drawn(tx, order, expires_at, wanted[i], demands[i], std::move(choices[i].draws),
                      made);
    }
    return made;
}

Reservation& reserve(Tx& tx, const Balance& from, Hold hold) {
    if (hold.lot_id) {
        change_lot(tx, *hold.lot_id, from.location_id, {.allocated = hold.quantity});
    } else if (item_of(tx, from).tracking == Tracking::lot) {
        throw std::logic_error("stock tracked by lot is reserved without its lot");
    }
    allocate_more(tx, from, hold.quantity);
    auto& reservation = tx.add(Reservation{.id = tx.new_id(),
                                           .item_id = from.item_id,
                                           .location_id = from.location_id,
                                           .quantity = hold.quantity,
                                           .expires_at = hold.expires_at,
                                           .reference = std::move(hold.reference),
                                           .order_id = hold.order_id,
                                           .order_item_id = hold.order_item_id,
                                           .work_order_id = hold.work_order_id,
                                           .lot_id = hold.lot_id});
    tx.emit("inventory.reserved", reservation);
    return reservation;
}

void gather_stock(Tx& tx, const std::vector<const Reservation*>& reservations) {
    tx.each(reservations, [&](const Reservation* one) { return stock_of(tx, *one); });
}

void foresee_taking(Tx& tx, const Reservation& reservation) {
    const auto* balance = stock_of(tx, reservation);
    const auto* item = tx.find<Item>(reservation.item_id);
    if (balance && item && item->tracking == Tracking::serial) tx.all<Serial>(balance->id);
}

void release(Tx& tx, const Reservation& held, ReservationAction action) {
    const auto& balance = locked_stock_of(tx, held);
    auto& reservation = tx.edit(held);
    reservation.status = next(reservation_lifecycle, reservation.status, action);
    auto& changed = allocate_more(tx, balance, -reservation.held());
    if (reservation.lot_id) {
        changed.quarantined += change_lot(tx, *reservation.lot_id, reservation.location_id,
                                          {.allocated = -reservation.held()});
    }
    bool expired = action == ReservationAction::expire;
    tx.emit(expired ? "inventory.expired" : "inventory.released", reservation);
}

void consume(Tx& tx, const Reservation& held, Quantity quantity, std::string_view kind,
             std::optional<Uuid> reference) {
    std::vector<std::string> the_oldest;
    take(tx, held, quantity, kind, reference, the_oldest, "/quantity");
}

std::vector<std::string> take(Tx& tx, const Reservation& held, Quantity quantity,
                              std::string_view kind, std::optional<Uuid> reference,
                              std::vector<std::string>& chosen, const std::string& pointer) {
    const auto& balance = locked_stock_of(tx, held);
    auto consumed = next(reservation_lifecycle, held.status, ReservationAction::consume);
    require(quantity > Quantity{} && quantity <= held.held(), exceeds_reservation,
            "The reservation still holds " + to_string(held.held()) + ".");
    if (held.lot_id) require_usable(tx, *held.lot_id, held.location_id);
    std::vector<const Serial*> pieces;
    if (item_of(tx, balance).tracking == Tracking::serial) {
        pieces = pieces_at(tx, balance, pieces_in(quantity, pointer), SerialStatus::in_stock,
                           chosen, pointer);
    }
    // Both fall together: what is available stays as it is.
    book(tx, balance,
         {.delta = -quantity,
          .allocated = -quantity,
          .kind = kind,
          .reference = reference,
          .lot_id = held.lot_id});
    auto& reservation = tx.edit(held);
    reservation.consumed += quantity;
    if (reservation.held() == Quantity{}) reservation.status = consumed;
    tx.emit("inventory.allocated", reservation);
    return send_off(tx, reservation, pieces, kind, reference);
}

void keep_until(Tx& tx, const Reservation& held, std::optional<Time> expires_at) {
    if (held.status != ReservationStatus::active || held.expires_at == expires_at) return;
    tx.edit(held).expires_at = expires_at;
}

Balance& shift(Tx& tx, const Balance& of, const Shift& wanted) {
    if (!wanted.lot_id) require_untracked(tx, of);
    return book(tx, of, wanted);
}

Balance& book(Tx& tx, const Balance& of, const Shift& wanted) {
    auto& balance = tx.edit(of);
    auto before = balance.available();
    if (wanted.lot_id) {
        balance.quarantined += change_lot(tx, *wanted.lot_id, balance.location_id,
                                          {.on_hand = wanted.delta,
                                           .allocated = wanted.allocated,
                                           .quarantined = wanted.quarantined});
    }
    balance.on_hand += wanted.delta;
    balance.allocated += wanted.allocated;
    balance.quarantined += wanted.quarantined;
    bool within = balance.allocated >= Quantity{} && balance.quarantined >= Quantity{} &&
                  balance.available() >= Quantity{};
    if (!within) throw std::logic_error("a balance would leave its bounds");
    tx.add(Movement{.id = tx.new_id(),
                    .item_id = balance.item_id,
                    .location_id = balance.location_id,
                    .kind = std::string(wanted.kind),
                    .delta = wanted.delta,
                    .on_hand = balance.on_hand,
                    .reason = wanted.reason,
                    .reference = wanted.reference,
                    .lot_id = wanted.lot_id,
                    .actor = tx.actor().text()});
    warn_if_low(tx, balance, before);
    return balance;
}

Balance& set_apart(Tx& tx, const Balance& of, Quantity by, std::optional<LotId> lot) {
    auto& balance = tx.edit(of);
    auto before = balance.available();
    if (lot) by += change_lot(tx, *lot, balance.location_id, {.quarantined = by});
    balance.quarantined += by;
    if (balance.quarantined < Quantity{} || balance.available() < Quantity{}) {
        throw std::logic_error("quarantined would leave its bounds");
    }
    warn_if_low(tx, balance, before);
    return balance;
}

Location& create_main_location(Tx& tx) {
    constexpr Tenant first_tenant = 1;
    auto number = tx.tenant() == first_tenant
                      ? first_free_location - 1
                      : tx.next_global_number("locations", first_free_location);
    return tx.add(Location{
        .id = LocationId(number), .code = std::string(main_code), .name = "Main warehouse"});
}

Item& create_item(Tx& tx, std::string_view item_number, std::optional<std::string> description) {
    return tx.add(Item{.id = ItemId(tx.next_global_number("inventory_items")),
                       .item_number = std::string(item_number),
                       .description = std::move(description)});
}

Place place_of(Tx& tx, const std::string& item, std::optional<LocationId> location) {
    // One question for both.
    auto found = tx.each(std::vector{location}, [&](std::optional<LocationId> wanted) {
        const auto* place =
            wanted ? tx.peek<Location>(*wanted) : tx.peek<&Location::code>(main_code);
        return Place{.item = find_item(tx, item), .location = place};
    });
    auto place = found.front();
    if (!place.item) throw Refusal(codes::not_found, "There is no such item.");
    if (!place.location) throw unknown_reference("/location_id");
    if (!place.location->active) throw invalid("/location_id", "inactive", "is not active");
    return place;
}

const Balance& balance_at(Tx& tx, const Place& place) {
    auto* found =
        tx.find<&Balance::item_id, &Balance::location_id>(place.item->id, place.location->id);
    if (found) return *found;
    return tx.add(Balance{.id = tx.new_id(),
                          .item_id = place.item->id,
                          .location_id = place.location->id,
                          .priority = {place.location->priority},
                          .open = {place.location->active}});
}

void require_positive(Quantity quantity, const std::string& pointer) {
    if (quantity <= Quantity{}) throw invalid(pointer, "too_small", "must be more than 0");
    if (quantity > most_on_hand) throw invalid(pointer, "too_large", "is too much");
}

std::vector<Parcel> pick(Tx& tx, const Balance& balance, Quantity quantity) {
    const auto& item = item_of(tx, balance);
    if (item.tracking != Tracking::lot) return {{.lot_id = std::nullopt, .quantity = quantity}};
    Demand demand{.wanted = quantity,
                  .owed = {},
                  .shelves = {shelf_of(balance, item.tracking, tx.all<LotBalance>(item.id))}};
    demand.shelves.front().open = true;  // the caller has chosen the place
    sort_for_drawing(demand);
    auto choice = choose({&demand, 1}, std::nullopt, date_of(tx.now())).front();
    std::vector<Parcel> parcels;
    for (const auto& draw : choice.draws) {
        const auto& lot = demand.shelves.front().lots[*draw.lot];
        parcels.push_back({.lot_id = lot.lot_id, .quantity = draw.quantity});
    }
    return parcels;
}

BalanceView view(Tx&, const Balance& balance) {
    return {.balance = {balance}, .available = balance.available()};
}

ItemView view(Tx& tx, const Item& item) {
    ItemView shown{.item = {item}, .balances = {}};
    for (const auto* balance : tx.all<Balance>(item.id)) {
        shown.balances.push_back(view(tx, *balance));
    }
    std::ranges::sort(shown.balances, {},
                      [](const BalanceView& of) { return of.balance.value.location_id; });
    return shown;
}

}  // namespace stateset::inventory
