#pragma once
// Where work orders meet stock. Components are set aside at the work order's location, under the
// same locks and by the same rules as those of sales orders: who comes first has them, and what
// orders that wait are owed is left to them. They leave the shelf when they are issued or when
// something is finished; what was made is put there. Each of these is one transaction.
//
// A reservation of a work order can be taken away again, by hand or by an adjustment: the work
// order stays as it is, with less reserved, and refuses to complete what it lacks components for
// until they are reserved again.

#include "inventory/lots.hpp"
#include "manufacturing/work_orders.hpp"

namespace stateset {
class Api;
}

namespace stateset::flows {

inline constexpr Code components_short{
    "components_short", 409, "Components are not set aside",
    "Reserve what `errors` names with POST /work-orders/{id}/reserve, or finish less."};
inline constexpr Code exceeds_work_order{
    "exceeds_work_order", 409, "More than is left to make",
    "Finish at most its quantity minus what is produced and scrapped."};

void build_routes(Api&);

struct ReserveComponents {
    manufacturing::WorkOrderId id;
    std::optional<bool> allow_short;
    Reason reason;
};

// planned → released: sets all components aside at its location, first expired first. All or
// nothing, unless allow_short takes what there is. Refuses with insufficient_stock naming each sku
// that is short, wanted and available. Emits work_order.released.
manufacturing::WorkOrder release_work_order(Tx&, const Actor&, const ReserveComponents&);
// What a released work order, or one in progress, still lacks. Refuses likewise.
manufacturing::WorkOrder reserve_components(Tx&, const Actor&, const ReserveComponents&);

// Pieces of one component, where they have serial numbers and somebody chose them.
struct ChosenPieces {
    Text<64> sku;
    List<Text<64>, 1, 1000> serial_numbers;
};

struct IssuedComponent {
    Text<64> sku;
    Quantity quantity;
    inventory::SerialNumbers serial_numbers;  // else the oldest there
};

struct IssueComponents {
    manufacturing::WorkOrderId id;
    List<IssuedComponent, 0, 500> items;  // none: all that is reserved
    Reason reason;
};

// Takes components off the shelf ahead of completions, which then take that much less. Refuses with
// illegal_transition unless in progress, with `invalid` at /items/n/sku when it needs no such item,
// and with components_short when less is reserved.
manufacturing::WorkOrder issue_components(Tx&, const Actor&, const IssueComponents&);

struct CompleteWorkOrder {
    manufacturing::WorkOrderId id;
    std::optional<Quantity> quantity;         // good ones; else all that is left
    std::optional<Quantity> scrapped;         // spoilt ones, which go nowhere
    std::optional<Text<64>> lot_number;       // of what was made; else the work order's number
    std::optional<Date> expires_on;           // of that lot
    inventory::SerialNumbers serial_numbers;  // of what was made, one for each piece
    List<ChosenPieces, 0, 500> components;    // else the oldest there
    Reason reason;
};

// Consumes components in proportion, less what was issued ahead, and puts what was made on the
// shelf, in one transaction; the last one takes the rest, closes the reservations and completes the
// work order. Refuses with illegal_transition unless in progress, with exceeds_work_order, with
// components_short naming what is not reserved, and as inventory::arrive does for goods with lots
// or serial numbers. Emits inventory.received for what was made and work_order.completed at last.
manufacturing::WorkOrder complete_work_order(Tx&, const Actor&, const CompleteWorkOrder&);

// Gives back what was reserved and not consumed. Emits work_order.cancelled.
manufacturing::WorkOrder cancel_work_order(Tx&, const Actor&,
                                           const manufacturing::ChangeWorkOrderStatus&);

// ---- for taking stock back ----

// Asks for what `take_from_work_order` will read; the work order is locked in any case.
void foresee_taking_back(Tx&, manufacturing::WorkOrderId);
// Releases an active reservation of a work order: its item has that much less reserved.
void take_from_work_order(Tx&, const inventory::Reservation&);

}  // namespace stateset::flows
