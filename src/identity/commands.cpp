#include <algorithm>
#include <array>

#include "identity/identity.hpp"
#include "identity/permissions.hpp"
#include "identity/tenants.hpp"
#include "platform/auth/crypto.hpp"

namespace stateset::identity {
namespace {

constexpr std::size_t prefix_characters = 12;  // "sk_live_" and four of the random ones

template <std::size_t Max>
std::optional<std::string> text(const std::optional<Text<Max>>& from) {
    return from ? std::optional<std::string>(from->value) : std::nullopt;
}

// Each name once, in the order given.
template <class Range>
std::vector<std::string> distinct(const Range& range) {
    std::vector<std::string> names;
    for (const std::string& name : range) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    return names;
}

bool holds(const std::vector<std::string>& roles, std::string_view role) {
    return std::ranges::find(roles, role) != roles.end();
}

bool administers(const User& user) { return user.active && holds(user.roles, administrator); }

void require_free(Tx& tx, const std::string& email) {
    if (tx.find<&User::email>(email)) {
        throw Refusal(codes::already_exists, "A user with this e-mail address exists already.",
                      {{"/email", "already_exists", "is in use", {}}});
    }
}

void require_own(const Actor& actor, const std::vector<std::string>& permissions) {
    for (const auto& permission : permissions) {
        if (!actor.may(permission)) {
            throw Refusal(exceeds_own_permissions, "You do not have " + permission + " yourself.");
        }
    }
}

void require_known(const std::vector<std::string>& permissions, const std::string& pointer) {
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < permissions.size(); ++i) {
        if (known_permission(permissions[i])) continue;
        faults.push_back({pointer + "/" + std::to_string(i),
                          "unknown_value",
                          "`" + permissions[i] + "` is no permission",
                          {}});
    }
    if (!faults.empty()) {
        throw Refusal(codes::invalid, "Some permissions do not exist.", std::move(faults));
    }
}

// Roles by their names; absent ones are null.
std::vector<const Role*> roles_of(Tx& tx, const std::vector<std::string>& names) {
    return tx.each(names, [&](const std::string& name) { return tx.find<&Role::name>(name); });
}

std::vector<std::string> permissions_of(Tx& tx, const std::vector<std::string>& roles) {
    std::vector<std::string> permissions;
    for (const auto* role : roles_of(tx, roles)) {
        if (!role) continue;
        permissions.insert(permissions.end(), role->permissions.begin(), role->permissions.end());
    }
    return permissions;
}

// The administrators are counted on the tenant's row, so that two who remove each other at the same
// moment do not both succeed.
void count_administrators(Tx& tx, std::int64_t more) {
    if (more == 0) return;
    auto tenant = tx.tenant();
    auto* organization = tx.in(no_tenant, [&] {
        auto* found = tx.find<&Organization::number>(tenant);
        return found ? &tx.edit(*found) : nullptr;
    });
    if (!organization) throw std::logic_error("a tenant without its row");
    require(organization->administrators + more > 0, last_administrator,
            "This is the tenant's last active administrator.");
    organization->administrators += more;
}

// Who may do less cannot take over who may do more, by changing the password for example.
void require_power_over(Tx& tx, const Actor& actor, const User& user) {
    require_own(actor, permissions_of(tx, user.roles));
}

void count_users(Tx& tx, const std::vector<std::string>& was, const std::vector<std::string>& is) {
    auto count = [&](const std::vector<std::string>& roles, const std::vector<std::string>& but,
                     std::int64_t more) {
        std::vector<std::string> names;
        for (const auto& name : roles) {
            if (!holds(but, name)) names.push_back(name);
        }
        for (const auto* role : roles_of(tx, names)) {
            if (role) tx.edit(*role).user_count += more;
        }
    };
    count(was, is, -1);
    count(is, was, +1);
}

void give_roles(Tx& tx, const Actor& actor, User& user, const std::vector<std::string>& wanted) {
    auto roles = distinct(wanted);
    auto found = roles_of(tx, roles);
    for (std::size_t i = 0; i < roles.size(); ++i) {
        if (!found[i]) throw unknown_reference("/roles/" + std::to_string(i));
    }
    require_own(actor, permissions_of(tx, roles));
    count_users(tx, user.roles, roles);
    user.roles = std::move(roles);
}

void add_built_in(Tx& tx, const BuiltInRole& role) {
    tx.add(Role{.id = tx.new_id(),
                .name = std::string(role.name),
                .description = std::string(role.description),
                .permissions = role.permissions,
                .built_in = true});
}

ApiKey& key_under_lock(Tx& tx, ApiKeyId id) {
    auto* glance = tx.peek<ApiKey>(id);
    if (!glance) throw Refusal(codes::not_found, "There is no such api_key.");
    tx.get<User>(glance->user_id);
    return tx.edit<ApiKey>(id);
}

}  // namespace

Organization create_tenant(Tx& tx, const NewOrganization& wanted) {
    if (tx.find<&Organization::name>(wanted.name)) {
        throw Refusal(codes::already_exists, "A tenant of this name exists already.");
    }
    auto number = wanted.first ? 1 : tx.next_global_number("tenant", 2);
    auto organization =
        tx.add(Organization{.id = tx.new_id(), .number = number, .name = wanted.name});
    open_account(tx, organization);
    tx.in(number, [&] {
        for (const auto& role : built_in_roles()) add_built_in(tx, role);
    });
    return organization;
}

void keep_built_in_roles(Tx& tx) {
    auto known = built_in_roles();
    auto found = tx.each(known, [&](const BuiltInRole& role) {
        return tx.find<&Role::name>(std::string(role.name));
    });
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (!found[i]) {
            add_built_in(tx, known[i]);
        } else if (found[i]->permissions != known[i].permissions) {
            tx.edit(*found[i]).permissions = known[i].permissions;
        }
    }
}

HashedUser hash_new(const NewUser& wanted) {
    return {wanted, auth::hash_password(wanted.password.value)};
}

HashedChanges hash_changed(const UserChanges& wanted) {
    return {wanted, wanted.password.given ? auth::hash_password(wanted.password.value.value)
                                          : std::string()};
}

User create_user(Tx& tx, const Actor& actor, const HashedUser& hashed) {
    const auto& wanted = hashed.wanted;
    require_free(tx, wanted.email);
    User user{.id = tx.new_id(),
              .email = wanted.email,
              .name = text(wanted.name),
              .password = {hashed.password}};
    give_roles(tx, actor, user, distinct(wanted.roles));
    count(tx, Counted::users, 1);
    count_administrators(tx, administers(user) ? 1 : 0);
    auto& added = tx.add(std::move(user));
    tx.emit("user.created", added);
    return added;
}

User update_user(Tx& tx, const Actor& actor, const HashedChanges& hashed) {
    const auto& wanted = hashed.wanted;
    auto& user = tx.edit<User>(wanted.id);
    require_power_over(tx, actor, user);
    bool administered = administers(user);
    if (wanted.email.given && wanted.email.value.value != user.email) {
        require_free(tx, wanted.email.value);
        user.email = wanted.email.value;
    }
    if (wanted.name.given) user.name = text(wanted.name.value);
    if (wanted.password.given) {
        user.password.value = hashed.password;
        end_sessions(tx, user);
    }
    if (wanted.roles.given) give_roles(tx, actor, user, distinct(wanted.roles.value));
    if (wanted.active.given && !wanted.active.value) end_sessions(tx, user);
    wanted.active.apply(user.active);
    count_administrators(tx, int{administers(user)} - int{administered});
    tx.emit("user.updated", user);
    return user;
}

void remove_user(Tx& tx, const Actor& actor, const UserById& wanted) {
    auto& user = tx.edit<User>(wanted.id);
    // Its roles and its keys are asked for at once.
    tx.each(std::array{false, true}, [&](bool keys) {
        return keys ? tx.all<ApiKey>(user.id).size() : permissions_of(tx, user.roles).size();
    });
    require_power_over(tx, actor, user);
    count(tx, Counted::users, -1);
    count_administrators(tx, administers(user) ? -1 : 0);
    count_users(tx, user.roles, {});
    auto keys = tx.all<ApiKey>(user.id);
    count(tx, Counted::api_keys, -std::ranges::count(keys, KeyStatus::active, &ApiKey::status));
    auto uses = tx.each(keys, [&](const ApiKey* key) { return tx.find<KeyUse>(key->id); });
    for (const auto* use : uses) {
        if (use) tx.remove(*use);
    }
    for (const auto* key : keys) tx.remove(*key);
    tx.emit("user.deleted", user);
    tx.remove(user);
}

void end_sessions(Tx& tx, User& user) { user.sessions_from.value = tx.now() + most_skew; }

Role create_role(Tx& tx, const Actor& actor, const NewRole& wanted) {
    auto permissions = distinct(wanted.permissions);
    require_known(permissions, "/permissions");
    require_own(actor, permissions);
    if (tx.find<&Role::name>(wanted.name.value)) {
        throw Refusal(codes::already_exists, "A role with this name exists already.",
                      {{"/name", "already_exists", "is in use", {}}});
    }
    auto& role = tx.add(Role{.id = tx.new_id(),
                             .name = wanted.name,
                             .description = text(wanted.description),
                             .permissions = std::move(permissions)});
    tx.emit("role.created", role);
    return role;
}

Role update_role(Tx& tx, const Actor& actor, const RoleChanges& wanted) {
    auto& role = tx.edit<Role>(wanted.id);
    require(!role.built_in, built_in_role, "The role " + role.name + " is built in.");
    require_own(actor, role.permissions);
    if (wanted.description.given) role.description = text(wanted.description.value);
    if (wanted.permissions.given) {
        auto permissions = distinct(wanted.permissions.value);
        require_known(permissions, "/permissions");
        require_own(actor, permissions);
        role.permissions = std::move(permissions);
    }
    tx.emit("role.updated", role);
    return role;
}

void remove_role(Tx& tx, const Actor& actor, const RoleById& wanted) {
    auto& role = tx.edit<Role>(wanted.id);
    require(!role.built_in, built_in_role, "The role " + role.name + " is built in.");
    require_own(actor, role.permissions);
    require(role.user_count == 0, role_in_use,
            std::to_string(role.user_count) + " users have the role " + role.name + ".");
    tx.emit("role.deleted", role);
    tx.remove(role);
}

MadeApiKey make_key(const NewApiKey& wanted) {
    return {wanted, auth::make_api_key(auth::KeyMode::live)};
}

MadeRotation make_rotation(const ApiKeyById& wanted) {
    return {wanted.id, auth::make_api_key(auth::KeyMode::live)};
}

IssuedApiKey create_key(Tx& tx, const Actor& actor, const MadeApiKey& made) {
    const auto& wanted = made.wanted;
    auto scopes = distinct(wanted.scopes);
    require_known(scopes, "/scopes");
    require_own(actor, scopes);
    if (wanted.expires_at && *wanted.expires_at <= tx.now()) {
        throw invalid("/expires_at", "too_small", "must be in the future");
    }
    const auto& owner = tx.get<User>(UserId(actor.user_id));
    count(tx, Counted::api_keys, 1);
    auto& key = tx.add(ApiKey{.id = tx.new_id(),
                              .user_id = owner.id,
                              .name = wanted.name,
                              .prefix = made.key.substr(0, prefix_characters),
                              .digest = {auth::hex(auth::sha256(made.key))},
                              .scopes = std::move(scopes),
                              .expires_at = wanted.expires_at});
    tx.emit("api_key.created", key);
    return {.api_key = {key}, .key = made.key};
}

IssuedApiKey rotate_key(Tx& tx, const Actor& actor, const MadeRotation& made) {
    auto& key = key_under_lock(tx, made.id);
    require(key.status == KeyStatus::active, codes::illegal_transition, "The key was revoked.");
    const auto& owner = tx.get<User>(key.user_id);
    require_own(actor, common(key.scopes, permissions_of(tx, owner.roles)));
    key.digest.value = auth::hex(auth::sha256(made.key));
    key.prefix = made.key.substr(0, prefix_characters);
    tx.emit("api_key.rotated", key);
    return {.api_key = {key}, .key = made.key};
}

void revoke_key(Tx& tx, const Actor&, const ApiKeyById& wanted) {
    auto& key = key_under_lock(tx, wanted.id);
    if (key.status == KeyStatus::revoked) return;
    key.status = KeyStatus::revoked;
    count(tx, Counted::api_keys, -1);
    tx.emit("api_key.revoked", key);
}

}  // namespace stateset::identity
