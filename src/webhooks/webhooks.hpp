#pragma once
// Webhooks tell other systems what happened. An endpoint is a URL that wants some types of events;
// a delivery is one event on its way to one endpoint. Messages follow the Standard Webhooks
// specification: `webhook-id` is the event's id and the same on every attempt, the signature is
// made with the endpoint's secret.
//
// Every committed event reaches each endpoint that was enabled before it at least once. The first
// attempts for one aggregate go out in the order of its events; a retry may come later than newer
// events, whose `sequence` tells. How events become deliveries is told in fan_out.hpp, how
// deliveries go out in courier.hpp.

#include <atomic>

#include "platform/core/input.hpp"
#include "platform/core/lifecycle.hpp"
#include "platform/store/reads.hpp"
#include "platform/store/tx.hpp"
#include "platform/work/sending.hpp"

namespace stateset::webhooks {

struct Endpoint;
struct Delivery;
struct Replay;
using EndpointId = Id<Endpoint>;
using DeliveryId = Id<Delivery>;
using ReplayId = Id<Replay>;

enum class EndpointStatus { enabled, disabled };
enum class EndpointAction { enable, disable };
inline constexpr Move<EndpointStatus, EndpointAction> endpoint_lifecycle[] = {
    {EndpointStatus::enabled, EndpointAction::disable, EndpointStatus::disabled},
    {EndpointStatus::disabled, EndpointAction::enable, EndpointStatus::enabled},
};
enum class DisabledReason { by_hand, gone, failing };

struct Endpoint {
    EndpointId id;
    std::int64_t version = 1;
    std::string url;
    std::vector<std::string> events;  // patterns: "order.*"
    std::optional<std::string> description;
    EndpointStatus status = EndpointStatus::enabled;
    std::optional<DisabledReason> disabled_reason;
    std::optional<Time> failing_since;  // the first failure after the last success
    Metadata metadata;
    Secret<Time> enabled_at;                           // older events are not for it
    Secret<std::string> secret;                        // sealed
    Secret<std::optional<std::string>> former_secret;  // signs too until the time below
    Secret<std::optional<Time>> former_secret_until;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

using DeliveryStatus = work::SendingStatus;
using DeliveryAction = work::SendingAction;
inline constexpr auto& delivery_lifecycle = work::sending_lifecycle;

struct Attempt {
    Time attempted_at;
    std::optional<std::int64_t> status_code;  // none: no answer came
    std::int64_t duration_ms = 0;
    std::optional<std::string> error;  // none: it was taken
};

struct Delivery {
    DeliveryId id;
    std::int64_t version = 1;
    EndpointId endpoint_id;
    Uuid event_id;  // the `webhook-id`
    std::string event_type;
    std::string aggregate_type;
    std::string aggregate_id;
    Secret<std::int64_t> position;  // of the event
    DeliveryStatus status = DeliveryStatus::pending;
    std::vector<Attempt> attempts;  // the newest `work::kept_attempts`
    Secret<std::int64_t> tries;     // place in the schedule
    std::optional<Time> next_attempt_at;
    Secret<std::optional<std::string>> lease_owner;
    Secret<std::optional<Time>> lease_until;
    Time created_at, updated_at;
};

enum class ReplayStatus { running, done };

struct Replay {
    ReplayId id;
    std::int64_t version = 1;
    EndpointId endpoint_id;
    ReplayStatus status = ReplayStatus::running;
    std::int64_t deliveries = 0;    // made so far
    Secret<std::int64_t> position;  // events up to here are done
    Secret<std::optional<Time>> after_time, before_time;
    Secret<std::optional<std::int64_t>> before_position;
    Time created_at, updated_at;
};

// ---- what may come in

using EventPatterns = List<Text<100>, 1, 50>;

struct NewEndpoint {
    Text<2048> url;
    EventPatterns events;
    std::optional<Text<500>> description;
    Metadata metadata;
};
struct PreparedEndpoint {
    NewEndpoint wanted;
    std::string secret;
};

struct EndpointChanges {
    EndpointId id;
    Change<Text<2048>> url;
    Change<EventPatterns> events;
    Change<std::optional<Text<500>>> description;
    Change<Metadata> metadata;
};

struct EndpointById {
    EndpointId id;
};
struct OnEndpoint {
    EndpointId id;
    Reason reason;
};
struct NewSecret {
    EndpointId id;
    std::string secret;
};

struct ListEndpoints {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<EndpointStatus> status;
};

// Each a time (RFC 3339) or a position of the event log.
struct ReplayEvents {
    EndpointId id;
    Text<40> after;
    std::optional<Text<40>> before;  // now when not given
};

struct DeliveryById {
    DeliveryId id;
};
struct OnDelivery {
    DeliveryId id;
    Reason reason;
};
struct ListDeliveries {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<EndpointId> endpoint_id;
    std::optional<DeliveryStatus> status;
    std::optional<Text<100>> event_type;
};

// ---- what goes out

struct EndpointWithSecret {
    Flat<Endpoint> endpoint;
    std::string secret;  // "whsec_…", shown this once
};

inline constexpr Code endpoint_disabled{"endpoint_disabled", 409, "The endpoint is disabled",
                                        "Enable the endpoint first; nothing is sent to it now."};

// Whether `http://` and private addresses are legal URLs. Set once, before the first request.
inline std::atomic<bool> private_urls_allowed = false;

// For how long the former secret still signs after a rotation.
inline constexpr Span former_secret_kept = hours(24);

// Name of the installation secret that seals the secrets of endpoints.
inline constexpr std::string_view sealing_secret = "webhook_secrets";

PreparedEndpoint make_secret(const NewEndpoint&);
NewSecret make_new_secret(const OnEndpoint&);
// Refuses URLs that may not be delivered to and malformed patterns with invalid.
EndpointWithSecret create(Tx&, const Actor&, const PreparedEndpoint&);
Endpoint update(Tx&, const Actor&, const EndpointChanges&);
EndpointWithSecret rotate_secret(Tx&, const Actor&, const NewSecret&);
Endpoint enable(Tx&, const Actor&, const OnEndpoint&);
Endpoint disable(Tx&, const Actor&, const OnEndpoint&);
void remove(Tx&, const Actor&, const EndpointById&);
// The following refuse with endpoint_disabled.
Endpoint send_test(Tx&, const Actor&, const OnEndpoint&);
Replay replay(Tx&, const Actor&, const ReplayEvents&);
Delivery retry(Tx&, const Actor&, const OnDelivery&);

Endpoint one(Reads&, const Actor&, const EndpointById&);
Page<Endpoint> list(Reads&, const Actor&, const ListEndpoints&);
Delivery one_delivery(Reads&, const Actor&, const DeliveryById&);
Page<Delivery> deliveries(Reads&, const Actor&, const ListDeliveries&);

bool wants(const std::vector<std::string>& patterns, std::string_view event_type);

// What signs a message to this endpoint now: one secret, two after a rotation. Throws
// std::runtime_error when they were sealed with another key.
std::vector<std::string> signing_secrets(const Endpoint&, const std::string& sealing_key, Time now);

}  // namespace stateset::webhooks

namespace stateset {
class Api;
namespace webhooks {
void routes(Api&);
}
}  // namespace stateset

template <>
struct stateset::store::Table<stateset::webhooks::Endpoint>
    : stateset::store::Named<"webhook_endpoints", "webhook_endpoint"> {};
template <>
struct stateset::store::Table<stateset::webhooks::Delivery>
    : stateset::store::Named<"webhook_deliveries", "webhook_delivery"> {};
template <>
struct stateset::store::Table<stateset::webhooks::Replay>
    : stateset::store::Named<"webhook_replays", "webhook_replay"> {};
