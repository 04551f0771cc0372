#pragma once
// A return (RMA) brings goods of one order back. It is announced, approved, its goods arrive and
// are looked at, and completing it puts them on the shelf and gives back what they are worth. It
// hangs from its order and is guarded by its lock: returns never claim more of a line than was
// shipped, however many clients ask at once.
//
// A return claims what was announced until its goods arrive, then what arrived: pieces that did not
// come are free for another return. Rejected and cancelled ones claim nothing.
//
// Here is all that stays within the return. Completing it also moves stock, money and, for an
// exchange, makes an order: that is in flows/return_order.hpp.

#include "inventory/inventory.hpp"
#include "orders/orders.hpp"
#include "payments/payments.hpp"

namespace stateset::returns {

struct Return;
struct ReturnItem;
using ReturnId = Id<Return>;
using ReturnItemId = Id<ReturnItem>;

enum class Status { requested, approved, received, inspected, completed, rejected, cancelled };
enum class Action { approve, reject, receive, inspect, complete, cancel };
// What becomes of goods that arrived: sold again, kept where they may not be used, thrown away.
enum class Disposition { restock, quarantine, scrap };
// Of `refund_amount`: nothing to give back, under way, all given back, or some of it refused.
enum class RefundProgress { none, processing, succeeded, failed };

inline constexpr Code return_exceeds_shipped{
    "return_exceeds_shipped", 409, "More than was shipped",
    "Return at most what was shipped and no other return claims; `errors` says how much that is."};
inline constexpr Code exceeds_return{"exceeds_return", 409, "More than was announced",
                                     "Receive at most what the return announces; request another "
                                     "return for the rest."};

struct ReturnProgress {  // one line of the history
    Status status;
    Time at;
    std::optional<std::string> note;
};

// What is wanted instead: by sku, or by product for the product's own variant.
struct Replacement {
    std::optional<Text<100>> sku;
    std::optional<products::ProductId> product_id;
    Int<1, 1'000'000> quantity;
};

struct Return {
    ReturnId id;
    std::int64_t version = 1;
    std::string rma_number;  // unique: "RMA-1001"
    orders::OrderId order_id;
    customers::CustomerId customer_id;
    Status status = Status::requested;
    std::optional<inventory::LocationId> location_id;  // null: to where each was shipped from
    Currency currency;
    // All 0 until completed; then value = exchanged + refund_amount + unrefundable.
    Money value;                // of what came back: the lines' stored amounts
    Money exchanged;            // paid for the exchange order
    Money refund_amount;        // to be given back
    Money unrefundable;         // no payment was left for
    Money refunded, refunding;  // of refund_amount: given back, under way
    RefundProgress refund_status = RefundProgress::none;
    std::vector<Replacement> replacements;
    std::optional<orders::OrderId> exchange_order_id;
    std::vector<ReturnProgress> history;
    std::optional<std::string> notes;
    Metadata metadata;
    Secret<std::vector<payments::RefundId>> refund_ids;  // all that it made
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

struct ReturnItem {
    ReturnItemId id;
    ReturnId return_id;
    orders::LineId order_item_id;
    std::string sku;
    std::int64_t quantity = 0;             // announced
    std::optional<std::int64_t> received;  // null: not yet
    std::optional<std::string> reason, condition;
    std::optional<Disposition> disposition;
    std::vector<std::string> serial_numbers;  // of items tracked by serial: what arrived
    Currency currency;
    Money value;  // once completed
};

// What GET shows.
struct ReturnView {
    Flat<Return> returned_goods;
    std::vector<ReturnItem> items;
    std::vector<payments::Refund> refunds;  // oldest first
};

// A row of a list.
struct ReturnRow {
    Flat<Return> returned_goods;
    Expanded<std::vector<ReturnItem>> items;
};

struct NewReturnItem {
    orders::LineId order_item_id;
    Int<1, 1'000'000> quantity;
    std::optional<Text<255>> reason;
};

struct RequestReturn {
    orders::OrderId order_id;
    List<NewReturnItem, 1, 1000> items;       // a line may stand in several, with different reasons
    List<Replacement, 0, 1000> replacements;  // not empty: an exchange
    std::optional<Text<2000>> notes;
    Metadata metadata;
};

struct DecideReturn {
    ReturnId id;
    Reason reason;
};

struct ReceivedItem {
    ReturnItemId return_item_id;
    Int<0, 1'000'000> quantity;
    std::optional<Text<100>> condition;
    std::vector<Text<64>> serial_numbers;
};

struct ReceiveReturn {
    ReturnId id;
    // Absent: all of it arrived. Otherwise only this did.
    std::optional<List<ReceivedItem, 1, 1000>> items;
    std::optional<inventory::LocationId> location_id;
    Reason reason;
};

struct InspectedItem {
    ReturnItemId return_item_id;
    Disposition disposition;
    std::optional<Text<100>> condition;
};

struct InspectReturn {
    ReturnId id;
    // Absent: all of it is restocked. Otherwise it names all that arrived.
    std::optional<List<InspectedItem, 1, 1000>> items;
    Reason reason;
};

enum class Expand { items };

struct ReturnById {
    ReturnId id;
};

struct ListReturns {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<orders::OrderId> order_id;
    std::optional<customers::CustomerId> customer_id;
    std::optional<Status> status;
    std::optional<Text<40>> rma_number;
    std::optional<Time> created_after, created_before;
    std::vector<Expand> expand;
};

// Refuses with invalid (lines of another order, replacements that are not sold or cost another
// currency) and return_exceeds_shipped. Emits return.requested.
Return request(Tx&, const Actor&, const RequestReturn&);
// All refuse with not_found, and with illegal_transition out of their turn. Each emits its event.
Return approve(Tx&, const Actor&, const DecideReturn&);
Return reject(Tx&, const Actor&, const DecideReturn&);
Return cancel(Tx&, const Actor&, const DecideReturn&);
// Refuses with exceeds_return.
Return receive(Tx&, const Actor&, const ReceiveReturn&);
Return inspect(Tx&, const Actor&, const InspectReturn&);

ReturnView view(Tx&, const Return&);

ReturnView one(Reads&, const Actor&, const ReturnById&);
Page<ReturnRow> list(Reads&, const Actor&, const ListReturns&);

// ---- for flows ----

// A return, locked together with its order, which guards it. Refuses with not_found.
const Return& locked(Tx&, ReturnId);
// Moves a return that is being edited along its lifecycle and writes its history.
void progress(Return&, Action, Time at, const Reason& note);
// A replacement as a line of the order that it is going to be.
orders::NewLine line_of(const Replacement&);
// Whether it claims pieces, and how many of an item's.
bool claims(const Return&);
std::int64_t claimed(const ReturnItem&);

// A refund that a return made has ended, one way or the other: the return shows it. The order must
// be locked and the return read. Changes nothing for other refunds.
void follow(Tx&, const payments::Refund&);
// Derives refund_status from refund_amount, refunded and refunding.
RefundProgress refund_progress(const Return&);

}  // namespace stateset::returns

namespace stateset {
class Api;
namespace returns {
void routes(Api&);
}
}  // namespace stateset

template <>
struct stateset::store::Table<stateset::returns::Return>
    : stateset::store::Named<"returns", "return"> {
    using parent = Child<"orders", &stateset::returns::Return::order_id>;
    using unique = Keys<Key<&stateset::returns::Return::rma_number>>;
};
template <>
struct stateset::store::Table<stateset::returns::ReturnItem>
    : stateset::store::Named<"return_items", "return_item"> {
    using parent = Child<"returns", &stateset::returns::ReturnItem::return_id, 2>;
};
