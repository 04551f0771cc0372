#pragma once
// Money is an integer count of a currency's minor units; outside it is a decimal string ("19.99").
// Stock quantities are decimals with at most four fraction digits. No float ever holds either.

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stateset {

// An ISO 4217 code. Default-constructed it is empty and belongs to no money.
struct Currency {
    char code[4] = {};
    auto operator<=>(const Currency&) const = default;
    std::string_view text() const { return code; }
};

std::optional<Currency> currency_from(std::string_view code);  // only codes in use
int minor_digits(Currency);                                    // USD 2, JPY 0, KWD 3
std::vector<std::string_view> currencies();                    // the codes in use, sorted

// Decimal text to an integer scaled by 10^digits. nullopt when it is no plain decimal (an exponent
// that makes it exact is allowed), has more significant fraction digits than `digits`, or does not
// fit.
std::optional<std::int64_t> decimal_from(std::string_view text, int digits);
// `trim`: without trailing zeros of the fraction, "15" and "2.5".
enum class Zeros { keep, trim };
std::string decimal_text(std::int64_t scaled, int digits, Zeros);

struct Money {
    std::int64_t minor = 0;
    Currency currency;
    bool operator==(const Money&) const = default;
};

Money operator+(Money, Money);  // both throw std::overflow_error / std::logic_error on overflow
Money operator-(Money, Money);  // or on two currencies; neither can come from checked input
Money operator*(Money, std::int64_t);
Money& operator+=(Money&, Money);
Money& operator-=(Money&, Money);
std::strong_ordering operator<=>(Money, Money);
std::string to_string(Money);  // "19.99"

// An amount as a caller wrote it, before its currency is known: exact to four digits.
struct Amount {
    static constexpr int digits = 4;
    std::int64_t scaled = 0;
    auto operator<=>(const Amount&) const = default;
    std::optional<Money> in(Currency) const;  // nullopt when it has more digits than the currency
};

// Splits `total` in proportion to `weights` by largest remainder: the parts add up to the total
// exactly.
std::vector<std::int64_t> allocate(std::int64_t total, std::span<const std::int64_t> weights);

// `amount × rate` rounded half up, the rate in parts per 10^digits. For tax and scrap.
std::int64_t scaled_product(std::int64_t amount, std::int64_t rate, int digits);

// A stock quantity, in ten-thousandths.
struct Quantity {
    static constexpr int digits = 4;
    static constexpr std::int64_t one = 10'000;
    std::int64_t scaled = 0;
    auto operator<=>(const Quantity&) const = default;
    static constexpr Quantity of(std::int64_t whole) { return {whole * one}; }
};

Quantity operator+(Quantity, Quantity);  // throw std::overflow_error
Quantity operator-(Quantity, Quantity);
Quantity operator-(Quantity);
Quantity& operator+=(Quantity&, Quantity);
Quantity& operator-=(Quantity&, Quantity);
std::string to_string(Quantity);  // canonical: "15", "2.5"

}  // namespace stateset
