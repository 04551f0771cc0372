#pragma once
// A payment is money asked of a gateway for an order. What the gateway did is what it says; while
// that is not known the payment is `processing`. Refunds hang from the payment; they never exceed
// what was captured.

#include "orders/orders.hpp"
#include "platform/work/operation.hpp"

namespace stateset::payments {

struct Payment;
struct Refund;
using PaymentId = Id<Payment>;
using RefundId = Id<Refund>;

enum class Status {
    processing,
    authorized,
    captured,
    failed,
    voided,
    partially_refunded,
    refunded
};
enum class RefundStatus { processing, succeeded, failed };

struct Method {
    std::string type;   // "card"
    std::string token;  // what the gateway calls it; never a card number
};

struct Payment {
    PaymentId id;
    std::int64_t version = 1;
    orders::OrderId order_id;
    Currency currency;
    Money amount;
    Status status = Status::processing;
    std::string gateway;  // "sandbox"
    Secret<std::string> token;
    std::string method_type;
    std::optional<std::string> gateway_reference;  // unique per gateway
    bool capture = true;                           // at once, else later by /capture
    Money captured, refunded;
    std::optional<std::string> failure_code, failure_message;
    Metadata metadata;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

struct Refund {
    RefundId id;
    PaymentId payment_id;
    orders::OrderId order_id;
    std::int64_t version = 1;
    Currency currency;
    Money amount;
    RefundStatus status = RefundStatus::processing;
    std::optional<std::string> reason, gateway_reference, failure_code;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

// ---- for flows
// ---------------------------------------------------------------------------------------------------

// The order is being cancelled: void what is authorized, refund what is captured, as operations
// nobody waits for. A payment in flight is left alone: when its capture arrives the cancelled order
// refunds it by itself.
void give_back_all(Tx&, const orders::Order&);

}  // namespace stateset::payments

template <>
struct stateset::store::Table<stateset::payments::Payment>
    : stateset::store::Named<"payments", "payment"> {
    using parent = Child<"orders", &stateset::payments::Payment::order_id>;
    using unique = Keys<Key<&stateset::payments::Payment::gateway,
                            &stateset::payments::Payment::gateway_reference>>;
};
template <>
struct stateset::store::Table<stateset::payments::Refund>
    : stateset::store::Named<"refunds", "refund"> {
    using parent = Child<"payments", &stateset::payments::Refund::payment_id, 2>;
};
