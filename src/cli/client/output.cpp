#include "cli/client/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>

#include "cli/client/failure.hpp"

namespace stateset::cli::client {
namespace {

constexpr std::size_t most_columns = 8;
constexpr int worth_showing = 30;
constexpr std::size_t gap = 2;
constexpr std::size_t least_text = 12;  // columns that a text keeps when it is cut

bool one_of(std::string_view name, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, name) != words.end();
}

int rank_of(const Column& column, bool numbered) {
    const auto& name = column.path.back();
    bool nested = column.path.size() > 1;
    if (!column.shape.scalar() && column.shape.kind != Shape::Kind::any) return -1;
    if (nested) return name == "name" || name == "sku" ? 20 : 5;
    if (name == "id") return numbered ? 25 : 100;
    if (one_of(name, {"version", "updated_at", "sequence"})) return 5;
    if (one_of(name, {"description", "notes", "reason", "detail", "text", "html", "terms"})) {
        return 10;
    }
    if (name.ends_with("_number")) return name == "tracking_number" ? 65 : 92;
    if (one_of(name, {"sku", "code", "email", "name", "type", "event_type", "kind", "position"})) {
        return 90;
    }
    if (name == "status" || name == "message") return 85;
    if (one_of(name, {"total", "amount", "price", "quantity", "on_hand", "allocated", "available",
                      "unit_price"})) {
        return 80;
    }
    if (name.ends_with("_status") || name == "currency") return 75;
    if (name == "created_at" || name == "occurred_at") return 72;
    if (column.shape.kind == Shape::Kind::boolean) return name == "active" ? 60 : 25;
    if (name.ends_with("_id")) return 35;
    if (name.ends_with("_at")) return 32;
    return 40;
}

Ink ink_of(const std::string& name, const std::string& value) {
    if (name != "status" && !name.ends_with("_status")) return Ink::plain;
    if (one_of(value, {"delivered", "completed", "active", "captured", "paid", "succeeded",
                       "approved", "enabled", "fulfilled", "received", "resolved"})) {
        return Ink::green;
    }
    if (one_of(value, {"cancelled", "failed", "voided", "void", "rejected", "dead", "revoked",
                       "disabled", "exception", "expired", "returned_to_sender"})) {
        return Ink::red;
    }
    return one_of(value, {"pending", "processing", "on_hold", "unpaid"}) ? Ink::yellow : Ink::plain;
}

// As a person reads it: times without their T and fractions.
std::string shown(const Tree& value, const Shape& shape) {
    if (value.empty()) return {};
    auto text = text_of(value);
    if (shape.format == "date-time" && text.size() > 19 && text[10] == 'T') {
        text = text.substr(0, 19);
        text[10] = ' ';
    }
    if (shape.kind == Shape::Kind::list) std::ranges::replace(text, '|', ' ');
    return text;
}

bool is_figure(const std::string& text) {
    auto digits = text.starts_with('-') ? text.substr(1) : text;
    return !digits.empty() && digits.find_first_not_of("0123456789.") == digits.npos;
}

std::string csv_cell(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == text.npos) return text;
    std::string quoted = "\"";
    for (char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + "\"";
}

// The cells of a table, and what it takes to print them.
struct Grid {
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> cells;  // of each column
    std::vector<std::size_t> widths;
    std::vector<bool> figures;

    Grid(std::vector<Column> chosen, const std::vector<Tree>& rows) : columns(std::move(chosen)) {
        for (const auto& column : columns) {
            auto& texts = cells.emplace_back();
            auto width = client::columns(column.label());
            bool all_figures = !column.path.back().ends_with("_number");
            for (const auto& row : rows) {
                texts.push_back(shown(row.at(column.path), column.shape));
                width = std::max(width, client::columns(texts.back()));
                all_figures = all_figures && (texts.back().empty() || is_figure(texts.back()));
            }
            widths.push_back(width);
            figures.push_back(all_figures);
        }
    }

    std::size_t width() const {
        std::size_t sum = 0;
        for (auto each : widths) sum += each + gap;
        return sum < gap ? 0 : sum - gap;
    }

    void drop(std::size_t index) {
        auto at = static_cast<std::ptrdiff_t>(index);
        columns.erase(columns.begin() + at);
        cells.erase(cells.begin() + at);
        widths.erase(widths.begin() + at);
        figures.erase(figures.begin() + at);
    }

    // Without the columns that say nothing, and no wider than this.
    void fit(std::size_t room, bool keep_all) {
        for (auto i = columns.size(); i-- > 0 && !keep_all;) {
            bool silent = std::ranges::all_of(cells[i], &std::string::empty);
            if (silent && columns.size() > 1) drop(i);
        }
        while (!keep_all && columns.size() > most_columns) drop(least());
        while (!keep_all && room > 0 && width() > room && columns.size() > 2) {
            if (shrink(room)) break;
            drop(least());
        }
        if (room > 0 && width() > room) shrink(room);
    }

  private:
    std::size_t least() const {
        auto found = std::ranges::min_element(columns, {}, &Column::rank);
        return static_cast<std::size_t>(found - columns.begin());
    }

    // Cuts the widest text, when that is enough. Ids and figures are whole or not there.
    bool shrink(std::size_t room) {
        auto widest = columns.size();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            bool text = !figures[i] && columns[i].shape.format.empty();
            if (text && (widest == columns.size() || widths[i] > widths[widest])) widest = i;
        }
        if (widest == columns.size()) return false;
        auto over = width() - room;
        if (widths[widest] < over + least_text) return false;
        widths[widest] -= over;
        return true;
    }
};

std::string grid_text(const Grid& grid, std::size_t rows, std::size_t indent,
                      const Terminal& terminal) {
    std::string out;
    auto cell = [&](std::size_t i, const std::string& text, Ink ink, bool last) {
        auto cut = fitted(text, grid.widths[i]);
        std::string blank(grid.widths[i] - columns(cut), ' ');
        auto inked = terminal.in(ink, cut);
        if (grid.figures[i]) return blank + inked + (last ? "" : std::string(gap, ' '));
        return inked + (last ? "" : blank + std::string(gap, ' '));
    };
    for (std::size_t row = 0; row <= rows; ++row) {
        out.append(indent, ' ');
        for (std::size_t i = 0; i < grid.columns.size(); ++i) {
            bool last = i + 1 == grid.columns.size();
            const auto& column = grid.columns[i];
            if (row == 0) {
                auto label = column.label();
                std::ranges::transform(label, label.begin(),
                                       [](unsigned char c) { return std::toupper(c); });
                out += cell(i, label, Ink::bold, last);
            } else {
                const auto& text = grid.cells[i][row - 1];
                out += cell(i, text, ink_of(column.path.back(), text), last);
            }
        }
        while (out.ends_with(' ')) out.pop_back();
        out += "\n";
    }
    return out;
}

void add_columns(std::vector<Column>& to, const Shape& shape, std::vector<std::string> path) {
    for (const auto& member : shape.members) {
        auto inner = path;
        inner.push_back(member.name);
        if (member.kind == Shape::Kind::object && inner.size() < 4) {
            add_columns(to, member, inner);
        } else {
            to.push_back({inner, member});
        }
    }
}

// Of what has come, where no schema tells it.
Shape shape_from(const Tree& tree) {
    Shape shape;
    if (tree.is(Tree::Kind::object)) {
        shape.kind = Shape::Kind::object;
        for (const auto& [name, value] : tree.members) {
            shape.members.push_back(shape_from(value));
            shape.members.back().name = name;
        }
    } else if (tree.is(Tree::Kind::array)) {
        shape.kind = Shape::Kind::list;
        shape.element.push_back(tree.elements.empty() ? Shape() : shape_from(tree.elements[0]));
    } else {
        shape.kind = Shape::Kind::text;
    }
    return shape;
}

std::vector<std::string> divided(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin < text.size();) {
        auto end = std::min(text.find(',', begin), text.size());
        if (end > begin) parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

std::vector<std::string> path_of(const std::string& field) {
    std::vector<std::string> path(1);
    for (char c : field) {
        if (c == '.') {
            path.emplace_back();
        } else {
            path.back() += c == '-' ? '_' : c;
        }
    }
    return path;
}

}  // namespace

std::string Column::label() const { return joined(path, "."); }

std::vector<Column> columns_of(const Shape& shape) {
    std::vector<Column> columns;
    add_columns(columns, shape, {});
    return columns;
}

Format format_of(const Given& given) {
    if (given.has("json")) return Format::raw;
    auto word = given.text("output");
    if (word == "json") return Format::json;
    if (word == "jsonl") return Format::jsonl;
    return word == "csv" ? Format::csv : Format::table;
}

Printer::Printer(const Given& given, const Terminal& terminal, Shape answer, bool numbered)
    : terminal_(terminal),
      format_(format_of(given)),
      answer_(std::move(answer)),
      numbered_(numbered),
      fields_(divided(given.text("fields"))) {
    const auto* data = answer_.member("data");
    bool page = data != nullptr && data->kind == Shape::Kind::list &&
                data->element.front().kind == Shape::Kind::object;
    if (page) rows_ = &data->element.front();
}

void Printer::print(const std::string& body) {
    if (body.empty()) return;
    if (format_ == Format::raw && fields_.empty()) return write_all(body + "\n");
    auto tree = Tree::parse(body);
    if (rows_ == nullptr) {
        if (format_ == Format::table) return print_object(tree);
        if (format_ == Format::csv) {
            if (answer_.members.empty()) answer_ = shape_from(tree);
            rows_ = &answer_;
            return print_csv({tree}, true);
        }
        auto shown = trimmed(tree);
        return write_all((format_ == Format::json ? shown.indented() : shown.json()) + "\n");
    }
    if (format_ == Format::raw || format_ == Format::json) {
        auto shown = tree;
        for (auto& row : shown.member("data").elements) row = trimmed(row);
        return write_all((format_ == Format::json ? shown.indented() : shown.json()) + "\n");
    }
    print_rows(tree["data"].elements, true);
    if (format_ != Format::table) return;
    for (const auto& [name, value] : tree.members) {
        bool plain = value.scalar() && !value.empty() && name != "next_cursor";
        if (plain) write_all(name + ": " + value.word + "\n");
    }
}

void Printer::print_rows(const std::vector<Tree>& rows, bool first) {
    if (format_ == Format::csv) return print_csv(rows, first);
    if (format_ == Format::table) {
        if (rows.empty() && first) {
            std::cerr << terminal_.note(Ink::dim, "There are none.") << "\n";
        } else if (!rows.empty()) {
            print_table(rows, columns_of(*rows_), 0);
        }
        return;
    }
    std::string out;
    for (const auto& row : rows) out += trimmed(row).json() + "\n";
    write_all(out);
}

std::vector<Column> Printer::wanted(const std::vector<Column>& all) const {
    std::vector<Column> chosen;
    for (const auto& field : fields_) {
        auto path = path_of(field);
        auto found = std::ranges::find(all, path, &Column::path);
        if (found != all.end()) {
            chosen.push_back(*found);
            continue;
        }
        for (const auto& column : all) {  // an object's name stands for its members
            if (column.path.front() == path.front() && path.size() == 1) chosen.push_back(column);
        }
    }
    if (!fields_.empty() && chosen.empty()) {
        std::vector<std::string> known;
        for (const auto& column : all) known.push_back(column.label());
        throw Failure(exits::usage, "--fields: there is no " + fields_.front() +
                                        suggestion(fields_.front(), known));
    }
    return chosen;
}

Tree Printer::trimmed(const Tree& tree) const {
    if (fields_.empty() || !tree.is(Tree::Kind::object)) return tree;
    auto out = Tree::object();
    for (const auto& field : fields_) {
        auto path = path_of(field);
        if (const auto& value = tree.at(path); value.exists()) out.member(path) = value;
    }
    return out;
}

void Printer::print_table(const std::vector<Tree>& rows, const std::vector<Column>& candidates,
                          std::size_t indent) {
    std::vector<Column> columns = indent == 0 ? wanted(candidates) : std::vector<Column>();
    bool chosen = !columns.empty();
    if (!chosen) {
        for (auto column : candidates) {
            column.rank = rank_of(column, numbered_ && indent == 0);
            if (column.rank >= worth_showing) columns.push_back(column);
        }
    }
    if (columns.empty()) columns = candidates;
    Grid grid(columns, rows);
    grid.fit(terminal_.width() > indent ? terminal_.width() - indent : 0, chosen);
    write_all(grid_text(grid, rows.size(), indent, terminal_));
}

// Scalars first, then what there are several of.
void Printer::print_object(const Tree& tree) {
    if (!tree.is(Tree::Kind::object)) return write_all(tree.json() + "\n");
    auto shape = answer_.members.empty() ? shape_from(tree) : answer_;
    auto all = columns_of(shape);
    auto columns = wanted(all);
    if (columns.empty()) columns = all;
    std::size_t width = 0;
    auto is_table = [&](const Column& column) {
        const auto& value = tree.at(column.path);
        return value.is(Tree::Kind::array) && !value.elements.empty() &&
               value.elements[0].is(Tree::Kind::object);
    };
    for (const auto& column : columns) {
        bool silent = tree.at(column.path).empty() && fields_.empty();
        if (!silent && !is_table(column)) width = std::max(width, client::columns(column.label()));
    }
    std::string out;
    for (const auto& column : columns) {
        const auto& value = tree.at(column.path);
        if ((value.empty() && fields_.empty()) || is_table(column)) continue;
        auto text = shown(value, column.shape);
        auto label = column.label();
        out +=
            terminal_.in(Ink::dim, label) + std::string(width - client::columns(label) + gap, ' ');
        out += terminal_.in(ink_of(column.path.back(), text), text) + "\n";
    }
    write_all(out);
    for (const auto& column : columns) {
        if (!is_table(column)) continue;
        write_all(terminal_.in(Ink::dim, column.label()) + "\n");
        const auto& value = tree.at(column.path);
        bool known = !column.shape.element.empty() && !column.shape.element[0].members.empty();
        auto element = known ? column.shape.element[0] : shape_from(value.elements[0]);
        print_table(value.elements, columns_of(element), gap);
    }
}

void Printer::print_csv(const std::vector<Tree>& rows, bool header) {
    auto all = columns_of(*rows_);
    auto columns = wanted(all);
    if (columns.empty()) columns = all;
    std::string out;
    auto end_cell = [&](std::size_t i) { out += i + 1 == columns.size() ? "\r\n" : ","; };
    for (std::size_t i = 0; header && i < columns.size(); ++i) {
        out += csv_cell(columns[i].label());
        end_cell(i);
    }
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const auto& value = row.at(columns[i].path);
            bool words =
                value.is(Tree::Kind::array) && std::ranges::all_of(value.elements, &Tree::scalar);
            auto text = value.empty()             ? std::string()
                        : value.scalar() || words ? text_of(value)
                                                  : value.json();
            out += csv_cell(text);
            end_cell(i);
        }
    }
    write_all(out);
}

void write_all(std::string_view text) {
    std::cout << std::flush;
    while (!text.empty()) {
        auto written = write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw Failure(exits::refused, "");  // `| head` has seen enough
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace stateset::cli::client
