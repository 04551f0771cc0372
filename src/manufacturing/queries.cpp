#include <algorithm>
#include <map>

#include "manufacturing/boms.hpp"
#include "manufacturing/work_orders.hpp"
#include "sql.hpp"

namespace stateset::manufacturing {
namespace {

struct BomsOnPage {
    std::vector<std::string> bom_numbers;
};
struct WorkOrdersOnPage {
    std::vector<std::string> work_order_numbers;
};

struct Below {
    inventory::ItemId item_id;
};

}  // namespace

BomView one_bom(Reads& reads, const Actor&, const BomById& wanted) {
    return {.bom = {reads.one<Bom>(sql::manufacturing::bom, wanted)},
            .items = reads.all<BomItem>(sql::manufacturing::bom_items, wanted)};
}

Page<BomRow> list_boms(Reads& reads, const Actor&, const ListBoms& wanted) {
    auto found = reads.page<Bom>(sql::manufacturing::boms, wanted);
    Page<BomRow> page{.data = {}, .next_cursor = std::move(found.next_cursor)};
    BomsOnPage numbers;
    for (auto& bom : found.data) {
        numbers.bom_numbers.push_back(bom.bom_number);
        page.data.push_back({.bom = {std::move(bom)}, .items = {}});
    }
    if (wanted.expand.empty()) return page;
    std::map<BomId, std::vector<BomItem>> items;
    for (auto& item : reads.all<BomItem>(sql::manufacturing::bom_items_of_page, numbers)) {
        items[item.bom_id].push_back(std::move(item));
    }
    for (auto& row : page.data) row.items.value = std::move(items[row.bom->id]);
    return page;
}

Page<ItemCost> list_costs(Reads& reads, const Actor&, const ListItemCosts& wanted) {
    return reads.page<ItemCost>(sql::manufacturing::costs, wanted);
}

Activation look_below(Reads& reads, const Actor&, const ChangeBomStatus& wanted) {
    BomById by_id{wanted.id};
    auto bom = reads.one<Bom>(sql::manufacturing::bom, by_id);
    Activation activation{
        .id = bom.id, .product_id = bom.product_id, .item_id = bom.item_id, .below = {}};
    for (const auto& one : reads.all<Below>(sql::manufacturing::below, by_id)) {
        activation.below.push_back(one.item_id);
    }
    return activation;
}

WorkOrderView one(Reads& reads, const Actor&, const WorkOrderById& wanted) {
    return {.work_order = {reads.one<WorkOrder>(sql::manufacturing::work_order, wanted)},
            .items = reads.all<WorkOrderItem>(sql::manufacturing::work_order_items, wanted)};
}

Page<WorkOrderRow> list(Reads& reads, const Actor&, const ListWorkOrders& wanted) {
    auto found = reads.page<WorkOrder>(sql::manufacturing::work_orders, wanted);
    Page<WorkOrderRow> page{.data = {}, .next_cursor = std::move(found.next_cursor)};
    WorkOrdersOnPage numbers;
    for (auto& work_order : found.data) {
        numbers.work_order_numbers.push_back(work_order.work_order_number);
        page.data.push_back({.work_order = {std::move(work_order)}, .items = {}});
    }
    if (wanted.expand.empty()) return page;
    std::map<WorkOrderId, std::vector<WorkOrderItem>> items;
    for (auto& item :
         reads.all<WorkOrderItem>(sql::manufacturing::work_order_items_of_page, numbers)) {
        items[item.work_order_id].push_back(std::move(item));
    }
    for (auto& row : page.data) row.items.value = std::move(items[row.work_order->id]);
    return page;
}

}  // namespace stateset::manufacturing
