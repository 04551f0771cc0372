#pragma once
// An order is a customer's request for goods. It owns its lines; its reservations, payments and
// shipments hang from it and are guarded by its lock. It lives through `lifecycle`; its payment and
// fulfillment statuses are derived from sums after every change, never set.

#include "customers/customers.hpp"
#include "platform/core/input.hpp"
#include "platform/core/lifecycle.hpp"
#include "platform/store/reads.hpp"
#include "platform/store/tx.hpp"
#include "products/products.hpp"

namespace stateset::orders {

struct Order;
struct Line;
using OrderId = Id<Order>;
using LineId = Id<Line>;

enum class Status {
    pending,
    processing,
    on_hold,
    partially_shipped,
    shipped,
    delivered,
    cancelled
};
enum class Action { process, hold, release, ship_part, ship, deliver, cancel, reservations_expire };
enum class PaymentStatus {
    unpaid,
    processing,
    authorized,
    partially_paid,
    paid,
    partially_refunded,
    refunded,
    failed,
    voided
};
enum class FulfillmentStatus {
    unfulfilled,
    partially_reserved,
    reserved,
    partially_fulfilled,
    fulfilled,
    partially_returned,
    returned
};
enum class PaymentTerms { prepaid, on_account };

struct Order {
    OrderId id;
    std::int64_t version = 1;
    std::string order_number;  // unique: "SO-1001"
    customers::CustomerId customer_id;
    Status status = Status::pending;
    PaymentStatus payment_status = PaymentStatus::unpaid;
    FulfillmentStatus fulfillment_status = FulfillmentStatus::unfulfilled;
    Secret<std::optional<Status>> held_from;  // where `release` goes back to
    Currency currency;
    Money subtotal, discount_total, tax_total, shipping_total, total;
    PaymentTerms payment_terms = PaymentTerms::prepaid;
    std::optional<customers::PostalAddress> shipping_address, billing_address;
    std::optional<std::string> notes, cancel_reason, tracking_number;
    Metadata metadata;
    std::vector<std::string> tags;
    std::optional<Time> archived_at;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

struct Line {
    LineId id;
    OrderId order_id;
    products::ProductId product_id;
    std::string sku, name;
    std::int64_t quantity = 0;
    Currency currency;
    Money unit_price;
    Quantity tax_rate;  // a share: 0.19
    Money tax, discount, total;
    std::int64_t reserved = 0, shipped = 0, returned = 0;
    bool track_inventory = true;
};

// What GET shows.
struct OrderView {
    Flat<Order> order;
    std::vector<Line> items;
};

OrderView view(Tx&, const Order&);

}  // namespace stateset::orders

template <>
struct stateset::store::Table<stateset::orders::Order> : stateset::store::Named<"orders", "order"> {
    using unique = Keys<Key<&stateset::orders::Order::order_number>>;
};
template <>
struct stateset::store::Table<stateset::orders::Line>
    : stateset::store::Named<"order_items", "order_item"> {
    using parent = Child<"orders", &stateset::orders::Line::order_id>;
};
