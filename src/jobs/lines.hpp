#pragma once
// What one line of an import means: a command by the functions that the routes use. A line is a
// JSON object with the members of that route's body, and:
//   products   status may be archived; with `upsert`, an existing sku is changed instead (its
//              currency, own sku and tracking stay), and variants that are new are added
//   customers  `addresses`; with `upsert`, an existing e-mail address is changed instead
//   stock      sku, location (a code; else MAIN) and one of quantity (received), on_hand (counted)
//              and delta; lot_number, expires_on, serial_numbers, reason, reorder_point
//   orders     customer_email instead of customer_id, if that is easier

#include <functional>

#include "jobs/cells.hpp"
#include "jobs/jobs.hpp"

namespace stateset::jobs {

struct Line {
    std::vector<Fault> faults;  // of its text; then there is nothing to do
    std::string key;            // lines of one key keep their order; empty: it has none
    std::function<void(Tx&, const Actor&)> act;  // throws Refusal
};

// Never throws: what cannot be read has faults.
Line line_of(Kind, Mode, UnknownFields, std::string_view object);

const CellColumns& columns_to_import(Kind);

}  // namespace stateset::jobs
