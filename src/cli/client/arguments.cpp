#include "cli/client/arguments.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/client/failure.hpp"
#include "platform/core/id.hpp"
#include "platform/http/endpoint.hpp"
#include "platform/json/decode.hpp"

namespace stateset::cli::client {
namespace {

class Reading {
  public:
    Reading(const Command& command, const std::vector<std::string>& rest)
        : command_(command), rest_(rest) {
        given_.command = &command;
    }

    Given read() {
        for (; at_ < rest_.size(); ++at_) take(rest_[at_]);
        if (given_.help) return std::move(given_);
        take_data();
        for (const auto& [flag, text] : members_) set_member(*flag, text);
        for (const auto& path : cleared_) given_.body.member(path) = Tree::null();
        check_arguments();
        check_required();
        refuse_faults();
        return std::move(given_);
    }

  private:
    void take(const std::string& word) {
        if (only_arguments_ || word == "-" || !word.starts_with('-')) {
            given_.arguments.push_back(word);
        } else if (word == "--") {
            only_arguments_ = true;
        } else if (word == "-h" || word == "--help") {
            given_.help = true;
        } else if (word == "-o") {
            take_flag("output", std::nullopt);
        } else if (word == "-v") {
            take_flag("verbose", std::nullopt);
        } else if (!word.starts_with("--")) {
            faults_.push_back(word + ": is no flag; flags begin with --");
        } else {
            auto equals = word.find('=');
            auto name = word.substr(2, equals == word.npos ? word.npos : equals - 2);
            take_flag(name,
                      equals == word.npos ? std::nullopt : std::optional(word.substr(equals + 1)));
        }
    }

    void take_flag(const std::string& name, std::optional<std::string> value) {
        const auto* flag = command_.flag(name);
        if (flag == nullptr && name.starts_with("no-")) {
            flag = command_.flag(name.substr(3));
            if (flag != nullptr && flag->shape.kind == Shape::Kind::boolean && !value) {
                value = "false";
            } else {
                flag = nullptr;
            }
        }
        if (flag == nullptr) return unknown(name);
        if (!value) value = following_value(*flag);
        if (!value) return;
        keep(*flag, *value, name);
    }

    // true stands for itself; all others need the next word.
    std::optional<std::string> following_value(const Flag& flag) {
        bool more = at_ + 1 < rest_.size();
        if (flag.shape.kind == Shape::Kind::boolean) {
            bool said = more && (rest_[at_ + 1] == "true" || rest_[at_ + 1] == "false");
            return said ? rest_[++at_] : "true";
        }
        bool is_flag = more && rest_[at_ + 1].starts_with("--") && rest_[at_ + 1].size() > 2;
        if (more && !is_flag) return rest_[++at_];
        faults_.push_back("--" + flag.name + ": needs a value");
        return std::nullopt;
    }

    void unknown(const std::string& name) {
        std::vector<std::string> known;
        for (const auto& flag : command_.flags) known.push_back(flag.name);
        faults_.push_back("--" + name + ": is not known here" + suggestion(dashed(name), known));
        // What follows is its value, most likely, and no fault of its own.
        bool more = at_ + 1 < rest_.size();
        if (more && !rest_[at_ + 1].starts_with('-') &&
            given_.arguments.size() >= command_.arguments.size()) {
            ++at_;
        }
    }

    void keep(const Flag& flag, const std::string& text, const std::string& spelled) {
        if (flag.goes == Goes::body) {
            members_.emplace_back(&flag, text);
            return;
        }
        try {
            auto value = value_from(text, lenient(flag.shape));
            if (flag.goes == Goes::query) {
                add_query(flag, value);
            } else if (flag.name == "clear") {
                cleared_.push_back(path_of(text));
            } else {
                given_.options[flag.name].push_back(text);
            }
        } catch (const Failure& fault) {
            add_fault("--" + spelled, fault.what(), text);
        }
    }

    // "must be one of a, b, not "c"; did you mean b?"
    void add_fault(const std::string& name, std::string clause, const std::string& text) {
        clause.insert(std::min(clause.find("; did you mean"), clause.size()),
                      ", not \"" + text + "\"");
        faults_.push_back(name + ": " + clause);
    }

    void add_query(const Flag& flag, const Tree& value) {
        auto text = value.word;
        for (const auto& each : value.elements) text += (text.empty() ? "" : ",") + each.word;
        auto known = std::ranges::find(given_.query, flag.path.front(),
                                       &std::pair<std::string, std::string>::first);
        if (known == given_.query.end()) {
            given_.query.emplace_back(flag.path.front(), text);
        } else {
            known->second = flag.repeats ? known->second + "," + text : text;
        }
    }

    static std::vector<std::string> path_of(std::string_view text) {
        std::vector<std::string> path;
        for (std::size_t begin = 0; begin <= text.size();) {
            auto end = std::min(text.find('.', begin), text.size());
            path.emplace_back(text.substr(begin, end - begin));
            begin = end + 1;
        }
        return path;
    }

    void take_data() {
        auto sources = given_.options.extract("data");
        if (sources.empty()) sources = given_.options.extract("body");
        if (sources.empty()) return;
        auto content = content_of(sources.mapped().back());
        if (command_.endpoint != nullptr && command_.endpoint->route.raw_body) {
            given_.raw_body = content;
            return;
        }
        try {
            given_.body = Tree::parse(content);
        } catch (const Failure& fault) {
            faults_.push_back(std::string("--data: ") + fault.what());
        }
    }

    void set_member(const Flag& flag, const std::string& text) {
        try {
            auto& member = given_.body.member(flag.path);
            if (flag.shape.kind == Shape::Kind::list) {
                add_elements(member, flag, text);
            } else if (flag.shape.kind == Shape::Kind::map) {
                auto pairs = value_from(text, flag.shape);
                for (auto& [key, value] : pairs.members) member.member(key) = std::move(value);
            } else {
                member = value_from(text, lenient(flag.shape));
            }
        } catch (const Failure& fault) {
            add_fault("--" + flag.name, fault.what(), text);
        }
    }

    // Numbers of things are looked up before the request is sent: see Request.
    static Shape lenient(const Shape& shape) {
        auto copy = shape;
        if (shape.name.ends_with("_id")) copy.format.clear();
        if (shape.name.ends_with("_ids")) copy.element.front().format.clear();
        return copy;
    }

    // Elements of --data stay when flags add to them.
    static void add_elements(Tree& list, const Flag& flag, const std::string& text) {
        auto added = value_from(text, lenient(flag.shape));
        if (!added.is(Tree::Kind::array)) {
            throw Failure(exits::usage, "must be a list");
        }
        if (!list.is(Tree::Kind::array)) list = Tree::array();
        for (auto& each : added.elements) list.elements.push_back(std::move(each));
    }

    void check_arguments() {
        std::size_t needed = 0;
        for (const auto& argument : command_.arguments) needed += argument.optional ? 0 : 1;
        for (auto i = given_.arguments.size(); i < needed; ++i) {
            faults_.push_back(command_.arguments[i].name + ": is missing");
        }
        for (auto i = command_.arguments.size(); i < given_.arguments.size(); ++i) {
            faults_.push_back("\"" + given_.arguments[i] + "\": is one argument too many");
        }
        for (std::size_t i = 0; i < std::min(given_.arguments.size(), command_.arguments.size());
             ++i) {
            if (given_.arguments[i].empty()) {
                faults_.push_back(command_.arguments[i].name + ": must not be empty");
            }
        }
    }

    void check_required() {
        for (const auto& flag : command_.flags) {
            bool there = true;
            if (flag.goes == Goes::query) {
                there = std::ranges::find(given_.query, flag.path.front(),
                                          &std::pair<std::string, std::string>::first) !=
                        given_.query.end();
            } else if (flag.goes == Goes::body && !flag.hidden) {
                there = given_.body.at(flag.path).exists();
            }
            if (!flag.required || there) continue;
            faults_.push_back("--" + flag.name + ": is required" +
                              (flag.shape.meaning.empty() ? "" : " (" + flag.shape.meaning + ")"));
        }
    }

    void refuse_faults() const {
        if (faults_.empty()) return;
        throw Failure(exits::usage, joined(faults_, "\n"));
    }

    const Command& command_;
    const std::vector<std::string>& rest_;
    std::size_t at_ = 0;
    bool only_arguments_ = false;
    Given given_;
    std::vector<std::pair<const Flag*, std::string>> members_;
    std::vector<std::vector<std::string>> cleared_;
    std::vector<std::string> faults_;
};

}  // namespace

std::string Given::text(const std::string& option) const {
    auto found = options.find(option);
    return found == options.end() ? "" : found->second.back();
}

std::int64_t Given::number(const std::string& option, std::int64_t otherwise) const {
    auto given = text(option);
    return given.empty() ? otherwise : std::stoll(given);
}

Given read_arguments(const Command& command, const std::vector<std::string>& rest) {
    return Reading(command, rest).read();
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
    std::vector<std::string_view> names(known.begin(), known.end());
    auto meant = json::nearest(word, names);
    return meant.empty() ? "" : "; did you mean " + std::string(meant) + "?";
}

std::string content_of(const std::string& source) {
    if (source == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    if (!source.starts_with('@')) return source;
    std::ifstream file(source.substr(1), std::ios::binary);
    if (!file) throw Failure(exits::usage, "cannot read " + source.substr(1));
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace stateset::cli::client
