#pragma once
// A JSON document as a tree that can be built and changed: the bodies that flags make, and the
// answers that are shown. Members keep their order, numbers their text.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stateset::cli::client {

struct Tree {
    enum class Kind { absent, null, boolean, number, text, array, object };

    Kind kind = Kind::absent;
    std::string word;  // a string's characters, a number's text, "true" or "false"
    std::vector<std::pair<std::string, Tree>> members;
    std::vector<Tree> elements;

    // Throws Failure(usage) with where it is wrong when the text is no JSON.
    static Tree parse(std::string_view text);
    static Tree text(std::string_view characters) { return of(Kind::text, characters); }
    static Tree number(std::string_view digits) { return of(Kind::number, digits); }
    static Tree boolean(bool value) { return of(Kind::boolean, value ? "true" : "false"); }
    static Tree null() { return of(Kind::null, "null"); }
    static Tree object() { return of(Kind::object, ""); }
    static Tree array() { return of(Kind::array, ""); }

    bool exists() const { return kind != Kind::absent; }
    bool is(Kind asked) const { return kind == asked; }
    bool scalar() const { return kind != Kind::array && kind != Kind::object; }
    bool empty() const {  // says nothing
        return kind == Kind::absent || kind == Kind::null ||
               (is(Kind::array) && elements.empty()) || (is(Kind::object) && members.empty());
    }

    // An absent tree when there is none.
    const Tree& operator[](std::string_view name) const;
    // The value at {"shipping_address", "city"}.
    const Tree& at(const std::vector<std::string>& path) const;
    // The member, made when there is none; so is the object.
    Tree& member(std::string_view name);
    Tree& member(const std::vector<std::string>& path);
    void remove(std::string_view name);

    std::string json() const;      // on one line
    std::string indented() const;  // over many lines

  private:
    static Tree of(Kind kind, std::string_view word) {
        Tree tree;
        tree.kind = kind;
        tree.word = word;
        return tree;
    }
};

}  // namespace stateset::cli::client
