#include "flows/stock_routes.hpp"

#include "flows/bulk_stock.hpp"
#include "flows/complete_count.hpp"
#include "flows/create_product.hpp"
#include "flows/take_stock_back.hpp"
#include "platform/http/api.hpp"

namespace stateset::flows {
namespace {

void product_routes(Api& api) {
    auto products = api.group("/products", "Products");
    const std::vector<const Code*> sku_taken{&codes::already_exists};
    products.post("", create_product,
                  {.summary = "Create a product",
                   .needs = "products:create",
                   .detail = "With the variant of its own sku and, when stock is kept, the "
                             "inventory item whose item_number is the sku.",
                   .refuses = sku_taken});
    products.patch("/{id}", update_product,
                   {.summary = "Change a product", .needs = "products:update"});
    products.post("/{id}/variants", add_variant,
                  {.summary = "Add a variant",
                   .needs = "products:update",
                   .refuses = sku_taken,
                   .status = 201});
}

void count_routes(Api& api) {
    auto counts = api.group("/inventory/counts", "Counts");
    counts.post("/{id}/complete", before(find_count_holders, complete_count),
                {.summary = "Complete a count",
                 .needs = "inventory:count",
                 .detail = "Sets what is on hand to what was counted and what came and went "
                           "since. Below what is promised it is refused unless "
                           "release_reservations is true: then reservations are taken back, "
                           "unpaid and newest first.",
                 .refuses = {&codes::illegal_transition, &inventory::below_allocated,
                             &nothing_counted, &count_contradicted}});
}

void bulk_routes(Api& api) {
    auto bulk = api.group("/inventory/bulk", "Inventory");
    bulk.post("/receive", bulk_receive,
              {.summary = "Put many items on the shelf",
               .name = "inventory bulk-receive",
               .needs = "inventory:receive",
               .detail = "Up to 500 lines. Each succeeds or fails by itself and says so, unless "
                         "atomic is true: then one failure refuses all.",
               .refuses = {&lines_failed}});
    bulk.post("/adjust", bulk_adjust,
              {.summary = "Say what is really there of many items",
               .name = "inventory bulk-adjust",
               .needs = "inventory:adjust",
               .detail = "Up to 500 lines, as in /inventory/bulk/receive. No reservation is "
                         "taken back.",
               .refuses = {&lines_failed}});
    api.describe({
        {"atomic", {"All lines or none.", "false"}},
        {"succeeded", {"How many lines were carried out.", "2"}},
        {"failed", {"How many lines were not.", "1"}},
        {"results", {"What became of each line, in their order.", ""}},
        {"index", {"Place of the line in the request, from 0.", "0"}},
        {"balance", {"The balance afterwards; null when the line failed.", ""}},
        {"problem", {"Why the line failed, as if it had been sent alone.", ""}},
        {"title", {"The problem in a few words.", "Not enough stock"}},
        {"detail", {"The problem in this case.", ""}},
        {"errors", {"Every fault that was found.", ""}},
        {"pointer", {"JSON pointer of the fault, within the line.", "/quantity"}},
        {"message", {"The fault in words.", "must be more than 0"}},
        {"params", {"What the message is about.", ""}},
    });
}

}  // namespace

void stock_routes(Api& api) {
    product_routes(api);
    count_routes(api);
    bulk_routes(api);
    auto stock = api.group("/inventory", "Inventory");
    stock.post("/items/{id}/adjust", before(find_holders, adjust_stock),
               {.summary = "Say what is really there",
                .needs = "inventory:adjust",
                .detail = "Either by how much it differs or how much it is. Below what is "
                          "promised it is refused unless release_reservations is true: then "
                          "reservations are taken back, unpaid and newest first.",
                .refuses = {&inventory::below_allocated}});
    stock.post("/reservations/{id}/release", release_reservation,
               {.summary = "Release a reservation",
                .needs = "inventory:reserve",
                .detail = "An order that is being processed loses all its reservations with it "
                          "and goes back to pending.",
                .refuses = {&codes::illegal_transition}});
}

}  // namespace stateset::flows
