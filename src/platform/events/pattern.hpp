#pragma once
// Which events somebody wants: "order.created", with wildcards "order.*", "*.cancelled" and "*".
// The log's queries use the same patterns as SQL globs, so both must agree.

#include <optional>
#include <string>
#include <string_view>

namespace stateset::events {

// Whether the whole type matches; `*` stands for any text, also none.
bool matches(std::string_view pattern, std::string_view type);

// What is wrong with a pattern, as an English clause ("may hold …"), or nothing.
std::optional<std::string> pattern_fault(std::string_view pattern);

// The patterns of a comma-separated list as a JSON array. Throws Refusal(invalid) at `pointer`.
std::string patterns_json(std::string_view list, std::string_view pointer);

}  // namespace stateset::events
