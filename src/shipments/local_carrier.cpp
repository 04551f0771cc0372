#include "shipments/local_carrier.hpp"

#include <algorithm>

namespace stateset::shipments {
namespace {

constexpr std::string_view prefix = "SB";
constexpr std::size_t digits = 18;
constexpr std::uint64_t ten_to_the_18 = 1'000'000'000'000'000'000;

constexpr LocalCarrier carriers[] = {{default_carrier, sandbox_tracking_number}};

// Spreads ids that differ in few bits over all digits (splitmix64).
std::uint64_t mixed(std::uint64_t bits) {
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    return bits ^ bits >> 31;
}

// GS1: weights 3 and 1 in turn, from the right; the check digit fills up to a multiple of ten.
char check_digit(std::string_view number) {
    int sum = 0, weight = 3;
    for (auto at = number.rbegin(); at != number.rend(); ++at) {
        sum += (*at - '0') * weight;
        weight = 4 - weight;
    }
    return static_cast<char>('0' + (10 - sum % 10) % 10);
}

}  // namespace

const LocalCarrier* local_carrier(std::string_view code) {
    auto found = std::ranges::find(carriers, code, &LocalCarrier::code);
    return found == std::end(carriers) ? nullptr : found;
}

std::string sandbox_tracking_number(ShipmentId id) {
    auto number = std::to_string(mixed(mixed(id.value.high) ^ id.value.low) % ten_to_the_18);
    number.insert(0, digits - number.size(), '0');
    return std::string(prefix) + number + check_digit(number);
}

bool is_sandbox_tracking_number(std::string_view text) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return text.size() == digits + 1 && std::ranges::all_of(text, is_digit) &&
           check_digit(text.substr(0, digits)) == text.back();
}

}  // namespace stateset::shipments
