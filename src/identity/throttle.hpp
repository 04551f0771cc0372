#pragma once
// Counts failures per name (an account, an address) over the last minute. Only failures count, so
// that nobody is kept out by logging in often. Memory is bounded: when too many names are held,
// those whose minute is over go, and then any.

#include <array>
#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>

namespace stateset::identity {

class Throttle {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t most = 10;
    static constexpr std::chrono::seconds window{60};
    static constexpr std::size_t most_names = 20'000;

    // Seconds until this name may try again; 0 when it may now.
    int wait_s(const std::string& name, Clock::time_point now = Clock::now()) {
        std::scoped_lock lock(mutex_);
        auto found = failures_.find(name);
        if (found == failures_.end()) return 0;
        auto oldest = found->second.at[found->second.next];  // the tenth last
        if (oldest == Clock::time_point{} || now - oldest >= window) return 0;
        auto left = std::chrono::ceil<std::chrono::seconds>(oldest + window - now);
        return static_cast<int>(left.count());
    }

    void failed(const std::string& name, Clock::time_point now = Clock::now()) {
        std::scoped_lock lock(mutex_);
        if (failures_.size() >= most_names) make_room(now);
        auto& ring = failures_[name];
        ring.at[ring.next] = now;
        ring.next = (ring.next + 1) % most;
        ring.last = now;
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
    void make_room(Clock::time_point now) {
        std::erase_if(failures_, [&](const auto& one) { return now - one.second.last >= window; });
        while (failures_.size() >= most_names) failures_.erase(failures_.begin());
    }

    mutable std::mutex mutex_;
    std::unordered_map<std::string, Ring> failures_;
};

}  // namespace stateset::identity
