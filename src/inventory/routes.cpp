#include "inventory/lots.hpp"
#include "platform/http/api.hpp"

namespace stateset::inventory {
namespace {

void item_routes(Api& api) {
    auto items = api.group("/inventory/items", "Inventory");
    const std::vector<const Code*> taken{&codes::already_exists};
    items.get("", list, {.summary = "List items", .needs = "inventory:read"});
    items.post("", create_one,
               {.summary = "Create an item",
                .needs = "inventory:create",
                .detail = "Products make theirs by themselves.",
                .refuses = taken});
    items.get("/{id}", one,
              {.summary = "Read an item and where it lies",
               .needs = "inventory:read",
               .detail = "Digits are the id; anything else is the item_number."});
    items.get("/by-number/{item_number}", by_number,
              {.summary = "Read an item by its number, also when it is all digits",
               .name = "inventory items get-by-number",
               .needs = "inventory:read"});
    items.patch("/{id}", update, {.summary = "Change an item", .needs = "inventory:update"});
    items.post("/{id}/receive", receive,
               {.summary = "Put stock on the shelf",
                .needs = "inventory:receive",
                .detail = "Of items tracked by lot with its lot_number, by serial number with "
                          "serial_numbers, one for each piece.",
                .refuses = {&lot_required, &serials_required, &serial_count, &serial_in_stock,
                            &too_many_serials, &lot_differs}});
    items.post("/{id}/reserve", reserve_one,
               {.summary = "Set stock aside",
                .needs = "inventory:reserve",
                .detail = "For 24 hours unless expires_in_s says otherwise. Of items tracked by "
                          "lot, of those that expire first.",
                .refuses = {&insufficient_stock},
                .status = 201});
    items.get("/{id}/movements", movements,
              {.summary = "Read an item's ledger", .needs = "inventory:read"});
    items.get("/{id}/explain", explain,
              {.summary = "Why is it not available?", .needs = "inventory:read"});
}

void balance_routes(Group& stock) {
    stock.get("/balances", balances, {.summary = "List balances", .needs = "inventory:read"});
    stock.get("/balances/{id}", one_balance,
              {.summary = "Read a balance", .needs = "inventory:read"});
    stock.patch("/balances/{id}", update_balance,
                {.summary = "Set a balance's reorder point", .needs = "inventory:update"});
    stock.get(
        "/low-stock", low_stock,
        {.summary = "List balances at or below their reorder point", .needs = "inventory:read"});
}

void reservation_routes(Group& stock) {
    stock.get("/reservations", reservations,
              {.summary = "List reservations", .needs = "inventory:read"});
    stock.get("/reservations/{id}", one_reservation,
              {.summary = "Read a reservation", .needs = "inventory:read"});
    stock.post("/reservations/{id}/consume", consume_one,
               {.summary = "Take reserved stock off the shelf",
                .needs = "inventory:reserve",
                .detail = "All that it still holds unless a quantity is given.",
                .refuses = {&codes::illegal_transition, &exceeds_reservation, &belongs_to_order,
                            &serial_count, &serial_not_here, &lot_not_usable}});
}

void location_routes(Api& api) {
    auto places = api.group("/locations", "Locations");
    places.get("", locations, {.summary = "List locations", .needs = "locations:read"});
    places.post("", create_location,
                {.summary = "Create a location",
                 .needs = "locations:manage",
                 .refuses = {&codes::already_exists}});
    places.get("/{id}", one_location, {.summary = "Read a location", .needs = "locations:read"});
    places.patch("/{id}", update_location,
                 {.summary = "Change a location",
                  .needs = "locations:manage",
                  .detail = "Where orders draw from follows within a second."});
}

void describe(Api& api) {
    api.describe({
        {"item_number", {"What people call the item; of products, the sku.", "MUG"}},
        {"uom", {"Unit of measure.", "each"}},
        {"item_id", {"Number of the item.", "1"}},
        {"on_hand", {"What is there.", "15"}},
        {"allocated", {"What of it is promised to active reservations.", "5"}},
        {"quarantined", {"What of it may not be used.", "0"}},
        {"tracking",
         {"How pieces are told apart: `none`, by `lot` (batch) or by `serial` number.", ""}},
        {"work_order_id", {"Id of the work order.", ""}},
        {"lot_id", {"Id of the lot.", ""}},
        {"available", {"What may still be promised.", "10"}},
        {"reorder_point", {"At or below this much available, order again; null: never.", "5"}},
        {"balances", {"Where the item lies, by location.", ""}},
        {"quantity", {"How many, or how much.", "5"}},
        {"consumed", {"What of it has left the shelf.", "0"}},
        {"held", {"What a reservation still holds.", "5"}},
        {"expires_in_s", {"Seconds until it ends by itself.", "3600"}},
        {"reference", {"Your own name for it, or the id of what was behind it.", "quote-7"}},
        {"order_id", {"Id of the order.", ""}},
        {"order_number", {"What people call the order.", "SO-1001"}},
        {"delta", {"By how much it changes.", "-2"}},
        {"expected_version", {"Version of the balance this was decided on.", "3"}},
        {"release_reservations",
         {"Take stock back from reservations, unpaid and newest first.", ""}},
        {"kind", {"What sort it is.", ""}},
        {"code", {"A short name, unique among its kind.", "MAIN"}},
        {"priority", {"Lower comes first.", "100"}},
        {"locations", {"Where the item lies, first to be drawn from first.", ""}},
        {"reservations", {"Who holds it; at most 100, oldest first.", ""}},
        {"more_reservations", {"Whether there are more than those shown.", "false"}},
        {"movements", {"What happened last, newest first.", ""}},
    });
}

}  // namespace

// Adjusting stock and releasing a reservation may touch orders too: see flows/routes.cpp.
void routes(Api& api) {
    auto stock = api.group("/inventory", "Inventory");
    item_routes(api);
    balance_routes(stock);
    reservation_routes(stock);
    location_routes(api);
    lot_routes(api);
    describe(api);
}

}  // namespace stateset::inventory
