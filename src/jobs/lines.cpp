#include "jobs/lines.hpp"

#include <algorithm>

#include "flows/create_product.hpp"
#include "flows/take_stock_back.hpp"
#include "orders/orders.hpp"
#include "platform/store/gather.hpp"

namespace stateset::jobs {
namespace {

constexpr std::string_view usual_reason = "Imported";

using ProductLine = products::NewProduct;

struct AddressLine {
    std::optional<Text<50>> label;
    customers::PostalAddress address;
};

struct CustomerLine {
    Flat<customers::NewCustomer> customer;
    List<AddressLine, 0, 100> addresses;
};

struct StockLine {
    Text<64> sku;
    std::optional<Text<32>> location;
    std::optional<Quantity> quantity, on_hand, delta;
    std::optional<Text<64>> lot_number;
    std::optional<Date> expires_on;
    inventory::SerialNumbers serial_numbers;
    std::optional<Text<500>> reason;
    std::optional<Quantity> reorder_point;
};

struct OrderLine {
    std::optional<Email> customer_email;
    std::optional<customers::CustomerId> customer_id;
    List<orders::NewLine, 1, orders::most_lines> items;
    std::optional<Currency> currency;
    std::optional<Amount> discount_total, shipping_total;
    std::optional<orders::PaymentTerms> payment_terms;
    std::optional<customers::PostalAddress> shipping_address, billing_address;
    std::optional<Text<2000>> notes;
    Metadata metadata;
    std::vector<Text<50>> tags;
};

// Given and not null: a line without a value leaves what is there.
template <class T, class U>
void change(Change<T>& to, const std::optional<U>& from) {
    if (from) to = {true, *from};
}

// ---- products

void change_variants(Tx& tx, const Actor& actor, const products::Product& product,
                     const ProductLine& line) {
    using products::Variant;
    auto there = tx.each(line.variants, [&](const products::NewVariant& wanted) {
        return tx.find<&Variant::sku>(wanted.sku.value);
    });
    tx.each(line.variants, [&](const products::NewVariant& wanted) {
        return tx.find<&inventory::Item::item_number>(wanted.sku.value);
    });
    for (std::size_t i = 0; i < there.size(); ++i) {
        const auto& wanted = line.variants[i];
        if (!there[i]) {
            flows::add_variant(tx, actor,
                               {.id = product.id,
                                .sku = wanted.sku,
                                .name = wanted.name,
                                .options = wanted.options,
                                .price = wanted.price,
                                .barcode = wanted.barcode,
                                .weight_grams = wanted.weight_grams});
            continue;
        }
        if (there[i]->product_id != product.id) {
            throw invalid("/variants/" + std::to_string(i) + "/sku", "already_exists",
                          "is a variant of another product");
        }
        products::VariantChanges changes{.id = product.id, .variant_id = there[i]->id};
        change(changes.name, wanted.name);
        change(changes.price, wanted.price);
        change(changes.barcode, wanted.barcode);
        change(changes.weight_grams, wanted.weight_grams);
        if (!wanted.options.empty()) changes.options = {true, wanted.options};
        products::update_variant(tx, actor, changes);
    }
}

void change_own_variant(Tx& tx, const Actor& actor, const products::Product& product,
                        const ProductLine& line) {
    auto* own = tx.find<&products::Variant::sku>(product.sku);
    bool any = line.barcode || line.weight_grams || !line.options.empty();
    if (!own || !any) return;
    products::VariantChanges changes{.id = product.id, .variant_id = own->id};
    change(changes.barcode, line.barcode);
    change(changes.weight_grams, line.weight_grams);
    if (!line.options.empty()) changes.options = {true, line.options};
    products::update_variant(tx, actor, changes);
}

void change_product(Tx& tx, const Actor& actor, const products::Product& product,
                    const ProductLine& line) {
    if (line.currency != product.currency) {
        throw invalid("/currency", "immutable",
                      "stays " + std::string(product.currency.text()) + ": orders lean on it");
    }
    products::ProductChanges changes{.id = product.id};
    changes.name = {true, line.name};
    changes.price = {true, line.price};
    change(changes.description, line.description);
    change(changes.brand, line.brand);
    change(changes.track_inventory, line.track_inventory);
    change(changes.backorder, line.backorder);
    change(changes.warranty_months, line.warranty_months);
    change(changes.tax_category, line.tax_category);
    if (!line.metadata.empty()) changes.metadata = {true, line.metadata};
    if (!line.tags.empty()) changes.tags = {true, line.tags};
    auto id = product.id;
    auto status = product.status;
    flows::update_product(tx, actor, changes);
    change_own_variant(tx, actor, tx.get<products::Product>(id), line);
    change_variants(tx, actor, tx.get<products::Product>(id), line);
    if (!line.status || *line.status == status) return;
    if (*line.status == products::Status::archived) {
        products::archive(tx, actor, {.id = id, .reason = {}});
    } else {
        products::activate(tx, actor, {.id = id, .reason = {}});
    }
}

void put_product(Tx& tx, const Actor& actor, const ProductLine& line, Mode mode) {
    if (mode == Mode::upsert) {
        if (auto* there = tx.find<&products::Product::sku>(line.sku.value)) {
            require(actor.may("products:update"), job_permission_needed,
                    "This needs the permission products:update.");
            return change_product(tx, actor, *there, line);
        }
    }
    auto wanted = line;
    bool archived = line.status == products::Status::archived;
    if (archived) wanted.status = products::Status::active;
    auto product = flows::create_product(tx, actor, wanted);
    if (archived) products::archive(tx, actor, {.id = product.id, .reason = {}});
}

// ---- customers

void add_addresses(Tx& tx, const Actor& actor, customers::CustomerId id, const CustomerLine& line) {
    auto there = tx.all<customers::Address>(id);
    for (const auto& wanted : line.addresses) {
        bool known = std::ranges::any_of(
            there, [&](const customers::Address* one) { return one->address == wanted.address; });
        if (known) continue;
        customers::add_address(tx, actor,
                               {.id = id, .label = wanted.label, .address = wanted.address});
    }
}

void put_customer(Tx& tx, const Actor& actor, const CustomerLine& line, Mode mode) {
    const auto& wanted = line.customer.value;
    const customers::Customer* there = nullptr;
    if (mode == Mode::upsert) there = tx.find<&customers::Customer::email>(wanted.email.value);
    if (!there) {
        auto made = customers::create(tx, actor, wanted);
        return add_addresses(tx, actor, made.id, line);
    }
    require(actor.may("customers:update"), job_permission_needed,
            "This needs the permission customers:update.");
    customers::CustomerChanges changes{.id = there->id};
    change(changes.first_name, wanted.first_name);
    change(changes.last_name, wanted.last_name);
    change(changes.phone, wanted.phone);
    change(changes.external_id, wanted.external_id);
    change(changes.language, wanted.language);
    change(changes.email_notifications, wanted.email_notifications);
    change(changes.sms_notifications, wanted.sms_notifications);
    if (!wanted.metadata.empty()) changes.metadata = {true, wanted.metadata};
    if (!wanted.tags.empty()) changes.tags = {true, wanted.tags};
    auto id = there->id;
    customers::update(tx, actor, changes);
    add_addresses(tx, actor, id, line);
}

// ---- stock

void put_stock(Tx& tx, const Actor& actor, const StockLine& line) {
    const inventory::Item* item = nullptr;
    const inventory::Location* location = nullptr;
    gather(
        tx, [&] { item = tx.find<&inventory::Item::item_number>(line.sku.value); },
        [&] {
            if (!line.location) return;
            location = tx.peek<&inventory::Location::code>(line.location->value);
        });
    if (!item) throw unknown_reference("/sku");
    if (line.location && !location) throw unknown_reference("/location");
    auto id = std::to_string(item->id.value);
    auto where = location ? std::optional(location->id) : std::nullopt;
    Text<500> reason{line.reason ? line.reason->value : std::string(usual_reason)};
    inventory::Balance balance;
    if (line.quantity) {
        balance = inventory::receive(tx, actor,
                                     {.id = id,
                                      .location_id = where,
                                      .quantity = *line.quantity,
                                      .lot_number = line.lot_number,
                                      .expires_on = line.expires_on,
                                      .serial_numbers = line.serial_numbers,
                                      .reason = Text<500, 0>{reason.value}});
    } else {
        require(actor.may("inventory:adjust"), job_permission_needed,
                "This needs the permission inventory:adjust.");
        inventory::Adjust wanted{.id = id,
                                 .location_id = where,
                                 .delta = line.delta,
                                 .on_hand = line.on_hand,
                                 .expected_version = {},
                                 .lot_number = line.lot_number,
                                 .expires_on = line.expires_on,
                                 .serial_numbers = line.serial_numbers,
                                 .reason = reason,
                                 .release_reservations = {}};
        balance = flows::adjust_stock(tx, actor, {.wanted = wanted, .holders = {}});
    }
    if (!line.reorder_point) return;
    inventory::update_balance(tx, actor,
                              {.id = balance.id, .reorder_point = {true, line.reorder_point}});
}

// ---- orders

void put_order(Tx& tx, const Actor& actor, const OrderLine& line) {
    auto customer = line.customer_id;
    if (!customer) {
        auto* named = tx.peek<&customers::Customer::email>(line.customer_email->value);
        if (!named) throw unknown_reference("/customer_email");
        customer = named->id;
    }
    orders::place(tx, actor,
                  {.customer_id = *customer,
                   .items = line.items,
                   .currency = line.currency,
                   .discount_total = line.discount_total,
                   .shipping_total = line.shipping_total,
                   .payment_terms = line.payment_terms,
                   .shipping_address = line.shipping_address,
                   .billing_address = line.billing_address,
                   .notes = line.notes,
                   .metadata = line.metadata,
                   .tags = line.tags});
}

// ---- what is wrong before anything is looked up

void check(const ProductLine&, json::Faults&) {}
void check(const CustomerLine&, json::Faults&) {}
void check(const StockLine& line, json::Faults& faults) {
    int given = line.quantity.has_value() + line.on_hand.has_value() + line.delta.has_value();
    if (given != 1) {
        faults.add("", "required", "exactly one of quantity, on_hand and delta must be given");
    }
}
void check(const OrderLine& line, json::Faults& faults) {
    if (line.customer_email.has_value() == line.customer_id.has_value()) {
        faults.add("", "required", "one of customer_email and customer_id must be given");
    }
}

std::string key_of(const ProductLine& line) { return line.sku.value; }
std::string key_of(const CustomerLine& line) { return line.customer.value.email.value; }
std::string key_of(const StockLine& line) { return line.sku.value; }
std::string key_of(const OrderLine&) { return {}; }

template <class L, class F>
Line decoded(std::string_view object, UnknownFields unknown, F act) {
    Line line;
    try {
        json::Faults faults;
        auto tape = json::parse(object);
        auto wanted = json::decode<L>(tape, {}, faults);
        for (const auto& fault : faults.list()) {
            bool passed = unknown == UnknownFields::ignore && fault.code == "unknown_field";
            if (!passed) line.faults.push_back(fault);
        }
        if (!line.faults.empty()) return line;
        json::Faults more;
        check(wanted, more);
        line.faults = more.list();
        line.key = key_of(wanted);
        line.act = [wanted = std::move(wanted), act](Tx& tx, const Actor& actor) {
            act(tx, actor, wanted);
        };
    } catch (const Refusal& refusal) {
        line.faults = refusal.faults();
        if (line.faults.empty()) {
            line.faults.push_back({"", std::string(refusal.code().name), refusal.detail(), {}});
        }
    }
    return line;
}

}  // namespace

Line line_of(Kind kind, Mode mode, UnknownFields unknown, std::string_view object) {
    switch (kind) {
        case Kind::products:
            return decoded<ProductLine>(
                object, unknown, [mode](Tx& tx, const Actor& actor, const ProductLine& line) {
                    put_product(tx, actor, line, mode);
                });
        case Kind::customers:
            return decoded<CustomerLine>(
                object, unknown, [mode](Tx& tx, const Actor& actor, const CustomerLine& line) {
                    put_customer(tx, actor, line, mode);
                });
        case Kind::stock: return decoded<StockLine>(object, unknown, put_stock);
        case Kind::orders: return decoded<OrderLine>(object, unknown, put_order);
    }
    return {};
}

const CellColumns& columns_to_import(Kind kind) {
    static const CellColumns of_products = columns_of<ProductLine>(),
                             of_customers = columns_of<CustomerLine>(),
                             of_stock = columns_of<StockLine>(),
                             of_orders = columns_of<OrderLine>();
    switch (kind) {
        case Kind::products: return of_products;
        case Kind::customers: return of_customers;
        case Kind::stock: return of_stock;
        case Kind::orders: return of_orders;
    }
    return of_products;
}

}  // namespace stateset::jobs
