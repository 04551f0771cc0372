#include "flows/pay_order.hpp"
#include "flows/refund_order.hpp"
#include "platform/http/api.hpp"

namespace stateset::flows {

void payment_routes(Api& api) {
    using namespace payments;
    const auto first = http::Priority::payment;
    auto payments = api.group("/payments", "Payments");
    payments.post(
        "", pay_order,
        {.summary = "Pay an order",
         .needs = "payments:create",
         .detail = "Answers 201 when the gateway approved, 402 when it declined: then "
                   "the payment failed and, unless goods or other money are under way, "
                   "the order is cancelled and its stock free. 202: the gateway has not "
                   "answered; the payment stays `processing` until it does.",
         .refuses = {&payment_declined, &nothing_owed, &exceeds_owed, &codes::illegal_transition},
         .priority = first});
    payments.post("/{id}/capture", capture_payment,
                  {.summary = "Capture an authorized payment",
                   .needs = "payments:capture",
                   .refuses = {&payment_declined, &codes::illegal_transition, &payment_busy,
                               &exceeds_authorized},
                   .priority = first});
    payments.post("/{id}/void", void_payment,
                  {.summary = "Void an authorized payment",
                   .needs = "payments:void",
                   .refuses = {&gateway_refused, &codes::illegal_transition, &payment_busy},
                   .priority = first});
    payments.post(
        "/{id}/refund", refund_payment,
        {.summary = "Refund a captured payment",
         .needs = "payments:refund",
         .refuses = {&gateway_refused, &codes::illegal_transition, &refund_exceeds_captured},
         .status = 201,
         .priority = first});
    auto orders = api.group("/orders", "Orders");
    orders.post("/{id}/refund", refund_order,
                {.summary = "Refund an order",
                 .needs = "payments:refund",
                 .detail = "Draws on the order's payments, oldest first.",
                 .refuses = {&gateway_refused, &refund_exceeds_captured},
                 .priority = first});
}

}  // namespace stateset::flows
