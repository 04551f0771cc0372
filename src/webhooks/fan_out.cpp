#include "webhooks/fan_out.hpp"

#include <algorithm>
#include <map>

#include "sql.hpp"

namespace stateset::webhooks {
namespace {

// A command that adds more would hold up its neighbours.
constexpr std::size_t most_deliveries = 500;

struct Any {
    Tenant tenant = no_tenant;
};
struct Everything {};

Planned planned(const Listening& endpoint, const events::Logged& event) {
    return {.to = {endpoint.tenant, endpoint.id},
            .event_id = event.id,
            .event_type = event.type,
            .aggregate_type = event.aggregate_type,
            .aggregate_id = event.aggregate_id,
            .position = event.position};
}

}  // namespace

bool is_for(const Listening& endpoint, const events::Logged& event) {
    if (event.type == "webhook.test") return event.aggregate_id == to_string(endpoint.id);
    return event.occurred_at >= endpoint.enabled_at && wants(endpoint.events, event.type);
}

events::Reaction fan_out(const std::vector<Listening>& endpoints,
                         const std::vector<events::Logged>& chunk) {
    std::map<Tenant, std::vector<const Listening*>> by_tenant;
    for (const auto& endpoint : endpoints) by_tenant[endpoint.tenant].push_back(&endpoint);
    events::Reaction reaction;
    std::vector<Planned> plan;
    for (const auto& event : chunk) {
        if (plan.size() >= most_deliveries) break;
        reaction.through = event.position;
        auto here = by_tenant.find(event.tenant);
        if (here == by_tenant.end()) continue;
        for (const auto* endpoint : here->second) {
            if (is_for(*endpoint, event)) plan.push_back(planned(*endpoint, event));
        }
    }
    if (plan.empty()) return reaction;
    reaction.weight = static_cast<int>(plan.size());
    reaction.command = [plan = std::move(plan)](Tx& tx) { add_deliveries(tx, plan); };
    return reaction;
}

events::Consumer::Handler fan_out_handler() {
    return {.anybody =
                [](Reads& reads) {
                    return reads.maybe<Any>(sql::webhooks::any_enabled, Everything{}).has_value();
                },
            .react =
                [](Reads& reads, const std::vector<events::Logged>& chunk) {
                    auto endpoints = reads.all<Listening>(sql::webhooks::listening, Everything{});
                    return fan_out(endpoints, chunk);
                }};
}

}  // namespace stateset::webhooks
