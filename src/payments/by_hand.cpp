#include "payments/by_hand.hpp"

#include "payments/lifecycle.hpp"

namespace stateset::payments {

bool by_hand(const Payment& payment) {
    return payment.gateway == manual_gateway || payment.gateway == exchange_gateway;
}

bool waits_by_hand(const Payment& payment) {
    return payment.status == Status::processing && by_hand(payment);
}

void call_off(Tx& tx, Payment& payment, std::string code, std::string message) {
    payment.status = next(lifecycle, payment.status, Action::decline);
    payment.failure_code = std::move(code);
    payment.failure_message = std::move(message);
    tx.emit("payment.failed", payment);
}

}  // namespace stateset::payments
