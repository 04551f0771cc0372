#include "platform/http/entity_tag.hpp"

#include <charconv>

#include "platform/http/message.hpp"

namespace stateset::http {
namespace {

std::string_view trimmed(std::string_view text) {
    auto begin = text.find_first_not_of(" \t");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

struct Tag {
    bool weak = false;
    std::string_view opaque;  // with its quotes
};

// Takes the next tag off a list; nullopt at its end and where it is no list of tags any more.
std::optional<Tag> take_tag(std::string_view& list) {
    auto begin = list.find_first_not_of(" \t,");
    if (begin == list.npos) return std::nullopt;
    list.remove_prefix(begin);
    Tag tag{.weak = list.starts_with("W/"), .opaque = {}};
    if (tag.weak) list.remove_prefix(2);
    if (!list.starts_with('"')) return std::nullopt;
    auto end = list.find('"', 1);
    if (end == list.npos) return std::nullopt;
    tag.opaque = list.substr(0, end + 1);
    list.remove_prefix(end + 1);
    return tag;
}

}  // namespace

bool matches_any(std::string_view if_none_match, std::string_view etag) {
    if (trimmed(if_none_match) == "*") return true;
    while (auto tag = take_tag(if_none_match)) {
        if (tag->opaque == etag) return true;
    }
    return false;
}

std::optional<std::int64_t> newest_version(std::string_view if_match) {
    std::optional<std::int64_t> newest;
    while (auto tag = take_tag(if_match)) {
        auto digits = tag->opaque.substr(1, tag->opaque.size() - 2);
        std::int64_t version = 0;
        auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
        bool ours = !tag->weak && failed == std::errc{} && end == digits.data() + digits.size();
        if (ours && (!newest || version > *newest)) newest = version;
    }
    return newest;
}

std::pair<std::string_view, std::string_view> media_type(std::string_view content_type) {
    auto rest = content_type;
    auto media = trimmed(rest.substr(0, rest.find(';')));
    std::string_view charset;
    while (rest.find(';') != rest.npos) {
        rest.remove_prefix(rest.find(';') + 1);
        auto parameter = trimmed(rest.substr(0, rest.find(';')));
        auto equals = parameter.find('=');
        if (equals == parameter.npos || !same_name(parameter.substr(0, equals), "charset"))
            continue;
        charset = parameter.substr(equals + 1);
        if (charset.size() > 1 && charset.front() == '"' && charset.back() == '"') {
            charset = charset.substr(1, charset.size() - 2);
        }
    }
    return {media, charset};
}

}  // namespace stateset::http
