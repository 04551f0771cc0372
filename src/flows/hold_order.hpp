#pragma once
// An order waits: its reservations stay and do not expire, nothing ships, paying is allowed.

#include "orders/orders.hpp"

namespace stateset::flows {

struct HoldOrder {
    orders::OrderId id;
    Reason reason;
};

struct ReleaseOrder {
    orders::OrderId id;
    Reason reason;
};

// The reason is shown as long as it lasts. Lines that wait for stock keep their place. Emits
// order.on_hold.
orders::Order hold_order(Tx&, const Actor&, const HoldOrder&);
// Back to where it was; unpaid reservations get their full time again. Emits order.released.
orders::Order release_order(Tx&, const Actor&, const ReleaseOrder&);

}  // namespace stateset::flows
