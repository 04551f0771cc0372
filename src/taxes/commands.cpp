#include <algorithm>
#include <limits>

#include "sql.hpp"
#include "taxes/taxes.hpp"

namespace stateset::taxes {
namespace {

std::string country_code(const Text<2, 2>& wanted) {
    std::string code = wanted.value;
    for (auto& c : code) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (c < 'A' || c > 'Z') {
            throw invalid("/country", "invalid", "must be two letters, as in ISO 3166-1");
        }
    }
    return code;
}

void check(const Rate& rate) {
    if (rate.rate < Quantity{} || rate.rate > Quantity::of(1)) {
        throw invalid("/rate", "too_large", "must be a share from 0 to 1");
    }
    if (rate.valid_from && rate.valid_until && *rate.valid_from > *rate.valid_until) {
        throw invalid("/valid_until", "too_small", "must not be before valid_from");
    }
}

bool overlap(const Rate& a, const Rate& b) {
    constexpr Date never{std::numeric_limits<std::int64_t>::min()};
    constexpr Date always{std::numeric_limits<std::int64_t>::max()};
    return a.valid_from.value_or(never) <= b.valid_until.value_or(always) &&
           b.valid_from.value_or(never) <= a.valid_until.value_or(always);
}

std::string lower(std::string text) {
    for (auto& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

bool same_subject(const Rate& a, const Rate& b) {
    return a.category == b.category && a.region.has_value() == b.region.has_value() &&
           lower(a.region.value_or("")) == lower(b.region.value_or(""));
}

// Checks the country's rates against each other and writes them once more beside it.
void settle(Tx& tx, const Country& of, const Rate* changed) {
    auto& country = tx.edit(of);
    country.rates.clear();
    for (const auto* one : tx.all<Rate>(country.id)) {
        if (changed && one->id != changed->id && same_subject(*one, *changed) &&
            overlap(*one, *changed)) {
            throw Refusal(codes::already_exists,
                          "The rate \"" + one->name + "\" counts on some of these days.",
                          {{"/valid_from", "already_exists", "overlaps with another rate", {}}});
        }
        country.rates.push_back({.region = one->region,
                                 .category = one->category,
                                 .rate = one->rate,
                                 .valid_from = one->valid_from,
                                 .valid_until = one->valid_until});
    }
    if (country.rates.size() > most_rates) {
        throw invalid("/country", "too_many", "has 500 rates, the most there can be");
    }
}

// A rate that exists, with its country locked, which guards it.
const Country& country_of(Tx& tx, RateId id) {
    const auto* seen = tx.peek<Rate>(id);
    if (!seen) throw Refusal(codes::not_found, "There is no such tax rate.");
    return tx.get<Country>(seen->country_id.value);
}

}  // namespace

Rate create(Tx& tx, const Actor&, const NewRate& wanted) {
    auto code = country_code(wanted.country);
    const auto* country = tx.find<&Country::country>(code);
    if (!country) country = &tx.add(Country{.id = tx.new_id(), .country = code});
    Rate made{.id = tx.new_id(),
              .country_id = {country->id},
              .country = code,
              .rate = wanted.rate,
              .name = wanted.name,
              .valid_from = wanted.valid_from,
              .valid_until = wanted.valid_until};
    if (wanted.region) made.region = wanted.region->value;
    if (wanted.category) made.category = wanted.category->value;
    check(made);
    auto& rate = tx.add(std::move(made));
    settle(tx, *country, &rate);
    return rate;
}

Rate update(Tx& tx, const Actor&, const RateChanges& wanted) {
    const auto& country = country_of(tx, wanted.id);
    auto& rate = tx.edit<Rate>(wanted.id);
    wanted.rate.apply(rate.rate);
    if (wanted.name.given) rate.name = wanted.name.value;
    wanted.valid_from.apply(rate.valid_from);
    wanted.valid_until.apply(rate.valid_until);
    check(rate);
    settle(tx, country, &rate);
    return rate;
}

void remove(Tx& tx, const Actor&, const OneRate& wanted) {
    const auto& country = country_of(tx, wanted.id);
    tx.remove(tx.get<Rate>(wanted.id));
    settle(tx, country, nullptr);
}

Rate one(Reads& reads, const Actor&, const OneRate& wanted) {
    return reads.one<Rate>(sql::taxes::by_id, wanted);
}

Page<Rate> list(Reads& reads, const Actor&, const ListRates& wanted) {
    return reads.page<Rate>(sql::taxes::list, wanted);
}

}  // namespace stateset::taxes
