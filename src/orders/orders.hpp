#pragma once
// An order is a customer's request for goods. It owns its lines; its reservations, payments and
// shipments hang from it and are guarded by its lock. It lives through `lifecycle`; its payment and
// fulfillment statuses are derived from sums after every change, never set.
//
// Prices are the catalogue's, copied into the lines when they are made. Who may `orders:price` says
// otherwise: another unit price, tax, discount, shipping cost, or sale on account. What moves an
// order on (process, cancel, ship, …) crosses slices and lives in flows/. A line whose product
// allows it may wait for stock (`backordered`); see flows/backorders.hpp.

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
// Where an order came from that nobody placed by itself.
enum class Origin { split, exchange, replacement };

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
    Money order_discount;  // of discount_total, what was taken off the order as a whole
    PaymentTerms payment_terms = PaymentTerms::prepaid;
    std::optional<customers::PostalAddress> shipping_address, billing_address;
    std::optional<std::string> notes, hold_reason, cancel_reason, tracking_number;
    std::optional<Origin> origin;
    std::optional<OrderId> origin_order_id;
    std::optional<OrderId> merged_into;  // the order that has its lines now
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
    std::string tax_category = "standard";  // the product's
    Quantity tax_rate;                      // a share: 0.19
    Secret<bool> tax_rate_given;            // by the caller: it stays whatever the address
    Money tax, discount, total;
    Money line_discount;  // of `discount`, what was taken off this line by itself
    std::int64_t reserved = 0, shipped = 0, returned = 0;
    std::int64_t backordered = 0;  // waits for stock
    bool track_inventory = true;
    Secret<bool> backorder;  // the product's, when it was ordered
};

// What GET shows.
struct OrderView {
    Flat<Order> order;
    std::vector<Line> items;
    Expanded<customers::Customer> customer;
};

// A row of a list.
struct OrderRow {
    Flat<Order> order;
    Expanded<std::vector<Line>> items;
    Expanded<customers::Customer> customer;
};

inline constexpr Code price_mismatch{
    "price_mismatch", 409, "The price is not the catalogue's",
    "Leave unit_price out to get the catalogue's price, or read `errors` for what it is now."};
inline constexpr Code price_permission_needed{
    "price_permission_needed", 403, "These terms need the permission orders:price",
    "Leave the fields named in `errors` out, or ask for the permission."};
inline constexpr Code product_unavailable{
    "product_unavailable", 409, "Not sold at the moment",
    "Order something else; `errors` names what is a draft or archived."};
inline constexpr Code order_needs_items{
    "order_needs_items", 409, "An order has 1 to 1,000 lines",
    "Cancel the order instead of removing its last line; split what has more than 1,000."};

inline constexpr std::size_t most_lines = 1000;

// One line as a caller asks for it: by sku, or by product for the product's own variant.
struct NewLine {
    std::optional<Text<100>> sku;
    std::optional<products::ProductId> product_id;
    Int<1, 1'000'000> quantity;
    std::optional<Amount> unit_price;
    std::optional<Amount> discount;    // of the line by itself
    std::optional<Quantity> tax_rate;  // else the rate of where it goes
};

struct PlaceOrder {
    customers::CustomerId customer_id;
    List<NewLine, 1, most_lines> items;
    std::optional<Currency> currency;  // refused when the catalogue's is another
    std::optional<Amount> discount_total, shipping_total;
    std::optional<PaymentTerms> payment_terms;
    std::optional<customers::PostalAddress> shipping_address, billing_address;
    std::optional<Text<2000>> notes;
    Metadata metadata;
    std::vector<Text<50>> tags;
};

// A word that an order is found by: one row for each of its tags.
struct Tag {
    Id<Tag> id;
    OrderId order_id;
    std::string tag;
};

struct OrderChanges {
    OrderId id;
    Change<std::optional<Text<2000>>> notes;
    Change<Metadata> metadata;
    Change<std::vector<Text<50>>> tags;
    Change<std::optional<customers::PostalAddress>> shipping_address, billing_address;
    Change<Amount> discount_total, shipping_total;  // while pending
};

struct AddNote {
    OrderId id;
    Text<2000> note;
};

struct ArchiveOrder {
    OrderId id;
    Reason reason;
};

enum class Expand { customer, items };
enum class Sort { newest, oldest };

struct OneOrder {
    OrderId id;
    std::vector<Expand> expand;
};

struct OrderByNumber {
    Text<40> order_number;
    std::vector<Expand> expand;
};

struct ListOrders {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Status> status;
    std::optional<PaymentStatus> payment_status;
    std::optional<FulfillmentStatus> fulfillment_status;
    std::optional<customers::CustomerId> customer_id;
    std::optional<Text<40>> order_number;
    std::optional<Text<100>> sku;  // of one of its lines
    std::optional<Text<50>> tag;
    // The beginning of its number, of a line's sku, or of the customer's e-mail address, first,
    // last or full name; or any part of its notes. Large and small letters are alike, except in
    // skus.
    std::optional<Text<100>> q;
    std::optional<bool> backordered;  // whether a line waits for stock
    std::optional<bool> archived;     // absent: those that are not
    std::optional<Time> created_after, created_before;
    std::optional<Sort> sort;
    std::vector<Expand> expand;
};

struct ItemsOf {
    OrderId id;
};

struct OneItem {
    OrderId id;
    LineId order_item_id;
};

// Tax rates that nobody gives are those of where it goes: the shipping address, else the billing
// address (taxes/taxes.hpp). Takes at most 3 rounds (4 by product_id). Refuses with invalid (every
// fault of every line, a total beyond 64 bits among them), product_unavailable, price_mismatch and
// price_permission_needed. Emits order.created.
Order place(Tx&, const Actor&, const PlaceOrder&);
// The next order's number.
std::string next_number(Tx&);
// Adds a line of text to the notes. Emits order.updated.
Order add_note(Tx&, const Actor&, const AddNote&);
// Takes a finished order (delivered or cancelled) out of the lists. Emits order.updated.
Order archive(Tx&, const Actor&, const ArchiveOrder&);

// Takes over all of the changes but the amounts, which need the lines. Addresses are refused with
// illegal_transition once goods have left.
void change(Tx&, Order&, const OrderChanges&);
// The order's tags are these now, each once, and it is found by them.
void set_tags(Tx&, Order&, std::vector<std::string> tags);

// Moves on through `lifecycle`, or refuses with illegal_transition. `hold` remembers where the
// order was and `release` goes back there. What is no longer on hold has no reason to be.
void move(Order&, Action);

OrderView view(Tx&, const Order&);

OrderView one(Reads&, const Actor&, const OneOrder&);
OrderView by_number(Reads&, const Actor&, const OrderByNumber&);
Page<OrderRow> list(Reads&, const Actor&, const ListOrders&);
Page<Line> items(Reads&, const Actor&, const ItemsOf&);
Line one_item(Reads&, const Actor&, const OneItem&);

}  // namespace stateset::orders

namespace stateset {
class Api;
namespace orders {
void routes(Api&);
}
}  // namespace stateset

template <>
struct stateset::store::Table<stateset::orders::Order> : stateset::store::Named<"orders", "order"> {
    using unique = Keys<Key<&stateset::orders::Order::order_number>>;
};
template <>
struct stateset::store::Table<stateset::orders::Tag>
    : stateset::store::Named<"order_tags", "order_tag"> {
    using parent = Child<"orders", &stateset::orders::Tag::order_id>;
};
template <>
struct stateset::store::Table<stateset::orders::Line>
    : stateset::store::Named<"order_items", "order_item"> {
    using parent = Child<"orders", &stateset::orders::Line::order_id>;
};
