#include "sql.hpp"
#include "webhooks/webhooks.hpp"

namespace stateset::webhooks {

Endpoint one(Reads& reads, const Actor&, const EndpointById& wanted) {
    return reads.one<Endpoint>(sql::webhooks::endpoint, wanted);
}

Page<Endpoint> list(Reads& reads, const Actor&, const ListEndpoints& wanted) {
    return reads.page<Endpoint>(sql::webhooks::endpoints, wanted);
}

Delivery one_delivery(Reads& reads, const Actor&, const DeliveryById& wanted) {
    return reads.one<Delivery>(sql::webhooks::delivery, wanted);
}

Page<Delivery> deliveries(Reads& reads, const Actor&, const ListDeliveries& wanted) {
    return reads.page<Delivery>(sql::webhooks::deliveries, wanted);
}

}  // namespace stateset::webhooks
