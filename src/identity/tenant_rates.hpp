#pragma once
// How often all callers of one tenant together may ask, where its account sets a limit. It stands
// before the limits of callers and addresses, which go on as they were. A limit that changes counts
// as soon as the gate has heard of it; the bucket begins anew then.

#include <mutex>
#include <unordered_map>

#include "identity/gate.hpp"
#include "platform/http/buckets.hpp"

namespace stateset::identity {

class TenantRates final : public http::Limiter {
  public:
    // All outlive it. With a link to Redis a tenant's bucket is that of all instances.
    TenantRates(const Gate& gate, http::Limiter& others, redis::Link* shared)
        : gate_(gate), others_(others), shared_(shared) {}

    int address(const std::string& peer) override { return others_.address(peer); }
    int caller(const Actor&, const http::Endpoint&, http::Response* headers) override;

  private:
    struct Limited {
        std::int64_t per_second = 0;
        std::shared_ptr<http::Buckets> bucket;
    };
    std::shared_ptr<http::Buckets> bucket_of(Tenant, std::int64_t per_second);

    const Gate& gate_;
    http::Limiter& others_;
    redis::Link* shared_;
    std::mutex mutex_;
    std::unordered_map<Tenant, Limited> limited_;
};

}  // namespace stateset::identity
