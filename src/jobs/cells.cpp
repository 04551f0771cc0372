#include "jobs/cells.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "jobs/csv.hpp"
#include "platform/json/tape.hpp"
#include "platform/json/writer.hpp"

namespace stateset::jobs {
namespace {

constexpr char between_words = '|';

bool is_json(std::string_view text) {
    try {
        json::parse(text);
        return true;
    } catch (const Refusal&) {
        return false;
    }
}

// What is no JSON of the right sort goes on as text: the decoder says what it should have been.
std::string json_of(std::string_view cell, Cell kind) {
    bool as_it_is = false;
    switch (kind) {
        case Cell::truth: as_it_is = cell == "true" || cell == "false"; break;
        case Cell::number:
            as_it_is = cell.find_first_not_of("-0123456789") == cell.npos && is_json(cell);
            break;
        case Cell::words: {
            if (cell.starts_with('[') && is_json(cell)) return std::string(cell);
            std::vector<std::string> words;
            for (std::size_t begin = 0; begin <= cell.size();) {
                auto end = std::min(cell.find(between_words, begin), cell.size());
                words.emplace_back(cell.substr(begin, end - begin));
                begin = end + 1;
            }
            return json::to_text(words);
        }
        case Cell::map: as_it_is = cell.starts_with('{') && is_json(cell); break;
        case Cell::json: as_it_is = cell.starts_with('[') && is_json(cell); break;
        case Cell::text: break;
    }
    return as_it_is ? std::string(cell) : json::to_text(std::string(cell));
}

using Members = std::map<std::string, std::string>;

std::string object_text(const Members& members) {
    std::string text = "{";
    for (const auto& [name, value] : members) {
        if (text.size() > 1) text += ',';
        text += json::to_text(name) + ":" + value;
    }
    return text + "}";
}

std::string words_cell(const json::Node& list) {
    std::string cell;
    for (auto word = list.first(); word; word = word.next()) {
        bool plain = word.kind() == json::Kind::string && !word.text().empty() &&
                     word.text().find(between_words) == word.text().npos &&
                     !word.text().starts_with('[');
        if (!plain) {
            cell.clear();
            json::write(cell, list);
            return cell;
        }
        if (!cell.empty()) cell += between_words;
        cell += word.text();
    }
    return cell;
}

json::Node member_of(const json::Node& object, std::string_view name) {
    for (auto member = object.first(); member; member = member.next()) {
        if (member.key() == name) return member;
    }
    return {};
}

std::string cell_of(json::Node node, const CellColumn& column) {
    std::string_view path = column.name;
    while (node && !path.empty()) {
        if (node.kind() != json::Kind::object) return {};
        auto dot = std::min(path.find('.'), path.size());
        node = member_of(node, path.substr(0, dot));
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    if (!node || node.kind() == json::Kind::null) return {};
    bool many = node.kind() == json::Kind::object || node.kind() == json::Kind::array;
    if (many && node.size() == 0) return {};
    if (column.kind == Cell::words) return words_cell(node);
    if (!many) return std::string(node.text());
    std::string cell;
    json::write(cell, node);
    return cell;
}

}  // namespace

const CellColumn* column_named(std::string_view header, const CellColumns& known) {
    for (const auto& column : known) {
        bool key_of_map = column.kind == Cell::map && header.size() > column.name.size() + 1 &&
                          header.starts_with(column.name + ".");
        if (column.name == header || key_of_map) return &column;
    }
    return nullptr;
}

std::string wrong_with(const std::vector<std::string>& header, const CellColumns& known,
                       bool ignore_unknown) {
    std::set<std::string> seen;
    std::vector<std::string_view> names;
    for (const auto& column : known) names.push_back(column.name);
    for (const auto& name : header) {
        if (!seen.insert(name).second) return "the column `" + name + "` is there twice";
        if (ignore_unknown || column_named(name, known)) continue;
        auto near = json::nearest(name, names);
        return "the column `" + name + "` is unknown" +
               (near.empty() ? std::string() : "; is it `" + std::string(near) + "`?");
    }
    return {};
}

std::string object_of(const std::vector<std::string>& header, const std::vector<std::string>& cells,
                      const CellColumns& known) {
    Members members;
    std::map<std::string, Members> nested;
    for (std::size_t i = 0; i < header.size(); ++i) {
        auto* column = column_named(header[i], known);
        auto cell = as_written(cells[i]);
        if (!column || cell.empty()) continue;
        auto dot = header[i].find('.');
        bool key_of_map = column->name != header[i];
        auto value = json_of(cell, key_of_map ? Cell::text : column->kind);
        if (dot == std::string::npos) {
            members[header[i]] = std::move(value);
        } else {
            nested[header[i].substr(0, dot)][header[i].substr(dot + 1)] = std::move(value);
        }
    }
    for (const auto& [name, inner] : nested) members.emplace(name, object_text(inner));
    return object_text(members);
}

std::vector<std::string> cells_of(std::string_view object, const CellColumns& columns) {
    auto tape = json::parse(object);
    std::vector<std::string> cells;
    for (const auto& column : columns) cells.push_back(cell_of(tape.root(), column));
    return cells;
}

std::string header_at(std::string_view pointer, const std::vector<std::string>& header) {
    std::string path(pointer.substr(std::min<std::size_t>(1, pointer.size())));
    std::ranges::replace(path, '/', '.');
    for (;;) {
        if (std::ranges::find(header, path) != header.end()) return path;
        auto dot = path.rfind('.');
        if (dot == std::string::npos) return {};
        path.resize(dot);
    }
}

}  // namespace stateset::jobs
