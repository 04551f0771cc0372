#include "inventory/transfers.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "inventory/tracking.hpp"
#include "platform/store/gather.hpp"
#include "sql.hpp"

namespace stateset::inventory {
namespace {

constexpr std::int64_t first_number = 1001;
constexpr std::string_view kind = "transfer";  // of the movements

template <std::size_t Max, std::size_t Min>
std::optional<std::string> text(const std::optional<Text<Max, Min>>& from) {
    return from && !from->value.empty() ? std::optional<std::string>(from->value) : std::nullopt;
}

std::string item_pointer(std::size_t i, std::string_view member) {
    return "/items/" + std::to_string(i) + "/" + std::string(member);
}

void refuse_if_any(const Code& code, std::vector<Fault> faults) {
    if (faults.empty()) return;
    auto detail = faults.front().pointer + ": " + faults.front().message;
    throw Refusal(code, std::move(detail), std::move(faults));
}

void check_quantity(Quantity quantity, std::string pointer, std::vector<Fault>& faults) {
    if (quantity <= Quantity{}) {
        faults.push_back({std::move(pointer), "too_small", "must be more than 0", {}});
    } else if (quantity > most_on_hand) {
        faults.push_back({std::move(pointer), "too_large", "is too much", {}});
    }
}

// ---- making

void check_location(const Location* location, std::string pointer, std::vector<Fault>& faults) {
    if (!location) {
        faults.push_back({std::move(pointer), "unknown", "names nothing that exists", {}});
    } else if (!location->active) {
        faults.push_back({std::move(pointer), "inactive", "is not active", {}});
    }
}

std::vector<const Item*> look_up(Tx& tx, const NewTransfer& wanted) {
    std::vector<Fault> faults;
    auto items = tx.each(wanted.items, [&](const NewTransferItem& line) {
        tx.peek<Location>(wanted.from_location_id);
        tx.peek<Location>(wanted.to_location_id);
        return tx.peek<&Item::item_number>(line.sku.value);
    });
    check_location(tx.peek<Location>(wanted.from_location_id), "/from_location_id", faults);
    check_location(tx.peek<Location>(wanted.to_location_id), "/to_location_id", faults);
    if (wanted.from_location_id == wanted.to_location_id) {
        faults.push_back({"/to_location_id", "same_location", "is where it comes from", {}});
    }
    std::set<std::string> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto& line = wanted.items[i];
        if (!items[i]) {
            faults.push_back({item_pointer(i, "sku"), "unknown", "names nothing that exists", {}});
        } else if (!seen.insert(line.sku).second) {
            faults.push_back({item_pointer(i, "sku"), "duplicate", "is given twice", {}});
        }
        check_quantity(line.quantity, item_pointer(i, "quantity"), faults);
    }
    refuse_if_any(codes::invalid, std::move(faults));
    return items;
}

// ---- moving

struct Line {
    const TransferItem* item;
    const Item* stock;       // locked
    const Balance* balance;  // null: there is none yet
};

// The transfer, being edited, after a move that its lifecycle allows; its items are loaded.
Transfer& moved(Tx& tx, TransferId id, TransferAction action) {
    const auto& found = tx.get<Transfer>(id);
    auto status = next(transfer_lifecycle, found.status, action);
    tx.all<TransferItem>(id);
    auto& transfer = tx.edit(found);
    transfer.status = status;
    return transfer;
}

// The items of a transfer with their stock at a location, locked, and the location.
std::vector<Line> lines_at(Tx& tx, const Transfer& transfer, LocationId at) {
    return tx.each(tx.all<TransferItem>(transfer.id), [&](const TransferItem* item) {
        tx.peek<Location>(transfer.from_location_id);
        tx.peek<Location>(transfer.to_location_id);
        for (const auto& load : item->loads) {
            if (!load.lot_number) continue;
            tx.find<&Lot::item_id, &Lot::lot_number>(item->item_id, *load.lot_number);
        }
        return Line{
            .item = item,
            .stock = tx.find<Item>(item->item_id),
            .balance = tx.find<&Balance::item_id, &Balance::location_id>(item->item_id, at)};
    });
}

void require_active(Tx& tx, LocationId id) {
    const auto* location = tx.peek<Location>(id);
    require(location && location->active, location_inactive,
            "Location " + to_string(id) + " is not active.");
}

// Everything that taking these off the shelf will ask for, and what of each may be used.
std::vector<Quantity> usable(Tx& tx, const std::vector<Line>& lines) {
    return tx.each(lines, [&](const Line& line) {
        if (!line.balance) return Quantity{};
        foresee(tx, *line.balance, Departure{.quantity = line.item->quantity});
        return usable_at(tx, *line.balance);
    });
}

void refuse_if_short(Tx& tx, const std::vector<Line>& lines) {
    std::vector<Fault> faults;
    auto available = usable(tx, lines);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto* item = lines[i].item;
        if (available[i] >= item->quantity) continue;
        auto wanted_text = to_string(item->quantity), available_text = to_string(available[i]);
        faults.push_back(
            {item_pointer(i, "quantity"),
             std::string(insufficient_stock.name),
             "wants " + wanted_text + " of " + item->sku + ", " + available_text + " available",
             {{"sku", item->sku}, {"wanted", wanted_text}, {"available", available_text}}});
    }
    refuse_if_any(insufficient_stock, std::move(faults));
}

Shift move_of(const Transfer& transfer, const std::optional<std::string>& reason) {
    return {.kind = kind, .reason = reason, .reference = transfer.id.value};
}

void take_off_the_shelf(Tx& tx, const Transfer& transfer, const Line& line,
                        const std::optional<std::string>& reason) {
    auto& item = tx.edit(*line.item);
    for (auto& gone :
         leave(tx, *line.balance, {.quantity = item.quantity}, move_of(transfer, reason), "")) {
        item.loads.push_back(
            {.lot_number = text(gone.lot_number),
             .expires_on = gone.expires_on,
             .serial_numbers = {gone.serial_numbers.begin(), gone.serial_numbers.end()},
             .quantity = gone.quantity});
    }
    item.shipped = item.quantity;
}

Arrival arrival_of(const Load& part) {
    Arrival goods{.quantity = part.quantity, .expires_on = part.expires_on};
    if (part.lot_number) goods.lot_number = Text<64>{*part.lot_number};
    for (const auto& number : part.serial_numbers) goods.serial_numbers.push_back({number});
    return goods;
}

// ---- unloading

bool holds(const Load& load, const std::optional<std::string>& lot_number) {
    return load.left() > Quantity{} && (!lot_number || load.lot_number == lot_number);
}

// Takes up to `quantity` out of the loads, in the order in which they left, and returns the parts.
std::vector<Load> unload(std::vector<Load>& loads, Quantity quantity,
                         const std::optional<std::string>& lot_number = std::nullopt) {
    std::vector<Load> parts;
    for (auto& load : loads) {
        auto amount = std::min(quantity, load.left());
        if (amount <= Quantity{} || !holds(load, lot_number)) continue;
        load.settled += amount;
        quantity -= amount;
        auto& serials = load.serial_numbers;
        auto pieces = std::min<std::size_t>(serials.size(), amount.scaled / Quantity::one);
        auto end = serials.begin() + static_cast<std::ptrdiff_t>(pieces);
        parts.push_back({.lot_number = load.lot_number,
                         .expires_on = load.expires_on,
                         .serial_numbers = {serials.begin(), end},
                         .quantity = amount});
        serials.erase(serials.begin(), end);
    }
    return parts;
}

// Takes the pieces named out of the loads; those that are not in them stay in `wanted`.
std::vector<Load> unload_pieces(std::vector<Load>& loads, std::set<std::string>& wanted) {
    std::vector<Load> parts;
    for (auto& load : loads) {
        Load part{.lot_number = load.lot_number, .expires_on = load.expires_on};
        std::erase_if(load.serial_numbers, [&](const std::string& serial_number) {
            if (wanted.erase(serial_number) == 0) return false;
            part.serial_numbers.push_back(serial_number);
            return true;
        });
        part.quantity = Quantity::of(static_cast<std::int64_t>(part.serial_numbers.size()));
        load.settled += part.quantity;
        if (part.quantity > Quantity{}) parts.push_back(std::move(part));
    }
    return parts;
}

// What comes out of one item, and what its loads are then.
struct Unloaded {
    const TransferItem* item;
    std::vector<Load> loads;
    std::vector<Load> parts = {};
    Quantity quantity = {};
};

std::vector<Unloaded> everything_on_its_way(const std::vector<const TransferItem*>& items) {
    std::vector<Unloaded> all;
    for (const auto* item : items) {
        Unloaded one{.item = item, .loads = item->loads, .quantity = item->in_transit()};
        one.parts = unload(one.loads, one.quantity);
        all.push_back(std::move(one));
    }
    return all;
}

Fault excess_of(const Unloaded& from, const Arrived& line, std::string pointer) {
    Quantity left;
    std::optional<std::string> lot = text(line.lot_number);
    for (const auto& load : from.loads) {
        if (holds(load, lot)) left += load.left();
    }
    auto left_text = to_string(left);
    auto what = lot ? "lot " + *lot + " of " + from.item->sku : from.item->sku;
    return {std::move(pointer),
            std::string(exceeds_in_transit.name),
            left_text + " of " + what + " is on its way",
            {{"sku", from.item->sku}, {"in_transit", left_text}}};
}

// Unloads what one line of the request names. False when there is not that much.
bool unload_line(Unloaded& from, const Arrived& line, std::size_t i, std::vector<Fault>& excess) {
    auto taken_from = from.loads;
    std::vector<Load> parts;
    if (line.serial_numbers) {
        std::set<std::string> wanted(line.serial_numbers->begin(), line.serial_numbers->end());
        parts = unload_pieces(taken_from, wanted);
        for (const auto& serial_number : wanted) {
            excess.push_back({item_pointer(i, "serial_numbers"),
                              std::string(exceeds_in_transit.name),
                              serial_number + " is not on its way",
                              {{"serial_number", serial_number}}});
        }
        if (!wanted.empty()) return false;
    } else {
        parts = unload(taken_from, line.quantity, text(line.lot_number));
    }
    Quantity unloaded;
    for (const auto& part : parts) unloaded += part.quantity;
    if (unloaded != line.quantity) {
        excess.push_back(excess_of(from, line, item_pointer(i, "quantity")));
        return false;
    }
    from.loads = std::move(taken_from);
    std::ranges::move(parts, std::back_inserter(from.parts));
    from.quantity += unloaded;
    return true;
}

// What arrives of each item, in the order of `items`.
std::vector<Unloaded> arriving(const std::vector<const TransferItem*>& items,
                               const ReceiveTransfer& wanted) {
    if (!wanted.items) return everything_on_its_way(items);
    std::vector<Unloaded> all;
    for (const auto* item : items) all.push_back({.item = item, .loads = item->loads});
    std::vector<Fault> faults, excess;
    std::set<std::pair<TransferItemId, std::optional<std::string>>> seen;
    for (std::size_t i = 0; i < wanted.items->size(); ++i) {
        const auto& line = (*wanted.items)[i];
        auto found = std::ranges::find(items, line.transfer_item_id, &TransferItem::id);
        auto pointer = item_pointer(i, "transfer_item_id");
        check_quantity(line.quantity, item_pointer(i, "quantity"), faults);
        if (found == items.end()) {
            faults.push_back({pointer, "unknown", "is no item of this transfer", {}});
        } else if (!seen.insert({line.transfer_item_id, text(line.lot_number)}).second) {
            faults.push_back({pointer, "duplicate", "is given twice", {}});
        } else if (faults.empty()) {
            unload_line(all[static_cast<std::size_t>(found - items.begin())], line, i, excess);
        }
    }
    refuse_if_any(codes::invalid, std::move(faults));
    refuse_if_any(exceeds_in_transit, std::move(excess));
    return all;
}

// What was unloaded comes on the shelf at a location.
void put_on_the_shelf(Tx& tx, const Transfer& transfer, LocationId at,
                      const std::vector<Unloaded>& all, Quantity TransferItem::* counted_as,
                      const std::optional<std::string>& reason) {
    auto lines = lines_at(tx, transfer, at);
    const auto* location = tx.peek<Location>(at);
    auto each_part = [&](const auto& work) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            Place place{.item = lines[i].stock, .location = location};
            for (const auto& part : all[i].parts) work(place, arrival_of(part));
        }
    };
    gather(tx, [&] {
        each_part([&](const Place& place, const Arrival& goods) { foresee(tx, place, goods); });
    });
    each_part([&](const Place& place, const Arrival& goods) {
        arrive(tx, place, goods, move_of(transfer, reason), "");
    });
    for (const auto& one : all) {
        if (one.quantity == Quantity{}) continue;
        auto& item = tx.edit(*one.item);
        item.loads = one.loads;
        item.*counted_as += one.quantity;
    }
}

void require_on_its_way(const Transfer& transfer) {
    next(transfer_lifecycle, transfer.status, TransferAction::receive);
}

// Pieces that will never arrive are nowhere any more.
void write_off_pieces(Tx& tx, const Transfer& transfer, const Unloaded& rest) {
    std::vector<std::string> numbers;
    for (const auto& part : rest.parts) {
        numbers.insert(numbers.end(), part.serial_numbers.begin(), part.serial_numbers.end());
    }
    auto pieces = tx.each(numbers, [&](const std::string& number) {
        return tx.find<&Serial::item_id, &Serial::serial_number>(rest.item->item_id, number);
    });
    for (const auto* piece : pieces) {
        if (!piece || piece->status != SerialStatus::in_transit) continue;
        move_piece(
            tx, *piece,
            {.status = SerialStatus::scrapped, .kind = "lost", .reference = transfer.id.value});
    }
}

void write_off(Tx& tx, const Transfer& transfer) {
    for (const auto& rest : everything_on_its_way(tx.all<TransferItem>(transfer.id))) {
        if (rest.quantity == Quantity{}) continue;
        write_off_pieces(tx, transfer, rest);
        auto& item = tx.edit(*rest.item);
        item.loads = rest.loads;
        item.lost += rest.quantity;
    }
}

TransferItemView shown(const TransferItem& item) {
    return {.item = {item}, .in_transit = item.in_transit()};
}

}  // namespace

Transfer create_transfer(Tx& tx, const Actor&, const NewTransfer& wanted) {
    const auto number = tx.next_number("transfer", first_number);
    auto items = look_up(tx, wanted);
    auto& transfer = tx.add(Transfer{.id = tx.new_id(),
                                     .transfer_number = "T-" + std::to_string(number),
                                     .from_location_id = wanted.from_location_id,
                                     .to_location_id = wanted.to_location_id,
                                     .expected_on = wanted.expected_on,
                                     .reference = text(wanted.reference),
                                     .notes = text(wanted.notes),
                                     .metadata = wanted.metadata});
    for (std::size_t i = 0; i < items.size(); ++i) {
        tx.add(TransferItem{.id = tx.new_id(),
                            .transfer_id = transfer.id,
                            .item_id = items[i]->id,
                            .sku = items[i]->item_number,
                            .quantity = wanted.items[i].quantity});
    }
    return transfer;
}

Transfer update_transfer(Tx& tx, const Actor&, const TransferChanges& wanted) {
    const auto& found = tx.get<Transfer>(wanted.id);
    tx.all<TransferItem>(wanted.id);
    auto& transfer = tx.edit(found);
    wanted.expected_on.apply(transfer.expected_on);
    if (wanted.reference.given) transfer.reference = text(wanted.reference.value);
    if (wanted.notes.given) transfer.notes = text(wanted.notes.value);
    wanted.metadata.apply(transfer.metadata);
    return transfer;
}

TransferToShip look_ahead(Reads& reads, const Actor&, const ActOnTransfer& wanted) {
    TransferToShip transfer{.wanted = wanted, .items = {}};
    OneTransfer of{wanted.id};
    for (const auto& item : reads.all<TransferItem>(sql::inventory::transfer_items, of)) {
        transfer.items.push_back(item.item_id);
    }
    return transfer;
}

Transfer ship_transfer(Tx& tx, const Actor&, const TransferToShip& to_ship) {
    const auto& wanted = to_ship.wanted;
    gather(
        tx, [&] { tx.get<Transfer>(wanted.id); },
        [&] { tx.each(to_ship.items, [&](ItemId id) { return tx.find<Item>(id); }); });
    auto& transfer = moved(tx, wanted.id, TransferAction::ship);
    auto lines = lines_at(tx, transfer, transfer.from_location_id);
    require_active(tx, transfer.from_location_id);
    require_active(tx, transfer.to_location_id);
    refuse_if_short(tx, lines);
    for (const auto& line : lines) take_off_the_shelf(tx, transfer, line, text(wanted.reason));
    transfer.shipped_at = tx.now();
    tx.emit("inventory.transferred", transfer);
    return transfer;
}

Transfer receive_transfer(Tx& tx, const Actor&, const ReceiveTransfer& wanted) {
    const auto& found = tx.get<Transfer>(wanted.id);
    require_on_its_way(found);
    auto arrived = arriving(tx.all<TransferItem>(wanted.id), wanted);
    bool all = std::ranges::all_of(
        arrived, [](const Unloaded& one) { return one.quantity == one.item->in_transit(); });
    bool done = all || wanted.final.value_or(false);
    auto& transfer =
        moved(tx, wanted.id, done ? TransferAction::receive : TransferAction::receive_part);
    put_on_the_shelf(tx, transfer, transfer.to_location_id, arrived, &TransferItem::received,
                     text(wanted.reason));
    if (done) {
        write_off(tx, transfer);
        if (!all) transfer.end_reason = text(wanted.reason);
        transfer.ended_at = tx.now();
    }
    tx.emit("inventory.transferred", transfer);
    return transfer;
}

Transfer close_transfer(Tx& tx, const Actor&, const CloseTransfer& wanted) {
    auto& transfer = moved(tx, wanted.id, TransferAction::close);
    write_off(tx, transfer);
    transfer.end_reason = wanted.reason.value;
    transfer.ended_at = tx.now();
    tx.emit("inventory.transferred", transfer);
    return transfer;
}

Transfer cancel_transfer(Tx& tx, const Actor&, const ActOnTransfer& wanted) {
    auto& transfer = moved(tx, wanted.id, TransferAction::cancel);
    transfer.end_reason = text(wanted.reason);
    transfer.ended_at = tx.now();
    if (!transfer.shipped_at) return transfer;  // nothing had left
    put_on_the_shelf(tx, transfer, transfer.from_location_id,
                     everything_on_its_way(tx.all<TransferItem>(wanted.id)),
                     &TransferItem::returned, text(wanted.reason));
    tx.emit("inventory.transferred", transfer);
    return transfer;
}

TransferView view(Tx& tx, const Transfer& transfer) {
    TransferView shows{.transfer = {transfer}, .items = {}};
    for (const auto* item : tx.all<TransferItem>(transfer.id)) shows.items.push_back(shown(*item));
    return shows;
}

// ---- queries

namespace {

struct ItemById {
    ItemId id;
};

struct Sum {
    Quantity in_transit;
};

// The rows of a page are those that its filters leave between its newest and its oldest.
struct OnPage {
    std::optional<TransferStatus> status;
    std::optional<LocationId> from_location_id, to_location_id;
    std::optional<Text<100>> reference;
    std::optional<Time> created_after, created_before;
    TransferId oldest, newest;
};

void add_items(Reads& reads, const ListTransfers& wanted, std::vector<TransferRow>& rows) {
    OnPage page{.status = wanted.status,
                .from_location_id = wanted.from_location_id,
                .to_location_id = wanted.to_location_id,
                .reference = wanted.reference,
                .created_after = wanted.created_after,
                .created_before = wanted.created_before,
                .oldest = rows.back().transfer->id,
                .newest = rows.front().transfer->id};
    std::map<TransferId, std::vector<TransferItemView>> items;
    for (auto& item : reads.all<TransferItem>(sql::inventory::transfer_items_of_page, page)) {
        items[item.transfer_id].push_back(shown(item));
    }
    for (auto& row : rows) row.items.value = std::move(items[row.transfer->id]);
}

}  // namespace

TransferView one_transfer(Reads& reads, const Actor&, const OneTransfer& wanted) {
    TransferView shows{.transfer = {reads.one<Transfer>(sql::inventory::transfer, wanted)},
                       .items = {}};
    for (const auto& item : reads.all<TransferItem>(sql::inventory::transfer_items, wanted)) {
        shows.items.push_back(shown(item));
    }
    return shows;
}

Page<TransferRow> list_transfers(Reads& reads, const Actor&, const ListTransfers& wanted) {
    auto found = reads.page<Transfer>(sql::inventory::transfers, wanted);
    Page<TransferRow> page{.data = {}, .next_cursor = std::move(found.next_cursor)};
    for (auto& transfer : found.data) {
        page.data.push_back({.transfer = {std::move(transfer)}, .items = {}});
    }
    if (!wanted.expand.empty() && !page.data.empty()) add_items(reads, wanted, page.data);
    return page;
}

InTransit in_transit(Reads& reads, const Actor&, const OneItem& wanted) {
    auto item = item_of(reads, wanted.id);
    ItemById id{item.id};
    return {.item_id = item.id,
            .item_number = item.item_number,
            .in_transit = reads.one<Sum>(sql::inventory::in_transit, id).in_transit,
            .transfers = reads.all<OnItsWay>(sql::inventory::on_the_way, id)};
}

}  // namespace stateset::inventory
