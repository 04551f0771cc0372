#include <map>

#include "shipments/label.hpp"
#include "shipments/shipments.hpp"
#include "sql.hpp"

namespace stateset::shipments {
namespace {

ShipmentView with_items(Reads& reads, Shipment shipment) {
    ById wanted{shipment.id};
    return {.shipment = {std::move(shipment)},
            .items = reads.all<ShipmentItem>(sql::shipments::items, wanted)};
}

// The rows of a page are those that its filters leave between its newest and its oldest.
struct OnPage {
    std::optional<orders::OrderId> order_id;
    std::optional<Status> status;
    std::optional<Text<50>> carrier;
    std::optional<Text<100>> tracking_number;
    std::optional<Time> created_after, created_before;
    ShipmentId oldest, newest;
};

void add_items(Reads& reads, const ListShipments& wanted, std::vector<ShipmentRow>& rows) {
    OnPage page{.order_id = wanted.order_id,
                .status = wanted.status,
                .carrier = wanted.carrier,
                .tracking_number = wanted.tracking_number,
                .created_after = wanted.created_after,
                .created_before = wanted.created_before,
                .oldest = rows.back().shipment->id,
                .newest = rows.front().shipment->id};
    std::map<ShipmentId, std::vector<ShipmentItem>> items;
    for (auto& item : reads.all<ShipmentItem>(sql::shipments::items_of_page, page)) {
        items[item.shipment_id].push_back(std::move(item));
    }
    for (auto& row : rows) row.items.value = std::move(items[row.shipment->id]);
}

std::vector<std::string> lines_of(const customers::PostalAddress& to) {
    std::vector<std::string> lines;
    auto add = [&](const auto& line) {
        if (line) lines.push_back(line->value);
    };
    add(to.name);
    add(to.company);
    lines.push_back(to.line1);
    add(to.line2);
    auto town = to.postal_code ? to.postal_code->value + " " + to.city.value : to.city.value;
    if (to.region) town += ", " + to.region->value;
    lines.push_back(town);
    lines.push_back(to.country);
    add(to.phone);
    return lines;
}

LabelText label_of(const ShipmentView& shown) {
    const auto& shipment = shown.shipment.value;
    LabelText label{.carrier = shipment.carrier,
                    .service = shipment.service.value_or(""),
                    .ship_to = {},
                    .tracking_number = *shipment.tracking_number,
                    .goods = {}};
    if (shipment.ship_to) label.ship_to = lines_of(*shipment.ship_to);
    for (const auto& item : shown.items) {
        label.goods.push_back(std::to_string(item.quantity) + " x " + item.sku);
    }
    return label;
}

}  // namespace

ShipmentView one(Reads& reads, const Actor&, const ById& wanted) {
    return with_items(reads, reads.one<Shipment>(sql::shipments::by_id, wanted));
}

ShipmentView track(Reads& reads, const Actor&, const ByTrackingNumber& wanted) {
    return with_items(reads, reads.one<Shipment>(sql::shipments::by_tracking_number, wanted));
}

Page<ShipmentRow> list(Reads& reads, const Actor&, const ListShipments& wanted) {
    auto found = reads.page<Shipment>(sql::shipments::list, wanted);
    Page<ShipmentRow> page{.data = {}, .next_cursor = std::move(found.next_cursor)};
    for (auto& shipment : found.data) {
        page.data.push_back({.shipment = {std::move(shipment)}, .items = {}});
    }
    if (!wanted.expand.empty() && !page.data.empty()) add_items(reads, wanted, page.data);
    return page;
}

store::Answer label(Reads& reads, const Actor& actor, const ById& wanted) {
    auto shown = one(reads, actor, wanted);
    const auto& shipment = shown.shipment.value;
    if (!shipment.tracking_number || shipment.status == Status::cancelled) {
        throw Refusal(codes::not_found, "The shipment has no label.");
    }
    return {.body = label_pdf(label_of(shown))};
}

Carrier one_carrier(Reads& reads, const Actor&, const CarrierById& wanted) {
    return reads.one<Carrier>(sql::shipments::carrier, wanted);
}

Page<Carrier> list_carriers(Reads& reads, const Actor&, const ListCarriers& wanted) {
    return reads.page<Carrier>(sql::shipments::carriers, wanted);
}

}  // namespace stateset::shipments
