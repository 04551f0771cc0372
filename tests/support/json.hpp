#pragma once
// A JSON value of an answer, to be looked into without ceremony. What is not there is an absent
// value, not an exception, so that a failing expectation shows what came instead.
//
//     reply["items"][0]["sku"] == "MUG"      reply.at("/items/0/sku").text()

#include <concepts>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace stateset::support {

class Json {
  public:
    Json() = default;                          // absent
    static Json parse(std::string_view text);  // absent when it is not JSON

    bool exists() const { return node_ != nullptr; }
    bool is_null() const;
    bool is_object() const;
    bool is_array() const;
    bool is_string() const;
    bool is_number() const;
    bool is_true() const;

    Json operator[](std::string_view member) const;
    Json operator[](const char* member) const { return (*this)[std::string_view(member)]; }
    Json operator[](std::size_t index) const;
    Json operator[](int index) const { return (*this)[static_cast<std::size_t>(index)]; }
    Json at(std::string_view pointer) const;  // RFC 6901

    // A string's characters, anything else as JSON; "" when absent.
    std::string text() const;
    std::int64_t number() const;  // 0 when it is none
    std::size_t size() const;     // of an array or an object
    std::vector<std::string> keys() const;
    std::vector<Json> elements() const;  // of an array, or an object's values
    std::string dump() const;            // as JSON; "(absent)"

    friend bool operator==(const Json& json, std::string_view text) {
        return json.exists() && json.text() == text;
    }
    friend bool operator==(const Json& json, const char* text) {
        return json == std::string_view(text);
    }
    friend bool operator==(const Json& json, const std::string& text) {
        return json == std::string_view(text);
    }
    template <std::integral T>
    friend bool operator==(const Json& json, T number) {
        return json.is_number() && json.number() == static_cast<std::int64_t>(number);
    }
    friend bool operator==(const Json& one, const Json& other) {
        return one.dump() == other.dump();
    }
    friend std::ostream& operator<<(std::ostream& out, const Json& json) {
        return out << json.dump();
    }

  private:
    Json(std::shared_ptr<const void> document, const void* node)
        : document_(std::move(document)), node_(node) {}

    std::shared_ptr<const void> document_;
    const void* node_ = nullptr;
};

}  // namespace stateset::support
