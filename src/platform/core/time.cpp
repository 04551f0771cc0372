#include "platform/core/time.hpp"

#include <chrono>

namespace stateset {
namespace {

constexpr std::int64_t micros_per_day = 86'400'000'000;

// Reads `width` digits at `at` and moves on; -1 when they are not digits.
int number(std::string_view text, std::size_t& at, int width) {
    int value = 0;
    for (int i = 0; i < width; ++i, ++at) {
        if (at >= text.size() || text[at] < '0' || text[at] > '9') return -1;
        value = value * 10 + (text[at] - '0');
    }
    return value;
}

bool skip(std::string_view text, std::size_t& at, char expected) {
    bool letter = expected >= 'A' && expected <= 'Z';  // RFC 3339 allows "t" and "z"
    if (at >= text.size()) return false;
    if (text[at] != expected && !(letter && text[at] == (expected | 0x20))) return false;
    ++at;
    return true;
}

std::optional<Date> day(std::string_view text, std::size_t& at) {
    auto y = number(text, at, 4);
    if (y < 0 || !skip(text, at, '-')) return std::nullopt;
    auto m = number(text, at, 2);
    if (m < 0 || !skip(text, at, '-')) return std::nullopt;
    auto d = number(text, at, 2);
    if (d < 0) return std::nullopt;
    std::chrono::year_month_day date{std::chrono::year(y), std::chrono::month(unsigned(m)),
                                     std::chrono::day(unsigned(d))};
    if (!date.ok()) return std::nullopt;
    return Date{std::chrono::sys_days(date).time_since_epoch().count()};
}

// "Z" or "+01:00", in minutes.
std::optional<int> offset(std::string_view text, std::size_t& at) {
    if (skip(text, at, 'Z')) return 0;
    if (at >= text.size() || (text[at] != '+' && text[at] != '-')) return std::nullopt;
    int sign = text[at++] == '-' ? -1 : 1;
    auto h = number(text, at, 2);
    if (h < 0 || h > 23 || !skip(text, at, ':')) return std::nullopt;
    auto m = number(text, at, 2);
    if (m < 0 || m > 59) return std::nullopt;
    return sign * (60 * h + m);
}

// With leading zeros.
void append_number(std::string& text, int value, std::size_t width) {
    auto at = text.size() + width;
    text.resize(at);
    for (std::size_t i = 0; i < width; ++i, value /= 10) {
        text[--at] = static_cast<char>('0' + value % 10);
    }
}

void append_day(std::string& text, Date date) {
    std::chrono::year_month_day day{std::chrono::sys_days(std::chrono::days(date.days))};
    append_number(text, int(day.year()), 4);
    text += '-';
    append_number(text, static_cast<int>(unsigned(day.month())), 2);
    text += '-';
    append_number(text, static_cast<int>(unsigned(day.day())), 2);
}

}  // namespace

std::string to_string(Date date) {
    std::string text;
    append_day(text, date);
    return text;
}

Date date_of(Time time) {
    auto days = time.micros / micros_per_day;
    if (time.micros % micros_per_day < 0) --days;
    return {days};
}

std::string to_string(Time time) {
    auto date = date_of(time);
    auto rest = time.micros - date.days * micros_per_day;
    auto second = static_cast<int>(rest / 1'000'000), fraction = static_cast<int>(rest % 1'000'000);
    std::string result;
    result.reserve(sizeof "2026-11-22T10:15:30.123456Z");
    append_day(result, date);
    result += 'T';
    append_number(result, second / 3600, 2);
    result += ':';
    append_number(result, second / 60 % 60, 2);
    result += ':';
    append_number(result, second % 60, 2);
    result += '.';
    append_number(result, fraction, 6);
    while (result.back() == '0') result.pop_back();
    if (result.back() == '.') result.pop_back();
    result += 'Z';
    return result;
}

std::optional<Time> time_from(std::string_view text) {
    std::size_t at = 0;
    auto date = day(text, at);
    if (!date || !skip(text, at, 'T')) return std::nullopt;
    auto h = number(text, at, 2);
    if (h < 0 || h > 23 || !skip(text, at, ':')) return std::nullopt;
    auto m = number(text, at, 2);
    if (m < 0 || m > 59 || !skip(text, at, ':')) return std::nullopt;
    auto s = number(text, at, 2);
    if (s < 0 || s > 60) return std::nullopt;
    std::int64_t fraction = 0;
    if (at < text.size() && text[at] == '.') {
        ++at;
        int digits = 0;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
            if (digits < 6) fraction = fraction * 10 + (text[at] - '0');
        }
        if (digits == 0) return std::nullopt;
        for (; digits < 6; ++digits) fraction *= 10;
    }
    auto minutes_east = offset(text, at);
    if (!minutes_east || at != text.size()) return std::nullopt;
    return Time{date->days * micros_per_day + (h * 3600LL + m * 60LL + s) * 1'000'000 + fraction -
                *minutes_east * 60'000'000LL};
}

std::optional<Date> date_from(std::string_view text) {
    std::size_t at = 0;
    auto date = day(text, at);
    return at == text.size() ? date : std::nullopt;
}

Time system_now() {
    using namespace std::chrono;
    return {duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()};
}

}  // namespace stateset
