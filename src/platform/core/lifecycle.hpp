#pragma once
// A noun's lifecycle is a table of every legal move; what is not in it is refused with
// `illegal_transition`.
//
//     constexpr Move<Status, Action> lifecycle[] = {{Status::pending, Action::cancel,
//     Status::cancelled}, …}; order.status = next(lifecycle, order.status, Action::cancel);

#include <optional>
#include <string>

#include "platform/core/reflect.hpp"
#include "platform/core/refusal.hpp"

namespace stateset {

template <class Status, class Action>
struct Move {
    Status from;
    Action action;
    Status to;
};

template <class Status, class Action, std::size_t N>
constexpr std::optional<Status> move(const Move<Status, Action> (&table)[N], Status from,
                                     Action action) {
    for (const auto& row : table) {
        if (row.from == from && row.action == action) return row.to;
    }
    return std::nullopt;
}

template <class Status, class Action, std::size_t N>
Status next(const Move<Status, Action> (&table)[N], Status from, Action action) {
    if (auto to = move(table, from, action)) return *to;
    throw Refusal(codes::illegal_transition, "`" + std::string(reflect::name(action)) +
                                                 "` is not possible while the status is `" +
                                                 std::string(reflect::name(from)) + "`.");
}

}  // namespace stateset
