#include "platform/core/money.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <stdexcept>

namespace stateset {
namespace {

__extension__ typedef __int128 Wide;  // products of two amounts

// ISO 4217 codes in use, by how many digits their minor unit has.
constexpr std::string_view two_digits =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD "
    "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP "
    "PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
    "TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG";
constexpr std::string_view no_digits =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
constexpr std::string_view three_digits = "BHD IQD JOD KWD LYD OMR TND";

// A code's place in the table; -1 when it is not three capitals.
constexpr int place_of(std::string_view code) {
    if (code.size() != 3) return -1;
    int place = 0;
    for (char c : code) {
        if (c < 'A' || c > 'Z') return -1;
        place = place * 26 + (c - 'A');
    }
    return place;
}

// Digits by code, -1 for codes not in use. A table, since every amount that is written asks.
constexpr auto digits_by_place = [] {
    std::array<std::int8_t, 26 * 26 * 26> table;
    table.fill(-1);
    auto enter = [&](std::string_view list, std::int8_t digits) {
        for (std::size_t at = 0; at + 3 <= list.size(); at += 4) {
            table[static_cast<std::size_t>(place_of(list.substr(at, 3)))] = digits;
        }
    };
    enter(two_digits, 2);
    enter(no_digits, 0);
    enter(three_digits, 3);
    return table;
}();

int digits_of(std::string_view code) {
    int place = place_of(code);
    return place < 0 ? -1 : digits_by_place[static_cast<std::size_t>(place)];
}

std::int64_t checked_add(std::int64_t a, std::int64_t b) {
    std::int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) throw std::overflow_error("an amount does not fit");
    return sum;
}

std::int64_t checked_subtract(std::int64_t a, std::int64_t b) {
    std::int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference)) {
        throw std::overflow_error("an amount does not fit");
    }
    return difference;
}

Currency common(Money a, Money b) {
    if (a.currency != b.currency) throw std::logic_error("two currencies in one sum");
    return a.currency;
}

// Where a decimal's digits stand: "-12.50e1" has digits "1250", a point after 2 + 1 of them.
struct Written {
    bool negative = false;
    std::string digits;
    std::int64_t point = 0;
};

std::optional<Written> written(std::string_view text) {
    Written number;
    if (!text.empty() && text[0] == '-') {
        number.negative = true;
        text.remove_prefix(1);
    }
    std::size_t at = 0;
    auto take_digits = [&] {
        auto begin = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') number.digits += text[at++];
        return at > begin;
    };
    if (!take_digits()) return std::nullopt;
    number.point = static_cast<std::int64_t>(number.digits.size());
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (!take_digits()) return std::nullopt;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && text[at] == '+') ++at;
        int exponent = 0;
        auto [end, failed] = std::from_chars(text.data() + at, text.data() + text.size(), exponent);
        if (failed != std::errc{} || std::abs(exponent) > 400) return std::nullopt;
        at = static_cast<std::size_t>(end - text.data());
        number.point += exponent;
    }
    if (at != text.size() || number.digits.size() > 400) return std::nullopt;
    return number;
}

}  // namespace

std::optional<Currency> currency_from(std::string_view code) {
    if (digits_of(code) < 0) return std::nullopt;
    Currency currency;
    std::copy(code.begin(), code.end(), currency.code);
    return currency;
}

std::vector<std::string_view> currencies() {
    std::vector<std::string_view> all;
    for (auto list : {two_digits, no_digits, three_digits}) {
        for (std::size_t at = 0; at + 3 <= list.size(); at += 4) all.push_back(list.substr(at, 3));
    }
    std::ranges::sort(all);
    return all;
}

int minor_digits(Currency currency) {
    int digits = digits_of(currency.text());
    return digits < 0 ? 2 : digits;
}

std::optional<std::int64_t> decimal_from(std::string_view text, int digits) {
    auto number = written(text);
    if (!number) return std::nullopt;
    // Digits behind the last one that counts must be zeros; missing ones are.
    auto wanted = number->point + digits;
    std::int64_t value = 0;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(number->digits.size()); ++i) {
        int digit = number->digits[static_cast<std::size_t>(i)] - '0';
        if (i >= wanted) {
            if (digit != 0) return std::nullopt;
            continue;
        }
        if (__builtin_mul_overflow(value, 10, &value)) return std::nullopt;
        if (__builtin_add_overflow(value, digit, &value)) return std::nullopt;
    }
    for (auto i = static_cast<std::int64_t>(number->digits.size()); i < wanted && value != 0; ++i) {
        if (__builtin_mul_overflow(value, 10, &value)) return std::nullopt;
    }
    return number->negative ? -value : value;
}

std::string decimal_text(std::int64_t scaled, int digits, Zeros zeros) {
    bool negative = scaled < 0;
    auto magnitude =
        negative ? 0 - static_cast<std::uint64_t>(scaled) : static_cast<std::uint64_t>(scaled);
    auto text = std::to_string(magnitude);
    if (digits > 0) {
        auto least = static_cast<std::size_t>(digits) + 1;
        if (text.size() < least) text.insert(0, least - text.size(), '0');
        text.insert(text.size() - static_cast<std::size_t>(digits), 1, '.');
        if (zeros == Zeros::trim) {
            while (text.back() == '0') text.pop_back();
            if (text.back() == '.') text.pop_back();
        }
    }
    return negative ? "-" + text : text;
}

Money operator+(Money a, Money b) { return {checked_add(a.minor, b.minor), common(a, b)}; }
Money operator-(Money a, Money b) { return {checked_subtract(a.minor, b.minor), common(a, b)}; }
Money operator*(Money a, std::int64_t times) {
    std::int64_t product;
    if (__builtin_mul_overflow(a.minor, times, &product)) {
        throw std::overflow_error("an amount does not fit");
    }
    return {product, a.currency};
}
Money& operator+=(Money& a, Money b) { return a = a + b; }
Money& operator-=(Money& a, Money b) { return a = a - b; }
std::strong_ordering operator<=>(Money a, Money b) {
    common(a, b);
    return a.minor <=> b.minor;
}
std::string to_string(Money money) {
    return decimal_text(money.minor, minor_digits(money.currency), Zeros::keep);
}

std::optional<Money> Amount::in(Currency currency) const {
    std::int64_t unit = 1;
    for (int i = minor_digits(currency); i < digits; ++i) unit *= 10;
    if (scaled % unit != 0) return std::nullopt;
    return Money{scaled / unit, currency};
}

std::vector<std::int64_t> allocate(std::int64_t total, std::span<const std::int64_t> weights) {
    std::vector<std::int64_t> parts(weights.size(), 0);
    auto sum = std::accumulate(weights.begin(), weights.end(), Wide{0});
    if (sum == 0) return parts;
    std::vector<std::pair<Wide, std::size_t>> remainders;
    std::int64_t given = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        auto share = static_cast<Wide>(total) * weights[i];
        parts[i] = static_cast<std::int64_t>(share / sum);
        given += parts[i];
        remainders.emplace_back(share % sum, i);
    }
    std::ranges::sort(remainders, [](auto& a, auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    for (std::size_t i = 0; given < total; ++i, ++given) ++parts[remainders[i].second];
    return parts;
}

std::int64_t scaled_product(std::int64_t amount, std::int64_t rate, int digits) {
    Wide unit = 1;
    for (int i = 0; i < digits; ++i) unit *= 10;
    auto product = static_cast<Wide>(amount) * rate;
    auto rounded = (product >= 0 ? product + unit / 2 : product - unit / 2) / unit;
    if (rounded > INT64_MAX || rounded < INT64_MIN) {
        throw std::overflow_error("an amount does not fit");
    }
    return static_cast<std::int64_t>(rounded);
}

Quantity operator+(Quantity a, Quantity b) { return {checked_add(a.scaled, b.scaled)}; }
Quantity operator-(Quantity a, Quantity b) { return {checked_subtract(a.scaled, b.scaled)}; }
Quantity operator-(Quantity a) { return {-a.scaled}; }
Quantity& operator+=(Quantity& a, Quantity b) { return a = a + b; }
Quantity& operator-=(Quantity& a, Quantity b) { return a = a - b; }
std::string to_string(Quantity quantity) {
    return decimal_text(quantity.scaled, Quantity::digits, Zeros::trim);
}

}  // namespace stateset
