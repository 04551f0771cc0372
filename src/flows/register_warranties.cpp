#include "flows/register_warranties.hpp"

#include <algorithm>

#include "platform/store/gather.hpp"
#include "warranties/term.hpp"

namespace stateset::flows {
namespace {

using orders::Line;
using orders::Order;
using shipments::Shipment;
using shipments::ShipmentItem;
using warranties::Warranty;

// What gets one warranty.
struct Pieces {
    const Line* line;
    const ShipmentItem* item;
    std::int64_t number;  // within the item, from 0
    std::int64_t quantity;
    std::optional<std::string> serial_number;

    std::string key() const {
        return warranties::serial_key_of(line->product_id, serial_number.value());
    }
};

struct Known {
    const products::Product* product = nullptr;
    const Warranty* holder = nullptr;  // whoever has the serial number until now
};

std::vector<Pieces> pieces_of(Tx& tx, const Order& order, const Shipment& shipment) {
    auto lines = tx.all<Line>(order.id);
    std::vector<Pieces> all;
    for (const auto* item : tx.all<ShipmentItem>(shipment.id)) {
        auto line = std::ranges::find(lines, item->order_item_id, &Line::id);
        if (line == lines.end()) continue;
        std::int64_t number = 0;
        for (const auto& serial : item->serial_numbers) {
            all.push_back({*line, item, number++, 1, serial});
        }
        auto rest = item->quantity - number;
        if (rest > 0) all.push_back({*line, item, number, rest, std::nullopt});
    }
    return all;
}

std::vector<Known> look_up(Tx& tx, const std::vector<Pieces>& all) {
    return tx.each(all, [&](const Pieces& pieces) {
        Known known;
        gather(
            tx, [&] { known.product = tx.peek<products::Product>(pieces.line->product_id); },
            [&] {
                if (!pieces.serial_number) return;
                known.holder = tx.find<&Warranty::serial_key>(pieces.key());
            });
        return known;
    });
}

// Whether the warranty that a piece has is its customer's own, and still covers it.
bool stays(const Warranty& held, const Order& order, Date delivered) {
    bool by_customer = !held.order_id && held.customer_id == order.customer_id;
    return (by_customer || held.order_id == order.id) && held.ends_on >= delivered;
}

}  // namespace

void register_warranties(Tx& tx, const Order& order, const Shipment& shipment) {
    auto all = pieces_of(tx, order, shipment);
    auto known = look_up(tx, all);
    auto delivered = date_of(shipment.delivered_at.value());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& pieces = all[i];
        const auto& [product, holder] = known[i];
        if (!product || !product->warranty_months) continue;
        if (holder && stays(*holder, order, delivered)) continue;
        if (holder) {
            warranties::make_void(
                tx, tx.edit(*holder), warranties::Action::supersede,
                "Delivered to somebody else with order " + order.order_number + ".");
        }
        auto ends_on = warranties::add_months(delivered, *product->warranty_months);
        Warranty warranty{.product_id = product->id,
                          .customer_id = order.customer_id,
                          .order_id = order.id,
                          .order_item_id = pieces.line->id,
                          .serial_number = pieces.serial_number,
                          .quantity = pieces.quantity,
                          .starts_on = delivered,
                          .ends_on = ends_on.value_or(delivered)};
        warranty.shipment_item_id.value = pieces.item->id;
        warranty.piece.value = pieces.number;
        warranties::add(tx, std::move(warranty));
    }
}

}  // namespace stateset::flows
