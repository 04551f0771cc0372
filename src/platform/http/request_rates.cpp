#include "platform/http/request_rates.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <functional>

namespace stateset::http {
namespace {

int seconds_up(std::chrono::nanoseconds time) {
    return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

}  // namespace

Buckets::Verdict Buckets::take(std::string_view name, Clock::time_point now) {
    const std::chrono::nanoseconds one{1'000'000'000 / rate_.per_second};
    const auto capacity = one * rate_.burst;
    auto& shelf = shelves_[std::hash<std::string_view>{}(name) % shelves];
    std::scoped_lock lock(shelf.mutex);
    if (shelf.full_at.size() >= most_in_shelf_) make_room(shelf, now);
    auto& full_at = shelf.full_at[std::string(name)];
    auto filled = std::max(full_at, now) + one;
    auto debt = filled - now;
    if (debt > capacity) {
        return {.wait = debt - capacity, .until_full = full_at - now};
    }
    full_at = filled;
    return {.passes = true, .remaining = (capacity - debt) / one, .until_full = debt};
}

std::size_t Buckets::held() const {
    std::size_t all = 0;
    for (const auto& shelf : shelves_) {
        std::scoped_lock lock(shelf.mutex);
        all += shelf.full_at.size();
    }
    return all;
}

// Full ones go; when all are in use, a quarter of them, so that the search is not for each request.
void Buckets::make_room(Shelf& shelf, Clock::time_point now) const {
    std::erase_if(shelf.full_at, [&](const auto& bucket) { return bucket.second <= now; });
    if (shelf.full_at.size() < most_in_shelf_) return;
    for (auto left = most_in_shelf_ / 4 + 1; left > 0 && !shelf.full_at.empty(); --left) {
        shelf.full_at.erase(shelf.full_at.begin());
    }
}

RequestRates::RequestRates(Options options)
    : callers_(options.caller, options.most_buckets),
      addresses_(options.address, options.most_buckets) {}

int RequestRates::address(const std::string& peer) {
    auto verdict = addresses_.take(subscriber(peer));
    return verdict.passes ? 0 : std::max(1, seconds_up(verdict.wait));
}

// The fields of draft-ietf-httpapi-ratelimit-headers: quota q in w seconds, r left, full in t.
int RequestRates::caller(const Actor& actor, const Endpoint&, Response* headers) {
    std::string_view name(reinterpret_cast<const char*>(&actor.id), sizeof actor.id);
    auto verdict = callers_.take(name);
    if (headers) {
        auto rate = callers_.rate();
        auto window = std::max<std::int64_t>(1, rate.burst / rate.per_second);
        headers->headers.push_back(
            {"RateLimit-Policy",
             "\"caller\";q=" + std::to_string(rate.burst) + ";w=" + std::to_string(window)});
        headers->headers.push_back(
            {"RateLimit", "\"caller\";r=" + std::to_string(verdict.remaining) +
                              ";t=" + std::to_string(seconds_up(verdict.until_full))});
    }
    return verdict.passes ? 0 : std::max(1, seconds_up(verdict.wait));
}

std::string subscriber(const std::string& peer) {
    in6_addr address{};
    if (inet_pton(AF_INET6, peer.c_str(), &address) != 1) return peer;
    return std::string(reinterpret_cast<const char*>(&address), 8);
}

}  // namespace stateset::http
