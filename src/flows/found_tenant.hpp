#pragma once
// Founding a tenant: the tenant with its built-in roles, and what every slice puts into a new one.

#include "identity/identity.hpp"

namespace stateset::flows {

// Runs in tenant 0.
identity::Organization found_tenant(Tx&, const identity::NewOrganization&);

}  // namespace stateset::flows
