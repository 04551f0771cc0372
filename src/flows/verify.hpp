#pragma once
// Whether what the database says of itself is true: sums equal their parts, statuses what they are
// derived from, references lead somewhere, events are complete. Reads one snapshot, also beside a
// running server, and changes nothing. Each check is one statement, flows/sql/verify_*.sql, that
// returns the rows which do not hold: tenant, table, id and what is wrong.

#include <string>
#include <vector>

#include "platform/store/reads.hpp"

namespace stateset::flows {

struct Finding {
    Tenant tenant;
    std::string table, id, problem;
};

struct Verified {
    int checks = 0;
    std::vector<Finding> findings;  // at most 100 of each check
};

// Throws store::Unavailable when the database cannot be read.
Verified verify(store::Reader&);

}  // namespace stateset::flows
