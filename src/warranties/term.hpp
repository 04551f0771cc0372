#pragma once
// The days that a warranty covers, and what pieces of a line are worth. Pure.

#include <optional>

#include "platform/core/money.hpp"
#include "platform/core/time.hpp"

namespace stateset::warranties {

// The same day of a later month, or that month's last day where it is shorter: 31 January and one
// month is 28 or 29 February. nullopt beyond the year 9999.
std::optional<Date> add_months(Date, std::int64_t months);

// What `pieces` of `quantity` are worth that together cost `total`, when `before` of them were paid
// for already: never more than their part, except that the last takes what is left. Beyond it
// nothing is.
Money share_of(Money total, std::int64_t quantity, std::int64_t before, std::int64_t pieces);

}  // namespace stateset::warranties
