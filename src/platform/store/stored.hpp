#pragma once
// How an entity becomes a row, comes back and is shown by its events. It is compiled once, where a
// slice says so in its tables.cpp; whoever uses the entity only links it. That spares each
// command's file a third of its time in the compiler.
//
//     template struct stateset::store::Stored<stateset::orders::Order>;

#include "platform/json/writer.hpp"
#include "platform/store/tx.hpp"

namespace stateset::store {

template <class T>
std::unique_ptr<Content> ContentOf<T>::clone() const {
    return std::make_unique<ContentOf>(value);
}

template <class T>
Row ContentOf<T>::row() const {
    return to_row(value);
}

template <class T>
void ContentOf<T>::touch(Time now) {
    if constexpr (requires { value.version; }) ++value.version;
    if constexpr (requires { value.updated_at; }) value.updated_at = now;
}

template <class T>
std::int64_t ContentOf<T>::version() const {
    if constexpr (requires { value.version; }) return value.version;
    return 0;
}

template <class T>
const TableInfo& Stored<T>::info() {
    static const TableInfo described = [] {
        static_assert(reflect::field_names<T>[0] == "id", "an entity's first member is its id");
        TableInfo table{.name = Table<T>::name, .noun = Table<T>::noun};
        reflect::for_each_field_type<T>([&]<class M>(std::string_view name) {
            table.columns.push_back({name, Field<std::remove_cv_t<M>>::kind});
        });
        table.unique = detail::all_keys<T>(typename Table<T>::unique{});
        using Parent = typename Table<T>::parent;
        if constexpr (!std::is_void_v<Parent>) {
            table.parent = column_of<T, Parent::member>();
            table.parent_table = Parent::table;
            table.rank = Parent::rank;
        }
        table.load = [](Row& row) { return content(from_row<T>(row)); };
        return table;
    }();
    return described;
}

template <class T>
std::unique_ptr<Content> Stored<T>::content(T entity) {
    return std::make_unique<ContentOf<T>>(std::move(entity));
}

template <class T>
std::string Stored<T>::shown([[maybe_unused]] Tx& tx, [[maybe_unused]] const T& entity) {
    if constexpr (requires { view(tx, entity); }) {
        return json::to_text(view(tx, entity));
    } else if constexpr (requires { entity.event_sequence; }) {
        return json::to_text(entity);
    } else {
        return {};  // it has no events
    }
}

}  // namespace stateset::store
