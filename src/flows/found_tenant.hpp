#pragma once
// Founding a tenant: the tenant with its built-in roles, its account, and what every slice puts
// into a new one; and the routes by which administrators of the first tenant see to all of them.

#include "identity/tenants.hpp"

namespace stateset::flows {

// Runs in tenant 0.
identity::Organization found_tenant(Tx&, const identity::NewOrganization&);

struct NewAdministrator {
    Email email;
    std::optional<Text<200>> name;
    identity::Password password;
};

struct NewTenant {
    Text<200> name;
    NewAdministrator administrator;
};

// The same with the password hashed, which takes too long for a command.
struct HashedTenant {
    NewTenant wanted;
    std::string password;
};
HashedTenant hash_tenant(const NewTenant&);

// A tenant with its first administrator. Refuses with first_tenant_only, already_exists (the name
// or the e-mail address) and exceeds_own_permissions: who founds it may do all an administrator
// may.
identity::Account create_tenant(Tx&, const Actor&, const HashedTenant&);

}  // namespace stateset::flows

namespace stateset {
class Api;
namespace flows {
void tenant_routes(Api&);
}
}  // namespace stateset
