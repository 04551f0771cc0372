// Orders are placed, changed, processed, held, released, cancelled, split and merged; their lines
// wait for stock, get it in their turn, and lose it in time.

#include "sql.hpp"

#include "flows/backorders.hpp"
#include "flows/cancel_order.hpp"
#include "flows/expire_reservations.hpp"
#include "flows/hold_order.hpp"
#include "flows/order_items.hpp"
#include "flows/process_order.hpp"
#include "flows/split_order.hpp"
#include "flows/status.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using orders::LineId;
using orders::OrderId;
using orders::Status;

std::string name_of(OrderId id) { return "order " + to_string(id).substr(24); }

std::string some_country(Random& random) {
    return random.one_of(std::vector<std::string>{"", "DE", "FR"});
}

std::optional<OrderId> any_order(Random& random, const Model& model, std::vector<Status> wanted) {
    return any_key(random, model.orders, [&](const Placed& one) {
        return std::ranges::find(wanted, one.status) != wanted.end();
    });
}

// ---- placing and changing

struct Made {
    OrderId id;
    std::vector<LineId> lines;
};

Made made_of(Tx& tx, OrderId id) {
    Made made{id, {}};
    for (const auto* line : tx.all<orders::Line>(id)) made.lines.push_back(line->id);
    return made;
}

void name_lines(Placed& order, const Made& made) {
    for (std::size_t i = 0; i < order.lines.size(); ++i) order.lines[i].id = made.lines.at(i);
}

std::string place_by_hand(Model& model, Placed order, const Made& made) {
    if (model.customers.at(order.customer).erased) return "invalid";
    for (auto& line : order.lines) {
        if (model.sold.at(line.sku).status != products::Status::active) {
            return "product_unavailable";
        }
        line = model.line_of(line.sku, line.quantity, order.country);
    }
    auto wanted = order.discount;
    order.cut_discounts();
    if (order.discount < wanted) return "invalid";
    name_lines(order, made);
    model.orders[made.id] = std::move(order);
    return ok;
}

std::optional<Action> place(Random& random, Model& model, World&) {
    Placed placed{.customer = random.one_of(model.customers).first,
                  .on_account = random.chance(15),
                  .country = some_country(random)};
    orders::PlaceOrder wanted{.customer_id = placed.customer};
    std::string text = "place";
    for (auto lines = random.between(1, 3); lines > 0; --lines) {
        auto sku = random.one_of(model.stock.skus);
        auto quantity = random.between(1, 3);
        wanted.items.value.push_back({.sku = Text<100>{sku}, .quantity = {quantity}});
        placed.lines.push_back({.id = {}, .sku = sku, .quantity = quantity});
        text += " " + std::to_string(quantity) + " " + sku;
    }
    if (placed.on_account) wanted.payment_terms = orders::PaymentTerms::on_account;
    if (!placed.country.empty()) wanted.shipping_address = address_in(placed.country);
    if (random.chance(20)) {
        placed.discount = random.between(1, 800);
        wanted.discount_total = amount_of(placed.discount);
    }
    auto made = std::make_shared<Made>();
    return Action{
        text,
        keeping(made,
                [wanted](Tx& tx) { return made_of(tx, orders::place(tx, actor, wanted).id); }),
        [made, placed](Model& now) { return place_by_hand(now, placed, *made); }};
}

std::string add_by_hand(Model& model, OrderId id, const std::string& sku, std::int64_t pieces,
                        LineId line_id) {
    auto& order = model.orders.at(id);
    if (order.status != Status::pending) return "illegal_transition";
    if (model.sold.at(sku).status != products::Status::active) return "product_unavailable";
    auto line = model.line_of(sku, pieces, order.country);
    line.id = line_id;
    order.lines.push_back(std::move(line));
    order.cut_discounts();
    model.refresh(id);
    return ok;
}

std::optional<Action> add_item(Random& random, Model& model, World&) {
    auto id = any_order(random, model, {Status::pending});
    if (!id) return std::nullopt;
    auto sku = random.one_of(model.stock.skus);
    auto pieces = random.between(1, 2);
    auto made = std::make_shared<LineId>();
    auto work = [=](Tx& tx) {
        flows::AddItem wanted{.id = *id, .item = {}};
        wanted.item.value.sku = Text<100>{sku};
        wanted.item.value.quantity = {pieces};
        return flows::add_item(tx, actor, wanted).id;
    };
    return Action{"add " + sku + " to " + name_of(*id), keeping(made, work),
                  [=](Model& now) { return add_by_hand(now, *id, sku, pieces, *made); }};
}

// The line of an order that is pending; else the refusal.
std::string pending_line(Model& model, OrderId id, LineId line, OrderLine*& found) {
    auto& order = model.orders.at(id);
    if (order.status != Status::pending) return "illegal_transition";
    auto it = std::ranges::find(order.lines, line, &OrderLine::id);
    if (it == order.lines.end()) return "not_found";
    found = &*it;
    return ok;
}

std::optional<Action> change_item(Random& random, Model& model, World&) {
    auto id = any_order(random, model, {Status::pending});
    if (!id) return std::nullopt;
    auto line = random.one_of(model.orders.at(*id).lines).id;
    std::optional<std::int64_t> pieces, price, discount;
    if (random.chance(60)) pieces = random.between(1, 4);
    if (random.chance(30)) price = random.between(0, 3000);
    if (random.chance(30)) discount = random.between(0, 2500);
    auto work = [=](Tx& tx) {
        flows::ItemChanges wanted{.id = *id, .order_item_id = line};
        if (pieces) wanted.quantity = {true, {*pieces}};
        if (price) wanted.unit_price = {true, amount_of(*price)};
        if (discount) wanted.discount = {true, amount_of(*discount)};
        flows::change_item(tx, actor, wanted);
    };
    return Action{"change a line of " + name_of(*id), doing(work), [=](Model& now) -> std::string {
                      OrderLine* found = nullptr;
                      auto answer = pending_line(now, *id, line, found);
                      if (answer != ok) return answer;
                      found->quantity = pieces.value_or(found->quantity);
                      found->price = price.value_or(found->price);
                      if (discount > found->quantity * found->price) return "invalid";
                      found->discount = discount.value_or(found->discount);
                      now.orders.at(*id).cut_discounts();
                      now.refresh(*id);
                      return ok;
                  }};
}

std::optional<Action> remove_item(Random& random, Model& model, World&) {
    auto id = any_order(random, model, {Status::pending});
    if (!id) return std::nullopt;
    auto line = random.one_of(model.orders.at(*id).lines).id;
    return Action{"remove a line of " + name_of(*id),
                  doing([=](Tx& tx) { flows::remove_item(tx, actor, {*id, line}); }),
                  [=](Model& now) -> std::string {
                      OrderLine* found = nullptr;
                      auto answer = pending_line(now, *id, line, found);
                      if (answer != ok) return answer;
                      auto& order = now.orders.at(*id);
                      if (order.lines.size() == 1) return "order_needs_items";
                      std::erase_if(order.lines, [&](auto& one) { return one.id == line; });
                      order.cut_discounts();
                      now.refresh(*id);
                      return ok;
                  }};
}

struct Wish {
    std::optional<std::string> country;
    std::optional<std::int64_t> discount, shipping;
};

std::string update_by_hand(Model& model, OrderId id, const Wish& wish) {
    auto& order = model.orders.at(id);
    bool left = order.status == Status::partially_shipped || order.status == Status::shipped ||
                order.status == Status::delivered;
    if (wish.country && left) return "illegal_transition";
    bool elsewhere = wish.country && *wish.country != order.country;
    if (wish.country) order.country = *wish.country;
    bool amounts = wish.discount || wish.shipping;
    if (amounts && order.status != Status::pending) return "illegal_transition";
    order.discount = wish.discount.value_or(order.discount);
    order.shipping = wish.shipping.value_or(order.shipping);
    if (elsewhere && order.where() == Status::pending) {
        for (auto& line : order.lines) line.rate = model.rate_for(order.country, line.category);
    }
    order.cut_discounts();
    if (wish.discount > order.discount) return "invalid";
    if (amounts || elsewhere) model.refresh(id);
    return ok;
}

std::optional<Action> update(Random& random, Model& model, World&) {
    auto id = any_order(random, model, {Status::pending, Status::on_hold, Status::processing});
    if (!id) return std::nullopt;
    Wish wish;
    if (random.chance(50)) wish.country = some_country(random);
    if (random.chance(30)) wish.discount = random.between(0, 2500);
    if (random.chance(30)) wish.shipping = random.between(0, 900);
    auto work = [=](Tx& tx) {
        orders::OrderChanges wanted{.id = *id};
        if (wish.country) {
            wanted.shipping_address.given = true;
            if (!wish.country->empty()) wanted.shipping_address.value = address_in(*wish.country);
        }
        if (wish.discount) wanted.discount_total = {true, amount_of(*wish.discount)};
        if (wish.shipping) wanted.shipping_total = {true, amount_of(*wish.shipping)};
        wanted.tags = {true, {{"seen"}}};
        flows::update_order(tx, actor, wanted);
    };
    return Action{"change " + name_of(*id), doing(work),
                  [=](Model& now) { return update_by_hand(now, *id, wish); }};
}

std::optional<Action> note(Random& random, Model& model, World&) {
    auto id = any_order(random, model, {Status::pending});
    if (!id) return std::nullopt;
    return Action{"note on " + name_of(*id),
                  doing([id](Tx& tx) { orders::add_note(tx, actor, {*id, {"call first"}}); }),
                  [](Model&) { return ok; }};
}

std::optional<Action> archive(Random& random, Model& model, World&) {
    auto id = any_order(random, model, {Status::cancelled, Status::delivered});
    if (!id) return std::nullopt;
    return Action{"archive " + name_of(*id),
                  doing([id](Tx& tx) { orders::archive(tx, actor, {.id = *id, .reason = {}}); }),
                  [id](Model& now) -> std::string {
                      auto& order = now.orders.at(*id);
                      bool over =
                          order.status == Status::cancelled || order.status == Status::delivered;
                      if (!over) return "illegal_transition";
                      order.archived = true;
                      return ok;
                  }};
}

// ---- processing

// Lines that may not wait come first; of the others what is left is set aside, and the rest waits.
std::string process_by_hand(Model& model, OrderId id) {
    auto& order = model.orders.at(id);
    if (order.status != Status::pending) return "illegal_transition";
    std::map<std::string, std::int64_t> free;
    for (const auto& line : order.lines) free[line.sku] = model.free(line.sku);
    for (const auto& line : order.lines) {
        if (!line.may_wait && (free[line.sku] -= line.quantity) < 0) return "insufficient_stock";
    }
    std::vector<Model::Need> needs;
    std::vector<Waiting> waiting;
    for (const auto& line : order.lines) {
        auto got = line.quantity;
        if (line.may_wait) got = std::min(got, free[line.sku]);
        if (line.may_wait) free[line.sku] -= got;
        if (got > 0) needs.push_back({line.id, line.sku, got});
        if (got == line.quantity) continue;
        waiting.push_back({.order = id,
                           .line = line.id,
                           .sku = line.sku,
                           .pieces = line.quantity - got,
                           .since = model.now});
    }
    model.set_aside(id, needs, std::nullopt);
    for (auto& one : waiting) model.wait(one);
    order.status = Status::processing;
    model.refresh(id);
    return ok;
}

std::optional<Action> process(Random& random, Model& model, World&) {
    auto id = any_order(random, model, {Status::pending});
    if (!id) return std::nullopt;
    return Action{"process " + name_of(*id), doing([id](Tx& tx) {
                      flows::process_order(tx, actor, {.id = *id, .reason = {}});
                  }),
                  [id](Model& now) { return process_by_hand(now, *id); }};
}

std::optional<Action> cancel(Random& random, Model& model, World&) {
    auto id = any_order(random, model, {Status::pending, Status::processing, Status::on_hold});
    if (!id) return std::nullopt;
    return Action{"cancel " + name_of(*id), doing([id](Tx& tx) {
                      flows::cancel_order(tx, actor, {.id = *id, .reason = {}});
                  }),
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
    auto id = any_order(random, model, {Status::pending, Status::processing});
    if (!id) return std::nullopt;
    return Action{"hold " + name_of(*id),
                  doing([id](Tx& tx) { flows::hold_order(tx, actor, {.id = *id, .reason = {}}); }),
                  [id](Model& now) -> std::string {
                      auto& order = now.orders.at(*id);
                      bool legal =
                          order.status == Status::pending || order.status == Status::processing;
                      if (!legal) return "illegal_transition";
                      order.held_from = order.status;
                      order.status = Status::on_hold;
                      now.refresh(*id);
                      return ok;
                  }};
}

std::optional<Action> let_go_on(Random& random, Model& model, World&) {
    auto id = any_order(random, model, {Status::on_hold});
    if (!id) return std::nullopt;
    return Action{"release " + name_of(*id), doing([id](Tx& tx) {
                      flows::release_order(tx, actor, {.id = *id, .reason = {}});
                  }),
                  [id](Model& now) -> std::string {
                      auto& order = now.orders.at(*id);
                      if (order.status != Status::on_hold) return "illegal_transition";
                      order.status = *order.held_from;
                      order.held_from.reset();
                      now.refresh(*id);
                      return ok;
                  }};
}

std::string expire_by_hand(Model& model, OrderId id) {
    bool due = std::ranges::any_of(model.stock.holds, [&](const Hold& one) {
        return one.order == id && one.expires_at && *one.expires_at <= model.now;
    });
    if (!due) return ok;
    if (model.loses_stock_in_time(id)) {
        model.let_stock_go(id);
        model.cancel_parcels(id);
        model.orders.at(id).status = Status::pending;
    }
    model.refresh(id);
    return ok;
}

std::optional<Action> expire(Random& random, Model& model, World&) {
    std::vector<OrderId> ids;
    for (const auto& one : model.stock.holds) {
        if (one.order && one.expires_at) ids.push_back(*one.order);
    }
    if (ids.empty()) return std::nullopt;
    auto id = random.one_of(ids);
    return Action{"expire " + name_of(id),
                  doing([id](Tx& tx) { flows::expire_reservations(tx, id); }),
                  [id](Model& now) { return expire_by_hand(now, id); }};
}

// ---- waiting for stock

struct TurnsWanted {
    std::int64_t most;
};

// Whose turn it is, by hand: who waits longest, as far as what is there goes.
std::map<LineId, std::int64_t> turns_by_hand(Model& model) {
    std::map<std::string, std::int64_t> there;
    for (const auto& sku : model.stock.skus) {
        for (auto at : model.stock.locations) {
            there[sku] += model.stock.together(sku, at).available();
        }
    }
    std::map<LineId, std::int64_t> turns;
    for (const auto& one : model.queue) {
        auto part = std::min(one.pieces, there[one.sku]);
        there[one.sku] -= one.pieces;
        if (part > 0) turns[one.line] = part;
    }
    return turns;
}

// What the worker would find, which must be what the model says.
std::vector<flows::Turn> turns_of(World& world, Model& model) {
    auto turns = world.read_all(
        [](Reads& reads) { return reads.all<flows::Turn>(sql::flows::turns, TurnsWanted{100}); });
    std::map<Id<flows::Backorder>, LineId> lines;
    for (const auto& row : world.all<flows::Backorder>()) lines[row.id] = row.order_item_id;
    std::map<LineId, std::int64_t> found;
    for (const auto& turn : turns) found[lines.at(turn.id)] = turn.quantity;
    require_same(found, turns_by_hand(model), "whose turn it is");
    return turns;
}

std::optional<Action> fill(Random& random, Model& model, World& world) {
    if (model.queue.empty()) return std::nullopt;
    auto turns = turns_of(world, model);
    if (turns.empty()) return std::nullopt;
    auto order = random.chance(70) ? turns.front().order_id : random.one_of(turns).order_id;
    std::erase_if(turns, [&](const flows::Turn& one) { return one.order_id != order; });
    std::map<Id<flows::Backorder>, LineId> lines;
    for (const auto& row : world.all<flows::Backorder>()) lines[row.id] = row.order_item_id;
    std::vector<std::pair<std::int64_t, std::int64_t>> parts;  // number in the queue, pieces
    for (const auto& turn : turns) {
        auto one = std::ranges::find(model.queue, lines.at(turn.id), &Waiting::line);
        parts.emplace_back(one->number, turn.quantity);
    }
    return Action{"stock for those who wait: " + name_of(order),
                  doing([=](Tx& tx) { flows::fill_backorders(tx, order, turns); }),
                  [=](Model& now) {
                      std::map<std::string, std::int64_t> there;
                      std::vector<Model::Need> needs;
                      for (const auto& [number, most] : parts) {
                          auto one = std::ranges::find(now.queue, number, &Waiting::number);
                          if (one == now.queue.end()) continue;
                          there.try_emplace(one->sku, now.stock.usable(one->sku));
                          auto given = std::min({there[one->sku], one->pieces, most});
                          if (given <= 0) continue;
                          there[one->sku] -= given;
                          one->pieces -= given;
                          needs.push_back({one->line, one->sku, given});
                      }
                      std::erase_if(now.queue, [](auto& one) { return one.pieces == 0; });
                      if (needs.empty()) return ok;
                      now.set_aside(order, needs, std::nullopt);
                      now.refresh(order);
                      return ok;
                  }};
}

// ---- splitting and merging

std::int64_t share(std::int64_t amount, std::int64_t moved, std::int64_t all) {
    const std::int64_t pieces[] = {moved, all - moved};
    return allocate(amount, pieces)[0];
}

bool has_payments(Model& model, OrderId id) {
    bool any = false;
    model.of_order(id, model.payments, [&](const Paid& one) { any |= one.counted() != 0; });
    return any;
}

std::int64_t in_parcels(const Model& model, OrderId id, LineId line) {
    std::int64_t sum = 0;
    for (const auto& [_, parcel] : model.parcels) {
        if (parcel.order != id || parcel.status == shipments::Status::cancelled) continue;
        for (const auto& [item, pieces] : parcel.items) sum += item == line ? pieces : 0;
    }
    return sum;
}

// What waits goes first and keeps its place, then what is set aside, the newest first.
void move_stock(Model& model, OrderId to, const OrderLine& from, LineId line, std::int64_t pieces) {
    std::vector<Waiting> moved;
    for (auto& one : model.queue) {
        if (one.line != from.id) continue;
        auto part = std::min(pieces, one.pieces);
        one.pieces -= part;
        pieces -= part;
        moved.push_back(one);
        moved.back().order = to;
        moved.back().line = line;
        moved.back().pieces = part;
    }
    std::erase_if(model.queue, [](const Waiting& one) { return one.pieces == 0; });
    for (auto& one : moved) model.wait(one);
    for (auto i = model.stock.holds.size(); i-- > 0 && pieces > 0;) {
        if (model.stock.holds[i].line != from.id) continue;
        auto copy = model.stock.holds[i];
        copy.quantity = std::min(pieces, copy.quantity);
        copy.order = to;
        copy.line = line;
        copy.number = ++model.stock.numbers;
        model.stock.holds[i].quantity -= copy.quantity;
        pieces -= copy.quantity;
        model.stock.holds.push_back(std::move(copy));
    }
    model.stock.forget_empty_holds();
}

using Parts = std::vector<std::pair<LineId, std::int64_t>>;

std::string split_by_hand(Model& model, OrderId id, const Parts& parts, const Made& made) {
    auto& order = model.orders.at(id);
    if (order.status != Status::pending && order.status != Status::processing) {
        return "illegal_transition";
    }
    if (has_payments(model, id)) return "order_has_payments";
    std::int64_t all = 0, moved = 0, discount = 0;
    for (const auto& line : order.lines) all += line.quantity;
    for (const auto& [id_, pieces] : parts) {
        auto line = std::ranges::find(order.lines, id_, &OrderLine::id);
        if (line == order.lines.end()) return "invalid";
        if (pieces > line->quantity - in_parcels(model, id, line->id)) return "invalid";
        moved += pieces;
    }
    if (moved == all) return "order_needs_items";
    auto shares = order.discount_shares();
    Placed part{.customer = order.customer,
                .status = order.status,
                .on_account = order.on_account,
                .country = order.country};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        auto line = std::ranges::find(order.lines, parts[i].first, &OrderLine::id);
        auto pieces = parts[i].second;
        discount += share(shares[static_cast<std::size_t>(line - order.lines.begin())], pieces,
                          line->quantity);
        auto copy = *line;
        copy.id = made.lines.at(i);
        copy.quantity = pieces;
        copy.discount = share(line->discount, pieces, line->quantity);
        line->discount -= copy.discount;
        move_stock(model, made.id, *line, copy.id, pieces);
        line->quantity -= pieces;
        part.lines.push_back(std::move(copy));
    }
    std::erase_if(order.lines, [](const OrderLine& one) { return one.quantity == 0; });
    part.discount = discount;
    order.discount -= discount;
    part.cut_discounts();
    order.cut_discounts();
    model.orders[made.id] = std::move(part);
    model.refresh(id);
    model.refresh(made.id);
    return ok;
}

std::optional<Action> split(Random& random, Model& model, World&) {
    auto id = any_order(random, model, {Status::pending, Status::processing});
    if (!id) return std::nullopt;
    flows::SplitOrder wanted{.id = *id, .items = {}, .reason = {}};
    Parts parts;
    for (const auto& line : model.orders.at(*id).lines) {
        if (random.chance(50)) continue;
        parts.emplace_back(line.id, random.between(1, line.quantity));
        wanted.items.value.push_back({.order_item_id = line.id, .quantity = {parts.back().second}});
    }
    if (parts.empty()) return std::nullopt;
    auto made = std::make_shared<Made>(Made{{}, std::vector<LineId>(parts.size())});
    return Action{"split " + name_of(*id),
                  keeping(made,
                          [wanted](Tx& tx) {
                              auto part = flows::split_order(tx, actor, wanted);
                              return made_of(tx, part.id);
                          }),
                  [=](Model& now) { return split_by_hand(now, *id, parts, *made); }};
}

std::string merge_by_hand(Model& model, OrderId id, const std::vector<OrderId>& others,
                          const Made& made) {
    auto both = others;
    both.insert(both.begin(), id);
    for (auto one : both) {
        if (model.orders.at(one).status != Status::pending) return "illegal_transition";
        if (has_payments(model, one)) return "order_has_payments";
    }
    auto& order = model.orders.at(id);
    for (auto one : others) {
        auto& other = model.orders.at(one);
        bool alike = other.customer == order.customer && other.on_account == order.on_account &&
                     other.country == order.country;
        if (!alike) return "orders_differ";
    }
    for (auto one : others) {
        auto& other = model.orders.at(one);
        std::ranges::copy(other.lines, std::back_inserter(order.lines));
        order.discount += other.discount;
        order.shipping += other.shipping;
        other.status = Status::cancelled;
        model.refresh(one);
    }
    name_lines(order, made);
    order.cut_discounts();
    model.refresh(id);
    return ok;
}

std::optional<Action> merge(Random& random, Model& model, World&) {
    auto id = any_order(random, model, {Status::pending});
    if (!id) return std::nullopt;
    const auto& order = model.orders.at(*id);
    std::vector<OrderId> alike, any;
    for (const auto& [key, other] : model.orders) {
        if (key == *id || other.status != Status::pending) continue;
        any.push_back(key);
        bool fits = other.customer == order.customer && other.country == order.country &&
                    other.on_account == order.on_account;
        if (fits) alike.push_back(key);
    }
    if (any.empty()) return std::nullopt;
    std::vector<OrderId> others{random.one_of(alike.empty() || random.chance(10) ? any : alike)};
    flows::MergeOrders wanted{.id = *id, .order_ids = {{others.front()}}, .reason = {}};
    auto made = std::make_shared<Made>();
    return Action{"merge " + name_of(others.front()) + " into " + name_of(*id),
                  keeping(made,
                          [wanted](Tx& tx) {
                              return made_of(tx, flows::merge_orders(tx, actor, wanted).id);
                          }),
                  [=](Model& now) { return merge_by_hand(now, *id, others, *made); }};
}

// ---- comparing

void compare_lines(const World& world, Model& model) {
    std::map<LineId, std::int64_t> reserved;
    for (const auto& one : model.stock.holds) reserved[one.line] += one.quantity;
    std::map<LineId, orders::Line> lines;
    for (auto& line : world.all<orders::Line>()) lines[line.id] = line;
    std::size_t count = 0;
    for (const auto& [id, order] : model.orders) {
        auto totals = order.line_totals();
        for (std::size_t i = 0; i < order.lines.size(); ++i) {
            const auto& line = order.lines[i];
            const auto& real = lines.at(line.id);
            auto what = line.sku + " of " + name_of(id);
            require_same(real.order_id, id, "the order of " + what);
            require_same(real.quantity, line.quantity, "pieces of " + what);
            require_same(real.total.minor, totals[i], "the total of " + what);
            require_same(real.shipped, line.shipped, "shipped " + what);
            require_same(real.returned, line.returned, "returned " + what);
            require_same(real.reserved, reserved[line.id], "reserved " + what);
            require_same(real.backordered, model.waiting(line.id), "waiting " + what);
            ++count;
        }
    }
    require_same(lines.size(), count, "the number of lines");
}

void compare(const World& world, Model& model) {
    auto found = world.all<orders::Order>();
    require_same(static_cast<std::int64_t>(found.size()),
                 static_cast<std::int64_t>(model.orders.size()), "the number of orders");
    for (const auto& order : found) {
        const auto& modelled = model.orders.at(order.id);
        require_same(order.status, modelled.status, name_of(order.id));
        require_same(order.total.minor, modelled.total(), "the total of " + name_of(order.id));
        require_same(order.archived_at.has_value(), modelled.archived, "archived or not");
    }
    compare_lines(world, model);
    require_same(world.all<flows::Backorder>().size(), model.queue.size(), "how many wait");
}

}  // namespace

Noun orders_() {
    return {.name = "orders",
            .ways = {{12, place, "POST /orders"},
                     {14, process, "POST /orders/{id}/process"},
                     {3, cancel, "POST /orders/{id}/cancel"},
                     {3, hold, "POST /orders/{id}/hold"},
                     {4, let_go_on, "POST /orders/{id}/release"},
                     {3, expire, "worker: expire"},
                     {8, fill, "worker: backorders"},
                     {2, add_item, "POST /orders/{id}/items"},
                     {2, change_item, "PATCH /orders/{id}/items/{order_item_id}"},
                     {1, remove_item, "DELETE /orders/{id}/items/{order_item_id}"},
                     {2, update, "PATCH /orders/{id}"},
                     {1, note, "POST /orders/{id}/notes"},
                     {1, archive, "POST /orders/{id}/archive"},
                     {3, split, "POST /orders/{id}/split"},
                     {3, merge, "POST /orders/{id}/merge"}},
            .compare = compare};
}

}  // namespace stateset::sim
