#include "platform/http/api.hpp"
#include "shipments/shipments.hpp"

namespace stateset::shipments {
namespace {

// Two functions have this name; a route wants one.
CarrierToCreate new_carrier(const NewCarrier& wanted) { return with_new_secret(wanted); }
SecretToRotate new_secret(const RotateSecret& wanted) { return with_new_secret(wanted); }

void shipment_routes(Api& api) {
    auto shipments = api.group("/shipments", "Shipments");
    const std::vector<const Code*> state{&codes::illegal_transition};
    shipments.get("", list, {.summary = "List shipments", .needs = "shipments:read"});
    shipments.get("/{id}", one,
                  {.summary = "Read a shipment", .needs = "shipments:read", .cacheable = true});
    shipments.get("/track/{number}", track,
                  {.summary = "Find a shipment by its tracking number",
                   .name = "shipments track",
                   .needs = "shipments:read"});
    shipments.post("/{id}/label", make_label,
                   {.summary = "Give a pending shipment its tracking number and label",
                    .name = "shipments create-label",
                    .needs = "shipments:create",
                    .refuses = {&codes::illegal_transition, &codes::already_exists}});
    shipments.get("/{id}/label", label,
                  {.summary = "Print a shipment's label",
                   .name = "shipments get-label",
                   .needs = "shipments:read",
                   .detail = "One page of 4 by 6 inches with the address and a Code 128 barcode.",
                   .content_type = "application/pdf"});
    shipments.post("/{id}/cancel", cancel,
                   {.summary = "Cancel a shipment that has not left",
                    .needs = "shipments:create",
                    .refuses = state});
}

void carrier_routes(Api& api) {
    auto carriers = api.group("/carriers", "Carriers");
    carriers.get("", list_carriers, {.summary = "List carriers", .needs = "carriers:read"});
    carriers.post("", before(new_carrier, create_carrier),
                  {.summary = "Make a carrier known",
                   .needs = "carriers:manage",
                   .detail = "The secret that its reports are signed with is shown this once. "
                             "`sandbox` ships without being made known, but cannot report.",
                   .refuses = {&codes::already_exists},
                   .secret = true});
    carriers.get("/{id}", one_carrier, {.summary = "Read a carrier", .needs = "carriers:read"});
    carriers.patch("/{id}", update_carrier,
                   {.summary = "Change a carrier", .needs = "carriers:manage"});
    carriers.post("/{id}/rotate-secret", before(new_secret, rotate_secret),
                  {.summary = "Give a carrier a new secret",
                   .needs = "carriers:manage",
                   .detail = "Shown this once. The secret before still counts for 24 hours.",
                   .secret = true});
}

}  // namespace

void routes(Api& api) {
    shipment_routes(api);
    carrier_routes(api);
    api.describe({
        {"serial_numbers", {"The serial numbers, one for each piece.", ""}},
        {"location_id", {"The place where the goods are.", "1"}},
        {"carrier", {"Code of the carrier.", "sandbox"}},
        {"service", {"The carrier's product.", "express"}},
        {"tracking_number", {"The carrier's number of the parcel.", "SB0123456789012345675"}},
        {"number", {"A tracking number.", "SB0123456789012345675"}},
        {"ship_to", {"Where it goes: the order's address when the shipment was made.", ""}},
        {"history", {"What happened to it, oldest first.", ""}},
        {"at", {"When it happened.", "2026-11-22T10:15:30Z"}},
        {"note", {"What was said about it.", "Left with a neighbour"}},
        {"shipped_at", {"When it left; null before.", ""}},
        {"delivered_at", {"When it arrived; null before.", ""}},
        {"shipment_id", {"The shipment it is in.", ""}},
    });
}

}  // namespace stateset::shipments
