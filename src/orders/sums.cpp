#include "orders/sums.hpp"

namespace stateset::orders {

PaymentStatus payment_status(const PaymentSums& sums) {
    if (sums.refunded > 0) {
        return sums.refunded < sums.captured ? PaymentStatus::partially_refunded
                                             : PaymentStatus::refunded;
    }
    if (sums.captured >= sums.due) return PaymentStatus::paid;  // also what costs nothing
    if (sums.captured > 0) return PaymentStatus::partially_paid;
    if (sums.processing > 0) return PaymentStatus::processing;
    if (sums.authorized > 0) return PaymentStatus::authorized;
    if (sums.any_voided) return PaymentStatus::voided;
    return sums.any_failed ? PaymentStatus::failed : PaymentStatus::unpaid;
}

FulfillmentStatus fulfillment_status(const FulfillmentSums& sums) {
    if (sums.returned > 0) {
        return sums.returned < sums.ordered ? FulfillmentStatus::partially_returned
                                            : FulfillmentStatus::returned;
    }
    if (sums.shipped > 0) {
        return sums.shipped < sums.ordered ? FulfillmentStatus::partially_fulfilled
                                           : FulfillmentStatus::fulfilled;
    }
    if (sums.reserved > 0) {
        return sums.reserved < sums.ordered ? FulfillmentStatus::partially_reserved
                                            : FulfillmentStatus::reserved;
    }
    return FulfillmentStatus::unfulfilled;
}

bool reservations_expire(const Order& order, const PaymentSums& sums) {
    if (order.status != Status::processing) return false;
    if (order.payment_terms == PaymentTerms::on_account || sums.processing > 0) return false;
    switch (payment_status(sums)) {
        case PaymentStatus::processing:
        case PaymentStatus::authorized:
        case PaymentStatus::paid:
        case PaymentStatus::partially_refunded: return false;
        case PaymentStatus::unpaid:
        case PaymentStatus::partially_paid:
        case PaymentStatus::refunded:
        case PaymentStatus::failed:
        case PaymentStatus::voided: return true;
    }
    return true;
}

}  // namespace stateset::orders
