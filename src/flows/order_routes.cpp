#include "flows/cancel_order.hpp"
#include "flows/hold_order.hpp"
#include "flows/order_items.hpp"
#include "flows/process_order.hpp"
#include "platform/http/api.hpp"

namespace stateset::flows {

void order_routes(Api& api) {
    using namespace orders;
    auto orders = api.group("/orders", "Orders");
    const std::vector<const Code*> illegal{&codes::illegal_transition};
    orders.post("/{id}/process", process_order,
                {.summary = "Reserve an order's stock",
                 .needs = "orders:process",
                 .detail = "All or nothing. The reservations expire unless the order is paid.",
                 .refuses = {&codes::illegal_transition, &inventory::insufficient_stock}});
    orders.post("/{id}/cancel", cancel_order,
                {.summary = "Cancel an order",
                 .needs = "orders:cancel",
                 .detail = "Frees its stock, cancels what has not left, and gives the money back.",
                 .refuses = illegal});
    orders.post("/{id}/hold", hold_order,
                {.summary = "Put an order on hold", .needs = "orders:hold", .refuses = illegal});
    orders.post(
        "/{id}/release", release_order,
        {.summary = "Release an order from hold", .needs = "orders:hold", .refuses = illegal});
    orders.post("/{id}/items", add_item,
                {.summary = "Add a line to a pending order",
                 .needs = "orders:update",
                 .refuses = {&codes::illegal_transition, &product_unavailable, &price_mismatch,
                             &price_permission_needed, &order_needs_items},
                 .status = 201});
    orders.patch("/{id}/items/{order_item_id}", change_item,
                 {.summary = "Change a line of a pending order",
                  .needs = "orders:update",
                  .refuses = {&codes::illegal_transition, &price_mismatch}});
    orders.remove("/{id}/items/{order_item_id}", remove_item,
                  {.summary = "Remove a line from a pending order",
                   .needs = "orders:update",
                   .refuses = {&codes::illegal_transition, &order_needs_items}});
}

}  // namespace stateset::flows
