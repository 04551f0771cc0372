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

// Some of them belong to pieces that are sold here.
std::string some_serial(Random& random) {
    return (random.chance(60) ? "S-" : "P-") + std::to_string(random.between(1, 4));
}

std::string name_of(WarrantyId id) { return "warranty " + to_string(id).substr(24); }
std::string name_of(ClaimId id) { return "claim " + to_string(id).substr(24); }

Date in_days(Time now, std::int64_t days) { return {date_of(now).days + days}; }

Status as_of(const Promise& promise, Time now) {
    bool over = promise.status == Status::active && promise.ends_on < date_of(now);
    return over ? Status::expired : promise.status;
}

std::optional<Action> enrol(Random& random, Model& model, World&) {
    auto sku = random.one_of(std::vector<std::string>{"ANVIL", "ENGINE", "ENGINE", "FLUTE"});
    Promise promise{.sku = sku,
                    .serial = some_serial(random),
                    .starts_on = in_days(model.now, random.between(-3, 1)),
                    .ends_on = {},
                    .customer = random.one_of(model.customers).first};
    promise.ends_on = {promise.starts_on.days + random.between(1, 4)};
    warranties::NewWarranty wanted{.product_id = model.sold.at(sku).id,
                                   .customer_id = promise.customer,
                                   .serial_number = Text<100>{promise.serial},
                                   .starts_on = promise.starts_on,
                                   .ends_on = promise.ends_on};
    auto made = std::make_shared<WarrantyId>();
    return Action{
        "enrol " + sku + " " + promise.serial,
        keeping(made, [wanted](Tx& tx) { return warranties::create(tx, actor, wanted).id; }),
        [=](Model& now) -> std::string {
            if (now.customers.at(promise.customer).erased) return "invalid";
            auto taken = [&](const Promise& other) {
                return other.sku == promise.sku && other.serial == promise.serial &&
                       other.status != Status::void_;
            };
            bool known = std::ranges::any_of(now.new_promises, taken) ||
                         std::ranges::any_of(now.promises,
                                             [&](const auto& one) { return taken(one.second); });
            if (known) return "serial_registered";
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
    auto pieces = random.chance(80) ? 1 : random.between(1, 3);
    auto made = std::make_shared<ClaimId>();
    auto work = [=](Tx& tx) {
        warranties::NewClaim wanted{.warranty_id = *id, .description = {"broken"}};
        wanted.quantity = Int<1, 1'000'000>{pieces};
        return warranties::submit(tx, actor, wanted).id;
    };
    return Action{"claim under " + name_of(*id), keeping(made, work),
                  [=](Model& now) -> std::string {
                      const auto& promise = now.promises.at(*id);
                      auto day = date_of(now.now);
                      bool covers = promise.status != Status::void_ && promise.starts_on <= day &&
                                    day <= promise.ends_on;
                      if (!covers) return "warranty_not_active";
                      if (pieces > promise.pieces) return "exceeds_warranty";
                      now.claims[*made] = {.promise = *id, .pieces = pieces};
                      return ok;
                  }};
}

bool undecided(const Claimed& one) {
    return one.status == ClaimStatus::submitted || one.status == ClaimStatus::under_review;
}

std::optional<Action> decide(Random& random, Model& model, World&) {
    auto id = any_key(random, model.claims, undecided);
    if (!id) return std::nullopt;
    using End = std::pair<ClaimStatus, std::string>;
    auto [to, word] = random.one_of(std::vector<End>{{ClaimStatus::under_review, "review"},
                                                     {ClaimStatus::approved, "approve"},
                                                     {ClaimStatus::approved, "approve"},
                                                     {ClaimStatus::approved, "approve"},
                                                     {ClaimStatus::rejected, "reject"},
                                                     {ClaimStatus::withdrawn, "withdraw"}});
    auto work = [=, to = to](Tx& tx) {
        warranties::DecideClaim wanted{.id = *id};
        if (to == ClaimStatus::under_review) warranties::review(tx, actor, wanted);
        if (to == ClaimStatus::approved) warranties::approve(tx, actor, wanted);
        if (to == ClaimStatus::rejected) warranties::reject(tx, actor, wanted);
        if (to == ClaimStatus::withdrawn) warranties::withdraw(tx, actor, wanted);
    };
    return Action{name_of(*id) + " becomes " + std::string(reflect::name(to)), doing(work),
                  [=, to = to](Model& now) -> std::string {
                      auto& claimed = now.claims.at(*id);
                      bool legal = to == ClaimStatus::under_review
                                       ? claimed.status == ClaimStatus::submitted
                                       : undecided(claimed);
                      if (!legal) return "illegal_transition";
                      bool voided = now.promises.at(claimed.promise).status == Status::void_;
                      if (to == ClaimStatus::approved && voided) return "warranty_not_active";
                      claimed.status = to;
                      return ok;
                  },
                  "POST /warranties/claims/{id}/" + word};
}

// What resolving needs first: that it is approved, and the warranty holds.
std::string may_resolve(Model& model, ClaimId id) {
    const auto& claimed = model.claims.at(id);
    if (claimed.status != ClaimStatus::approved) return "illegal_transition";
    bool voided = model.promises.at(claimed.promise).status == Status::void_;
    return voided ? "warranty_not_active" : ok;
}

struct Replaced {
    orders::OrderId order;
    orders::LineId line;
};

std::string replace_by_hand(Model& model, ClaimId id, const Replaced& made) {
    auto& claimed = model.claims.at(id);
    const auto& promise = model.promises.at(claimed.promise);
    if (model.customers.at(promise.customer).erased) return "invalid";
    if (model.sold.at(promise.sku).status != products::Status::active) {
        return "product_unavailable";
    }
    claimed.status = ClaimStatus::resolved;
    Placed order{.customer = promise.customer};
    if (promise.order) order.country = model.orders.at(*promise.order).country;
    order.lines.push_back(model.line_of(promise.sku, claimed.pieces, order.country));
    order.lines.back().id = made.line;
    order.lines.back().price = 0;
    model.orders[made.order] = order;
    return ok;
}

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
                  [=](Model& now) {
                      auto answer = may_resolve(now, *id);
                      return answer == ok ? replace_by_hand(now, *id, *made) : answer;
                  }};
}

// By its recipe, one piece at a time.
std::optional<Action> repair(Random& random, Model& model, World&) {
    auto id = any_key(random, model.claims, is_one_of(ClaimStatus::approved));
    if (!id) return std::nullopt;
    auto made = std::make_shared<manufacturing::WorkOrderId>();
    auto work = [id](Tx& tx) {
        return flows::resolve_claim(tx, actor,
                                    {.id = *id, .resolution = warranties::Resolution::repair})
            .work_order_id.value();
    };
    return Action{
        "repair what " + name_of(*id) + " is about", keeping(made, work),
        [=](Model& now) -> std::string {
            auto answer = may_resolve(now, *id);
            if (answer != ok) return answer;
            auto& claimed = now.claims.at(*id);
            if (claimed.pieces != 1) return "exceeds_warranty";
            const auto& sku = now.promises.at(claimed.promise).sku;
            auto recipe = std::ranges::find_if(now.recipes, [&](const auto& one) {
                return one.second.sku == sku &&
                       one.second.status == manufacturing::BomStatus::active;
            });
            if (recipe == now.recipes.end()) return "no_active_bom";
            claimed.status = ClaimStatus::resolved;
            auto& job = now.jobs[*made] = {
                .sku = sku, .repair = true, .at = now.stock.locations.front(), .quantity = 1};
            job.each = recipe->second.parts;
            for (const auto& [part, pieces] : job.each) {
                job.parts[part].required = pieces;
            }
            return ok;
        }};
}

// What of a line's total goes with these pieces, when `before` of them were given back already.
std::int64_t share_of(std::int64_t total, std::int64_t all, std::int64_t before,
                      std::int64_t pieces) {
    auto upto = [&](std::int64_t count) { return total * std::min(count, all) / all; };
    return upto(before + pieces) - upto(before);
}

std::string refund_by_hand(Model& model, ClaimId id, std::optional<std::int64_t> amount) {
    auto& claimed = model.claims.at(id);
    const auto& promise = model.promises.at(claimed.promise);
    if (!promise.order) return "claim_needs_order";
    if (!amount) {
        const auto& order = model.orders.at(*promise.order);
        auto line = std::ranges::find(order.lines, promise.line, &OrderLine::id);
        auto total = order.line_totals()[static_cast<std::size_t>(line - order.lines.begin())];
        std::int64_t before = 0;
        for (const auto& [_, one] : model.claims) {
            if (one.promise == claimed.promise && one.refunded) before += one.pieces;
        }
        amount = share_of(total, line->quantity, before, claimed.pieces);
        if (*amount <= 0) return "refund_exceeds_captured";
    }
    if (*amount > model.refundable(*promise.order)) return "refund_exceeds_captured";
    model.refund(*promise.order, *amount);
    claimed.status = ClaimStatus::resolved;
    claimed.refunded = true;
    return ok;
}

std::optional<Action> refund(Random& random, Model& model, World&) {
    auto id = any_key(random, model.claims, [&](const Claimed& one) {
        return one.status == ClaimStatus::approved && model.promises.at(one.promise).order;
    });
    if (!id) return std::nullopt;
    std::optional<std::int64_t> amount;
    if (random.chance(40)) amount = random.between(1, 2000);
    auto work = [=](Tx& tx) {
        flows::ResolveClaim wanted{.id = *id, .resolution = warranties::Resolution::refund};
        if (amount) wanted.amount = amount_of(*amount);
        flows::resolve_claim(tx, actor, wanted);
    };
    return Action{"refund what " + name_of(*id) + " is about", doing(work), [=](Model& now) {
                      auto answer = may_resolve(now, *id);
                      return answer == ok ? refund_by_hand(now, *id, amount) : answer;
                  }};
}

// Warranties that deliveries made have ids that nobody told: the model learns them by what they
// are, and each must be one that it expects.
void learn_new(Model& model, const warranties::Warranty& row) {
    auto same = [&](const Promise& one) {
        return one.order == row.order_id && one.line == row.order_item_id &&
               one.serial == row.serial_number.value_or("") && one.pieces == row.quantity &&
               one.starts_on == row.starts_on && one.ends_on == row.ends_on &&
               one.status == row.status && one.customer == row.customer_id;
    };
    auto found = std::ranges::find_if(model.new_promises, same);
    if (found == model.new_promises.end()) {
        throw Broken(name_of(row.id) + ": the model does not know it");
    }
    model.promises[row.id] = *found;
    model.new_promises.erase(found);
}

void compare(const World& world, Model& model) {
    for (const auto& one : world.all<warranties::Warranty>()) {
        if (!model.promises.contains(one.id)) learn_new(model, one);
        const auto& promise = model.promises.at(one.id);
        require_same(one.status, promise.status, name_of(one.id));
        require_same(one.ends_on, promise.ends_on, "the end of " + name_of(one.id));
        require_same(one.quantity, promise.pieces, "pieces of " + name_of(one.id));
    }
    require_same(model.new_promises.size(), std::size_t{0}, "warranties that were not registered");
    for (const auto& one : world.all<warranties::Claim>()) {
        require_same(one.status, model.claims.at(one.id).status, name_of(one.id));
    }
}

}  // namespace

Noun warranties_() {
    return {.name = "warranties",
            .ways = {{3, enrol, "POST /warranties"},
                     {1, extend, "POST /warranties/{id}/extend"},
                     {1, make_void, "POST /warranties/{id}/void"},
                     {1, day_changes, "worker: warranties"},
                     {4, claim, "POST /warranties/claims"},
                     {4, decide, "POST /warranties/claims/{id}/approve"},
                     {2, replace, "POST /warranties/claims/{id}/resolve"},
                     {2, repair, "POST /warranties/claims/{id}/resolve"},
                     {2, refund, "POST /warranties/claims/{id}/resolve"}},
            .compare = compare};
}

}  // namespace stateset::sim
