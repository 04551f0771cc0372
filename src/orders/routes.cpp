#include "orders/orders.hpp"
#include "platform/http/api.hpp"

namespace stateset::orders {
namespace {

void describe(Api& api) {
    api.describe({
        {"customer_id", {"Id of the customer.", ""}},
        {"customer", {"The customer; with expand=customer.", ""}},
        {"payment_status", {"What the order's payments add up to.", ""}},
        {"fulfillment_status", {"What the order's lines add up to.", ""}},
        {"items", {"The lines.", ""}},
        {"order_discount", {"Of discount_total, what was taken off the whole order.", "10.00"}},
        {"line_discount", {"Of discount, what was taken off this line by itself.", "0.00"}},
        {"hold_reason", {"Why it is on hold.", "Address to be confirmed"}},
        {"origin", {"What it was made from, unless it was placed.", ""}},
        {"order_ids", {"Ids of the orders that become part of this one.", ""}},
        {"origin_order_id", {"Id of the order it was made from.", ""}},
        {"merged_into", {"Id of the order that has its lines now.", ""}},
        {"backordered", {"How many wait for stock.", "0"}},
        {"tag", {"One of its tags.", "gift"}},
        {"subtotal", {"Unit prices times quantities.", "99.98"}},
        {"discount_total", {"What is taken off, over all lines.", "10.00"}},
        {"tax_total", {"The tax of all lines.", "17.10"}},
        {"shipping_total", {"What shipping costs.", "4.90"}},
        {"total", {"What is to be paid for it.", "111.98"}},
        {"payment_terms", {"`prepaid`: ships when paid. `on_account`: before payment.", ""}},
        {"shipping_address", {"Where the goods go.", ""}},
        {"billing_address", {"Where the invoice goes.", ""}},
        {"cancel_reason", {"Why it was cancelled.", "Customer changed their mind"}},
        {"archived_at", {"When it left the lists; null if it did not.", ""}},
        {"archived", {"true: only archived ones. false or absent: only others.", "true"}},
        {"unit_price", {"Price of one.", "49.99"}},
        {"tax_rate", {"Share of the discounted price that is tax.", "0.19"}},
        {"tax", {"Tax of the line.", "17.10"}},
        {"discount", {"What is taken off the line, with its share of the order's.", "10.00"}},
        {"reserved", {"How many of the line are set aside in stock.", "2"}},
        {"shipped", {"How many of the line have left.", "0"}},
        {"returned", {"How many of the line came back.", "0"}},
        {"sort", {"Which come first.", ""}},
        {"expand", {"What else to show, separated by commas.", ""}},
    });
}

}  // namespace

void routes(Api& api) {
    auto orders = api.group("/orders", "Orders");
    orders.get("", list,
               {.summary = "List orders",
                .needs = "orders:read",
                .detail = "`q` finds the beginning of an order number, of a line's sku, and of the "
                          "customer's e-mail address, first, last or full name, and any part of "
                          "the notes. Large and small letters are alike, except in skus."});
    orders.post("", place,
                {.summary = "Place an order",
                 .needs = "orders:create",
                 .detail = "Prices are the catalogue's. A given unit_price must match unless the "
                           "caller may `orders:price`, which discounts, shipping_total, "
                           "payment_terms `on_account` and a tax_rate that is not that of where "
                           "it goes need too.",
                 .refuses = {&product_unavailable, &price_mismatch, &price_permission_needed}});
    orders.get("/by-number/{order_number}", by_number,
               {.summary = "Read an order by its number",
                .name = "orders get-by-number",
                .needs = "orders:read"});
    orders.get("/{id}", one,
               {.summary = "Read an order", .needs = "orders:read", .cacheable = true});
    orders.post(
        "/{id}/notes", add_note,
        {.summary = "Add a note to an order", .name = "orders add-note", .needs = "orders:update"});
    orders.post("/{id}/archive", archive,
                {.summary = "Archive a finished order",
                 .needs = "orders:update",
                 .detail = "Delivered and cancelled orders only; they leave the lists.",
                 .refuses = {&codes::illegal_transition}});
    orders.get("/{id}/items", items, {.summary = "List an order's lines", .needs = "orders:read"});
    orders.get("/{id}/items/{order_item_id}", one_item,
               {.summary = "Read a line of an order", .needs = "orders:read"});
    describe(api);
}

}  // namespace stateset::orders
