#pragma once
// A JSON document as a tree that can be built and changed: the bodies that flags make, and the
// answers that are shown. Members keep their order, numbers their text.

#include <string>
#include <string_view>
#include <vector>

namespace stateset::cli::client {

struct Member;

struct Tree {
    enum class Kind { absent, null, boolean, number, text, array, object };

    Kind kind = Kind::absent;
    std::string word;  // a string's characters, a number's text, "true" or "false"
    std::vector<Member> members;
    std::vector<Tree> elements;

    // Throws Failure(usage) with where it is wrong when the text is no JSON.
    static Tree parse(std::string_view text);
    static Tree text(std::string_view characters);
    static Tree number(std::string_view digits);
    static Tree boolean(bool);
    static Tree null();
    static Tree object();
    static Tree array();

    bool exists() const { return kind != Kind::absent; }
    bool is(Kind asked) const { return kind == asked; }
    bool scalar() const { return kind != Kind::array && kind != Kind::object; }
    bool empty() const;  // says nothing: absent, null, or without elements and members

    // An absent tree when there is none.
    const Tree& operator[](std::string_view name) const;
    // The value at {"shipping_address", "city"}.
    const Tree& at(const std::vector<std::string>& path) const;
    // The member, made when there is none; so is the object.
    Tree& member(std::string_view name);
    Tree& member(const std::vector<std::string>& path);

    std::string json() const;      // on one line
    std::string indented() const;  // over many lines
};

struct Member {
    std::string name;
    Tree value;
};

}  // namespace stateset::cli::client
