#include "manufacturing/genealogy.hpp"

#include "sql.hpp"

namespace stateset::manufacturing {
namespace {

// Rows as the statements return them.
struct ConsumedRow {
    Uuid id;
    WorkOrderId work_order_id;
    std::optional<CompletionId> completion_id;
    inventory::ItemId item_id;
    std::optional<inventory::LotId> lot_id;
    std::optional<std::string> serial_number;
    Quantity quantity;
    Time created_at;
    std::string item_number;
    std::optional<std::string> lot_number;
};
struct MadeRow {
    Uuid id;
    WorkOrderId work_order_id;
    CompletionId completion_id;
    inventory::ItemId item_id;
    std::optional<inventory::LotId> lot_id;
    std::optional<std::string> serial_number;
    Quantity quantity;
    Time created_at;
    std::string item_number;
    std::optional<std::string> lot_number;
};

struct Named {
    inventory::ItemId item_id;
    std::string lot_number;
};
struct LotFound {
    inventory::LotId id;
};

struct Start {
    inventory::ItemId item_id;
    std::optional<inventory::LotId> lot_id;
    std::optional<std::string> serial_number;
};

ConsumedPart shown(ConsumedRow row) {
    return {.consumption = {{row.id, row.work_order_id, row.completion_id, row.item_id, row.lot_id,
                             std::move(row.serial_number), row.quantity, row.created_at}},
            .item_number = std::move(row.item_number),
            .lot_number = std::move(row.lot_number)};
}

MadePart shown(MadeRow row) {
    return {.output = {{row.id, row.work_order_id, row.completion_id, row.item_id, row.lot_id,
                        std::move(row.serial_number), row.quantity, row.created_at}},
            .item_number = std::move(row.item_number),
            .lot_number = std::move(row.lot_number)};
}

Start start_of(Reads& reads, const OfWhat& wanted) {
    if (wanted.lot_number.has_value() == wanted.serial_number.has_value()) {
        throw invalid("?lot_number", "required", "give either lot_number or serial_number");
    }
    auto item = reads.maybe<inventory::Item>(sql::inventory::item_by_number,
                                             inventory::ItemNumber{wanted.sku.value});
    if (!item) throw unknown_reference("?sku");
    Start start{.item_id = item->id, .lot_id = std::nullopt, .serial_number = std::nullopt};
    if (wanted.serial_number) start.serial_number = wanted.serial_number->value;
    if (wanted.lot_number) {
        auto lot = reads.maybe<LotFound>(sql::manufacturing::lot_called,
                                         Named{item->id, wanted.lot_number->value});
        if (!lot) throw unknown_reference("?lot_number");
        start.lot_id = lot->id;
    }
    return start;
}

}  // namespace

Genealogy genealogy(Reads& reads, const Actor&, const WorkOrderById& wanted) {
    auto work_order = reads.one<WorkOrder>(sql::manufacturing::work_order, wanted);
    Genealogy all{.work_order_id = work_order.id,
                  .work_order_number = work_order.work_order_number,
                  .completions = reads.all<Completion>(sql::manufacturing::completions, wanted),
                  .inputs = {},
                  .outputs = {}};
    for (auto& row : reads.all<ConsumedRow>(sql::manufacturing::consumptions, wanted)) {
        all.inputs.push_back(shown(std::move(row)));
    }
    for (auto& row : reads.all<MadeRow>(sql::manufacturing::outputs, wanted)) {
        all.outputs.push_back(shown(std::move(row)));
    }
    return all;
}

Page<GenealogyStep> made_of(Reads& reads, const Actor&, const OfWhat& wanted) {
    return {.data = reads.all<GenealogyStep>(sql::manufacturing::made_of, start_of(reads, wanted)),
            .next_cursor = std::nullopt};
}

Page<GenealogyStep> went_into(Reads& reads, const Actor&, const OfWhat& wanted) {
    return {
        .data = reads.all<GenealogyStep>(sql::manufacturing::went_into, start_of(reads, wanted)),
        .next_cursor = std::nullopt};
}

}  // namespace stateset::manufacturing
