#include "platform/json/writer.hpp"

#include <algorithm>

namespace stateset::json {
namespace {

constexpr std::size_t first_growth = 1024;  // one growth is enough for most answers

// Whether any of the eight bytes is a control character, a quote or a backslash. Each term sets the
// top bit of a byte that matches (and perhaps of one behind a match, which does not matter here).
bool any_special(std::uint64_t eight) {
    constexpr std::uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    auto control = (eight - ones * 0x20) & ~eight;
    auto is_quote = eight ^ (ones * '"'), is_backslash = eight ^ (ones * '\\');
    auto quote = (is_quote - ones) & ~is_quote, backslash = (is_backslash - ones) & ~is_backslash;
    return ((control | quote | backslash) & tops) != 0;
}

bool special(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

constexpr char hex[] = "0123456789abcdef";

}  // namespace

void Sink::quoted(std::string_view text) {
    room(text.size() + 2);
    *at_++ = '"';
    std::size_t i = 0;
    while (i < text.size()) {
        if (text.size() - i >= 8) {
            std::uint64_t eight;
            std::memcpy(&eight, text.data() + i, 8);
            if (!any_special(eight)) {
                room(text.size() - i + 1);
                std::memcpy(at_, &eight, 8);
                at_ += 8;
                i += 8;
                continue;
            }
        }
        // The eight bytes up to and with the special one, or the last few, one by one.
        for (auto until = std::min(i + 8, text.size()); i < until; ++i) {
            auto c = static_cast<unsigned char>(text[i]);
            if (special(c)) {
                escaped(c);
            } else {
                put(static_cast<char>(c));
            }
        }
    }
    put('"');
}

void Sink::quoted(Uuid id) {
    room(38);
    *at_++ = '"';
    auto digits = [&](std::uint64_t half, int from, int to) {
        for (int shift = from; shift > to; shift -= 4) *at_++ = hex[half >> (shift - 4) & 15];
    };
    digits(id.high, 64, 32);
    *at_++ = '-';
    digits(id.high, 32, 16);
    *at_++ = '-';
    digits(id.high, 16, 0);
    *at_++ = '-';
    digits(id.low, 64, 48);
    *at_++ = '-';
    digits(id.low, 48, 0);
    *at_++ = '"';
}

void Sink::escaped(unsigned char c) {
    constexpr std::string_view named = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
    if (auto at = named.find(static_cast<char>(c)); at != named.npos) {
        raw(std::array{'\\', letters[at], '\0'}.data());
    } else {
        raw(std::array{'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15], '\0'}.data());
    }
}

void Sink::grow(std::size_t bytes) {
    auto used = static_cast<std::size_t>(at_ - out_.data());
    auto held = static_cast<std::size_t>(end_ - out_.data());
    out_.resize(held + std::max({bytes, held, first_growth}));
    at_ = out_.data() + used;
    end_ = out_.data() + out_.size();
}

std::string detail::money_with_currency(Money money) {
    auto text = to_string(money);
    if (money.currency != Currency{}) text.append(1, ' ').append(money.currency.text());
    return text;
}

}  // namespace stateset::json
