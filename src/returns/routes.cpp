#include "inventory/lots.hpp"
#include "platform/http/api.hpp"
#include "returns/returns.hpp"

namespace stateset::returns {

void routes(Api& api) {
    auto returns = api.group("/returns", "Returns");
    const std::vector<const Code*> state{&codes::illegal_transition};
    returns.get("", list, {.summary = "List returns", .needs = "returns:read"});
    returns.post("", request,
                 {.summary = "Request a return",
                  .needs = "returns:create",
                  .detail = "Of what was shipped and no other return claims. With `replacements` "
                            "it is an exchange: completing it makes an order of them.",
                  .refuses = {&return_exceeds_shipped, &orders::product_unavailable}});
    returns.get("/{id}", one, {.summary = "Read a return", .needs = "returns:read"});
    returns.post("/{id}/approve", approve,
                 {.summary = "Approve a return", .needs = "returns:approve", .refuses = state});
    returns.post("/{id}/reject", reject,
                 {.summary = "Reject a return", .needs = "returns:approve", .refuses = state});
    returns.post("/{id}/cancel", cancel,
                 {.summary = "Cancel a return whose goods have not arrived",
                  .needs = "returns:create",
                  .refuses = state});
    returns.post(
        "/{id}/receive", receive,
        {.summary = "Receive a return's goods",
         .needs = "returns:receive",
         .detail = "Without `items` all of it arrived, with them only what they say; what "
                   "did not arrive can be returned another time. Without `location_id` "
                   "the goods go back to where they were shipped from. Pieces tracked by "
                   "serial number are named.",
         .refuses = {&codes::illegal_transition, &exceeds_return, &inventory::serials_required}});
    returns.post("/{id}/inspect", inspect,
                 {.summary = "Say what becomes of a return's goods",
                  .needs = "returns:receive",
                  .detail = "Without `items` all of it is restocked, with them every item that "
                            "arrived is named.",
                  .refuses = state});
    api.describe({
        {"rma_number", {"The number on the parcel.", "RMA-1001"}},
        {"return_item_id", {"The item of the return.", ""}},
        {"received", {"What of it arrived; null: nothing yet.", "2"}},
        {"condition", {"How the goods look.", "opened"}},
        {"disposition", {"What becomes of the goods.", ""}},
        {"value",
         {"What came back is worth, of what was paid for it; 0 until completed.", "99.98"}},
        {"exchanged", {"Of the value, what paid for the exchange order.", "0.00"}},
        {"refund_amount", {"Of the value, what is to be given back.", "99.98"}},
        {"unrefundable", {"Of the value, what no payment was left for.", "0.00"}},
        {"refund_status", {"How far `refund_amount` is given back.", ""}},
        {"replacements", {"What is wanted instead.", ""}},
        {"exchange_order_id", {"Id of the order made of the replacements.", ""}},
    });
}

}  // namespace stateset::returns
