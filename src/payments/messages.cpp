#include <algorithm>

#include "payments/messages.hpp"
#include "platform/auth/crypto.hpp"
#include "platform/auth/installation.hpp"
#include "platform/auth/signed_message.hpp"
#include "platform/http/desk.hpp"
#include "sql.hpp"

namespace stateset::payments {
namespace {

constexpr std::size_t secret_bytes = 32;

struct ById {
    Uuid id;
};
struct Owner {
    Tenant tenant;
    Uuid id;
};

std::string_view header(const Desk& desk, std::string_view name) {
    auto* value = desk.request.find(name);
    return value ? std::string_view(*value) : std::string_view();
}

}  // namespace

std::string message_secret(Committer& committer, std::string_view gateway) {
    return auth::installation_secret(committer, "gateway." + std::string(gateway),
                                     [] { return auth::random_bytes(secret_bytes); });
}

void receive(Desk& desk, const Actor&, const GatewayMessage& from) {
    if (from.gateway.value != default_gateway) {
        throw Refusal(codes::not_found, "There is no such gateway.");
    }
    auth::SignedMessage message{.id = header(desk, "webhook-id"),
                                .timestamp = header(desk, "webhook-timestamp"),
                                .signature = header(desk, "webhook-signature"),
                                .body = desk.request.body};
    auto secret = message_secret(desk.committer, from.gateway.value);
    bool signed_by_it = !message.id.empty() && message.id.size() <= longest_message_id &&
                        auth::signature_holds(secret, message, system_now());
    if (!signed_by_it) {
        throw Refusal(auth::bad_signature, "The message is not signed with this gateway's secret.");
    }
    auto said = json::decode<OutcomeMessage>(json::parse(desk.request.body));
    auto owner = desk.reads.run(no_tenant, [&](Reads& reads) {
        return reads.maybe<Owner>(sql::payments::pending_operation, ById{said.operation_id});
    });
    if (!owner) return;  // settled meanwhile, or none of ours: nothing to say
    desk.committer.run(
        system_actor(owner->tenant),
        [&](Tx& tx) { take_message(tx, from.gateway, message.id, owner->id); }, desk.request_id);
}

void take_message(Tx& tx, const std::string& gateway, std::string_view message_id, Uuid operation) {
    auto id = std::string(message_id);
    if (tx.find<&GatewayReceipt::gateway, &GatewayReceipt::message_id>(gateway, id)) return;
    tx.add(GatewayReceipt{.id = tx.new_id(), .gateway = gateway, .message_id = id});
    work::hurry(tx, operation);
}

}  // namespace stateset::payments
