#pragma once
// Counts failures per name (an account, an address) over the last minute. Only failures count, so
// that nobody is kept out by logging in often. Memory is bounded: when too many names are held,
// those whose minute is over go, and then any.
//
// Where several instances share their failures, the count of all is asked too. The own count always
// goes on, so that it holds when the shared one is lost: N instances then admit N times as many.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>

#include "platform/core/shared_failures.hpp"

namespace stateset::identity {

class Throttle {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t most = 10;
    static constexpr std::chrono::seconds window{60};
    static constexpr std::size_t most_names = 20'000;

    // Counts together with others from now on; null: no more. It outlives its use here.
    void share(SharedFailures* with) { shared_ = with; }

    // Seconds until this name may try again; 0 when it may now. Asks those who share, which may
    // take 20 ms.
    int wait_s(const std::string& name, Clock::time_point now = Clock::now()) {
        auto own = own_wait_s(name, now);
        auto* shared = shared_.load();
        return own > 0 || !shared ? own : shared->wait_s(name);
    }

    void failed(const std::string& name, Clock::time_point now = Clock::now()) {
        count(name, now);
        if (auto* shared = shared_.load()) shared->failed(name);
    }

    std::size_t names() const {
        std::scoped_lock lock(mutex_);
        return failures_.size();
    }

  private:
    struct Ring {
        std::array<Clock::time_point, most> at{};
        std::size_t next = 0;
        Clock::time_point last{};
    };

    int own_wait_s(const std::string& name, Clock::time_point now) const {
        std::scoped_lock lock(mutex_);
        auto found = failures_.find(name);
        if (found == failures_.end()) return 0;
        auto oldest = found->second.at[found->second.next];  // the tenth last
        if (oldest == Clock::time_point{} || now - oldest >= window) return 0;
        auto left = std::chrono::ceil<std::chrono::seconds>(oldest + window - now);
        return static_cast<int>(left.count());
    }

    void count(const std::string& name, Clock::time_point now) {
        std::scoped_lock lock(mutex_);
        if (failures_.size() >= most_names) make_room(now);
        auto& ring = failures_[name];
        ring.at[ring.next] = now;
        ring.next = (ring.next + 1) % most;
        ring.last = now;
    }

    void make_room(Clock::time_point now) {
        std::erase_if(failures_, [&](const auto& one) { return now - one.second.last >= window; });
        while (failures_.size() >= most_names) failures_.erase(failures_.begin());
    }

    mutable std::mutex mutex_;
    std::unordered_map<std::string, Ring> failures_;
    std::atomic<SharedFailures*> shared_ = nullptr;
};

}  // namespace stateset::identity
