#include "flows/create_product.hpp"

namespace stateset::flows {
namespace {

void stock(Tx& tx, const std::vector<const products::Variant*>& variants,
           products::Tracking tracking = products::Tracking::none) {
    using inventory::Item;
    auto items = tx.each(variants, [&](const products::Variant* variant) {
        return tx.find<&Item::item_number>(variant->sku);
    });
    for (std::size_t i = 0; i < variants.size(); ++i) {
        if (items[i]) continue;
        inventory::create_item(tx, variants[i]->sku, variants[i]->name).tracking = tracking;
    }
}

}  // namespace

products::Product create_product(Tx& tx, const Actor& actor, const products::NewProduct& wanted) {
    auto product = products::create(tx, actor, wanted);
    if (product.track_inventory) {
        stock(tx, tx.all<products::Variant>(product.id),
              wanted.tracking.value_or(products::Tracking::none));
    }
    return product;
}

products::Product update_product(Tx& tx, const Actor& actor,
                                 const products::ProductChanges& wanted) {
    auto product = products::update(tx, actor, wanted);
    bool switched_on = wanted.track_inventory.given && product.track_inventory;
    if (switched_on) stock(tx, tx.all<products::Variant>(product.id));
    return product;
}

products::Variant add_variant(Tx& tx, const Actor& actor, const products::AddVariant& wanted) {
    auto variant = products::add_variant(tx, actor, wanted);
    if (variant.track_inventory) stock(tx, {&variant});
    return variant;
}

}  // namespace stateset::flows
