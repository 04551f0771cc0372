#pragma once
// Asks for several unlike things at once, so that a command misses once for all of them:
//
//     gather(tx, [&] { tx.all<Line>(order.id); }, [&] { tx.all<Payment>(order.id); });
//
// Then it reads them as usual. While anything is missing, what an ask throws does not count.

#include <array>
#include <functional>

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

}  // namespace stateset
