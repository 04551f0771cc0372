#pragma once
// What stock.cpp and the parts that tell pieces apart share, and nobody else needs: changes of
// balances that trust their caller with the tracking, and single pieces.

#include <map>

#include "inventory/lots.hpp"
#include "inventory/plan.hpp"

namespace stateset::inventory {

// A lot at a location, by an id that follows from both: what was loaded with all lots of the item
// is found again without another question.
Id<LotBalance> lot_balance_id(LotId, LocationId);
const LotBalance* find_lot_at(Tx&, LotId, LocationId);
// As `shift`, without asking how the item is tracked; looks after the lot that it names. What
// becomes free of a lot that may not be used is quarantined.
Balance& book(Tx&, const Balance&, const Shift&);
// Changes what is quarantined, of the balance and of the lot there, if any.
Balance& set_apart(Tx&, const Balance&, Quantity by, std::optional<LotId>);
// The balance's item, which is locked.
const Item& item_of(Tx&, const Balance&);
// An item at a location as `choose` sees it; `lots` are all lot balances of the item.
Shelf shelf_of(const Balance&, Tracking, const std::vector<const LotBalance*>& lots);

void refuse_short(const Item&, Quantity wanted, Quantity available, const std::string& pointer);
[[noreturn]] void refuse_at(const Code&, const std::string& pointer, const std::string& message);

// How many pieces a quantity is; refuses at `pointer` what is not whole.
std::size_t pieces_in(Quantity, const std::string& pointer);

// The pieces that make up a quantity at a balance: of those in `chosen`, which are then taken out
// of it, or the oldest when it is empty. Refuses with serial_not_here at `pointer`.
std::vector<const Serial*> pieces_at(Tx&, const Balance&, std::size_t count, SerialStatus,
                                     std::vector<std::string>& chosen, const std::string& pointer);

// What happens to a piece.
struct PieceMove {
    SerialStatus status;
    std::string_view kind;
    std::optional<Uuid> reference = {};
    const Balance* to = nullptr;  // the shelf it lies on then; null: none
};
Serial& move_piece(Tx&, const Serial&, const PieceMove&);
Serial& add_piece(Tx&, const Balance&, std::string_view serial_number, std::optional<LotId>,
                  const PieceMove&);

}  // namespace stateset::inventory
