#pragma once
// A transfer moves stock from one location to another. Shipping takes it off the shelf of the
// source, receiving puts it on the shelf of the destination, all of it or part by part. Between the
// two it is in transit: no location has it, nobody can reserve it, and each item of the transfer
// knows how much it is: shipped − received − returned − lost, never negative. What never arrives is
// written off as lost when the transfer is closed; what is cancelled on the way goes back to the
// source, once. `inventory.transferred` is emitted, with the transfer as it then is, whenever goods
// move or are given up: on shipping, on each receipt, on closing, and on cancelling what had left.

#include "inventory/inventory.hpp"

namespace stateset::inventory {

struct Transfer;
struct TransferItem;
using TransferId = Id<Transfer>;
using TransferItemId = Id<TransferItem>;

inline constexpr Code exceeds_in_transit{
    "exceeds_in_transit", 409, "More than is on its way",
    "Receive at most what `errors` names; what is more belongs into an adjustment."};
inline constexpr Code location_inactive{"location_inactive", 409, "The location is not active",
                                        "Activate the location, or make another transfer."};

enum class TransferStatus { draft, in_transit, partially_received, received, cancelled };
enum class TransferAction { ship, receive_part, receive, close, cancel };

inline constexpr Move<TransferStatus, TransferAction> transfer_lifecycle[] = {
    {TransferStatus::draft, TransferAction::ship, TransferStatus::in_transit},
    {TransferStatus::draft, TransferAction::cancel, TransferStatus::cancelled},
    {TransferStatus::in_transit, TransferAction::receive_part, TransferStatus::partially_received},
    {TransferStatus::in_transit, TransferAction::receive, TransferStatus::received},
    {TransferStatus::in_transit, TransferAction::close, TransferStatus::received},
    {TransferStatus::in_transit, TransferAction::cancel, TransferStatus::cancelled},
    {TransferStatus::partially_received, TransferAction::receive_part,
     TransferStatus::partially_received},
    {TransferStatus::partially_received, TransferAction::receive, TransferStatus::received},
    {TransferStatus::partially_received, TransferAction::close, TransferStatus::received},
};

struct Transfer {
    TransferId id;
    std::int64_t version = 1;
    std::string transfer_number;  // unique: "T-1001"
    LocationId from_location_id, to_location_id;
    TransferStatus status = TransferStatus::draft;
    std::optional<Date> expected_on;  // when it should arrive
    std::optional<std::string> reference, notes;
    std::optional<std::string> end_reason;  // why it was closed short or cancelled
    std::optional<Time> shipped_at, ended_at;
    Metadata metadata;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

// A part of what left: of items tracked by lot one lot.
struct Load {
    std::optional<std::string> lot_number;
    std::optional<Date> expires_on;           // the lot's
    std::vector<std::string> serial_numbers;  // of the pieces still on their way
    Quantity quantity;
    Quantity settled;  // of it arrived, went back or was lost
    Quantity left() const { return quantity - settled; }
};

struct TransferItem {
    TransferItemId id;
    TransferId transfer_id;
    ItemId item_id;
    std::string sku;
    Quantity quantity;
    Quantity shipped, received, returned, lost;
    std::vector<Load> loads;  // once shipped, in the order in which they count as received
    Quantity in_transit() const { return shipped - received - returned - lost; }
};

struct TransferItemView {
    Flat<TransferItem> item;
    Quantity in_transit;
};

struct TransferView {
    Flat<Transfer> transfer;
    std::vector<TransferItemView> items;
};

struct TransferRow {
    Flat<Transfer> transfer;
    Expanded<std::vector<TransferItemView>> items;
};

// ---- inputs

struct NewTransferItem {
    Text<64> sku;
    Quantity quantity;
};

struct NewTransfer {
    LocationId from_location_id, to_location_id;
    List<NewTransferItem, 1, 500> items;  // each sku once
    std::optional<Date> expected_on;
    std::optional<Text<100>> reference;
    std::optional<Text<2000>> notes;
    Metadata metadata;
};

struct TransferChanges {
    TransferId id;
    Change<std::optional<Date>> expected_on;
    Change<std::optional<Text<100>>> reference;
    Change<std::optional<Text<2000>>> notes;
    Change<Metadata> metadata;
};

struct ActOnTransfer {
    TransferId id;
    Reason reason;
};

// With what it moves, seen beforehand without a lock, so that shipping asks for it at once.
struct TransferToShip {
    ActOnTransfer wanted;
    std::vector<ItemId> items;
};

struct Arrived {
    TransferItemId transfer_item_id;
    Quantity quantity;
    std::optional<Text<64>> lot_number;  // else of the lots in the order they left
    std::optional<List<Text<64>, 1, 1000>> serial_numbers;  // else in that order too
};

struct ReceiveTransfer {
    TransferId id;
    std::optional<List<Arrived, 1, 500>> items;  // else all that is on its way
    std::optional<bool> final;                   // nothing more will come: the rest is lost
    Reason reason;
};

struct CloseTransfer {
    TransferId id;
    Text<500> reason;
};

struct OneTransfer {
    TransferId id;
};

enum class ExpandTransfer { items };

struct ListTransfers {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<TransferStatus> status;
    std::optional<LocationId> from_location_id, to_location_id;
    std::optional<Text<100>> reference;
    std::optional<Time> created_after, created_before;
    std::vector<ExpandTransfer> expand;
};

// ---- what of an item is on its way, and where to

struct OnItsWay {
    TransferId transfer_id;
    std::string transfer_number;
    LocationId from_location_id, to_location_id;
    std::optional<Date> expected_on;
    Quantity in_transit;
};

struct InTransit {
    ItemId item_id;
    std::string item_number;
    Quantity in_transit;              // of all transfers
    std::vector<OnItsWay> transfers;  // oldest first; at most 100
};

// ---- commands. Those on a transfer refuse with not_found and illegal_transition ----

// Refuses every fault of locations and items at once with `invalid`. Takes no stock.
Transfer create_transfer(Tx&, const Actor&, const NewTransfer&);
Transfer update_transfer(Tx&, const Actor&, const TransferChanges&);
// Takes every item off the source's shelf, of what is available only, or nothing: refuses with
// insufficient_stock naming each short line, and with location_inactive.
TransferToShip look_ahead(Reads&, const Actor&, const ActOnTransfer&);
Transfer ship_transfer(Tx&, const Actor&, const TransferToShip&);
// Puts what arrived on the destination's shelf, also when the location has been closed meanwhile:
// the goods are there. Refuses with exceeds_in_transit naming each line.
Transfer receive_transfer(Tx&, const Actor&, const ReceiveTransfer&);
// What is still on its way is lost.
Transfer close_transfer(Tx&, const Actor&, const CloseTransfer&);
// What is on its way goes back on the source's shelf.
Transfer cancel_transfer(Tx&, const Actor&, const ActOnTransfer&);

TransferView view(Tx&, const Transfer&);

// ---- queries ----

TransferView one_transfer(Reads&, const Actor&, const OneTransfer&);
Page<TransferRow> list_transfers(Reads&, const Actor&, const ListTransfers&);
InTransit in_transit(Reads&, const Actor&, const OneItem&);

}  // namespace stateset::inventory

template <>
struct stateset::store::Table<stateset::inventory::Transfer>
    : stateset::store::Named<"inventory_transfers", "transfer"> {
    using unique = Keys<Key<&stateset::inventory::Transfer::transfer_number>>;
};
template <>
struct stateset::store::Table<stateset::inventory::TransferItem>
    : stateset::store::Named<"inventory_transfer_items", "transfer_item"> {
    using parent = Child<"inventory_transfers", &stateset::inventory::TransferItem::transfer_id>;
    using unique = Keys<Key<&stateset::inventory::TransferItem::transfer_id,
                            &stateset::inventory::TransferItem::item_id>>;
};
