#include "inventory/promise.hpp"

#include <algorithm>
#include <tuple>

#include "sql.hpp"

namespace stateset::inventory {
namespace {

struct ItemById {
    ItemId id;
};

// What is late may come any moment.
Date day_of(const Supply& supply, Date today) { return std::max(*supply.due_on, today); }

std::vector<Supply> by_day(std::vector<Supply> supplies) {
    // What has no day comes last; of one day, what was promised first.
    auto order = [](const Supply& of) {
        return std::tuple(!of.due_on, of.due_on.value_or(Date{}), of.reference);
    };
    std::ranges::sort(supplies, {}, order);
    return supplies;
}

void check(const PromiseWanted& wanted, Quantity quantity, Date today) {
    std::vector<Fault> faults;
    if (quantity <= Quantity{}) {
        faults.push_back({"?quantity", "too_small", "must be more than 0", {}});
    } else if (quantity > most_on_hand) {
        faults.push_back({"?quantity", "too_large", "is too much", {}});
    }
    if (wanted.by && *wanted.by < today) {
        faults.push_back({"?by", "too_small", "is in the past", {}});
    }
    if (faults.empty()) return;
    auto detail = faults.front().pointer + ": " + faults.front().message;
    throw Refusal(codes::invalid, std::move(detail), std::move(faults));
}

}  // namespace

Quantity promisable_by(const Outlook& outlook, Date today, std::optional<Date> by) {
    auto sum = outlook.available - outlook.backordered;
    for (const auto& supply : outlook.supplies) {
        if (supply.due_on && (!by || day_of(supply, today) <= *by)) sum += supply.quantity;
    }
    return std::max(sum, Quantity{});
}

std::optional<Date> earliest(const Outlook& outlook, Date today, Quantity wanted) {
    if (outlook.available - outlook.backordered >= wanted) return today;
    for (const auto& supply : by_day(outlook.supplies)) {
        if (!supply.due_on) break;
        auto day = day_of(supply, today);
        if (promisable_by(outlook, today, day) >= wanted) return day;
    }
    return std::nullopt;
}

Promise promise(Reads& reads, const Actor&, const PromiseWanted& wanted) {
    auto today = date_of(system_now());
    auto quantity = wanted.quantity.value_or(Quantity::of(1));
    check(wanted, quantity, today);
    auto item = item_of(reads, wanted.id);
    ItemById id{item.id};
    Outlook outlook{.available = {},
                    .backordered = item.backordered,
                    .supplies = by_day(reads.all<Supply>(sql::inventory::supplies, id))};
    for (const auto& place : reads.all<StockAt>(sql::inventory::stock_at, id)) {
        if (place.active) outlook.available += place.available;
    }
    auto promisable = promisable_by(outlook, today, wanted.by);
    return {.item_id = item.id,
            .item_number = item.item_number,
            .quantity = quantity,
            .by = wanted.by,
            .possible = promisable >= quantity,
            .earliest_on = earliest(outlook, today, quantity),
            .promisable = promisable,
            .available = outlook.available,
            .backordered = outlook.backordered,
            .supplies = std::move(outlook.supplies)};
}

}  // namespace stateset::inventory
