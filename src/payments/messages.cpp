#include "payments/messages.hpp"

#include "payments/rules.hpp"
#include "payments/stripe.hpp"
#include "payments/stripe_message.hpp"
#include "platform/auth/crypto.hpp"
#include "platform/auth/installation.hpp"
#include "platform/auth/signed_message.hpp"
#include "platform/http/desk.hpp"
#include "platform/store/gather.hpp"
#include "sql.hpp"

namespace stateset::payments {
namespace {

using auth::InstallationSecret;

constexpr std::size_t secret_bytes = 32;
constexpr Span replaced_secret_holds = hours(24);

struct ById {
    Uuid id;
};
struct Owner {
    Tenant tenant;
    Uuid id;
};
struct ByCharge {
    std::string gateway, reference;
};
struct Charged {
    Tenant tenant;
    std::optional<Uuid> operation;
    PaymentId payment;
    orders::OrderId order_id;
};

std::string secret_name(std::string_view gateway) { return "gateway." + std::string(gateway); }
std::string replaced_name(std::string_view gateway) { return secret_name(gateway) + ".replaced"; }

std::string_view header(const Desk& desk, std::string_view name) {
    auto* value = desk.request.find(name);
    return value ? std::string_view(*value) : std::string_view();
}

// The secret before the last rotation, while it holds.
std::optional<std::string> replaced_secret(Committer& committer, std::string_view gateway) {
    return committer.run(system_actor(no_tenant), [&](Tx& tx) -> std::optional<std::string> {
        auto* found = tx.find<&InstallationSecret::name>(replaced_name(gateway));
        if (!found || tx.now() - found->created_at > replaced_secret_holds) return std::nullopt;
        return auth::from_base64url(found->value.value);
    });
}

void commit(Desk& desk, Tenant tenant, const std::string& gateway, std::string_view message_id,
            const About& about) {
    desk.committer.run(
        system_actor(tenant), [&](Tx& tx) { take_message(tx, gateway, message_id, about); },
        desk.request_id);
}

std::optional<Owner> owner_of(Desk& desk, Uuid operation) {
    return desk.reads.run(no_tenant, [&](Reads& reads) {
        return reads.maybe<Owner>(sql::payments::pending_operation, ById{operation});
    });
}

void receive_standard(Desk& desk) {
    auth::SignedMessage message{.id = header(desk, "webhook-id"),
                                .timestamp = header(desk, "webhook-timestamp"),
                                .signature = header(desk, "webhook-signature"),
                                .body = desk.request.body};
    auto holds = [&](const std::optional<std::string>& secret) {
        return secret && auth::signature_holds(*secret, message, system_now());
    };
    bool named = !message.id.empty() && message.id.size() <= longest_message_id;
    bool signed_by_it = named && (holds(message_secret(desk.committer, default_gateway)) ||
                                  holds(replaced_secret(desk.committer, default_gateway)));
    if (!signed_by_it) {
        throw Refusal(auth::bad_signature, "The message is not signed with this gateway's secret.");
    }
    auto said = json::decode<OutcomeMessage>(json::parse(desk.request.body));
    auto owner = owner_of(desk, said.operation_id);
    if (!owner) return;  // settled meanwhile, or none of ours: nothing to say
    commit(desk, owner->tenant, std::string(default_gateway), message.id,
           {.operation = owner->id, .payment = {}, .order = {}});
}

void receive_stripe(Desk& desk, const std::string& secret) {
    bool holds = stripe::signature_holds(secret, header(desk, "stripe-signature"),
                                         desk.request.body, system_now());
    if (!holds) {
        throw Refusal(auth::bad_signature, "The message is not signed with Stripe's secret.");
    }
    auto event = stripe::event_of(desk.request.body);
    if (!event || event->id.size() > longest_message_id) return;
    const std::string gateway(stripe_gateway);
    if (event->operation) {
        if (auto owner = owner_of(desk, *event->operation)) {
            return commit(desk, owner->tenant, gateway, event->id,
                          {.operation = owner->id, .payment = {}, .order = {}});
        }
    }
    if (!event->intent) return;
    auto charged = desk.reads.run(no_tenant, [&](Reads& reads) {
        return reads.maybe<Charged>(sql::payments::pending_of_charge,
                                    ByCharge{gateway, *event->intent});
    });
    if (!charged || (!charged->operation && event->type != "payment_intent.canceled")) return;
    commit(
        desk, charged->tenant, gateway, event->id,
        {.operation = charged->operation, .payment = charged->payment, .order = charged->order_id});
}

}  // namespace

std::string message_secret(Committer& committer, std::string_view gateway) {
    return auth::installation_secret(committer, secret_name(gateway),
                                     [] { return auth::random_bytes(secret_bytes); });
}

std::string rotate_message_secret(Committer& committer, std::string_view gateway) {
    message_secret(committer, gateway);  // so that there is one to replace
    auto fresh = auth::random_bytes(secret_bytes);
    committer.run(system_actor(no_tenant), [&](Tx& tx) {
        gather(
            tx, [&] { tx.find<&InstallationSecret::name>(secret_name(gateway)); },
            [&] { tx.find<&InstallationSecret::name>(replaced_name(gateway)); });
        auto& current = tx.edit(*tx.find<&InstallationSecret::name>(secret_name(gateway)));
        auto* before = tx.find<&InstallationSecret::name>(replaced_name(gateway));
        if (!before) {
            before = &tx.add(InstallationSecret{.id = tx.new_id(), .name = replaced_name(gateway)});
        }
        auto& replaced = tx.edit(*before);
        replaced.value = current.value;
        replaced.created_at = tx.now();
        current.value.value = auth::base64url(fresh);
    });
    return fresh;
}

void receive(Desk& desk, const Actor&, const GatewayMessage& from) {
    const auto& stripe_secret = payment_rules().stripe_webhook_secret;
    if (from.gateway.value == default_gateway) {
        receive_standard(desk);
    } else if (from.gateway.value == stripe_gateway && stripe_secret) {
        receive_stripe(desk, *stripe_secret);
    } else {
        throw Refusal(codes::not_found, "There is no such gateway, or it sends no messages.");
    }
}

void take_message(Tx& tx, const std::string& gateway, std::string_view message_id,
                  const About& about) {
    auto id = std::string(message_id);
    if (about.operation) {
        gather(
            tx,
            [&] { tx.find<&GatewayReceipt::gateway, &GatewayReceipt::message_id>(gateway, id); },
            [&] { tx.find<work::Operation>(*about.operation); });
    }
    if (tx.find<&GatewayReceipt::gateway, &GatewayReceipt::message_id>(gateway, id)) return;
    tx.add(GatewayReceipt{.id = tx.new_id(), .gateway = gateway, .message_id = id});
    if (about.operation) return work::hurry(tx, *about.operation);
    gather(
        tx, [&] { tx.find<orders::Order>(*about.order); },
        [&] { tx.find<Payment>(*about.payment); });
    tx.get<orders::Order>(*about.order);
    const auto& payment = tx.get<Payment>(*about.payment);
    bool idle = payment.status == Status::authorized && !payment.operation.value;
    if (idle) begin_void(tx, tx.edit(payment), Wait::no);
}

}  // namespace stateset::payments
