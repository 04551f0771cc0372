#include "jobs/csv.hpp"

#include <algorithm>

namespace stateset::jobs {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view formula_starts = "=+-@\t\r";

bool digit(char c) { return c >= '0' && c <= '9'; }

// "-12.50": begins like a formula, and is none.
bool plain_number(std::string_view text) {
    if (!text.empty() && text.front() == '-') text.remove_prefix(1);
    auto dot = text.find('.');
    auto whole = text.substr(0, dot);
    auto fraction = dot == text.npos ? std::string_view("0") : text.substr(dot + 1);
    return !whole.empty() && !fraction.empty() && std::ranges::all_of(whole, digit) &&
           std::ranges::all_of(fraction, digit);
}

bool may_be_formula(std::string_view cell) {
    return !cell.empty() && formula_starts.contains(cell.front()) && !plain_number(cell);
}

void append_cell(std::string& out, std::string_view cell) {
    bool guarded = may_be_formula(cell) || cell.starts_with('\'');
    bool quotes =
        cell.find_first_of(",\"\r\n") != cell.npos || cell.starts_with(' ') || cell.ends_with(' ');
    if (quotes) out += '"';
    if (guarded) out += '\'';
    for (char c : cell) {
        if (c == '"') out += '"';
        out += c;
    }
    if (quotes) out += '"';
}

}  // namespace

std::string_view without_mark(std::string_view text) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    return text;
}

void append_record(std::string& out, const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out += ',';
        append_cell(out, cells[i]);
    }
    out += "\r\n";
}

std::string_view as_written(std::string_view cell) {
    if (!cell.starts_with('\'')) return cell;
    auto rest = cell.substr(1);
    return may_be_formula(rest) || rest.starts_with('\'') ? rest : cell;
}

bool CsvReader::end_of_record(std::size_t at) const {
    return at >= text_.size() || text_[at] == '\n' ||
           (text_[at] == '\r' && (at + 1 == text_.size() || text_[at + 1] == '\n'));
}

bool CsvReader::pass_line_end(std::size_t& at) const {
    if (at < text_.size() && text_[at] == '\r') ++at;
    if (at < text_.size() && text_[at] == '\n') {
        ++at;
        return true;
    }
    return whole_ && at >= text_.size();
}

// True: there is something else.
bool CsvReader::skip_blank_lines() {
    while (at_ < text_.size() && end_of_record(at_)) {
        if (!pass_line_end(at_)) return true;  // a lone \r at the end of what is there
        ++line_;
    }
    return at_ < text_.size();
}

// `at` is behind the opening quote; afterwards behind the closing one.
Taken CsvReader::quoted(std::size_t& at, std::string& cell, std::int64_t& lines,
                        CsvRecord& record) const {
    for (;; ++at) {
        if (at >= text_.size()) {
            if (!whole_) return Taken::unfinished;
            record.fault =
                "the quote of cell " + std::to_string(record.cells.size() + 1) + " is never closed";
            return Taken::end;
        }
        char c = text_[at];
        if (c == '\n') ++lines;
        if (c != '"') {
            cell += c;
        } else if (at + 1 < text_.size() && text_[at + 1] == '"') {
            cell += text_[++at];
        } else if (at + 1 >= text_.size() && !whole_) {
            return Taken::unfinished;  // it may be the first of two
        } else {
            ++at;
            return Taken::record;
        }
    }
}

Taken CsvReader::plain(std::size_t& at, std::string& cell) const {
    while (!end_of_record(at) && text_[at] != ',') cell += text_[at++];
    return Taken::record;
}

Taken CsvReader::next(CsvRecord& record) {
    record = {};
    if (!skip_blank_lines()) return whole_ ? Taken::end : Taken::unfinished;
    record.line = line_;
    auto at = at_;
    std::int64_t lines = 0;
    for (;;) {
        std::string cell;
        bool in_quotes = at < text_.size() && text_[at] == '"';
        auto taken = in_quotes ? quoted(++at, cell, lines, record) : plain(at, cell);
        if (taken == Taken::unfinished) return taken;
        if (taken == Taken::end) break;
        if (!end_of_record(at) && text_[at] != ',') {
            record.fault = "something follows the closing quote of cell " +
                           std::to_string(record.cells.size() + 1);
            while (!end_of_record(at)) ++at;
        }
        bool stray = !in_quotes && cell.find('"') != cell.npos;
        if (stray && !record.fault) {
            record.fault = "cell " + std::to_string(record.cells.size() + 1) +
                           " has a quote inside and none around it";
        }
        record.cells.push_back(std::move(cell));
        if (end_of_record(at)) break;
        ++at;
    }
    if (!pass_line_end(at)) return Taken::unfinished;
    at_ = at;
    line_ += lines + 1;
    return Taken::record;
}

}  // namespace stateset::jobs
