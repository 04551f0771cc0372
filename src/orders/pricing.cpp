#include "orders/pricing.hpp"

#include <stdexcept>

namespace stateset::orders {
namespace {

constexpr std::string_view price_permission = "orders:price";

void refuse(const Code& code, std::string_view detail, const std::vector<Fault>& faults) {
    if (!faults.empty()) throw Refusal(code, std::string(detail), faults);
}

bool known(const products::Variant* variant, const NewLine& wanted, const std::string& pointer,
           Findings& findings) {
    if (bool(wanted.sku) == bool(wanted.product_id)) {
        findings.invalid.push_back(
            {pointer + "/sku", "required", "give either `sku` or `product_id`", {}});
        return false;
    }
    if (!variant) {
        findings.invalid.push_back({pointer + (wanted.sku ? "/sku" : "/product_id"),
                                    "unknown",
                                    "names nothing that exists",
                                    {}});
    }
    return variant != nullptr;
}

void check_sold(const products::Variant& variant, const std::string& pointer, Findings& findings) {
    if (variant.status == products::Status::active) return;
    findings.unavailable.push_back({pointer,
                                    "product_unavailable",
                                    "is " + std::string(reflect::name(variant.status)),
                                    {{"sku", variant.sku}}});
}

Money price_of(const Actor& actor, const products::Variant& variant, const NewLine& wanted,
               const std::string& pointer, Findings& findings) {
    if (!wanted.unit_price) return variant.price;
    auto given = money_of(*wanted.unit_price, variant.currency, pointer + "/unit_price", findings);
    if (given == variant.price || actor.may(price_permission)) return given;
    findings.mismatched.push_back({pointer + "/unit_price",
                                   "price_mismatch",
                                   "the price is " + to_string(variant.price),
                                   {{"sku", variant.sku}, {"price", to_string(variant.price)}}});
    return given;
}

Quantity tax_rate_of(const Actor& actor, const NewLine& wanted, const products::Variant& variant,
                     const taxes::Assessor& assessor, const std::string& pointer,
                     Findings& findings) {
    auto due = assessor.rate_for(variant.tax_category);
    if (!wanted.tax_rate) return due;
    auto rate = *wanted.tax_rate;
    if (rate < Quantity{} || rate > Quantity::of(1)) {
        findings.invalid.push_back(
            {pointer + "/tax_rate", "too_large", "must be a share from 0 to 1", {}});
    }
    require_price_permission(actor, rate != due, pointer + "/tax_rate", findings);
    return rate;
}

Money gross_of(Money price, std::int64_t quantity) try {
    return price * quantity;
} catch (const std::overflow_error&) {
    throw invalid("/items", "too_large", "the total does not fit; order less at once");
}

}  // namespace

void Findings::refuse_if_any() const {
    refuse(codes::invalid, "Some fields of the request are not right.", invalid);
    refuse(price_permission_needed, "Only who may orders:price sets these.", unpermitted);
    refuse(product_unavailable, "Not everything is sold at the moment.", unavailable);
    refuse(price_mismatch, "The catalogue's prices are others.", mismatched);
}

const products::Variant* variant_of(Tx& tx, const NewLine& line) {
    if (line.sku) return tx.peek<&products::Variant::sku>(line.sku->value);
    if (!line.product_id) return nullptr;
    const auto* product = tx.peek<products::Product>(*line.product_id);
    return product ? tx.peek<&products::Variant::sku>(product->sku) : nullptr;
}

Line line_for(Tx& tx, const Actor& actor, const NewLine& wanted, const products::Variant* variant,
              const taxes::Assessor& assessor, Currency& currency, const std::string& pointer,
              Findings& findings) {
    if (!known(variant, wanted, pointer, findings)) return {};
    check_sold(*variant, pointer, findings);
    if (currency == Currency{}) currency = variant->currency;
    if (variant->currency != currency) {
        findings.invalid.push_back({pointer,
                                    "currency_mismatch",
                                    "is sold in " + std::string(variant->currency.text()) +
                                        ", and an order has one currency",
                                    {{"sku", variant->sku}}});
        return {};
    }
    auto price = price_of(actor, *variant, wanted, pointer, findings);
    Money discount{0, currency};
    if (wanted.discount) {
        discount = discount_for(actor, *wanted.discount, gross_of(price, wanted.quantity),
                                pointer + "/discount", findings);
    }
    return {.id = tx.new_id(),
            .product_id = variant->product_id,
            .sku = variant->sku,
            .name = variant->name,
            .quantity = wanted.quantity,
            .currency = currency,
            .unit_price = price,
            .tax_category = variant->tax_category,
            .tax_rate = tax_rate_of(actor, wanted, *variant, assessor, pointer, findings),
            .tax_rate_given = {wanted.tax_rate.has_value()},
            .line_discount = discount,
            .track_inventory = variant->track_inventory,
            .backorder = {variant->backorder == products::Backorder::allow}};
}

Money discount_for(const Actor& actor, Amount wanted, Money gross, const std::string& pointer,
                   Findings& findings) {
    auto discount = money_of(wanted, gross.currency, pointer, findings);
    if (discount > gross) {
        findings.invalid.push_back({pointer, "too_large", "must not exceed the line's price", {}});
    }
    require_price_permission(actor, discount.minor != 0, pointer, findings);
    return discount;
}

void require_price_permission(const Actor& actor, bool given, std::string pointer,
                              Findings& findings) {
    if (!given || actor.may(price_permission)) return;
    findings.unpermitted.push_back(
        {std::move(pointer), "price_permission_needed", "needs orders:price", {}});
}

Money money_of(Amount amount, Currency currency, const std::string& pointer, Findings& findings) {
    auto money = amount.in(currency);
    if (!money) {
        findings.invalid.push_back(
            {pointer, "too_precise", "has more digits than " + std::string(currency.text()), {}});
    } else if (money->minor < 0) {
        findings.invalid.push_back({pointer, "too_small", "must not be negative", {}});
    }
    return money.value_or(Money{0, currency});
}

void total_up(Order& order, std::span<Line* const> lines) try {
    const Money nothing{0, order.currency};
    order.subtotal = order.tax_total = order.discount_total = nothing;
    std::vector<std::int64_t> reduced;  // by the line's own discount
    auto left = nothing;
    for (auto* line : lines) {
        auto gross = line->unit_price * line->quantity;
        order.subtotal += gross;
        line->line_discount = std::min(line->line_discount, gross);
        reduced.push_back((gross - line->line_discount).minor);
        left += gross - line->line_discount;
    }
    order.order_discount = std::min(order.order_discount, left);
    auto shares = allocate(order.order_discount.minor, reduced);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto& line = *lines[i];
        auto net = reduced[i] - shares[i];
        line.discount = line.line_discount + Money{shares[i], order.currency};
        line.tax = {scaled_product(net, line.tax_rate.scaled, Quantity::digits), order.currency};
        line.total = Money{net, order.currency} + line.tax;
        order.discount_total += line.discount;
        order.tax_total += line.tax;
    }
    order.total = order.subtotal - order.discount_total + order.tax_total + order.shipping_total;
} catch (const std::overflow_error&) {
    throw invalid("/items", "too_large", "the total does not fit; order less at once");
}

}  // namespace stateset::orders
