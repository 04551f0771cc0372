#pragma once
// How an entity lies in a table, derived from its struct. A slice says only what the struct cannot:
//
//     template <>
//     struct store::Table<orders::Line> : Named<"order_items", "order_item"> {
//         using parent = Child<"orders", &orders::Line::order_id>;
//         using unique = Keys<Key<&orders::Line::order_id, &orders::Line::sku>>;
//     };
//
// Rules: the first member is `id`; the tenant is a column that no struct shows; `version`,
// `created_at` and `updated_at` are kept by `Tx`; a struct with `Money` has a `currency`; `Secret`
// members are stored and never shown; anything that is no scalar is a JSON column.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platform/core/id.hpp"
#include "platform/core/input.hpp"
#include "platform/core/money.hpp"
#include "platform/core/reflect.hpp"
#include "platform/core/time.hpp"
#include "platform/json/decode.hpp"
#include "platform/json/writer.hpp"

namespace stateset {
class Tx;
}

namespace stateset::store {

// What a database holds in one field. Booleans, times, days, money and quantities are integers
// here; what kind they are is the column's.
using Value = std::variant<std::monostate, std::int64_t, std::string, Uuid>;
using Row = std::vector<Value>;

// A document is JSON whose text is kept as it was written.
enum class Kind { integer, boolean, text, uuid, time, date, money, quantity, json, document };

struct Column {
    std::string_view name;
    Kind kind;
};

// An entity without its type, as the identity map and the stores carry it.
struct Content {
    virtual ~Content() = default;
    virtual std::unique_ptr<Content> clone() const = 0;
    virtual Row row() const = 0;
    virtual void touch(Time now) = 0;          // version and updated_at move on
    virtual std::int64_t version() const = 0;  // 0: it has none
};

struct TableInfo {
    std::string_view name;                 // "order_items"
    std::string_view noun;                 // "order_item"
    int rank = 0;                          // parents before children
    std::vector<Column> columns;           // the first is the id
    std::vector<std::vector<int>> unique;  // unique keys, as columns, each within its tenant
    int parent = -1;                       // the column that holds the parent's id
    std::string_view parent_table;
    std::unique_ptr<Content> (*load)(Row&) = nullptr;
};

// Tables in one fixed order: every load locks and every write writes in it.
inline bool before(const TableInfo& a, const TableInfo& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.name < b.name;
}

template <std::size_t N>
struct Literal {
    char text[N];
    consteval Literal(const char (&from)[N]) { std::copy_n(from, N, text); }
    constexpr std::string_view view() const { return {text, N - 1}; }
};

template <auto... Members>
struct Key {};
template <class... K>
struct Keys {};
template <Literal ParentTable, auto Member, int Rank = 1>
struct Child {
    static constexpr auto table = ParentTable.view();
    static constexpr auto member = Member;
    static constexpr int rank = Rank;
};

template <Literal Name, Literal Noun>
struct Named {
    static constexpr auto name = Name.view();
    static constexpr auto noun = Noun.view();
    using unique = Keys<>;
    using parent = void;
};

template <class T>
struct Table;  // specialised beside each entity

template <class T>
concept Entity = requires { Table<T>::name; };

// ---- fields

template <class T>
struct Field {  // JSON, unless a specialisation says otherwise
    static constexpr Kind kind = Kind::json;
    static Value to(const T& value) { return json::stored_text(value); }
    static T from(Value& value) { return json::read<T>(std::get<std::string>(value)); }
};

template <class T, Kind K>
struct NumberField {
    static constexpr Kind kind = K;
};

template <class T>
    requires std::is_integral_v<T>
struct Field<T> {
    static constexpr Kind kind = std::is_same_v<T, bool> ? Kind::boolean : Kind::integer;
    static Value to(T value) { return static_cast<std::int64_t>(value); }
    static T from(Value& value) { return static_cast<T>(std::get<std::int64_t>(value)); }
};
template <class T>
    requires std::is_enum_v<T>
struct Field<T> {
    static constexpr Kind kind = Kind::text;
    static Value to(T value) { return std::string(reflect::name(value)); }
    static T from(Value& value) {
        auto found = reflect::enum_from<T>(std::get<std::string>(value));
        if (!found)
            throw std::runtime_error("unknown word in a column: " + std::get<std::string>(value));
        return *found;
    }
};
template <>
struct Field<std::string> {
    static constexpr Kind kind = Kind::text;
    static Value to(const std::string& value) { return value; }
    static std::string from(Value& value) { return std::move(std::get<std::string>(value)); }
};
template <std::size_t Max, std::size_t Min>
struct Field<Text<Max, Min>> {
    static constexpr Kind kind = Kind::text;
    static Value to(const Text<Max, Min>& value) { return value.value; }
    static Text<Max, Min> from(Value& value) { return {std::move(std::get<std::string>(value))}; }
};
template <>
struct Field<Email> {
    static constexpr Kind kind = Kind::text;
    static Value to(const Email& value) { return value.value; }
    static Email from(Value& value) { return {std::move(std::get<std::string>(value))}; }
};
template <std::int64_t Min, std::int64_t Max>
struct Field<Int<Min, Max>> {
    static constexpr Kind kind = Kind::integer;
    static Value to(const Int<Min, Max>& value) { return value.value; }
    static Int<Min, Max> from(Value& value) { return {std::get<std::int64_t>(value)}; }
};
template <>
struct Field<RawJson> {
    static constexpr Kind kind = Kind::document;
    static Value to(const RawJson& value) { return value.text; }
    static RawJson from(Value& value) { return {std::move(std::get<std::string>(value))}; }
};
template <>
struct Field<Currency> {
    static constexpr Kind kind = Kind::text;
    static Value to(const Currency& value) { return std::string(value.text()); }
    static Currency from(Value& value) {
        return currency_from(std::get<std::string>(value)).value_or(Currency{});
    }
};
template <>
struct Field<Uuid> {
    static constexpr Kind kind = Kind::uuid;
    static Value to(const Uuid& value) { return value; }
    static Uuid from(Value& value) { return std::get<Uuid>(value); }
};
template <class Tag>
struct Field<Id<Tag>> {
    static constexpr Kind kind = Kind::uuid;
    static Value to(const Id<Tag>& value) { return value.value; }
    static Id<Tag> from(Value& value) { return std::get<Uuid>(value); }
};
template <class Tag>
struct Field<NumberId<Tag>> {
    static constexpr Kind kind = Kind::integer;
    static Value to(const NumberId<Tag>& value) { return value.value; }
    static NumberId<Tag> from(Value& value) { return NumberId<Tag>(std::get<std::int64_t>(value)); }
};
template <>
struct Field<Money> {
    static constexpr Kind kind = Kind::money;
    static Value to(const Money& value) { return value.minor; }
    static Money from(Value& value) { return {std::get<std::int64_t>(value), {}}; }
};
template <>
struct Field<Quantity> {
    static constexpr Kind kind = Kind::quantity;
    static Value to(const Quantity& value) { return value.scaled; }
    static Quantity from(Value& value) { return {std::get<std::int64_t>(value)}; }
};
template <>
struct Field<Amount> {
    static constexpr Kind kind = Kind::quantity;
    static Value to(const Amount& value) { return value.scaled; }
    static Amount from(Value& value) { return {std::get<std::int64_t>(value)}; }
};
template <>
struct Field<Time> {
    static constexpr Kind kind = Kind::time;
    static Value to(const Time& value) { return value.micros; }
    static Time from(Value& value) { return {std::get<std::int64_t>(value)}; }
};
template <>
struct Field<Date> {
    static constexpr Kind kind = Kind::date;
    static Value to(const Date& value) { return value.days; }
    static Date from(Value& value) { return {std::get<std::int64_t>(value)}; }
};
template <class T>
struct Field<std::optional<T>> {
    static constexpr Kind kind = Field<T>::kind;
    static Value to(const std::optional<T>& value) {
        return value ? Field<T>::to(*value) : Value{};
    }
    static std::optional<T> from(Value& value) {
        if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
        return Field<T>::from(value);
    }
};
template <class T>
struct Field<Secret<T>> {
    static constexpr Kind kind = Field<T>::kind;
    static Value to(const Secret<T>& value) { return Field<T>::to(value.value); }
    static Secret<T> from(Value& value) { return {Field<T>::from(value)}; }
};

template <class T>
Value to_value(const T& value) {
    return Field<T>::to(value);
}
inline Value to_value(std::string_view text) { return std::string(text); }
inline Value to_value(const char* text) { return std::string(text); }

// The key of a row in the identity map: its UUID, or its number in the low half.
inline Uuid row_key(const Value& id) {
    if (auto* number = std::get_if<std::int64_t>(&id))
        return {0, static_cast<std::uint64_t>(*number)};
    return std::get<Uuid>(id);
}

// ---- rows

template <class T>
Row to_row(const T& entity) {
    Row row;
    row.reserve(reflect::field_count<T>);
    reflect::for_each_field(
        entity, [&](std::string_view, const auto& member) { row.push_back(to_value(member)); });
    return row;
}

namespace detail {
inline void give_currency(Money& money, Currency currency) { money.currency = currency; }
inline void give_currency(std::optional<Money>& money, Currency currency) {
    if (money) money->currency = currency;
}
template <class T>
void give_currency(T&, Currency) {}

template <class T>
inline constexpr bool holds_money = false;
template <>
inline constexpr bool holds_money<Money> = true;
template <>
inline constexpr bool holds_money<std::optional<Money>> = true;

template <class T>
consteval bool any_money() {
    bool any = false;
    reflect::for_each_field_type<T>(
        [&]<class M>(std::string_view) { any = any || holds_money<std::remove_cv_t<M>>; });
    return any;
}
}  // namespace detail

template <class T>
T from_row(Row& row) {
    T entity{};
    std::size_t at = 0;
    reflect::for_each_field(
        entity, [&]<class M>(std::string_view, M& member) { member = Field<M>::from(row[at++]); });
    if constexpr (detail::any_money<T>()) {
        static_assert(requires { entity.currency; }, "a struct with Money needs its `currency`");
        reflect::for_each_field(entity, [&](std::string_view, auto& member) {
            detail::give_currency(member, entity.currency);
        });
    }
    return entity;
}

template <class T>
struct ContentOf final : Content {
    T value;
    explicit ContentOf(T from) : value(std::move(from)) {}
    std::unique_ptr<Content> clone() const override;
    Row row() const override;
    void touch(Time now) override;
    std::int64_t version() const override;
};

// ---- the description

template <class T, auto Member>
consteval int column_of() {
    constexpr auto wanted = reflect::name_of<Member>();
    for (std::size_t i = 0; i < reflect::field_count<T>; ++i) {
        if (reflect::field_names<T>[i] == wanted) return static_cast<int>(i);
    }
    return -1;
}

namespace detail {
template <class T, auto... Members>
std::vector<int> columns_of(Key<Members...>) {
    return {column_of<T, Members>()...};
}
template <class T, class... K>
std::vector<std::vector<int>> all_keys(Keys<K...>) {
    return {columns_of<T>(K{})...};
}
template <class Wanted, class... K>
consteval int position_of(Keys<K...>) {
    int at = 0, found = -1;
    ((std::is_same_v<Wanted, K> ? found = at++ : at++), ...);
    return found;
}
}  // namespace detail

// Which of T's unique keys is made of these members.
template <class T, auto... Members>
inline constexpr int unique_key = detail::position_of<Key<Members...>>(typename Table<T>::unique{});

// What is made of an entity once, in its slice's tables.cpp (see stored.hpp).
template <class T>
struct Stored {
    static const TableInfo& info();
    static std::unique_ptr<Content> content(T entity);
    static std::string shown(Tx& tx, const T& entity);  // as its events show it
};

template <class T>
const TableInfo& info() {
    return Stored<T>::info();
}

}  // namespace stateset::store
