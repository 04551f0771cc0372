#pragma once
// Available to promise: how much of an item a customer can be told they will have by a day. That is
// what nobody has reserved at active locations now, less what orders that wait are owed (they come
// first), plus what is on its way with a day on which it is expected: open transfers to active
// locations, and what work orders that are not on hold will produce. What is overdue counts as
// coming today; what has no day is shown and not counted.

#include "inventory/inventory.hpp"

namespace stateset::inventory {

struct PromiseWanted {
    std::string id;                    // the item's number or item_number
    std::optional<Quantity> quantity;  // else 1
    std::optional<Date> by;            // else whenever
};

enum class SupplyKind { transfer, work_order };

// Something that will come, the soonest first.
struct Supply {
    SupplyKind kind;
    Uuid reference;  // the transfer or work order
    std::string reference_number;
    LocationId location_id;
    std::optional<Date> due_on;
    Quantity quantity;
};

struct Promise {
    ItemId item_id;
    std::string item_number;
    Quantity quantity;
    std::optional<Date> by;
    bool possible = false;            // that much by that day
    std::optional<Date> earliest_on;  // when there is that much; null: not by what is known
    Quantity promisable;              // how much by that day, never negative
    Quantity available;               // now, at active locations
    Quantity backordered;             // what orders that wait are owed of it
    std::vector<Supply> supplies;     // at most 1,000
};

// Refuses with not_found, and with invalid at ?quantity and ?by (a day in the past).
Promise promise(Reads&, const Actor&, const PromiseWanted&);

// ---- the arithmetic, for a table test

struct Outlook {
    Quantity available, backordered;
    std::vector<Supply> supplies;
};
Quantity promisable_by(const Outlook&, Date today, std::optional<Date> by);
std::optional<Date> earliest(const Outlook&, Date today, Quantity wanted);

}  // namespace stateset::inventory
