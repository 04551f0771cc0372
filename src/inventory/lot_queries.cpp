#include <algorithm>

#include "inventory/lots.hpp"
#include "sql.hpp"

namespace stateset::inventory {
namespace {

struct ById {
    ItemId id;
};

// What people call the things that a piece has to do with.
struct Names {
    std::string item_number;
    std::optional<std::string> lot_number, order_number;
    std::optional<Id<customers::Customer>> customer_id;
};

}  // namespace

Page<Lot> list_lots(Reads& reads, const Actor&, const ListLots& wanted) {
    return reads.page<Lot>(sql::inventory::lots, wanted);
}

LotView one_lot(Reads& reads, const Actor&, const OneLot& wanted) {
    LotView view{.lot = {reads.one<Lot>(sql::inventory::lot, wanted)},
                 .item_number = {},
                 .lot_balances = reads.all<LotBalance>(sql::inventory::lot_balances_of, wanted)};
    view.item_number =
        reads.one<Item>(sql::inventory::item_by_id, ById{view.lot->item_id}).item_number;
    for (const auto& there : view.lot_balances) {
        view.on_hand += there.on_hand;
        view.allocated += there.allocated;
        view.quarantined += there.quarantined;
        view.available += there.available();
    }
    return view;
}

Page<Serial> list_serials(Reads& reads, const Actor&, const ListSerials& wanted) {
    return reads.page<Serial>(sql::inventory::serials, wanted);
}

Trace one_serial(Reads& reads, const Actor&, const OneSerial& wanted) {
    auto piece = reads.one<Serial>(sql::inventory::serial, wanted);
    auto names = reads.one<Names>(sql::inventory::serial_names, wanted);
    return {.serial = {std::move(piece)},
            .item_number = std::move(names.item_number),
            .lot_number = std::move(names.lot_number),
            .order_number = std::move(names.order_number),
            .customer_id = names.customer_id,
            .steps = reads.all<SerialStep>(sql::inventory::serial_steps, wanted)};
}

Page<OrderOfLot> orders_of_lot(Reads& reads, const Actor&, const OrdersOfLot& wanted) {
    reads.one<Lot>(sql::inventory::lot, OneLot{wanted.id});
    return reads.page<OrderOfLot>(sql::inventory::orders_of_lot, wanted);
}

}  // namespace stateset::inventory
