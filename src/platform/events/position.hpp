#pragma once
// A place in the event log as clients see it: opaque text that sorts as the log does.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stateset::events {

std::string position_text(std::int64_t position);
std::optional<std::int64_t> position_from(std::string_view text);

}  // namespace stateset::events
