#include "platform/work/schedule.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <stdexcept>
#include <string>

namespace stateset::work {
namespace {

constexpr Span longest_wait = hours(24);
constexpr std::int64_t longest_wait_s = 24 * 60 * 60;
constexpr std::size_t most_attempts = 50;
constexpr double spread = 0.1;  // a wait becomes longer by at most this part of it

Span unit_from(std::string_view unit) {
    if (unit == "ms") return milliseconds(1);
    if (unit == "s" || unit.empty()) return seconds(1);
    if (unit == "m") return minutes(1);
    if (unit == "h") return hours(1);
    return {};
}

Span span_from(std::string_view text) {
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    auto unit = unit_from(text.substr(static_cast<std::size_t>(end - text.data())));
    constexpr std::int64_t largest = 100'000'000;
    if (error != std::errc{} || number < 0 || number > largest || unit.micros == 0 ||
        (unit * number) > longest_wait) {
        throw std::runtime_error(
            "a wait of a schedule is a number with ms, s, m or h, "
            "of at most 24h, not `" +
            std::string(text) + "`");
    }
    return unit * number;
}

}  // namespace

Schedule schedule_from(std::string_view text) {
    Schedule schedule;
    while (true) {
        auto comma = text.find(',');
        schedule.push_back(span_from(text.substr(0, comma)));
        if (schedule.size() > most_attempts) {
            throw std::runtime_error("a schedule has too many attempts");
        }
        if (comma == text.npos) return schedule;
        text.remove_prefix(comma + 1);
    }
}

std::optional<Span> wait_after(const Schedule& schedule, std::int64_t failures, double chance,
                               std::optional<Span> retry_after) {
    if (failures >= static_cast<std::int64_t>(schedule.size())) return std::nullopt;
    auto wait = schedule[static_cast<std::size_t>(failures)];
    wait.micros += static_cast<std::int64_t>(static_cast<double>(wait.micros) * spread * chance);
    if (retry_after) wait = std::max(wait, std::min(*retry_after, longest_wait));
    return wait;
}

std::optional<Span> retry_after_from(std::string_view header, Time now) {
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), number);
    if (error == std::errc{} && end == header.data() + header.size()) {
        return number < 0 ? std::nullopt : std::optional(seconds(std::min(number, longest_wait_s)));
    }
    std::tm date{};
    auto* rest = strptime(std::string(header).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
    if (!rest) return std::nullopt;
    auto wait = Time{timegm(&date) * std::int64_t{1'000'000}} - now;
    return std::max(wait, Span{});
}

}  // namespace stateset::work
