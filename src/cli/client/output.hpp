#pragma once
// How answers are shown. To people as tables, with the columns that tell most in the width there
// is; to programs as the server's own JSON, JSON Lines, or CSV whose columns follow from the schema
// and not from what the rows happen to hold.

#include <string>
#include <string_view>
#include <vector>

#include "cli/client/arguments.hpp"
#include "cli/client/shape.hpp"
#include "cli/client/terminal.hpp"

namespace stateset::cli::client {

enum class Format { table, json, jsonl, csv, raw };  // raw: JSON as it came
Format format_of(const Given&);

// A member of a row: {"shipping_address","city"}.
struct Column {
    std::vector<std::string> path;
    Shape shape;
    int rank = 0;  // what a person wants to see first
    std::string label() const;
};

class Printer {
  public:
    // `answer` is the shape of a whole answer. `numbered`: its things have numbers that commands
    // take in place of ids.
    Printer(const Given&, const Terminal&, Shape answer, bool numbered);

    // An answer as it came. The rows of a page may come in several.
    void print(const std::string& body);
    void print_rows(const std::vector<Tree>& rows, bool first);
    bool pages() const { return rows_ != nullptr; }
    Format format() const { return format_; }

  private:
    void print_object(const Tree&);
    void print_table(const std::vector<Tree>& rows, const std::vector<Column>& candidates,
                     std::size_t indent);
    void print_csv(const std::vector<Tree>& rows, bool header);
    std::vector<Column> wanted(const std::vector<Column>& all) const;
    Tree trimmed(const Tree&) const;

    const Terminal& terminal_;
    Format format_;
    Shape answer_;
    const Shape* rows_ = nullptr;  // of `data`, when the answer is a page
    bool numbered_;
    std::vector<std::string> fields_;
};

// A refusal, with the flag that each fault is about, and what to do; to standard error. Answers
// the exit status.
int explain_refusal(int status, const std::string& body, const Command&, const Catalogue&,
                    const Terminal&);
int exit_of(int status);

// All there is to show of a shape, objects within as their members.
std::vector<Column> columns_of(const Shape&);
void write_all(std::string_view text);  // to standard output; throws Failure when nobody reads on

}  // namespace stateset::cli::client
