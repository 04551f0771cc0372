#include "flows/carrier_reports.hpp"

#include <algorithm>

#include "flows/ship_order.hpp"
#include "platform/auth/crypto.hpp"
#include "platform/store/gather.hpp"
#include "shipments/lifecycle.hpp"
#include "sql.hpp"

namespace stateset::flows {
namespace {

using shipments::Action;
using shipments::CarrierMessage;
using shipments::Shipment;
using shipments::ShipmentId;

// As Standard Webhooks has it: an older or younger call may be one that was recorded and replayed.
constexpr Span timestamp_tolerance = minutes(5);

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

struct Signed {
    std::string id, signatures;
    std::int64_t timestamp = 0;
};

// The three headers of a signed call; refuses when one is missing or the time is not now.
Signed signed_call(const http::Request& request, Time now) {
    auto* id = request.find("webhook-id");
    auto* timestamp = request.find("webhook-timestamp");
    auto* signatures = request.find("webhook-signature");
    auto seconds_then = timestamp ? decimal_from(*timestamp, 0) : std::nullopt;
    if (!id || !signatures || !seconds_then) {
        throw Refusal(bad_signature,
                      "webhook-id, webhook-timestamp and webhook-signature are required.");
    }
    auto most = timestamp_tolerance.micros / seconds(1).micros;
    auto away = now.micros / seconds(1).micros - *seconds_then;
    require(away >= -most && away <= most, bad_signature,
            "webhook-timestamp is more than five minutes away from now.");
    return {.id = *id, .signatures = *signatures, .timestamp = *seconds_then};
}

std::vector<std::string> secrets_of(const Candidate& candidate, Time now) {
    std::vector<std::string> secrets;
    if (candidate.secret) secrets.push_back(*candidate.secret);
    bool overlap = candidate.previous_secret_until && *candidate.previous_secret_until > now;
    if (candidate.previous_secret && overlap) secrets.push_back(*candidate.previous_secret);
    return secrets;
}

std::optional<Action> action_of(Report report) {
    switch (report) {
        case Report::shipped:            return std::nullopt;  // we know: it left when we said so
        case Report::in_transit:         return Action::move;
        case Report::out_for_delivery:   return Action::out_for_delivery;
        case Report::delivered:          return Action::deliver;
        case Report::exception:          return Action::fail;
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
    auto said = signed_call(desk.request, now);
    auto believed = std::ranges::find_if(candidates, [&](const Candidate& candidate) {
        return signature_holds(said.signatures, secrets_of(candidate, now), said.id, said.timestamp,
                               desk.request.body);
    });
    require(believed != candidates.end(), bad_signature, "No secret of the carrier signs this.");
    return desk.committer.run(
        system_actor(believed->tenant),
        [&](Tx& tx) { return take_report(tx, believed->id, report); }, desk.request_id);
}

Receipt take_report(Tx& tx, ShipmentId id, const CarrierReport& report) {
    const auto& shipment = shipments::locked(tx, id);
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

bool signature_holds(std::string_view signatures, const std::vector<std::string>& secrets,
                     std::string_view id, std::int64_t timestamp, std::string_view body) {
    bool holds = false;
    for (const auto& secret : secrets) {
        auto bytes = auth::webhook_secret_bytes(secret);
        if (!bytes) continue;
        auto right = auth::webhook_signature(*bytes, id, timestamp, body);
        for (auto rest = signatures; !rest.empty();) {
            auto one = rest.substr(0, rest.find(' '));
            rest.remove_prefix(std::min(one.size() + 1, rest.size()));
            if (auth::equal_in_constant_time(one, right)) holds = true;
        }
    }
    return holds;
}

}  // namespace stateset::flows
