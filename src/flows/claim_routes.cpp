#include "flows/resolve_claim.hpp"
#include "manufacturing/work_orders.hpp"
#include "payments/payments.hpp"
#include "platform/http/api.hpp"

namespace stateset::flows {

void claim_routes(Api& api) {
    auto claims = api.group("/warranties/claims", "Claims");
    claims.post(
        "/{id}/resolve", resolve_claim,
        {.summary = "Resolve an approved claim",
         .needs = "claims:decide",
         .detail = "`repair` makes a work order by the product's active BOM; `replace` an order "
                   "at price 0; `refund` gives back what the goods were sold for, or "
                   "`amount`. The claim names what was made.",
         .refuses = {&codes::illegal_transition, &warranties::warranty_not_active,
                     &warranties::exceeds_warranty, &manufacturing::no_active_bom,
                     &orders::product_unavailable, &claim_needs_order,
                     &payments::refund_exceeds_captured}});
}

}  // namespace stateset::flows
