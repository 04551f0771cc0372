#pragma once
// What the workers commit about messages: new ones, claims and outcomes. One command may deal with
// messages of many tenants; it acts for the installation.

#include "notifications/notifications.hpp"

namespace stateset::notifications {

struct Held {
    Tenant tenant = no_tenant;
    MessageId id;
    auto operator<=>(const Held&) const = default;
};

struct Draft {
    Tenant tenant = no_tenant;
    Message message;  // without an id
};
void add_messages(Tx&, const std::vector<Draft>&);

// Removes messages; what is gone already stays gone.
void forget(Tx&, const std::vector<Held>&);

struct Claim {
    std::vector<Held> messages;
    std::string owner;
    Span lease;
    // No other process works on this database: whoever else holds a lease is dead.
    bool alone = false;
};
struct Parcel {
    Tenant tenant = no_tenant;
    Message message;
};
// Those that were free still, under a lease from now on.
std::vector<Parcel> claim(Tx&, const Claim&);

// Keeps what is still under way; answers until when. What was lost meanwhile stays lost.
Time extend(Tx&, const std::vector<Held>&, const std::string& owner, Span lease);

enum class Verdict {
    delivered,
    failed,
    refused,  // for good
    not_made  // no attempt took place, so none is counted
};
struct Outcome {
    Held of;
    std::string owner;
    Verdict verdict = Verdict::not_made;
    SendAttempt attempt;
    double chance = 0;  // 0 to 1, spreads retries
    std::optional<Span> retry_after;
};
// Outcomes of leases lost meanwhile are dropped.
void record(Tx&, const std::vector<Outcome>&, const work::Schedule&);

}  // namespace stateset::notifications
