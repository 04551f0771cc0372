#include "jobs/csv.hpp"

#include <gtest/gtest.h>

namespace stateset::jobs {
namespace {

using Cells = std::vector<std::string>;

// Each record as its cells, or as one cell that says "!" and why it cannot be read.
std::vector<Cells> all_of(std::string_view text) {
    CsvReader reader(text, 1, true);
    std::vector<Cells> found;
    CsvRecord record;
    while (reader.next(record) == Taken::record) {
        found.push_back(record.fault ? Cells{"!" + *record.fault} : record.cells);
    }
    return found;
}

TEST(Csv, is_read_as_rfc_4180_says) {
    struct Case {
        std::string text;
        std::vector<Cells> expected;
    };
    const Case cases[] = {
        {"", {}},
        {"\n\r\n\n", {}},
        {"a,b\r\nc,d\r\n", {{"a", "b"}, {"c", "d"}}},
        {"a,b\nc,d", {{"a", "b"}, {"c", "d"}}},
        {"a,,\n", {{"a", "", ""}}},
        {",\n", {{"", ""}}},
        {"\"\"\n", {{""}}},
        {"\"a,b\",c\n", {{"a,b", "c"}}},
        {"\"say \"\"hi\"\"\",c\n", {{"say \"hi\"", "c"}}},
        {"\"two\nlines\",c\n", {{"two\nlines", "c"}}},
        {"\"two\r\nlines\"\r\nnext\r\n", {{"two\r\nlines"}, {"next"}}},
        {"a\rb,c\n", {{"a\rb", "c"}}},
        {"a\r", {{"a"}}},
        {"a\"b,c\nd,e\n", {{"!cell 1 has a quote inside and none around it"}, {"d", "e"}}},
        {"x,\"a\"b,c\nd\n", {{"!something follows the closing quote of cell 2"}, {"d"}}},
        {"a\n\"never\nclosed\n", {{"a"}, {"!the quote of cell 1 is never closed"}}},
    };
    for (const auto& [text, expected] : cases) EXPECT_EQ(all_of(text), expected) << text;
}

TEST(Csv, counts_the_lines_inside_of_cells) {
    CsvReader reader("a\n\"b\nb\"\n\nc\n", 1, true);
    CsvRecord record;
    std::vector<std::int64_t> lines;
    while (reader.next(record) == Taken::record) lines.push_back(record.line);
    EXPECT_EQ(lines, (std::vector<std::int64_t>{1, 2, 5}));
}

TEST(Csv, cut_anywhere_gives_the_same_records) {
    const std::string text = "a,b\r\n\"c\"\"\r\n,\",d\r\n\r\n\"e\"\r\nf,g";
    const auto whole = all_of(text);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        std::vector<Cells> found;
        CsvRecord record;
        CsvReader first(std::string_view(text).substr(0, cut), 1, false);
        while (first.next(record) == Taken::record) found.push_back(record.cells);
        CsvReader rest(std::string_view(text).substr(first.offset()), first.line(), true);
        while (rest.next(record) == Taken::record) found.push_back(record.cells);
        EXPECT_EQ(found, whole) << "cut at " << cut;
    }
}

TEST(Csv, leaves_no_formula_for_a_spreadsheet_and_gives_every_cell_back) {
    const std::pair<std::string, std::string> cases[] = {
        {"plain", "plain"},
        {"=1+1", "'=1+1"},
        {"+44 20", "'+44 20"},
        {"-12.50", "-12.50"},
        {"-2+3", "'-2+3"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"\tx", "'\tx"},
        {"it's", "it's"},
        {"'quoted", "''quoted"},
        {"'=1", "''=1"},
        {"=A1,\"B\"", "\"'=A1,\"\"B\"\"\""},
        {"two\nlines", "\"two\nlines\""},
    };
    for (const auto& [cell, written] : cases) {
        std::string out;
        append_record(out, {cell, "x"});
        EXPECT_EQ(out, written + ",x\r\n");
        auto back = all_of(out);
        ASSERT_EQ(back.size(), 1u) << cell;
        EXPECT_EQ(as_written(back[0][0]), cell);
    }
}

TEST(Csv, may_begin_with_a_byte_order_mark) {
    EXPECT_EQ(without_mark("\xEF\xBB\xBFsku"), "sku");
    EXPECT_EQ(without_mark("sku"), "sku");
}

}  // namespace
}  // namespace stateset::jobs
