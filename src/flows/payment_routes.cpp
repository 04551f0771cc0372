#include "flows/manual_payments.hpp"
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
                   "answered; the payment stays `processing` until it does. A bank transfer "
                   "and a sale on account answer 201 and stay `processing` until they are "
                   "marked as paid; meanwhile they count as money on its way, so that "
                   "reservations do not expire.",
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
    payments.post("/{id}/mark-paid", mark_paid,
                  {.summary = "Mark a payment as paid",
                   .needs = "payments:capture",
                   .detail = "For bank transfers and sales on account: the whole amount came.",
                   .refuses = {&codes::illegal_transition},
                   .priority = first});
    payments.post("/{id}/cancel", cancel_payment,
                  {.summary = "Cancel a payment that waits",
                   .needs = "payments:capture",
                   .detail = "For bank transfers and sales on account that will not come: the "
                             "payment fails with the code `cancelled`, the order owes again.",
                   .refuses = {&codes::illegal_transition},
                   .priority = first});
    auto refunds = api.group("/refunds", "Payments");
    refunds.post("/{id}/mark-paid", mark_refund_paid,
                 {.summary = "Mark a refund as paid",
                  .needs = "payments:refund",
                  .detail = "For refunds that no gateway moves: the money went back.",
                  .refuses = {&codes::illegal_transition},
                  .priority = first});
    refunds.post("/{id}/cancel", cancel_refund,
                 {.summary = "Cancel a refund that waits",
                  .needs = "payments:refund",
                  .detail = "For refunds that no gateway moves: it fails with the code "
                            "`cancelled`, and what it held can be refunded again.",
                  .refuses = {&codes::illegal_transition},
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
