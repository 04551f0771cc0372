#include "platform/http/api.hpp"
#include "webhooks/webhooks.hpp"

namespace stateset::webhooks {
namespace {

constexpr std::string_view permission = "webhooks:manage";
const std::vector<const Code*> illegal{&codes::illegal_transition};
const std::vector<const Code*> disabled{&endpoint_disabled};

void endpoint_routes(Api& api) {
    auto endpoints = api.group("/webhooks/endpoints", "Webhooks");
    endpoints.get("", list, {.summary = "List webhook endpoints", .needs = permission});
    endpoints.post("", before(make_secret, create),
                   {.summary = "Create a webhook endpoint",
                    .needs = permission,
                    .detail = "The secret that signs its messages is shown this once.",
                    .secret = true});
    endpoints.get("/{id}", one, {.summary = "Read a webhook endpoint", .needs = permission});
    endpoints.patch("/{id}", update, {.summary = "Change a webhook endpoint", .needs = permission});
    endpoints.remove("/{id}", remove,
                     {.summary = "Delete a webhook endpoint",
                      .needs = permission,
                      .detail = "What was not delivered yet is given up."});
    endpoints.post("/{id}/rotate-secret", before(make_new_secret, rotate_secret),
                   {.summary = "Give an endpoint a new secret",
                    .needs = permission,
                    .detail = "For 24 hours messages carry two signatures, one of the former "
                              "secret.",
                    .secret = true});
    endpoints.post("/{id}/test", send_test,
                   {.summary = "Send a test event to an endpoint",
                    .needs = permission,
                    .detail = "A `webhook.test` event goes to this endpoint only, whatever it "
                              "listens to.",
                    .refuses = disabled,
                    .status = 202});
    endpoints.post("/{id}/enable", enable,
                   {.summary = "Enable an endpoint",
                    .needs = permission,
                    .detail = "Pending deliveries go on. What happened while it was disabled is "
                              "not sent; replay it if you need it.",
                    .refuses = illegal});
    endpoints.post("/{id}/disable", disable,
                   {.summary = "Disable an endpoint", .needs = permission, .refuses = illegal});
    endpoints.post("/{id}/replay", replay,
                   {.summary = "Send past events once more",
                    .needs = permission,
                    .detail = "The events between `after` and `before` that the endpoint listens "
                              "to, each with the webhook-id it had.",
                    .refuses = disabled,
                    .status = 202});
}

void delivery_routes(Api& api) {
    auto deliveries_group = api.group("/webhooks/deliveries", "Webhooks");
    deliveries_group.get("", deliveries,
                         {.summary = "List webhook deliveries", .needs = permission});
    deliveries_group.get("/{id}", one_delivery,
                         {.summary = "Read a webhook delivery", .needs = permission});
    deliveries_group.post("/{id}/retry", retry,
                          {.summary = "Try a delivery again now",
                           .needs = permission,
                           .refuses = {&codes::illegal_transition, &endpoint_disabled}});
}

}  // namespace

void routes(Api& api) {
    endpoint_routes(api);
    delivery_routes(api);
    api.describe({
        {"url", {"Where messages are sent.", "https://example.com/hooks/stateset"}},
        {"events", {"The event types it listens to, with wildcards.", ""}},
        {"disabled_reason",
         {"Why it is disabled: by hand, the receiver answered 410 (gone), or it failed for days.",
          "failing"}},
        {"failing_since", {"The first failure after the last success.", "2026-11-22T10:15:30Z"}},
        {"secret", {"Shown once; keep it where only you can read it.", ""}},
        {"endpoint_id", {"The webhook endpoint.", ""}},
        {"event_id", {"The event; the `webhook-id` of its messages.", ""}},
        {"event_type", {"The type of the event.", "order.created"}},
        {"attempts", {"The attempts that were made, oldest first.", ""}},
        {"attempted_at", {"When the attempt began.", "2026-11-22T10:15:30Z"}},
        {"status_code", {"HTTP status of the answer; null if none came.", "204"}},
        {"duration_ms", {"How long it took, in milliseconds.", "35"}},
        {"error", {"Why it counts as failed; null if it does not.", "status 503"}},
        {"next_attempt_at", {"When it is tried next; null when it is not.", ""}},
        {"before",
         {"Only what came earlier: a time or a position of the event log.",
          "2026-11-22T10:15:30Z"}},
        {"deliveries", {"How many deliveries were made of it so far.", "12"}},
    });
}

}  // namespace stateset::webhooks
