#pragma once
// Goods are back, and so the money goes back: completing a return puts on the shelf what was
// inspected as fit for it, raises what its order's lines count as returned, and gives back what the
// goods are worth, all in one transaction under the order's lock; only the gateway's part follows.
//
// The goods are worth their share of what their lines were sold for (returns/worth.hpp). When less
// than that is left to refund, because it was given back before or never paid, what is left goes
// back and the return says how much was not (`unrefundable`). In an exchange the worth pays for the
// new order first (flows/exchange.hpp).

#include "flows/refund_order.hpp"
#include "returns/returns.hpp"

namespace stateset::flows {

inline constexpr Code nothing_to_refund{"nothing_to_refund", 409, "Nothing is left to give back",
                                        "Read the return: all of refund_amount is given back or "
                                        "under way."};

struct CompleteReturn {
    returns::ReturnId id;
    std::optional<bool>
        refund_instead;  // true: no exchange, when the replacements are not to be had
    Reason reason;
};

struct RefundReturn {
    returns::ReturnId id;
    Reason reason;
};

// Refuses with illegal_transition unless it is inspected; an exchange also with what orders::place
// refuses with. Emits return.completed, for what is restocked inventory.received, for an exchange
// order.created, payment.captured, refund.succeeded and order.paid. Waits for the last refund.
Started<returns::Return> complete_return(Tx&, const Actor&, const CompleteReturn&);

// Asks again for what a gateway refused to give back. Refuses with illegal_transition unless it is
// completed, nothing_to_refund, and refund_exceeds_captured.
Started<returns::Return> refund_return(Tx&, const Actor&, const RefundReturn&);

}  // namespace stateset::flows

namespace stateset {
class Api;
namespace flows {
void return_routes(Api&);
}
}  // namespace stateset
