#pragma once
// Sales tax by where goods go and what they are. A rate is a share of the discounted price that is
// added to it, for a country, perhaps a region of it, and a category of products, within dates. Of
// those that count on a day the most specific applies: first the product's category in the region,
// then in the whole country; then, for a category without a rate of its own, `standard` likewise.
// Where there is none the rate is 0.
//
// All rates of a country lie once more in one row, so that an order asks for one thing, together
// with the rest that it asks for, before it knows what its products are.

#include "customers/customers.hpp"
#include "platform/core/input.hpp"
#include "platform/store/reads.hpp"
#include "platform/store/tx.hpp"

namespace stateset::taxes {

struct Rate;
struct Country;
using RateId = Id<Rate>;

inline constexpr std::string_view standard = "standard";  // of products that name no category
inline constexpr std::size_t most_rates = 500;            // of one country

struct Rate {
    RateId id;
    std::int64_t version = 1;
    Secret<Id<Country>> country_id;
    std::string country;                // ISO 3166-1 alpha-2, capital letters
    std::optional<std::string> region;  // as addresses write it, in any case; null: all of it
    std::string category = std::string(standard);
    Quantity rate;  // 0 to 1
    std::string name;
    std::optional<Date> valid_from, valid_until;  // first and last day, UTC
    Time created_at, updated_at;
};

// What choosing a rate needs of it.
struct Rule {
    std::optional<std::string> region;
    std::string category;
    Quantity rate;
    std::optional<Date> valid_from, valid_until;
    bool operator==(const Rule&) const = default;
};

struct Country {
    Id<Country> id;
    std::int64_t version = 1;
    std::string country;  // unique
    std::vector<Rule> rates;
    Time created_at, updated_at;
};

// Who says what tax goods bear. The table of rates is one who does. An outside service would be
// another: asked before the transaction, never in it, what it answered travels with the command.
class Assessor {
  public:
    virtual ~Assessor() = default;
    // A share of the discounted price, 0 to 1, for products of this category.
    virtual Quantity rate_for(std::string_view category) const = 0;
};

// The table's word on one destination and day.
class Table final : public Assessor {
  public:
    Table(const Country* country, std::optional<std::string> region, Date day)
        : country_(country), region_(std::move(region)), day_(day) {}
    Quantity rate_for(std::string_view category) const override;

  private:
    const Country* country_;  // null: it has no rates
    std::optional<std::string> region_;
    Date day_;
};

// Which of the rules applies; null: none.
const Rule* most_specific(const std::vector<Rule>&, const std::optional<std::string>& region,
                          std::string_view category, Date);

// What the table says today about goods that go to the shipping address, else to the billing
// address. Asks for one row without a lock; without an address for nothing.
Table table_for(Tx&, const std::optional<customers::PostalAddress>& shipping,
                const std::optional<customers::PostalAddress>& billing);

struct NewRate {
    Text<2, 2> country;
    std::optional<Text<100>> region;
    std::optional<Text<40>> category;
    Quantity rate;
    Text<100> name;
    std::optional<Date> valid_from, valid_until;
};

// Where and for what it counts stays: make another rate instead.
struct RateChanges {
    RateId id;
    Change<Quantity> rate;
    Change<Text<100>> name;
    Change<std::optional<Date>> valid_from, valid_until;
};

struct OneRate {
    RateId id;
};

struct ListRates {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Text<2, 2>> country;
    std::optional<Text<40>> category;
};

// All refuse with already_exists when another rate of the same country, region and category counts
// on one of the same days. Orders that are placed already keep their rates.
Rate create(Tx&, const Actor&, const NewRate&);
Rate update(Tx&, const Actor&, const RateChanges&);
void remove(Tx&, const Actor&, const OneRate&);

Rate one(Reads&, const Actor&, const OneRate&);
Page<Rate> list(Reads&, const Actor&, const ListRates&);

}  // namespace stateset::taxes

namespace stateset {
class Api;
namespace taxes {
void routes(Api&);
}
}  // namespace stateset

template <>
struct stateset::store::Table<stateset::taxes::Country>
    : stateset::store::Named<"tax_countries", "tax_country"> {
    using unique = Keys<Key<&stateset::taxes::Country::country>>;
};
template <>
struct stateset::store::Table<stateset::taxes::Rate>
    : stateset::store::Named<"tax_rates", "tax_rate"> {
    using parent = Child<"tax_countries", &stateset::taxes::Rate::country_id>;
};
