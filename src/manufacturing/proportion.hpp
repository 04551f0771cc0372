#pragma once
// How much of a component a quantity of something needs, and how much of that is due when a part of
// it is finished. Exact, without floating point: what is rounded is rounded once.

#include <optional>

#include "manufacturing/boms.hpp"

namespace stateset::manufacturing {

// `each` for one piece and `scrap_percent` per cent on top, for so many `pieces`: rounded up to a
// ten-thousandth, of items tracked by serial to whole pieces. nullopt when it is more than a
// location can hold.
std::optional<Quantity> required_for(Quantity each, Quantity scrap_percent, Quantity pieces,
                                     inventory::Tracking);

// What of `required` is consumed when `done` of `quantity` is finished: in proportion, rounded down
// (to whole pieces for items tracked by serial), so that the last one takes the rest.
Quantity due_for(Quantity required, Quantity done, Quantity quantity, inventory::Tracking);

}  // namespace stateset::manufacturing
