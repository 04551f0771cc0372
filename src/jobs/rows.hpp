#pragma once
// The rows of an export, page by page in the order of their ids. A row is a JSON object that an
// import of the same kind takes; what else it says (numbers, statuses, totals of orders) an import
// passes over with `unknown_fields: ignore`.
//
// Stock of items tracked by lot has a row for each lot. The serial numbers of single pieces are not
// there: what is tracked by serial comes back as a quantity only.

#include "jobs/cells.hpp"
#include "jobs/jobs.hpp"

namespace stateset::jobs {

struct Rows {
    std::vector<std::string> objects;  // JSON
    std::optional<Uuid> up_to;         // the last id that was looked at
    bool more = false;
};

Rows rows_after(Reads&, const Export&, std::int64_t most);

const CellColumns& columns_to_export(Kind);

}  // namespace stateset::jobs
