#pragma once
// A named read: one statement from one .sql file of a slice. Parameters are named after the members
// of the struct they come from (`:status`). A line that ends in `--? status` takes part only when
// that parameter is given, `--? sort=oldest` only when it has that word, `--? !status` only when it
// is absent. A parameter that nobody gives is an error.

#include <span>
#include <string_view>

namespace stateset::sql {

struct Query {
    std::string_view name;  // "orders.list"
    std::string_view text;
};

}  // namespace stateset::sql
