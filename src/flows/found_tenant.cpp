#include "flows/found_tenant.hpp"

#include "identity/permissions.hpp"
#include "inventory/inventory.hpp"
#include "platform/auth/crypto.hpp"

namespace stateset::flows {
namespace {

// What each slice puts into a tenant that has nothing yet; runs inside the new tenant.
void furnish(Tx& tx) { inventory::create_main_location(tx); }

}  // namespace

identity::Organization found_tenant(Tx& tx, const identity::NewOrganization& wanted) {
    auto founded = identity::create_tenant(tx, wanted);
    tx.in(founded.number, [&] { furnish(tx); });
    return founded;
}

HashedTenant hash_tenant(const NewTenant& wanted) {
    return {wanted, auth::hash_password(wanted.administrator.password.value)};
}

identity::Account create_tenant(Tx& tx, const Actor& actor, const HashedTenant& hashed) {
    identity::require_first(actor);
    const auto& wanted = hashed.wanted;
    auto founded = tx.in(no_tenant, [&] { return found_tenant(tx, {.name = wanted.name}); });
    identity::HashedUser administrator{
        .wanted = {.email = wanted.administrator.email,
                   .name = wanted.administrator.name,
                   .password = wanted.administrator.password,
                   .roles = {{{std::string(identity::administrator)}}}},
        .password = hashed.password};
    tx.in(founded.number, [&] { identity::create_user(tx, actor, administrator); });
    return tx.get<identity::Account>(founded.id);
}

}  // namespace stateset::flows
