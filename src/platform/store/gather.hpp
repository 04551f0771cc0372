#pragma once
// Asks for several unlike things at once, so that a command misses once for all of them:
//
//     gather(tx, [&] { tx.all<Line>(order.id); }, [&] { tx.all<Payment>(order.id); });
//
// Then it reads them as usual. While anything is missing, what an ask throws does not count.
// Queries do likewise: where a question costs a round trip, all are asked before any is answered.

#include <array>
#include <functional>

#include "platform/store/reads.hpp"
#include "platform/store/tx.hpp"

namespace stateset {

template <class... Ask>
void gather(Tx& tx, const Ask&... ask) {
    const std::array<std::function<void()>, sizeof...(Ask)> all{std::cref(ask)...};
    tx.each(all, [](const auto& one) {
        one();
        return true;
    });
}

// What `ask` returns of each element.
template <class Range, class F>
auto gather_each(Reads&, const Range& range, F&& ask) {
    std::vector<std::decay_t<decltype(ask(*std::begin(range)))>> result;
    bool missed = false;
    for (const auto& element : range) {
        try {
            result.push_back(ask(element));
        } catch (const store::Miss&) {
            missed = true;
        }
    }
    if (missed) throw store::Miss{};
    return result;
}

template <class... Ask>
void gather(Reads& reads, const Ask&... ask) {
    const std::array<std::function<void()>, sizeof...(Ask)> all{std::cref(ask)...};
    gather_each(reads, all, [](const auto& one) {
        one();
        return true;
    });
}

}  // namespace stateset
