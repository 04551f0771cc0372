#include <algorithm>

#include "taxes/taxes.hpp"

namespace stateset::taxes {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool alike(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

bool counts_on(const Rule& rule, Date day) {
    return (!rule.valid_from || *rule.valid_from <= day) &&
           (!rule.valid_until || day <= *rule.valid_until);
}

// How well it fits; 0: not at all.
int fit(const Rule& rule, const std::optional<std::string>& region, std::string_view category) {
    bool own = rule.category == category;
    if (!own && rule.category != standard) return 0;
    if (!rule.region) return own ? 3 : 1;
    if (!region || !alike(*rule.region, *region)) return 0;
    return own ? 4 : 2;
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (auto& c : result) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return result;
}

}  // namespace

const Rule* most_specific(const std::vector<Rule>& rules, const std::optional<std::string>& region,
                          std::string_view category, Date day) {
    const Rule* best = nullptr;
    int best_fit = 0;
    for (const auto& rule : rules) {
        auto how_well = counts_on(rule, day) ? fit(rule, region, category) : 0;
        if (how_well <= best_fit) continue;
        best = &rule;
        best_fit = how_well;
    }
    return best;
}

Quantity Table::rate_for(std::string_view category) const {
    if (!country_) return {};
    const auto* rule = most_specific(country_->rates, region_, category, day_);
    return rule ? rule->rate : Quantity{};
}

Table table_for(Tx& tx, const std::optional<customers::PostalAddress>& shipping,
                const std::optional<customers::PostalAddress>& billing) {
    const auto& address = shipping ? shipping : billing;
    auto today = date_of(tx.now());
    if (!address) return {nullptr, std::nullopt, today};
    std::optional<std::string> region;
    if (address->region) region = address->region->value;
    return {tx.peek<&Country::country>(upper(address->country.value)), std::move(region), today};
}

}  // namespace stateset::taxes
