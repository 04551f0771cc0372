#include "platform/events/pattern.hpp"

#include <algorithm>

#include "platform/core/refusal.hpp"

namespace stateset::events {
namespace {

constexpr std::size_t longest_pattern = 100;
constexpr std::size_t most_patterns = 50;  // each is tried on every event

bool part_of_type(char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '.' || c == '*'; }

}  // namespace

// Greedy with one way back: a later star makes earlier ones final.
bool matches(std::string_view pattern, std::string_view type) {
    std::size_t p = 0, t = 0, star = pattern.npos, resume = 0;
    while (t < type.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == type[t]) {
            ++p;
            ++t;
        } else if (star != pattern.npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == pattern.npos;
}

std::optional<std::string> pattern_fault(std::string_view pattern) {
    if (pattern.empty()) return "must not be empty";
    if (pattern.size() > longest_pattern) return "is longer than any event type";
    if (!std::ranges::all_of(pattern, part_of_type)) {
        return "may hold lower-case letters, `_`, `.` and the wildcard `*`";
    }
    return std::nullopt;
}

std::string patterns_json(std::string_view list, std::string_view pointer) {
    std::string json = "[";
    std::size_t count = 0;
    while (true) {
        auto comma = list.find(',');
        auto pattern = list.substr(0, comma);
        if (auto fault = pattern_fault(pattern)) {
            throw invalid(std::string(pointer), "malformed", *fault);
        }
        if (++count > most_patterns) {
            throw invalid(std::string(pointer), "too_long", "has too many patterns");
        }
        json.append(count > 1 ? ",\"" : "\"").append(pattern).append("\"");
        if (comma == list.npos) return json + "]";
        list.remove_prefix(comma + 1);
    }
}

}  // namespace stateset::events
