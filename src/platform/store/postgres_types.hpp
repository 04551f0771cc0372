#pragma once
// What PostgreSQL sends and takes in binary for the types our tables use. One line per type in one
// table (postgres_types.cpp); a type that is not there is a mistake of a statement or a migration,
// told by its oid.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/store/table.hpp"

namespace stateset::store::postgres {

using Oid = std::uint32_t;

namespace oid {
inline constexpr Oid boolean = 16, bigint = 20, text = 25, json = 114, date = 1082,
                     timestamptz = 1184, numeric = 1700, uuid = 2950, lsn = 3220, jsonb = 3802;
inline constexpr Oid bigint_array = 1016;
}  // namespace oid

// What goes out for one parameter: binary, or null.
using Argument = std::optional<std::string>;

// Throws std::logic_error when the value is of no kind that this type can hold.
Argument encoded(const Value&, Oid type);
// One-dimensional; any element may be null. Built element by element.
class ArrayOf {
  public:
    explicit ArrayOf(Oid element) : element_(element) {}
    void push(const Value&);
    std::size_t size() const { return count_; }
    Argument bytes() const;

  private:
    Oid element_;
    std::uint32_t count_ = 0;
    bool any_null_ = false;
    std::string elements_;
};
Oid array_of(Oid element);
Oid element_of(Oid array);

// Throws std::runtime_error for a type that is not known and for a number with a fraction.
Value decoded(std::string_view bytes, Oid type);

}  // namespace stateset::store::postgres
