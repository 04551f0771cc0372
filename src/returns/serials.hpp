#pragma once
// Pieces with serial numbers come back one by one: each must be one that left for this line.

#include <functional>

#include "returns/returns.hpp"

namespace stateset::returns {

// Of what arrived. Refuses with serials_required where an item tracked by serial comes without
// numbers, and with invalid where a number is given twice, did not leave for the line or is here
// again. `pointer_of` says where the caller wrote about an item.
void check_serials(Tx&, const std::vector<const ReturnItem*>& arrived,
                   const std::function<std::string(const ReturnItem&)>& pointer_of);

}  // namespace stateset::returns
