#pragma once
// Moments and days. A `Time` counts microseconds since 1970 in UTC; outside it is RFC 3339
// ("2026-11-22T10:15:30.25Z"). Commands never read a clock: they take the time from their `Tx`, so
// that a run can be replayed.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stateset {

struct Time {
    std::int64_t micros = 0;
    auto operator<=>(const Time&) const = default;
    Time operator+(struct Span) const;
};

struct Span {
    std::int64_t micros = 0;
    auto operator<=>(const Span&) const = default;
    Span operator*(std::int64_t times) const { return {micros * times}; }
};
constexpr Span milliseconds(std::int64_t n) { return {n * 1'000}; }
constexpr Span seconds(std::int64_t n) { return {n * 1'000'000}; }
constexpr Span minutes(std::int64_t n) { return seconds(60 * n); }
constexpr Span hours(std::int64_t n) { return minutes(60 * n); }
inline Time Time::operator+(Span span) const { return {micros + span.micros}; }
inline Span operator-(Time a, Time b) { return {a.micros - b.micros}; }
inline Time operator-(Time a, Span span) { return {a.micros - span.micros}; }

std::string to_string(Time);  // UTC, microseconds at most, no needless zeros
std::optional<Time> time_from(std::string_view text);  // any RFC 3339 offset

// A calendar day, in days since 1970: "2026-11-22".
struct Date {
    std::int64_t days = 0;
    auto operator<=>(const Date&) const = default;
};
std::string to_string(Date);
std::optional<Date> date_from(std::string_view text);
Date date_of(Time);

Time system_now();

}  // namespace stateset
