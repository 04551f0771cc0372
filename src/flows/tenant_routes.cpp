#include "flows/found_tenant.hpp"
#include "platform/http/api.hpp"

namespace stateset::flows {

void tenant_routes(Api& api) {
    using namespace identity;
    auto tenants = api.group("/tenants", "Tenants");
    tenants.get("", accounts,
                {.summary = "List tenants",
                 .needs = "identity:manage",
                 .detail = "Tenants are administered by users and keys of the first tenant.",
                 .refuses = {&first_tenant_only}});
    tenants.post(
        "", before(hash_tenant, flows::create_tenant),
        {.summary = "Found a tenant with its first administrator",
         .needs = "identity:manage",
         .refuses = {&first_tenant_only, &codes::already_exists, &exceeds_own_permissions}});
    tenants.get("/{id}", account, {.summary = "Read a tenant", .needs = "identity:manage"});
    tenants.patch("/{id}", change_limits,
                  {.summary = "Change a tenant's limits",
                   .needs = "identity:manage",
                   .detail = "A limit that is not named is none. One below what the tenant has "
                             "takes nothing away."});
    tenants.post("/{id}/suspend", suspend,
                 {.summary = "Suspend a tenant",
                  .needs = "identity:manage",
                  .detail = "From now on its users cannot sign in, and all its credentials are "
                            "refused with tenant_suspended, at other instances within a second. "
                            "What it has begun goes on.",
                  .refuses = {&own_tenant, &codes::illegal_transition}});
    tenants.post("/{id}/resume", resume,
                 {.summary = "Let a suspended tenant go on",
                  .needs = "identity:manage",
                  .refuses = {&codes::illegal_transition}});
    api.describe({
        {"tenant_number", {"What the command line calls the tenant.", "2"}},
        {"suspended_at", {"Since when the tenant is suspended; null if it is not.", ""}},
        {"limits", {"How much the tenant may have; null: no limit.", ""}},
        {"requests_per_second", {"Requests of all its callers together.", "500"}},
        {"users", {"How many users it may have.", "50"}},
        {"api_keys", {"How many API keys it may have that are not revoked.", "20"}},
        {"webhook_endpoints", {"How many webhook endpoints it may have.", "10"}},
        {"administrator", {"Its first user, with the role admin.", ""}},
    });
}

}  // namespace stateset::flows
