#include "events/events.hpp"
#include "platform/http/api.hpp"

namespace stateset::events {

void routes(Api& api) {
    auto events = api.group("/events", "Events");
    events.get("", feed,
               {.summary = "Follow the event log",
                .needs = "events:read",
                .detail = "Every event of the tenant, oldest first, 100 a page unless said "
                          "otherwise. Keep the position of the last event you have dealt with and "
                          "ask for what comes `after` it. `actor`, `aggregate_type` and "
                          "`aggregate_id` make it an audit of who did what, and to what."});
    auto orders = api.group("/orders", "Orders");
    orders.get("/{id}/timeline", timeline,
               {.summary = "Read what happened to an order",
                .needs = "orders:read",
                .detail = "The events of the order and of its payments, shipments, reservations "
                          "and returns, oldest first, 100 a page."});

    api.describe({
        {"position",
         {"Place in the event log; opaque, sorts as the log does.", "0000000000000000042"}},
        {"aggregate_type", {"The noun the event is about.", "order"}},
        {"aggregate_id", {"Its id.", ""}},
        {"sequence", {"Counts the events of one aggregate, from 1.", "3"}},
        {"occurred_at", {"When it happened.", "2026-11-22T10:15:30Z"}},
        {"actor", {"Who did it: `user:` or `api_key:` with the id, or `system`.", "system"}},
        {"after",
         {"Only what came later: a position of the event log; for a replay also a time.",
          "0000000000000000042"}},
        {"types", {"Event types, comma-separated, with wildcards.", "order.*,payment.captured"}},
    });
}

}  // namespace stateset::events
