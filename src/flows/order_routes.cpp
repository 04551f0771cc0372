#include "flows/cancel_order.hpp"
#include "flows/hold_order.hpp"
#include "flows/order_items.hpp"
#include "flows/process_order.hpp"
#include "flows/split_order.hpp"
#include "platform/http/api.hpp"

namespace stateset::flows {

void order_routes(Api& api) {
    using namespace orders;
    auto orders = api.group("/orders", "Orders");
    const std::vector<const Code*> illegal{&codes::illegal_transition};
    orders.post("/{id}/process", process_order,
                {.summary = "Reserve an order's stock",
                 .needs = "orders:process",
                 .detail = "All or nothing, except of products whose `backorder` is `allow`: of "
                           "these the rest waits, and is reserved when stock arrives, oldest "
                           "first. The reservations expire unless the order is paid.",
                 .refuses = {&codes::illegal_transition, &inventory::insufficient_stock}});
    orders.post("/{id}/cancel", cancel_order,
                {.summary = "Cancel an order",
                 .needs = "orders:cancel",
                 .detail = "Frees its stock, cancels what has not left, and gives the money back.",
                 .refuses = illegal});
    orders.post("/{id}/hold", hold_order,
                {.summary = "Put an order on hold",
                 .needs = "orders:hold",
                 .detail = "The reason is shown as hold_reason until it is released.",
                 .refuses = illegal});
    orders.post(
        "/{id}/release", release_order,
        {.summary = "Release an order from hold", .needs = "orders:hold", .refuses = illegal});
    orders.patch(
        "/{id}", update_order,
        {.summary = "Change an order",
         .needs = "orders:update",
         .detail = "Another address of a pending order is taxed anew. discount_total (what "
                   "is taken off the whole order) and shipping_total change while it is "
                   "pending, by who may `orders:price`.",
         .refuses = {&codes::illegal_transition, &price_permission_needed}});
    orders.post("/{id}/split", split_order,
                {.summary = "Split an order",
                 .needs = "orders:update",
                 .detail = "The items become an order of their own, with their reservations. Of a "
                           "line the pieces that wait for stock go first. Answers the new order.",
                 .refuses = {&codes::illegal_transition, &order_has_payments, &order_needs_items},
                 .status = 201});
    orders.post("/{id}/merge", merge_orders,
                {.summary = "Merge other orders into this one",
                 .needs = "orders:update",
                 .detail = "All pending and unpaid, of one customer, currency, terms and "
                           "addresses. The others are cancelled and name it as merged_into.",
                 .refuses = {&codes::illegal_transition, &order_has_payments, &orders_differ,
                             &order_needs_items}});
    orders.post("/{id}/items", add_item,
                {.summary = "Add a line to a pending order",
                 .needs = "orders:update",
                 .refuses = {&codes::illegal_transition, &product_unavailable, &price_mismatch,
                             &price_permission_needed, &order_needs_items},
                 .status = 201});
    orders.patch(
        "/{id}/items/{order_item_id}", change_item,
        {.summary = "Change a line of a pending order",
         .needs = "orders:update",
         .detail = "Who may `orders:price` says another unit_price, discount or tax_rate.",
         .refuses = {&codes::illegal_transition, &price_mismatch, &price_permission_needed}});
    orders.remove("/{id}/items/{order_item_id}", remove_item,
                  {.summary = "Remove a line from a pending order",
                   .needs = "orders:update",
                   .refuses = {&codes::illegal_transition, &order_needs_items}});
}

}  // namespace stateset::flows
