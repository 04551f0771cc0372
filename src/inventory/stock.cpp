// The arithmetic of stock: what every other part of the house does with it comes through here.

#include <algorithm>
#include <map>
#include <stdexcept>

#include "inventory/inventory.hpp"

namespace stateset::inventory {
namespace {

// All needs of one item, and where it lies: open locations, first to be drawn from first.
struct Demand {
    std::string_view sku;
    Quantity wanted;
    std::vector<const Need*> needs;
    std::vector<const Balance*> balances;
};

struct Draw {
    const Balance* balance;
    Quantity quantity;
};

std::vector<Demand> demands_of(const std::vector<Need>& needs) {
    std::map<std::string_view, Demand> by_sku;
    for (const auto& need : needs) {
        auto& demand = by_sku[need.sku];
        demand.sku = need.sku;
        demand.wanted += need.quantity;
        demand.needs.push_back(&need);
    }
    std::vector<Demand> demands;
    for (auto& [_, demand] : by_sku) demands.push_back(std::move(demand));
    return demands;
}

bool drawn_before(const Balance* a, const Balance* b) {
    return std::tie(a->priority.value, a->location_id) <
           std::tie(b->priority.value, b->location_id);
}

void find_stock(Tx& tx, std::vector<Demand>& demands) {
    auto found = tx.each(demands, [&](const Demand& demand) {
        auto* item = tx.find<&Item::item_number>(demand.sku);
        return item ? tx.all<Balance>(item->id) : std::vector<const Balance*>{};
    });
    for (std::size_t i = 0; i < demands.size(); ++i) {
        std::erase_if(found[i], [](const Balance* balance) { return !balance->open.value; });
        std::ranges::sort(found[i], drawn_before);
        demands[i].balances = std::move(found[i]);
    }
}

Quantity available_of(const Demand& demand) {
    Quantity sum;
    for (const auto* balance : demand.balances) sum += balance->available();
    return sum;
}

void refuse_if_short(const std::vector<Demand>& demands) {
    std::vector<Fault> faults;
    for (const auto& demand : demands) {
        auto available = available_of(demand);
        if (available >= demand.wanted) continue;
        auto wanted_text = to_string(demand.wanted), available_text = to_string(available);
        faults.push_back({demand.needs.front()->pointer,
                          std::string(insufficient_stock.name),
                          "wants " + wanted_text + " of " + std::string(demand.sku) + ", " +
                              available_text + " available",
                          {{"sku", std::string(demand.sku)},
                           {"wanted", wanted_text},
                           {"available", available_text}}});
    }
    if (faults.empty()) return;
    auto detail = faults.front().message;
    throw Refusal(insufficient_stock, std::move(detail), std::move(faults));
}

const Balance* at(const Demand& demand, LocationId location) {
    for (const auto* balance : demand.balances) {
        if (balance->location_id == location) return balance;
    }
    return nullptr;
}

// The first location that has everything.
std::optional<LocationId> one_for_all(const std::vector<Demand>& demands) {
    if (demands.empty()) return std::nullopt;
    for (const auto* candidate : demands.front().balances) {
        bool has_all = std::ranges::all_of(demands, [&](const Demand& demand) {
            const auto* balance = at(demand, candidate->location_id);
            return balance && balance->available() >= demand.wanted;
        });
        if (has_all) return candidate->location_id;
    }
    return std::nullopt;
}

std::vector<Draw> draws_of(const Demand& demand, std::optional<LocationId> location) {
    for (const auto* balance : demand.balances) {
        bool here = !location || balance->location_id == *location;
        if (here && balance->available() >= demand.wanted) return {{balance, demand.wanted}};
    }
    std::vector<Draw> draws;
    auto left = demand.wanted;
    for (const auto* balance : demand.balances) {
        auto part = std::min(left, balance->available());
        if (part <= Quantity{}) continue;
        draws.push_back({balance, part});
        left -= part;
    }
    return draws;
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

// The stock that a reservation holds, both its item and its balance locked.
const Balance* stock_of(Tx& tx, const Reservation& reservation) {
    tx.find<Item>(reservation.item_id);
    return tx.find<&Balance::item_id, &Balance::location_id>(reservation.item_id,
                                                             reservation.location_id);
}

const Balance& locked_stock_of(Tx& tx, const Reservation& reservation) {
    auto found = tx.each(std::vector{&reservation},
                         [&](const Reservation* one) { return stock_of(tx, *one); });
    if (!found.front()) throw std::logic_error("a reservation without its balance");
    return *found.front();
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

std::vector<Reservation> reserve_all(Tx& tx, Id<orders::Order> order,
                                     const std::vector<Need>& needs,
                                     std::optional<Time> expires_at) {
    auto demands = demands_of(needs);
    find_stock(tx, demands);
    refuse_if_short(demands);
    auto location = one_for_all(demands);
    std::vector<Reservation> made;
    for (const auto& demand : demands) {
        auto draws = draws_of(demand, location);
        auto draw = draws.begin();
        for (const auto* need : demand.needs) {
            for (auto left = need->quantity; left > Quantity{};) {
                if (draw->quantity == Quantity{}) ++draw;
                auto part = std::min(left, draw->quantity);
                made.push_back(reserve(tx, *draw->balance,
                                       {.quantity = part,
                                        .expires_at = expires_at,
                                        .order_id = order,
                                        .order_item_id = need->order_item_id}));
                draw->quantity -= part;
                left -= part;
            }
        }
    }
    return made;
}

Reservation& reserve(Tx& tx, const Balance& from, Hold hold) {
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

void release(Tx& tx, const Reservation& held, ReservationAction action) {
    const auto& balance = locked_stock_of(tx, held);
    auto& reservation = tx.edit(held);
    reservation.status = next(reservation_lifecycle, reservation.status, action);
    allocate_more(tx, balance, -reservation.held());
    bool expired = action == ReservationAction::expire;
    tx.emit(expired ? "inventory.expired" : "inventory.released", reservation);
}

void consume(Tx& tx, const Reservation& held, Quantity quantity, std::string_view kind,
             std::optional<Uuid> reference) {
    const auto& balance = locked_stock_of(tx, held);
    auto& reservation = tx.edit(held);
    auto consumed = next(reservation_lifecycle, reservation.status, ReservationAction::consume);
    require(quantity > Quantity{} && quantity <= reservation.held(), exceeds_reservation,
            "The reservation still holds " + to_string(reservation.held()) + ".");
    // Both fall together: what is available stays as it is.
    shift(tx, balance,
          {.delta = -quantity,
           .allocated = -quantity,
           .kind = kind,
           .reference = reference,
           .lot_id = reservation.lot_id});
    reservation.consumed += quantity;
    if (reservation.held() == Quantity{}) reservation.status = consumed;
    tx.emit("inventory.allocated", reservation);
}

void keep_until(Tx& tx, const Reservation& held, std::optional<Time> expires_at) {
    if (held.status != ReservationStatus::active || held.expires_at == expires_at) return;
    tx.edit(held).expires_at = expires_at;
}

Balance& shift(Tx& tx, const Balance& of, const Shift& wanted) {
    auto& balance = tx.edit(of);
    auto before = balance.available();
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

std::vector<Parcel> pick(Tx&, const Balance&, Quantity quantity) {
    return {{.lot_id = std::nullopt, .quantity = quantity}};
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
