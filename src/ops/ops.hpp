#pragma once
// What the people who run the shop look at first: work that is stuck, and how busy it is. Both only
// read, across all nouns, and every question finds what it looks for by an index, so that asking
// often costs little. What is stuck is told with the reason, since when, and one thing that can
// safely be done about it; nothing here does it.
//
// Beside it stands what a caller may do with a noun in each of its states: derived from the
// lifecycle tables, the endpoint table and the caller's permissions, and written nowhere else.

#include <string>
#include <vector>

#include "platform/core/input.hpp"
#include "platform/core/time.hpp"
#include "platform/store/reads.hpp"

namespace stateset {
class Api;
}

namespace stateset::ops {

// In the order in which they are shown: what costs money first.
enum class Trouble {
    charge_without_order,
    payment_processing,
    refund_processing,
    paid_not_reserved,
    paid_not_shipped,
    reservation_overdue,
    shipment_exception,
    shipment_not_sent,
    shipment_without_movement,
    work_order_late,
    endpoint_off,
    delivery_dead,
    message_dead
};

// What can be done without making it worse: repeating it, or doing it when the trouble is over
// already, is refused or changes nothing.
struct SafeAction {
    std::string advice;
    std::string http_method, path;  // "POST", "/api/v1/orders/0198…/process"
    std::string permission;
};

struct CaseLinks {
    std::string self;  // of the API
    std::optional<std::string> order;
    std::string console;
};

struct StuckCase {
    Uuid id;
    std::string label;  // what people know it by: an order's number, a sku
    Time since;
    std::string reason;
    SafeAction safe_action;
    CaseLinks links;
};

struct TroubleKind {
    Trouble kind;
    std::string title;
    std::int64_t found = 0;  // of these, `limit` at most
    bool more = false;       // there are others
    std::vector<StuckCase> cases;
};

struct Attention {
    Time as_of;
    std::int64_t found = 0;  // over all kinds
    std::vector<TroubleKind> kinds;
};

struct AskAttention {
    std::optional<Trouble> kind;
    std::optional<Int<1, 100>> limit;  // of each kind; 20 unless given
};

struct OrdersOfHour {
    Time starts_at;
    std::int64_t orders_placed = 0, orders_cancelled = 0;
};

struct Outbox {
    std::int64_t events_behind = 0;  // counted to 10,000
    std::int64_t lag_s = 0;
};

struct Activity {
    Time as_of;
    std::vector<OrdersOfHour>
        by_hour;  // oldest first, without gaps; the last one is still going on
    Outbox outbox;
};

struct AskActivity {
    std::optional<Int<1, 168>> hours;  // 24 unless given
};

// A command that moves a noun through its lifecycle.
struct LegalMove {
    std::string operation, http_method, path, summary;
    std::vector<std::string> legal_from;  // the statuses it is legal from
};

struct LegalMoves {
    std::vector<LegalMove> data;
};

// Of the kind, or of all. A kind without cases is shown too, so that nobody wonders what is looked
// for.
Attention attention(Reads&, const Actor&, const AskAttention&);
Activity activity(Reads&, const Actor&, const AskActivity&);

// Every move that a route of the table makes. Throws std::logic_error when a route is gone.
std::vector<LegalMove> moves(const Api&);

void routes(Api&);  // after those of all nouns

}  // namespace stateset::ops
