// Goods come back: announced, decided on, received, looked at, and put away; the money goes back,
// or other goods are sent for it.

#include "flows/return_order.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using inventory::SerialStatus;
using returns::Disposition;
using returns::ReturnId;
using returns::Status;

std::string name_of(ReturnId id) { return "return " + to_string(id).substr(24); }

struct Made {
    ReturnId id;
    std::vector<returns::ReturnItemId> items;
};

std::int64_t claimed(const Model& model, orders::OrderId order, orders::LineId line) {
    std::int64_t sum = 0;
    for (const auto& [_, one] : model.returns) {
        if (one.order != order || !one.claims()) continue;
        for (const auto& item : one.items) sum += item.line == line ? item.claimed() : 0;
    }
    return sum;
}

OrderLine* line_of(Model& model, orders::OrderId id, orders::LineId line) {
    auto& lines = model.orders.at(id).lines;
    auto found = std::ranges::find(lines, line, &OrderLine::id);
    return found == lines.end() ? nullptr : &*found;
}

std::string announce(Model& model, Returned goods, const Made& made) {
    std::map<orders::LineId, std::int64_t> taken;
    for (const auto& item : goods.items) {
        if (!line_of(model, goods.order, item.line)) return "invalid";
        taken[item.line] = claimed(model, goods.order, item.line);
    }
    for (const auto& item : goods.items) {
        auto line = line_of(model, goods.order, item.line);
        if (item.pieces > line->shipped - taken[item.line]) return "return_exceeds_shipped";
        taken[item.line] += item.pieces;
    }
    for (const auto& [sku, _] : goods.replacements) {
        if (model.sold.at(sku).status != products::Status::active) return "product_unavailable";
    }
    for (std::size_t i = 0; i < goods.items.size(); ++i) goods.items[i].id = made.items.at(i);
    model.returns[made.id] = std::move(goods);
    return ok;
}

std::optional<Action> request(Random& random, Model& model, World&) {
    auto id = any_key(random, model.orders,
                      is_one_of(orders::Status::shipped, orders::Status::partially_shipped,
                                orders::Status::delivered));
    if (!id) return std::nullopt;
    const auto& order = model.orders.at(*id);
    returns::RequestReturn wanted{.order_id = *id};
    Returned goods{.order = *id};
    for (auto count = random.between(1, 2); count > 0; --count) {
        const auto& line = random.one_of(order.lines);
        auto pieces = random.between(1, 2);
        wanted.items.value.push_back({.order_item_id = line.id, .quantity = {pieces}});
        goods.items.push_back({.id = {}, .line = line.id, .pieces = pieces});
    }
    if (random.chance(30)) {
        goods.replacements.emplace_back(random.one_of(model.stock.skus), random.between(1, 2));
        for (const auto& [sku, pieces] : goods.replacements) {
            wanted.replacements.value.push_back({.sku = Text<100>{sku}, .quantity = {pieces}});
        }
    }
    auto made = std::make_shared<Made>();
    auto work = [wanted](Tx& tx) {
        Made one{returns::request(tx, actor, wanted).id, {}};
        for (const auto* item : tx.all<returns::ReturnItem>(one.id)) one.items.push_back(item->id);
        return one;
    };
    return Action{"announce a return of order " + to_string(*id).substr(24), keeping(made, work),
                  [=](Model& now) { return announce(now, goods, *made); }};
}

// A step that changes the status alone.
template <class Command>
std::optional<Action> step(Random& random, Model& model, const std::string& name, Command command,
                           std::vector<Status> from, Status to) {
    auto fits = [&](const Returned& one) {
        return std::ranges::find(from, one.status) != from.end();
    };
    auto id = any_key(random, model.returns, fits);
    if (!id) return std::nullopt;
    return Action{name + " " + name_of(*id),
                  doing([id, command](Tx& tx) { command(tx, actor, {.id = *id, .reason = {}}); }),
                  [id, from, to](Model& now) -> std::string {
                      auto& goods = now.returns.at(*id);
                      if (std::ranges::find(from, goods.status) == from.end()) {
                          return "illegal_transition";
                      }
                      goods.status = to;
                      return ok;
                  }};
}

std::optional<Action> approve(Random& random, Model& model, World&) {
    return step(random, model, "approve", returns::approve, {Status::requested}, Status::approved);
}
std::optional<Action> reject(Random& random, Model& model, World&) {
    return step(random, model, "reject", returns::reject, {Status::requested}, Status::rejected);
}
std::optional<Action> cancel(Random& random, Model& model, World&) {
    return step(random, model, "cancel", returns::cancel, {Status::requested, Status::approved},
                Status::cancelled);
}

// ---- receiving

// What arrives of each item; nothing said: all of it.
using Arrived = std::map<returns::ReturnItemId, std::pair<std::int64_t, std::vector<std::string>>>;

// Mostly all of it, sometimes a piece of the first item less, with the pieces that left.
std::optional<Arrived> some_of(Random& random, const Model& model, const Returned& goods) {
    auto is_tracked = [&](const ReturnedItem& item) {
        const auto& lines = model.orders.at(goods.order).lines;
        auto line = std::ranges::find(lines, item.line, &OrderLine::id);
        return line != lines.end() && model.stock.by_serial(line->sku);
    };
    bool tracked = std::ranges::any_of(goods.items, is_tracked);
    if (!random.chance(30) && (!tracked || random.chance(10))) return std::nullopt;
    std::set<std::string> used;
    Arrived arrived;
    std::int64_t missing = random.below(2);
    for (const auto& item : goods.items) {
        auto& [pieces, serials] = arrived[item.id];
        pieces = item.pieces - std::exchange(missing, 0);
        if (!is_tracked(item)) continue;
        for (const auto& [key, piece] : model.stock.pieces) {
            bool enough = static_cast<std::int64_t>(serials.size()) == pieces;
            bool fits = piece.line == item.line && piece.status == SerialStatus::shipped;
            if (fits && !enough && used.insert(key.second).second) serials.push_back(key.second);
        }
        if (random.chance(5) && !serials.empty()) serials.front() = "P-1";
    }
    return arrived;
}

std::string take_in(Model& model, Returned& goods, const std::optional<Arrived>& arrived) {
    std::int64_t all = 0;
    for (auto& item : goods.items) {
        item.received = item.pieces;
        item.serials.clear();
        if (arrived) {
            const auto& [pieces, serials] = arrived->at(item.id);
            item.received = pieces;
            item.serials = serials;
            bool counted = serials.empty() || static_cast<std::int64_t>(serials.size()) == pieces;
            if (!counted) return "invalid";
        }
        all += *item.received;
    }
    if (all == 0) return "invalid";
    bool wrong = false;
    std::set<std::pair<std::string, std::string>> seen;  // in the whole return
    for (const auto& item : goods.items) {
        if (item.received == 0) continue;
        auto line = line_of(model, goods.order, item.line);
        if (!model.stock.by_serial(line->sku)) {
            wrong |= !item.serials.empty();
            continue;
        }
        if (item.serials.empty()) return "serials_required";
        for (const auto& serial : item.serials) {
            auto piece = model.stock.pieces.find({line->sku, serial});
            bool with_them = piece != model.stock.pieces.end() && piece->second.line == line->id &&
                             piece->second.status == SerialStatus::shipped;
            wrong |= !with_them || !seen.insert({line->sku, serial}).second;
        }
    }
    if (wrong) return "invalid";
    goods.status = Status::received;
    return ok;
}

std::optional<Action> receive(Random& random, Model& model, World&) {
    auto id = any_key(random, model.returns, is_one_of(Status::approved));
    if (!id) return std::nullopt;
    returns::ReceiveReturn wanted{.id = *id};
    auto arrived = some_of(random, model, model.returns.at(*id));
    if (arrived) {
        wanted.items.emplace();
        for (const auto& [item, what] : *arrived) {
            returns::ReceivedItem one{.return_item_id = item, .quantity = {what.first}};
            for (const auto& serial : what.second) one.serial_numbers.push_back({serial});
            wanted.items->value.push_back(std::move(one));
        }
    }
    return Action{"receive " + name_of(*id),
                  doing([wanted](Tx& tx) { returns::receive(tx, actor, wanted); }),
                  [id, arrived](Model& now) -> std::string {
                      auto& goods = now.returns.at(*id);
                      if (goods.status != Status::approved) return "illegal_transition";
                      return take_in(now, goods, arrived);
                  }};
}

std::optional<Action> inspect(Random& random, Model& model, World&) {
    auto id = any_key(random, model.returns, is_one_of(Status::received));
    if (!id) return std::nullopt;
    constexpr Disposition all[] = {Disposition::restock, Disposition::restock,
                                   Disposition::quarantine, Disposition::scrap};
    returns::InspectReturn wanted{.id = *id};
    std::map<returns::ReturnItemId, Disposition> found;
    wanted.items.emplace();
    for (const auto& item : model.returns.at(*id).items) {
        if (item.received == 0) continue;
        found[item.id] = random.one_of(all);
        wanted.items->value.push_back(
            {.return_item_id = item.id, .disposition = found.at(item.id), .condition = {}});
    }
    return Action{"inspect " + name_of(*id),
                  doing([wanted](Tx& tx) { returns::inspect(tx, actor, wanted); }),
                  [id, found](Model& now) -> std::string {
                      auto& goods = now.returns.at(*id);
                      if (goods.status != Status::received) return "illegal_transition";
                      // Seen before it arrived: something may have been named that did not.
                      for (auto& item : goods.items) {
                          if (item.received == 0 && found.contains(item.id)) return "invalid";
                      }
                      for (auto& item : goods.items) {
                          if (item.received > 0) item.disposition = found.at(item.id);
                      }
                      goods.status = Status::inspected;
                      return ok;
                  }};
}

// ---- completing

// Back to where they came from, in the order in which they left; pieces with numbers together.
std::string put_away(Model& model, const OrderLine& line, const ReturnedItem& item) {
    bool aside = item.disposition == Disposition::quarantine;
    auto skipped = line.returned, pieces = *item.received;
    for (const auto& [_, gone] : model.stock.left[line.id]) {
        auto passed = std::min(skipped, gone.pieces);
        auto part = std::min(pieces, gone.pieces - passed);
        skipped -= passed;
        if (part == 0) continue;
        if (!item.serials.empty()) part = pieces;
        pieces -= part;
        auto answer = model.stock.arrive(
            line.sku, gone.from, {.pieces = part, .lot = gone.lot, .serials = item.serials}, aside);
        if (answer != ok) return answer;
    }
    return ok;
}

// What pieces of a line are worth: all that came back together its share, rounded once.
std::int64_t worth(Model& model, const Returned& goods, const OrderLine& line,
                   std::int64_t pieces) {
    std::int64_t value = 0;
    for (const auto& [_, other] : model.returns) {
        if (other.order != goods.order || other.status != Status::completed) continue;
        for (const auto& item : other.items) value += item.line == line.id ? item.value : 0;
    }
    for (const auto& item : goods.items) value += item.line == line.id ? item.value : 0;
    const auto& order = model.orders.at(goods.order);
    auto total = order.line_totals()[static_cast<std::size_t>(&line - order.lines.data())];
    return std::max<std::int64_t>(0, total * (line.returned + pieces) / line.quantity - value);
}

struct Instead {
    orders::OrderId order;
    std::vector<orders::LineId> lines;
    std::optional<payments::PaymentId> payment;
};

// The new order is paid by what the goods are worth, as far as it goes.
std::string exchange(Model& model, Returned& goods, const Instead& made, std::int64_t credit) {
    const auto& from = model.orders.at(goods.order);
    if (model.customers.at(from.customer).erased) return "invalid";
    Placed order{.customer = from.customer, .on_account = from.on_account, .country = from.country};
    for (const auto& [sku, pieces] : goods.replacements) {
        if (model.sold.at(sku).status != products::Status::active) return "product_unavailable";
        order.lines.push_back(model.line_of(sku, pieces, order.country));
        order.lines.back().id = made.lines.at(order.lines.size() - 1);
    }
    goods.exchanged = std::min(credit, order.total());
    auto left = goods.exchanged;
    model.of_order(goods.order, model.payments, [&](Paid& one) {
        auto part = std::min(left, one.refundable());
        if (part <= 0) return;
        left -= part;
        one.refunded += part;
        one.status = one.refunded == one.captured ? payments::Status::refunded
                                                  : payments::Status::partially_refunded;
    });
    model.orders[made.order] = std::move(order);
    if (goods.exchanged > 0) {
        model.payments[made.payment.value()] = {.order = made.order,
                                                .status = payments::Status::captured,
                                                .amount = goods.exchanged,
                                                .captured = goods.exchanged,
                                                .busy = false,
                                                .by_hand = true};
    }
    model.refresh(made.order);
    return ok;
}

std::string finish(Model& model, ReturnId id, bool refund_instead, const Instead& made) {
    auto& goods = model.returns.at(id);
    if (goods.status != Status::inspected) return "illegal_transition";
    for (auto& item : goods.items) {
        auto& line = *line_of(model, goods.order, item.line);
        auto value = worth(model, goods, line, *item.received);
        if (*item.received > 0 && item.disposition != Disposition::scrap) {
            auto answer = put_away(model, line, item);
            if (answer != ok) return answer;
        }
        item.value = value;
        goods.value += value;
        line.returned += *item.received;
    }
    auto payable = std::min(goods.value, model.refundable(goods.order));
    goods.unrefundable = goods.value - payable;
    if (!goods.replacements.empty() && !refund_instead) {
        auto answer = exchange(model, goods, made, payable);
        if (answer != ok) return answer;
    }
    goods.to_refund = goods.refunding = payable - goods.exchanged;
    model.refund(goods.order, goods.to_refund);
    goods.status = Status::completed;
    model.refresh(goods.order);
    return ok;
}

std::optional<Action> complete(Random& random, Model& model, World&) {
    auto id = any_key(random, model.returns, is_one_of(Status::inspected));
    if (!id) return std::nullopt;
    bool refund_instead = random.chance(20);
    auto made = std::make_shared<Instead>();
    auto work = [=](Tx& tx) {
        auto goods = flows::complete_return(
                         tx, actor, {.id = *id, .refund_instead = refund_instead, .reason = {}})
                         .interim;
        Instead one;
        if (!goods.exchange_order_id) return one;
        one.order = *goods.exchange_order_id;
        for (const auto* line : tx.all<orders::Line>(one.order)) one.lines.push_back(line->id);
        for (const auto* paid : tx.all<payments::Payment>(one.order)) one.payment = paid->id;
        return one;
    };
    return Action{"complete " + name_of(*id), keeping(made, work),
                  [=](Model& now) { return finish(now, *id, refund_instead, *made); }};
}

// What a gateway did not give back is asked for again.
std::optional<Action> refund(Random& random, Model& model, World&) {
    auto id = any_key(random, model.returns, [](const Returned& one) {
        return one.status == Status::completed && one.due() > 0;
    });
    if (!id) return std::nullopt;
    return Action{"refund " + name_of(*id), doing([id](Tx& tx) {
                      flows::refund_return(tx, actor, {.id = *id, .reason = {}});
                  }),
                  [id](Model& now) -> std::string {
                      auto& goods = now.returns.at(*id);
                      if (goods.status != Status::completed) return "illegal_transition";
                      if (goods.due() <= 0) return "nothing_to_refund";
                      auto left = std::min(goods.due(), now.refundable(goods.order));
                      if (left <= 0) return "refund_exceeds_captured";
                      auto lost = goods.due() - left;
                      goods.to_refund -= lost;
                      goods.unrefundable += lost;
                      goods.refunding += left;
                      now.refund(goods.order, left);
                      return ok;
                  }};
}

void compare(const World& world, Model& model) {
    auto found = world.all<returns::Return>();
    require_same(static_cast<std::int64_t>(found.size()),
                 static_cast<std::int64_t>(model.returns.size()), "the number of returns");
    for (const auto& one : found) {
        const auto& goods = model.returns.at(one.id);
        auto what = name_of(one.id);
        require_same(one.status, goods.status, what);
        require_same(one.value.minor, goods.value, what + ", worth");
        require_same(one.exchanged.minor, goods.exchanged, what + ", exchanged");
        require_same(one.refund_amount.minor, goods.to_refund, what + ", to refund");
        require_same(one.unrefundable.minor, goods.unrefundable, what + ", not refundable");
        require_same(one.refunded.minor, goods.refunded, what + ", refunded");
        require_same(one.refunding.minor, goods.refunding, what + ", refunding");
    }
}

}  // namespace

Noun returns_() {
    return {.name = "returns",
            .ways = {{8, request, "POST /returns"},
                     {8, approve, "POST /returns/{id}/approve"},
                     {1, reject, "POST /returns/{id}/reject"},
                     {1, cancel, "POST /returns/{id}/cancel"},
                     {8, receive, "POST /returns/{id}/receive"},
                     {10, inspect, "POST /returns/{id}/inspect"},
                     {12, complete, "POST /returns/{id}/complete"},
                     {4, refund, "POST /returns/{id}/refund"}},
            .compare = compare};
}

}  // namespace stateset::sim
