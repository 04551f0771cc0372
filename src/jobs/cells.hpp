#pragma once
// A line of CSV and the JSON object that says the same. The columns follow from the struct: a
// member that is an object gives a column for each of its members (`shipping_address.city`), a
// map is JSON in one cell or a column for each key (`metadata.colour`), words are divided by `|`,
// and lists of objects are JSON in a cell. An empty cell is a member that is not there.

#include <string>
#include <string_view>
#include <vector>

#include "platform/core/input.hpp"
#include "platform/core/reflect.hpp"
#include "platform/json/decode.hpp"

namespace stateset::jobs {

enum class Cell { text, number, truth, words, map, json };

struct CellColumn {
    std::string name;
    Cell kind = Cell::text;
};
using CellColumns = std::vector<CellColumn>;

namespace detail {

template <class M>
void add_columns(CellColumns& columns, const std::string& name);

template <class T>
void add_members(CellColumns& columns, const std::string& prefix) {
    reflect::for_each_field_type<T>([&]<class M>(std::string_view name) {
        if constexpr (json::is_a<M, Flat>) {
            add_members<decltype(M::value)>(columns, prefix);
        } else if constexpr (!json::is_a<M, Secret>) {
            add_columns<M>(columns, prefix + std::string(name));
        }
    });
}

template <class M>
void add_columns(CellColumns& columns, const std::string& name) {
    if constexpr (json::is_a<M, std::optional>) {
        add_columns<typename M::value_type>(columns, name);
    } else if constexpr (json::Scalar<M>) {
        constexpr auto kinds = json::detail::accepted<M>();
        columns.push_back({name, kinds == json::detail::boolean  ? Cell::truth
                                 : kinds == json::detail::number ? Cell::number
                                                                 : Cell::text});
    } else if constexpr (json::is_map<M>) {
        columns.push_back({name, Cell::map});
    } else if constexpr (json::is_list<M>) {
        add_columns<decltype(M::value)>(columns, name);
    } else if constexpr (json::is_a<M, std::vector>) {
        columns.push_back({name, json::Scalar<typename M::value_type> ? Cell::words : Cell::json});
    } else {
        add_members<M>(columns, name + ".");
    }
}

}  // namespace detail

template <class T>
CellColumns columns_of() {
    CellColumns columns;
    detail::add_members<T>(columns, "");
    return columns;
}

// The column that a header names: one of `known`, or a key of one of its maps. Null: none.
const CellColumn* column_named(std::string_view header, const CellColumns& known);

// Why a header cannot be used, or "".
std::string wrong_with(const std::vector<std::string>& header, const CellColumns& known,
                       bool ignore_unknown);

// The object that the cells under this header say. Both have the same size.
std::string object_of(const std::vector<std::string>& header, const std::vector<std::string>& cells,
                      const CellColumns& known);

// The cells of an object, one for each column.
std::vector<std::string> cells_of(std::string_view object, const CellColumns& columns);

// The header whose column a JSON pointer is about; "" when there is none.
std::string header_at(std::string_view pointer, const std::vector<std::string>& header);

}  // namespace stateset::jobs
