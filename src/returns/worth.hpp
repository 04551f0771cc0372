#pragma once
// What pieces of a line are worth when they come back: their share of the amount that the line was
// sold for, by cumulative rounding. However a line comes back in parts, the parts never add up to
// more than its total, and the last piece takes what is left of it.

#include "orders/orders.hpp"

namespace stateset::returns {

// What came back of a line before.
struct Earlier {
    std::int64_t pieces = 0;
    Money value;
};

// `pieces` more of a line: at most its quantity less what came back before.
Money worth(const orders::Line&, const Earlier&, std::int64_t pieces);

}  // namespace stateset::returns
