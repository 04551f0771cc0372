#pragma once
// Carriers tell how a shipment gets on. A report is a signed call in the style of Standard
// Webhooks: webhook-id, webhook-timestamp, and webhook-signature over both and the body with the
// carrier's secret. It names no tenant: the tracking number does, and that tenant's secret must
// have signed it. Reports come repeated, late and out of order; those change nothing.

#include "platform/http/desk.hpp"
#include "shipments/shipments.hpp"

namespace stateset::flows {

// What a carrier may report; `shipped` is its word for having taken the parcel.
enum class Report {
    shipped,
    in_transit,
    out_for_delivery,
    delivered,
    exception,
    returned_to_sender
};

struct CarrierReport {
    Text<255> event_id;  // the same one never counts twice
    Text<100> tracking_number;
    Report status;
    std::optional<Time> occurred_at;
    std::optional<Text<500, 0>> note;
};

struct CarrierCall {
    Text<50> carrier;  // its code
};

struct Receipt {
    bool changed = false;  // false: repeated, late, or nothing new
};

// The carrier's call: finds the tenant, checks the signature, takes the report in. Refuses with
// not_found, auth::bad_signature, and illegal_transition.
Receipt carrier_webhook(Desk&, const Actor&, const CarrierCall&);

// A report about this shipment, believed. Refuses with illegal_transition while the shipment has
// not left by our books, so that the carrier sends it again.
Receipt take_report(Tx&, shipments::ShipmentId, const CarrierReport&);

}  // namespace stateset::flows
