#include "notifications/template_language.hpp"

#include <algorithm>
#include <optional>

namespace stateset::notifications {
namespace {

constexpr std::size_t deepest = 8;  // sections within sections
constexpr std::size_t most_faults = 20;

enum class Mark { text, value, section, inverted, end, broken };

struct Token {
    Mark mark = Mark::text;
    std::string_view text;  // or the name
};

bool is_name(std::string_view text) {
    bool letter = false;  // each part has one
    for (char c : text) {
        bool part_of_one = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (c == '.' && letter) {
            letter = false;
        } else if (!part_of_one) {
            return false;
        } else {
            letter = true;
        }
    }
    return letter;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

Token tag_from(std::string_view inside) {
    auto content = trimmed(inside);
    auto mark = Mark::value;
    if (content.starts_with('#')) mark = Mark::section;
    if (content.starts_with('^')) mark = Mark::inverted;
    if (content.starts_with('/')) mark = Mark::end;
    if (mark != Mark::value) content = trimmed(content.substr(1));
    if (!is_name(content)) return {Mark::broken, inside};
    return {mark, content};
}

std::vector<Token> tokens_of(std::string_view source) {
    std::vector<Token> tokens;
    auto add_text = [&](std::string_view text) {
        if (!text.empty()) tokens.push_back({Mark::text, text});
    };
    while (!source.empty()) {
        auto open = source.find("{{");
        if (open == source.npos) break;
        add_text(source.substr(0, open));
        source.remove_prefix(open + 2);
        auto close = source.find("}}");
        if (close == source.npos) {
            tokens.push_back({Mark::broken, source.substr(0, 40)});
            return tokens;
        }
        tokens.push_back(tag_from(source.substr(0, close)));
        source.remove_prefix(close + 2);
    }
    add_text(source);
    return tokens;
}

// The tag of a section that stands alone on its line takes the line with it.
void drop_lines_of_sections(std::vector<Token>& tokens) {
    auto blank = [](std::string_view text) { return text.find_first_not_of(" \t") == text.npos; };
    // Lines are looked at as they were written.
    const auto written = tokens;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        auto mark = written[i].mark;
        if (mark != Mark::section && mark != Mark::inverted && mark != Mark::end) continue;
        std::string_view before = i > 0 ? written[i - 1].text : "\n";
        std::string_view after = i + 1 < written.size() ? written[i + 1].text : "\n";
        if (i > 0 && written[i - 1].mark != Mark::text) continue;
        if (i + 1 < written.size() && written[i + 1].mark != Mark::text) continue;
        auto line_begin = before.rfind('\n');
        auto line_end = after.find('\n');
        bool first = i <= 1 && line_begin == before.npos;
        bool last = i + 2 >= written.size() && line_end == after.npos;
        if ((line_begin == before.npos && !first) || (line_end == after.npos && !last)) continue;
        auto lead = first ? before : before.substr(line_begin + 1);
        auto trail = last ? after : after.substr(0, line_end);
        if (!blank(lead) || !blank(trail)) continue;
        if (i > 0)
            tokens[i - 1].text.remove_suffix(std::min(lead.size(), tokens[i - 1].text.size()));
        if (i + 1 < tokens.size()) {
            tokens[i + 1].text.remove_prefix(last ? after.size() : line_end + 1);
        }
    }
}

std::vector<std::string_view> parts_of(std::string_view path) {
    std::vector<std::string_view> parts;
    for (std::size_t dot; (dot = path.find('.')) != path.npos; path.remove_prefix(dot + 1)) {
        parts.push_back(path.substr(0, dot));
    }
    parts.push_back(path);
    return parts;
}

// ---- names, when a template is saved

const Names* member_of(const Names& names, std::string_view name) {
    static const Names anything;
    auto found = names.members.find(name);
    if (found != names.members.end()) return &found->second;
    return names.free ? &anything : nullptr;
}

const Names* find(const std::vector<const Names*>& within, std::string_view path) {
    auto parts = parts_of(path);
    for (auto it = within.rbegin(); it != within.rend(); ++it) {
        const auto* names = member_of(**it, parts.front());
        for (std::size_t i = 1; names && i < parts.size(); ++i) {
            // A list has no members of its own, only its elements have.
            names = names->list ? nullptr : member_of(*names, parts[i]);
        }
        if (names) return names;
    }
    return nullptr;
}

class Checker {
  public:
    Checker(const Names& names, const std::string& pointer) : pointer_(pointer) {
        within_.push_back(&names);
    }
    void take(const Token& token) {
        switch (token.mark) {
            case Mark::text: break;
            case Mark::broken:
                refuse("malformed", "`{{" + std::string(token.text) + "` is no tag of a template");
                break;
            case Mark::value: {
                const auto* names = known(token.text);
                if (names && (names->list || names->free || !names->members.empty())) {
                    refuse("not_a_value",
                           "`" + std::string(token.text) +
                               "` is no single value; use a section or a name in it");
                }
                break;
            }
            case Mark::section:
            case Mark::inverted: begin(token); break;
            case Mark::end: end(token.text);
        }
    }
    std::vector<Fault> finish() {
        for (const auto& name : open_) {
            refuse("malformed", "`{{#" + name + "}}` is not closed");
        }
        return std::move(faults_);
    }

  private:
    const Names* known(std::string_view path) {
        const auto* names = find(within_, path);
        if (!names) {
            refuse("unknown_name", "`" + std::string(path) + "` is no name of this template");
        }
        return names;
    }
    void begin(const Token& token) {
        static const Names nothing;
        const auto* names = known(token.text);
        if (open_.size() == deepest) refuse("too_deep", "has sections more than 8 deep");
        open_.emplace_back(token.text);
        bool inside = names && token.mark == Mark::section;
        within_.push_back(inside ? names : &nothing);
    }
    void end(std::string_view name) {
        if (open_.empty() || open_.back() != name) {
            refuse("malformed", "`{{/" + std::string(name) + "}}` closes no section");
            return;
        }
        open_.pop_back();
        within_.pop_back();
    }
    void refuse(std::string code, std::string message) {
        if (faults_.size() == most_faults) return;
        faults_.push_back({pointer_, std::move(code), std::move(message), {}});
    }

    std::string pointer_;
    std::vector<const Names*> within_;
    std::vector<std::string> open_;
    std::vector<Fault> faults_;
};

// ---- values, when a message is written

json::Node member_of(const json::Node& object, std::string_view name) {
    if (!object || object.kind() != json::Kind::object) return {};
    for (auto member = object.first(); member; member = member.next()) {
        if (member.key() == name) return member;
    }
    return {};
}

json::Node find(const std::vector<json::Node>& within, std::string_view path) {
    auto parts = parts_of(path);
    for (auto it = within.rbegin(); it != within.rend(); ++it) {
        auto node = member_of(*it, parts.front());
        if (!node) continue;
        for (std::size_t i = 1; node && i < parts.size(); ++i) node = member_of(node, parts[i]);
        return node;
    }
    return {};
}

bool is_there(const json::Node& node) {
    if (!node) return false;
    switch (node.kind()) {
        case json::Kind::null: return false;
        case json::Kind::boolean: return node.text() == "true";
        case json::Kind::string: return !node.text().empty();
        case json::Kind::array: return node.size() > 0;
        default: return true;
    }
}

class Writer {
  public:
    Writer(const std::vector<Token>& tokens, json::Node data, Form form)
        : tokens_(tokens), form_(form) {
        within_.push_back(data);
    }
    std::string write() {
        write_part(0, tokens_.size());
        return std::move(out_);
    }

  private:
    bool full() const { return out_.size() >= longest_rendering; }
    void write_part(std::size_t from, std::size_t to) {
        for (auto at = from; at < to && !full(); ++at) {
            const auto& token = tokens_[at];
            if (token.mark == Mark::text) {
                out_ += token.text;
            } else if (token.mark == Mark::value) {
                write_value(find(within_, token.text));
            } else if (token.mark == Mark::section || token.mark == Mark::inverted) {
                auto last = end_of(at, to);
                write_section(token, at + 1, last);
                at = last;
            }
        }
    }
    void write_value(const json::Node& node) {
        if (!node || node.kind() == json::Kind::null || node.kind() == json::Kind::array ||
            node.kind() == json::Kind::object) {
            return;
        }
        out_ += form_ == Form::html ? escaped_for_html(node.text()) : std::string(node.text());
    }
    void write_section(const Token& token, std::size_t from, std::size_t to) {
        auto node = find(within_, token.text);
        bool there = is_there(node);
        if (token.mark == Mark::inverted) {
            if (!there) write_part(from, to);
            return;
        }
        if (!there) return;
        bool list = node.kind() == json::Kind::array;
        for (auto one = list ? node.first() : node; one && !full();
             one = list ? one.next() : json::Node()) {
            within_.push_back(one);
            write_part(from, to);
            within_.pop_back();
        }
    }
    // Where the section that begins at `at` ends.
    std::size_t end_of(std::size_t at, std::size_t to) const {
        int depth = 0;
        for (; at < to; ++at) {
            auto mark = tokens_[at].mark;
            if (mark == Mark::section || mark == Mark::inverted) ++depth;
            if (mark == Mark::end && --depth == 0) return at;
        }
        return to;
    }

    const std::vector<Token>& tokens_;
    Form form_;
    std::vector<json::Node> within_;
    std::string out_;
};

}  // namespace

std::vector<Fault> faults_of(std::string_view source, const Names& names,
                             const std::string& pointer) {
    Checker checker(names, pointer);
    for (const auto& token : tokens_of(source)) checker.take(token);
    return checker.finish();
}

std::string render(std::string_view source, const json::Node& data, Form form) {
    auto tokens = tokens_of(source);
    drop_lines_of_sections(tokens);
    return Writer(tokens, data, form).write();
}

std::string escaped_for_html(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string html_of(std::string_view text) {
    std::string out, paragraph;
    auto end_paragraph = [&] {
        if (!paragraph.empty()) out += "<p>" + paragraph + "</p>\n";
        paragraph.clear();
    };
    while (!text.empty()) {
        auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.find_first_not_of(" \t\r") == line.npos) {
            end_paragraph();
            continue;
        }
        if (!paragraph.empty()) paragraph += "<br>\n";
        paragraph += escaped_for_html(line);
    }
    end_paragraph();
    return out;
}

}  // namespace stateset::notifications
