// Orders are placed, processed, held, released, cancelled, and lose their stock in time.

#include "flows/cancel_order.hpp"
#include "flows/expire_reservations.hpp"
#include "flows/hold_order.hpp"
#include "flows/process_order.hpp"
#include "flows/status.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using orders::OrderId;
using orders::Status;
const Actor actor = system_actor(tenant);

std::string name_of(OrderId id) { return "order " + to_string(id).substr(24); }

struct Made {
    orders::Order order;
    std::vector<orders::LineId> lines;
};

std::optional<Action> place(Random& random, Model& model, World&) {
    orders::PlaceOrder wanted{.customer_id = random.one_of(model.customers)};
    std::string text = "place";
    Placed placed{.on_account = random.chance(15)};
    for (auto lines = random.between(1, 3); lines > 0; --lines) {
        auto sku = random.one_of(model.stock.skus);
        auto quantity = random.between(1, 3);
        wanted.items.value.push_back({.sku = Text<100>{sku}, .quantity = {quantity}});
        placed.lines.push_back({{}, sku, quantity, model.prices.at(sku)});
        text += " " + std::to_string(quantity) + " " + sku;
    }
    if (placed.on_account) wanted.payment_terms = orders::PaymentTerms::on_account;
    auto made = std::make_shared<Made>();
    return Action{text,
                  keeping(made,
                          [wanted](Tx& tx) {
                              Made one{orders::place(tx, actor, wanted), {}};
                              for (const auto* line : tx.all<orders::Line>(one.order.id)) {
                                  one.lines.push_back(line->id);
                              }
                              return one;
                          }),
                  [made, placed](Model& now) {
                      auto& order = now.orders[made->order.id] = placed;
                      for (std::size_t i = 0; i < order.lines.size(); ++i) {
                          order.lines[i].id = made->lines[i];
                      }
                      return ok;
                  }};
}

struct Demand {
    std::int64_t wanted = 0;
    std::vector<const OrderLine*> lines;
};

// All from the first place that has everything; else item by item, from one place that has it all,
// else from one after the other.
void set_aside(Model& model, OrderId id) {
    auto& stock = model.stock;
    std::map<std::string, Demand> demands;
    for (const auto& line : model.orders.at(id).lines) {
        demands[line.sku].wanted += line.quantity;
        demands[line.sku].lines.push_back(&line);
    }
    auto has = [&](inventory::LocationId at, const auto& demand) {
        return stock.shelf(demand.first, at).available() >= demand.second.wanted;
    };
    auto whole = std::ranges::find_if(stock.locations, [&](auto at) {
        return std::ranges::all_of(demands, [&](const auto& one) { return has(at, one); });
    });
    for (const auto& demand : demands) {
        std::vector<inventory::LocationId> from = stock.locations;
        auto single =
            whole != stock.locations.end()
                ? whole
                : std::ranges::find_if(stock.locations, [&](auto at) { return has(at, demand); });
        if (single != stock.locations.end()) from = {*single};
        auto place = from.begin();
        for (const auto* line : demand.second.lines) {
            for (auto left = line->quantity; left > 0;) {
                auto part = std::min(left, stock.shelf(demand.first, *place).available());
                if (part == 0) {
                    ++place;
                    continue;
                }
                stock.hold({{}, demand.first, *place, part, id, line->id, {}});
                left -= part;
            }
        }
    }
}

std::string process_by_hand(Model& model, OrderId id) {
    auto& order = model.orders.at(id);
    if (order.status != Status::pending) return "illegal_transition";
    std::map<std::string, std::int64_t> wanted;
    for (const auto& line : order.lines) wanted[line.sku] += line.quantity;
    for (const auto& [sku, pieces] : wanted) {
        if (model.stock.available(sku) < pieces) return "insufficient_stock";
    }
    set_aside(model, id);
    order.status = Status::processing;
    model.keep_expiry(id);
    return ok;
}

std::optional<Action> process(Random& random, Model& model, World&) {
    auto id = any_key(random, model.orders, is_one_of(Status::pending));
    if (!id) return std::nullopt;
    return Action{"process " + name_of(*id),
                  doing([id](Tx& tx) { flows::process_order(tx, actor, {.id = *id}); }),
                  [id](Model& now) { return process_by_hand(now, *id); }};
}

std::optional<Action> cancel(Random& random, Model& model, World&) {
    auto id = any_key(random, model.orders,
                      is_one_of(Status::pending, Status::processing, Status::on_hold));
    if (!id) return std::nullopt;
    return Action{"cancel " + name_of(*id),
                  doing([id](Tx& tx) { flows::cancel_order(tx, actor, {.id = *id}); }),
                  [id](Model& now) -> std::string {
                      auto status = now.orders.at(*id).status;
                      bool legal = status == Status::pending || status == Status::processing ||
                                   status == Status::on_hold;
                      if (!legal) return "illegal_transition";
                      now.cancel(*id);
                      return ok;
                  }};
}

std::optional<Action> hold(Random& random, Model& model, World&) {
    auto id = any_key(random, model.orders, is_one_of(Status::pending, Status::processing));
    if (!id) return std::nullopt;
    return Action{
        "hold " + name_of(*id), doing([id](Tx& tx) { flows::hold_order(tx, actor, {.id = *id}); }),
        [id](Model& now) -> std::string {
            auto& order = now.orders.at(*id);
            bool legal = order.status == Status::pending || order.status == Status::processing;
            if (!legal) return "illegal_transition";
            order.held_from = order.status;
            order.status = Status::on_hold;
            now.keep_expiry(*id);
            return ok;
        }};
}

std::optional<Action> let_go_on(Random& random, Model& model, World&) {
    auto id = any_key(random, model.orders, is_one_of(Status::on_hold));
    if (!id) return std::nullopt;
    return Action{"release " + name_of(*id),
                  doing([id](Tx& tx) { flows::release_order(tx, actor, {.id = *id}); }),
                  [id](Model& now) -> std::string {
                      auto& order = now.orders.at(*id);
                      if (order.status != Status::on_hold) return "illegal_transition";
                      order.status = *order.held_from;
                      order.held_from.reset();
                      now.keep_expiry(*id);
                      return ok;
                  }};
}

std::optional<Action> expire(Random& random, Model& model, World&) {
    auto id =
        any_key(random, model.orders, [](const Placed& one) { return one.expires_at.has_value(); });
    if (!id) return std::nullopt;
    return Action{"expire " + name_of(*id),
                  doing([id](Tx& tx) { flows::expire_reservations(tx, *id); }), [id](Model& now) {
                      auto& order = now.orders.at(*id);
                      if (!order.expires_at || *order.expires_at > now.now) return ok;
                      now.let_stock_go(*id);
                      order.status = Status::pending;
                      return ok;
                  }};
}

void compare(const World& world, Model& model) {
    std::map<orders::LineId, std::int64_t> reserved;
    for (const auto& one : model.stock.holds) reserved[one.line] += one.quantity;
    auto found = world.all<orders::Order>();
    require_same(static_cast<std::int64_t>(found.size()),
                 static_cast<std::int64_t>(model.orders.size()), "the number of orders");
    for (const auto& order : found) {
        const auto& modelled = model.orders.at(order.id);
        require_same(order.status, modelled.status, name_of(order.id));
        require_same(order.total.minor, modelled.total(), "the total of " + name_of(order.id));
    }
    std::map<orders::LineId, orders::Line> lines;
    for (auto& line : world.all<orders::Line>()) lines[line.id] = line;
    for (const auto& [id, order] : model.orders) {
        for (const auto& line : order.lines) {
            const auto& real = lines.at(line.id);
            auto what = line.sku + " of " + name_of(id);
            require_same(real.shipped, line.shipped, "shipped " + what);
            require_same(real.returned, line.returned, "returned " + what);
            require_same(real.reserved, reserved[line.id], "reserved " + what);
        }
    }
}

}  // namespace

Noun orders_() {
    return {
        .name = "orders",
        .ways = {{8, place}, {10, process}, {2, cancel}, {2, hold}, {3, let_go_on}, {2, expire}},
        .compare = compare};
}

}  // namespace stateset::sim
