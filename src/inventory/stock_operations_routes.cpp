#include "inventory/counts.hpp"
#include "inventory/lots.hpp"
#include "inventory/promise.hpp"
#include "inventory/stock_operations.hpp"
#include "inventory/transfers.hpp"
#include "platform/http/api.hpp"

namespace stateset::inventory {
namespace {

void transfer_routes(Api& api) {
    auto transfers = api.group("/inventory/transfers", "Transfers");
    const std::vector<const Code*> state{&codes::illegal_transition};
    transfers.get("", list_transfers, {.summary = "List transfers", .needs = "inventory:read"});
    transfers.post("", create_transfer,
                   {.summary = "Plan a transfer between two locations",
                    .needs = "inventory:transfer",
                    .detail = "Takes no stock yet: shipping does."});
    transfers.get("/{id}", one_transfer,
                  {.summary = "Read a transfer", .needs = "inventory:read", .cacheable = true});
    transfers.patch(
        "/{id}", update_transfer,
        {.summary = "Change what is said about a transfer", .needs = "inventory:transfer"});
    transfers.post(
        "/{id}/ship", before(look_ahead, ship_transfer),
        {.summary = "Take a transfer's goods off the shelf of its source",
         .needs = "inventory:transfer",
         .detail = "Of what is available; all of it or nothing.",
         .refuses = {&codes::illegal_transition, &insufficient_stock, &location_inactive}});
    transfers.post("/{id}/receive", receive_transfer,
                   {.summary = "Put what arrived on the shelf of the destination",
                    .needs = "inventory:transfer",
                    .detail = "Everything that is on its way unless items say what arrived. With "
                              "final: true nothing more will come, and the rest is lost.",
                    .refuses = {&codes::illegal_transition, &exceeds_in_transit, &serial_in_stock,
                                &lot_differs}});
    transfers.post("/{id}/close", close_transfer,
                   {.summary = "Write off what never arrived",
                    .needs = "inventory:transfer",
                    .refuses = state});
    transfers.post("/{id}/cancel", cancel_transfer,
                   {.summary = "Cancel a transfer of which nothing has arrived",
                    .needs = "inventory:transfer",
                    .detail = "What is on its way goes back on the shelf of its source.",
                    .refuses = state});
}

void count_routes(Api& api) {
    auto counts = api.group("/inventory/counts", "Counts");
    const std::vector<const Code*> state{&codes::illegal_transition};
    counts.get("", list_counts, {.summary = "List counts", .needs = "inventory:read"});
    counts.post("", open_count,
                {.summary = "Begin to count at a location", .needs = "inventory:count"});
    counts.get("/{id}", one_count,
               {.summary = "Read a count",
                .needs = "inventory:read",
                .detail = "What should be there is not shown before the count is completed.",
                .cacheable = true});
    counts.post("/{id}/lines", before(look_back, add_count_lines),
                {.summary = "Write down what was counted",
                 .name = "inventory counts add-lines",
                 .needs = "inventory:count",
                 .detail = "Sales may go on: what came and went after counted_at is added on "
                           "completion. An item that is in the count already is counted anew.",
                 .refuses = state});
    counts.post("/{id}/cancel", cancel_count,
                {.summary = "Cancel a count", .needs = "inventory:count", .refuses = state});
}

void describe_transfers(Api& api) {
    api.describe({
        {"transfer_number", {"What people call the transfer.", "T-1001"}},
        {"from_location_id", {"Where it comes from.", "1"}},
        {"to_location_id", {"Where it goes.", "2"}},
        {"expected_on", {"When it should arrive; null: nobody knows.", "2026-12-01"}},
        {"end_reason", {"What was said when it ended.", "Truck broke down"}},
        {"ended_at", {"When it was over; null before.", ""}},
        {"transfer_item_id", {"Id of the transfer's item.", ""}},
        {"transfer_id", {"Id of the transfer.", ""}},
        {"received", {"What of it arrived.", "0"}},
        {"lost", {"What of it will never arrive.", "0"}},
        {"loads", {"Of items tracked by lot: which lots left, in that order.", ""}},
        {"settled", {"What of it arrived, went back or was lost.", "0"}},
        {"in_transit", {"What left and has not arrived.", "0"}},
        {"transfers", {"Which transfers it is on its way with, oldest first.", ""}},
        {"final", {"Nothing more will come.", "true"}},
    });
}

void describe_counts(Api& api) {
    api.describe({
        {"count_number", {"What people call the count.", "C-1001"}},
        {"count_id", {"Id of the count.", ""}},
        {"counted", {"What was counted.", "14"}},
        {"counted_at", {"When it was counted; now if left out.", "2026-11-22T10:15:30Z"}},
        {"counted_by", {"Who counted it.", ""}},
        {"expected", {"What the ledger said at that time; null until completed.", "15"}},
        {"difference", {"By what it was corrected: counted less expected.", "-1"}},
        {"moved_since", {"What came and went between counting and completing.", "-2"}},
        {"lines", {"One for each item.", ""}},
    });
}

void describe_promises(Api& api) {
    api.describe({
        {"by", {"Until which day.", "2026-12-24"}},
        {"possible", {"Whether there will be that much by that day.", "true"}},
        {"earliest_on", {"The first day on which there is that much; null: not known.", ""}},
        {"promisable", {"How much can be promised by that day.", "10"}},
        {"supplies", {"What will come, soonest first.", ""}},
        {"reference_number", {"What people call what is behind it.", "T-1001"}},
    });
}

}  // namespace

void stock_operation_routes(Api& api) {
    transfer_routes(api);
    count_routes(api);
    auto items = api.group("/inventory/items", "Inventory");
    items.get("/{id}/in-transit", in_transit,
              {.summary = "How much of an item is on its way between locations",
               .needs = "inventory:read"});
    items.get("/{id}/promise", promise,
              {.summary = "How much of an item can be promised by a day",
               .needs = "inventory:read",
               .detail = "What is available, less what orders wait for, plus open transfers and "
                         "what work orders will produce by then."});
    describe_transfers(api);
    describe_counts(api);
    describe_promises(api);
}

}  // namespace stateset::inventory
