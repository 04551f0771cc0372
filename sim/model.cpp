#include "model.hpp"

#include "flows/status.hpp"

namespace stateset::sim {

using inventory::LocationId;
using inventory::LotStatus;
using inventory::SerialStatus;

// ---- stock

std::vector<std::pair<std::string, Shelf*>> Stock::shelves_of(const std::string& sku,
                                                              LocationId at) {
    std::vector<std::pair<std::string, Shelf*>> found;
    for (auto it = shelves.lower_bound({sku, at, ""}); it != shelves.end(); ++it) {
        const auto& [its_sku, its_place, lot] = it->first;
        if (its_sku != sku || its_place != at) break;
        found.emplace_back(lot, &it->second);
    }
    return found;
}

Shelf Stock::together(const std::string& sku, LocationId at) {
    Shelf sum;
    for (const auto& [_, one] : shelves_of(sku, at)) {
        sum.on_hand += one->on_hand;
        sum.allocated += one->allocated;
        sum.quarantined += one->quarantined;
    }
    return sum;
}

Stock::Watch::~Watch() {
    auto point = stock.reorder_points.find({sku, at});
    if (point == stock.reorder_points.end()) return;
    auto after = stock.together(sku, at).available();
    if (before > point->second && after <= point->second) ++stock.warnings;
}

std::int64_t Stock::usable(const std::string& sku, LocationId at) {
    std::int64_t sum = 0;
    for (const auto& [lot, one] : shelves_of(sku, at)) {
        if (!by_lot(sku) || batches.at({sku, lot}).usable(today)) sum += one->available();
    }
    return sum;
}

std::int64_t Stock::usable(const std::string& sku) {
    std::int64_t sum = 0;
    for (auto at : locations) sum += usable(sku, at);
    return sum;
}

std::vector<Draw> Stock::draw(const std::string& sku, LocationId at, std::int64_t pieces) {
    if (!by_lot(sku)) return {{at, "", std::min(pieces, shelf(sku, at).available())}};
    auto lots = shelves_of(sku, at);
    std::ranges::sort(lots, {}, [&](const auto& one) {
        const auto& batch = batches.at({sku, one.first});
        return std::tuple(!batch.expires_on, batch.expires_on.value_or(Date{}), batch.number);
    });
    std::vector<Draw> draws;
    for (const auto& [lot, there] : lots) {
        if (!batches.at({sku, lot}).usable(today)) continue;
        auto part = std::min(pieces, there->available());
        if (part > 0) draws.push_back({at, lot, part});
        pieces -= std::max<std::int64_t>(part, 0);
    }
    return draws;
}

void Stock::settle(const std::string& sku, LocationId at, const std::string& lot) {
    if (!by_lot(sku) || batches.at({sku, lot}).status == LotStatus::active) return;
    auto& one = shelf(sku, at, lot);
    one.quarantined = one.on_hand - one.allocated;
}

void Stock::settle_everywhere(const std::string& sku, const std::string& lot) {
    for (auto at : locations) {
        if (!shelves.contains({sku, at, lot})) continue;
        auto watching = watch(sku, at);
        settle(sku, at, lot);
    }
}

void Stock::hold(Hold hold) {
    auto watching = watch(hold.sku, hold.at);
    shelf(hold.sku, hold.at, hold.lot).allocated += hold.quantity;
    hold.number = ++numbers;
    holds.push_back(std::move(hold));
}

std::vector<std::string> Stock::oldest(const std::string& sku, LocationId at, std::int64_t wanted) {
    std::map<std::int64_t, std::string> here;
    for (const auto& [key, piece] : pieces) {
        bool fits = key.first == sku && piece.at == at && piece.status == SerialStatus::in_stock;
        if (fits) here[piece.number] = key.second;
    }
    std::vector<std::string> found;
    for (const auto& [_, serial] : here) {
        if (static_cast<std::int64_t>(found.size()) < wanted) found.push_back(serial);
    }
    return found;
}

std::string Stock::take(Hold& hold, std::int64_t wanted, SerialStatus then,
                        std::vector<std::string>* serials) {
    if (by_lot(hold.sku) && !batches.at({hold.sku, hold.lot}).usable(today)) {
        return "lot_not_usable";
    }
    auto& from = shelf(hold.sku, hold.at, hold.lot);
    if (by_serial(hold.sku)) {
        for (const auto& serial : oldest(hold.sku, hold.at, wanted)) {
            pieces.at({hold.sku, serial}) = {.number = pieces.at({hold.sku, serial}).number,
                                             .status = then,
                                             .at = {},
                                             .line = hold.line};
            if (serials) serials->push_back(serial);
        }
    }
    from.on_hand -= wanted;
    from.allocated -= wanted;
    hold.quantity -= wanted;
    if (hold.order) {
        auto& gone = left[hold.line][hold.number];
        gone.from = hold.at;
        gone.lot = hold.lot;
        gone.pieces += wanted;
    }
    return ok;
}

std::string Stock::arrive(const std::string& sku, LocationId at, const Goods& goods,
                          bool quarantined) {
    if (by_serial(sku)) {
        if (goods.serials.empty()) return "serials_required";
        if (static_cast<std::int64_t>(goods.serials.size()) != goods.pieces) return "serial_count";
        for (const auto& serial : goods.serials) {
            auto known = pieces.find({sku, serial});
            if (known != pieces.end() && known->second.at) return "serial_in_stock";
            auto& piece = pieces[{sku, serial}];
            if (piece.number == 0) piece.number = ++numbers;
            piece.status = quarantined ? SerialStatus::quarantined : SerialStatus::in_stock;
            piece.at = at;
        }
    }
    if (by_lot(sku)) {
        if (goods.lot.empty()) return "lot_required";
        auto& batch = batches[{sku, goods.lot}];
        if (batch.number == 0) {
            bool over = goods.expires_on && *goods.expires_on < today;
            batch = {.number = ++numbers,
                     .expires_on = goods.expires_on,
                     .status = over ? LotStatus::expired : LotStatus::active};
        } else if (goods.expires_on && goods.expires_on != batch.expires_on) {
            return "lot_differs";
        }
    }
    auto& to = shelf(sku, at, by_lot(sku) ? goods.lot : "");
    to.on_hand += goods.pieces;
    if (quarantined) to.quarantined += goods.pieces;
    if (by_lot(sku)) settle(sku, at, goods.lot);
    return ok;
}

std::string Stock::lose(const std::string& sku, LocationId at, const Goods& goods) {
    auto watching = watch(sku, at);
    auto& from = shelf(sku, at, goods.lot);
    if (by_serial(sku)) {
        if (goods.serials.empty()) return "serials_required";
        if (static_cast<std::int64_t>(goods.serials.size()) != goods.pieces) return "serial_count";
        std::int64_t apart = 0;
        for (const auto& serial : goods.serials) {
            auto known = pieces.find({sku, serial});
            if (known == pieces.end() || known->second.at != at) return "serial_not_here";
            apart += known->second.status == SerialStatus::quarantined ? 1 : 0;
            known->second.status = SerialStatus::scrapped;
            known->second.at.reset();
        }
        if (goods.pieces - apart > from.available()) return "insufficient_stock";
        from.quarantined -= apart;
        from.on_hand -= goods.pieces;
        return ok;
    }
    from.on_hand -= goods.pieces;
    from.quarantined = std::min(from.quarantined, from.on_hand - from.allocated);
    return ok;
}

std::vector<Goods> Stock::send(const std::string& sku, LocationId at, std::int64_t wanted) {
    auto watching = watch(sku, at);
    std::vector<Goods> sent;
    for (const auto& draw : draw(sku, at, wanted)) {
        Goods goods{.pieces = draw.pieces, .lot = draw.lot};
        if (by_lot(sku)) goods.expires_on = batches.at({sku, draw.lot}).expires_on;
        if (by_serial(sku)) goods.serials = oldest(sku, at, wanted);
        for (const auto& serial : goods.serials) {
            pieces.at({sku, serial}).status = SerialStatus::in_transit;
            pieces.at({sku, serial}).at.reset();
        }
        shelf(sku, at, draw.lot).on_hand -= draw.pieces;
        sent.push_back(std::move(goods));
    }
    return sent;
}

// ---- orders

std::vector<std::int64_t> Placed::discount_shares() const {
    std::vector<std::int64_t> reduced;
    for (const auto& line : lines) reduced.push_back(line.quantity * line.price - line.discount);
    return allocate(discount, reduced);
}

std::vector<std::int64_t> Placed::line_totals() const {
    auto shares = discount_shares();
    std::vector<std::int64_t> totals;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto net = lines[i].quantity * lines[i].price - lines[i].discount - shares[i];
        totals.push_back(net + (net * lines[i].rate + 5000) / 10000);
    }
    return totals;
}

std::int64_t Placed::total() const {
    auto sum = shipping;
    for (auto one : line_totals()) sum += one;
    return sum;
}

void Placed::cut_discounts() {
    std::int64_t left = 0;
    for (auto& line : lines) {
        line.discount = std::min(line.discount, line.quantity * line.price);
        left += line.quantity * line.price - line.discount;
    }
    discount = std::min(discount, left);
}

std::set<std::string> Model::skus_in_use() const {
    std::set<std::string> skus(stock.skus.begin(), stock.skus.end());
    for (const auto& [_, sku] : other_products) skus.insert(sku);
    for (const auto& [_, one] : variants) skus.insert(one.sku);
    return skus;
}

std::int64_t Model::rate_for(const std::string& country, const std::string& category) const {
    std::optional<std::int64_t> own, standard;
    for (const auto& [_, one] : tax_rates) {
        if (country.empty() || one.country != country) continue;
        if (one.category == category) own = one.rate;
        if (one.category == "standard") standard = one.rate;
    }
    return own.value_or(standard.value_or(0));
}

OrderLine Model::line_of(const std::string& sku, std::int64_t quantity,
                         const std::string& country) const {
    const auto& one = sold.at(sku);
    return {.id = {},
            .sku = sku,
            .quantity = quantity,
            .price = one.price,
            .rate = rate_for(country, one.tax_category),
            .may_wait = one.may_wait,
            .category = one.tax_category};
}

std::int64_t Model::owed(const std::string& sku) const {
    std::int64_t sum = 0;
    for (const auto& one : queue) sum += one.sku == sku ? one.pieces : 0;
    return sum;
}

std::int64_t Model::waiting(orders::LineId line) const {
    std::int64_t sum = 0;
    for (const auto& one : queue) sum += one.line == line ? one.pieces : 0;
    return sum;
}

std::int64_t Model::free(const std::string& sku) {
    return std::max<std::int64_t>(0, stock.usable(sku) - owed(sku));
}

std::int64_t Model::free(const std::string& sku, LocationId at) {
    return std::min(stock.usable(sku, at), free(sku));
}

void Model::wait(Waiting one) {
    one.number = ++numbers;
    queue.push_back(std::move(one));
    std::ranges::sort(queue, {},
                      [](const Waiting& one) { return std::tie(one.since, one.number); });
}

void Model::set_aside(orders::OrderId id, const std::vector<Need>& needs,
                      std::optional<Time> expires_at) {
    std::map<std::string, std::int64_t> wanted;
    for (const auto& need : needs) wanted[need.sku] += need.pieces;
    auto has = [&](LocationId at, const auto& one) {
        return stock.usable(one.first, at) >= one.second;
    };
    auto whole = std::ranges::find_if(stock.locations, [&](auto at) {
        return std::ranges::all_of(wanted, [&](const auto& one) { return has(at, one); });
    });
    for (const auto& one : wanted) {
        auto from = stock.locations;
        auto single = whole;
        if (single == stock.locations.end()) {
            single = std::ranges::find_if(stock.locations, [&](auto at) { return has(at, one); });
        }
        if (single != stock.locations.end()) from = {*single};
        std::vector<Draw> draws;
        auto missing = one.second;
        for (auto at : from) {
            for (const auto& draw : stock.draw(one.first, at, missing)) {
                draws.push_back(draw);
                missing -= draw.pieces;
            }
        }
        auto draw = draws.begin();
        for (const auto& need : needs) {
            if (need.sku != one.first) continue;
            for (auto left = need.pieces; left > 0;) {
                if (draw->pieces == 0) {
                    ++draw;
                    continue;
                }
                auto part = std::min(left, draw->pieces);
                stock.hold({.sku = need.sku,
                            .at = draw->at,
                            .lot = draw->lot,
                            .quantity = part,
                            .order = id,
                            .line = need.line,
                            .expires_at = expires_at});
                draw->pieces -= part;
                left -= part;
            }
        }
    }
}

orders::PaymentSums Model::sums(orders::OrderId id) {
    orders::PaymentSums sums{.due = orders.at(id).total()};
    of_order(id, payments, [&](const Paid& one) {
        sums.captured += one.captured;
        sums.refunded += one.refunded;
        if (one.status == payments::Status::processing) sums.processing += one.amount;
        if (one.status == payments::Status::authorized) sums.authorized += one.amount;
        if (one.status == payments::Status::failed) sums.any_failed = true;
        if (one.status == payments::Status::voided) sums.any_voided = true;
    });
    return sums;
}

bool Model::loses_stock_in_time(orders::OrderId id) {
    const auto& order = orders.at(id);
    auto paid = sums(id);
    bool unpaid_balance = paid.captured < paid.due || paid.refunded > 0;
    bool given_back_in_part = paid.refunded > 0 && paid.refunded < paid.captured;
    bool promised =
        paid.processing > 0 || (paid.authorized > 0 && paid.captured == 0 && paid.refunded == 0);
    return order.status == orders::Status::processing && !order.on_account && !promised &&
           unpaid_balance && !given_back_in_part;
}

void Model::refresh(orders::OrderId id) {
    auto where = orders.at(id).where();
    bool may_wait =
        where == orders::Status::processing || where == orders::Status::partially_shipped;
    if (!may_wait) std::erase_if(queue, [&](const Waiting& one) { return one.order == id; });
    bool expires = loses_stock_in_time(id);
    for (auto& one : stock.holds) {
        if (one.order != id || one.expires_at.has_value() == expires) continue;
        one.expires_at.reset();
        if (expires) one.expires_at = now + flows::order_rules().reservation_lifetime;
    }
}

void Model::let_stock_go(orders::OrderId id) {
    stock.let_go([id](const Hold& one) { return one.order == id; });
}

void Model::cancel_parcels(orders::OrderId id) {
    for (auto& [_, parcel] : parcels) {
        if (parcel.order == id && parcel.still_here()) {
            parcel.status = shipments::Status::cancelled;
        }
    }
}

void Model::give_back(Paid& payment) {
    if (payment.status == payments::Status::authorized && !payment.busy) {
        payment.busy = true;  // a void begins
    } else if (payment.waits_by_hand()) {
        payment.status = payments::Status::failed;
    } else if (payment.refundable() > 0) {
        payment.refunding += payment.refundable();
    }
}

void Model::cancel(orders::OrderId id) {
    orders.at(id).status = orders::Status::cancelled;
    orders.at(id).held_from.reset();
    let_stock_go(id);
    cancel_parcels(id);
    of_order(id, payments, [&](Paid& one) { give_back(one); });
    refresh(id);
}

std::int64_t Model::refundable(orders::OrderId id) {
    std::int64_t sum = 0;
    of_order(id, payments, [&](const Paid& one) { sum += one.refundable(); });
    return sum;
}

void Model::refund(orders::OrderId id, std::int64_t amount) {
    of_order(id, payments, [&](Paid& one) {
        auto part = std::min(amount, one.refundable());
        if (part <= 0) return;
        one.refunding += part;
        amount -= part;
    });
}

}  // namespace stateset::sim
