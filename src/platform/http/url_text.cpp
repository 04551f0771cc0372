#include "platform/http/url_text.hpp"

#include "platform/core/refusal.hpp"
#include "platform/json/tape.hpp"

namespace stateset::http {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            result += ' ';
        } else if (text[i] != '%') {
            result += text[i];
        } else {
            bool whole = text.size() - i > 2;
            int high = whole ? hex_digit(text[i + 1]) : -1;
            int low = whole ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            result += static_cast<char>(16 * high + low);
            i += 2;
        }
    }
    return result;
}

std::vector<std::pair<std::string, std::string>> query_pairs(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!query.empty()) {
        auto part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(part.size() + 1, query.size()));
        if (part.empty()) continue;
        auto equals = part.find('=');
        auto name = percent_decoded(part.substr(0, equals), true);
        auto value = percent_decoded(equals == part.npos ? "" : part.substr(equals + 1), true);
        if (!name || !value) {
            throw Refusal(codes::unreadable, "The query string has a broken percent escape.");
        }
        if (json::first_invalid_utf8(*name) != std::string_view::npos ||
            json::first_invalid_utf8(*value) != std::string_view::npos) {
            throw Refusal(codes::unreadable, "The query string is not UTF-8.");
        }
        pairs.emplace_back(std::move(*name), std::move(*value));
    }
    return pairs;
}

}  // namespace stateset::http
