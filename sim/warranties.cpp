// Goods are promised to hold for some days, and claimed when they do not.

#include "warranties/warranties.hpp"

#include "flows/resolve_claim.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using warranties::ClaimId;
using warranties::ClaimStatus;
using warranties::Status;
using warranties::WarrantyId;
const Actor actor = system_actor(tenant);
constexpr const char* serials[] = {"S-1", "S-2", "S-3"};

std::string name_of(WarrantyId id) { return "warranty " + to_string(id).substr(24); }
std::string name_of(ClaimId id) { return "claim " + to_string(id).substr(24); }

Date in_days(Time now, std::int64_t days) { return {date_of(now).days + days}; }

Status as_of(const Promise& promise, Time now) {
    bool over = promise.status == Status::active && promise.ends_on < date_of(now);
    return over ? Status::expired : promise.status;
}

std::optional<Action> enrol(Random& random, Model& model, World& world) {
    auto product = random.one_of(world.all<products::Product>());
    std::string serial = random.one_of(serials);
    Promise promise{.sku = product.sku,
                    .serial = serial,
                    .starts_on = in_days(model.now, random.between(-3, 1))};
    promise.ends_on = {promise.starts_on.days + random.between(1, 4)};
    warranties::NewWarranty wanted{.product_id = product.id,
                                   .customer_id = random.one_of(model.customers),
                                   .serial_number = Text<100>{serial},
                                   .starts_on = promise.starts_on,
                                   .ends_on = promise.ends_on};
    auto made = std::make_shared<WarrantyId>();
    return Action{
        "enrol " + product.sku + " " + serial,
        keeping(made, [wanted](Tx& tx) { return warranties::create(tx, actor, wanted).id; }),
        [=](Model& now) -> std::string {
            for (const auto& [_, other] : now.promises) {
                bool same = other.sku == promise.sku && other.serial == promise.serial;
                if (same && other.status != Status::void_) return "serial_registered";
            }
            auto& added = now.promises[*made] = promise;
            added.status = as_of(added, now.now);
            return ok;
        }};
}

std::optional<Action> extend(Random& random, Model& model, World&) {
    auto id = any_key(random, model.promises, is_one_of(Status::active, Status::expired));
    if (!id) return std::nullopt;
    Date until = in_days(model.now, random.between(0, 5));
    return Action{"extend " + name_of(*id), doing([=](Tx& tx) {
                      warranties::extend(tx, actor, {.id = *id, .ends_on = until});
                  }),
                  [=](Model& now) -> std::string {
                      auto& promise = now.promises.at(*id);
                      if (promise.status == Status::void_) return "illegal_transition";
                      if (until <= promise.ends_on) return "invalid";
                      promise.ends_on = until;
                      promise.status = Status::active;
                      promise.status = as_of(promise, now.now);
                      return ok;
                  }};
}

std::optional<Action> make_void(Random& random, Model& model, World&) {
    auto id = any_key(random, model.promises, is_one_of(Status::active));
    if (!id) return std::nullopt;
    return Action{"void " + name_of(*id),
                  doing([id](Tx& tx) { warranties::void_warranty(tx, actor, {.id = *id}); }),
                  [id](Model& now) -> std::string {
                      auto& promise = now.promises.at(*id);
                      if (as_of(promise, now.now) != Status::active) return "illegal_transition";
                      promise.status = Status::void_;
                      return ok;
                  }};
}

std::optional<Action> day_changes(Random& random, Model& model, World&) {
    auto id = any_key(random, model.promises, is_one_of(Status::active));
    if (!id) return std::nullopt;
    return Action{"look whether " + name_of(*id) + " is over",
                  doing([id](Tx& tx) { warranties::expire_if_over(tx, *id); }), [id](Model& now) {
                      auto& promise = now.promises.at(*id);
                      promise.status = as_of(promise, now.now);
                      return ok;
                  }};
}

std::optional<Action> claim(Random& random, Model& model, World&) {
    auto id = any_key(random, model.promises, is_one_of(Status::active));
    if (!id) return std::nullopt;
    auto made = std::make_shared<ClaimId>();
    return Action{"claim under " + name_of(*id),
                  keeping(made,
                          [id](Tx& tx) {
                              return warranties::submit(
                                         tx, actor, {.warranty_id = *id, .description = {"broken"}})
                                  .id;
                          }),
                  [=](Model& now) -> std::string {
                      const auto& promise = now.promises.at(*id);
                      auto day = date_of(now.now);
                      bool covers = promise.status != Status::void_ && promise.starts_on <= day &&
                                    day <= promise.ends_on;
                      if (!covers) return "warranty_not_active";
                      now.claims[*made] = {.promise = *id};
                      return ok;
                  }};
}

bool undecided(const Claimed& one) {
    return one.status == ClaimStatus::submitted || one.status == ClaimStatus::under_review;
}

std::optional<Action> decide(Random& random, Model& model, World&) {
    auto id = any_key(random, model.claims, undecided);
    if (!id) return std::nullopt;
    constexpr ClaimStatus ends[] = {ClaimStatus::under_review, ClaimStatus::approved,
                                    ClaimStatus::approved, ClaimStatus::rejected,
                                    ClaimStatus::withdrawn};
    auto to = random.one_of(ends);
    auto work = [=](Tx& tx) {
        warranties::DecideClaim wanted{.id = *id};
        if (to == ClaimStatus::under_review) warranties::review(tx, actor, wanted);
        if (to == ClaimStatus::approved) warranties::approve(tx, actor, wanted);
        if (to == ClaimStatus::rejected) warranties::reject(tx, actor, wanted);
        if (to == ClaimStatus::withdrawn) warranties::withdraw(tx, actor, wanted);
    };
    return Action{name_of(*id) + " becomes " + std::string(reflect::name(to)), doing(work),
                  [=](Model& now) -> std::string {
                      auto& claimed = now.claims.at(*id);
                      bool legal = to == ClaimStatus::under_review
                                       ? claimed.status == ClaimStatus::submitted
                                       : undecided(claimed);
                      if (!legal) return "illegal_transition";
                      bool voided = now.promises.at(claimed.promise).status == Status::void_;
                      if (to == ClaimStatus::approved && voided) return "warranty_not_active";
                      claimed.status = to;
                      return ok;
                  }};
}

struct Replaced {
    orders::OrderId order;
    orders::LineId line;
};

// By another of the same, for nothing.
std::optional<Action> replace(Random& random, Model& model, World&) {
    auto id = any_key(random, model.claims, is_one_of(ClaimStatus::approved));
    if (!id) return std::nullopt;
    auto made = std::make_shared<Replaced>();
    auto work = [id](Tx& tx) {
        auto order = flows::resolve_claim(
                         tx, actor, {.id = *id, .resolution = warranties::Resolution::replace})
                         .order_id.value();
        return Replaced{order, tx.all<orders::Line>(order).front()->id};
    };
    return Action{"replace what " + name_of(*id) + " is about", keeping(made, work),
                  [=](Model& now) -> std::string {
                      auto& claimed = now.claims.at(*id);
                      if (claimed.status != ClaimStatus::approved) return "illegal_transition";
                      const auto& promise = now.promises.at(claimed.promise);
                      if (promise.status == Status::void_) return "warranty_not_active";
                      claimed.status = ClaimStatus::resolved;
                      Placed order;
                      order.lines.push_back({made->line, promise.sku, 1, 0});
                      now.orders[made->order] = order;
                      return ok;
                  }};
}

void compare(const World& world, Model& model) {
    for (const auto& one : world.all<warranties::Warranty>()) {
        require_same(one.status, model.promises.at(one.id).status, name_of(one.id));
    }
    for (const auto& one : world.all<warranties::Claim>()) {
        require_same(one.status, model.claims.at(one.id).status, name_of(one.id));
    }
}

}  // namespace

Noun warranties_() {
    return {.name = "warranties",
            .ways = {{3, enrol},
                     {1, extend},
                     {1, make_void},
                     {1, day_changes},
                     {3, claim},
                     {3, decide},
                     {3, replace}},
            .compare = compare};
}

}  // namespace stateset::sim
