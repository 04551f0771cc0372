#include "platform/http/api.hpp"
#include "products/products.hpp"

namespace stateset::products {

// Creating products and adding variants touches stock too: see flows/routes.cpp.
void routes(Api& api) {
    auto products = api.group("/products", "Products");
    const std::vector<const Code*> wrong_state{&codes::illegal_transition};
    products.get("", list, {.summary = "List products", .needs = "products:read"});
    products.get("/{id}", one,
                 {.summary = "Read a product", .needs = "products:read", .cacheable = true});
    products.post("/{id}/archive", archive,
                  {.summary = "Take a product out of the catalogue",
                   .needs = "products:archive",
                   .refuses = wrong_state});
    products.post("/{id}/activate", activate,
                  {.summary = "Put a product into the catalogue",
                   .needs = "products:archive",
                   .refuses = wrong_state});
    products.get("/{id}/variants", variants,
                 {.summary = "List a product's variants", .needs = "products:read"});
    products.get("/{id}/variants/{variant_id}", one_variant,
                 {.summary = "Read a variant", .needs = "products:read"});
    products.patch("/{id}/variants/{variant_id}", update_variant,
                   {.summary = "Change a variant", .needs = "products:update"});
    products.remove(
        "/{id}/variants/{variant_id}", remove_variant,
        {.summary = "Remove a variant", .needs = "products:update", .refuses = {&own_variant}});

    api.describe({
        {"name", {"What people call it.", "Mug, white"}},
        {"sku", {"Stock-keeping unit: the name by which it is ordered.", "MUG"}},
        {"description", {"In full sentences.", "Stoneware, 300 ml."}},
        {"brand", {"Who makes it.", "Analytical Pottery"}},
        {"price", {"Price of one, in the product's currency.", "49.99"}},
        {"track_inventory", {"Whether stock is kept; if not, it is never short.", "true"}},
        {"backorder", {"Whether an order may wait for stock that is not there.", ""}},
        {"warranty_months", {"Months of warranty from delivery; null: none by itself.", "24"}},
        {"tax_category", {"Which tax rates apply to it.", "standard"}},
        {"variants", {"What can be ordered; the product's own sku is the first.", ""}},
        {"variant_id", {"Id of a variant of the product.", ""}},
        {"product_id", {"Id of the product.", ""}},
        {"options", {"What tells this variant from the others.", ""}},
        {"barcode", {"GTIN or other code on the package.", "4006381333931"}},
        {"weight_grams", {"Weight of one.", "350"}},
    });
}

}  // namespace stateset::products
