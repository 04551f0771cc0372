#include "payments/messages.hpp"
#include "payments/payments.hpp"
#include "platform/auth/signed_message.hpp"
#include "platform/http/api.hpp"

namespace stateset::payments {

void routes(Api& api) {
    auto payments = api.group("/payments", "Payments");
    payments.get("", list, {.summary = "List payments", .needs = "payments:read"});
    payments.get("/{id}", one,
                 {.summary = "Read a payment", .needs = "payments:read", .cacheable = true});
    payments.post("/gateways/{gateway}/webhook", receive,
                  {.summary = "Receive a gateway's message",
                   .detail = "Signed by the gateway: the sandbox does it as Standard Webhooks "
                             "says, Stripe in its own way. The outcome of the operation that the "
                             "message is about is asked for at once.",
                   .refuses = {&auth::bad_signature},
                   .open = true,
                   .raw_body = true,
                   .priority = http::Priority::payment});
    auto refunds = api.group("/refunds", "Payments");
    refunds.get("", list_refunds, {.summary = "List refunds", .needs = "payments:read"});
    refunds.get("/{id}", one_refund,
                {.summary = "Read a refund", .needs = "payments:read", .cacheable = true});

    api.describe({
        {"return_id", {"Id of the return.", ""}},
        {"amount", {"How much money, as a decimal in the currency.", "99.98"}},
        {"capture", {"Take the money at once; false only sets it aside.", "true"}},
        {"captured", {"What was taken.", "99.98"}},
        {"refunded", {"What was given back.", "0.00"}},
        {"refunding", {"What is being given back; its outcome is not known yet.", "0.00"}},
        {"gateway",
         {"Who moves the money: stripe, sandbox; manual, exchange: nobody does.", "stripe"}},
        {"gateway_reference", {"What the gateway calls it.", "sbx_0198c9f2"}},
        {"method", {"How it is paid.", ""}},
        {"type", {"What kind it is.", ""}},
        {"token", {"The gateway's name for the card; never a card number.", "tok_ok"}},
        {"failure_code", {"The gateway's reason when it refused.", "insufficient_funds"}},
        {"failure_message", {"The same in words.", "The card has not enough funds."}},
        {"due_on", {"The last day for it.", "2026-12-31"}},
        {"paid_on", {"The day the money moved, as somebody said who saw it.", "2026-12-02"}},
        {"payment_id", {"Id of the payment.", ""}},
        {"refunds", {"The refunds that the request made.", ""}},
    });
}

}  // namespace stateset::payments
