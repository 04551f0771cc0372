#pragma once
// From the embedded database to PostgreSQL: everything a data folder holds, copied once into a
// database that holds nothing yet. Ids, positions of the log, secrets and keys stay what they are,
// so that callers, tokens and consumers go on where they were. One transaction: it is all there, or
// nothing is.

#include <cstdint>
#include <string>
#include <vector>

namespace stateset::store::postgres {

struct Copied {
    std::string table;
    std::int64_t rows;
};

// Brings the database to this version first. Throws std::runtime_error when the folder is in use,
// holds no data or data of another version, or when the database is not empty.
std::vector<Copied> copy_folder(const std::string& folder, const std::string& url);

}  // namespace stateset::store::postgres
