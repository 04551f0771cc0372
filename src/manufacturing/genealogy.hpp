#pragma once
// What went into what: by lot and by piece, through one work order, and through all of them from
// what was made down to what was bought, and back up. What has neither lots nor serial numbers is
// named, and ends the search.

#include "manufacturing/work_orders.hpp"

namespace stateset::manufacturing {

struct ConsumedPart {
    Flat<Consumption> consumption;
    std::string item_number;
    std::optional<std::string> lot_number;
};
struct MadePart {
    Flat<Output> output;
    std::string item_number;
    std::optional<std::string> lot_number;
};

// Of one work order. What was issued ahead has no completion.
struct Genealogy {
    WorkOrderId work_order_id;
    std::string work_order_number;
    std::vector<Completion> completions;
    std::vector<ConsumedPart> inputs;  // at most 10,000
    std::vector<MadePart> outputs;     // likewise
};

// A lot or a piece, by its number: exactly one of the two.
struct OfWhat {
    Text<64> sku;
    std::optional<Text<64>> lot_number, serial_number;
};

// Something that went in or came out, so many work orders away.
struct GenealogyStep {
    std::int64_t level = 1;
    WorkOrderId work_order_id;
    std::string work_order_number;
    inventory::ItemId item_id;
    std::string item_number;
    std::optional<inventory::LotId> lot_id;
    std::optional<std::string> lot_number, serial_number;
    Quantity quantity;
};

Genealogy genealogy(Reads&, const Actor&, const WorkOrderById&);
// The nearest first, at most 1,000. Refuse with `invalid` when not exactly one number is given, and
// at ?sku and ?lot_number when there is none of that name.
Page<GenealogyStep> made_of(Reads&, const Actor&, const OfWhat&);
Page<GenealogyStep> went_into(Reads&, const Actor&, const OfWhat&);

}  // namespace stateset::manufacturing
