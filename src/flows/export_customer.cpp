#include "flows/export_customer.hpp"

#include <map>

#include "platform/http/api.hpp"
#include "sql.hpp"

namespace stateset::flows {
namespace {

// Gives each whole its parts, which know it by the member `whole`.
template <class View, class Part, class Key>
void give(std::vector<View>& views, auto id_of, std::vector<Part> parts, Key Part::* whole,
          std::vector<Part> View::* into) {
    std::map<Key, std::size_t> places;
    for (std::size_t i = 0; i < views.size(); ++i) places[id_of(views[i])] = i;
    for (auto& part : parts) {
        auto place = places.find(part.*whole);
        if (place != places.end()) (views[place->second].*into).push_back(std::move(part));
    }
}

std::vector<orders::OrderView> orders_of(Reads& reads, const customers::ById& customer) {
    std::vector<orders::OrderView> views;
    for (auto& order : reads.all<orders::Order>(sql::flows::export_orders, customer)) {
        views.push_back({.order = {std::move(order)}, .items = {}, .customer = {}});
    }
    give(
        views, [](const orders::OrderView& view) { return view.order->id; },
        reads.all<orders::Line>(sql::flows::export_order_items, customer), &orders::Line::order_id,
        &orders::OrderView::items);
    return views;
}

std::vector<shipments::ShipmentView> shipments_of(Reads& reads, const customers::ById& customer) {
    std::vector<shipments::ShipmentView> views;
    for (auto& one : reads.all<shipments::Shipment>(sql::flows::export_shipments, customer)) {
        views.push_back({.shipment = {std::move(one)}, .items = {}});
    }
    give(
        views, [](const shipments::ShipmentView& view) { return view.shipment->id; },
        reads.all<shipments::ShipmentItem>(sql::flows::export_shipment_items, customer),
        &shipments::ShipmentItem::shipment_id, &shipments::ShipmentView::items);
    return views;
}

// Their refunds stand beside them, with those of orders that nothing was returned of.
std::vector<returns::ReturnView> returns_of(Reads& reads, const customers::ById& customer) {
    std::vector<returns::ReturnView> views;
    for (auto& one : reads.all<returns::Return>(sql::flows::export_returns, customer)) {
        views.push_back({.returned_goods = {std::move(one)}, .items = {}, .refunds = {}});
    }
    give(
        views, [](const returns::ReturnView& view) { return view.returned_goods->id; },
        reads.all<returns::ReturnItem>(sql::flows::export_return_items, customer),
        &returns::ReturnItem::return_id, &returns::ReturnView::items);
    return views;
}

}  // namespace

CustomerExport export_customer(Reads& reads, const Actor& actor, const customers::ById& wanted) {
    CustomerExport shown{.exported_at = system_now(),
                         .customer = customers::one(reads, actor, wanted)};
    shown.orders = orders_of(reads, wanted);
    shown.payments = reads.all<payments::Payment>(sql::flows::export_payments, wanted);
    shown.refunds = reads.all<payments::Refund>(sql::flows::export_refunds, wanted);
    shown.shipments = shipments_of(reads, wanted);
    shown.returns = returns_of(reads, wanted);
    shown.warranties = reads.all<warranties::Warranty>(sql::flows::export_warranties, wanted);
    shown.claims = reads.all<warranties::Claim>(sql::flows::export_claims, wanted);
    shown.messages = reads.all<notifications::MessageView>(sql::flows::export_messages, wanted);
    return shown;
}

void customer_routes(Api& api) {
    auto customers = api.group("/customers", "Customers");
    customers.get("/{id}/export", export_customer,
                  {.summary = "Read all that is stored about a customer",
                   .needs = "customers:erase",
                   .detail = "For who asks what is known of them. Whoever may erase it may read it "
                             "here, whatever else they may read."});
    api.describe({
        {"exported_at", {"As of when.", "2026-11-22T10:15:30Z"}},
        {"orders", {"The customer's orders.", ""}},
        {"payments", {"The payments of these orders.", ""}},
        {"shipments", {"The shipments of these orders.", ""}},
        {"returns", {"What the customer sent back.", ""}},
        {"warranties", {"The customer's warranties.", ""}},
        {"messages", {"What the customer was told.", ""}},
    });
}

}  // namespace stateset::flows
