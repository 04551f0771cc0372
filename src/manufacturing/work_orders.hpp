#pragma once
// A work order turns components into a product: it takes the lines of a BOM as they are on that
// day, sets the components aside, consumes them and puts what was made on the shelf. Its items are
// the BOM's own lines; sub-assemblies come from stock. Everything happens at its location. For each
// item `reserved` is what its active reservations hold and `consumed` what the ledger took for it;
// reserved + consumed ≤ required. `produced` is what came of it, `scrapped` what was spoilt; the
// two together reach `quantity` when it is completed.
//
// A repair (`kind`) consumes components like a build, and puts nothing on the shelf: the piece is
// the customer's.
//
// Where work orders meet stock (release, issue, complete, cancel, …) is flows/build.hpp.

#include "manufacturing/boms.hpp"

namespace stateset::warranties {
struct Claim;
}

namespace stateset::manufacturing {

struct WorkOrder;
struct WorkOrderItem;
struct Completion;
using WorkOrderId = Id<WorkOrder>;
using CompletionId = Id<Completion>;

enum class Kind { build, repair };
enum class Status { planned, released, in_progress, on_hold, completed, cancelled };
enum class Action { release, start, hold, resume, complete, cancel };

struct WorkOrder {
    WorkOrderId id;
    std::int64_t version = 1;
    std::string work_order_number;  // "WO-1001"
    Kind kind = Kind::build;
    BomId bom_id;
    products::ProductId product_id;
    std::string sku;  // what is made
    inventory::ItemId item_id;
    inventory::Tracking tracking = inventory::Tracking::none;  // of what is made
    inventory::LocationId location_id;
    Quantity quantity, produced, scrapped;
    Status status = Status::planned;
    Secret<std::optional<Status>> held_from;  // where `resume` goes back to
    std::int64_t priority = 100;              // lower comes first
    std::optional<std::string> assignee;
    std::optional<Date> due_on;
    std::optional<Id<warranties::Claim>> claim_id;  // of a repair: what it settles
    std::optional<std::string> hold_reason, cancel_reason, notes;
    Metadata metadata;
    std::optional<Time> released_at, started_at, completed_at;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
    Quantity left() const { return quantity - produced - scrapped; }
};

struct WorkOrderItem {
    Id<WorkOrderItem> id;
    WorkOrderId work_order_id;
    std::string sku;
    inventory::ItemId item_id;
    inventory::Tracking tracking = inventory::Tracking::none;
    Quantity quantity, scrap_percent;  // for one piece, as the BOM says
    Quantity required, reserved, consumed;
    std::vector<inventory::ReservationId> reservation_ids;  // the active ones, oldest first
    Quantity missing() const { return required - reserved - consumed; }
};

// One time that something was finished. Never changed.
struct Completion {
    CompletionId id;
    WorkOrderId work_order_id;
    Quantity quantity, scrapped;
    std::optional<std::string> reason;
    std::string actor;
    Time created_at;
};

// Genealogy: what was consumed, by lot where the item has lots, and what came of it. Components
// that were issued ahead have no completion: they are in everything that the work order made since.
// Never changed.
struct Consumption {
    Uuid id;
    WorkOrderId work_order_id;
    std::optional<CompletionId> completion_id;
    inventory::ItemId item_id;
    std::optional<inventory::LotId> lot_id;
    std::optional<std::string> serial_number;
    Quantity quantity;
    Time created_at;
};
struct Output {
    Uuid id;
    WorkOrderId work_order_id;
    CompletionId completion_id;
    inventory::ItemId item_id;
    std::optional<inventory::LotId> lot_id;
    std::optional<std::string> serial_number;
    Quantity quantity;
    Time created_at;
};

// What GET shows.
struct WorkOrderView {
    Flat<WorkOrder> work_order;
    std::vector<WorkOrderItem> items;
};
// A row of a list.
struct WorkOrderRow {
    Flat<WorkOrder> work_order;
    Expanded<std::vector<WorkOrderItem>> items;
};

// ---- inputs ----

struct NewWorkOrder {
    BomId bom_id;
    Quantity quantity;
    std::optional<inventory::LocationId> location_id;  // else MAIN
    std::optional<Int<0, 1'000'000>> priority;         // else 100
    std::optional<Text<100>> assignee;
    std::optional<Date> due_on;
    std::optional<Text<10'000>> notes;
    Metadata metadata;
};

struct WorkOrderChanges {
    WorkOrderId id;
    Change<Quantity> quantity;                  // while planned
    Change<inventory::LocationId> location_id;  // while planned
    Change<Int<0, 1'000'000>> priority;
    Change<std::optional<Text<100>>> assignee;
    Change<std::optional<Date>> due_on;
    Change<std::optional<Text<10'000>>> notes;
    Change<Metadata> metadata;
};

struct WorkOrderById {
    WorkOrderId id;
};

struct ChangeWorkOrderStatus {
    WorkOrderId id;
    Reason reason;
};

struct Assign {
    WorkOrderId id;
    Text<100> assignee;
    Reason reason;
};

enum class ExpandWorkOrder { items };

struct ListWorkOrders {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Status> status;
    std::optional<Kind> kind;
    std::optional<BomId> bom_id;
    std::optional<products::ProductId> product_id;
    std::optional<inventory::LocationId> location_id;
    std::optional<Text<64>> work_order_number;
    std::optional<Text<100>> assignee;
    std::optional<Date> due_before;  // or on that day
    std::optional<Id<warranties::Claim>> claim_id;
    std::optional<Time> created_after, created_before;
    std::vector<ExpandWorkOrder> expand;
};

// ---- commands. All refuse with not_found ----

// Refuses with `invalid` at /bom_id, /quantity and /location_id, and with bom_not_active. Emits
// work_order.created.
WorkOrder create(Tx&, const Actor&, const NewWorkOrder&);
// Another quantity or location only while planned, else illegal_transition.
WorkOrder update(Tx&, const Actor&, const WorkOrderChanges&);
// Refuses with illegal_transition when it is completed or cancelled.
WorkOrder assign(Tx&, const Actor&, const Assign&);
// released → in_progress. Emits work_order.started.
WorkOrder start(Tx&, const Actor&, const ChangeWorkOrderStatus&);
// What is reserved stays so. Back where it was by `resume`.
WorkOrder hold(Tx&, const Actor&, const ChangeWorkOrderStatus&);
WorkOrder resume(Tx&, const Actor&, const ChangeWorkOrderStatus&);

WorkOrderView view(Tx&, const WorkOrder&);

// ---- for flows ----

// A repair of one piece of a product with the components of its active BOM: planned, to be released
// like any other. Refuses with no_active_bom. `pointer` is where the request names the location.
// Emits work_order.created.
struct NewRepair {
    products::ProductId product_id;
    std::optional<inventory::LocationId> location_id;  // else MAIN
    std::optional<Id<warranties::Claim>> claim_id;
    std::optional<std::string> notes;
    std::string_view pointer = "/location_id";
};
WorkOrder& create_repair(Tx&, const NewRepair&);

// ---- queries ----

WorkOrderView one(Reads&, const Actor&, const WorkOrderById&);
Page<WorkOrderRow> list(Reads&, const Actor&, const ListWorkOrders&);

}  // namespace stateset::manufacturing

namespace stateset {
class Api;
namespace manufacturing {
void routes(Api&);  // those that touch stock: flows/build.hpp
}
}  // namespace stateset

template <>
struct stateset::store::Table<stateset::manufacturing::WorkOrder>
    : stateset::store::Named<"work_orders", "work_order"> {};
template <>
struct stateset::store::Table<stateset::manufacturing::WorkOrderItem>
    : stateset::store::Named<"work_order_items", "work_order_item"> {
    using parent = Child<"work_orders", &stateset::manufacturing::WorkOrderItem::work_order_id>;
};
template <>
struct stateset::store::Table<stateset::manufacturing::Completion>
    : stateset::store::Named<"work_order_completions", "work_order_completion"> {};
template <>
struct stateset::store::Table<stateset::manufacturing::Consumption>
    : stateset::store::Named<"work_order_consumptions", "work_order_consumption"> {};
template <>
struct stateset::store::Table<stateset::manufacturing::Output>
    : stateset::store::Named<"work_order_outputs", "work_order_output"> {};
