#include "jobs/rows.hpp"

#include <map>

#include "orders/orders.hpp"
#include "platform/json/writer.hpp"
#include "products/products.hpp"
#include "sql.hpp"

namespace stateset::jobs {
namespace {

struct Walk {
    std::optional<Uuid> after_id;
    std::optional<Time> created_after, created_before;
    Time until;
    std::int64_t most;
};

// Children of what lies between two ids of a walk.
struct Between {
    Uuid first_id, last_id;
};

struct VariantRow {
    Secret<Uuid> product_id;
    std::string sku, name;
    Metadata options;
    Money price;
    Currency currency;
    std::optional<std::string> barcode;
    std::optional<std::int64_t> weight_grams;
};

// In the currency of its product.
struct VariantShown {
    std::string sku, name;
    Metadata options;
    std::string price;
    std::optional<std::string> barcode;
    std::optional<std::int64_t> weight_grams;
};

struct ProductRow {
    Secret<Uuid> id;
    std::string name, sku;
    std::optional<std::string> description, brand;
    Money price;
    Currency currency;
    std::string status;
    bool track_inventory;
    std::optional<std::string> tracking;
    std::string backorder;
    std::optional<std::int64_t> warranty_months;
    std::string tax_category;
    Metadata metadata;
    std::vector<std::string> tags;
};

struct ProductShown {
    Flat<ProductRow> product;
    std::optional<std::string> barcode;
    std::optional<std::int64_t> weight_grams;
    Metadata options;
    std::vector<VariantShown> variants;
};

struct AddressRow {
    Secret<Uuid> customer_id;
    std::optional<std::string> label;
    customers::PostalAddress address;
};

struct CustomerRow {
    Secret<Uuid> id;
    std::string email;
    std::optional<std::string> first_name, last_name, phone, external_id;
    std::string language;
    bool email_notifications, sms_notifications;
    Metadata metadata;
    std::vector<std::string> tags;
};

struct CustomerShown {
    Flat<CustomerRow> customer;
    std::vector<AddressRow> addresses;
};

struct StockRow {
    Secret<Uuid> id;
    Secret<std::string> tracking;
    std::string sku, location;
    Quantity on_hand, allocated, quarantined;
    std::optional<std::string> lot_number;
    std::optional<Date> expires_on;
    std::optional<Quantity> reorder_point;
};

struct LineRow {
    Secret<Uuid> order_id;
    std::string sku;
    std::int64_t quantity;
    Money unit_price, discount;
    Quantity tax_rate;
    Currency currency;
};

// In the currency of its order.
struct LineShown {
    std::string sku;
    std::int64_t quantity;
    std::string unit_price, discount;
    Quantity tax_rate;
};

struct OrderRow {
    Secret<Uuid> id;
    std::string order_number, customer_email, status, payment_status, fulfillment_status;
    Currency currency;
    Money subtotal, discount_total, tax_total, shipping_total, total;
    std::string payment_terms;
    std::optional<customers::PostalAddress> shipping_address, billing_address;
    std::optional<std::string> notes;
    Metadata metadata;
    std::vector<std::string> tags;
    Time created_at;
};

struct OrderShown {
    Flat<OrderRow> order;
    std::vector<LineShown> items;
};

template <class Row>
std::vector<Row> page(Reads& reads, const sql::Query& query, const Walk& walk, Rows& into) {
    auto rows = reads.all<Row>(query, walk);
    if (!rows.empty()) into.up_to = rows.back().id.value;
    into.more = static_cast<std::int64_t>(rows.size()) >= walk.most;
    return rows;
}

// Children by parent.
template <auto Parent, class Row, class Rows>
std::map<Uuid, std::vector<Row>> under(Reads& reads, const sql::Query& query, const Rows& parents) {
    std::map<Uuid, std::vector<Row>> found;
    if (parents.empty()) return found;
    Between between{parents.front().id.value, parents.back().id.value};
    for (auto& row : reads.all<Row>(query, between)) {
        auto parent = (row.*Parent).value;
        found[parent].push_back(std::move(row));
    }
    return found;
}

void add_products(Reads& reads, const Walk& walk, Rows& into) {
    auto rows = page<ProductRow>(reads, sql::jobs::products, walk, into);
    auto variants = under<&VariantRow::product_id, VariantRow>(reads, sql::jobs::variants, rows);
    for (auto& row : rows) {
        ProductShown shown{.product = {row}, .barcode = {}, .weight_grams = {}};
        for (auto& variant : variants[row.id.value]) {
            if (variant.sku != row.sku) {
                shown.variants.push_back({.sku = variant.sku,
                                          .name = variant.name,
                                          .options = variant.options,
                                          .price = to_string(variant.price),
                                          .barcode = variant.barcode,
                                          .weight_grams = variant.weight_grams});
                continue;
            }
            shown.barcode = variant.barcode;
            shown.weight_grams = variant.weight_grams;
            shown.options = variant.options;
        }
        into.objects.push_back(json::to_text(shown));
    }
}

void add_customers(Reads& reads, const Walk& walk, Rows& into) {
    auto rows = page<CustomerRow>(reads, sql::jobs::customers, walk, into);
    auto addresses = under<&AddressRow::customer_id, AddressRow>(reads, sql::jobs::addresses, rows);
    for (auto& row : rows) {
        into.objects.push_back(json::to_text(
            CustomerShown{.customer = {row}, .addresses = std::move(addresses[row.id.value])}));
    }
}

void add_stock(Reads& reads, const Walk& walk, Rows& into) {
    auto rows = page<StockRow>(reads, sql::jobs::stock, walk, into);
    for (const auto& row : rows) {
        bool nothing_left = row.tracking.value == "lot" && !row.lot_number;
        if (!nothing_left) into.objects.push_back(json::to_text(row));
    }
}

void add_orders(Reads& reads, const Walk& walk, Rows& into) {
    auto rows = page<OrderRow>(reads, sql::jobs::orders, walk, into);
    auto lines = under<&LineRow::order_id, LineRow>(reads, sql::jobs::order_lines, rows);
    for (auto& row : rows) {
        OrderShown shown{.order = {row}, .items = {}};
        for (const auto& line : lines[row.id.value]) {
            shown.items.push_back({.sku = line.sku,
                                   .quantity = line.quantity,
                                   .unit_price = to_string(line.unit_price),
                                   .discount = to_string(line.discount),
                                   .tax_rate = line.tax_rate});
        }
        into.objects.push_back(json::to_text(shown));
    }
}

}  // namespace

Rows rows_after(Reads& reads, const Export& job, std::int64_t most) {
    Walk walk{.after_id = job.walked_to.value,
              .created_after = job.created_after,
              .created_before = job.created_before,
              .until = job.created_at,
              .most = most};
    Rows rows;
    switch (job.kind) {
        case Kind::products: add_products(reads, walk, rows); break;
        case Kind::customers: add_customers(reads, walk, rows); break;
        case Kind::stock: add_stock(reads, walk, rows); break;
        case Kind::orders: add_orders(reads, walk, rows); break;
    }
    return rows;
}

const CellColumns& columns_to_export(Kind kind) {
    static const CellColumns of_products = columns_of<ProductShown>(),
                             of_customers = columns_of<CustomerShown>(),
                             of_stock = columns_of<StockRow>(),
                             of_orders = columns_of<OrderShown>();
    switch (kind) {
        case Kind::products: return of_products;
        case Kind::customers: return of_customers;
        case Kind::stock: return of_stock;
        case Kind::orders: return of_orders;
    }
    return of_products;
}

}  // namespace stateset::jobs
