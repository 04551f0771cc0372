#pragma once
// From what a caller asks for to lines with prices, and from lines to totals. All faults of all
// lines are found before anything is refused.

#include "orders/orders.hpp"
#include "taxes/taxes.hpp"

namespace stateset::orders {

// What is wrong with the lines of a request, by the rule it breaks.
struct Findings {
    std::vector<Fault> invalid, unpermitted, unavailable, mismatched;
    void refuse_if_any() const;  // throws the gravest: what is malformed before what is not allowed
};

// The variant a line names; null when there is none. Asks the catalogue without a lock.
const products::Variant* variant_of(Tx&, const NewLine&);

// A line at the catalogue's price and the assessor's tax rate, or at the given ones where the actor
// may say so, with the discount given to it. `currency` is the order's; empty: the variant's
// decides. Adds to the findings what does not hold, at `pointer`
// ("/items/3"); the line is of no use then.
Line line_for(Tx&, const Actor&, const NewLine&, const products::Variant*, const taxes::Assessor&,
              Currency& currency, const std::string& pointer, Findings&);

// What a caller takes off a line, of `gross` at most; faults at `pointer`.
Money discount_for(const Actor&, Amount, Money gross, const std::string& pointer, Findings&);
// That only who may orders:price gives a field; nothing when it is not given.
void require_price_permission(const Actor&, bool given, std::string pointer, Findings&);

// An amount of the request in the order's currency; a fault at `pointer` when it is negative or too
// precise.
Money money_of(Amount, Currency, const std::string& pointer, Findings&);

// Takes off each line's own discount, spreads the order's over what is left by largest remainder,
// then works out tax and totals of the lines and the order. A discount falls to what it is taken
// off where it exceeds that. Throws Refusal(invalid) at "/items" when a sum does not fit.
void total_up(Order&, std::span<Line* const>);

}  // namespace stateset::orders
