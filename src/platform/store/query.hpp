#pragma once
// A named read: one statement from one .sql file of a slice. Parameters are named after the members
// of the struct they come from (`:status`). A line that ends in `--? status` takes part only when
// that parameter is given, `--? sort=oldest` only when it is that word, `--? archived=1` only when
// it is that number (or true), `--? !status` only when it is absent, `--? !sort=oldest` unless it
// is that word; of several conditions (`--? after_id --? sort=oldest`) all must hold. A parameter
// that nobody gives is an error. The same text serves both databases, unless name.sqlite.sql stands
// beside it.

#include <span>
#include <string_view>

namespace stateset::sql {

enum class Dialect { sqlite, postgres };

struct Query {
    std::string_view name;         // "orders.list"
    std::string_view text;         // name.sql
    std::string_view sqlite = {};  // name.sqlite.sql, where SQLite needs another text

    std::string_view in(Dialect dialect) const {
        return dialect == Dialect::sqlite && !sqlite.empty() ? sqlite : text;
    }
};

}  // namespace stateset::sql
