#pragma once
// The text of URLs: percent-encoding and query strings.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stateset::http {

// The bytes meant, any of them possible. nullopt when an escape is broken.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space = false);
// "a=1&b=x%20y". Throws Refusal(unreadable) on a broken escape and on what is not UTF-8.
std::vector<std::pair<std::string, std::string>> query_pairs(std::string_view query);

}  // namespace stateset::http
