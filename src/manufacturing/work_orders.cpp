#include "manufacturing/work_orders.hpp"

#include "manufacturing/lifecycle.hpp"
#include "manufacturing/proportion.hpp"
#include "platform/store/gather.hpp"

namespace stateset::manufacturing {
namespace {

using inventory::Location;
using inventory::LocationId;

constexpr std::int64_t first_number = 1001;

template <std::size_t Max, std::size_t Min>
std::optional<std::string> text(const std::optional<Text<Max, Min>>& from) {
    return from ? std::optional<std::string>(from->value) : std::nullopt;
}

const Location* peek_location(Tx& tx, std::optional<LocationId> wanted) {
    return wanted ? tx.peek<Location>(*wanted) : tx.peek<&Location::code>(inventory::main_code);
}

const Location& usable(const Location* location, std::string_view pointer) {
    if (!location) throw unknown_reference(std::string(pointer));
    if (!location->active) throw invalid(std::string(pointer), "inactive", "is not active");
    return *location;
}

void check_quantity(Quantity quantity, inventory::Tracking tracking) {
    inventory::require_positive(quantity, "/quantity");
    bool whole = quantity.scaled % Quantity::one == 0;
    if (tracking == inventory::Tracking::serial && !whole) {
        throw invalid("/quantity", "not_whole", "must be whole: each piece has a serial number");
    }
}

Quantity required(const BomItem& line, Quantity pieces) {
    auto needed = required_for(line.quantity, line.scrap_percent, pieces, line.tracking);
    if (!needed)
        throw invalid("/quantity", "too_large", "needs more of " + line.sku + " than can be");
    return *needed;
}

std::string next_number(Tx& tx) {
    return "WO-" + std::to_string(tx.next_number("work_order", first_number));
}

WorkOrder& plan(Tx& tx, WorkOrder planned, const Bom& bom) {
    planned.bom_id = bom.id;
    planned.product_id = bom.product_id;
    planned.sku = bom.sku;
    planned.item_id = bom.item_id;
    planned.tracking = bom.tracking;
    planned.id = tx.new_id();
    auto& work_order = tx.add(std::move(planned));
    for (const auto* line : tx.all<BomItem>(bom.id)) {
        tx.add(WorkOrderItem{.id = tx.new_id(),
                             .work_order_id = work_order.id,
                             .sku = line->sku,
                             .item_id = line->item_id,
                             .tracking = line->tracking,
                             .quantity = line->quantity,
                             .scrap_percent = line->scrap_percent,
                             .required = required(*line, work_order.quantity)});
    }
    tx.emit("work_order.created", work_order);
    return work_order;
}

// Planned: nothing is reserved or consumed yet.
void plan_anew(Tx& tx, const WorkOrder& work_order) {
    for (const auto* item : tx.all<WorkOrderItem>(work_order.id)) {
        auto& changed = tx.edit(*item);
        changed.required = required({.sku = item->sku,
                                     .tracking = item->tracking,
                                     .quantity = item->quantity,
                                     .scrap_percent = item->scrap_percent},
                                    work_order.quantity);
    }
}

WorkOrder& edited(Tx& tx, WorkOrderId id) {
    auto& work_order = tx.edit<WorkOrder>(id);
    tx.all<WorkOrderItem>(id);
    return work_order;
}

}  // namespace

void move(WorkOrder& work_order, Action action) {
    auto from = work_order.status;
    auto to = next(lifecycle, from, action);
    if (action == Action::resume) to = *work_order.held_from.value;
    work_order.held_from.value.reset();
    if (action == Action::hold) {
        work_order.held_from.value = from;
    } else {
        work_order.hold_reason.reset();
    }
    work_order.status = to;
}

WorkOrder create(Tx& tx, const Actor&, const NewWorkOrder& wanted) {
    std::string number;
    gather(
        tx, [&] { number = next_number(tx); }, [&] { tx.find<Bom>(wanted.bom_id); },
        [&] { peek_location(tx, wanted.location_id); });
    const auto& bom = tx.get<Bom>(wanted.bom_id, "/bom_id");
    const auto& location = usable(peek_location(tx, wanted.location_id), "/location_id");
    check_quantity(wanted.quantity, bom.tracking);
    require(bom.status == BomStatus::active, bom_not_active,
            bom.bom_number + " is " + std::string(reflect::name(bom.status)) + ".");
    return plan(tx,
                {.work_order_number = number,
                 .location_id = location.id,
                 .quantity = wanted.quantity,
                 .priority = wanted.priority.value_or(Int<0, 1'000'000>{100}),
                 .assignee = text(wanted.assignee),
                 .due_on = wanted.due_on,
                 .notes = text(wanted.notes),
                 .metadata = wanted.metadata},
                bom);
}

WorkOrder& create_repair(Tx& tx, const NewRepair& wanted) {
    std::string number;
    gather(
        tx, [&] { number = next_number(tx); },
        [&] { tx.find<&Bom::active_product_id>(wanted.product_id); },
        [&] { peek_location(tx, wanted.location_id); });
    const auto* bom = tx.find<&Bom::active_product_id>(wanted.product_id);
    if (!bom) throw Refusal(no_active_bom, "There is no active BOM to repair it by.");
    const auto& location = usable(peek_location(tx, wanted.location_id), wanted.pointer);
    return plan(tx,
                {.work_order_number = number,
                 .kind = Kind::repair,
                 .location_id = location.id,
                 .quantity = Quantity::of(1),
                 .claim_id = wanted.claim_id,
                 .notes = wanted.notes},
                *bom);
}

WorkOrder update(Tx& tx, const Actor&, const WorkOrderChanges& wanted) {
    gather(
        tx, [&] { tx.get<WorkOrder>(wanted.id); },
        [&] {
            if (wanted.location_id.given) peek_location(tx, wanted.location_id.value);
        });
    auto& work_order = edited(tx, wanted.id);
    if (wanted.quantity.given || wanted.location_id.given) {
        require(work_order.status == Status::planned, codes::illegal_transition,
                "Its quantity and location can change only while it is planned.");
    }
    if (wanted.location_id.given) {
        auto* location = peek_location(tx, wanted.location_id.value);
        work_order.location_id = usable(location, "/location_id").id;
    }
    if (wanted.quantity.given) {
        check_quantity(wanted.quantity.value, work_order.tracking);
        work_order.quantity = wanted.quantity.value;
        plan_anew(tx, work_order);
    }
    if (wanted.priority.given) work_order.priority = wanted.priority.value;
    if (wanted.assignee.given) work_order.assignee = text(wanted.assignee.value);
    wanted.due_on.apply(work_order.due_on);
    if (wanted.notes.given) work_order.notes = text(wanted.notes.value);
    wanted.metadata.apply(work_order.metadata);
    return work_order;
}

WorkOrder assign(Tx& tx, const Actor&, const Assign& wanted) {
    auto& work_order = edited(tx, wanted.id);
    bool over = work_order.status == Status::completed || work_order.status == Status::cancelled;
    require(!over, codes::illegal_transition, "Nothing is left to do on it.");
    work_order.assignee = wanted.assignee.value;
    return work_order;
}

WorkOrder start(Tx& tx, const Actor&, const ChangeWorkOrderStatus& wanted) {
    auto& work_order = edited(tx, wanted.id);
    move(work_order, Action::start);
    work_order.started_at = tx.now();
    tx.emit("work_order.started", work_order);
    return work_order;
}

WorkOrder hold(Tx& tx, const Actor&, const ChangeWorkOrderStatus& wanted) {
    auto& work_order = edited(tx, wanted.id);
    move(work_order, Action::hold);
    work_order.hold_reason = text(wanted.reason);
    return work_order;
}

WorkOrder resume(Tx& tx, const Actor&, const ChangeWorkOrderStatus& wanted) {
    auto& work_order = edited(tx, wanted.id);
    move(work_order, Action::resume);
    return work_order;
}

WorkOrderView view(Tx& tx, const WorkOrder& work_order) {
    WorkOrderView shown{.work_order = {work_order}, .items = {}};
    for (const auto* item : tx.all<WorkOrderItem>(work_order.id)) shown.items.push_back(*item);
    return shown;
}

}  // namespace stateset::manufacturing
