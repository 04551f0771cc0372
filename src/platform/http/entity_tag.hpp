#pragma once
// Header fields with a grammar of their own: entity tags and media types (RFC 9110 8.3, 8.8.3).

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace stateset::http {

// Whether an If-None-Match field names this ETag. Weakly compared, as section 13.1.2 says: W/"3"
// and "3" are the same, and `*` matches all.
bool matches_any(std::string_view if_none_match, std::string_view etag);

// The version that an If-Match field names: our ETags are versions in quotes. Strongly compared, so
// that weak tags never match; of several the newest counts, for that is the only one that can still
// stand. nullopt when none of its tags is one of ours.
std::optional<std::int64_t> newest_version(std::string_view if_match);

// "application/json; charset=utf-8" is {"application/json", "utf-8"}, without quotes or blanks.
std::pair<std::string_view, std::string_view> media_type(std::string_view content_type);

}  // namespace stateset::http
