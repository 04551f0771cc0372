#include "flows/return_order.hpp"
#include "platform/http/api.hpp"

namespace stateset::flows {

void return_routes(Api& api) {
    auto returns = api.group("/returns", "Returns");
    returns.post("/{id}/complete", complete_return,
                 {.summary = "Complete a return",
                  .needs = "returns:complete",
                  .detail = "Restocks what is to be restocked and gives back what the goods are "
                            "worth, or makes the order of an exchange and gives back or charges "
                            "the difference. 202: the gateway has not answered; refund_status "
                            "stays `processing` until it does. When the gateway refuses the return "
                            "is completed all the same, with refund_status `failed`.",
                  .refuses = {&codes::illegal_transition, &orders::product_unavailable},
                  .priority = http::Priority::payment});
    returns.post("/{id}/refund", refund_return,
                 {.summary = "Ask again for a refund that failed",
                  .needs = "returns:complete",
                  .refuses = {&codes::illegal_transition, &nothing_to_refund,
                              &payments::refund_exceeds_captured},
                  .priority = http::Priority::payment});
    api.describe({
        {"refund_instead", {"true: give money back although there are replacements.", "false"}},
    });
}

}  // namespace stateset::flows
