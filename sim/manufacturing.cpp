// Crowns are made of an anvil and two bells each, in competition with those who buy the parts.

#include "flows/build.hpp"
#include "manufacturing/boms.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using manufacturing::Status;
using manufacturing::WorkOrderId;
const Actor actor = system_actor(tenant);
const std::map<std::string, std::int64_t> parts{{"ANVIL", 1}, {"BELL", 2}};
constexpr const char* made_of_them = "CROWN";

std::string name_of(WorkOrderId id) { return "work order " + to_string(id).substr(24); }

// The BOM is there from the first time that somebody needs it.
void prepare(Model& model, World& world) {
    if (model.bom) return;
    products::ProductId product;
    for (const auto& one : world.all<products::Product>()) {
        if (one.sku == made_of_them) product = one.id;
    }
    manufacturing::Bom bom;
    world.quietly(doing([&](Tx& tx) {
        manufacturing::NewBom wanted{.product_id = product};
        for (const auto& [sku, pieces] : parts) {
            wanted.items.value.push_back({.sku = {sku}, .quantity = Quantity::of(pieces)});
        }
        bom = manufacturing::create_bom(tx, actor, wanted);
    }));
    auto activation = world.read(
        [&](Reads& reads) { return manufacturing::look_below(reads, actor, {.id = bom.id}); });
    world.quietly(doing([&](Tx& tx) { manufacturing::activate(tx, actor, activation); }));
    model.bom = bom.id;
}

std::optional<Action> create(Random& random, Model& model, World& world) {
    prepare(model, world);
    auto pieces = random.between(1, 3);
    auto made = std::make_shared<WorkOrderId>();
    return Action{"make " + std::to_string(pieces) + " crowns",
                  keeping(made,
                          [bom = *model.bom, pieces](Tx& tx) {
                              return manufacturing::create(
                                         tx, actor,
                                         {.bom_id = bom, .quantity = Quantity::of(pieces)})
                                  .id;
                          }),
                  [made, pieces](Model& now) {
                      now.jobs[*made] = {.quantity = pieces};
                      return ok;
                  }};
}

std::optional<Action> release(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs, is_one_of(Status::planned));
    if (!id) return std::nullopt;
    return Action{"release " + name_of(*id),
                  doing([id](Tx& tx) { flows::release_work_order(tx, actor, {.id = *id}); }),
                  [id](Model& now) -> std::string {
                      auto& job = now.jobs.at(*id);
                      if (job.status != Status::planned) return "illegal_transition";
                      auto at = now.stock.locations.front();
                      for (const auto& [sku, pieces] : parts) {
                          if (now.stock.shelf(sku, at).available() < pieces * job.quantity) {
                              return "insufficient_stock";
                          }
                      }
                      for (const auto& [sku, pieces] : parts) {
                          now.stock.hold({{}, sku, at, pieces * job.quantity, {}, {}, *id});
                      }
                      job.status = Status::released;
                      return ok;
                  }};
}

std::optional<Action> start(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs, is_one_of(Status::released));
    if (!id) return std::nullopt;
    return Action{"start " + name_of(*id),
                  doing([id](Tx& tx) { manufacturing::start(tx, actor, {.id = *id}); }),
                  [id](Model& now) -> std::string {
                      auto& job = now.jobs.at(*id);
                      if (job.status != Status::released) return "illegal_transition";
                      job.status = Status::in_progress;
                      return ok;
                  }};
}

std::optional<Action> hold_or_resume(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs,
                      is_one_of(Status::released, Status::in_progress, Status::on_hold));
    if (!id) return std::nullopt;
    bool resume = model.jobs.at(*id).status == Status::on_hold;
    return Action{(resume ? "resume " : "hold ") + name_of(*id), doing([id, resume](Tx& tx) {
                      resume ? manufacturing::resume(tx, actor, {.id = *id})
                             : manufacturing::hold(tx, actor, {.id = *id});
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
                  }};
}

std::string finish(Model& model, WorkOrderId id, std::int64_t pieces) {
    auto& job = model.jobs.at(id);
    if (job.status != Status::in_progress) return "illegal_transition";
    if (pieces > job.quantity - job.made) return "exceeds_work_order";
    for (auto& hold : model.stock.holds) {
        if (hold.job == id) model.stock.take(hold, parts.at(hold.sku) * pieces);
    }
    model.stock.forget_empty_holds();
    for (const auto& [sku, each] : parts) job.consumed[sku] += each * pieces;
    model.stock.shelf(made_of_them, model.stock.locations.front()).on_hand += pieces;
    job.made += pieces;
    if (job.made == job.quantity) job.status = Status::completed;
    return ok;
}

std::optional<Action> complete(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs, is_one_of(Status::in_progress));
    if (!id) return std::nullopt;
    auto pieces = random.between(1, 2);
    return Action{
        "finish " + std::to_string(pieces) + " of " + name_of(*id), doing([id, pieces](Tx& tx) {
            flows::complete_work_order(tx, actor, {.id = *id, .quantity = Quantity::of(pieces)});
        }),
        [id, pieces](Model& now) { return finish(now, *id, pieces); }};
}

std::optional<Action> cancel(Random& random, Model& model, World&) {
    auto id = any_key(random, model.jobs,
                      is_one_of(Status::planned, Status::released, Status::in_progress));
    if (!id) return std::nullopt;
    return Action{"cancel " + name_of(*id),
                  doing([id](Tx& tx) { flows::cancel_work_order(tx, actor, {.id = *id}); }),
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
    std::map<WorkOrderId, std::map<std::string, const manufacturing::WorkOrderItem*>> items;
    auto lines = world.all<manufacturing::WorkOrderItem>();
    for (const auto& item : lines) items[item.work_order_id][item.sku] = &item;
    for (const auto& one : world.all<manufacturing::WorkOrder>()) {
        auto& job = model.jobs.at(one.id);
        auto what = name_of(one.id);
        require_same(one.status, job.status, what);
        require_same(one.produced.scaled, Quantity::of(job.made).scaled, what + ", produced");
        for (const auto& [sku, each] : parts) {
            require_same(items.at(one.id).at(sku)->consumed.scaled,
                         Quantity::of(job.consumed[sku]).scaled, what + ", consumed " + sku);
        }
    }
}

}  // namespace

Noun manufacturing_() {
    return {.name = "manufacturing",
            .ways = {{3, create},
                     {5, release},
                     {4, start},
                     {2, hold_or_resume},
                     {5, complete},
                     {1, cancel}},
            .compare = compare};
}

}  // namespace stateset::sim
