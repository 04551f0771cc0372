#include "platform/store/postgres_types.hpp"

#include <algorithm>
#include <stdexcept>

namespace stateset::store::postgres {
namespace {

constexpr std::int64_t micros_to_2000 = 946'684'800'000'000;  // PostgreSQL counts from there
constexpr std::int64_t days_to_2000 = 10'957;
constexpr std::int64_t first_day = -2'440'588;  // 4714 BC; PostgreSQL knows none before it

template <class Number>
void append(std::string& to, Number number) {
    for (int shift = static_cast<int>(sizeof number) * 8 - 8; shift >= 0; shift -= 8) {
        to += static_cast<char>(static_cast<std::uint64_t>(number) >> shift & 0xff);
    }
}

template <class Number>
Number taken(std::string_view bytes, std::size_t at = 0) {
    if (bytes.size() < at + sizeof(Number)) throw std::runtime_error("a value is cut short");
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
    }
    return static_cast<Number>(number);
}

using Decode = Value (*)(std::string_view);
using Encode = void (*)(const Value&, std::string&);

template <class T>
const T& as(const Value& value, const char* wanted) {
    if (auto* found = std::get_if<T>(&value)) return *found;
    throw std::logic_error(std::string("a value that is no ") + wanted + " for a " + wanted);
}

template <class Number>
void put_number(const Value& value, std::string& to) {
    auto number = as<std::int64_t>(value, "number");
    if (static_cast<Number>(number) != number) {
        throw std::logic_error("a number too large for its type: " + std::to_string(number));
    }
    append(to, static_cast<Number>(number));
}
template <class Number>
Value get_number(std::string_view bytes) {
    return static_cast<std::int64_t>(taken<Number>(bytes));
}

void put_boolean(const Value& value, std::string& to) {
    to += as<std::int64_t>(value, "number") != 0 ? '\1' : '\0';
}
Value get_boolean(std::string_view bytes) { return std::int64_t{taken<std::uint8_t>(bytes) != 0}; }

void put_text(const Value& value, std::string& to) { to += as<std::string>(value, "text"); }
Value get_text(std::string_view bytes) { return std::string(bytes); }

// A version goes before the text of jsonb.
void put_jsonb(const Value& value, std::string& to) {
    to += '\1';
    put_text(value, to);
}
Value get_jsonb(std::string_view bytes) {
    if (taken<std::uint8_t>(bytes) != 1) throw std::runtime_error("jsonb of an unknown version");
    return std::string(bytes.substr(1));
}

void put_uuid(const Value& value, std::string& to) {
    const auto& id = as<Uuid>(value, "uuid");
    append(to, id.high);
    append(to, id.low);
}
Value get_uuid(std::string_view bytes) {
    return Uuid{taken<std::uint64_t>(bytes), taken<std::uint64_t>(bytes, 8)};
}

void put_time(const Value& value, std::string& to) {
    std::int64_t micros = 0;
    if (__builtin_sub_overflow(as<std::int64_t>(value, "number"), micros_to_2000, &micros)) {
        throw std::logic_error("a time before all times");
    }
    append(to, micros);
}
Value get_time(std::string_view bytes) { return taken<std::int64_t>(bytes) + micros_to_2000; }

void put_date(const Value& value, std::string& to) {
    put_number<std::int32_t>(std::max(as<std::int64_t>(value, "number"), first_day) - days_to_2000,
                             to);
}
Value get_date(std::string_view bytes) { return taken<std::int32_t>(bytes) + days_to_2000; }

// numeric: count of digits, weight of the first, sign, decimals shown; then digits to base 10,000.
constexpr std::int64_t numeric_base = 10'000;
constexpr std::uint16_t negative = 0x4000;

void put_numeric(const Value& value, std::string& to) {
    auto number = as<std::int64_t>(value, "number");
    std::vector<std::int16_t> digits;
    for (auto rest = number; rest != 0; rest /= numeric_base) {
        auto digit = static_cast<std::int16_t>(rest % numeric_base);
        digits.push_back(digit < 0 ? static_cast<std::int16_t>(-digit) : digit);
    }
    append(to, static_cast<std::int16_t>(digits.size()));
    append(to, static_cast<std::int16_t>(digits.empty() ? 0 : digits.size() - 1));
    append(to, number < 0 ? negative : std::uint16_t{0});
    append(to, std::int16_t{0});
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) append(to, *digit);
}
Value get_numeric(std::string_view bytes) {
    auto digits = taken<std::int16_t>(bytes), weight = taken<std::int16_t>(bytes, 2);
    auto sign = taken<std::uint16_t>(bytes, 4);
    if (sign != 0 && sign != negative) throw std::runtime_error("a numeric that is no number");
    std::int64_t number = 0;
    for (int i = 0; i < std::max(digits, static_cast<std::int16_t>(weight + 1)); ++i) {
        auto digit = i < digits ? taken<std::int16_t>(bytes, 8 + 2 * static_cast<std::size_t>(i))
                                : std::int16_t{0};
        if (i > weight && digit != 0) throw std::runtime_error("a number with a fraction");
        if (i > weight) continue;
        if (__builtin_mul_overflow(number, numeric_base, &number) ||
            __builtin_sub_overflow(number, std::int64_t{digit}, &number)) {
            throw std::runtime_error("a number beyond 64 bits");
        }
    }
    // Gathered below zero, where there is one number more than above.
    if (sign == 0 && __builtin_sub_overflow(std::int64_t{0}, number, &number)) {
        throw std::runtime_error("a number beyond 64 bits");
    }
    return number;
}

[[noreturn]] void put_nothing(const Value&, std::string&) {
    throw std::logic_error("a value for a type that is only read");
}
Value get_nothing(std::string_view) { return {}; }

struct Type {
    Oid oid, array;
    Encode put;
    Decode get;
};
constexpr Type types[] = {
    {oid::boolean, 1000, put_boolean, get_boolean},
    {18, 1002, put_nothing, get_text},  // "char"
    {19, 1003, put_text, get_text},     // name
    {oid::bigint, oid::bigint_array, put_number<std::int64_t>, get_number<std::int64_t>},
    {21, 1005, put_number<std::int16_t>, get_number<std::int16_t>},  // smallint
    {23, 1007, put_number<std::int32_t>, get_number<std::int32_t>},  // integer
    {oid::text, 1009, put_text, get_text},
    {26, 1028, put_number<std::uint32_t>, get_number<std::uint32_t>},  // oid
    {28, 1011, put_nothing, get_number<std::uint32_t>},                // xid
    {oid::json, 199, put_text, get_text},
    {1042, 1014, put_text, get_text},  // char(n)
    {1043, 1015, put_text, get_text},  // varchar
    {oid::date, 1182, put_date, get_date},
    {oid::timestamptz, 1185, put_time, get_time},
    {oid::numeric, 1231, put_numeric, get_numeric},
    {2278, 0, put_nothing, get_nothing},  // void
    {oid::uuid, 2951, put_uuid, get_uuid},
    {oid::lsn, 3221, put_number<std::int64_t>, get_number<std::int64_t>},
    {oid::jsonb, 3807, put_jsonb, get_jsonb},
    {5069, 271, put_number<std::int64_t>, get_number<std::int64_t>},  // xid8
};

const Type& type_of(Oid wanted, Oid Type::* by = &Type::oid) {
    auto found = std::ranges::find(types, wanted, by);
    if (found == std::end(types)) {
        throw std::runtime_error("a type this program does not know, oid " +
                                 std::to_string(wanted));
    }
    return *found;
}

bool is_null(const Value& value) { return value.index() == 0; }

}  // namespace

Argument encoded(const Value& value, Oid type) {
    if (is_null(value)) return std::nullopt;
    std::string bytes;
    type_of(type).put(value, bytes);
    return bytes;
}

void ArrayOf::push(const Value& value) {
    ++count_;
    if (is_null(value)) {
        any_null_ = true;
        append(elements_, std::int32_t{-1});
        return;
    }
    auto length_at = elements_.size();
    append(elements_, std::int32_t{0});
    type_of(element_).put(value, elements_);
    std::string length;
    append(length, static_cast<std::int32_t>(elements_.size() - length_at - 4));
    elements_.replace(length_at, 4, length);
}

Argument ArrayOf::bytes() const {
    std::string bytes;
    bytes.reserve(elements_.size() + 20);
    append(bytes, std::int32_t{count_ > 0});  // dimensions
    append(bytes, std::int32_t{any_null_});
    append(bytes, element_);
    if (count_ > 0) {
        append(bytes, count_);
        append(bytes, std::int32_t{1});  // the first index
    }
    return bytes + elements_;
}

Oid array_of(Oid element) { return type_of(element).array; }

Oid element_of(Oid array) { return type_of(array, &Type::array).oid; }

Value decoded(std::string_view bytes, Oid type) { return type_of(type).get(bytes); }

}  // namespace stateset::store::postgres
