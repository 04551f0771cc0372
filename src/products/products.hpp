#pragma once
// A product is what a catalogue sells. Every product has at least one variant: the one with the
// product's own sku, made with it; what is ordered, stocked and priced is a variant, found by its
// sku. Tracked products have an inventory item per variant, whose item_number is the sku.

#include "platform/core/input.hpp"
#include "platform/core/lifecycle.hpp"
#include "platform/store/reads.hpp"
#include "platform/store/tx.hpp"

namespace stateset::products {

struct Product;
struct Variant;
using ProductId = Id<Product>;
using VariantId = Id<Variant>;

enum class Status { draft, active, archived };
enum class Action { activate, archive };

struct Product {
    ProductId id;
    std::int64_t version = 1;
    std::string name;
    std::string sku;  // of its own variant; unique among products
    std::optional<std::string> description, brand;
    Money price;
    Currency currency;
    Status status = Status::active;
    bool track_inventory = true;
    Metadata metadata;
    std::vector<std::string> tags;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

struct Variant {
    VariantId id;
    ProductId product_id;
    std::int64_t version = 1;
    std::string sku;  // unique
    std::string name;
    Metadata options;  // {"size": "L"}
    Money price;
    Currency currency;
    std::optional<std::string> barcode;
    std::optional<std::int64_t> weight_grams;
    bool track_inventory =
        true;  // as its product's, kept here so that an order needs one read a line
    Status status = Status::active;
    Time created_at, updated_at;
};

}  // namespace stateset::products

template <>
struct stateset::store::Table<stateset::products::Product>
    : stateset::store::Named<"products", "product"> {
    using unique = Keys<Key<&stateset::products::Product::sku>>;
};
template <>
struct stateset::store::Table<stateset::products::Variant>
    : stateset::store::Named<"product_variants", "variant"> {
    using parent = Child<"products", &stateset::products::Variant::product_id>;
    using unique = Keys<Key<&stateset::products::Variant::sku>>;
};
