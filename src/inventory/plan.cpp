#include "inventory/plan.hpp"

#include <algorithm>
#include <tuple>

namespace stateset::inventory {
namespace {

bool may_draw(const Shelf& shelf, std::optional<LocationId> only) {
    return shelf.open && (!only || shelf.location_id == *only);
}

// What a demand may have of a shelf, or can have at all when it is short.
Quantity available_at(const Demand& demand, std::optional<LocationId> only, Date today) {
    Quantity sum;
    for (const auto& shelf : demand.shelves) {
        if (may_draw(shelf, only)) sum += usable_on(shelf, today);
    }
    return std::max(sum - demand.owed, Quantity{});
}

const Shelf* at(const Demand& demand, LocationId location) {
    auto found = std::ranges::find(demand.shelves, location, &Shelf::location_id);
    return found == demand.shelves.end() ? nullptr : &*found;
}

// The first location that has everything.
std::optional<LocationId> one_for_all(std::span<const Demand> demands,
                                      std::span<const Choice> choices,
                                      std::optional<LocationId> only, Date today) {
    if (demands.empty()) return std::nullopt;
    for (const auto& candidate : demands.front().shelves) {
        if (!may_draw(candidate, only)) continue;
        bool has_all = true;
        for (std::size_t i = 0; i < demands.size() && has_all; ++i) {
            const auto* shelf = at(demands[i], candidate.location_id);
            has_all = shelf && shelf->open &&
                      usable_on(*shelf, today) >= std::min(demands[i].wanted, choices[i].available);
        }
        if (has_all) return candidate.location_id;
    }
    return std::nullopt;
}

// Takes up to `wanted` off a shelf, lot by lot; returns what is still wanted.
Quantity draw(const Shelf& shelf, std::size_t index, Quantity wanted, Date today,
              std::vector<Draw>& draws) {
    if (!shelf.by_lot) {
        auto part = std::min(wanted, usable_on(shelf, today));
        if (part <= Quantity{}) return wanted;
        draws.push_back({.shelf = index, .lot = std::nullopt, .quantity = part});
        return wanted - part;
    }
    for (std::size_t i = 0; i < shelf.lots.size() && wanted > Quantity{}; ++i) {
        if (!shelf.lots[i].usable(today)) continue;
        auto part = std::min(wanted, shelf.lots[i].available());
        if (part <= Quantity{}) continue;
        draws.push_back({.shelf = index, .lot = i, .quantity = part});
        wanted -= part;
    }
    return wanted;
}

// From one location when it has all of it, the preferred one first; else by priority.
std::vector<Draw> draws_of(const Demand& demand, Quantity wanted,
                           std::optional<LocationId> preferred, std::optional<LocationId> only,
                           Date today) {
    std::vector<Draw> draws;
    if (wanted <= Quantity{}) return draws;
    for (std::size_t i = 0; i < demand.shelves.size(); ++i) {
        const auto& shelf = demand.shelves[i];
        bool here = may_draw(shelf, only) && (!preferred || shelf.location_id == *preferred);
        if (!here || usable_on(shelf, today) < wanted) continue;
        draw(shelf, i, wanted, today, draws);
        return draws;
    }
    for (std::size_t i = 0; i < demand.shelves.size() && wanted > Quantity{}; ++i) {
        if (may_draw(demand.shelves[i], only)) {
            wanted = draw(demand.shelves[i], i, wanted, today, draws);
        }
    }
    return draws;
}

Quantity drawn(const Choice& choice) {
    Quantity sum;
    for (const auto& one : choice.draws) sum += one.quantity;
    return sum;
}

bool drawn_from(const Choice& choice, std::size_t shelf) {
    return std::ranges::any_of(choice.draws, [&](const Draw& one) { return one.shelf == shelf; });
}

NotTaken why_empty(Quantity allocated, Quantity quarantined) {
    if (allocated > Quantity{}) return NotTaken::allocated;
    return quarantined > Quantity{} ? NotTaken::quarantined : NotTaken::not_enough;
}

// Something usable lies there, and nobody took it: because of what?
NotTaken why_left(const Demand& demand, const Choice& choice, Quantity available) {
    if (choice.available < demand.wanted) {
        return demand.owed > Quantity{} ? NotTaken::owed : NotTaken::insufficient;
    }
    return available < demand.wanted ? NotTaken::not_enough : NotTaken::lower_priority;
}

NotTaken why_lot(const Demand& demand, const Choice& choice, std::size_t shelf, const LotStock& lot,
                 Date today) {
    if (lot.status == LotStatus::quarantined) return NotTaken::quarantined;
    if (!lot.usable(today)) return NotTaken::expired;
    if (lot.available() <= Quantity{}) return why_empty(lot.allocated, lot.quarantined);
    if (drawn_from(choice, shelf)) return NotTaken::expires_later;
    return why_left(demand, choice, usable_on(demand.shelves[shelf], today));
}

}  // namespace

Quantity usable_on(const Shelf& shelf, Date today) {
    if (!shelf.by_lot) return shelf.on_hand - shelf.allocated - shelf.quarantined;
    Quantity sum;
    for (const auto& lot : shelf.lots) {
        if (lot.usable(today)) sum += lot.available();
    }
    return sum;
}

void sort_for_drawing(Demand& demand) {
    std::ranges::sort(demand.shelves, {}, [](const Shelf& shelf) {
        return std::pair(shelf.priority, shelf.location_id);
    });
    for (auto& shelf : demand.shelves) {
        std::ranges::sort(shelf.lots, {}, [](const LotStock& lot) {
            return std::tuple(!lot.expires_on, lot.expires_on.value_or(Date{}), lot.lot_id);
        });
    }
}

std::vector<Choice> choose(std::span<const Demand> demands, std::optional<LocationId> only,
                           Date today) {
    std::vector<Choice> choices;
    choices.reserve(demands.size());
    for (const auto& demand : demands) {
        choices.push_back({.available = available_at(demand, only, today), .draws = {}});
    }
    auto preferred = one_for_all(demands, choices, only, today);
    for (std::size_t i = 0; i < demands.size(); ++i) {
        auto wanted = std::min(demands[i].wanted, choices[i].available);
        choices[i].draws = draws_of(demands[i], wanted, preferred, only, today);
    }
    return choices;
}

std::vector<PassedOver> passed_over(const Demand& demand, const Choice& choice,
                                    std::optional<LocationId> only, Date today) {
    // What a short demand could have had is not taken either: it is all or nothing.
    const Choice taken =
        drawn(choice) < demand.wanted ? Choice{.available = choice.available, .draws = {}} : choice;
    std::vector<PassedOver> result;
    for (std::size_t i = 0; i < demand.shelves.size(); ++i) {
        const auto& shelf = demand.shelves[i];
        if (shelf.on_hand == Quantity{}) continue;
        auto usable = usable_on(shelf, today);
        std::optional<NotTaken> closed;
        if (!shelf.open) closed = NotTaken::inactive_location;
        if (shelf.open && only && shelf.location_id != *only) closed = NotTaken::other_location;
        if (!shelf.by_lot) {
            if (drawn_from(taken, i)) continue;
            auto why = usable > Quantity{} ? why_left(demand, taken, usable)
                                           : why_empty(shelf.allocated, shelf.quarantined);
            result.push_back({i, std::nullopt, usable, closed.value_or(why)});
        }
        for (std::size_t k = 0; k < shelf.lots.size(); ++k) {
            bool is_taken = std::ranges::any_of(
                taken.draws, [&](const Draw& one) { return one.shelf == i && one.lot == k; });
            if (is_taken) continue;
            const auto& lot = shelf.lots[k];
            auto free = lot.usable(today) ? lot.available() : Quantity{};
            result.push_back(
                {i, k, free, closed ? *closed : why_lot(demand, taken, i, lot, today)});
        }
    }
    return result;
}

}  // namespace stateset::inventory
