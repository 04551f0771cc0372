// Goods come, are set aside by hand, taken back, and are counted anew.

#include "flows/bulk_stock.hpp"
#include "flows/create_product.hpp"
#include "flows/found_tenant.hpp"
#include "flows/take_stock_back.hpp"
#include "inventory/lots.hpp"
#include "nouns.hpp"
#include "platform/auth/crypto.hpp"
#include "platform/auth/installation.hpp"

namespace stateset::sim {

const Actor actor = system_actor(tenant);

namespace {

using inventory::LocationId;
using inventory::Tracking;

struct Article {
    const char* sku;
    std::int64_t price;
    Tracking tracking = Tracking::none;
    bool may_wait = false;
    std::optional<std::int64_t> warranty_months = {};
};
const Article articles[] = {{"ANVIL", 1999},
                            {"BELL", 500},
                            {"CROWN", 3333},
                            {"DYE", 250, Tracking::lot, true},
                            {"ENGINE", 9900, Tracking::serial, false, 1},
                            {"FLUTE", 1234, Tracking::none, true, 2}};
constexpr std::int64_t first_stock = 10;

std::string at(const std::string& sku, LocationId location) {
    return sku + " at " + std::to_string(location.value);
}

// ---- what comes and goes

std::optional<Text<64>> lot_in(const Goods& goods) {
    return goods.lot.empty() ? std::nullopt : std::optional(Text<64>{goods.lot});
}
inventory::SerialNumbers serials_in(const Goods& goods) {
    if (goods.serials.empty()) return std::nullopt;
    List<Text<64>, 1, 1000> numbers;
    for (const auto& one : goods.serials) numbers.value.push_back({one});
    return numbers;
}

// As a supplier brings it; now and then not as it should be.
Goods some_goods(Random& random, const Model& model, const std::string& sku, std::int64_t pieces) {
    Goods goods{.pieces = pieces};
    if (model.stock.by_lot(sku) && !random.chance(5)) {
        goods.lot = "L-" + std::to_string(random.between(1, 5));
        if (random.chance(50)) {
            goods.expires_on = Date{model.stock.today.days + random.between(-1, 6)};
        }
    }
    if (model.stock.by_serial(sku) && !random.chance(5)) {
        std::set<std::string> numbers;
        for (auto count = pieces; count > 0; --count) {
            numbers.insert("P-" + std::to_string(random.between(1, 60)));
        }
        goods.serials = {numbers.begin(), numbers.end()};
    }
    return goods;
}

std::optional<Action> receive(Random& random, Model& model, World&) {
    auto sku = random.one_of(model.stock.skus);
    auto location = random.one_of(model.stock.locations);
    auto goods = some_goods(random, model, sku, random.between(1, 6));
    return Action{"receive " + std::to_string(goods.pieces) + " of " + at(sku, location),
                  doing([=](Tx& tx) {
                      inventory::receive(tx, actor,
                                         {.id = sku,
                                          .location_id = location,
                                          .quantity = Quantity::of(goods.pieces),
                                          .lot_number = lot_in(goods),
                                          .expires_on = goods.expires_on,
                                          .serial_numbers = serials_in(goods),
                                          .reason = {}});
                  }),
                  [=](Model& now) { return now.stock.arrive(sku, location, goods); }};
}

// Says that so many more or less are there.
struct Correction {
    std::string sku;
    LocationId at;
    std::int64_t delta = 0;
    Goods goods;
};

Correction some_correction(Random& random, Model& model) {
    auto& stock = model.stock;
    Correction found{.sku = random.one_of(stock.skus), .at = random.one_of(stock.locations)};
    found.delta = random.between(-4, 3);
    found.goods = some_goods(random, model, found.sku, std::abs(found.delta));
    if (found.delta > 0) return found;
    found.goods.expires_on.reset();
    auto lots = stock.shelves_of(found.sku, found.at);
    if (stock.by_lot(found.sku) && !lots.empty()) found.goods.lot = random.one_of(lots).first;
    if (!stock.by_serial(found.sku) || random.chance(10)) return found;
    found.goods.serials.clear();
    for (const auto& [key, piece] : stock.pieces) {
        bool enough = static_cast<std::int64_t>(found.goods.serials.size()) == -found.delta;
        bool here = key.first == found.sku && piece.at == found.at;
        if (here && !enough) found.goods.serials.push_back(key.second);
    }
    return found;
}

inventory::Adjust wanted_of(const Correction& wrong) {
    return {.id = wrong.sku,
            .location_id = wrong.at,
            .delta = Quantity::of(wrong.delta),
            .on_hand = {},
            .expected_version = {},
            .lot_number = lot_in(wrong.goods),
            .expires_on = wrong.goods.expires_on,
            .serial_numbers = serials_in(wrong.goods),
            .reason = {"counted"},
            .release_reservations = {}};
}

std::string correct(Model& model, const Correction& wrong) {
    auto& stock = model.stock;
    if (stock.by_lot(wrong.sku) && wrong.goods.lot.empty()) return "lot_required";
    auto shelf = stock.look(wrong.sku, wrong.at, wrong.goods.lot);
    if (shelf.on_hand + wrong.delta < 0) return "invalid";
    if (shelf.on_hand + wrong.delta < shelf.allocated) return "below_allocated";
    return wrong.delta > 0 ? stock.arrive(wrong.sku, wrong.at, wrong.goods)
                           : stock.lose(wrong.sku, wrong.at, wrong.goods);
}

std::optional<Action> adjust(Random& random, Model& model, World&) {
    auto wrong = some_correction(random, model);
    if (wrong.delta == 0) return std::nullopt;
    return Action{"adjust " + at(wrong.sku, wrong.at) + " by " + std::to_string(wrong.delta),
                  doing([wanted = wanted_of(wrong)](Tx& tx) {
                      flows::adjust_stock(tx, actor, {.wanted = wanted, .holders = {}});
                  }),
                  [wrong](Model& now) { return correct(now, wrong); }};
}

// Two lines in one request: all or nothing, or each by itself.
template <class Line, class Carry>
std::string by_lines(Model& model, const std::vector<Line>& lines, bool atomic, Carry carry) {
    for (const auto& line : lines) {
        auto before = model;
        auto answer = carry(model, line);
        if (answer == ok) continue;
        model = std::move(before);
        if (atomic) return "lines_failed";
    }
    return ok;
}

std::optional<Action> bulk_adjust(Random& random, Model& model, World&) {
    std::vector<Correction> lines;
    bool atomic = random.chance(50);
    flows::BulkAdjust wanted{.lines = {}, .atomic = atomic, .reason = {"counted"}};
    for (int i = 0; i < 2; ++i) {
        auto wrong = some_correction(random, model);
        if (wrong.delta == 0) return std::nullopt;
        auto one = wanted_of(wrong);
        wanted.lines.value.push_back({.sku = {wrong.sku},
                                      .location_id = wrong.at,
                                      .delta = one.delta,
                                      .on_hand = {},
                                      .expected_version = {},
                                      .lot_number = one.lot_number,
                                      .expires_on = one.expires_on,
                                      .serial_numbers = one.serial_numbers,
                                      .reason = {}});
        lines.push_back(wrong);
    }
    return Action{"adjust two lines",
                  doing([wanted](Tx& tx) { flows::bulk_adjust(tx, actor, wanted); }),
                  [=](Model& now) { return by_lines(now, lines, atomic, correct); }};
}

std::optional<Action> bulk_receive(Random& random, Model& model, World&) {
    struct Line {
        std::string sku;
        LocationId at;
        Goods goods;
    };
    std::vector<Line> lines;
    bool atomic = random.chance(50);
    flows::BulkReceive wanted{.lines = {}, .atomic = atomic, .reason = {}};
    for (int i = 0; i < 2; ++i) {
        auto sku = random.one_of(model.stock.skus);
        auto location = random.one_of(model.stock.locations);
        auto goods = some_goods(random, model, sku, random.between(1, 2));
        wanted.lines.value.push_back({.sku = {sku},
                                      .location_id = location,
                                      .quantity = Quantity::of(goods.pieces),
                                      .lot_number = lot_in(goods),
                                      .expires_on = goods.expires_on,
                                      .serial_numbers = serials_in(goods),
                                      .reason = {}});
        lines.push_back({sku, location, goods});
    }
    return Action{"receive two lines",
                  doing([wanted](Tx& tx) { flows::bulk_receive(tx, actor, wanted); }),
                  [=](Model& now) {
                      return by_lines(now, lines, atomic, [](Model& model_, const Line& line) {
                          return model_.stock.arrive(line.sku, line.at, line.goods);
                      });
                  }};
}

// ---- what nobody ordered

std::optional<Action> reserve(Random& random, Model& model, World&) {
    auto sku = random.one_of(model.stock.skus);
    auto location = random.one_of(model.stock.locations);
    auto pieces = random.between(1, 4);
    auto made = std::make_shared<std::vector<inventory::ReservationId>>();
    auto work = [=](Tx& tx) {
        auto reserved = inventory::reserve_one(tx, actor,
                                               {.id = sku,
                                                .location_id = location,
                                                .quantity = Quantity::of(pieces),
                                                .lot_number = {},
                                                .expires_in_s = {},
                                                .reference = {},
                                                .reason = {}});
        std::vector<inventory::ReservationId> ids{reserved.reservation->id};
        for (const auto& one : reserved.other_lots) ids.push_back(one.id);
        return ids;
    };
    return Action{"reserve " + std::to_string(pieces) + " of " + at(sku, location),
                  keeping(made, work), [=](Model& now) -> std::string {
                      if (now.free(sku, location) < pieces) return "insufficient_stock";
                      std::size_t which = 0;
                      for (const auto& draw : now.stock.draw(sku, location, pieces)) {
                          now.stock.hold({.id = made->at(which++),
                                          .sku = sku,
                                          .at = location,
                                          .lot = draw.lot,
                                          .quantity = draw.pieces});
                      }
                      return ok;
                  }};
}

// An order that is being processed holds all of its stock or nothing.
std::string take_back(Model& model, const Hold& hold) {
    auto same = [number = hold.number](const Hold& one) { return one.number == number; };
    if (!hold.order) {
        model.stock.let_go(same);
        return ok;
    }
    auto& order = model.orders.at(*hold.order);
    if (model.sums(*hold.order).processing > 0) return "illegal_transition";
    if (order.where() == orders::Status::processing) {
        model.let_stock_go(*hold.order);
        model.cancel_parcels(*hold.order);
        (order.held_from ? *order.held_from : order.status) = orders::Status::pending;
    } else {
        model.stock.let_go(same);
    }
    model.refresh(*hold.order);
    return ok;
}

// A reservation that is in the books, and in the model by what it is for.
struct Found {
    inventory::Reservation row;
    std::string sku, lot;
};

std::vector<Found> reservations(const World& world) {
    std::map<inventory::ItemId, std::string> names;
    for (const auto& item : world.all<inventory::Item>()) names[item.id] = item.item_number;
    std::map<inventory::LotId, std::string> lots;
    for (const auto& lot : world.all<inventory::Lot>()) lots[lot.id] = lot.lot_number;
    std::vector<Found> found;
    for (const auto& one : world.all<inventory::Reservation>()) {
        found.push_back({one, names.at(one.item_id), one.lot_id ? lots.at(*one.lot_id) : ""});
    }
    return found;
}

bool is_the_same(const Hold& hold, const Found& found) {
    const auto& row = found.row;
    if (hold.by_hand()) return hold.id == row.id;
    return hold.order == row.order_id && hold.job == row.work_order_id && hold.sku == found.sku &&
           hold.lot == found.lot && hold.at == row.location_id &&
           (!row.order_item_id || hold.line == *row.order_item_id) &&
           Quantity::of(hold.quantity) == row.held() && hold.expires_at == row.expires_at;
}

std::optional<Action> release(Random& random, Model& model, World& world) {
    auto all = reservations(world);
    std::erase_if(all, [&](const Found& one) {
        bool active = one.row.status == inventory::ReservationStatus::active;
        return !active || (one.row.order_id && !random.chance(15));
    });
    if (all.empty()) return std::nullopt;
    auto found = random.one_of(all);
    auto alike = [&](const Hold& one) { return is_the_same(one, found); };
    if (std::ranges::count_if(model.stock.holds, alike) != 1) return std::nullopt;
    auto hold = std::ranges::find_if(model.stock.holds, alike);
    return Action{"release a reservation of " + found.sku, doing([id = found.row.id](Tx& tx) {
                      flows::release_reservation(tx, actor, {.id = id, .reason = {}});
                  }),
                  [number = hold->number](Model& now) -> std::string {
                      auto still = std::ranges::find(now.stock.holds, number, &Hold::number);
                      if (still == now.stock.holds.end()) return "illegal_transition";
                      return take_back(now, Hold(*still));
                  }};
}

// One that nobody ordered.
std::optional<Hold> by_hand(Random& random, const Model& model) {
    std::vector<Hold> free;
    std::ranges::copy_if(model.stock.holds, std::back_inserter(free), &Hold::by_hand);
    if (free.empty()) return std::nullopt;
    return random.one_of(free);
}

std::optional<Action> consume(Random& random, Model& model, World&) {
    auto hold = by_hand(random, model);
    if (!hold) return std::nullopt;
    auto pieces = random.between(1, hold->quantity);
    return Action{
        "consume " + std::to_string(pieces) + " of a reservation of " + hold->sku,
        doing([id = hold->id, pieces](Tx& tx) {
            inventory::consume_one(
                tx, actor,
                {.id = id, .quantity = Quantity::of(pieces), .serial_numbers = {}, .reason = {}});
        }),
        [id = hold->id, pieces](Model& now) -> std::string {
            auto found = std::ranges::find_if(
                now.stock.holds, [id](const Hold& one) { return one.id == id && one.by_hand(); });
            if (found == now.stock.holds.end()) return "illegal_transition";
            if (found->quantity < pieces) return "exceeds_reservation";
            auto answer = now.stock.take(*found, pieces, inventory::SerialStatus::consumed);
            now.stock.forget_empty_holds();
            return answer;
        }};
}

// ---- comparing

void compare_balances(const World& world, Model& model) {
    std::map<inventory::ItemId, std::string> names;
    for (const auto& item : world.all<inventory::Item>()) {
        names[item.id] = item.item_number;
        require_same(item.backordered, Quantity::of(model.owed(item.item_number)),
                     "what is owed of " + item.item_number);
    }
    std::set<std::pair<std::string, LocationId>> seen;
    for (const auto& balance : world.all<inventory::Balance>()) {
        const auto& sku = names.at(balance.item_id);
        auto what = at(sku, balance.location_id);
        auto shelf = model.stock.together(sku, balance.location_id);
        require_same(balance.on_hand.scaled, Quantity::of(shelf.on_hand).scaled,
                     "on_hand of " + what + " (ten-thousandths)");
        require_same(balance.quarantined.scaled, Quantity::of(shelf.quarantined).scaled,
                     "quarantined of " + what + " (ten-thousandths)");
        require_same(balance.allocated.scaled, Quantity::of(shelf.allocated).scaled,
                     "allocated of " + what + " (ten-thousandths)");
        seen.insert({sku, balance.location_id});
    }
    for (const auto& [key, shelf] : model.stock.shelves) {
        const auto& [sku, location, _] = key;
        if (seen.contains({sku, location})) continue;
        require_same(shelf, Shelf{}, "a balance that is missing: " + at(sku, location));
    }
}

// Each active reservation is one that the model knows, with the same time to expire.
void compare(const World& world, Model& model) {
    compare_balances(world, model);
    auto left = model.stock.holds;
    for (const auto& one : reservations(world)) {
        if (one.row.status != inventory::ReservationStatus::active) continue;
        auto found =
            std::ranges::find_if(left, [&](const Hold& hold) { return is_the_same(hold, one); });
        if (found == left.end()) {
            throw Broken("a reservation of " + to_string(one.row.held()) + " of " + one.sku +
                         " that the model does not know");
        }
        left.erase(found);
    }
    if (!left.empty()) throw Broken("a reservation of " + left.front().sku + " is missing");
}

}  // namespace

Noun stock() {
    return {.name = "stock",
            .ways = {{12, receive, "POST /inventory/items/{id}/receive"},
                     {4, adjust, "POST /inventory/items/{id}/adjust"},
                     {1, bulk_receive, "POST /inventory/bulk/receive"},
                     {1, bulk_adjust, "POST /inventory/bulk/adjust"},
                     {4, reserve, "POST /inventory/items/{id}/reserve"},
                     {3, release, "POST /inventory/reservations/{id}/release"},
                     {2, consume, "POST /inventory/reservations/{id}/consume"}},
            .compare = compare};
}

namespace {

void furnish_product(World& world, Model& model, const Article& article) {
    auto& stock = model.stock;
    stock.skus.emplace_back(article.sku);
    stock.tracking[article.sku] = article.tracking;
    auto& sold = model.sold[article.sku] = {.id = {},
                                            .price = article.price,
                                            .may_wait = article.may_wait,
                                            .warranty_months = article.warranty_months};
    products::NewProduct wanted{.name = {article.sku},
                                .sku = {article.sku},
                                .price = amount_of(article.price),
                                .currency = currency_from("USD").value()};
    wanted.tracking = article.tracking;
    if (article.may_wait) wanted.backorder = products::Backorder::allow;
    if (article.warranty_months) wanted.warranty_months.emplace(*article.warranty_months);
    world.quietly(doing([&](Tx& tx) { sold.id = flows::create_product(tx, actor, wanted).id; }));
    Goods goods{.pieces = first_stock};
    if (stock.by_lot(article.sku)) goods.lot = "L-1";
    if (stock.by_serial(article.sku)) {
        for (auto i = 1; i <= first_stock; ++i) goods.serials.push_back("P-" + std::to_string(i));
    }
    auto main = stock.locations.front();
    stock.arrive(article.sku, main, goods);
    world.quietly(doing([&](Tx& tx) {
        inventory::receive(tx, actor,
                           {.id = article.sku,
                            .location_id = main,
                            .quantity = Quantity::of(first_stock),
                            .lot_number = lot_in(goods),
                            .expires_on = {},
                            .serial_numbers = serials_in(goods),
                            .reason = {}});
    }));
}

}  // namespace

namespace {

// The first tenant with its administrator, and the key that seals the secrets of webhooks.
void found_house(World& world, Model& model) {
    const std::string email = "admin@example.com";
    world.quietly(doing([&](Tx& tx) {
        auto house = tx.in(no_tenant, [&] {
            tx.add(auth::InstallationSecret{.id = tx.new_id(),
                                            .name = std::string(webhooks::sealing_secret),
                                            .value = {auth::base64url(std::string(32, 'k'))},
                                            .created_at = {}});
            return flows::found_tenant(tx, {.name = "First", .first = true});
        });
        model.houses[house.id] = {.name = house.name, .first = true};
        identity::HashedUser wanted{.wanted = {.email = {email}}, .password = "hashed"};
        wanted.wanted.roles.value = {{"admin"}};
        auto user = identity::create_user(tx, actor, wanted);
        model.users[user.id] = {.email = email, .roles = {"admin"}};
    }));
}

}  // namespace

void furnish(World& world, Model& model) {
    model.now = world.now();
    model.stock.today = date_of(model.now);
    found_house(world, model);
    world.quietly(doing([&](Tx& tx) {
        model.stock.locations = {inventory::LocationId(1)};  // MAIN
        auto east = inventory::create_location(
            tx, actor, {.code = {"EAST"}, .name = {"East"}, .priority = Int<0, 1'000'000>{200}});
        model.stock.locations.push_back(east.id);
    }));
    for (const auto& article : articles) furnish_product(world, model, article);
    for (const char* name : {"ada", "grace"}) {
        auto email = std::string(name) + "@example.com";
        world.quietly(doing([&](Tx& tx) {
            auto made = customers::create(tx, actor, {.email = {email}});
            model.customers[made.id] = {.email = email};
        }));
    }
}

}  // namespace stateset::sim
