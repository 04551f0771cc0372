#include "platform/json/tape.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <limits>

#include "platform/core/refusal.hpp"
#include "platform/json/writer.hpp"

namespace stateset::json {

namespace bj = boost::json;

// Receives the tokenizer's events.
class TapeBuilder {
  public:
    static constexpr std::size_t max_array_size = bj::string_view::npos;
    static constexpr std::size_t max_object_size = max_array_size;
    static constexpr std::size_t max_string_size = max_array_size;
    static constexpr std::size_t max_key_size = max_array_size;

    // Unescaped text is never longer than its source, so the letters never move.
    TapeBuilder(std::size_t text_size, std::size_t nodes) : most_nodes_(nodes) {
        tape_.letters_ = std::make_unique_for_overwrite<char[]>(text_size + 1);
        tape_.records_.reserve(std::min(text_size / 8 + 4, nodes));
    }

    bool on_document_begin(bj::error_code&) { return true; }
    bool on_document_end(bj::error_code&) { return true; }
    bool on_object_begin(bj::error_code& failed) { return open(Kind::object, failed); }
    bool on_array_begin(bj::error_code& failed) { return open(Kind::array, failed); }
    bool on_object_end(std::size_t, bj::error_code&) {
        note_duplicates(open_.back().index);
        open_.pop_back();
        return true;
    }
    bool on_array_end(std::size_t, bj::error_code&) {
        open_.pop_back();
        return true;
    }
    bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) { return keep(part); }
    bool on_key(bj::string_view part, std::size_t size, bj::error_code&) {
        keep(part);
        key_at_ = used_ - static_cast<std::uint32_t>(size);
        key_size_ = static_cast<std::uint32_t>(size);
        return true;
    }
    bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) { return keep(part); }
    bool on_string(bj::string_view part, std::size_t size, bj::error_code& failed) {
        keep(part);
        return add(Kind::string, size, failed);
    }
    bool on_number_part(bj::string_view part, bj::error_code&) {
        number_size_ += part.size();
        return keep(part);
    }
    bool on_int64(std::int64_t, bj::string_view part, bj::error_code& failed) {
        return number(part, failed);
    }
    bool on_uint64(std::uint64_t, bj::string_view part, bj::error_code& failed) {
        return number(part, failed);
    }
    bool on_double(double, bj::string_view part, bj::error_code& failed) {
        return number(part, failed);
    }
    bool on_bool(bool value, bj::error_code& failed) {
        bj::string_view word = value ? "true" : "false";
        keep(word);
        return add(Kind::boolean, word.size(), failed);
    }
    bool on_null(bj::error_code& failed) { return add(Kind::null, 0, failed); }
    bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
    bool on_comment(bj::string_view, bj::error_code&) { return true; }

    Tape take() { return std::move(tape_); }

  private:
    bool keep(bj::string_view part) {
        std::copy(part.begin(), part.end(), tape_.letters_.get() + used_);
        used_ += static_cast<std::uint32_t>(part.size());
        return true;
    }

    bool number(bj::string_view part, bj::error_code& failed) {
        keep(part);
        auto size = number_size_ + part.size();
        number_size_ = 0;
        return add(Kind::number, size, failed);
    }

    bool open(Kind kind, bj::error_code& failed) {
        if (!add(kind, 0, failed)) return false;
        open_.push_back({static_cast<std::uint32_t>(tape_.records_.size() - 1), 0});
        return true;
    }

    bool add(Kind kind, std::size_t size, bj::error_code& failed) {
        auto& records = tape_.records_;
        if (records.size() >= most_nodes_) {
            failed = bj::error::array_too_large;
            return false;
        }
        auto index = static_cast<std::uint32_t>(records.size());
        auto length = static_cast<std::uint32_t>(size);
        Tape::Record record{.kind = kind, .text_at = used_ - length, .text_size = length};
        if (!open_.empty()) {
            auto& [parent, last] = open_.back();
            if (last != 0) records[last].next = index;
            last = index;
            record.parent = parent;
            record.position = records[parent].count++;
            record.key_at = key_at_;
            record.key_size = key_size_;
            key_size_ = 0;
        }
        records.push_back(record);
        return true;
    }

    void note_duplicates(std::uint32_t object) {
        const auto& records = tape_.records_;
        auto count = records[object].count;
        if (count < 2) return;
        auto key = [&](std::uint32_t index) {
            return tape_.letters(records[index].key_at, records[index].key_size);
        };
        members_.clear();
        for (auto i = object + 1; i != 0; i = records[i].next) members_.push_back(i);
        if (count <= few_members) {
            for (std::size_t i = 1; i < members_.size(); ++i) {
                for (std::size_t j = 0; j < i; ++j) {
                    if (key(members_[i]) != key(members_[j])) continue;
                    tape_.duplicates_.push_back(members_[i]);
                    break;
                }
            }
            return;
        }
        std::ranges::sort(members_, {}, [&](auto i) { return std::pair(key(i), i); });
        for (std::size_t i = 1; i < members_.size(); ++i) {
            if (key(members_[i]) == key(members_[i - 1])) tape_.duplicates_.push_back(members_[i]);
        }
    }

    static constexpr std::uint32_t few_members = 16;  // up to here, pairs are faster than sorting
    struct Open {
        std::uint32_t index, last_child;
    };

    Tape tape_;
    std::vector<Open> open_;
    std::vector<std::uint32_t> members_;
    std::size_t most_nodes_, number_size_ = 0;
    std::uint32_t used_ = 0, key_at_ = 0, key_size_ = 0;
};

namespace {

struct Complaint {
    std::string code, message;
    std::size_t at;
};

Complaint complaint(std::string_view text, std::size_t at, bj::error_code failed, Limits limits) {
    if (text.empty()) return {"empty", "there is no document", 0};
    auto broken = first_invalid_utf8(text);
    if (broken <= at) return {"invalid_utf8", "the text is not valid UTF-8", broken};
    if (failed == bj::error::incomplete) return {"incomplete", "the document ends too early", at};
    if (failed == bj::error::extra_data) {
        return {"trailing_data", "more text follows the document", at};
    }
    if (failed == bj::error::too_deep) {
        return {"too_deep", "nests deeper than " + std::to_string(limits.depth) + " levels", at};
    }
    if (failed == bj::error::array_too_large) {
        return {"too_many", "has more than " + std::to_string(limits.nodes) + " values", at};
    }
    if (failed == bj::error::illegal_leading_surrogate ||
        failed == bj::error::illegal_trailing_surrogate ||
        failed == bj::error::expected_utf16_escape) {
        return {"syntax", "a \\u escape is half of a surrogate pair", at};
    }
    if (failed == bj::error::exponent_overflow) {
        return {"too_large", "a number's exponent is too large", at};
    }
    return {"syntax", "this is not JSON", at};
}

[[noreturn]] void refuse(const Complaint& found) {
    auto message = found.message + " (at byte " + std::to_string(found.at) + ")";
    throw Refusal(codes::unreadable, "The JSON cannot be read: " + message,
                  {{"", found.code, message, {}}});
}

}  // namespace

Tape parse(std::string_view text, Limits limits) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max() / 2) {
        refuse({"too_large", "the document is too large", 0});
    }
    bj::parse_options strict;
    strict.max_depth = limits.depth;
    bj::basic_parser<TapeBuilder> parser(strict, text.size(), limits.nodes);
    bj::error_code failed;
    auto read = parser.write_some(false, text.data(), text.size(), failed);
    if (!failed && read < text.size()) failed = bj::error::extra_data;
    if (failed) refuse(complaint(text, read, failed, limits));
    return parser.handler().take();
}

std::vector<Node> Tape::duplicates() const {
    std::vector<Node> found;
    for (auto index : duplicates_) found.push_back({this, index});
    return found;
}

Kind Node::kind() const { return tape_->records_[index_].kind; }
std::size_t Node::size() const { return tape_->records_[index_].count; }

std::string_view Node::key() const {
    const auto& record = tape_->records_[index_];
    return tape_->letters(record.key_at, record.key_size);
}

std::string_view Node::text() const {
    const auto& record = tape_->records_[index_];
    return tape_->letters(record.text_at, record.text_size);
}

Node Node::first() const {
    return tape_->records_[index_].count == 0 ? Node() : Node(tape_, index_ + 1);
}

Node Node::next() const {
    auto next = tape_->records_[index_].next;
    return next == 0 ? Node() : Node(tape_, next);
}

std::string Node::pointer() const {
    if (index_ == 0) return {};
    const auto& record = tape_->records_[index_];
    Node parent(tape_, record.parent);
    auto token =
        parent.kind() == Kind::object ? pointer_token(key()) : std::to_string(record.position);
    return parent.pointer() + "/" + token;
}

namespace {

void write_node(Sink& sink, const Node& node) {
    switch (node.kind()) {
        case Kind::null: sink.raw("null"); break;
        case Kind::boolean:
        case Kind::number: sink.raw(node.text()); break;
        case Kind::string: sink.quoted(node.text()); break;
        case Kind::array:
            sink.put('[');
            for (auto element = node.first(); element; element = element.next()) {
                write_node(sink, element);
                sink.put(',');
            }
            sink.close(']');
            break;
        case Kind::object:
            sink.put('{');
            for (auto member = node.first(); member; member = member.next()) {
                sink.quoted(member.key());
                sink.put(':');
                write_node(sink, member);
                sink.put(',');
            }
            sink.close('}');
            break;
    }
}

}  // namespace

void write(std::string& out, const Node& node) {
    Sink sink(out);
    write_node(sink, node);
}

std::size_t first_invalid_utf8(std::string_view text) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    for (std::size_t at = 0; at < text.size();) {
        auto lead = byte(at);
        std::size_t more = lead < 0x80   ? 0
                           : lead < 0xC2 ? 9
                           : lead < 0xE0 ? 1
                           : lead < 0xF0 ? 2
                                         : 3;
        if (more == 9 || lead > 0xF4 || at + more >= text.size()) return at;
        for (std::size_t i = 1; i <= more; ++i) {
            if ((byte(at + i) & 0xC0) != 0x80) return at;
        }
        // Longer than needed, a surrogate, or beyond U+10FFFF.
        if ((lead == 0xE0 && byte(at + 1) < 0xA0) || (lead == 0xED && byte(at + 1) > 0x9F) ||
            (lead == 0xF0 && byte(at + 1) < 0x90) || (lead == 0xF4 && byte(at + 1) > 0x8F)) {
            return at;
        }
        at += more + 1;
    }
    return std::string_view::npos;
}

std::string pointer_token(std::string_view name) {
    std::string token;
    for (char c : name) {
        if (c == '~') {
            token += "~0";
        } else if (c == '/') {
            token += "~1";
        } else {
            token += c;
        }
    }
    return token;
}

}  // namespace stateset::json
