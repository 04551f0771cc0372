// Single pieces: found, moved, and every move written down.

#include <algorithm>

#include "inventory/tracking.hpp"

namespace stateset::inventory {
namespace {

void write_down(Tx& tx, const Serial& piece, const PieceMove& move,
                std::optional<LocationId> location) {
    tx.add(SerialStep{.id = tx.new_id(),
                      .serial_id = piece.id,
                      .kind = std::string(move.kind),
                      .status = piece.status,
                      .location_id = location,
                      .reference = move.reference,
                      .actor = tx.actor().text()});
}

// Pieces that came first go first.
std::vector<const Serial*> oldest_at(Tx& tx, const Balance& balance, std::size_t count,
                                     SerialStatus status) {
    std::vector<const Serial*> pieces;
    for (const auto* piece : tx.all<Serial>(balance.id)) {
        if (pieces.size() == count) break;
        if (piece->status == status) pieces.push_back(piece);
    }
    return pieces;
}

std::vector<const Serial*> chosen_at(Tx& tx, const Balance& balance, std::size_t count,
                                     SerialStatus status, std::vector<std::string>& chosen) {
    auto found = tx.each(chosen, [&](const std::string& number) {
        return tx.find<&Serial::item_id, &Serial::serial_number>(balance.item_id, number);
    });
    std::vector<const Serial*> pieces;
    for (const auto* piece : found) {
        if (pieces.size() == count) break;
        bool here = piece && piece->balance_id.value == balance.id && piece->status == status;
        if (here && std::ranges::find(pieces, piece) == pieces.end()) pieces.push_back(piece);
    }
    for (const auto* piece : pieces) std::erase(chosen, piece->serial_number);
    return pieces;
}

}  // namespace

void foresee_pieces(Tx& tx, ItemId item, const std::vector<std::string>& serial_numbers) {
    tx.each(serial_numbers, [&](const std::string& number) {
        return tx.find<&Serial::item_id, &Serial::serial_number>(item, number);
    });
}

std::size_t pieces_in(Quantity quantity, const std::string& pointer) {
    if (quantity.scaled % Quantity::one != 0) {
        throw invalid(pointer, "not_whole", "must be whole: pieces have serial numbers");
    }
    return static_cast<std::size_t>(quantity.scaled / Quantity::one);
}

std::vector<const Serial*> pieces_at(Tx& tx, const Balance& balance, std::size_t count,
                                     SerialStatus status, std::vector<std::string>& chosen,
                                     const std::string& pointer) {
    bool oldest = chosen.empty();
    auto pieces = oldest ? oldest_at(tx, balance, count, status)
                         : chosen_at(tx, balance, count, status, chosen);
    if (pieces.size() < count) {
        refuse_at(serial_not_here, pointer,
                  std::to_string(pieces.size()) + " of the pieces " +
                      (oldest ? "are there" : "named are there") + ", wanted " +
                      std::to_string(count));
    }
    return pieces;
}

Serial& move_piece(Tx& tx, const Serial& found, const PieceMove& move) {
    auto& piece = tx.edit(found);
    auto location = move.to ? std::optional(move.to->location_id) : piece.location_id;
    piece.status = move.status;
    piece.balance_id.value = move.to ? std::optional(move.to->id) : std::nullopt;
    piece.location_id = move.to ? location : std::nullopt;
    write_down(tx, piece, move, location);
    return piece;
}

Serial& add_piece(Tx& tx, const Balance& balance, std::string_view serial_number,
                  std::optional<LotId> lot, const PieceMove& move) {
    auto& piece = tx.add(Serial{.id = tx.new_id(),
                                .item_id = balance.item_id,
                                .serial_number = std::string(serial_number),
                                .status = move.status,
                                .balance_id = {balance.id},
                                .location_id = balance.location_id,
                                .lot_id = lot});
    write_down(tx, piece, move, balance.location_id);
    return piece;
}

}  // namespace stateset::inventory
