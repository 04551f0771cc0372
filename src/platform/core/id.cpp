#include "platform/core/id.hpp"

namespace stateset {

std::string to_string(Uuid id) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text(36, '-');
    int at = 0;
    for (int nibble = 0; nibble < 32; ++nibble) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) ++at;
        auto half = nibble < 16 ? id.high : id.low;
        text[at++] = digits[(half >> (60 - 4 * (nibble % 16))) & 15];
    }
    return text;
}

std::optional<Uuid> uuid_from(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    std::uint64_t halves[2] = {0, 0};
    int nibble = 0;
    for (std::size_t at = 0; at < 36; ++at) {
        char c = text[at];
        if (at == 8 || at == 13 || at == 18 || at == 23) {
            if (c != '-') return std::nullopt;
            continue;
        }
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return std::nullopt;
        halves[nibble / 16] = halves[nibble / 16] << 4 | static_cast<unsigned>(digit);
        ++nibble;
    }
    return Uuid{halves[0], halves[1]};
}

}  // namespace stateset
