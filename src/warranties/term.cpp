#include "warranties/term.hpp"

#include <algorithm>
#include <chrono>

namespace stateset::warranties {
namespace {

constexpr int last_year = 9999;  // what a date can be written in

// What the first `pieces` of `quantity` get, rounded down, without a product that might not fit.
std::int64_t worth_of_first(std::int64_t pieces, std::int64_t quantity, Money total) {
    return total.minor / quantity * pieces + total.minor % quantity * pieces / quantity;
}

}  // namespace

std::optional<Date> add_months(Date from, std::int64_t months) {
    using namespace std::chrono;
    year_month_day day{sys_days(days(from.days))};
    auto month = year_month(day.year(), day.month()) + std::chrono::months(months);
    if (int(month.year()) > last_year) return std::nullopt;
    auto last = (month / std::chrono::last).day();
    year_month_day to{month / std::min(day.day(), last)};
    return Date{sys_days(to).time_since_epoch().count()};
}

Money share_of(Money total, std::int64_t quantity, std::int64_t before, std::int64_t pieces) {
    auto from = std::min(before, quantity), to = std::min(before + pieces, quantity);
    return {worth_of_first(to, quantity, total) - worth_of_first(from, quantity, total),
            total.currency};
}

}  // namespace stateset::warranties
