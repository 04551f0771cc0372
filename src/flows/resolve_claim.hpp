#pragma once
// An approved claim is met: goods are repaired or sent again, or money goes back. What that makes
// and the claim name each other, and are written in one transaction under the warranty's lock.

#include "inventory/inventory.hpp"
#include "orders/orders.hpp"
#include "warranties/warranties.hpp"

namespace stateset::flows {

inline constexpr Code claim_needs_order{
    "claim_needs_order", 409, "The warranty names no order",
    "Only what was sold here can be refunded; replace it, or refund it outside and reject."};

struct ResolveClaim {
    warranties::ClaimId id;
    warranties::Resolution resolution;
    std::optional<Amount> amount;  // of a refund; absent: what the pieces were sold for
    std::optional<Text<64>> sku;   // of a replacement; absent: what was sold
    std::optional<customers::PostalAddress> shipping_address;  // of a replacement
    std::optional<inventory::LocationId> location_id;          // of a repair; absent: MAIN
    Reason reason;
};

// repair: a work order of kind repair, with the components of the product's active BOM; one piece
// at a time. Refuses with no_active_bom and exceeds_warranty. replace: an order at price 0, with
// `origin` replacement. It is processed and shipped like any other. Refuses with
// product_unavailable when that is not sold any more. refund: of the warranty's order, nobody waits
// for the gateway. More than the pieces cost needs payments:refund. Refuses with claim_needs_order
// and refund_exceeds_captured. All refuse with illegal_transition unless the claim is approved, and
// with warranty_not_active when the warranty was voided meanwhile. Emits claim.resolved.
warranties::Claim resolve_claim(Tx&, const Actor&, const ResolveClaim&);

}  // namespace stateset::flows

namespace stateset {
class Api;
namespace flows {
void claim_routes(Api&);
}
}  // namespace stateset
