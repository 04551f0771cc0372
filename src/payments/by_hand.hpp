#pragma once
// Money that no gateway moves for us: bank transfers, sales on account, the credit of an exchange.
// Nobody is called; what is asked for waits in `processing`, without an operation, until somebody
// who has seen the bank statement says what came of it.

#include "payments/payments.hpp"

namespace stateset::payments {

// Its refunds wait for somebody's hand.
bool by_hand(const Payment&);
// The payment itself waits for somebody's hand.
bool waits_by_hand(const Payment&);
// A waiting payment fails with this code: nobody expects the money any more. Emits payment.failed.
// Its order must be locked.
void call_off(Tx&, Payment&, std::string code, std::string message);

}  // namespace stateset::payments
