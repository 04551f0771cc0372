#pragma once
// What the workers commit about deliveries: new ones, claims and outcomes. One command may deal
// with many deliveries of many tenants; it acts for the installation.

#include "webhooks/webhooks.hpp"

namespace stateset::webhooks {

// Whose deliveries are sent in one line.
struct Address {
    Tenant tenant = no_tenant;
    EndpointId endpoint;
    auto operator<=>(const Address&) const = default;
};

// An event that an endpoint shall get.
struct Planned {
    Address to;
    Uuid event_id;
    std::string event_type, aggregate_type, aggregate_id;
    std::int64_t position = 0;
};

// Adds the deliveries whose endpoint is still enabled; answers how many.
std::int64_t add_deliveries(Tx&, const std::vector<Planned>&);

struct Claim {
    Address from;
    // In the order they shall go out. With a first attempt all earlier ones of its aggregate are
    // named that were not made when it was found; so it stays behind when another instance has
    // claimed one of them meanwhile.
    std::vector<DeliveryId> deliveries;
    std::string owner;
    Span lease;
    // No other process works on this database: whoever else holds a lease is dead.
    bool alone = false;
};
struct Claimed {
    std::optional<Endpoint> endpoint;  // none: it is disabled or gone, and nothing was claimed
    std::vector<DeliveryId> deliveries;
    Time until;
};
Claimed claim(Tx&, const Claim&);

// Keeps deliveries that are still under way; answers until when. Those that were lost meanwhile
// stay lost.
struct Held {
    Address from;
    DeliveryId delivery;
};
Time extend(Tx&, const std::vector<Held>&, const std::string& owner, Span lease);

enum class Verdict {
    delivered,
    failed,
    gone,     // 410: the receiver wants no more of this
    not_made  // no attempt took place, so none is counted
};

struct Outcome {
    Address from;
    DeliveryId delivery;
    std::string owner;
    Verdict verdict = Verdict::not_made;
    Attempt attempt;
    double chance = 0;  // 0 to 1, spreads retries
    std::optional<Span> retry_after;
};

struct Patience {
    work::Schedule schedule = work::standard_schedule;
    Span disable_after = hours(5 * 24);  // of failures without a success
};
// Outcomes of leases lost meanwhile are dropped.
void record(Tx&, const std::vector<Outcome>&, const Patience&);

// Gives up what can never be sent.
struct Orphan {
    Tenant tenant = no_tenant;
    DeliveryId id;
};
void give_up(Tx&, const std::vector<Orphan>&);

}  // namespace stateset::webhooks
