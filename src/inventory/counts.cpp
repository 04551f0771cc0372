#include "inventory/counts.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "inventory/lots.hpp"
#include "platform/store/gather.hpp"
#include "sql.hpp"

namespace stateset::inventory {
namespace {

constexpr std::int64_t first_number = 1001;
// A scanner's clock may be ahead by this much; what it says then is now.
constexpr Span clock_drift = minutes(1);

template <std::size_t Max, std::size_t Min>
std::optional<std::string> text(const std::optional<Text<Max, Min>>& from) {
    return from && !from->value.empty() ? std::optional<std::string>(from->value) : std::nullopt;
}

std::string line_pointer(std::size_t i, std::string_view member) {
    return "/lines/" + std::to_string(i) + "/" + std::string(member);
}

// ---- looking back

struct RecordWanted {
    CountId count_id;
    Text<64> sku;
    std::optional<Text<64>> lot_number;
    Time counted_at;
    Uuid ids_from;  // movements have ids that follow time
};

struct OnRecord {
    Quantity on_record;
};

Uuid ids_at(Time time) {
    return {static_cast<std::uint64_t>(std::max<std::int64_t>(time.micros / 1000, 0)) << 16, 0};
}

// ---- lines

// An open count with its lines, all locked.
const Count& open_for(Tx& tx, CountId id, CountAction action) {
    const auto& count = tx.get<Count>(id);
    next(count_lifecycle, count.status, action);
    tx.all<CountLine>(id);
    return count;
}

void check_quantity(Quantity quantity, std::string pointer, std::vector<Fault>& faults) {
    if (quantity < Quantity{}) {
        faults.push_back({std::move(pointer), "too_small", "must not be negative", {}});
    } else if (quantity > most_on_hand) {
        faults.push_back({std::move(pointer), "too_large", "is too much", {}});
    }
}

// What a line counts: an item, or one lot of it.
using Subject = std::pair<std::string, std::optional<std::string>>;

Subject subject_of(const NewCountLine& line) { return {line.sku, text(line.lot_number)}; }

void check_tracking(const Item& item, const NewCountLine& line, std::size_t i,
                    std::vector<Fault>& faults) {
    if (item.tracking == Tracking::serial) {
        faults.push_back({line_pointer(i, "sku"),
                          "tracked_by_serial",
                          "is tracked by serial number: adjust it piece by piece",
                          {}});
    } else if (item.tracking == Tracking::lot && !line.lot_number) {
        faults.push_back({line_pointer(i, "lot_number"), "required", "is required", {}});
    } else if (item.tracking == Tracking::none && line.lot_number) {
        faults.push_back(
            {line_pointer(i, "lot_number"), "not_tracked", "the item is not tracked by lot", {}});
    }
}

std::vector<const Item*> look_up(Tx& tx, const AddCountLines& wanted) {
    std::vector<Fault> faults;
    auto items = tx.each(wanted.lines, [&](const NewCountLine& line) {
        return tx.find<&Item::item_number>(line.sku.value);
    });
    std::set<Subject> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto& line = wanted.lines[i];
        if (!items[i]) {
            faults.push_back({line_pointer(i, "sku"), "unknown", "names nothing that exists", {}});
        } else if (!seen.insert(subject_of(line)).second) {
            faults.push_back({line_pointer(i, "sku"), "duplicate", "is given twice", {}});
        } else {
            check_tracking(*items[i], line, i, faults);
        }
        check_quantity(line.quantity, line_pointer(i, "quantity"), faults);
        if (line.counted_at && *line.counted_at > tx.now() + clock_drift) {
            faults.push_back({line_pointer(i, "counted_at"), "too_large", "is in the future", {}});
        }
    }
    if (!faults.empty()) {
        auto detail = faults.front().pointer + ": " + faults.front().message;
        throw Refusal(codes::invalid, std::move(detail), std::move(faults));
    }
    return items;
}

// A line's item, where it lies and, of items tracked by lot, how much of the lot lies there.
struct Spot {
    const Item* item;
    const NewCountLine* line;
    const Balance* balance = nullptr;  // null: there is none
};

std::vector<Spot> spots_of(Tx& tx, const AddCountLines& wanted, LocationId location,
                           const std::vector<const Item*>& items) {
    std::vector<Spot> spots;
    for (std::size_t i = 0; i < items.size(); ++i) spots.push_back({items[i], &wanted.lines[i]});
    return tx.each(spots, [&](Spot spot) {
        spot.balance = tx.find<&Balance::item_id, &Balance::location_id>(spot.item->id, location);
        const auto& lot = spot.line->lot_number;
        if (lot) tx.find<&Lot::item_id, &Lot::lot_number>(spot.item->id, lot->value);
        return spot;
    });
}

// What the ledger says now, in the order of all changes, of each line.
std::vector<Quantity> on_record_now(Tx& tx, const std::vector<Spot>& spots) {
    return tx.each(spots, [&](const Spot& spot) {
        if (!spot.balance) return Quantity{};
        const auto& lot = spot.line->lot_number;
        return inventory::counted(tx, *spot.balance, {.lot_number = lot}).on_hand;
    });
}

using LinesBySubject = std::map<Subject, const CountLine*>;

LinesBySubject counted_so_far(Tx& tx, const Count& count) {
    LinesBySubject lines;
    for (const auto* line : tx.all<CountLine>(count.id)) {
        lines[{line->sku, line->lot_number}] = line;
    }
    return lines;
}

}  // namespace

Count open_count(Tx& tx, const Actor&, const NewCount& wanted) {
    const auto number = tx.next_number("count", first_number);
    const auto* location = wanted.location_id ? tx.peek<Location>(*wanted.location_id)
                                              : tx.peek<&Location::code>(main_code);
    if (!location) throw unknown_reference("/location_id");
    return tx.add(Count{.id = tx.new_id(),
                        .count_number = "C-" + std::to_string(number),
                        .location_id = location->id,
                        .reference = text(wanted.reference),
                        .notes = text(wanted.notes),
                        .metadata = wanted.metadata});
}

CountLines look_back(Reads& reads, const Actor&, const AddCountLines& wanted) {
    using Then = std::optional<Quantity>;
    auto on_record = gather_each(reads, wanted.lines, [&](const NewCountLine& line) -> Then {
        if (!line.counted_at) return std::nullopt;
        const auto& query =
            line.lot_number ? sql::inventory::lot_on_record : sql::inventory::on_record;
        auto found =
            reads.maybe<OnRecord>(query, RecordWanted{.count_id = wanted.id,
                                                      .sku = line.sku,
                                                      .lot_number = line.lot_number,
                                                      .counted_at = *line.counted_at,
                                                      .ids_from = ids_at(*line.counted_at)});
        return std::max(found ? found->on_record : Quantity{}, Quantity{});
    });
    return {.wanted = wanted, .on_record = std::move(on_record)};
}

Count add_count_lines(Tx& tx, const Actor&, const CountLines& lines) {
    const auto& wanted = lines.wanted;
    std::vector<const Item*> items;
    gather(
        tx, [&] { next(count_lifecycle, tx.get<Count>(wanted.id).status, CountAction::add_lines); },
        [&] { items = look_up(tx, wanted); });
    auto location = tx.get<Count>(wanted.id).location_id;
    std::vector<Spot> spots;
    gather(
        tx, [&] { open_for(tx, wanted.id, CountAction::add_lines); },
        [&] { spots = spots_of(tx, wanted, location, items); });
    const auto& count = open_for(tx, wanted.id, CountAction::add_lines);
    auto now = on_record_now(tx, spots);
    auto so_far = counted_so_far(tx, count);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto& from = wanted.lines[i];
        auto before = so_far.find(subject_of(from));
        auto& line = before != so_far.end()
                         ? tx.edit(*before->second)
                         : tx.add(CountLine{.id = tx.new_id(),
                                            .count_id = count.id,
                                            .item_id = items[i]->id,
                                            .sku = items[i]->item_number,
                                            .lot_number = text(from.lot_number)});
        bool past = from.counted_at && *from.counted_at < tx.now();
        line.counted = from.quantity;
        line.counted_at = past ? *from.counted_at : tx.now();
        line.counted_by = tx.actor().text();
        line.on_record.value = past ? lines.on_record[i].value_or(Quantity{}) : now[i];
    }
    return tx.edit(count);
}

Count cancel_count(Tx& tx, const Actor&, const ActOnCount& wanted) {
    auto& count = tx.edit(open_for(tx, wanted.id, CountAction::cancel));
    count.status = CountStatus::cancelled;
    count.end_reason = text(wanted.reason);
    count.ended_at = tx.now();
    return count;
}

CountView view(Tx& tx, const Count& count) {
    CountView shows{.count = {count}, .lines = {}};
    for (const auto* line : tx.all<CountLine>(count.id)) shows.lines.push_back(*line);
    return shows;
}

// ---- queries

namespace {

// The rows of a page are those that its filters leave between its newest and its oldest.
struct OnPage {
    std::optional<CountStatus> status;
    std::optional<LocationId> location_id;
    std::optional<Time> created_after, created_before;
    CountId oldest, newest;
};

void add_lines(Reads& reads, const ListCounts& wanted, std::vector<CountRow>& rows) {
    OnPage page{.status = wanted.status,
                .location_id = wanted.location_id,
                .created_after = wanted.created_after,
                .created_before = wanted.created_before,
                .oldest = rows.back().count->id,
                .newest = rows.front().count->id};
    std::map<CountId, std::vector<CountLine>> lines;
    for (auto& line : reads.all<CountLine>(sql::inventory::count_lines_of_page, page)) {
        lines[line.count_id].push_back(std::move(line));
    }
    for (auto& row : rows) row.lines.value = std::move(lines[row.count->id]);
}

}  // namespace

CountView one_count(Reads& reads, const Actor&, const OneCount& wanted) {
    return {.count = {reads.one<Count>(sql::inventory::count, wanted)},
            .lines = reads.all<CountLine>(sql::inventory::count_lines, wanted)};
}

Page<CountRow> list_counts(Reads& reads, const Actor&, const ListCounts& wanted) {
    auto found = reads.page<Count>(sql::inventory::counts, wanted);
    Page<CountRow> page{.data = {}, .next_cursor = std::move(found.next_cursor)};
    for (auto& count : found.data) page.data.push_back({.count = {std::move(count)}, .lines = {}});
    if (!wanted.expand.empty() && !page.data.empty()) add_lines(reads, wanted, page.data);
    return page;
}

}  // namespace stateset::inventory
