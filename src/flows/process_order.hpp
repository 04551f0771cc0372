#pragma once
// An order is taken up: the stock of its tracked lines is set aside, all or nothing, except of
// lines that may wait for it.

#include "inventory/inventory.hpp"
#include "orders/orders.hpp"

namespace stateset {
class Api;
}

namespace stateset::flows {

// Process, cancel, hold, release, split, merge, and changes of a pending order.
void order_routes(Api&);

struct ProcessOrder {
    orders::OrderId id;
    Reason reason;
};

// Lines that share an item are added up before the check. Untracked lines need no stock. Of lines
// that may wait (see backorders.hpp) what is there is reserved, and the rest is backordered. The
// reservations expire unless the order is paid (see flows::refresh). Refuses with
// insufficient_stock naming each short sku, wanted and available; then nothing changes. Emits
// order.processing.
orders::Order process_order(Tx&, const Actor&, const ProcessOrder&);

}  // namespace stateset::flows
