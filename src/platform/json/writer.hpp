#pragma once
// Structs to JSON text. The shape comes from the struct itself (core/reflect.hpp); text is appended
// straight to the caller's buffer, with the keys as ready-made literals. Optionals that are empty
// become null, `Secret` members are left out, the fields of a `Flat` stand in its place.
//
// `write_stored` is for a row's JSON column, which `read` (decode.hpp) takes back: it keeps
// `Secret` members and writes money with its currency ("19.99 USD").

#include <array>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "platform/core/reflect.hpp"
#include "platform/json/kinds.hpp"

namespace stateset::json {

template <class T>
void write(std::string& out, const T& value);
template <class T>
std::string to_text(const T& value);

template <class T>
void write_stored(std::string& out, const T& value);
template <class T>
std::string stored_text(const T& value);

// The end of a string, being written. While it lives the string is longer than what was written.
// Objects and arrays write a comma behind each element; `close` puts the bracket over the last one.
class Sink {
  public:
    explicit Sink(std::string& out)
        : out_(out), at_(out.data() + out.size()), end_(out.data() + out.size()) {}
    ~Sink() { out_.resize(static_cast<std::size_t>(at_ - out_.data())); }
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    void put(char c) {
        room(1);
        *at_++ = c;
    }
    void raw(std::string_view text) {
        room(text.size());
        std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
    }
    template <std::size_t N>
    void literal(const std::array<char, N>& text) {
        room(N);
        std::memcpy(at_, text.data(), N);
        at_ += N;
    }
    template <class N>
    void number(N value) {
        room(20);
        at_ = std::to_chars(at_, at_ + 20, value).ptr;
    }
    // Text that needs no escaping.
    void plain(std::string_view text) {
        room(text.size() + 2);
        *at_++ = '"';
        std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
        *at_++ = '"';
    }
    void quoted(std::string_view text);
    void quoted(Uuid);
    void close(char bracket) {
        if (at_[-1] == ',') {
            at_[-1] = bracket;
        } else {
            put(bracket);
        }
    }

  private:
    void room(std::size_t bytes) {
        if (static_cast<std::size_t>(end_ - at_) < bytes) grow(bytes);
    }
    void grow(std::size_t bytes);
    void escaped(unsigned char);

    std::string& out_;
    char* at_;
    char* end_;
};

namespace detail {

enum class Reader { outside, storage };

// `"name":`
template <class T, std::size_t I>
inline constexpr auto key_literal = [] {
    constexpr auto name = reflect::field_name<T, I>();
    std::array<char, name.size() + 3> text{};
    text[0] = '"';
    for (std::size_t i = 0; i < name.size(); ++i) text[i + 1] = name[i];
    text[name.size() + 1] = '"';
    text[name.size() + 2] = ':';
    return text;
}();

template <Reader R, class T>
void write_value(Sink& sink, const T& value);
std::string money_with_currency(Money);

template <Reader R, class T>
void write_scalar(Sink& sink, const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        sink.raw(value ? "true" : "false");
    } else if constexpr (std::is_integral_v<T>) {
        sink.number(value);
    } else if constexpr (std::is_enum_v<T>) {
        sink.plain(reflect::name(value));
    } else if constexpr (is_int<T> || is_a<T, NumberId>) {
        sink.number(value.value);
    } else if constexpr (std::is_same_v<T, Uuid>) {
        sink.quoted(value);
    } else if constexpr (is_text<T> || is_a<T, Id> || std::is_same_v<T, Email>) {
        sink.quoted(value.value);
    } else if constexpr (std::is_same_v<T, Currency>) {
        sink.plain(value.text());
    } else if constexpr (std::is_same_v<T, Amount>) {
        sink.plain(decimal_text(value.scaled, Amount::digits, Zeros::trim));
    } else if constexpr (std::is_same_v<T, Money> && R == Reader::storage) {
        sink.plain(money_with_currency(value));
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        sink.quoted(value);
    } else {
        sink.plain(to_string(value));
    }
}

template <Reader R, class T>
void write_fields(Sink& sink, const T& object);

template <Reader R, class T, std::size_t I, class M>
void write_field(Sink& sink, const M& member) {
    if constexpr (is_a<M, Flat>) {
        write_fields<R>(sink, member.value);
    } else if constexpr (is_a<M, Secret>) {
        if constexpr (R == Reader::storage) {
            sink.literal(key_literal<T, I>);
            write_value<R>(sink, member.value);
            sink.put(',');
        }
    } else if constexpr (is_a<M, Expanded>) {
        if (member.value) {
            sink.literal(key_literal<T, I>);
            write_value<R>(sink, *member.value);
            sink.put(',');
        }
    } else {
        sink.literal(key_literal<T, I>);
        write_value<R>(sink, member);
        sink.put(',');
    }
}

template <Reader R, class T>
void write_fields(Sink& sink, const T& object) {
    auto members = reflect::tie(object);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (write_field<R, T, I>(sink, std::get<I>(members)), ...);
    }(std::make_index_sequence<reflect::field_count<T>>{});
}

template <Reader R, class T>
void write_value(Sink& sink, const T& value) {
    if constexpr (Scalar<T>) {
        write_scalar<R>(sink, value);
    } else if constexpr (is_a<T, std::optional>) {
        if (value) {
            write_value<R>(sink, *value);
        } else {
            sink.raw("null");
        }
    } else if constexpr (is_list<T>) {
        write_value<R>(sink, value.value);
    } else if constexpr (is_a<T, std::vector>) {
        sink.put('[');
        for (const typename T::value_type& element : value) {
            write_value<R>(sink, element);
            sink.put(',');
        }
        sink.close(']');
    } else if constexpr (is_map<T>) {
        sink.put('{');
        for (const auto& [name, element] : value) {
            sink.quoted(name);
            sink.put(':');
            write_value<R>(sink, element);
            sink.put(',');
        }
        sink.close('}');
    } else if constexpr (std::is_same_v<T, RawJson>) {
        sink.raw(value.text);
    } else {
        static_assert(std::is_aggregate_v<T> && !is_a<T, Change>, "JSON does not know this type");
        sink.put('{');
        write_fields<R>(sink, value);
        sink.close('}');
    }
}

}  // namespace detail

template <class T>
void write(std::string& out, const T& value) {
    Sink sink(out);
    detail::write_value<detail::Reader::outside>(sink, value);
}

template <class T>
std::string to_text(const T& value) {
    std::string out;
    write(out, value);
    return out;
}

template <class T>
void write_stored(std::string& out, const T& value) {
    Sink sink(out);
    detail::write_value<detail::Reader::storage>(sink, value);
}

template <class T>
std::string stored_text(const T& value) {
    std::string out;
    write_stored(out, value);
    return out;
}

}  // namespace stateset::json
