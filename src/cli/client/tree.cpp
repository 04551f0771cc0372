#include "cli/client/tree.hpp"

#include "cli/client/failure.hpp"
#include "platform/core/refusal.hpp"
#include "platform/http/openapi.hpp"
#include "platform/json/tape.hpp"
#include "platform/json/writer.hpp"

namespace stateset::cli::client {
namespace {

constexpr json::Limits generous{.depth = 256, .nodes = 50'000'000};

Tree of(Tree::Kind kind, std::string_view word) {
    Tree tree;
    tree.kind = kind;
    tree.word = word;
    return tree;
}

Tree from(const json::Node& node) {
    Tree tree;
    tree.word = node.text();
    switch (node.kind()) {
        case json::Kind::null: return Tree::null();
        case json::Kind::boolean: tree.kind = Tree::Kind::boolean; break;
        case json::Kind::number: tree.kind = Tree::Kind::number; break;
        case json::Kind::string: tree.kind = Tree::Kind::text; break;
        case json::Kind::array:
            tree = Tree::array();
            for (auto each = node.first(); each; each = each.next()) {
                tree.elements.push_back(from(each));
            }
            break;
        case json::Kind::object:
            tree = Tree::object();
            for (auto each = node.first(); each; each = each.next()) {
                tree.members.push_back({std::string(each.key()), from(each)});
            }
            break;
    }
    return tree;
}

void write(std::string& out, const Tree& tree) {
    if (tree.is(Tree::Kind::text)) {
        json::write(out, tree.word);
    } else if (tree.is(Tree::Kind::array)) {
        out += '[';
        for (const auto& each : tree.elements) {
            if (&each != tree.elements.data()) out += ',';
            write(out, each);
        }
        out += ']';
    } else if (tree.is(Tree::Kind::object)) {
        out += '{';
        for (const auto& [name, value] : tree.members) {
            if (out.back() != '{') out += ',';
            json::write(out, name);
            out += ':';
            write(out, value);
        }
        out += '}';
    } else {
        out += tree.exists() ? tree.word : "null";
    }
}

}  // namespace

Tree Tree::parse(std::string_view text) {
    try {
        return from(json::parse(text, generous).root());
    } catch (const Refusal& refusal) {
        auto why = refusal.faults().empty() ? refusal.detail() : refusal.faults()[0].message;
        throw Failure(exits::usage, "is no JSON: " + why);
    }
}

Tree Tree::text(std::string_view characters) { return of(Kind::text, characters); }
Tree Tree::number(std::string_view digits) { return of(Kind::number, digits); }
Tree Tree::boolean(bool value) { return of(Kind::boolean, value ? "true" : "false"); }
Tree Tree::null() { return of(Kind::null, "null"); }
Tree Tree::object() { return of(Kind::object, ""); }
Tree Tree::array() { return of(Kind::array, ""); }

bool Tree::empty() const {
    return kind == Kind::absent || kind == Kind::null || (is(Kind::array) && elements.empty()) ||
           (is(Kind::object) && members.empty());
}

const Tree& Tree::operator[](std::string_view name) const {
    static const Tree none;
    for (const auto& [known, value] : members) {
        if (known == name) return value;
    }
    return none;
}

const Tree& Tree::at(const std::vector<std::string>& path) const {
    const auto* here = this;
    for (const auto& name : path) here = &(*here)[name];
    return *here;
}

Tree& Tree::member(std::string_view name) {
    if (!is(Kind::object)) *this = object();
    for (auto& [known, value] : members) {
        if (known == name) return value;
    }
    members.push_back({std::string(name), {}});
    return members.back().value;
}

Tree& Tree::member(const std::vector<std::string>& path) {
    auto* here = this;
    for (const auto& name : path) here = &here->member(name);
    return *here;
}

std::string Tree::json() const {
    std::string out;
    write(out, *this);
    return out;
}

std::string Tree::indented() const {
    auto text = http::indented(json());
    text.pop_back();
    return text;
}

}  // namespace stateset::cli::client
