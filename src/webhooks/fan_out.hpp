#pragma once
// The fan-out turns events into deliveries: a consumer of the log matches each event against the
// enabled endpoints of its tenant. The deliveries commit together with the consumer's cursor, so
// that no event is missed and none is fanned out twice.

#include "platform/events/consumer.hpp"
#include "webhooks/deliveries.hpp"

namespace stateset::webhooks {

// An endpoint as far as the fan-out needs it.
struct Listening {
    Tenant tenant = no_tenant;
    EndpointId id;
    std::vector<std::string> events;
    Time enabled_at;
};

// Whether an event is for an endpoint of the same tenant. A `webhook.test` is for the endpoint it
// is about and for no other.
bool is_for(const Listening&, const events::Logged&);

// What a chunk of events leads to: as many whole events as one command should hold.
events::Reaction fan_out(const std::vector<Listening>&, const std::vector<events::Logged>&);

events::Consumer::Handler fan_out_handler();

}  // namespace stateset::webhooks
