#include "flows/first_start.hpp"

#include "flows/found_tenant.hpp"
#include "identity/permissions.hpp"
#include "platform/auth/crypto.hpp"
#include "sql.hpp"

namespace stateset::flows {
namespace {

constexpr std::string_view made_up_email = "admin@localhost.localdomain";
constexpr std::string_view first_tenant_name = "Main";
constexpr std::size_t password_bytes = 15;  // 20 characters

struct Everything {};

template <class T>
T checked(const std::string& text, const std::string& name) {
    T value;
    json::Faults faults;
    json::decode_text_into(text, value, faults, name);
    if (!faults.empty()) {
        throw std::runtime_error(name + " " + faults.list().front().message);
    }
    return value;
}

std::vector<identity::Organization> tenants(ReadPool& reads) {
    return reads.run(no_tenant, [](Reads& asked) {
        return asked.all<identity::Organization>(sql::identity::tenants, Everything{});
    });
}

}  // namespace

std::optional<Administrator> first_start(Committer& committer, ReadPool& reads,
                                         const FirstStart& wanted) {
    auto known = tenants(reads);
    if (known.empty()) {
        known.push_back(committer.run(system_actor(no_tenant), [](Tx& tx) {
            return found_tenant(tx, {.name = std::string(first_tenant_name)});
        }));
    }
    for (const auto& tenant : known) {
        committer.run(system_actor(tenant.number),
                      [](Tx& tx) { identity::keep_built_in_roles(tx); });
    }
    if (known.front().administrators > 0) return std::nullopt;

    Administrator made{
        .email = wanted.email.value_or(std::string(made_up_email)),
        .password = wanted.password.value_or(auth::base64url(auth::random_bytes(password_bytes)))};
    auto hashed = identity::hash_new(
        {.email = checked<Email>(made.email, "STATESET_ADMIN_EMAIL"),
         .name = std::nullopt,
         .password = checked<identity::Password>(made.password, "STATESET_ADMIN_PASSWORD"),
         .roles = {{{std::string(identity::administrator)}}}});
    auto actor = system_actor(known.front().number);
    committer.run(actor, [&](Tx& tx) { identity::create_user(tx, actor, hashed); });
    made.email = hashed.wanted.email.value;
    return wanted.password ? std::nullopt : std::optional(made);
}

}  // namespace stateset::flows
