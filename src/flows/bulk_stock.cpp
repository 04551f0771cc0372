#include "flows/bulk_stock.hpp"

#include "flows/take_stock_back.hpp"
#include "inventory/lots.hpp"

namespace stateset::flows {
namespace {

using inventory::Balance;
using inventory::Item;
using inventory::Location;
using inventory::LocationId;

constexpr std::size_t most_faults = 100;

std::vector<Text<64>> numbers_in(const inventory::SerialNumbers& given) {
    return given ? given->value : std::vector<Text<64>>{};
}

// Asks for what all lines need, so that the lines do not miss one after the other.
template <class Lines>
void load(Tx& tx, const Lines& lines) {
    auto places = tx.each(lines, [&](const auto& line) {
        const auto* item = tx.find<&Item::item_number>(line.sku.value);
        const auto* location = line.location_id ? tx.peek<Location>(*line.location_id)
                                                : tx.peek<&Location::code>(inventory::main_code);
        return inventory::Place{.item = item, .location = location};
    });
    std::vector<std::pair<inventory::Place, const std::decay_t<decltype(lines[0])>*>> known;
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (places[i].item && places[i].location) known.push_back({places[i], &lines[i]});
    }
    tx.each(known, [&](const auto& one) {
        const auto& [place, line] = one;
        inventory::foresee(
            tx, place,
            {.lot_number = line->lot_number, .serial_numbers = numbers_in(line->serial_numbers)});
        return true;
    });
}

// The number of the line's item, as a path names it.
std::string item_of(Tx& tx, const std::string& sku) {
    const auto* item = tx.find<&Item::item_number>(sku);
    if (!item) throw unknown_reference("/sku");
    return to_string(item->id);
}

LineProblem problem_of(const Refusal& refusal) {
    const auto& code = refusal.code();
    return {.status = code.status,
            .code = std::string(code.name),
            .title = std::string(code.title),
            .detail = refusal.detail(),
            .errors = refusal.faults()};
}

// Every fault of every line, with its place in the whole request.
void refuse_all(const BulkResult& result) {
    std::vector<Fault> faults;
    for (const auto& line : result.results) {
        if (!line.problem) continue;
        auto pointer = "/lines/" + std::to_string(line.index);
        const auto& problem = *line.problem;
        if (problem.errors.empty()) faults.push_back({pointer, problem.code, problem.detail, {}});
        for (const auto& fault : problem.errors) {
            faults.push_back({pointer + fault.pointer, fault.code, fault.message, fault.params});
        }
    }
    if (faults.size() > most_faults) faults.resize(most_faults);
    throw Refusal(lines_failed,
                  std::to_string(result.failed) + " of " + std::to_string(result.results.size()) +
                      " lines cannot be carried out; nothing was changed.",
                  std::move(faults));
}

// Pieces that are there already are refused before anything is put on the shelf.
void require_not_in_stock(Tx& tx, const std::string& sku, const inventory::SerialNumbers& numbers) {
    const auto* item = tx.find<&Item::item_number>(sku);
    if (!item || !numbers) return;
    for (std::size_t i = 0; i < numbers->size(); ++i) {
        const auto& number = (*numbers)[i].value;
        const auto* piece = tx.find<&inventory::Serial::item_id, &inventory::Serial::serial_number>(
            item->id, number);
        if (!piece || !piece->balance_id.value) continue;
        throw Refusal(inventory::serial_in_stock, number + " is in stock already",
                      {{"/serial_numbers/" + std::to_string(i),
                        std::string(inventory::serial_in_stock.name),
                        "is in stock already",
                        {}}});
    }
}

// `one` refuses a line before it has any effect.
template <class Wanted, class F>
BulkResult each_line(Tx& tx, const Wanted& wanted, F one) {
    load(tx, wanted.lines);
    BulkResult result;
    for (const auto& line : wanted.lines) {
        LineResult done{.index = static_cast<std::int64_t>(result.results.size()),
                        .sku = line.sku.value};
        try {
            Balance balance = one(line);
            done.balance = view(tx, balance);
            ++result.succeeded;
        } catch (const Refusal& refusal) {
            done.status = LineStatus::failed;
            done.problem = problem_of(refusal);
            ++result.failed;
        }
        result.results.push_back(std::move(done));
    }
    if (result.failed > 0 && wanted.atomic.value_or(false)) refuse_all(result);
    return result;
}

}  // namespace

BulkResult bulk_receive(Tx& tx, const Actor& actor, const BulkReceive& wanted) {
    return each_line(tx, wanted, [&](const BulkReceiveLine& line) {
        require_not_in_stock(tx, line.sku, line.serial_numbers);
        return inventory::receive(tx, actor,
                                  {.id = item_of(tx, line.sku),
                                   .location_id = line.location_id,
                                   .quantity = line.quantity,
                                   .lot_number = line.lot_number,
                                   .expires_on = line.expires_on,
                                   .serial_numbers = line.serial_numbers,
                                   .reason = line.reason ? line.reason : wanted.reason});
    });
}

BulkResult bulk_adjust(Tx& tx, const Actor& actor, const BulkAdjust& wanted) {
    return each_line(tx, wanted, [&](const BulkAdjustLine& line) {
        bool found = !line.delta || *line.delta > Quantity{};
        if (found) require_not_in_stock(tx, line.sku, line.serial_numbers);
        bool own = line.reason && !line.reason->value.empty();
        inventory::Adjust adjust{.id = item_of(tx, line.sku),
                                 .location_id = line.location_id,
                                 .delta = line.delta,
                                 .on_hand = line.on_hand,
                                 .expected_version = line.expected_version,
                                 .lot_number = line.lot_number,
                                 .expires_on = line.expires_on,
                                 .serial_numbers = line.serial_numbers,
                                 .reason = {own ? line.reason->value : wanted.reason.value}};
        return adjust_stock(tx, actor, {.wanted = std::move(adjust), .holders = {}});
    });
}

}  // namespace stateset::flows
