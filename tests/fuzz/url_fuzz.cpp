// Any bytes as what stands in a request line and in the headers with a grammar of their own: query
// strings, path segments, entity tags, media types and cursors. They are refused, or mean what
// writing them again means. Build with -fsanitize=fuzzer,address,undefined.

#include <cstdint>
#include <cstdlib>

#include "platform/core/refusal.hpp"
#include "platform/http/entity_tag.hpp"
#include "platform/http/url_text.hpp"
#include "platform/json/tape.hpp"
#include "platform/store/reads.hpp"

namespace {

using namespace stateset;

void demand(bool holds) {
    if (!holds) std::abort();
}

std::string escaped(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string result;
    for (unsigned char c : text) result.append({'%', digits[c >> 4], digits[c & 15]});
    return result;
}

void read_query(std::string_view text) {
    try {
        std::string again;
        auto pairs = http::query_pairs(text);
        for (const auto& [name, value] : pairs) {
            demand(json::first_invalid_utf8(name) == std::string_view::npos);
            demand(json::first_invalid_utf8(value) == std::string_view::npos);
            if (!again.empty()) again += '&';
            again.append(escaped(name)).append("=").append(escaped(value));
        }
        // A pair without name or value is nothing but its equals sign.
        demand(http::query_pairs(again) == pairs);
    } catch (const Refusal& refusal) {
        demand(refusal.code().status == 400);
    }
}

void read_path(std::string_view text) {
    auto decoded = http::percent_decoded(text);
    if (decoded) demand(http::percent_decoded(escaped(*decoded)) == decoded);
}

void read_headers(std::string_view text) {
    auto version = http::newest_version(text);
    if (version) demand(http::newest_version("\"" + std::to_string(*version) + "\"") == version);
    std::string etag = "\"3\"";
    if (http::matches_any(text, etag)) demand(text.find_first_of("3*") != text.npos);
    auto [media, charset] = http::media_type(text);
    demand(media.size() + charset.size() <= text.size());
}

void read_cursor(std::string_view text) {
    static const Cursors cursors("secret");
    try {
        auto key = cursors.open(1, "orders.list", "status=pending", text);
        demand(cursors.seal(1, "orders.list", "status=pending", key) == text);
    } catch (const Refusal& refusal) {
        demand(refusal.code().status == 400);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    read_query(text);
    read_path(text);
    read_headers(text);
    read_cursor(text);
    return 0;
}
