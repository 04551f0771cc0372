#include "webhooks/deliveries.hpp"

#include <map>
#include <set>

namespace stateset::webhooks {
namespace {

void disable_for(Tx& tx, const Endpoint& found, DisabledReason reason) {
    if (found.status == EndpointStatus::disabled) return;
    auto& endpoint = tx.edit(found);
    endpoint.status = next(endpoint_lifecycle, endpoint.status, EndpointAction::disable);
    endpoint.disabled_reason = reason;
    tx.emit("webhook.endpoint_disabled", endpoint);
}

void succeeded(Tx& tx, Delivery& delivery, const Endpoint* endpoint) {
    work::move_on(delivery, work::SendingAction::succeed);
    if (endpoint && endpoint->failing_since) tx.edit(*endpoint).failing_since.reset();
}

void failed(Tx& tx, Delivery& delivery, const Endpoint* endpoint, const Outcome& outcome,
            const Patience& patience) {
    work::fail(delivery, patience.schedule, outcome.chance, outcome.retry_after, tx.now());
    if (!endpoint) return;
    if (!endpoint->failing_since) {
        tx.edit(*endpoint).failing_since = tx.now();
    } else if (tx.now() - *endpoint->failing_since >= patience.disable_after) {
        disable_for(tx, *endpoint, DisabledReason::failing);
    }
}

void settle(Tx& tx, Delivery& delivery, const Endpoint* endpoint, const Outcome& outcome,
            const Patience& patience) {
    work::release(delivery);
    if (outcome.verdict == Verdict::not_made) return;
    work::note(delivery, outcome.attempt);
    if (outcome.verdict == Verdict::delivered) succeeded(tx, delivery, endpoint);
    if (outcome.verdict == Verdict::failed) failed(tx, delivery, endpoint, outcome, patience);
    if (outcome.verdict == Verdict::gone) {
        work::move_on(delivery, work::SendingAction::give_up);
        if (endpoint) disable_for(tx, *endpoint, DisabledReason::gone);
    }
}

}  // namespace

Delivery retry(Tx& tx, const Actor&, const OnDelivery& wanted) {
    const auto& found = tx.get<Delivery>(wanted.id);
    const auto* endpoint = tx.peek<Endpoint>(found.endpoint_id);
    require(endpoint && endpoint->status == EndpointStatus::enabled, endpoint_disabled,
            "The delivery's endpoint is disabled or deleted.");
    auto& delivery = tx.edit(found);
    work::try_again(delivery, tx.now());
    return delivery;
}

std::int64_t add_deliveries(Tx& tx, const std::vector<Planned>& planned) {
    std::set<Address> addresses;
    for (const auto& one : planned) addresses.insert(one.to);
    auto enabled = tx.each(addresses, [&](const Address& address) {
        return tx.in(address.tenant, [&] {
            auto* endpoint = tx.peek<Endpoint>(address.endpoint);
            return endpoint && endpoint->status == EndpointStatus::enabled;
        });
    });
    std::map<Address, bool> takes;
    std::size_t at = 0;
    for (const auto& address : addresses) takes[address] = enabled[at++];
    std::int64_t added = 0;
    for (const auto& one : planned) {
        if (!takes[one.to]) continue;
        tx.in(one.to.tenant, [&] {
            tx.add(Delivery{.id = tx.new_id(),
                            .endpoint_id = one.to.endpoint,
                            .event_id = one.event_id,
                            .event_type = one.event_type,
                            .aggregate_type = one.aggregate_type,
                            .aggregate_id = one.aggregate_id,
                            .position = {one.position},
                            .next_attempt_at = tx.now()});
        });
        ++added;
    }
    return added;
}

Claimed claim(Tx& tx, const Claim& wanted) {
    return tx.in(wanted.from.tenant, [&]() -> Claimed {
        const Endpoint* endpoint = nullptr;
        auto found = tx.each(wanted.deliveries, [&](DeliveryId id) {
            endpoint = tx.peek<Endpoint>(wanted.from.endpoint);
            return tx.find<Delivery>(id);
        });
        if (!endpoint || endpoint->status != EndpointStatus::enabled) return {};
        Claimed claimed{.endpoint = *endpoint, .until = tx.now() + wanted.lease};
        std::set<std::string> on_their_way;  // aggregates whose first attempt another instance has
        for (const auto* one : found) {
            if (!one || one->status != DeliveryStatus::pending) continue;
            bool first = one->tries.value == 0;
            if (first && on_their_way.contains(one->aggregate_id)) continue;
            if (work::is_held_by_another(*one, wanted, tx.now())) {
                if (first) on_their_way.insert(one->aggregate_id);
                continue;
            }
            auto& delivery = tx.edit(*one);
            work::lease(delivery, wanted.owner, claimed.until);
            claimed.deliveries.push_back(delivery.id);
        }
        return claimed;
    });
}

Time extend(Tx& tx, const std::vector<Held>& held, const std::string& owner, Span lease) {
    auto found = tx.each(held, [&](const Held& one) {
        return tx.in(one.from.tenant, [&] { return tx.find<Delivery>(one.delivery); });
    });
    auto until = tx.now() + lease;
    for (std::size_t i = 0; i < held.size(); ++i) {
        if (!found[i] || found[i]->lease_owner.value != owner) continue;
        tx.in(held[i].from.tenant, [&] { tx.edit(*found[i]).lease_until.value = until; });
    }
    return until;
}

void record(Tx& tx, const std::vector<Outcome>& outcomes, const Patience& patience) {
    struct Found {
        const Delivery* delivery;
        const Endpoint* endpoint;
    };
    auto found = tx.each(outcomes, [&](const Outcome& outcome) {
        return tx.in(outcome.from.tenant, [&] {
            return Found{tx.find<Delivery>(outcome.delivery),
                         tx.find<Endpoint>(outcome.from.endpoint)};
        });
    });
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const auto& outcome = outcomes[i];
        const auto* delivery = found[i].delivery;
        if (!delivery || delivery->lease_owner.value != outcome.owner) continue;
        tx.in(outcome.from.tenant,
              [&] { settle(tx, tx.edit(*delivery), found[i].endpoint, outcome, patience); });
    }
}

void give_up(Tx& tx, const std::vector<Orphan>& orphans) {
    auto found = tx.each(orphans, [&](const Orphan& orphan) {
        return tx.in(orphan.tenant, [&] { return tx.find<Delivery>(orphan.id); });
    });
    for (std::size_t i = 0; i < orphans.size(); ++i) {
        if (!found[i] || found[i]->status != DeliveryStatus::pending) continue;
        tx.in(orphans[i].tenant, [&] {
            auto& delivery = tx.edit(*found[i]);
            work::release(delivery);
            work::move_on(delivery, work::SendingAction::give_up);
        });
    }
}

}  // namespace stateset::webhooks
