#pragma once
// The two statuses of an order that are derived, each by one pure function of sums. flows::refresh
// makes the sums after every change.

#include "orders/orders.hpp"

namespace stateset::orders {

// Minor units of the order's currency, over all its payments.
struct PaymentSums {
    std::int64_t due = 0;         // the order's total
    std::int64_t processing = 0;  // outcome not known yet
    std::int64_t authorized = 0;
    std::int64_t captured = 0;
    std::int64_t refunded = 0;
    bool any_failed = false, any_voided = false;
    bool operator==(const PaymentSums&) const = default;
};

// Pieces, over all lines.
struct FulfillmentSums {
    std::int64_t ordered = 0;
    std::int64_t reserved = 0;  // set aside: reserved stock, and untracked goods once processed
    std::int64_t shipped = 0;
    std::int64_t returned = 0;
};

PaymentStatus payment_status(const PaymentSums&);
FulfillmentStatus fulfillment_status(const FulfillmentSums&);

// Whether an order in this state loses its reservations in time: it is being processed, is sold
// against payment, and the money is neither there nor on its way. A hold stops the clock.
bool reservations_expire(const Order&, const PaymentSums&);

}  // namespace stateset::orders
