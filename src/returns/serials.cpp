#include "returns/serials.hpp"

#include <set>

#include "inventory/lots.hpp"

namespace stateset::returns {
namespace {

using inventory::Item;
using inventory::Serial;

Fault fault_of(const Serial* piece, const ReturnItem& item, std::string pointer) {
    if (!piece || piece->order_item_id != item.order_item_id) {
        return {std::move(pointer), "unknown", "did not leave for this line", {}};
    }
    return {std::move(pointer), "serial_in_stock", "is not with the customer", {}};
}

// `seen` holds what other lines of the return have named.
void check_pieces(Tx& tx, const Item& stock, const ReturnItem& item, const std::string& pointer,
                  std::set<inventory::SerialId>& seen, std::vector<Fault>& faults) {
    const auto& numbers = item.serial_numbers;
    auto pieces = tx.each(numbers, [&](const std::string& number) {
        return tx.peek<&Serial::item_id, &Serial::serial_number>(stock.id, number);
    });
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        auto place = pointer + "/serial_numbers/" + std::to_string(i);
        bool there = pieces[i] && pieces[i]->order_item_id == item.order_item_id &&
                     pieces[i]->status == inventory::SerialStatus::shipped;
        if (!there) {
            faults.push_back(fault_of(pieces[i], item, std::move(place)));
        } else if (!seen.insert(pieces[i]->id).second) {
            faults.push_back({std::move(place), "duplicate", "is given twice", {}});
        }
    }
}

}  // namespace

void check_serials(Tx& tx, const std::vector<const ReturnItem*>& arrived,
                   const std::function<std::string(const ReturnItem&)>& pointer_of) {
    auto stock = tx.each(
        arrived, [&](const ReturnItem* item) { return tx.peek<&Item::item_number>(item->sku); });
    std::vector<Fault> faults;
    std::set<inventory::SerialId> seen;
    for (std::size_t i = 0; i < arrived.size(); ++i) {
        const auto& item = *arrived[i];
        auto pointer = pointer_of(item);
        bool tracked = stock[i] && stock[i]->tracking == inventory::Tracking::serial;
        if (!tracked && !item.serial_numbers.empty()) {
            faults.push_back({pointer + "/serial_numbers",
                              "not_tracked",
                              "the item is not tracked by serial",
                              {}});
        } else if (tracked && item.serial_numbers.empty()) {
            throw Refusal(inventory::serials_required, item.sku + " is tracked by serial number.",
                          {{pointer + "/serial_numbers", "serials_required", "is required", {}}});
        } else if (tracked) {
            check_pieces(tx, *stock[i], item, pointer, seen, faults);
        }
    }
    if (!faults.empty()) {
        throw Refusal(codes::invalid, "Some pieces are not right.", std::move(faults));
    }
}

}  // namespace stateset::returns
