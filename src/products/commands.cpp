#include "products/products.hpp"

namespace stateset::products {
namespace {

// Larger prices are slips of the hand, and would overflow the totals of large orders.
constexpr std::int64_t most_price = 1'000'000'000;
// An archived product archives all its variants in one command.
constexpr std::size_t most_variants = 1'000;

template <std::size_t Max>
std::optional<std::string> text(const std::optional<Text<Max>>& from) {
    return from ? std::optional<std::string>(from->value) : std::nullopt;
}

template <std::int64_t Min, std::int64_t Max>
std::optional<std::int64_t> number(const std::optional<Int<Min, Max>>& from) {
    return from ? std::optional<std::int64_t>(from->value) : std::nullopt;
}

std::vector<std::string> words(const std::vector<Text<50>>& from) {
    return {from.begin(), from.end()};
}

Money price_of(const Amount& wanted, Currency currency, const std::string& pointer) {
    if (wanted < Amount{}) throw invalid(pointer, "too_small", "must not be negative");
    auto price = wanted.in(currency);
    if (!price) {
        throw invalid(pointer, "too_precise",
                      std::string(currency.text()) + " has " +
                          std::to_string(minor_digits(currency)) + " fraction digits");
    }
    if (wanted.scaled > most_price * 10'000) {
        throw invalid(pointer, "too_large", "must be at most " + std::to_string(most_price));
    }
    return *price;
}

// Refuses when somebody has one of the skus; they are looked up together.
struct WantedSku {
    std::string_view sku;
    std::string pointer;
};

void require_free(Tx& tx, const std::vector<WantedSku>& wanted) {
    auto owners =
        tx.each(wanted, [&](const WantedSku& one) { return tx.find<&Variant::sku>(one.sku); });
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (owners[i]) faults.push_back({wanted[i].pointer, "already_exists", "is in use", {}});
    }
    if (faults.empty()) return;
    throw Refusal(codes::already_exists, "A product with this sku exists already.",
                  std::move(faults));
}

template <class Wanted>
Variant& add(Tx& tx, const Product& product, const Wanted& wanted, const std::string& at) {
    auto price =
        wanted.price ? price_of(*wanted.price, product.currency, at + "/price") : product.price;
    return tx.add(Variant{.id = tx.new_id(),
                          .product_id = product.id,
                          .sku = wanted.sku,
                          .name = wanted.name ? wanted.name->value : product.name,
                          .options = wanted.options,
                          .price = price,
                          .currency = product.currency,
                          .barcode = text(wanted.barcode),
                          .weight_grams = number(wanted.weight_grams),
                          .track_inventory = product.track_inventory,
                          .backorder = product.backorder,
                          .tax_category = product.tax_category,
                          .status = product.status});
}

Status first_status(const std::optional<Status>& wanted) {
    if (wanted == Status::archived) {
        throw invalid("/status", "unknown_value", "a new product is draft or active");
    }
    return wanted.value_or(Status::active);
}

Product& move_on(Tx& tx, ProductId id, Action action) {
    auto& product = tx.edit<Product>(id);
    product.status = next(lifecycle, product.status, action);
    for (const auto* variant : tx.all<Variant>(id)) tx.edit(*variant).status = product.status;
    return product;
}

Variant& variant_of(Tx& tx, ProductId product, VariantId wanted) {
    tx.get<Product>(product);
    auto* variant = tx.find<Variant>(wanted);
    if (!variant || variant->product_id != product) {
        throw Refusal(codes::not_found, "The product has no such variant.");
    }
    return tx.edit(*variant);
}

}  // namespace

Product create(Tx& tx, const Actor&, const NewProduct& wanted) {
    std::vector<WantedSku> skus{{wanted.sku.value, "/sku"}};
    for (std::size_t i = 0; i < wanted.variants.size(); ++i) {
        skus.push_back({wanted.variants[i].sku.value, "/variants/" + std::to_string(i) + "/sku"});
    }
    require_free(tx, skus);
    auto& product = tx.add(Product{.id = tx.new_id(),
                                   .name = wanted.name,
                                   .sku = wanted.sku,
                                   .description = text(wanted.description),
                                   .brand = text(wanted.brand),
                                   .price = price_of(wanted.price, wanted.currency, "/price"),
                                   .currency = wanted.currency,
                                   .status = first_status(wanted.status),
                                   .track_inventory = wanted.track_inventory.value_or(true),
                                   .backorder = wanted.backorder.value_or(Backorder::deny),
                                   .warranty_months = number(wanted.warranty_months),
                                   .metadata = wanted.metadata,
                                   .tags = words(wanted.tags)});
    if (wanted.tax_category) product.tax_category = wanted.tax_category->value;
    add(tx, product,
        NewVariant{.sku = wanted.sku,
                   .options = wanted.options,
                   .barcode = wanted.barcode,
                   .weight_grams = wanted.weight_grams},
        "");
    for (std::size_t i = 0; i < wanted.variants.size(); ++i) {
        add(tx, product, wanted.variants[i], "/variants/" + std::to_string(i));
    }
    tx.emit("product.created", product);
    return product;
}

Product update(Tx& tx, const Actor&, const ProductChanges& wanted) {
    auto& product = tx.edit<Product>(wanted.id);
    auto variants = tx.all<Variant>(wanted.id);
    if (wanted.price.given) {
        product.price = price_of(wanted.price.value, product.currency, "/price");
    }
    for (const auto* each : variants) {
        bool own = each->sku == product.sku;
        if (own && wanted.price.given) tx.edit(*each).price = product.price;
        if (own && wanted.name.given) tx.edit(*each).name = wanted.name.value;
        auto& variant = tx.edit(*each);
        wanted.track_inventory.apply(variant.track_inventory);
        wanted.backorder.apply(variant.backorder);
        if (wanted.tax_category.given) variant.tax_category = wanted.tax_category.value.value;
    }
    if (wanted.name.given) product.name = wanted.name.value;
    if (wanted.description.given) product.description = text(wanted.description.value);
    if (wanted.brand.given) product.brand = text(wanted.brand.value);
    wanted.track_inventory.apply(product.track_inventory);
    wanted.backorder.apply(product.backorder);
    if (wanted.warranty_months.given)
        product.warranty_months = number(wanted.warranty_months.value);
    if (wanted.tax_category.given) product.tax_category = wanted.tax_category.value.value;
    wanted.metadata.apply(product.metadata);
    if (wanted.tags.given) product.tags = words(wanted.tags.value);
    tx.emit("product.updated", product);
    return product;
}

Variant add_variant(Tx& tx, const Actor&, const AddVariant& wanted) {
    auto& product = tx.edit<Product>(wanted.id);
    require_free(tx, {{wanted.sku.value, "/sku"}});
    if (tx.all<Variant>(product.id).size() >= most_variants) {
        throw invalid("/sku", "too_many",
                      "a product has at most " + std::to_string(most_variants) + " variants");
    }
    auto variant = add(tx, product, wanted, "");
    tx.emit("product.updated", product);
    return variant;
}

Product archive(Tx& tx, const Actor&, const ChangeStatus& wanted) {
    auto& product = move_on(tx, wanted.id, Action::archive);
    tx.emit("product.archived", product);
    return product;
}

Product activate(Tx& tx, const Actor&, const ChangeStatus& wanted) {
    auto& product = move_on(tx, wanted.id, Action::activate);
    tx.emit("product.updated", product);
    return product;
}

Variant update_variant(Tx& tx, const Actor&, const VariantChanges& wanted) {
    auto& variant = variant_of(tx, wanted.id, wanted.variant_id);
    auto& product = tx.edit<Product>(wanted.id);
    if (wanted.price.given) {
        variant.price = price_of(wanted.price.value, product.currency, "/price");
        if (variant.sku == product.sku) product.price = variant.price;
    }
    if (wanted.name.given) variant.name = wanted.name.value;
    wanted.options.apply(variant.options);
    if (wanted.barcode.given) variant.barcode = text(wanted.barcode.value);
    if (wanted.weight_grams.given) variant.weight_grams = number(wanted.weight_grams.value);
    tx.emit("product.updated", product);
    return variant;
}

void remove_variant(Tx& tx, const Actor&, const OneVariant& wanted) {
    auto& variant = variant_of(tx, wanted.id, wanted.variant_id);
    auto& product = tx.edit<Product>(wanted.id);
    require(variant.sku != product.sku, own_variant,
            "This variant is the product itself; it cannot be removed.");
    tx.remove(variant);
    tx.emit("product.updated", product);
}

ProductView view(Tx& tx, const Product& product) {
    ProductView shown{.product = {product}, .variants = {}};
    for (const auto* variant : tx.all<Variant>(product.id)) shown.variants.push_back(*variant);
    return shown;
}

}  // namespace stateset::products
