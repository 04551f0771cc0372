// Goods come back: announced, decided on, received, looked at, and put away with their money.

#include "flows/return_order.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using returns::Disposition;
using returns::ReturnId;
using returns::Status;
const Actor actor = system_actor(tenant);

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

std::string announce(Model& model, orders::OrderId id, const std::vector<ReturnedItem>& items,
                     const Made& made) {
    std::map<orders::LineId, std::int64_t> taken;
    for (const auto& line : model.orders.at(id).lines) taken[line.id] = claimed(model, id, line.id);
    for (const auto& item : items) {
        auto line = std::ranges::find(model.orders.at(id).lines, item.line, &OrderLine::id);
        if (item.pieces > line->shipped - taken[item.line]) return "return_exceeds_shipped";
        taken[item.line] += item.pieces;
    }
    auto& goods = model.returns[made.id] = {.order = id, .items = items};
    for (std::size_t i = 0; i < items.size(); ++i) goods.items[i].id = made.items[i];
    return ok;
}

std::optional<Action> request(Random& random, Model& model, World&) {
    auto id = any_key(random, model.orders,
                      is_one_of(orders::Status::shipped, orders::Status::partially_shipped,
                                orders::Status::delivered));
    if (!id) return std::nullopt;
    const auto& order = model.orders.at(*id);
    returns::RequestReturn wanted{.order_id = *id};
    std::vector<ReturnedItem> items;
    for (auto count = random.between(1, 2); count > 0; --count) {
        const auto& line = random.one_of(order.lines);
        auto pieces = random.between(1, 2);
        wanted.items.value.push_back({.order_item_id = line.id, .quantity = {pieces}});
        items.push_back({.line = line.id, .pieces = pieces});
    }
    auto made = std::make_shared<Made>();
    auto work = [wanted](Tx& tx) {
        Made one{returns::request(tx, actor, wanted).id, {}};
        for (const auto* item : tx.all<returns::ReturnItem>(one.id)) one.items.push_back(item->id);
        return one;
    };
    return Action{"announce a return of order " + to_string(*id).substr(24), keeping(made, work),
                  [=](Model& now) { return announce(now, *id, items, *made); }};
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
                  doing([id, command](Tx& tx) { command(tx, actor, {.id = *id}); }),
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

// All of it, or one piece less of the first item.
std::optional<Action> receive(Random& random, Model& model, World&) {
    auto id = any_key(random, model.returns, is_one_of(Status::approved));
    if (!id) return std::nullopt;
    returns::ReceiveReturn wanted{.id = *id};
    bool less = random.chance(30);
    if (less) {
        wanted.items.emplace();
        std::int64_t missing = 1;
        for (const auto& item : model.returns.at(*id).items) {
            wanted.items->value.push_back(
                {.return_item_id = item.id, .quantity = {item.pieces - missing}});
            missing = 0;
        }
    }
    return Action{"receive " + name_of(*id),
                  doing([wanted](Tx& tx) { returns::receive(tx, actor, wanted); }),
                  [id, less](Model& now) -> std::string {
                      auto& goods = now.returns.at(*id);
                      if (goods.status != Status::approved) return "illegal_transition";
                      std::int64_t all = 0;
                      for (const auto& item : goods.items) all += item.pieces;
                      if (less && all == 1) return "invalid";
                      for (auto& item : goods.items) item.received = item.pieces;
                      if (less) --*goods.items.front().received;
                      goods.status = Status::received;
                      return ok;
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
            {.return_item_id = item.id, .disposition = found.at(item.id)});
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

// Back to where they came from, in the order in which they left.
void put_away(Model& model, const OrderLine& line, const ReturnedItem& item) {
    auto skipped = line.returned, pieces = *item.received;
    for (const auto& [_, gone] : model.stock.left[line.id]) {
        auto passed = std::min(skipped, gone.pieces);
        auto part = std::min(pieces, gone.pieces - passed);
        skipped -= passed;
        pieces -= part;
        auto& shelf = model.stock.shelf(line.sku, gone.from);
        shelf.on_hand += part;
        if (item.disposition == Disposition::quarantine) shelf.quarantined += part;
    }
}

std::optional<Action> complete(Random& random, Model& model, World&) {
    auto id = any_key(random, model.returns, is_one_of(Status::inspected));
    if (!id) return std::nullopt;
    return Action{"complete " + name_of(*id),
                  doing([id](Tx& tx) { flows::complete_return(tx, actor, {.id = *id}); }),
                  [id](Model& now) -> std::string {
                      auto& goods = now.returns.at(*id);
                      if (goods.status != Status::inspected) return "illegal_transition";
                      std::int64_t worth = 0;
                      for (const auto& item : goods.items) {
                          auto line = std::ranges::find(now.orders.at(goods.order).lines, item.line,
                                                        &OrderLine::id);
                          worth += *item.received * line->price;
                          if (item.disposition != Disposition::scrap) put_away(now, *line, item);
                          line->returned += *item.received;
                      }
                      now.of_order(goods.order, now.payments, [&](Paid& one) {
                          auto part = std::min(worth, one.refundable());
                          if (part <= 0) return;
                          one.refunding += part;
                          worth -= part;
                      });
                      goods.status = Status::completed;
                      now.keep_expiry(goods.order);
                      return ok;
                  }};
}

void compare(const World& world, Model& model) {
    auto found = world.all<returns::Return>();
    require_same(static_cast<std::int64_t>(found.size()),
                 static_cast<std::int64_t>(model.returns.size()), "the number of returns");
    for (const auto& one : found) {
        require_same(one.status, model.returns.at(one.id).status, name_of(one.id));
    }
}

}  // namespace

Noun returns_() {
    return {.name = "returns",
            .ways = {{5, request},
                     {3, approve},
                     {1, reject},
                     {1, cancel},
                     {3, receive},
                     {3, inspect},
                     {3, complete}},
            .compare = compare};
}

}  // namespace stateset::sim
