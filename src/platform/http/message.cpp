#include "platform/http/message.hpp"

#include <algorithm>

namespace stateset::http {

static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

const std::string* Request::find(std::string_view name) const {
    for (const auto& header : headers) {
        if (same_name(header.name, name)) return &header.value;
    }
    return nullptr;
}

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace stateset::http
