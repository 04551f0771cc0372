#pragma once
// Doing things at once, and waiting for things that happen by themselves.

#include <chrono>
#include <exception>
#include <latch>
#include <thread>
#include <type_traits>
#include <vector>

namespace stateset::support {

// Runs f(0) … f(n - 1), each on a thread of its own, all let go at the same moment. Returns what
// they returned, in that order. What one throws is thrown here when all have ended.
template <class F>
auto parallel(int n, F f) {
    using R = std::invoke_result_t<F, int>;
    using Slot = std::conditional_t<std::is_void_v<R>, char, R>;
    std::vector<Slot> results(static_cast<std::size_t>(n));
    std::vector<std::exception_ptr> failures(static_cast<std::size_t>(n));
    std::latch start(n);
    std::vector<std::thread> threads;
    for (int i = 0; i < n; ++i) {
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            auto at = static_cast<std::size_t>(i);
            try {
                if constexpr (std::is_void_v<R>) {
                    f(i);
                } else {
                    results[at] = f(i);
                }
            } catch (...) {
                failures[at] = std::current_exception();
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (auto& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
    if constexpr (!std::is_void_v<R>) return results;
}

// Asks until the condition holds; false when the deadline came first.
template <class Condition>
bool eventually(std::chrono::milliseconds deadline, Condition condition) {
    constexpr std::chrono::milliseconds pace{10};
    auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(pace);
    }
    return true;
}

}  // namespace stateset::support
