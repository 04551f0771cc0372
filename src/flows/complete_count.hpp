#pragma once
// Completing a count sets what is on hand to what was counted and what came and went since. Where
// that is less than what is promised, stock is taken back from reservations, as an adjustment does.

#include "flows/take_stock_back.hpp"
#include "inventory/counts.hpp"

namespace stateset::flows {

inline constexpr Code nothing_counted{"nothing_counted", 409, "Nothing was counted",
                                      "Add lines first, or cancel the count."};
inline constexpr Code count_contradicted{
    "count_contradicted", 409, "More has left since than was counted",
    "Count the items in `errors` again: what left afterwards was not there by the count."};

struct CompleteCount {
    inventory::CountId id;
    std::optional<bool> release_reservations;
    Reason reason;
};

// With those who hold what the count says is not there.
struct ShortLine {
    inventory::CountLineId id;
    inventory::ItemId item_id;
    inventory::LocationId location_id;
};
struct Completion {
    CompleteCount wanted;
    std::map<inventory::CountLineId, Holders> holders;
};
Completion find_count_holders(Reads&, const Actor&, const CompleteCount&);

// Refuses with illegal_transition, nothing_counted, count_contradicted, and below_allocated naming
// reservations (at most 20 of each item) unless release_reservations: true takes them back. What is
// missing is taken from what is available first, then from what is quarantined. Emits
// inventory.adjusted for each balance that was corrected.
inventory::Count complete_count(Tx&, const Actor&, const Completion&);

}  // namespace stateset::flows
