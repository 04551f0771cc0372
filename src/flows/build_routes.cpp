#include "flows/build.hpp"
#include "platform/http/api.hpp"

namespace stateset::flows {

void build_routes(Api& api) {
    auto work_orders = api.group("/work-orders", "Manufacturing");
    constexpr std::string_view executing = "manufacturing:execute";
    work_orders.post("/{id}/release", release_work_order,
                     {.summary = "Set the components aside",
                      .needs = executing,
                      .detail = "At the work order's location, all or nothing unless allow_short "
                                "is true.",
                      .refuses = {&codes::illegal_transition, &inventory::insufficient_stock}});
    work_orders.post("/{id}/reserve", reserve_components,
                     {.summary = "Set aside what is still lacking",
                      .needs = executing,
                      .detail = "After a short release, or when stock was taken back.",
                      .refuses = {&codes::illegal_transition, &inventory::insufficient_stock}});
    work_orders.post(
        "/{id}/issue", issue_components,
        {.summary = "Take components off the shelf ahead",
         .needs = executing,
         .detail = "All that is reserved unless items are given. Completions then "
                   "take that much less.",
         .refuses = {&codes::illegal_transition, &components_short, &inventory::serial_count,
                     &inventory::serial_not_here, &inventory::lot_not_usable}});
    work_orders.post(
        "/{id}/complete", complete_work_order,
        {.summary = "Finish all or a part",
         .needs = executing,
         .detail = "Consumes components in proportion and puts what was made on the shelf, in one "
                   "transaction; the last part takes the rest.",
         .refuses = {&codes::illegal_transition, &components_short, &exceeds_work_order,
                     &inventory::serials_required, &inventory::serial_count,
                     &inventory::serial_in_stock, &inventory::serial_not_here,
                     &inventory::too_many_serials, &inventory::lot_differs,
                     &inventory::lot_not_usable}});
    work_orders.post("/{id}/cancel", cancel_work_order,
                     {.summary = "Cancel a work order",
                      .needs = "manufacturing:manage",
                      .detail = "Gives back what was reserved and not consumed.",
                      .refuses = {&codes::illegal_transition}});
}

}  // namespace stateset::flows
