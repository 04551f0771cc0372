#include "flows/carrier_reports.hpp"
#include "flows/ship_order.hpp"
#include "inventory/lots.hpp"
#include "platform/auth/signed_message.hpp"
#include "platform/http/api.hpp"

namespace stateset::flows {

void shipping_routes(Api& api) {
    auto shipments = api.group("/shipments", "Shipments");
    shipments.post("", create_shipment,
                   {.summary = "Make a shipment with its label",
                    .needs = "shipments:create",
                    .detail = "Without `items` it holds everything that no other shipment of the "
                              "order holds. The sandbox carrier makes its numbers here; a shipment "
                              "by another carrier without `tracking_number` stays pending.",
                    .refuses = {&codes::illegal_transition, &codes::already_exists,
                                &nothing_to_ship, &exceeds_order, &not_reserved}});
    shipments.post("/{id}/ship", ship_shipment,
                   {.summary = "Send a shipment off",
                    .needs = "shipments:ship",
                    .detail = "Its stock leaves; the order is shipped, or partially so. Of items "
                              "tracked by serial number `items` may name the pieces; else the "
                              "oldest there leave.",
                    .refuses = {&codes::illegal_transition, &payment_required, &not_reserved,
                                &inventory::lot_not_usable, &inventory::serial_count,
                                &inventory::serial_not_here}});
    shipments.post("/{id}/deliver", deliver_shipment,
                   {.summary = "Record that a shipment has arrived",
                    .needs = "shipments:deliver",
                    .refuses = {&codes::illegal_transition}});

    auto orders = api.group("/orders", "Orders");
    orders.post(
        "/{id}/ship", ship_order,
        {.summary = "Ship an order",
         .needs = "shipments:ship",
         .detail = "Sends off the shipments that lie ready and makes one of the rest.",
         .refuses = {&codes::illegal_transition, &codes::already_exists, &payment_required,
                     &nothing_to_ship, &exceeds_order, &not_reserved, &inventory::lot_not_usable}});

    auto carriers = api.group("/carriers", "Carriers");
    carriers.post("/{carrier}/webhook", carrier_webhook,
                  {.summary = "Take in a carrier's report",
                   .detail = "Signed as Standard Webhooks says, with the carrier's secret. Body: "
                             "event_id, tracking_number, status (shipped, in_transit, "
                             "out_for_delivery, delivered, exception, returned_to_sender), "
                             "occurred_at?, note?. Repeated and late reports change nothing.",
                   .refuses = {&codes::not_found, &auth::bad_signature, &codes::illegal_transition},
                   .open = true,
                   .raw_body = true});

    api.describe({
        {"order_item_id", {"The order's line.", ""}},
        {"changed", {"Whether it was news.", "true"}},
    });
}

}  // namespace stateset::flows
