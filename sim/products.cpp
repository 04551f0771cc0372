// What is sold changes: prices, variants, what is sold at all; and what it is taxed with.

#include "products/products.hpp"

#include "flows/create_product.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using products::ProductId;
using products::VariantId;

// New products are not ordered here, so that stock stays in few hands; their variants come and go.
std::optional<Action> create(Random& random, Model&, World&) {
    auto sku = "NEW-" + std::to_string(random.between(1, 15));
    auto price = random.between(100, 900);
    auto made = std::make_shared<ProductId>();
    auto work = [=](Tx& tx) {
        return flows::create_product(tx, actor,
                                     {.name = {sku},
                                      .sku = {sku},
                                      .price = amount_of(price),
                                      .currency = currency_from("USD").value()})
            .id;
    };
    return Action{"sell " + sku, keeping(made, work), [=](Model& now) -> std::string {
                      if (now.skus_in_use().contains(sku)) return "already_exists";
                      now.other_products[*made] = sku;
                      now.items[sku] = "each";
                      return ok;
                  }};
}

// Mostly the price, now and then whether orders may wait, or with what it is taxed.
std::optional<Action> update(Random& random, Model& model, World&) {
    auto sku = random.one_of(model.stock.skus);
    auto id = model.sold.at(sku).id;
    std::optional<std::int64_t> price;
    std::optional<bool> may_wait;
    std::optional<std::string> category;
    if (random.chance(60)) price = random.between(100, 4000);
    if (random.chance(20)) may_wait = random.chance(50);
    if (random.chance(30)) category = random.chance(50) ? "standard" : "books";
    auto work = [=](Tx& tx) {
        products::ProductChanges wanted{.id = id};
        if (price) wanted.price = {true, amount_of(*price)};
        if (may_wait) {
            wanted.backorder = {true,
                                *may_wait ? products::Backorder::allow : products::Backorder::deny};
        }
        if (category) wanted.tax_category = {true, {*category}};
        flows::update_product(tx, actor, wanted);
    };
    return Action{"change " + sku, doing(work), [=](Model& now) {
                      auto& sold = now.sold.at(sku);
                      sold.price = price.value_or(sold.price);
                      sold.may_wait = may_wait.value_or(sold.may_wait);
                      sold.tax_category = category.value_or(sold.tax_category);
                      return ok;
                  }};
}

std::optional<Action> archive(Random& random, Model& model, World&) {
    auto sku = any_key(random, model.sold, [&](const Sold& one) {
        return one.status == products::Status::active && random.chance(30);
    });
    if (!sku) return std::nullopt;
    return Action{"sell no more " + *sku, doing([id = model.sold.at(*sku).id](Tx& tx) {
                      products::archive(tx, actor, {id, {}});
                  }),
                  [sku](Model& now) -> std::string {
                      auto& sold = now.sold.at(*sku);
                      if (sold.status != products::Status::active) return "illegal_transition";
                      sold.status = products::Status::archived;
                      return ok;
                  }};
}

std::optional<Action> activate(Random& random, Model& model, World&) {
    auto sku = any_key(random, model.sold, is_one_of(products::Status::archived));
    if (!sku) return std::nullopt;
    return Action{"sell " + *sku + " again", doing([id = model.sold.at(*sku).id](Tx& tx) {
                      products::activate(tx, actor, {id, {}});
                  }),
                  [sku](Model& now) -> std::string {
                      auto& sold = now.sold.at(*sku);
                      if (sold.status == products::Status::active) return "illegal_transition";
                      sold.status = products::Status::active;
                      return ok;
                  }};
}

std::optional<Action> add_variant(Random& random, Model& model, World&) {
    auto sku = random.one_of(model.stock.skus);
    auto wanted = sku + "-" + std::to_string(random.between(1, 5));
    auto id = model.sold.at(sku).id;
    auto made = std::make_shared<VariantId>();
    return Action{"sell " + wanted,
                  keeping(made,
                          [=](Tx& tx) {
                              products::AddVariant variant{.id = id, .sku = {wanted}};
                              return flows::add_variant(tx, actor, variant).id;
                          }),
                  [=](Model& now) -> std::string {
                      if (now.skus_in_use().contains(wanted)) return "already_exists";
                      now.variants[*made] = {id, wanted, now.sold.at(sku).price};
                      now.items.try_emplace(wanted, "each");
                      return ok;
                  }};
}

std::optional<Action> update_variant(Random& random, Model& model, World&) {
    auto id = any_key(random, model.variants, [](const auto&) { return true; });
    if (!id) return std::nullopt;
    auto price = random.between(100, 4000);
    auto product = model.variants.at(*id).product;
    return Action{"another price for a variant", doing([=](Tx& tx) {
                      products::VariantChanges wanted{.id = product, .variant_id = *id};
                      wanted.price = {true, amount_of(price)};
                      products::update_variant(tx, actor, wanted);
                  }),
                  [=](Model& now) -> std::string {
                      if (!now.variants.contains(*id)) return "not_found";
                      now.variants.at(*id).price = price;
                      return ok;
                  }};
}

std::optional<Action> remove_variant(Random& random, Model& model, World& world) {
    auto id = any_key(random, model.variants, [](const auto&) { return true; });
    if (!id) return std::nullopt;
    auto product = model.variants.at(*id).product;
    bool own = random.chance(20);
    if (own) {
        for (const auto& one : world.all<products::Variant>()) {
            if (one.product_id == product && !model.variants.contains(one.id)) id = one.id;
        }
    }
    return Action{"remove a variant",
                  doing([=](Tx& tx) { products::remove_variant(tx, actor, {product, *id}); }),
                  [=](Model& now) -> std::string {
                      if (own) return "own_variant";
                      return now.variants.erase(*id) == 0 ? "not_found" : ok;
                  }};
}

void compare(const World& world, Model& model) {
    std::map<ProductId, const Sold*> sold;
    for (const auto& [_, one] : model.sold) sold[one.id] = &one;
    auto products = world.all<products::Product>();
    require_same(products.size(), sold.size() + model.other_products.size(),
                 "the number of products");
    for (const auto& one : products) {
        auto known = sold.find(one.id);
        if (known == sold.end()) {
            require_same(one.sku, model.other_products.at(one.id), "a product");
            continue;
        }
        const auto& modelled = *known->second;
        require_same(one.price.minor, modelled.price, "the price of " + one.sku);
        require_same(one.status, modelled.status, one.sku);
        require_same(one.tax_category, modelled.tax_category, "the tax of " + one.sku);
        require_same(one.backorder == products::Backorder::allow, modelled.may_wait,
                     "whether orders wait for " + one.sku);
    }
    auto variants = world.all<products::Variant>();
    require_same(variants.size(), products.size() + model.variants.size(), "number of variants");
    for (const auto& one : variants) {
        auto known = model.variants.find(one.id);
        if (known == model.variants.end()) continue;
        require_same(one.sku, known->second.sku, "a variant");
        require_same(one.price.minor, known->second.price, "the price of " + one.sku);
    }
}

// ---- taxes

using taxes::RateId;

bool overlaps(const Model& model, const TaxRate& wanted) {
    return std::ranges::any_of(model.tax_rates, [&](const auto& one) {
        return one.second.country == wanted.country && one.second.category == wanted.category;
    });
}

std::optional<Action> add_rate(Random& random, Model&, World&) {
    TaxRate wanted{.country = random.chance(50) ? "DE" : "FR",
                   .category = random.chance(60) ? "standard" : "books",
                   .rate = random.between(0, 2500)};
    auto made = std::make_shared<RateId>();
    auto work = [=](Tx& tx) {
        taxes::NewRate rate{.country = {wanted.country}, .rate = {wanted.rate}, .name = {"VAT"}};
        rate.category = Text<40>{wanted.category};
        return taxes::create(tx, actor, rate).id;
    };
    return Action{"tax " + wanted.category + " in " + wanted.country, keeping(made, work),
                  [=](Model& now) -> std::string {
                      if (overlaps(now, wanted)) return "already_exists";
                      now.tax_rates[*made] = wanted;
                      return ok;
                  }};
}

std::optional<Action> change_rate(Random& random, Model& model, World&) {
    auto id = any_key(random, model.tax_rates, [](const auto&) { return true; });
    if (!id) return std::nullopt;
    auto rate = random.between(-100, 2500);
    return Action{"another tax rate", doing([=](Tx& tx) {
                      taxes::RateChanges wanted{.id = *id};
                      wanted.rate = {true, {rate}};
                      taxes::update(tx, actor, wanted);
                  }),
                  [=](Model& now) -> std::string {
                      if (!now.tax_rates.contains(*id)) return "not_found";
                      if (rate < 0) return "invalid";
                      now.tax_rates.at(*id).rate = rate;
                      return ok;
                  }};
}

std::optional<Action> remove_rate(Random& random, Model& model, World&) {
    auto id = any_key(random, model.tax_rates, [](const auto&) { return true; });
    if (!id) return std::nullopt;
    return Action{"no such tax any more", doing([id](Tx& tx) { taxes::remove(tx, actor, {*id}); }),
                  [id](Model& now) -> std::string {
                      return now.tax_rates.erase(*id) == 0 ? "not_found" : ok;
                  }};
}

void compare_rates(const World& world, Model& model) {
    auto found = world.all<taxes::Rate>();
    require_same(found.size(), model.tax_rates.size(), "the number of tax rates");
    for (const auto& one : found) {
        require_same(one.rate.scaled, model.tax_rates.at(one.id).rate, "a tax rate");
    }
}

}  // namespace

Noun products_() {
    return {.name = "products",
            .ways = {{1, create, "POST /products"},
                     {3, update, "PATCH /products/{id}"},
                     {1, archive, "POST /products/{id}/archive"},
                     {4, activate, "POST /products/{id}/activate"},
                     {1, add_variant, "POST /products/{id}/variants"},
                     {1, update_variant, "PATCH /products/{id}/variants/{variant_id}"},
                     {1, remove_variant, "DELETE /products/{id}/variants/{variant_id}"}},
            .compare = compare};
}

Noun taxes_() {
    return {.name = "taxes",
            .ways = {{2, add_rate, "POST /tax-rates"},
                     {1, change_rate, "PATCH /tax-rates/{id}"},
                     {1, remove_rate, "DELETE /tax-rates/{id}"}},
            .compare = compare_rates};
}

}  // namespace stateset::sim
