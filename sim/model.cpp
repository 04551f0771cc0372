#include "model.hpp"

#include "flows/status.hpp"

namespace stateset::sim {

orders::PaymentSums Model::sums(orders::OrderId id) {
    orders::PaymentSums sums{.due = orders.at(id).total()};
    of_order(id, payments, [&](const Paid& one) {
        sums.captured += one.captured;
        sums.refunded += one.refunded;
        if (one.status == payments::Status::processing) sums.processing += one.amount;
        if (one.status == payments::Status::authorized) sums.authorized += one.amount;
        if (one.status == payments::Status::failed) sums.any_failed = true;
        if (one.status == payments::Status::voided) sums.any_voided = true;
    });
    return sums;
}

void Model::keep_expiry(orders::OrderId id) {
    auto& order = orders.at(id);
    auto paid = sums(id);
    bool unpaid_balance = paid.captured < paid.due || paid.refunded > 0;
    bool given_back_in_part = paid.refunded > 0 && paid.refunded < paid.captured;
    bool promised =
        paid.processing > 0 || (paid.authorized > 0 && paid.captured == 0 && paid.refunded == 0);
    bool expires = order.status == orders::Status::processing && !order.on_account && !promised &&
                   unpaid_balance && !given_back_in_part;
    if (expires && !order.expires_at) {
        order.expires_at = now + flows::order_rules().reservation_lifetime;
    }
    if (!expires) order.expires_at.reset();
}

void Model::let_stock_go(orders::OrderId id) {
    stock.let_go([id](const Hold& one) { return one.order == id; });
    orders.at(id).expires_at.reset();
}

void Model::give_back(Paid& payment) {
    if (payment.status == payments::Status::authorized && !payment.busy) {
        payment.busy = true;  // a void begins
    } else if (payment.refundable() > 0) {
        payment.refunding += payment.refundable();
    }
}

void Model::cancel(orders::OrderId id) {
    orders.at(id).status = orders::Status::cancelled;
    orders.at(id).held_from.reset();
    let_stock_go(id);
    for (auto& [_, parcel] : parcels) {
        if (parcel.order == id && parcel.still_here()) {
            parcel.status = shipments::Status::cancelled;
        }
    }
    of_order(id, payments, [&](Paid& one) { give_back(one); });
}

}  // namespace stateset::sim
