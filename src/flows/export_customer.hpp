#pragma once
// What is stored about one person, in one answer, for whoever asks what a shop knows of them: the
// customer and addresses, and all orders, payments, shipments, returns, warranties, claims and
// messages of theirs, as their own routes show them. Secrets and tokens of payments are not among
// it. One snapshot, oldest first.

#include "customers/customers.hpp"
#include "notifications/notifications.hpp"
#include "orders/orders.hpp"
#include "payments/payments.hpp"
#include "returns/returns.hpp"
#include "shipments/shipments.hpp"
#include "warranties/warranties.hpp"

namespace stateset::flows {

struct CustomerExport {
    Time exported_at;
    customers::CustomerView customer;
    std::vector<orders::OrderView> orders;
    std::vector<payments::Payment> payments;
    std::vector<payments::Refund> refunds;
    std::vector<shipments::ShipmentView> shipments;
    std::vector<returns::ReturnView> returns;
    std::vector<warranties::Warranty> warranties;
    std::vector<warranties::Claim> claims;
    std::vector<notifications::MessageView> messages;
};

// Refuses with not_found. A customer who was erased has an export of what is left.
CustomerExport export_customer(Reads&, const Actor&, const customers::ById&);

}  // namespace stateset::flows

namespace stateset {
class Api;
namespace flows {
void customer_routes(Api&);
}
}  // namespace stateset
