#pragma once
// A payment is money asked of a gateway for an order. What the gateway did is what it says; while
// that is not known the payment is `processing`. Refunds hang from the payment; they never exceed
// what was captured.
//
// Money that comes by bank transfer or on account has the gateway `manual`: nobody is called, the
// payment waits in `processing` until somebody marks it as paid or calls it off. What an exchange
// credits to its new order has the gateway `exchange`; its refunds wait for somebody's hand too.

#include "orders/orders.hpp"
#include "platform/core/lifecycle.hpp"
#include "platform/work/operation.hpp"

namespace stateset {
struct Desk;
}
namespace stateset::returns {
struct Return;
}

namespace stateset::payments {

class Gateways;
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
enum class Action { authorize, capture, decline, void_, refund_part, refund_all };
enum class RefundStatus { processing, succeeded, failed };
enum class RefundAction { succeed, fail };

inline constexpr std::string_view default_gateway = "sandbox";
inline constexpr std::string_view manual_gateway = "manual";
inline constexpr std::string_view exchange_gateway = "exchange";

// Declines and failures of the other side; they have effects and are stored like any answer.
inline constexpr Code payment_declined{
    "payment_declined", 402, "The payment was declined",
    "Read `errors` for the gateway's reason; ask for another way to pay. The payment is kept at "
    "`instance`."};
inline constexpr Code gateway_refused{
    "gateway_refused", 409, "The gateway did not do it",
    "Read `errors` for its reason and the payment for its state."};
inline constexpr Code nothing_owed{
    "nothing_owed", 409, "The order owes nothing",
    "Payments in flight count as paid: wait for them, or read the order's payments."};
inline constexpr Code exceeds_owed{
    "exceeds_owed", 409, "More than the order owes",
    "Ask for at most what is owed; leave `amount` out for all of it."};
inline constexpr Code exceeds_authorized{"exceeds_authorized", 409, "More than was authorized",
                                         "Capture at most the payment's amount."};
inline constexpr Code refund_exceeds_captured{
    "refund_exceeds_captured", 409, "More than is left to refund",
    "What is left is captured minus refunded minus refunding."};
inline constexpr Code payment_busy{"payment_busy", 409, "The gateway is at work on this payment",
                                   "Wait for the capture or void under way to end."};

enum class MethodType {
    card,           // by its gateway's token
    bank_transfer,  // marked as paid by hand
    on_account,     // the same, with an invoice that the customer owes
    exchange        // what came back pays; only returns make it
};

struct Method {
    MethodType type = MethodType::card;
    // Of cards: what the gateway calls it; never a card number.
    Secret<std::optional<std::string>> token;
};

struct Payment {
    PaymentId id;
    std::int64_t version = 1;
    orders::OrderId order_id;
    Currency currency;
    Money amount;
    Status status = Status::processing;
    std::string gateway;  // "sandbox", "stripe", "manual", "exchange"
    Method method;
    std::optional<std::string> gateway_reference;  // unique per gateway
    bool capture = true;                           // at once, else later by /capture
    // refunded + refunding ≤ captured ≤ amount, always; `refunding` is asked for and not yet known.
    Money captured, refunded, refunding;
    std::optional<std::string> failure_code, failure_message;
    // Of manual ones. Still waiting when the due day is over, it fails with `overdue`.
    std::optional<Date> due_on, paid_on;
    std::optional<std::string> reference;  // the bank's or the bookkeeper's words for the money
    Metadata metadata;
    Secret<std::optional<Uuid>> operation;  // the authorization, capture or void under way
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
    std::optional<Id<returns::Return>> return_id;  // the return it is for
    std::optional<Date> paid_on;                   // marked as paid by hand
    std::optional<std::string> reference;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

struct PaymentById {
    PaymentId id;
};
struct RefundById {
    RefundId id;
};

struct ListPayments {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<orders::OrderId> order_id;
    std::optional<Status> status;
    std::optional<Time> created_after, created_before;
};

struct ListRefunds {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<orders::OrderId> order_id;
    std::optional<PaymentId> payment_id;
    std::optional<RefundStatus> status;
    std::optional<Time> created_after, created_before;
};

// A gateway's message about an operation; signed, see Gateway::notice.
struct GatewayMessage {
    Text<50> gateway;
};

Payment one(Reads&, const Actor&, const PaymentById&);
Page<Payment> list(Reads&, const Actor&, const ListPayments&);
Refund one_refund(Reads&, const Actor&, const RefundById&);
Page<Refund> list_refunds(Reads&, const Actor&, const ListRefunds&);
// Checks the signature, drops repetitions by the sender's id, and has the operation's outcome asked
// for at once. Refuses with not_found (no such gateway) and unauthenticated.
void receive(Desk&, const Actor&, const GatewayMessage&);

// ---- for flows

// What of a payment counts against what its order owes: all of it while it may still arrive, what
// was captured once that is known. What was refunded is not owed again.
Money counted(const Payment&);
// What of it can still be given back.
Money refundable(const Payment&);
// Its outcome is open, or it is authorized: the order's reservations do not expire meanwhile.
bool pins_reservations(const Payment&);

// Each begins an operation at the gateway; the payment's order must be locked. `Wait::no`: nobody
// waits for it.
enum class Wait { yes, no };
Uuid begin_authorization(Tx&, Payment&);
Uuid begin_capture(Tx&, Payment&, Money);
Uuid begin_void(Tx&, Payment&, Wait);
struct BegunRefund {
    RefundId refund;
    Uuid operation;
};
// At most `refundable`: the caller has checked.
BegunRefund begin_refund(Tx&, Payment&, Money, std::optional<std::string> reason, Wait,
                         std::optional<Id<returns::Return>> = {});

// The order is being cancelled: void what is authorized, refund what is captured, as operations
// nobody waits for. A payment in flight is left alone: when its capture arrives the cancelled order
// refunds it by itself.
void give_back_all(Tx&, const orders::Order&);
void give_back(Tx&, Payment&);  // the same for one payment

}  // namespace stateset::payments

namespace stateset {
class Api;
namespace payments {
void routes(Api&);
}
}  // namespace stateset

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
