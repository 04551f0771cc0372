#include "payments/payments.hpp"
#include "sql.hpp"

namespace stateset::payments {

Payment one(Reads& reads, const Actor&, const PaymentById& wanted) {
    return reads.one<Payment>(sql::payments::by_id, wanted);
}

Page<Payment> list(Reads& reads, const Actor&, const ListPayments& wanted) {
    return reads.page<Payment>(sql::payments::list, wanted);
}

Refund one_refund(Reads& reads, const Actor&, const RefundById& wanted) {
    return reads.one<Refund>(sql::payments::refund_by_id, wanted);
}

Page<Refund> list_refunds(Reads& reads, const Actor&, const ListRefunds& wanted) {
    return reads.page<Refund>(sql::payments::list_refunds, wanted);
}

}  // namespace stateset::payments
