#include "platform/events/position.hpp"

#include <algorithm>

namespace stateset::events {
namespace {

// As many digits as any position has, so that texts sort as numbers do.
constexpr std::size_t position_digits = 19;

}  // namespace

std::string position_text(std::int64_t position) {
    auto digits = std::to_string(position);
    return std::string(position_digits - std::min(digits.size(), position_digits), '0') + digits;
}

std::optional<std::int64_t> position_from(std::string_view text) {
    if (text.empty() || text.size() > position_digits) return std::nullopt;
    std::int64_t position = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        if (__builtin_mul_overflow(position, std::int64_t{10}, &position) ||
            __builtin_add_overflow(position, std::int64_t{c - '0'}, &position)) {
            return std::nullopt;
        }
    }
    return position;
}

}  // namespace stateset::events
