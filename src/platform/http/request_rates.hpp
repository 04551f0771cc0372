#pragma once
// How often a caller may ask. One bucket per user or key, and one per address for whoever has not
// said yet who they are; what an unverified header says never chooses the bucket. With a link to
// Redis the buckets are those of all instances (`Buckets` says how exactly); no request waits for
// it.

#include <string>

#include "platform/http/buckets.hpp"
#include "platform/http/edge.hpp"

namespace stateset::http {

class RequestRates final : public Limiter {
  public:
    struct Options {
        Rate caller{.per_second = 2'000, .burst = 4'000};
        Rate address{.per_second = 5'000, .burst = 5'000};
        std::size_t most_buckets = 50'000;  // of each kind, about 200 bytes each
    };
    explicit RequestRates(Options);
    RequestRates(Options, redis::Link& shared);  // the link outlives it

    int address(const std::string& peer) override;
    int caller(const Actor&, const Endpoint&, Response* headers) override;

  private:
    Buckets callers_, addresses_;
};

// The part of an address that one subscriber holds: all of an IPv4 address, the /64 of an IPv6 one.
std::string subscriber(const std::string& peer);

}  // namespace stateset::http
