#pragma once
// Products and their stock: each variant of a tracked product has an inventory item whose
// item_number is its sku. An item that is there already, made by hand or before tracking was
// switched off, is used again.

#include "inventory/inventory.hpp"
#include "products/products.hpp"

namespace stateset::flows {

products::Product create_product(Tx&, const Actor&, const products::NewProduct&);
// Switching tracking on gives the variants their items.
products::Product update_product(Tx&, const Actor&, const products::ProductChanges&);
products::Variant add_variant(Tx&, const Actor&, const products::AddVariant&);

}  // namespace stateset::flows
