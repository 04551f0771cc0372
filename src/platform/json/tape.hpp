#pragma once
// A parsed JSON document as one flat array of nodes in order of the text: no tree of small
// allocations, and each node can say its own JSON pointer, so that decoding builds no pointers
// until something is wrong. Numbers keep their source text, so that decimals stay exact.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stateset::json {

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

class Tape;

// A place in a tape; false when there is none. Valid while the tape stays where it is.
class Node {
  public:
    Node() = default;
    explicit operator bool() const { return tape_ != nullptr; }

    Kind kind() const;
    std::string_view key() const;   // "" unless it is a member of an object
    std::string_view text() const;  // a string's value, a number's source text, "true", "false"
    std::size_t size() const;       // members or elements
    Node first() const;             // first member or element
    Node next() const;              // next sibling
    std::string pointer() const;    // RFC 6901

  private:
    friend class Tape;
    Node(const Tape* tape, std::uint32_t index) : tape_(tape), index_(index) {}

    const Tape* tape_ = nullptr;
    std::uint32_t index_ = 0;
};

struct Limits {
    std::size_t depth = 32;
    std::size_t nodes = 100'000;
};

class Tape {
  public:
    Node root() const { return {this, 0}; }
    // Members whose name stood before in the same object.
    std::vector<Node> duplicates() const;

  private:
    friend class Node;
    friend class TapeBuilder;
    struct Record {
        Kind kind;
        std::uint32_t parent, next, count, position;  // `next` 0: the last sibling
        std::uint32_t key_at, key_size, text_at, text_size;
    };
    std::string_view letters(std::uint32_t at, std::uint32_t size) const {
        return {letters_.get() + at, size};
    }

    std::vector<Record> records_;
    std::unique_ptr<char[]> letters_;
    std::vector<std::uint32_t> duplicates_;
};

// One whole document in strict UTF-8 JSON (RFC 8259, no extensions). Throws Refusal(unreadable)
// with one fault that says what is wrong at which byte. Duplicate names are no error here; the
// decoder reports them with everything else.
Tape parse(std::string_view text, Limits = {});

// The node as compact JSON: what was read, without its white space.
void write(std::string& out, const Node&);

// Where the first byte stands that is not part of valid UTF-8; npos when all is well.
std::size_t first_invalid_utf8(std::string_view text);

// `~` and `/` as RFC 6901 wants them.
std::string pointer_token(std::string_view name);

}  // namespace stateset::json
