// Commands on endpoints.

#include "identity/tenants.hpp"
#include "platform/auth/crypto.hpp"
#include "platform/auth/installation.hpp"
#include "platform/events/pattern.hpp"
#include "platform/events/position.hpp"
#include "platform/net/address_guard.hpp"
#include "webhooks/webhooks.hpp"

namespace stateset::webhooks {
namespace {

void check_url(const std::string& url) {
    if (auto fault = net::url_fault(url, private_urls_allowed)) {
        throw invalid("/url", "refused_url", *fault);
    }
}

std::vector<std::string> checked(const EventPatterns& patterns) {
    std::vector<std::string> result;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        if (auto fault = events::pattern_fault(patterns[i].value)) {
            throw invalid("/events/" + std::to_string(i), "malformed", *fault);
        }
        result.push_back(patterns[i]);
    }
    return result;
}

std::string sealed(Tx& tx, EndpointId id, const std::string& secret) {
    auto* key = tx.in(no_tenant, [&] {
        return tx.peek<&auth::InstallationSecret::name>(std::string(sealing_secret));
    });
    if (!key) throw std::logic_error("the key that seals webhook secrets is not there");
    return auth::base64url(auth::seal(auth::from_base64url(key->value.value).value(), secret,
                                      "webhook_secret:" + to_string(id)));
}

std::string opened(const std::string& sealed, EndpointId id, const std::string& key) {
    auto raw = auth::from_base64url(sealed);
    auto secret = raw ? auth::open(key, *raw, "webhook_secret:" + to_string(id)) : std::nullopt;
    auto bytes = secret ? auth::webhook_secret_bytes(*secret) : std::nullopt;
    if (!bytes) throw std::runtime_error("a webhook secret cannot be opened");
    return *bytes;
}

const Endpoint& require_enabled(const Endpoint& endpoint) {
    require(endpoint.status == EndpointStatus::enabled, endpoint_disabled,
            "Nothing is sent to this endpoint while it is disabled.");
    return endpoint;
}

struct Bound {
    std::optional<Time> time;
    std::optional<std::int64_t> position;
};

Bound bound_from(const std::string& text, std::string_view pointer) {
    Bound bound{.time = time_from(text)};
    if (!bound.time) bound.position = events::position_from(text);
    if (!bound.time && !bound.position) {
        throw invalid(std::string(pointer), "malformed",
                      "is neither a time nor a position of the log");
    }
    return bound;
}

}  // namespace

PreparedEndpoint make_secret(const NewEndpoint& wanted) {
    return {.wanted = wanted, .secret = auth::make_webhook_secret()};
}

NewSecret make_new_secret(const OnEndpoint& wanted) {
    return {.id = wanted.id, .secret = auth::make_webhook_secret()};
}

EndpointWithSecret create(Tx& tx, const Actor&, const PreparedEndpoint& prepared) {
    const auto& wanted = prepared.wanted;
    check_url(wanted.url);
    Endpoint endpoint{.id = tx.new_id(),
                      .url = wanted.url,
                      .events = checked(wanted.events),
                      .metadata = wanted.metadata,
                      .enabled_at = {tx.now()}};
    if (wanted.description) endpoint.description = wanted.description->value;
    endpoint.secret.value = sealed(tx, endpoint.id, prepared.secret);
    identity::count(tx, identity::Counted::webhook_endpoints, 1);
    return {.endpoint = {tx.add(std::move(endpoint))}, .secret = prepared.secret};
}

Endpoint update(Tx& tx, const Actor&, const EndpointChanges& wanted) {
    auto& endpoint = tx.edit<Endpoint>(wanted.id);
    if (wanted.url.given) {
        check_url(wanted.url.value);
        endpoint.url = wanted.url.value;
    }
    if (wanted.events.given) endpoint.events = checked(wanted.events.value);
    if (wanted.description.given) {
        endpoint.description.reset();
        if (wanted.description.value) endpoint.description = wanted.description.value->value;
    }
    wanted.metadata.apply(endpoint.metadata);
    return endpoint;
}

EndpointWithSecret rotate_secret(Tx& tx, const Actor&, const NewSecret& wanted) {
    auto& endpoint = tx.edit<Endpoint>(wanted.id);
    endpoint.former_secret.value = endpoint.secret.value;
    endpoint.former_secret_until.value = tx.now() + former_secret_kept;
    endpoint.secret.value = sealed(tx, endpoint.id, wanted.secret);
    return {.endpoint = {endpoint}, .secret = wanted.secret};
}

// What happened while it was disabled is not sent; it can be replayed.
Endpoint enable(Tx& tx, const Actor&, const OnEndpoint& wanted) {
    auto& endpoint = tx.edit<Endpoint>(wanted.id);
    endpoint.status = next(endpoint_lifecycle, endpoint.status, EndpointAction::enable);
    endpoint.disabled_reason.reset();
    endpoint.failing_since.reset();
    endpoint.enabled_at.value = tx.now();
    return endpoint;
}

Endpoint disable(Tx& tx, const Actor&, const OnEndpoint& wanted) {
    auto& endpoint = tx.edit<Endpoint>(wanted.id);
    endpoint.status = next(endpoint_lifecycle, endpoint.status, EndpointAction::disable);
    endpoint.disabled_reason = DisabledReason::by_hand;
    return endpoint;
}

// Its pending deliveries are given up afterwards, see backlog.hpp.
void remove(Tx& tx, const Actor&, const EndpointById& wanted) {
    tx.remove(tx.get<Endpoint>(wanted.id));
    identity::count(tx, identity::Counted::webhook_endpoints, -1);
}

// The fan-out brings this event to the endpoint it is about and to no other.
Endpoint send_test(Tx& tx, const Actor&, const OnEndpoint& wanted) {
    const auto& endpoint = require_enabled(tx.get<Endpoint>(wanted.id));
    tx.emit("webhook.test", endpoint);
    return endpoint;
}

Replay replay(Tx& tx, const Actor&, const ReplayEvents& wanted) {
    const auto& endpoint = require_enabled(tx.get<Endpoint>(wanted.id));
    auto after = bound_from(wanted.after, "/after");
    auto before = wanted.before ? bound_from(*wanted.before, "/before") : Bound{.time = tx.now()};
    return tx.add(Replay{.id = tx.new_id(),
                         .endpoint_id = endpoint.id,
                         .position = {after.position.value_or(0)},
                         .after_time = {after.time},
                         .before_time = {before.time},
                         .before_position = {before.position}});
}

bool wants(const std::vector<std::string>& patterns, std::string_view event_type) {
    for (const auto& pattern : patterns) {
        if (events::matches(pattern, event_type)) return true;
    }
    return false;
}

std::vector<std::string> signing_secrets(const Endpoint& endpoint, const std::string& sealing_key,
                                         Time now) {
    std::vector<std::string> secrets{opened(endpoint.secret.value, endpoint.id, sealing_key)};
    const auto& until = endpoint.former_secret_until.value;
    if (until && *until > now) {
        secrets.push_back(opened(*endpoint.former_secret.value, endpoint.id, sealing_key));
    }
    return secrets;
}

}  // namespace stateset::webhooks
