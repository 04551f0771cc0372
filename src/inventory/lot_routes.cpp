#include "inventory/lots.hpp"
#include "inventory/plan.hpp"
#include "platform/http/api.hpp"

namespace stateset::inventory {
namespace {

void quarantine_routes(Api& api) {
    auto items = api.group("/inventory/items", "Inventory");
    items.post("/{id}/quarantine", quarantine,
               {.summary = "Set stock apart that may not be used",
                .needs = "inventory:adjust",
                .detail = "It stays on hand and is no longer available. Of items tracked by lot "
                          "lot_number, by serial number serial_numbers say what is meant.",
                .refuses = {&insufficient_stock, &lot_required, &serials_required, &serial_count,
                            &serial_not_here}});
    items.post("/{id}/unquarantine", unquarantine,
               {.summary = "Give stock that was set apart back to use",
                .needs = "inventory:adjust",
                .refuses = {&not_quarantined, &lot_required, &serials_required, &serial_count,
                            &serial_not_here, &lot_not_usable}});
}

void routes_of_lots(Group& stock) {
    stock.get("/lots", list_lots, {.summary = "List lots", .needs = "inventory:read"});
    stock.get("/lots/{id}", one_lot,
              {.summary = "Read a lot and where it lies", .needs = "inventory:read"});
    stock.patch("/lots/{id}", update_lot,
                {.summary = "Correct the day on which a lot expires",
                 .needs = "inventory:update",
                 .detail = "A lot whose day is over expires; an expired one whose new day is yet "
                           "to come is active again."});
    stock.post("/lots/{id}/quarantine", quarantine_lot,
               {.summary = "Call a lot back",
                .needs = "inventory:adjust",
                .detail = "All of it that nobody holds is quarantined, wherever it lies; what is "
                          "reserved does not leave, and is quarantined when it is released.",
                .refuses = {&codes::illegal_transition, &below_allocated}});
    stock.post("/lots/{id}/release", release_lot,
               {.summary = "Give a lot back to use",
                .needs = "inventory:adjust",
                .refuses = {&codes::illegal_transition, &lot_not_usable}});
    stock.get("/lots/{id}/orders", orders_of_lot,
              {.summary = "Who has some of a lot?",
               .needs = "inventory:read",
               .detail = "The recall: orders that were sent some of it or hold some, by itself or "
                         "in what work orders made of it, with whom to call."});
    stock.get("/serials", list_serials,
              {.summary = "List pieces with serial numbers", .needs = "inventory:read"});
    stock.get(
        "/serials/{id}", one_serial,
        {.summary = "Where did a piece come from, where did it go?", .needs = "inventory:read"});
}

void describe(Api& api) {
    api.describe({
        {"serial_id", {"Id of the piece.", ""}},
        {"lot_number", {"What people call the lot; unique of its item.", "L-2026-11"}},
        {"expires_on",
         {"The last day on which it may be used; null: it does not expire.", "2027-03-31"}},
        {"expires_before", {"Only lots that expire before this day.", "2027-01-01"}},
        {"other_lots", {"The reservations of the further lots that were needed.", ""}},
        {"lots", {"The lots that lie there, first to expire first.", ""}},
        {"lot_balances", {"Where the lot lies, by location.", ""}},
        {"made_by", {"The work order that made it.", ""}},
        {"steps", {"What happened to it, oldest first.", ""}},
        {"order_status", {"Where the order stands in its lifecycle.", ""}},
        {"made_of", {"Whether it has only what was made of the lot, not the lot itself.", ""}},
        {"possible", {"Whether an order of these items could be processed now.", ""}},
        {"tracked", {"Whether stock is kept of it; else nothing need be taken.", ""}},
        {"wanted", {"How much is wanted.", "5"}},
        {"short_by", {"How much is missing.", "0"}},
        {"takes", {"What would be taken from where.", ""}},
        {"leaves", {"What lies there and would not be taken.", ""}},
        {"why",
         {"Why it would not be taken: the location is inactive or another than asked for; it is "
          "quarantined, expired or promised to others; it does not have enough; others come "
          "first; it expires later; it is owed to orders that wait; or there is not enough "
          "altogether.",
          ""}},
    });
}

}  // namespace

void lot_routes(Api& api) {
    auto stock = api.group("/inventory", "Inventory");
    quarantine_routes(api);
    routes_of_lots(stock);
    stock.post("/plan", plan,
               {.summary = "What would an order take from where?",
                .needs = "inventory:read",
                .detail = "Chooses as processing an order does, and says why the rest is not "
                          "taken. Reserves nothing."});
    describe(api);
}

}  // namespace stateset::inventory
