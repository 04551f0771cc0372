#include "identity/tenant_rates.hpp"

#include <algorithm>
#include <chrono>

namespace stateset::identity {
namespace {

// One name is kept in each; buckets that think they are full forget.
constexpr std::size_t room = 1'000;

}  // namespace

int TenantRates::caller(const Actor& actor, const http::Endpoint& endpoint,
                        http::Response* headers) {
    if (auto rate = gate_.requests_per_second(actor.tenant)) {
        auto verdict = bucket_of(actor.tenant, *rate)->take(std::to_string(actor.tenant));
        auto wait = std::chrono::ceil<std::chrono::seconds>(verdict.wait).count();
        if (!verdict.passes) return std::max(1, static_cast<int>(wait));
    }
    return others_.caller(actor, endpoint, headers);
}

std::shared_ptr<http::Buckets> TenantRates::bucket_of(Tenant tenant, std::int64_t per_second) {
    std::scoped_lock lock(mutex_);
    auto& limited = limited_[tenant];
    if (!limited.bucket || limited.per_second != per_second) {
        http::Rate rate{.per_second = per_second, .burst = per_second};
        limited = {per_second,
                   std::make_shared<http::Buckets>(
                       rate, room, http::Buckets::Sharing{.link = shared_, .kind = "tenant"})};
    }
    return limited.bucket;
}

}  // namespace stateset::identity
