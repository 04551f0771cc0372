#pragma once
// A count says what somebody found on the shelves of one location. It is blind: what should be
// there is not shown before it is completed. Nothing needs to stand still meanwhile: each line
// states when it was counted, and what came and went since then is added, so that completing sets
// on_hand = counted + movements since. That is the same as correcting on_hand by the difference
// between what was counted and what the ledger said at that moment (`on_record`, which is found out
// when the line is written). Each correction is one movement of kind `count`.
//
// Completing, which may take stock back from orders, is in flows/complete_count.hpp.

#include "inventory/inventory.hpp"

namespace stateset::inventory {

struct Count;
struct CountLine;
using CountId = Id<Count>;
using CountLineId = Id<CountLine>;

enum class CountStatus { open, completed, cancelled };
enum class CountAction { add_lines, complete, cancel };

inline constexpr Move<CountStatus, CountAction> count_lifecycle[] = {
    {CountStatus::open, CountAction::add_lines, CountStatus::open},
    {CountStatus::open, CountAction::complete, CountStatus::completed},
    {CountStatus::open, CountAction::cancel, CountStatus::cancelled},
};

struct Count {
    CountId id;
    std::int64_t version = 1;
    std::string count_number;  // unique: "C-1001"
    LocationId location_id;
    CountStatus status = CountStatus::open;
    std::optional<std::string> reference, notes;
    std::optional<std::string> end_reason;  // why it was cancelled, or what was said on completing
    std::optional<Time> ended_at;
    Metadata metadata;
    Time created_at, updated_at;
};

// One item; of items tracked by lot one lot, which may be one that the ledger does not know. What
// is tracked by serial number is not counted but adjusted, piece by piece.
struct CountLine {
    CountLineId id;
    CountId count_id;
    ItemId item_id;
    std::string sku;
    std::optional<std::string> lot_number;
    Quantity counted;
    Time counted_at;
    std::string counted_by;
    Secret<Quantity> on_record;  // by the ledger, at counted_at
    // Null until the count is completed.
    std::optional<Quantity> expected;     // on_record
    std::optional<Quantity> difference;   // counted − expected: by what it was corrected
    std::optional<Quantity> moved_since;  // between counted_at and completion
    std::optional<Quantity> on_hand;      // afterwards: counted + moved_since
};

struct CountView {
    Flat<Count> count;
    std::vector<CountLine> lines;
};

struct CountRow {
    Flat<Count> count;
    Expanded<std::vector<CountLine>> lines;
};

// ---- inputs

struct NewCount {
    std::optional<LocationId> location_id;
    std::optional<Text<100>> reference;
    std::optional<Text<2000>> notes;
    Metadata metadata;
};

struct NewCountLine {
    Text<64> sku;
    Quantity quantity;
    std::optional<Text<64>> lot_number;  // of items tracked by lot
    std::optional<Time> counted_at;      // else now
};

// An item that is in the count already is counted anew.
struct AddCountLines {
    CountId id;
    List<NewCountLine, 1, 500> lines;  // each item, or lot, once
};

// With what the ledger said at each line's counted_at; seen beforehand, since a command cannot
// search. Null: the line is counted now.
struct CountLines {
    AddCountLines wanted;
    std::vector<std::optional<Quantity>> on_record;
};

struct ActOnCount {
    CountId id;
    Reason reason;
};

struct OneCount {
    CountId id;
};

enum class ExpandCount { lines };

struct ListCounts {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<CountStatus> status;
    std::optional<LocationId> location_id;
    std::optional<Time> created_after, created_before;
    std::vector<ExpandCount> expand;
};

// ---- commands. Those on a count refuse with not_found and illegal_transition ----

Count open_count(Tx&, const Actor&, const NewCount&);
CountLines look_back(Reads&, const Actor&, const AddCountLines&);
// Refuses every fault of the lines at once with `invalid`.
Count add_count_lines(Tx&, const Actor&, const CountLines&);
// Changes no stock.
Count cancel_count(Tx&, const Actor&, const ActOnCount&);

CountView view(Tx&, const Count&);

// ---- queries ----

CountView one_count(Reads&, const Actor&, const OneCount&);
Page<CountRow> list_counts(Reads&, const Actor&, const ListCounts&);

}  // namespace stateset::inventory

template <>
struct stateset::store::Table<stateset::inventory::Count>
    : stateset::store::Named<"inventory_counts", "count"> {
    using unique = Keys<Key<&stateset::inventory::Count::count_number>>;
};
template <>
struct stateset::store::Table<stateset::inventory::CountLine>
    : stateset::store::Named<"inventory_count_lines", "count_line"> {
    using parent = Child<"inventory_counts", &stateset::inventory::CountLine::count_id>;
};
