#include "returns/worth.hpp"

#include <algorithm>

namespace stateset::returns {

__extension__ typedef __int128 Wide;  // an amount times a quantity

Money worth(const orders::Line& line, const Earlier& earlier, std::int64_t pieces) {
    if (pieces <= 0) return {0, line.currency};
    auto through = std::min(earlier.pieces + pieces, line.quantity);
    auto due = static_cast<std::int64_t>(Wide(line.total.minor) * through / line.quantity);
    return {std::max<std::int64_t>(0, due - earlier.value.minor), line.currency};
}

}  // namespace stateset::returns
