#include "flows/routes.hpp"

#include "flows/cancel_order.hpp"
#include "flows/hold_order.hpp"
#include "flows/order_items.hpp"
#include "flows/process_order.hpp"
#include "platform/http/api.hpp"

namespace stateset::flows {
namespace {

void order_routes(Api& api) {
    auto group = api.group("/orders", "Orders");
    const std::vector<const Code*> illegal{&codes::illegal_transition};
    group.post("/{id}/process", process_order,
               {.summary = "Reserve an order's stock",
                .needs = "orders:process",
                .detail = "All or nothing. The reservations expire unless the order is paid.",
                .refuses = {&codes::illegal_transition, &inventory::insufficient_stock}});
    group.post("/{id}/cancel", cancel_order,
               {.summary = "Cancel an order",
                .needs = "orders:cancel",
                .detail = "Frees its stock, cancels what has not left, and gives the money back.",
                .refuses = illegal});
    group.post("/{id}/hold", hold_order,
               {.summary = "Put an order on hold", .needs = "orders:hold", .refuses = illegal});
    group.post(
        "/{id}/release", release_order,
        {.summary = "Release an order from hold", .needs = "orders:hold", .refuses = illegal});
    group.post("/{id}/items", add_item,
               {.summary = "Add a line to a pending order",
                .needs = "orders:update",
                .refuses = {&codes::illegal_transition, &orders::product_unavailable,
                            &orders::price_mismatch, &orders::price_permission_needed,
                            &orders::order_needs_items},
                .status = 201});
    group.patch("/{id}/items/{order_item_id}", change_item,
                {.summary = "Change a line of a pending order",
                 .needs = "orders:update",
                 .refuses = {&codes::illegal_transition, &orders::price_mismatch}});
    group.remove("/{id}/items/{order_item_id}", remove_item,
                 {.summary = "Remove a line from a pending order",
                  .needs = "orders:update",
                  .refuses = {&codes::illegal_transition, &orders::order_needs_items}});
}

}  // namespace

void routes(Api& api) { order_routes(api); }

}  // namespace stateset::flows
