#include "orders/orders.hpp"
#include "platform/http/api.hpp"

namespace stateset::orders {

void routes(Api& api) {
    auto orders = api.group("/orders", "Orders");
    orders.get("", list, {.summary = "List orders", .needs = "orders:read"});
    orders.post("", place,
                {.summary = "Place an order",
                 .needs = "orders:create",
                 .detail = "Prices are the catalogue's. A given unit_price must match unless the "
                           "caller may `orders:price`, which tax_rate, discount_total, "
                           "shipping_total and payment_terms `on_account` need too.",
                 .refuses = {&product_unavailable, &price_mismatch, &price_permission_needed}});
    orders.get("/by-number/{order_number}", by_number,
               {.summary = "Read an order by its number", .needs = "orders:read"});
    orders.get("/{id}", one, {.summary = "Read an order", .needs = "orders:read"});
    orders.patch("/{id}", update,
                 {.summary = "Change an order's notes, metadata, tags or addresses",
                  .needs = "orders:update",
                  .refuses = {&codes::illegal_transition}});
    orders.post("/{id}/notes", add_note,
                {.summary = "Add a note to an order", .needs = "orders:update"});
    orders.post("/{id}/archive", archive,
                {.summary = "Archive a finished order",
                 .needs = "orders:update",
                 .detail = "Delivered and cancelled orders only; they leave the lists.",
                 .refuses = {&codes::illegal_transition}});
    orders.get("/{id}/items", items, {.summary = "List an order's lines", .needs = "orders:read"});
    orders.get("/{id}/items/{order_item_id}", one_item,
               {.summary = "Read a line of an order", .needs = "orders:read"});
}

}  // namespace stateset::orders
