#include "flows/stock_routes.hpp"

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

}  // namespace

void stock_routes(Api& api) {
    product_routes(api);
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
