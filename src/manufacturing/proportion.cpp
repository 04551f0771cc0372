#include "manufacturing/proportion.hpp"

namespace stateset::manufacturing {
namespace {

__extension__ typedef __int128 Wide;  // products of three quantities

constexpr Wide hundred_percent = 100 * Quantity::one;

// The smallest step of an item: pieces with serial numbers cannot be cut.
std::int64_t step_of(inventory::Tracking tracking) {
    return tracking == inventory::Tracking::serial ? Quantity::one : 1;
}

}  // namespace

std::optional<Quantity> required_for(Quantity each, Quantity scrap_percent, Quantity pieces,
                                     inventory::Tracking tracking) {
    Wide product = 0;
    bool fits = !__builtin_mul_overflow(Wide{each.scaled}, Wide{pieces.scaled}, &product) &&
                !__builtin_mul_overflow(product, hundred_percent + scrap_percent.scaled, &product);
    if (!fits) return std::nullopt;
    const Wide unit = Wide{Quantity::one} * hundred_percent * step_of(tracking);
    auto needed = (product / unit + (product % unit != 0 ? 1 : 0)) * step_of(tracking);
    if (needed > inventory::most_on_hand.scaled) return std::nullopt;
    return Quantity{static_cast<std::int64_t>(needed)};
}

Quantity due_for(Quantity required, Quantity done, Quantity quantity,
                 inventory::Tracking tracking) {
    if (done >= quantity) return required;
    auto share = Wide{required.scaled} * done.scaled / quantity.scaled;
    return {static_cast<std::int64_t>(share - share % step_of(tracking))};
}

}  // namespace stateset::manufacturing
