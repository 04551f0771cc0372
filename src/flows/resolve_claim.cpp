#include "flows/resolve_claim.hpp"

#include <algorithm>

#include "flows/pay_order.hpp"
#include "flows/refund_order.hpp"
#include "flows/status.hpp"
#include "manufacturing/work_orders.hpp"
#include "platform/store/gather.hpp"
#include "warranties/lifecycle.hpp"
#include "warranties/term.hpp"

namespace stateset::flows {
namespace {

using orders::Line;
using orders::Order;
using warranties::Claim;
using warranties::Resolution;
using warranties::Warranty;

// A claim with what it may lead to. The claim and its warranty are locked.
struct Case {
    const Claim* claim;
    const Warranty* warranty;
    const Order* order = nullptr;  // that the warranty names; locked when money goes back
    const Line* line = nullptr;
};

void check(const ResolveClaim& wanted) {
    std::vector<Fault> faults;
    auto only_for = [&](bool given, Resolution resolution, const char* pointer) {
        if (!given || wanted.resolution == resolution) return;
        faults.push_back({pointer,
                          "not_applicable",
                          "belongs to `" + std::string(reflect::name(resolution)) + "`",
                          {}});
    };
    only_for(wanted.amount.has_value(), Resolution::refund, "/amount");
    only_for(wanted.sku.has_value(), Resolution::replace, "/sku");
    only_for(wanted.shipping_address.has_value(), Resolution::replace, "/shipping_address");
    only_for(wanted.location_id.has_value(), Resolution::repair, "/location_id");
    if (faults.empty()) return;
    throw Refusal(codes::invalid, "Some fields belong to another resolution.", std::move(faults));
}

// What the commands that follow will ask for, as early as it is known: they take the same way.
Case look_up(Tx& tx, const ResolveClaim& wanted) {
    const auto* seen = tx.peek<Claim>(wanted.id);
    if (!seen) throw Refusal(codes::not_found, "There is no such claim.");
    const auto id = seen->id;
    const auto warranty_id = seen->warranty_id;
    const auto product_id = seen->product_id;
    const auto customer_id = seen->customer_id;
    gather(
        tx, [&] { tx.get<Warranty>(warranty_id); }, [&] { tx.get<Claim>(id); },
        [&] { tx.peek<products::Product>(product_id); },
        [&] { tx.peek<customers::Customer>(customer_id); },
        [&] {
            if (wanted.resolution != Resolution::repair) return;
            tx.find<&manufacturing::Bom::active_product_id>(product_id);
        });
    Case found{.claim = &tx.get<Claim>(id), .warranty = &tx.get<Warranty>(warranty_id)};
    if (wanted.resolution == Resolution::repair) return found;
    const auto& warranty = *found.warranty;
    bool refund = wanted.resolution == Resolution::refund;
    gather(
        tx, [&] { tx.all<Claim>(warranty.id); },
        [&] {
            if (!warranty.order_id) return;
            found.order =
                refund ? tx.find<Order>(*warranty.order_id) : tx.peek<Order>(*warranty.order_id);
        },
        [&] {
            if (warranty.order_item_id) found.line = tx.peek<Line>(*warranty.order_item_id);
        });
    return found;
}

// ---- repairing

manufacturing::WorkOrderId repair(Tx& tx, const Case& found, const ResolveClaim& wanted) {
    require(found.claim->quantity == 1, warranties::exceeds_warranty,
            "A work order repairs one piece: claim them one by one.");
    return manufacturing::create_repair(
               tx, {.product_id = found.claim->product_id,
                    .location_id = wanted.location_id,
                    .claim_id = found.claim->id,
                    .notes = "Repairs what claim " + found.claim->claim_number +
                             " is about, under warranty " + found.warranty->warranty_number + "."})
        .id;
}

// ---- replacing

orders::NewLine replacement_of(const Case& found, const ResolveClaim& wanted) {
    orders::NewLine line{.quantity = {found.claim->quantity}, .unit_price = Amount{}};
    if (wanted.sku) {
        line.sku = Text<100>{wanted.sku->value};
    } else if (found.line) {
        line.sku = Text<100>{found.line->sku};
    } else {
        line.product_id = found.claim->product_id;
    }
    return line;
}

// Faults of the order that the caller did not write, at what they did write.
Refusal as_asked_here(const Refusal& refusal) {
    auto faults = refusal.faults();
    for (auto& fault : faults) {
        fault.pointer = fault.pointer.starts_with("/items") ? "/sku" : "/resolution";
    }
    return Refusal(refusal.code(), refusal.detail(), std::move(faults));
}

orders::OrderId replace(Tx& tx, const Case& found, const ResolveClaim& wanted) {
    orders::PlaceOrder order{.customer_id = found.claim->customer_id,
                             .items = {{replacement_of(found, wanted)}},
                             .shipping_address = wanted.shipping_address};
    if (!order.shipping_address && found.order) {
        order.shipping_address = found.order->shipping_address;
    }
    order.notes = Text<2000>{"Replaces what claim " + found.claim->claim_number +
                             " is about, under warranty " + found.warranty->warranty_number + "."};
    orders::OrderId id;
    try {
        // The price is the warranty's business: nobody needs orders:price for it.
        id = orders::place(tx, system_actor(tx.tenant()), order).id;
    } catch (const Refusal& refusal) {
        throw as_asked_here(refusal);
    }
    auto& placed = tx.edit<Order>(id);
    placed.origin = orders::Origin::replacement;
    placed.origin_order_id = found.warranty->order_id;
    tx.emit("order.updated", placed);
    return id;
}

// ---- refunding

std::int64_t pieces_refunded(Tx& tx, const Warranty& warranty) {
    std::int64_t pieces = 0;
    for (const auto* claim : tx.all<Claim>(warranty.id)) {
        if (claim->resolution == Resolution::refund) pieces += claim->quantity;
    }
    return pieces;
}

// What a caller may give back at most: what the pieces cost, rounded up.
void require_worth(const Actor& actor, const Case& found, Money amount) {
    if (!found.line || actor.may("payments:refund")) return;
    const auto& line = *found.line;
    auto pieces = std::min(found.claim->quantity, line.quantity);
    auto most = warranties::share_of(line.total, line.quantity, line.quantity - pieces, pieces);
    if (amount <= most) return;
    throw invalid("/amount", "too_large",
                  "must not exceed " + to_string(most) + ", which the goods cost");
}

Money amount_of(Tx& tx, const Actor& actor, const Case& found, const ResolveClaim& wanted) {
    if (wanted.amount) {
        auto amount = positive(*wanted.amount, found.order->currency);
        require_worth(actor, found, amount);
        return amount;
    }
    if (!found.line) {
        throw invalid("/amount", "required", "is required: the warranty names no line of an order");
    }
    const auto& line = *found.line;
    auto amount = warranties::share_of(line.total, line.quantity,
                                       pieces_refunded(tx, *found.warranty), found.claim->quantity);
    require(amount.minor > 0, payments::refund_exceeds_captured,
            "Nothing is left to refund of what the pieces cost.");
    return amount;
}

std::vector<payments::RefundId> refund(Tx& tx, const Actor& actor, const Case& found,
                                       const ResolveClaim& wanted) {
    require(found.order != nullptr, claim_needs_order, "The warranty names no order.");
    load_parts(tx, *found.order);
    return begin_refunds(tx, *found.order, amount_of(tx, actor, found, wanted),
                         "Claim " + found.claim->claim_number);
}

}  // namespace

Claim resolve_claim(Tx& tx, const Actor& actor, const ResolveClaim& wanted) {
    auto found = look_up(tx, wanted);
    check(wanted);
    auto resolved =
        next(warranties::claim_lifecycle, found.claim->status, warranties::ClaimAction::resolve);
    require(found.warranty->status != warranties::Status::void_, warranties::warranty_not_active,
            "The warranty was voided.");
    auto& claim = tx.edit(*found.claim);
    switch (wanted.resolution) {
        case Resolution::repair: claim.work_order_id = repair(tx, found, wanted); break;
        case Resolution::replace: claim.order_id = replace(tx, found, wanted); break;
        case Resolution::refund: claim.refund_ids = refund(tx, actor, found, wanted); break;
    }
    claim.status = resolved;
    claim.resolution = wanted.resolution;
    claim.resolved_at = tx.now();
    if (wanted.reason) claim.resolution_reason = wanted.reason->value;
    tx.emit("claim.resolved", claim);
    return claim;
}

}  // namespace stateset::flows
