#include "platform/http/request_rates.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace stateset::http {
namespace {

int seconds_up(std::chrono::nanoseconds time) {
    return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

}  // namespace

RequestRates::RequestRates(Options options)
    : callers_(options.caller, options.most_buckets),
      addresses_(options.address, options.most_buckets) {}

RequestRates::RequestRates(Options options, redis::Link& shared)
    : callers_(options.caller, options.most_buckets, {.link = &shared, .kind = "caller"}),
      addresses_(options.address, options.most_buckets, {.link = &shared, .kind = "address"}) {}

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
