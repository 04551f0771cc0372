#include "flows/administer.hpp"

#include "flows/found_tenant.hpp"
#include "payments/messages.hpp"
#include "platform/auth/crypto.hpp"
#include "sql.hpp"

namespace stateset::flows {
namespace {

constexpr std::string_view first_tenant_name = "Main";
constexpr std::size_t password_bytes = 15;  // 20 characters

struct Everything {};
struct Wanted {
    std::string wanted;
};
struct ByEmail {
    std::string email;
};
struct Found {
    identity::UserId id;
    std::int64_t of_tenant = 0;
};

// What was typed, as the API would take it.
template <class T>
T taken(const std::optional<std::string>& typed, const std::string& name) {
    if (!typed) throw invalid("--" + name, "required", "is required");
    T value{};
    json::Faults faults;
    json::decode_text_into(*typed, value, faults, "--" + name);
    faults.refuse_if_any();
    return value;
}

template <class List>
List taken_all(const std::vector<std::string>& typed) {
    List list;
    for (const auto& one : typed) list.value.push_back({one});
    return list;
}

std::vector<identity::Organization> all_tenants(ReadPool& reads) {
    return reads.run(no_tenant, [](Reads& from) {
        return from.all<identity::Organization>(sql::identity::tenants, Everything{});
    });
}

std::int64_t tenant_of(ReadPool& reads, const AdminRequest& asked) {
    auto found = reads.run(no_tenant, [&](Reads& from) {
        return from.maybe<identity::Organization>(sql::identity::tenant,
                                                  Wanted{asked.tenant.value_or("1")});
    });
    if (!found) throw invalid("--tenant", "unknown", "names no tenant");
    return found->number;
}

Found owner_of(ReadPool& reads, const AdminRequest& asked) {
    auto tenant = asked.email ? no_tenant : tenant_of(reads, asked);
    auto found = reads.run(tenant, [&](Reads& from) {
        return asked.email ? from.maybe<Found>(sql::identity::by_email,
                                               ByEmail{taken<Email>(asked.email, "email").value})
                           : from.maybe<Found>(sql::identity::administrators, Everything{});
    });
    if (!found) throw invalid("--email", "unknown", "names no user");
    return *found;
}

AdminAnswer create_user(Committer& committer, std::int64_t tenant, const AdminRequest& asked) {
    auto password = asked.password;
    if (!password) password = auth::base64url(auth::random_bytes(password_bytes));
    identity::NewUser wanted{.email = taken<Email>(asked.email, "email"),
                             .name = std::nullopt,
                             .password = taken<identity::Password>(password, "password"),
                             .roles = taken_all<decltype(wanted.roles)>(asked.roles)};
    if (asked.name) wanted.name = taken<Text<200>>(asked.name, "name");
    auto hashed = identity::hash_new(wanted);
    auto actor = system_actor(tenant);
    auto user =
        committer.run(actor, [&](Tx& tx) { return identity::create_user(tx, actor, hashed); });
    return {.tenant = tenant,
            .name = user.name,
            .email = user.email,
            .password = asked.password ? std::nullopt : password,
            .id = to_string(user.id)};
}

AdminAnswer create_tenant(Committer& committer, const AdminRequest& asked) {
    auto name = taken<Text<200>>(asked.name, "name");
    auto founded = committer.run(system_actor(no_tenant),
                                 [&](Tx& tx) { return found_tenant(tx, {.name = name.value}); });
    AdminAnswer answer;
    if (asked.email) {
        auto administrator = asked;
        administrator.name.reset();
        administrator.roles = {"admin"};
        answer = create_user(committer, founded.number, administrator);
    }
    answer.tenant = founded.number;
    answer.name = founded.name;
    return answer;
}

AdminAnswer create_key(Committer& committer, ReadPool& reads, const AdminRequest& asked) {
    auto owner = owner_of(reads, asked);
    auto scopes = asked.scopes.empty() ? std::vector<std::string>{"*"} : asked.scopes;
    identity::NewApiKey wanted{
        .name = taken<Text<100>>(asked.name.value_or("made on the command line"), "name"),
        .scopes = taken_all<decltype(wanted.scopes)>(scopes),
        .expires_at = std::nullopt};
    auto made = identity::make_key(wanted);
    auto actor = system_actor(owner.of_tenant);
    actor.user_id = owner.id.value;
    auto key = committer.run(actor, [&](Tx& tx) { return identity::create_key(tx, actor, made); });
    return {.tenant = owner.of_tenant,
            .name = key.api_key->name,
            .id = to_string(key.api_key->id),
            .key = key.key};
}

// Suspends a tenant or lets it go on.
AdminAnswer move_account(Committer& committer, ReadPool& reads, const AdminRequest& asked) {
    if (!asked.tenant) throw invalid("--tenant", "required", "is required");
    auto actor = system_actor(identity::first_tenant);
    identity::OnAccount wanted{.id = {}, .reason = std::nullopt};
    if (asked.reason) wanted.reason = Text<500, 0>{taken<Text<500>>(asked.reason, "reason").value};
    auto number = tenant_of(reads, asked);
    auto moved = committer.run(actor, [&](Tx& tx) {
        auto* account = tx.find<&identity::Account::tenant_number>(number);
        if (!account) throw Refusal(codes::not_found, "The tenant has no account.");
        wanted.id = account->id;
        return asked.task == Task::suspend_tenant ? identity::suspend(tx, actor, wanted)
                                                  : identity::resume(tx, actor, wanted);
    });
    return {.tenant = moved.tenant_number,
            .name = moved.name,
            .status = std::string(reflect::name(moved.status))};
}

// The secret that a gateway of ours signs its messages with, as Standard Webhooks writes it.
AdminAnswer gateway_secret(Committer& committer, const AdminRequest& asked) {
    auto name = taken<Text<50>>(asked.name, "name").value;
    if (name != payments::default_gateway) {
        throw invalid("--name", "unknown", "names no gateway whose secret is made here");
    }
    bool rotate = asked.task == Task::rotate_gateway_secret;
    auto secret = rotate ? payments::rotate_message_secret(committer, name)
                         : payments::message_secret(committer, name);
    return {.name = name, .key = "whsec_" + auth::base64(secret)};
}

std::string in_words(const Refusal& refusal) {
    std::string text = refusal.detail();
    if (refusal.faults().empty()) return text;
    text.clear();
    for (const auto& fault : refusal.faults()) {
        if (!text.empty()) text += "; ";
        text += fault.pointer + " " + fault.message;
    }
    return text;
}

}  // namespace

AdminAnswer administer(Committer& committer, ReadPool& reads, const AdminRequest& asked) {
    switch (asked.task) {
        case Task::create_tenant: return create_tenant(committer, asked);
        case Task::create_user: return create_user(committer, tenant_of(reads, asked), asked);
        case Task::create_key: return create_key(committer, reads, asked);
        case Task::suspend_tenant:
        case Task::resume_tenant: return move_account(committer, reads, asked);
        case Task::show_gateway_secret:
        case Task::rotate_gateway_secret: return gateway_secret(committer, asked);
    }
    throw std::logic_error("an administrator's task without an answer");
}

std::string administer(Committer& committer, ReadPool& reads, std::string_view request) {
    try {
        return json::to_text(
            administer(committer, reads, json::decode<AdminRequest>(json::parse(request))));
    } catch (const Refusal& refusal) {
        return json::to_text(AdminAnswer{.error = in_words(refusal)});
    } catch (const std::exception& failure) {
        return json::to_text(AdminAnswer{.error = failure.what()});
    }
}

identity::Organization first_tenant(Committer& committer, ReadPool& reads) {
    auto known = all_tenants(reads);
    if (known.empty()) {
        try {
            return committer.run(system_actor(no_tenant), [](Tx& tx) {
                return found_tenant(tx, {.name = std::string(first_tenant_name), .first = true});
            });
        } catch (const Refusal& refusal) {
            // Of several instances that start at once one founds it.
            if (refusal.code().name != codes::already_exists.name) throw;
            known = all_tenants(reads);
        }
    }
    for (const auto& tenant : known) {
        committer.run(system_actor(tenant.number),
                      [](Tx& tx) { identity::keep_built_in_roles(tx); });
    }
    return known.front();
}

}  // namespace stateset::flows
