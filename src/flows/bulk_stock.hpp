#pragma once
// Many receipts or adjustments in one request. Each line succeeds or fails by itself and says so,
// in the order of the lines, each seeing what those before it did; with `atomic: true` one failure
// refuses all. The whole is one transaction, so that an idempotency key covers all of it.

#include "inventory/inventory.hpp"

namespace stateset::flows {

inline constexpr Code lines_failed{"lines_failed", 409, "Some lines cannot be carried out",
                                   "Mend the lines in `errors`, or send them without `atomic`."};

struct BulkReceiveLine {
    Text<64> sku;
    std::optional<inventory::LocationId> location_id;
    Quantity quantity;
    std::optional<Text<64>> lot_number;
    std::optional<Date> expires_on;  // of a lot that is new
    inventory::SerialNumbers serial_numbers;
    Reason reason;  // else the request's
};

struct BulkReceive {
    List<BulkReceiveLine, 1, 500> lines;
    std::optional<bool> atomic;
    Reason reason;
};

// Exactly one of `delta` and `on_hand`.
struct BulkAdjustLine {
    Text<64> sku;
    std::optional<inventory::LocationId> location_id;
    std::optional<Quantity> delta, on_hand;
    std::optional<Int<1, INT64_MAX>> expected_version;  // of the balance, before this line
    std::optional<Text<64>> lot_number;
    std::optional<Date> expires_on;  // of a lot that is new
    inventory::SerialNumbers serial_numbers;
    Reason reason;  // else the request's
};

struct BulkAdjust {
    List<BulkAdjustLine, 1, 500> lines;
    std::optional<bool> atomic;
    Text<500> reason;
};

enum class LineStatus { succeeded, failed };

// What a request with this line alone would have been answered.
struct LineProblem {
    int status = 0;
    std::string code, title, detail;
    std::vector<Fault> errors;
};

struct LineResult {
    std::int64_t index = 0;  // of the line, from 0
    std::string sku;
    LineStatus status = LineStatus::succeeded;
    std::optional<inventory::BalanceView> balance;
    std::optional<LineProblem> problem;
};

struct BulkResult {
    std::int64_t succeeded = 0, failed = 0;
    std::vector<LineResult> results;
};

// Both refuse with lines_failed when atomic. Never take stock back from reservations. Emit
// inventory.received and inventory.adjusted for each line.
BulkResult bulk_receive(Tx&, const Actor&, const BulkReceive&);
BulkResult bulk_adjust(Tx&, const Actor&, const BulkAdjust&);

}  // namespace stateset::flows
