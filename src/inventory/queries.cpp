#include <algorithm>

#include "inventory/inventory.hpp"
#include "sql.hpp"

namespace stateset::inventory {
namespace {

constexpr std::size_t most_explained = 100;  // inventory/sql/held_by.sql asks for one more

struct ById {
    ItemId id;
};

struct MovementsOf {
    ItemId item_id;
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<LocationId> location_id;
};

BalanceView shown(const Balance& balance) {
    return {.balance = {balance}, .available = balance.available()};
}

ItemView with_balances(Reads& reads, Item item) {
    ItemView view{.item = {std::move(item)}, .balances = {}};
    auto balances = reads.all<Balance>(sql::inventory::balances_of, ById{view.item->id});
    std::ranges::transform(balances, std::back_inserter(view.balances), shown);
    return view;
}

Page<BalanceView> shown(Page<Balance> page) {
    Page<BalanceView> result{.data = {}, .next_cursor = std::move(page.next_cursor)};
    std::ranges::transform(page.data, std::back_inserter(result.data),
                           [](const Balance& balance) { return shown(balance); });
    return result;
}

}  // namespace

Item item_of(Reads& reads, const std::string& id) {
    auto number = number_in(id);
    return number ? reads.one<Item>(sql::inventory::item_by_id, ById{ItemId(*number)})
                  : reads.one<Item>(sql::inventory::item_by_number, ItemNumber{id});
}

ItemView one(Reads& reads, const Actor&, const OneItem& wanted) {
    return with_balances(reads, item_of(reads, wanted.id));
}

ItemView by_number(Reads& reads, const Actor&, const ItemNumber& wanted) {
    return with_balances(reads, reads.one<Item>(sql::inventory::item_by_number, wanted));
}

Page<Item> list(Reads& reads, const Actor&, const ListItems& wanted) {
    return reads.page<Item>(sql::inventory::items, wanted);
}

Page<BalanceView> balances(Reads& reads, const Actor&, const ListBalances& wanted) {
    return shown(reads.page<Balance>(sql::inventory::balances, wanted));
}

BalanceView one_balance(Reads& reads, const Actor&, const OneBalance& wanted) {
    return shown(reads.one<Balance>(sql::inventory::balance, wanted));
}

Page<BalanceView> low_stock(Reads& reads, const Actor&, const ListLowStock& wanted) {
    return shown(reads.page<Balance>(sql::inventory::low_stock, wanted));
}

Page<Reservation> reservations(Reads& reads, const Actor&, const ListReservations& wanted) {
    return reads.page<Reservation>(sql::inventory::reservations, wanted);
}

Reservation one_reservation(Reads& reads, const Actor&, const OneReservation& wanted) {
    return reads.one<Reservation>(sql::inventory::reservation, wanted);
}

Page<Movement> movements(Reads& reads, const Actor&, const ListMovements& wanted) {
    return reads.page<Movement>(sql::inventory::movements,
                                MovementsOf{.item_id = item_of(reads, wanted.id).id,
                                            .limit = wanted.limit,
                                            .cursor = wanted.cursor,
                                            .location_id = wanted.location_id});
}

Explanation explain(Reads& reads, const Actor&, const OneItem& wanted) {
    auto item = item_of(reads, wanted.id);
    ById id{item.id};
    Explanation why{.item_id = item.id,
                    .item_number = item.item_number,
                    .locations = reads.all<StockAt>(sql::inventory::stock_at, id),
                    .reservations = reads.all<HeldBy>(sql::inventory::held_by, id),
                    .movements = reads.all<Movement>(sql::inventory::last_movements, id)};
    for (const auto& place : why.locations) {
        why.on_hand += place.on_hand;
        why.allocated += place.allocated;
        why.quarantined += place.quarantined;
        why.available += place.available;
    }
    if (item.tracking == Tracking::lot) {
        why.lots = reads.all<LotAt>(sql::inventory::lots_of_item, id);
        if (why.lots.size() > most_explained) why.lots.resize(most_explained);
    }
    why.more_reservations = why.reservations.size() > most_explained;
    if (why.more_reservations) why.reservations.pop_back();
    return why;
}

Page<Location> locations(Reads& reads, const Actor&, const ListLocations& wanted) {
    return reads.page<Location>(sql::inventory::locations, wanted);
}

Location one_location(Reads& reads, const Actor&, const OneLocation& wanted) {
    return reads.one<Location>(sql::inventory::location, wanted);
}

}  // namespace stateset::inventory
