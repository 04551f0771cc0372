// Things are made of others, by recipes that change, in competition with those who buy the parts.

#include "flows/build.hpp"
#include "manufacturing/boms.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using manufacturing::BomId;
using manufacturing::BomStatus;
using manufacturing::Status;
using manufacturing::WorkOrderId;

using Parts = std::map<std::string, std::int64_t>;

std::string name_of(WorkOrderId id) { return "work order " + to_string(id).substr(24); }
std::string name_of(BomId id) { return "BOM " + to_string(id).substr(24); }

// ---- recipes

// Mostly of things that come before it in the alphabet; now and then in a circle.
Parts some_parts(Random& random, const Model& model, const std::string& made) {
    Parts parts;
    for (auto count = random.between(1, 2); count > 0; --count) {
        auto sku = random.one_of(model.stock.skus);
        if (sku < made || random.chance(10)) parts[sku] = random.between(1, 2);
    }
    return parts;
}

manufacturing::NewBomItem line_of(const std::string& sku, std::int64_t pieces) {
    return {.sku = {sku}, .quantity = Quantity::of(pieces), .scrap_percent = {}};
}

std::optional<Action> create_bom(Random& random, Model& model, World&) {
    auto sku = random.one_of(std::vector<std::string>{"CROWN", "DYE", "ENGINE", "FLUTE"});
    auto parts = some_parts(random, model, sku);
    if (parts.empty()) return std::nullopt;
    manufacturing::NewBom wanted{.product_id = model.sold.at(sku).id};
    for (const auto& [part, pieces] : parts) wanted.items.value.push_back(line_of(part, pieces));
    auto made = std::make_shared<BomId>();
    return Action{
        "a recipe for " + sku,
        keeping(made, [wanted](Tx& tx) { return manufacturing::create_bom(tx, actor, wanted).id; }),
        [=](Model& now) -> std::string {
            if (parts.contains(sku)) return "bom_cycle";
            now.recipes[*made] = {.sku = sku, .parts = parts};
            return ok;
        }};
}

std::optional<Action> update_bom(Random& random, Model& model, World&) {
    auto id = any_key(random, model.recipes, is_one_of(BomStatus::draft));
    if (!id) return std::nullopt;
    auto parts = some_parts(random, model, model.recipes.at(*id).sku);
    if (parts.empty()) return std::nullopt;
    auto work = [=](Tx& tx) {
        manufacturing::BomChanges wanted{.id = *id};
        wanted.items.given = true;
        for (const auto& [part, pieces] : parts) {
            wanted.items.value.value.push_back(line_of(part, pieces));
        }
        manufacturing::update_bom(tx, actor, wanted);
    };
    return Action{"change " + name_of(*id), doing(work), [=](Model& now) -> std::string {
                      auto& recipe = now.recipes.at(*id);
                      if (recipe.status != BomStatus::draft) return "illegal_transition";
                      if (parts.contains(recipe.sku)) return "bom_cycle";
                      recipe.parts = parts;
                      return ok;
                  }};
}

const Recipe* active_recipe(const Model& model, const std::string& sku) {
    for (const auto& [_, one] : model.recipes) {
        if (one.sku == sku && one.status == BomStatus::active) return &one;
    }
    return nullptr;
}

bool contains(const Model& model, const Parts& parts, const std::string& sku) {
    return std::ranges::any_of(parts, [&](const auto& part) {
        const auto* below = active_recipe(model, part.first);
        return part.first == sku || (below && contains(model, below->parts, sku));
    });
}

std::string activate_by_hand(Model& model, BomId id) {
    auto& recipe = model.recipes.at(id);
    if (recipe.status != BomStatus::draft) return "illegal_transition";
    if (contains(model, recipe.parts, recipe.sku)) return "bom_cycle";
    for (auto& [_, one] : model.recipes) {
        bool former = one.sku == recipe.sku && one.status == BomStatus::active;
        if (former) one.status = BomStatus::obsolete;
    }
    recipe.status = BomStatus::active;
    return ok;
}

std::optional<Action> activate(Random& random, Model& model, World& world) {
    auto id = any_key(random, model.recipes, is_one_of(BomStatus::draft));
    if (!id) return std::nullopt;
    auto activation = world.read([&](Reads& reads) {
        return manufacturing::look_below(reads, actor, {.id = *id, .reason = {}});
    });
    return Action{"activate " + name_of(*id),
                  doing([=](Tx& tx) { manufacturing::activate(tx, actor, activation); }),
                  [id](Model& now) { return activate_by_hand(now, *id); }};
}

std::optional<Action> obsolete(Random& random, Model& model, World&) {
    auto id = any_key(random, model.recipes, is_one_of(BomStatus::draft, BomStatus::active));
    if (!id) return std::nullopt;
    return Action{"obsolete " + name_of(*id), doing([id](Tx& tx) {
                      manufacturing::obsolete(tx, actor, {.id = *id, .reason = {}});
                  }),
                  [id](Model& now) -> std::string {
                      auto& recipe = now.recipes.at(*id);
                      if (recipe.status == BomStatus::obsolete) return "illegal_transition";
                      recipe.status = BomStatus::obsolete;
                      return ok;
                  }};
}

std::optional<Action> state_cost(Random& random, Model& model, World&) {
    auto sku = random.one_of(model.stock.skus);
    auto cost = random.between(0, 900);
    return Action{"what " + sku + " costs", doing([=](Tx& tx) {
                      manufacturing::set_cost(tx, actor,
                                              {.sku = {sku},
                                               .unit_cost = amount_of(cost),
                                               .per = {},
                                               .currency = currency_from("USD").value()});
                  }),
                  [=](Model& now) {
                      now.costs[sku] = cost;
                      return ok;
                  }};
}

// ---- work orders

Job planned(const Recipe& recipe, std::int64_t pieces, inventory::LocationId at) {
    Job job{.sku = recipe.sku, .at = at, .quantity = pieces};
    for (const auto& [sku, each] : recipe.parts) job.parts[sku].required = each * pieces;
    job.each = recipe.parts;
    return job;
}

struct Made {
    WorkOrderId id;
    std::string number;
};

std::optional<Action> create(Random& random, Model& model, World&) {
    auto id = any_key(random, model.recipes, is_one_of(BomStatus::active));
    if (!id) return std::nullopt;
    auto pieces = random.between(1, 3);
    auto at = random.chance(70) ? model.stock.locations.front() : model.stock.locations.back();
    auto made = std::make_shared<Made>();
    auto work = [=](Tx& tx) {
        auto order = manufacturing::create(tx, actor,
                                           {.bom_id = *id,
                                            .quantity = Quantity::of(pieces),
                                            .location_id = at,
                                            .priority = {},
                                            .assignee = {},
                                            .due_on = {},
                                            .notes = {},
                                            .metadata = {}});
        return Made{order.id, order.work_order_number};
    };
    return Action{"make " + std::to_string(pieces) + " by " + name_of(*id), keeping(made, work),
                  [=](Model& now) -> std::string {
                      const auto& recipe = now.recipes.at(*id);
                      if (recipe.status != BomStatus::active) return "bom_not_active";
                      auto& job = now.jobs[made->id] = planned(recipe, pieces, at);
                      job.number = made->number;
                      return ok;
                  }};
}

std::optional<Action> update(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs, is_one_of(Status::planned));
    if (!id) return std::nullopt;
    auto pieces = random.between(1, 4);
    return Action{"make " + std::to_string(pieces) + " by " + name_of(*id), doing([=](Tx& tx) {
                      manufacturing::WorkOrderChanges wanted{.id = *id};
                      wanted.quantity = {true, Quantity::of(pieces)};
                      manufacturing::update(tx, actor, wanted);
                  }),
                  [=](Model& now) -> std::string {
                      auto& job = now.jobs.at(*id);
                      if (job.status != Status::planned) return "illegal_transition";
                      job.quantity = pieces;
                      for (auto& [sku, part] : job.parts) part.required = job.each.at(sku) * pieces;
                      return ok;
                  }};
}

std::int64_t reserved(const Model& model, WorkOrderId id, const std::string& sku) {
    std::int64_t sum = 0;
    for (const auto& one : model.stock.holds) {
        sum += one.job == id && one.sku == sku ? one.quantity : 0;
    }
    return sum;
}

std::string reserve_by_hand(Model& model, WorkOrderId id, bool allow_short) {
    auto& job = model.jobs.at(id);
    std::map<std::string, std::int64_t> wanted;
    for (const auto& [sku, part] : job.parts) {
        auto missing = part.required - part.consumed - reserved(model, id, sku);
        auto free = model.free(sku, job.at);
        if (missing > free && !allow_short) return "insufficient_stock";
        wanted[sku] = std::min(missing, free);
    }
    for (const auto& [sku, pieces] : wanted) {
        if (pieces <= 0) continue;
        for (const auto& draw : model.stock.draw(sku, job.at, pieces)) {
            model.stock.hold(
                {.sku = sku, .at = job.at, .lot = draw.lot, .quantity = draw.pieces, .job = id});
        }
    }
    return ok;
}

std::optional<Action> release(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs, is_one_of(Status::planned));
    if (!id) return std::nullopt;
    bool allow_short = random.chance(25);
    return Action{"release " + name_of(*id), doing([=](Tx& tx) {
                      flows::release_work_order(
                          tx, actor, {.id = *id, .allow_short = allow_short, .reason = {}});
                  }),
                  [=](Model& now) -> std::string {
                      auto& job = now.jobs.at(*id);
                      if (job.status != Status::planned) return "illegal_transition";
                      job.status = Status::released;
                      return reserve_by_hand(now, *id, allow_short);
                  }};
}

std::optional<Action> reserve(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs, is_one_of(Status::released, Status::in_progress));
    if (!id) return std::nullopt;
    bool allow_short = random.chance(25);
    return Action{"set aside what " + name_of(*id) + " lacks", doing([=](Tx& tx) {
                      flows::reserve_components(
                          tx, actor, {.id = *id, .allow_short = allow_short, .reason = {}});
                  }),
                  [=](Model& now) -> std::string {
                      auto status = now.jobs.at(*id).status;
                      bool open = status == Status::released || status == Status::in_progress;
                      if (!open) return "illegal_transition";
                      return reserve_by_hand(now, *id, allow_short);
                  }};
}

std::optional<Action> start(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs, is_one_of(Status::released));
    if (!id) return std::nullopt;
    return Action{"start " + name_of(*id),
                  doing([id](Tx& tx) { manufacturing::start(tx, actor, {*id, {}}); }),
                  [id](Model& now) -> std::string {
                      auto& job = now.jobs.at(*id);
                      if (job.status != Status::released) return "illegal_transition";
                      job.status = Status::in_progress;
                      return ok;
                  }};
}

std::optional<Action> assign(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs, is_one_of(Status::planned, Status::released));
    if (!id) return std::nullopt;
    return Action{"assign " + name_of(*id), doing([id](Tx& tx) {
                      manufacturing::assign(tx, actor,
                                            {.id = *id, .assignee = {"Bo"}, .reason = {}});
                  }),
                  [id](Model& now) -> std::string {
                      auto status = now.jobs.at(*id).status;
                      bool over = status == Status::completed || status == Status::cancelled;
                      return over ? "illegal_transition" : ok;
                  }};
}

std::optional<Action> hold_or_resume(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs,
                      is_one_of(Status::released, Status::in_progress, Status::on_hold));
    if (!id) return std::nullopt;
    bool resume = model.jobs.at(*id).status == Status::on_hold;
    return Action{(resume ? "resume " : "hold ") + name_of(*id), doing([id, resume](Tx& tx) {
                      resume ? manufacturing::resume(tx, actor, {*id, {}})
                             : manufacturing::hold(tx, actor, {*id, {}});
                  }),
                  [id, resume](Model& now) -> std::string {
                      auto& job = now.jobs.at(*id);
                      bool going =
                          job.status == Status::released || job.status == Status::in_progress;
                      if (resume ? job.status != Status::on_hold : !going) {
                          return "illegal_transition";
                      }
                      if (!resume) job.held_from = job.status;
                      job.status = resume ? *job.held_from : Status::on_hold;
                      return ok;
                  },
                  resume ? "POST /work-orders/{id}/resume" : "POST /work-orders/{id}/hold"};
}

// Takes what is set aside off the shelf, oldest first.
std::string consume(Model& model, WorkOrderId id, const std::string& sku, std::int64_t pieces) {
    auto& part = model.jobs.at(id).parts.at(sku);
    if (reserved(model, id, sku) < pieces) return "components_short";
    part.consumed += pieces;
    for (auto& hold : model.stock.holds) {
        if (hold.job != id || hold.sku != sku || pieces == 0) continue;
        auto taken = std::min(pieces, hold.quantity);
        auto answer = model.stock.take(hold, taken, inventory::SerialStatus::consumed);
        if (answer != ok) return answer;
        pieces -= taken;
    }
    model.stock.forget_empty_holds();
    return ok;
}

std::optional<Action> issue(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs, is_one_of(Status::in_progress));
    if (!id) return std::nullopt;
    auto sku = random.one_of(model.jobs.at(*id).parts).first;
    auto pieces = random.between(1, 2);
    bool all = random.chance(40);
    auto work = [=](Tx& tx) {
        flows::IssueComponents wanted{.id = *id, .items = {}, .reason = {}};
        if (!all) {
            wanted.items.value.push_back(
                {.sku = {sku}, .quantity = Quantity::of(pieces), .serial_numbers = {}});
        }
        flows::issue_components(tx, actor, wanted);
    };
    return Action{"issue " + (all ? "everything" : std::to_string(pieces) + " " + sku) + " to " +
                      name_of(*id),
                  doing(work), [=](Model& now) -> std::string {
                      auto& job = now.jobs.at(*id);
                      if (job.status != Status::in_progress) return "illegal_transition";
                      if (!all) return consume(now, *id, sku, pieces);
                      for (const auto& [each, _] : job.parts) {
                          auto answer = consume(now, *id, each, reserved(now, *id, each));
                          if (answer != ok) return answer;
                      }
                      return ok;
                  }};
}

std::string finish(Model& model, WorkOrderId id, std::int64_t scrapped, const Goods& goods) {
    auto& job = model.jobs.at(id);
    if (job.status != Status::in_progress) return "illegal_transition";
    if (goods.pieces + scrapped > job.left()) return "exceeds_work_order";
    job.made += goods.pieces;
    job.scrapped += scrapped;
    std::map<std::string, std::int64_t> due;
    for (const auto& [sku, part] : job.parts) {
        auto share = part.required * (job.made + job.scrapped) / job.quantity;
        due[sku] = std::max<std::int64_t>(0, share - part.consumed);
        if (due[sku] > reserved(model, id, sku)) return "components_short";
    }
    for (const auto& [sku, pieces] : due) {
        auto answer = consume(model, id, sku, pieces);
        if (answer != ok) return answer;
    }
    if (goods.pieces > 0 && !job.repair) {
        auto made = goods;
        if (model.stock.by_lot(job.sku) && made.lot.empty()) made.lot = job.number;
        auto answer = model.stock.arrive(job.sku, job.at, made);
        if (answer != ok) return answer;
    }
    if (job.left() == 0) {
        job.status = Status::completed;
        model.stock.let_go([id](const Hold& one) { return one.job == id; });
    }
    return ok;
}

std::optional<Action> complete(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs, is_one_of(Status::in_progress));
    if (!id) return std::nullopt;
    const auto& job = model.jobs.at(*id);
    Goods goods{.pieces = random.between(1, 2)};
    std::int64_t scrapped = random.chance(20) ? 1 : 0;
    if (model.stock.by_lot(job.sku) && random.chance(50)) goods.lot = "L-4";
    if (model.stock.by_serial(job.sku) && !job.repair && !random.chance(5)) {
        for (std::int64_t i = 0; i < goods.pieces; ++i) {
            goods.serials.push_back("M-" + std::to_string(random.between(1, 400)));
        }
        if (goods.pieces == 2 && goods.serials[0] == goods.serials[1]) return std::nullopt;
    }
    auto work = [=](Tx& tx) {
        flows::CompleteWorkOrder wanted{
            .id = *id, .quantity = Quantity::of(goods.pieces), .scrapped = Quantity::of(scrapped)};
        if (!goods.lot.empty()) wanted.lot_number = Text<64>{goods.lot};
        if (!goods.serials.empty()) wanted.serial_numbers.emplace();
        for (const auto& one : goods.serials) wanted.serial_numbers->value.push_back({one});
        flows::complete_work_order(tx, actor, wanted);
    };
    return Action{"finish " + std::to_string(goods.pieces) + " of " + name_of(*id), doing(work),
                  [=](Model& now) { return finish(now, *id, scrapped, goods); }};
}

std::optional<Action> cancel(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs,
                      is_one_of(Status::planned, Status::released, Status::in_progress));
    if (!id) return std::nullopt;
    return Action{"cancel " + name_of(*id),
                  doing([id](Tx& tx) { flows::cancel_work_order(tx, actor, {*id, {}}); }),
                  [id](Model& now) -> std::string {
                      auto& job = now.jobs.at(*id);
                      bool over =
                          job.status == Status::completed || job.status == Status::cancelled;
                      if (over) return "illegal_transition";
                      job.status = Status::cancelled;
                      now.stock.let_go([id](const Hold& one) { return one.job == *id; });
                      return ok;
                  }};
}

void compare(const World& world, Model& model) {
    for (const auto& one : world.all<manufacturing::Bom>()) {
        require_same(one.status, model.recipes.at(one.id).status, name_of(one.id));
    }
    for (const auto& one : world.all<manufacturing::WorkOrder>()) {
        const auto& job = model.jobs.at(one.id);
        auto what = name_of(one.id);
        require_same(one.status, job.status, what);
        require_same(one.produced.scaled, Quantity::of(job.made).scaled, what + ", produced");
        require_same(one.scrapped.scaled, Quantity::of(job.scrapped).scaled, what + ", scrapped");
    }
    for (const auto& item : world.all<manufacturing::WorkOrderItem>()) {
        auto id = item.work_order_id;
        const auto& part = model.jobs.at(id).parts.at(item.sku);
        auto what = item.sku + " for " + name_of(id);
        require_same(item.required, Quantity::of(part.required), what + ", required");
        require_same(item.consumed, Quantity::of(part.consumed), what + ", consumed");
        require_same(item.reserved, Quantity::of(reserved(model, id, item.sku)),
                     what + ", reserved");
    }
    for (const auto& cost : world.all<manufacturing::ItemCost>()) {
        require_same(cost.unit_cost.minor, model.costs.at(cost.sku), "what " + cost.sku + " costs");
    }
}

}  // namespace

Noun manufacturing_() {
    return {.name = "manufacturing",
            .ways = {{3, create_bom, "POST /boms"},
                     {1, update_bom, "PATCH /boms/{id}"},
                     {3, activate, "POST /boms/{id}/activate"},
                     {1, obsolete, "POST /boms/{id}/obsolete"},
                     {1, state_cost, "PUT /boms/costs"},
                     {5, create, "POST /work-orders"},
                     {1, update, "PATCH /work-orders/{id}"},
                     {7, release, "POST /work-orders/{id}/release"},
                     {2, reserve, "POST /work-orders/{id}/reserve"},
                     {6, start, "POST /work-orders/{id}/start"},
                     {1, assign, "POST /work-orders/{id}/assign"},
                     {2, hold_or_resume, "POST /work-orders/{id}/hold"},
                     {2, issue, "POST /work-orders/{id}/issue"},
                     {7, complete, "POST /work-orders/{id}/complete"},
                     {1, cancel, "POST /work-orders/{id}/cancel"}},
            .compare = compare};
}

}  // namespace stateset::sim
