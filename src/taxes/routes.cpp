#include "platform/http/api.hpp"
#include "taxes/taxes.hpp"

namespace stateset::taxes {

void routes(Api& api) {
    auto rates = api.group("/tax-rates", "Taxes");
    rates.get("", list, {.summary = "List tax rates", .needs = "orders:read"});
    rates.post("", create,
               {.summary = "Set a tax rate",
                .needs = "orders:price",
                .detail = "Added to the discounted price of what goes to the country, or to the "
                          "region of it. Of those that count on the day the most specific "
                          "applies: the product's tax_category in the region, then in the "
                          "country; then `standard` likewise. Orders keep the rate they have.",
                .refuses = {&codes::already_exists}});
    rates.get("/{id}", one, {.summary = "Read a tax rate", .needs = "orders:read"});
    rates.patch("/{id}", update,
                {.summary = "Change a tax rate",
                 .needs = "orders:price",
                 .refuses = {&codes::already_exists}});
    rates.remove("/{id}", remove, {.summary = "Remove a tax rate", .needs = "orders:price"});
    api.describe({
        {"category", {"The products' tax_category it is for.", "standard"}},
        {"rate", {"Share of the discounted price.", "0.19"}},
        {"valid_from", {"The first day it counts; null: always.", "2026-01-01"}},
        {"valid_until", {"The last day it counts; null: for ever.", "2026-12-31"}},
    });
}

}  // namespace stateset::taxes
