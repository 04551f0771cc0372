#pragma once
// Words for declaring what may come in, so that limits stand beside the field and the decoder
// checks them all at once:
//
//     struct NewLine { Text<64> sku; Int<1, 1'000'000> quantity; };
//     struct PlaceOrder { customers::CustomerId customer_id; List<NewLine, 1, 1000> items; };
//
// and words for what goes out: `Secret` never leaves the process as JSON, `Flat` writes a struct's
// fields in place, `Expanded` is left out unless asked for.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stateset {

// Text of Min to Max characters (Unicode code points), without control characters.
template <std::size_t Max, std::size_t Min = 1>
struct Text {
    std::string value;
    operator const std::string&() const { return value; }
    bool operator==(const Text&) const = default;
};

template <std::int64_t Min, std::int64_t Max>
struct Int {
    std::int64_t value = Min;
    operator std::int64_t() const { return value; }
    bool operator==(const Int&) const = default;
};

template <class T, std::size_t Min, std::size_t Max>
struct List {
    std::vector<T> value;
    operator const std::vector<T>&() const { return value; }
    auto begin() const { return value.begin(); }
    auto end() const { return value.end(); }
    std::size_t size() const { return value.size(); }
    bool empty() const { return value.empty(); }
    const T& operator[](std::size_t i) const { return value[i]; }
    bool operator==(const List&) const = default;
};

// An e-mail address, normalised to lower case; at most 254 characters.
struct Email {
    std::string value;
    operator const std::string&() const { return value; }
    bool operator==(const Email&) const = default;
};

// A field of a merge patch: absent (leave), null (clear) or a value. `Change<T>` of a required
// member refuses null.
template <class T>
struct Change {
    bool given = false;
    T value{};
    template <class U>
    void apply(U& to) const {
        if (given) to = value;
    }
};

// Stored, never shown.
template <class T>
struct Secret {
    T value{};
    bool operator==(const Secret&) const = default;
};

// The fields of T stand where this member stands.
template <class T>
struct Flat {
    T value{};
    const T* operator->() const { return &value; }
    bool operator==(const Flat&) const = default;
};

// Shown when the request asks for it (`expand=customer`), otherwise not there at all.
template <class T>
struct Expanded {
    std::optional<T> value;
    bool operator==(const Expanded&) const = default;
};

// JSON text that is passed on as it is.
struct RawJson {
    std::string text = "null";
    bool operator==(const RawJson&) const = default;
};

using Metadata = std::map<std::string, std::string>;

// What every action takes.
using Reason = std::optional<Text<500, 0>>;

}  // namespace stateset
