#pragma once
// From the embedded database to PostgreSQL: everything a data folder holds, copied once into a
// database that holds nothing yet. Ids, positions of the log, secrets and keys stay what they are,
// so that callers, tokens and consumers go on where they were. One transaction: it is all there, or
// nothing is.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace stateset::store::postgres {

struct Copied {
    std::string table;
    std::int64_t rows;
};

// Brings the database to this version first. Throws std::runtime_error when the folder is in use,
// holds no data or data of another version, or when the database is not empty. `told` learns how
// many of all rows are there.
using HowFar = std::function<void(std::int64_t rows, std::int64_t of)>;
std::vector<Copied> copy_folder(const std::string& folder, const std::string& url,
                                const HowFar& told = {});

}  // namespace stateset::store::postgres
