#include "flows/complete_count.hpp"

#include "platform/store/gather.hpp"
#include "sql.hpp"

namespace stateset::flows {
namespace {

using inventory::Balance;
using inventory::Count;
using inventory::CountAction;
using inventory::CountId;
using inventory::CountLine;
using inventory::Item;

struct StockOf {
    inventory::ItemId item_id;
    inventory::LocationId location_id;
};

// A line with the stock that it corrects.
struct Counted {
    const CountLine* line;
    const Item* item;
    const Balance* balance;  // null: there is none yet

    std::optional<Text<64>> lot_number() const {
        return line->lot_number ? std::optional(Text<64>{*line->lot_number}) : std::nullopt;
    }
    // Of the balance, or of the lot there.
    inventory::Counted stock(Tx& tx) const {
        if (!balance) return {};
        return inventory::counted(tx, *balance, {.lot_number = lot_number()});
    }
    Quantity difference() const { return line->counted - line->on_record.value; }
    Quantity target(Tx& tx) const { return stock(tx).on_hand + difference(); }
    bool is_short(Tx& tx) const { return stock(tx).allocated > target(tx); }
};

std::vector<Counted> counted(Tx& tx, const Count& count) {
    return tx.each(tx.all<CountLine>(count.id), [&](const CountLine* line) {
        if (line->lot_number) {
            tx.find<&inventory::Lot::item_id, &inventory::Lot::lot_number>(line->item_id,
                                                                           *line->lot_number);
        }
        return Counted{.line = line,
                       .item = tx.find<Item>(line->item_id),
                       .balance = tx.find<&Balance::item_id, &Balance::location_id>(
                           line->item_id, count.location_id)};
    });
}

// The lines, with everything that correcting them will ask for.
std::vector<Counted> load_lines(Tx& tx, CountId id) {
    const auto& count = tx.get<Count>(id);
    next(inventory::count_lifecycle, count.status, CountAction::complete);
    const inventory::Location* location = nullptr;
    std::vector<Counted> lines;
    gather(
        tx, [&] { location = tx.peek<inventory::Location>(count.location_id); },
        [&] { lines = counted(tx, count); });
    tx.each(lines, [&](const Counted& one) {
        if (!one.item || !location) return false;  // not there yet
        inventory::foresee(tx, {.item = one.item, .location = location},
                           {.lot_number = one.lot_number()});
        return true;
    });
    return lines;
}

Holders all_holders(const Completion& completion) {
    Holders all;
    if (!completion.wanted.release_reservations.value_or(false)) return all;
    for (const auto& [_, holders] : completion.holders) {
        all.insert(all.end(), holders.begin(), holders.end());
    }
    return all;
}

void refuse_contradictions(Tx& tx, const std::vector<Counted>& lines) {
    std::vector<Fault> faults;
    for (const auto& one : lines) {
        if (one.target(tx) >= Quantity{}) continue;
        auto counted = to_string(one.line->counted);
        auto left = to_string(one.line->on_record.value - one.stock(tx).on_hand);
        faults.push_back(
            {"",
             std::string(count_contradicted.name),
             counted + " of " + one.line->sku + " were counted, and " + left + " have left since",
             {{"sku", one.line->sku}, {"counted", counted}, {"left", left}}});
    }
    if (faults.empty()) return;
    auto detail = faults.front().message;
    throw Refusal(count_contradicted, std::move(detail), std::move(faults));
}

void name_holders(Tx& tx, const Completion& completion, const Counted& one,
                  std::vector<Fault>& faults) {
    constexpr auto pointer = "/release_reservations";
    std::vector<Fault> named;
    auto found = completion.holders.find(one.line->id);
    if (found != completion.holders.end()) {
        named = flows::name_holders(found->second, one.stock(tx), pointer);
    }
    for (auto& fault : named) fault.message += " of " + one.line->sku;
    if (named.empty()) {
        named.push_back({pointer,
                         std::string(inventory::below_allocated.name),
                         one.line->sku + " is promised",
                         {}});
    }
    for (auto& fault : named) {
        fault.params["sku"] = one.line->sku;
        faults.push_back(std::move(fault));
    }
}

void refuse_if_short(Tx& tx, const Completion& completion, const std::vector<Counted>& lines) {
    std::vector<Fault> faults;
    std::string detail;
    for (const auto& one : lines) {
        if (!one.is_short(tx)) continue;
        if (detail.empty()) {
            detail = to_string(one.stock(tx).allocated) + " of " + one.line->sku +
                     " is promised, more than the " + to_string(one.target(tx)) +
                     " that would be there.";
        }
        name_holders(tx, completion, one, faults);
    }
    if (!faults.empty()) {
        throw Refusal(inventory::below_allocated, std::move(detail), std::move(faults));
    }
}

// Takes back until what is there covers what is promised.
void make_room(Tx& tx, const Completion& completion, const std::vector<Counted>& lines) {
    for (const auto& one : lines) {
        auto found = completion.holders.find(one.line->id);
        if (!one.is_short(tx) || found == completion.holders.end()) continue;
        flows::make_room(tx, found->second, *one.balance, {.lot_number = one.lot_number()},
                         one.target(tx));
    }
}

void correct(Tx& tx, const Count& count, const Counted& one) {
    auto stock = one.stock(tx);
    auto difference = one.difference();
    auto& line = tx.edit(*one.line);
    line.expected = line.on_record.value;
    line.difference = difference;
    line.moved_since = stock.on_hand - line.on_record.value;
    line.on_hand = stock.on_hand + difference;
    if (difference == Quantity{}) return;
    inventory::Shift how{.kind = "count", .reason = count.end_reason, .reference = count.id.value};
    const auto* location = tx.peek<inventory::Location>(count.location_id);
    inventory::Place place{.item = one.item, .location = location};
    if (difference > Quantity{}) {
        inventory::arrive(tx, place, {.quantity = difference, .lot_number = one.lot_number()}, how,
                          "");
    } else {
        inventory::leave(tx, *one.balance,
                         {.quantity = -difference,
                          .lot_number = one.lot_number(),
                          .from = inventory::From::either},
                         how, "");
    }
    tx.emit("inventory.adjusted", inventory::balance_at(tx, place));
}

}  // namespace

Completion find_count_holders(Reads& reads, const Actor&, const CompleteCount& wanted) {
    auto lines = reads.all<ShortLine>(sql::flows::short_counts, inventory::OneCount{wanted.id});
    auto found = gather_each(reads, lines, [&](const ShortLine& line) {
        return std::pair(line.id, reads.all<Holder>(sql::flows::holders,
                                                    StockOf{line.item_id, line.location_id}));
    });
    return {.wanted = wanted, .holders = {found.begin(), found.end()}};
}

inventory::Count complete_count(Tx& tx, const Actor&, const Completion& completion) {
    auto holders = all_holders(completion);
    std::vector<Counted> lines;
    gather(
        tx, [&] { lines = load_lines(tx, completion.wanted.id); },
        [&] { load_holders(tx, holders); });
    require(!lines.empty(), nothing_counted, "The count has no lines.");
    refuse_contradictions(tx, lines);
    if (!holders.empty()) make_room(tx, completion, lines);
    refuse_if_short(tx, completion, lines);
    auto& count = tx.edit<Count>(completion.wanted.id);
    count.status = next(inventory::count_lifecycle, count.status, CountAction::complete);
    count.ended_at = tx.now();
    const auto& reason = completion.wanted.reason;
    if (reason && !reason->value.empty()) count.end_reason = reason->value;
    for (const auto& one : lines) correct(tx, count, one);
    return count;
}

}  // namespace stateset::flows
