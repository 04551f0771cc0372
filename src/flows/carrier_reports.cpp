#include "flows/carrier_reports.hpp"

#include <algorithm>

#include "flows/ship_order.hpp"
#include "platform/auth/crypto.hpp"
#include "platform/auth/signed_message.hpp"
#include "platform/store/gather.hpp"
#include "shipments/lifecycle.hpp"
#include "sql.hpp"

namespace stateset::flows {
namespace {

using shipments::Action;
using shipments::CarrierMessage;
using shipments::Shipment;
using shipments::ShipmentId;

struct Reported {
    std::string carrier;
    std::string tracking_number;
};

// A shipment that the number may mean, with the secrets of its tenant for this carrier.
struct Candidate {
    Tenant tenant;
    ShipmentId id;
    std::optional<std::string> secret, previous_secret;
    std::optional<Time> previous_secret_until;
};

auth::SignedMessage signed_message(const http::Request& request) {
    auto value = [&](std::string_view name) -> std::string_view {
        auto* found = request.find(name);
        return found ? std::string_view(*found) : std::string_view();
    };
    return {.id = value("webhook-id"),
            .timestamp = value("webhook-timestamp"),
            .signature = value("webhook-signature"),
            .body = request.body};
}

std::vector<std::string> secrets_of(const Candidate& candidate, Time now) {
    std::vector<std::string> secrets;
    if (candidate.secret) secrets.push_back(*candidate.secret);
    bool overlap = candidate.previous_secret_until && *candidate.previous_secret_until > now;
    if (candidate.previous_secret && overlap) secrets.push_back(*candidate.previous_secret);
    return secrets;
}

bool signed_by(const Candidate& candidate, const auth::SignedMessage& message, Time now) {
    return std::ranges::any_of(secrets_of(candidate, now), [&](const std::string& secret) {
        auto bytes = auth::webhook_secret_bytes(secret);
        return bytes && auth::signature_holds(*bytes, message, now);
    });
}

std::optional<Action> action_of(Report report) {
    switch (report) {
        case Report::shipped: return std::nullopt;  // we know: it left when we said so
        case Report::in_transit: return Action::move;
        case Report::out_for_delivery: return Action::out_for_delivery;
        case Report::delivered: return Action::deliver;
        case Report::exception: return Action::fail;
        case Report::returned_to_sender: return Action::return_to_sender;
    }
    return std::nullopt;
}

// An exception ends with the carrier going on. What it did before the exception does not end it.
bool late(const Shipment& shipment, Action action, Time at) {
    bool goes_on = action == Action::move || action == Action::out_for_delivery;
    return goes_on && shipment.status == shipments::Status::exception &&
           at < shipment.history.back().at;
}

}  // namespace

Receipt carrier_webhook(Desk& desk, const Actor&, const CarrierCall& call) {
    auto now = system_now();
    auto report = json::decode<CarrierReport>(json::parse(desk.request.body));
    auto candidates = desk.reads.run(no_tenant, [&](Reads& reads) {
        return reads.all<Candidate>(sql::shipments::reported,
                                    Reported{call.carrier, report.tracking_number});
    });
    if (candidates.empty()) {
        throw Refusal(codes::not_found, "The carrier has no shipment with this number.");
    }
    auto message = signed_message(desk.request);
    auto believed = std::ranges::find_if(
        candidates, [&](const Candidate& candidate) { return signed_by(candidate, message, now); });
    require(believed != candidates.end(), auth::bad_signature,
            "No secret of the carrier signs this at this time.");
    return desk.committer.run(
        system_actor(believed->tenant),
        [&](Tx& tx) { return take_report(tx, believed->id, report); }, desk.request_id);
}

Receipt take_report(Tx& tx, ShipmentId id, const CarrierReport& report) {
    const auto& shipment = shipments::locked(tx, id);
    // Together with what moving the shipment will ask for.
    gather(
        tx,
        [&] {
            tx.find<&CarrierMessage::carrier, &CarrierMessage::event_id>(shipment.carrier,
                                                                         report.event_id.value);
        },
        [&] { tx.all<orders::Line>(shipment.order_id); },
        [&] { tx.all<Shipment>(shipment.order_id); }, [&] { tx.all<shipments::ShipmentItem>(id); });
    if (tx.find<&CarrierMessage::carrier, &CarrierMessage::event_id>(shipment.carrier,
                                                                     report.event_id.value)) {
        return {.changed = false};
    }
    require(!shipments::still_here(shipment.status), codes::illegal_transition,
            "The shipment has not left yet.");
    tx.add(CarrierMessage{.id = tx.new_id(),
                          .carrier = shipment.carrier,
                          .event_id = report.event_id,
                          .shipment_id = id});
    auto at = std::min(report.occurred_at.value_or(tx.now()), tx.now());
    auto note = report.note ? std::optional(report.note->value) : std::nullopt;
    auto action = action_of(report.status);
    // Goods that are on their way back have met an exception, told or not.
    if (action == Action::return_to_sender && shipments::moving(shipment.status)) {
        move_shipment(tx, shipment, Action::fail, at, note);
    }
    bool counts = action && move(shipments::lifecycle, shipment.status, *action) &&
                  !late(shipment, *action, at);
    if (counts) move_shipment(tx, shipment, *action, at, note);
    return {.changed = counts};
}

}  // namespace stateset::flows
