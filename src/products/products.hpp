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

inline constexpr Move<Status, Action> lifecycle[] = {
    {Status::draft, Action::activate, Status::active},
    {Status::active, Action::archive, Status::archived},
    {Status::archived, Action::activate, Status::active},
};

// How pieces of one item are told apart: not at all, by the batch they came in, or one by one.
enum class Tracking { none, lot, serial };
// Whether an order may wait for stock that is not there yet.
enum class Backorder { deny, allow };

inline constexpr Code own_variant{"own_variant", 409, "A product keeps its own variant",
                                  "Archive the product instead."};

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
    Backorder backorder = Backorder::deny;
    std::optional<std::int64_t> warranty_months;  // from delivery; null: no warranty by itself
    std::string tax_category = "standard";
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
    // As its product's, kept here so that an order needs one read a line.
    bool track_inventory = true;
    Backorder backorder = Backorder::deny;
    std::string tax_category = "standard";
    Status status = Status::active;
    Time created_at, updated_at;
};

// What GET shows: the product with its variants, its own first.
struct ProductView {
    Flat<Product> product;
    std::vector<Variant> variants;
};

struct NewVariant {
    Text<64> sku;
    std::optional<Text<255>> name;  // else the product's
    Metadata options;
    std::optional<Amount> price;  // else the product's
    std::optional<Text<64>> barcode;
    std::optional<Int<0, 1'000'000'000>> weight_grams;
};

struct NewProduct {
    Text<255> name;
    Text<64> sku;
    std::optional<Text<10'000>> description;
    std::optional<Text<100>> brand;
    Amount price;
    Currency currency;
    std::optional<Status> status;  // draft or active
    std::optional<bool> track_inventory;
    std::optional<Tracking> tracking;  // of its items; stays
    std::optional<Backorder> backorder;
    std::optional<Int<1, 1'200>> warranty_months;
    std::optional<Text<40>> tax_category;
    std::optional<Text<64>> barcode;  // of its own variant
    std::optional<Int<0, 1'000'000'000>> weight_grams;
    Metadata options;
    List<NewVariant, 0, 100> variants;  // further ones
    Metadata metadata;
    std::vector<Text<50>> tags;
};

// The sku and the currency stay: orders and stock lean on them.
struct ProductChanges {
    ProductId id;
    Change<Text<255>> name;
    Change<std::optional<Text<10'000>>> description;
    Change<std::optional<Text<100>>> brand;
    Change<Amount> price;  // of its own variant too
    Change<bool> track_inventory;
    Change<Backorder> backorder;
    Change<std::optional<Int<1, 1'200>>> warranty_months;
    Change<Text<40>> tax_category;
    Change<Metadata> metadata;
    Change<std::vector<Text<50>>> tags;
};

struct ById {
    ProductId id;
};

struct ChangeStatus {
    ProductId id;
    Reason reason;
};

struct ListProducts {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Text<100>> q;  // part of a name, sku, brand or description
    std::optional<Status> status;
    std::optional<Text<100>> brand;
    std::optional<Text<64>> sku;  // of any of its variants
    std::optional<Time> created_after, created_before;
};

struct AddVariant {
    ProductId id;
    Text<64> sku;
    std::optional<Text<255>> name;
    Metadata options;
    std::optional<Amount> price;
    std::optional<Text<64>> barcode;
    std::optional<Int<0, 1'000'000'000>> weight_grams;
};

struct VariantChanges {
    ProductId id;
    VariantId variant_id;
    Change<Text<255>> name;
    Change<Metadata> options;
    Change<Amount> price;
    Change<std::optional<Text<64>>> barcode;
    Change<std::optional<Int<0, 1'000'000'000>>> weight_grams;
};

struct OneVariant {
    ProductId id;
    VariantId variant_id;
};

// Parts of flows::create_product and its neighbours, which give tracked variants their inventory
// items. Both create and add_variant refuse with already_exists when a sku is taken, and with
// invalid when a price is negative or more precise than its currency.
Product create(Tx&, const Actor&, const NewProduct&);
Product update(Tx&, const Actor&, const ProductChanges&);
Variant add_variant(Tx&, const Actor&, const AddVariant&);

// All refuse with not_found; remove_variant with own_variant.
Product archive(Tx&, const Actor&, const ChangeStatus&);
Product activate(Tx&, const Actor&, const ChangeStatus&);
Variant update_variant(Tx&, const Actor&, const VariantChanges&);
void remove_variant(Tx&, const Actor&, const OneVariant&);

ProductView view(Tx&, const Product&);

ProductView one(Reads&, const Actor&, const ById&);
Page<Product> list(Reads&, const Actor&, const ListProducts&);
Page<Variant> variants(Reads&, const Actor&, const ById&);
Variant one_variant(Reads&, const Actor&, const OneVariant&);

}  // namespace stateset::products

namespace stateset {
class Api;
namespace products {
void routes(Api&);
}
}  // namespace stateset

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
