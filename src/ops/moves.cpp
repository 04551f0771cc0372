// Which routes move a noun through which lifecycle. That a move is legal is said by the noun's own
// table; here stands only which of its actions a path carries out.

#include <stdexcept>

#include "inventory/counts.hpp"
#include "inventory/inventory.hpp"
#include "inventory/transfers.hpp"
#include "manufacturing/boms.hpp"
#include "manufacturing/lifecycle.hpp"
#include "notifications/notifications.hpp"
#include "ops/ops.hpp"
#include "orders/lifecycle.hpp"
#include "payments/lifecycle.hpp"
#include "platform/http/api.hpp"
#include "products/products.hpp"
#include "returns/lifecycle.hpp"
#include "shipments/lifecycle.hpp"
#include "warranties/lifecycle.hpp"
#include "webhooks/webhooks.hpp"

namespace stateset::ops {
namespace {

struct Carried {
    std::string_view path;  // without /api/v1
    std::vector<std::string> legal_from;
};

// Adds routes of one noun: each path's last word with the actions it carries out.
template <class Status, class Action, std::size_t N>
void add(std::vector<Carried>& all, const stateset::Move<Status, Action> (&lifecycle)[N],
         std::initializer_list<std::pair<std::string_view, std::vector<Action>>> routes) {
    for (const auto& [path, actions] : routes) {
        Carried carried{.path = path, .legal_from = {}};
        for (const auto& row : lifecycle) {
            std::string from(reflect::name(row.from));
            if (std::ranges::find(actions, row.action) != actions.end() &&
                std::ranges::find(carried.legal_from, from) == carried.legal_from.end()) {
                carried.legal_from.push_back(std::move(from));
            }
        }
        all.push_back(std::move(carried));
    }
}

void add_sales(std::vector<Carried>& all) {
    using Order = orders::Action;
    add(all, orders::lifecycle,
        {{"/orders/{id}/process", {Order::process}},
         {"/orders/{id}/ship", {Order::ship, Order::ship_part}},
         {"/orders/{id}/hold", {Order::hold}},
         {"/orders/{id}/release", {Order::release}},
         {"/orders/{id}/cancel", {Order::cancel}}});
    using Shipment = shipments::Action;
    add(all, shipments::lifecycle,
        {{"/shipments/{id}/label", {Shipment::make_label}},
         {"/shipments/{id}/ship", {Shipment::ship}},
         {"/shipments/{id}/deliver", {Shipment::deliver}},
         {"/shipments/{id}/cancel", {Shipment::cancel}}});
    using Return = returns::Action;
    add(all, returns::lifecycle,
        {{"/returns/{id}/approve", {Return::approve}},
         {"/returns/{id}/receive", {Return::receive}},
         {"/returns/{id}/inspect", {Return::inspect}},
         {"/returns/{id}/complete", {Return::complete}},
         {"/returns/{id}/reject", {Return::reject}},
         {"/returns/{id}/cancel", {Return::cancel}}});
    using Payment = payments::Action;
    add(all, payments::lifecycle,
        {{"/payments/{id}/void", {Payment::void_}},
         {"/payments/{id}/refund", {Payment::refund_part, Payment::refund_all}}});
}

void add_care(std::vector<Carried>& all) {
    using Warranty = warranties::Action;
    add(all, warranties::lifecycle,
        {{"/warranties/{id}/extend", {Warranty::extend}},
         {"/warranties/{id}/void", {Warranty::void_}}});
    using Claim = warranties::ClaimAction;
    add(all, warranties::claim_lifecycle,
        {{"/warranties/claims/{id}/review", {Claim::review}},
         {"/warranties/claims/{id}/approve", {Claim::approve}},
         {"/warranties/claims/{id}/resolve", {Claim::resolve}},
         {"/warranties/claims/{id}/reject", {Claim::reject}},
         {"/warranties/claims/{id}/withdraw", {Claim::withdraw}}});
}

void add_stock(std::vector<Carried>& all) {
    using Work = manufacturing::Action;
    add(all, manufacturing::lifecycle,
        {{"/work-orders/{id}/release", {Work::release}},
         {"/work-orders/{id}/start", {Work::start}},
         {"/work-orders/{id}/complete", {Work::complete}},
         {"/work-orders/{id}/hold", {Work::hold}},
         {"/work-orders/{id}/resume", {Work::resume}},
         {"/work-orders/{id}/cancel", {Work::cancel}}});
    using Bom = manufacturing::BomAction;
    add(all, manufacturing::bom_lifecycle,
        {{"/boms/{id}/activate", {Bom::activate}}, {"/boms/{id}/obsolete", {Bom::obsolete}}});
    using Transfer = inventory::TransferAction;
    add(all, inventory::transfer_lifecycle,
        {{"/inventory/transfers/{id}/ship", {Transfer::ship}},
         {"/inventory/transfers/{id}/receive", {Transfer::receive_part, Transfer::receive}},
         {"/inventory/transfers/{id}/close", {Transfer::close}},
         {"/inventory/transfers/{id}/cancel", {Transfer::cancel}}});
    using Count = inventory::CountAction;
    add(all, inventory::count_lifecycle,
        {{"/inventory/counts/{id}/complete", {Count::complete}},
         {"/inventory/counts/{id}/cancel", {Count::cancel}}});
    using Reservation = inventory::ReservationAction;
    add(all, inventory::reservation_lifecycle,
        {{"/inventory/reservations/{id}/release", {Reservation::release}}});
    using Product = products::Action;
    add(all, products::lifecycle,
        {{"/products/{id}/activate", {Product::activate}},
         {"/products/{id}/archive", {Product::archive}}});
}

void add_messages(std::vector<Carried>& all) {
    using Endpoint = webhooks::EndpointAction;
    add(all, webhooks::endpoint_lifecycle,
        {{"/webhooks/endpoints/{id}/enable", {Endpoint::enable}},
         {"/webhooks/endpoints/{id}/disable", {Endpoint::disable}}});
    using Delivery = webhooks::DeliveryAction;
    add(all, webhooks::delivery_lifecycle,
        {{"/webhooks/deliveries/{id}/retry", {Delivery::retry}}});
    using Message = notifications::MessageAction;
    add(all, notifications::message_lifecycle,
        {{"/notifications/messages/{id}/retry", {Message::retry}}});
}

const http::Endpoint& endpoint_of(const Api& api, const std::string& path) {
    for (const auto& endpoint : api.endpoints()) {
        if (endpoint->method == "POST" && endpoint->path == path) return *endpoint;
    }
    throw std::logic_error("a lifecycle names POST " + path + ", which is no route");
}

}  // namespace

std::vector<LegalMove> moves(const Api& api) {
    std::vector<Carried> all;
    add_sales(all);
    add_care(all);
    add_stock(all);
    add_messages(all);
    std::vector<LegalMove> result;
    for (auto& carried : all) {
        const auto& endpoint = endpoint_of(api, "/api/v1" + std::string(carried.path));
        result.push_back({.operation = endpoint.operation,
                          .http_method = endpoint.method,
                          .path = endpoint.path,
                          .summary = std::string(endpoint.route.summary),
                          .legal_from = std::move(carried.legal_from)});
    }
    return result;
}

}  // namespace stateset::ops
