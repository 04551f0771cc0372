#pragma once
// From what a caller asks for to lines with prices, and from lines to totals. All faults of all
// lines are found before anything is refused.

#include "orders/orders.hpp"

namespace stateset::orders {

// What is wrong with the lines of a request, by the rule it breaks.
struct Findings {
    std::vector<Fault> invalid, unpermitted, unavailable, mismatched;
    void refuse_if_any() const;  // throws the gravest: what is malformed before what is not allowed
};

// The variant a line names; null when there is none. Asks the catalogue without a lock.
const products::Variant* variant_of(Tx&, const NewLine&);

// A line at the catalogue's price, or at the given one where the actor may say so. `currency` is
// the order's; empty: the variant's decides. Adds to the findings what does not hold, at `pointer`
// ("/items/3"); the line is of no use then.
Line line_for(Tx&, const Actor&, const NewLine&, const products::Variant*, Currency& currency,
              const std::string& pointer, Findings&);

// An amount of the request in the order's currency; a fault at `pointer` when it is negative or too
// precise.
Money money_of(Amount, Currency, const std::string& pointer, Findings&);

// Takes off each line's own discount, spreads the order's over what is left by largest remainder,
// then works out tax and totals of the lines and the order. A discount falls to what it is taken
// off where it exceeds that. Throws
// Refusal(invalid) at "/items" when a sum does not fit.
void total_up(Order&, std::span<Line* const>);

}  // namespace stateset::orders
