#include "flows/found_tenant.hpp"

#include "inventory/inventory.hpp"

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

}  // namespace stateset::flows
