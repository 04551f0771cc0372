// Who wants to be told, and what became of telling them: workers take deliveries on a lease and
// say how it went; a lease that ran out, or was another's, counts for nothing.

#include "webhooks/deliveries.hpp"

#include <array>

#include "nouns.hpp"

namespace stateset::sim {
namespace {

using webhooks::DeliveryId;
using webhooks::DeliveryStatus;
using webhooks::EndpointId;
using webhooks::Verdict;

constexpr Span lease = minutes(10);
const webhooks::Patience patience{.schedule = {{}, minutes(5)}, .disable_after = hours(20)};
constexpr std::int64_t most_failures = 2;  // as many as the schedule has attempts

std::optional<EndpointId> any_endpoint(Random& random, const Model& model, bool enabled = true) {
    return any_key(random, model.endpoints,
                   [&](const Listener& one) { return one.enabled == enabled; });
}

std::optional<Action> create(Random& random, Model&, World&) {
    bool good = !random.chance(10);
    std::string url = good ? "https://hooks.example.com/in" : "ftp://hooks.example.com";
    auto made = std::make_shared<EndpointId>();
    auto work = [=](Tx& tx) {
        webhooks::PreparedEndpoint wanted{.wanted = {.url = {url}}, .secret = "whsec_c2VjcmV0"};
        wanted.wanted.events.value = {{"order.*"}};
        return webhooks::create(tx, actor, wanted).endpoint->id;
    };
    return Action{"tell " + url, keeping(made, work), [=](Model& now) -> std::string {
                      if (!good) return "invalid";
                      now.endpoints[*made] = {.url = url};
                      return ok;
                  }};
}

// What becomes of an endpoint when it is there.
template <class Command, class Expect>
Action on_endpoint(const std::string& text, EndpointId id, Command command, Expect expect) {
    return {text, doing(command), [=](Model& now) -> std::string {
                auto found = now.endpoints.find(id);
                return found == now.endpoints.end() ? "not_found" : expect(now, found->second);
            }};
}

std::optional<Action> update(Random& random, Model& model, World&) {
    auto id = any_endpoint(random, model);
    if (!id) return std::nullopt;
    auto url = "https://hooks.example.com/" + std::to_string(random.below(9));
    return on_endpoint(
        "tell " + url, *id,
        [=](Tx& tx) {
            webhooks::EndpointChanges wanted{.id = *id};
            wanted.url = {true, {url}};
            webhooks::update(tx, actor, wanted);
        },
        [url](Model&, Listener& one) {
            one.url = url;
            return ok;
        });
}

std::optional<Action> remove(Random& random, Model& model, World&) {
    auto id = any_endpoint(random, model);
    if (!id || random.chance(50)) return std::nullopt;
    return on_endpoint(
        "tell them no more", *id, [id](Tx& tx) { webhooks::remove(tx, actor, {*id}); },
        [id](Model& now, Listener&) {
            now.endpoints.erase(*id);
            return ok;
        });
}

std::optional<Action> rotate(Random& random, Model& model, World&) {
    auto id = any_endpoint(random, model);
    if (!id) return std::nullopt;
    return on_endpoint(
        "another secret", *id,
        [id](Tx& tx) { webhooks::rotate_secret(tx, actor, {*id, "whsec_b3RoZXI="}); },
        [](Model&, Listener&) { return ok; });
}

std::optional<Action> enable(Random& random, Model& model, World&) {
    auto id = any_endpoint(random, model, false);
    if (!id) return std::nullopt;
    return on_endpoint(
        "enable an endpoint", *id, [id](Tx& tx) { webhooks::enable(tx, actor, {*id, {}}); },
        [](Model&, Listener& one) -> std::string {
            if (one.enabled) return "illegal_transition";
            one.enabled = true;
            one.failing_since.reset();
            return ok;
        });
}

std::optional<Action> disable(Random& random, Model& model, World&) {
    auto id = any_endpoint(random, model);
    if (!id) return std::nullopt;
    return on_endpoint(
        "disable an endpoint", *id, [id](Tx& tx) { webhooks::disable(tx, actor, {*id, {}}); },
        [](Model&, Listener& one) -> std::string {
            if (!one.enabled) return "illegal_transition";
            one.enabled = false;
            return ok;
        });
}

std::string while_enabled(Model&, Listener& one) { return one.enabled ? ok : "endpoint_disabled"; }

std::optional<Action> test(Random& random, Model& model, World&) {
    auto id = any_endpoint(random, model);
    if (!id) return std::nullopt;
    return on_endpoint(
        "try an endpoint", *id, [id](Tx& tx) { webhooks::send_test(tx, actor, {*id, {}}); },
        while_enabled);
}

std::optional<Action> replay(Random& random, Model& model, World&) {
    auto id = any_endpoint(random, model);
    if (!id) return std::nullopt;
    return on_endpoint(
        "tell all again", *id,
        [id](Tx& tx) { webhooks::replay(tx, actor, {*id, {"2026-01-01T00:00:00Z"}, {}}); },
        while_enabled);
}

// ---- deliveries: the model knows them by the position of their event

std::optional<Action> plan(Random& random, Model& model, World&) {
    auto id = any_endpoint(random, model);
    if (!id || model.orders.empty()) return std::nullopt;
    auto about = to_string(random.one_of(model.orders).first);
    auto position = ++model.numbers;
    auto work = [=](Tx& tx) {
        webhooks::add_deliveries(tx, {{.to = {tenant, *id},
                                       .event_id = tx.new_id(),
                                       .event_type = "order.created",
                                       .aggregate_type = "order",
                                       .aggregate_id = about,
                                       .position = position}});
    };
    return Action{"an event for an endpoint", doing(work), [=](Model& now) {
                      auto found = now.endpoints.find(*id);
                      bool takes = found != now.endpoints.end() && found->second.enabled;
                      if (takes) now.deliveries[position] = {.to = *id, .about = about};
                      return ok;
                  }};
}

struct Found {
    DeliveryId id;
    std::int64_t position = 0;
    EndpointId to;
};

std::optional<Found> any_delivery(Random& random, const World& world,
                                  const std::function<bool(const webhooks::Delivery&)>& fits) {
    std::vector<Found> all, fitting;
    for (const auto& one : world.all<webhooks::Delivery>()) {
        all.push_back({one.id, one.position.value, one.endpoint_id});
        if (fits(one)) fitting.push_back(all.back());
    }
    if (!fitting.empty() && !random.chance(10)) return random.one_of(fitting);
    if (all.empty()) return std::nullopt;
    return random.one_of(all);
}

bool is_pending(const webhooks::Delivery& one) { return one.status == DeliveryStatus::pending; }

// An instance takes one for some minutes, unless another has it or one before it about the same.
std::optional<Action> claim(Random& random, Model&, World& world) {
    auto found = any_delivery(random, world, is_pending);
    if (!found) return std::nullopt;
    std::string owner = random.chance(50) ? "here" : "there";
    webhooks::Claim wanted{
        .from = {tenant, found->to}, .deliveries = {}, .owner = owner, .lease = lease};
    std::vector<std::int64_t> positions;
    for (const auto& one : world.all<webhooks::Delivery>()) {
        bool before = one.position.value < found->position && one.endpoint_id == found->to &&
                      one.status == DeliveryStatus::pending && random.chance(50);
        if (!before && one.id != found->id) continue;
        wanted.deliveries.push_back(one.id);
        positions.push_back(one.position.value);
    }
    return Action{owner + " takes deliveries",
                  doing([wanted](Tx& tx) { webhooks::claim(tx, wanted); }), [=](Model& now) {
                      auto endpoint = now.endpoints.find(found->to);
                      if (endpoint == now.endpoints.end() || !endpoint->second.enabled) return ok;
                      std::set<std::string> under_way;
                      for (auto position : positions) {
                          auto& one = now.deliveries.at(position);
                          if (one.status != DeliveryStatus::pending) continue;
                          bool first = one.tries == 0;
                          if (first && under_way.contains(one.about)) continue;
                          if (one.until && *one.until > now.now) {
                              if (first) under_way.insert(one.about);
                              continue;
                          }
                          one.owner = owner;
                          one.until = now.now + lease;
                      }
                      return ok;
                  }};
}

void failed(Model& model, Sent& one, Listener* endpoint) {
    bool over = ++one.tries >= most_failures;
    if (over) one.status = DeliveryStatus::dead;
    if (!endpoint) return;
    if (!endpoint->failing_since) {
        endpoint->failing_since = model.now;
    } else if (model.now - *endpoint->failing_since >= patience.disable_after) {
        endpoint->enabled = false;
    }
}

std::string record_by_hand(Model& model, const Found& found, const std::string& owner,
                           Verdict verdict) {
    auto& one = model.deliveries.at(found.position);
    if (one.owner != owner) return ok;
    one.owner.clear();
    one.until.reset();
    auto known = model.endpoints.find(found.to);
    auto* endpoint = known == model.endpoints.end() ? nullptr : &known->second;
    if (verdict == Verdict::delivered) {
        one.status = DeliveryStatus::delivered;
        if (endpoint) endpoint->failing_since.reset();
    } else if (verdict == Verdict::failed) {
        failed(model, one, endpoint);
    } else if (verdict == Verdict::gone) {
        one.status = DeliveryStatus::dead;
        if (endpoint) endpoint->enabled = false;
    }
    return ok;
}

std::optional<Action> record(Random& random, Model&, World& world) {
    auto found = any_delivery(random, world, [](const webhooks::Delivery& one) {
        return one.lease_owner.value.has_value();
    });
    if (!found) return std::nullopt;
    std::string owner = random.chance(50) ? "here" : "there";
    auto verdict = random.one_of(std::array{Verdict::delivered, Verdict::failed, Verdict::failed,
                                            Verdict::gone, Verdict::not_made});
    auto work = [=, now = world.now()](Tx& tx) {
        webhooks::record(tx,
                         {{.from = {tenant, found->to},
                           .delivery = found->id,
                           .owner = owner,
                           .verdict = verdict,
                           .attempt = {.attempted_at = now, .status_code = {}, .error = {}}}},
                         patience);
    };
    return Action{owner + " tried a delivery: " + std::string(reflect::name(verdict)), doing(work),
                  [=](Model& now) { return record_by_hand(now, *found, owner, verdict); }};
}

std::optional<Action> retry(Random& random, Model&, World& world) {
    auto found = any_delivery(random, world, [](const webhooks::Delivery& one) {
        return one.status == DeliveryStatus::dead;
    });
    if (!found) return std::nullopt;
    return Action{"try a delivery again",
                  doing([found](Tx& tx) { webhooks::retry(tx, actor, {found->id, {}}); }),
                  [found](Model& now) -> std::string {
                      auto endpoint = now.endpoints.find(found->to);
                      bool takes = endpoint != now.endpoints.end() && endpoint->second.enabled;
                      if (!takes) return "endpoint_disabled";
                      auto& one = now.deliveries.at(found->position);
                      if (one.status == DeliveryStatus::delivered) return "illegal_transition";
                      if (one.status == DeliveryStatus::dead) one.tries = 0;
                      one.status = DeliveryStatus::pending;
                      return ok;
                  }};
}

std::optional<Action> give_up(Random& random, Model& model, World& world) {
    auto found = any_delivery(random, world, [&](const webhooks::Delivery& one) {
        return is_pending(one) && !model.endpoints.contains(one.endpoint_id);
    });
    if (!found || model.endpoints.contains(found->to)) return std::nullopt;
    return Action{"give up what has no endpoint",
                  doing([found](Tx& tx) { webhooks::give_up(tx, {{tenant, found->id}}); }),
                  [found](Model& now) {
                      auto& one = now.deliveries.at(found->position);
                      if (one.status != DeliveryStatus::pending) return ok;
                      one = {.to = one.to,
                             .about = one.about,
                             .status = DeliveryStatus::dead,
                             .tries = one.tries};
                      return ok;
                  }};
}

void compare(const World& world, Model& model) {
    auto endpoints = world.all<webhooks::Endpoint>();
    require_same(endpoints.size(), model.endpoints.size(), "the number of endpoints");
    for (const auto& one : endpoints) {
        const auto& listener = model.endpoints.at(one.id);
        require_same(one.url, listener.url, "where an endpoint is");
        require_same(one.status == webhooks::EndpointStatus::enabled, listener.enabled,
                     "whether an endpoint is enabled");
        require_same(one.failing_since, listener.failing_since, "since when it fails");
    }
    auto deliveries = world.all<webhooks::Delivery>();
    require_same(deliveries.size(), model.deliveries.size(), "the number of deliveries");
    for (const auto& one : deliveries) {
        const auto& sent = model.deliveries.at(one.position.value);
        require_same(one.status, sent.status, "a delivery");
        require_same(one.tries.value, sent.tries, "how often a delivery was tried");
        require_same(one.lease_owner.value.value_or(""), sent.owner, "who has a delivery");
        require_same(one.lease_until.value, sent.until, "until when");
    }
}

}  // namespace

Noun webhooks_() {
    return {.name = "webhooks",
            .ways = {{2, create, "POST /webhooks/endpoints"},
                     {1, update, "PATCH /webhooks/endpoints/{id}"},
                     {1, remove, "DELETE /webhooks/endpoints/{id}"},
                     {1, rotate, "POST /webhooks/endpoints/{id}/rotate-secret"},
                     {2, enable, "POST /webhooks/endpoints/{id}/enable"},
                     {1, disable, "POST /webhooks/endpoints/{id}/disable"},
                     {1, test, "POST /webhooks/endpoints/{id}/test"},
                     {1, replay, "POST /webhooks/endpoints/{id}/replay"},
                     {3, plan, "worker: fan-out"},
                     {3, claim, "worker: webhooks"},
                     {3, record, "worker: webhooks"},
                     {2, retry, "POST /webhooks/deliveries/{id}/retry"},
                     {1, give_up, "worker: backlog"}},
            .compare = compare};
}

}  // namespace stateset::sim
