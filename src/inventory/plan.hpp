#pragma once
// Where an order's goods are taken from. `choose` is a pure function of what lies where; both
// reserving (`reserve_all`) and the plan that only shows what would be taken ask it, so that the
// two cannot differ. One location that has everything is preferred; else locations give what they
// have by priority. At a location, lots that expire first go first.

#include <span>

#include "inventory/lots.hpp"

namespace stateset::inventory {

struct LotStock {
    LotId lot_id;
    std::optional<Date> expires_on;
    LotStatus status = LotStatus::active;
    Quantity on_hand, allocated, quarantined;
    bool usable(Date today) const {
        return status == LotStatus::active && (!expires_on || *expires_on >= today);
    }
    Quantity available() const { return on_hand - allocated - quarantined; }
};

// An item at one location.
struct Shelf {
    LocationId location_id;
    std::int64_t priority = 100;  // lower is drawn from first
    bool open = true;             // else nothing is drawn from here
    Quantity on_hand, allocated, quarantined;
    bool by_lot = false;
    std::vector<LotStock> lots;  // all that lie here, when it is by lot
};

// How much of one item is wanted, and where it lies.
struct Demand {
    Quantity wanted;
    Quantity owed;  // what must be left to those who came before
    std::vector<Shelf> shelves;
};

struct Draw {
    std::size_t shelf;               // which of the demand's
    std::optional<std::size_t> lot;  // which of the shelf's
    Quantity quantity;
};

struct Choice {
    Quantity available;       // at all locations that may be drawn from, less what is owed
    std::vector<Draw> draws;  // what is wanted, or what there is when that is less
};

// Brings shelves into the order in which they are drawn from, and their lots likewise. `choose`
// needs it done.
void sort_for_drawing(Demand&);
// One choice for each demand. `only`: draw from this location alone. `today` decides which lots
// have expired.
std::vector<Choice> choose(std::span<const Demand>, std::optional<LocationId> only, Date today);

// What may be drawn from a shelf.
Quantity usable_on(const Shelf&, Date today);

// Why something was not taken, or not all of it.
enum class NotTaken {
    inactive_location,
    other_location,  // the plan was asked for one location
    quarantined,
    expired,
    allocated,       // all that is there is promised
    not_enough,      // it does not have all that is wanted, another location does
    lower_priority,  // others come first and were enough
    expires_later,   // likewise, of lots at one location
    owed,            // orders that wait come first
    insufficient,    // all locations together do not have what is wanted
};
struct PassedOver {
    std::size_t shelf;
    std::optional<std::size_t> lot;
    Quantity available;
    NotTaken reason;
};
// Each shelf and lot with stock on hand of which nothing was drawn, and why.
std::vector<PassedOver> passed_over(const Demand&, const Choice&, std::optional<LocationId> only,
                                    Date today);

// ---- the query ----

struct PlannedNeed {
    Text<64> sku;
    Quantity quantity;
};
struct PlanOrder {
    List<PlannedNeed, 1, 1000> items;
    std::optional<LocationId> location_id;  // else from all that are active
};

struct PlannedDraw {
    LocationId location_id;
    std::string code;
    std::optional<LotId> lot_id;
    std::optional<std::string> lot_number;
    std::optional<Date> expires_on;
    Quantity quantity;
};
struct PlannedOtherwise {
    LocationId location_id;
    std::string code;
    std::optional<LotId> lot_id;
    std::optional<std::string> lot_number;
    std::optional<Date> expires_on;
    Quantity on_hand, allocated, quarantined, available;
    NotTaken why;
};
struct PlannedItem {
    std::string sku;
    bool tracked = true;  // else no stock is kept of it and nothing need be taken
    Quantity wanted, available, short_by;
    std::vector<PlannedDraw> takes;
    std::vector<PlannedOtherwise> leaves;
};
struct Plan {
    bool possible = true;  // whether an order of these items could be processed now
    std::vector<PlannedItem> items;
};

// What processing an order of these items would take now, and why not from elsewhere. Reserves
// nothing. Refuses with invalid at /items/0/sku for what is not known, and at /location_id.
Plan plan(Reads&, const Actor&, const PlanOrder&);

}  // namespace stateset::inventory
