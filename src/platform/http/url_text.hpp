#pragma once
// The text of URLs: percent-encoding and query strings.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stateset::http {

// nullopt when an escape is broken.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space = false);
// "a=1&b=x%20y". Throws Refusal(unreadable) on a broken escape.
std::vector<std::pair<std::string, std::string>> query_pairs(std::string_view query);

}  // namespace stateset::http
