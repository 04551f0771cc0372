#pragma once
// Who is connected, over all loops: the limits on connections hold for the server, not for one
// core.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

#include "platform/http/message.hpp"

namespace stateset::http {

class Census {
  public:
    enum class Admission { admitted, server_full, address_full };

    explicit Census(const Limits& limits) : limits_(limits) {}

    // `origin` is an address, or an IPv6 /64. Every admitted one leaves exactly once.
    Admission enter(const std::string& origin) {
        std::lock_guard lock(mutex_);
        if (connections_ >= limits_.connections) return Admission::server_full;
        auto& from_there = by_origin_[origin];
        if (from_there >= limits_.connections_per_address) return Admission::address_full;
        ++from_there;
        ++connections_;
        return Admission::admitted;
    }

    void leave(const std::string& origin) {
        std::lock_guard lock(mutex_);
        const auto there = by_origin_.find(origin);
        if (--there->second == 0) by_origin_.erase(there);
        if (--connections_ == 0) empty_.notify_all();
    }

    std::size_t connections() const {
        std::lock_guard lock(mutex_);
        return connections_;
    }

    void wait_until_empty(std::chrono::milliseconds at_most) {
        std::unique_lock lock(mutex_);
        empty_.wait_for(lock, at_most, [&] { return connections_ == 0; });
    }

  private:
    const Limits limits_;
    mutable std::mutex mutex_;
    std::condition_variable empty_;
    std::unordered_map<std::string, std::size_t> by_origin_;
    std::size_t connections_ = 0;
};

}  // namespace stateset::http
