#pragma once
// CSV as RFC 4180 says, with what people send: line ends of either kind, a byte order mark, no line
// end after the last record. Records are taken one by one from a text that may go on, so that a
// file of any size is read in pieces; what is wrong with one record costs that record only.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stateset::jobs {

struct CsvRecord {
    std::int64_t line = 0;  // where it begins, from 1; cells may hold line ends
    std::vector<std::string> cells;
    std::optional<std::string> fault;  // why it cannot be read; then `cells` are of no use
};

enum class Taken {
    record,
    unfinished,  // the text ends in the middle of it, and more text is to come
    end,
};

// Walks a text. Blank lines are passed over.
class CsvReader {
  public:
    // `line`: the number of the first line of the text. `whole`: nothing follows the text. A quote
    // that is never closed is the fault of the record that opens it, which goes to the end.
    CsvReader(std::string_view text, std::int64_t line, bool whole)
        : text_(text), line_(line), whole_(whole) {}
    Taken next(CsvRecord&);
    std::size_t offset() const { return at_; }   // of what comes next
    std::int64_t line() const { return line_; }  // likewise

  private:
    bool end_of_record(std::size_t at) const;
    bool pass_line_end(std::size_t& at) const;
    bool skip_blank_lines();
    Taken quoted(std::size_t& at, std::string& cell, std::int64_t& lines, CsvRecord&) const;
    Taken plain(std::size_t& at, std::string& cell) const;

    std::string_view text_;
    std::size_t at_ = 0;
    std::int64_t line_;
    bool whole_;
};

// Without the byte order mark that some programs write before UTF-8.
std::string_view without_mark(std::string_view text);

// Appends one record. Cells that a spreadsheet would take for a formula (they begin with = + - @, a
// tab or a carriage return, and are no plain number) get an apostrophe before them, and so do those
// that begin with one; `as_written` takes it off again.
void append_record(std::string& out, const std::vector<std::string>& cells);

// The cell before `append_record` made it harmless.
std::string_view as_written(std::string_view cell);

}  // namespace stateset::jobs
