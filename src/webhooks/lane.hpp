#pragma once
// One endpoint's claimed deliveries and the order in which they may go out. Plain bookkeeping: no
// clock, no lock, no socket.

#include <deque>
#include <map>
#include <set>

#include "webhooks/deliveries.hpp"

namespace stateset::webhooks {

// A claimed delivery with what is needed to send it.
struct Parcel {
    DeliveryId id;
    Uuid event_id;
    std::string event_type;
    std::string aggregate_id;
    bool first = true;  // attempt: keeps the order of its aggregate
    Time occurred_at;
    RawJson data;
    Time lease_until;
};

class Lane {
  public:
    static constexpr std::size_t connections = 8;
    // A lane that answers quickly holds more, so that it never waits for the next claim.
    static constexpr std::size_t held_when_quick = 64;
    static constexpr Span quick = milliseconds(500);

    void add(Parcel parcel) { waiting_.push_back(std::move(parcel)); }
    // The next parcel that may go out now, if any; it is then under way.
    std::optional<Parcel> next();
    void arrived(const Parcel&, Span took);
    // Takes out what waits with a lease that ends too soon, and what must come after it.
    std::vector<Parcel> stale(Time lease_needed_until);
    std::vector<Parcel> take_all();

    // Of what is under way: when the first lease ends, and those that end before this time.
    std::optional<Time> first_lease_end() const;
    std::vector<DeliveryId> leased_until_before(Time) const;
    void extended(DeliveryId, Time until);

    // How many more deliveries to claim now; 0 while there is enough to do.
    std::size_t room() const;
    bool empty() const { return waiting_.empty() && under_way_.empty(); }

    // Kept by the courier.
    bool look = false;     // there may be something to claim
    bool blocked = false;  // something may wait for an outcome to be committed
    bool claiming = false;
    std::optional<Time> due_at;  // the earliest retry we know of
    Time paused_until;

  private:
    std::deque<Parcel> waiting_;
    std::map<DeliveryId, Time> under_way_;  // and their leases' ends
    std::set<std::string> busy_;            // aggregates with a first attempt under way
    bool is_quick_ = false;
};

}  // namespace stateset::webhooks
