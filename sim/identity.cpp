// Users, roles, keys and tenants: who may come in, and who sees to it that somebody still may.

#include "identity/identity.hpp"

#include "flows/found_tenant.hpp"
#include "identity/permissions.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using identity::ApiKeyId;
using identity::OrganizationId;
using identity::RoleId;
using identity::UserId;

const std::string admin{identity::administrator};

std::string some_email(Random& random) {
    return "user-" + std::to_string(random.between(1, 9)) + "@example.com";
}

bool is_taken(const Model& model, const std::string& email) {
    return std::ranges::any_of(model.users,
                               [&](const auto& one) { return one.second.email == email; });
}

std::int64_t users_here(const Model& model) {
    return std::ranges::count_if(model.users,
                                 [](const auto& one) { return one.second.tenant == tenant; });
}

std::int64_t administrators(const Model& model) {
    return std::ranges::count_if(model.users, [](const auto& one) {
        return one.second.tenant == tenant && one.second.administers();
    });
}

bool is_role(const Model& model, const std::string& name) {
    return name == admin ||
           std::ranges::any_of(model.roles, [&](const auto& one) { return one.second == name; });
}

// "admin", one that somebody made, or one that is not there.
std::set<std::string> some_roles(Random& random, const Model& model) {
    std::set<std::string> roles;
    if (random.chance(40)) roles.insert(admin);
    if (!model.roles.empty() && random.chance(50)) roles.insert(random.one_of(model.roles).second);
    if (random.chance(5)) roles.insert("nobody");
    return roles;
}

template <class List>
List list_of(const std::set<std::string>& names) {
    List list;
    for (const auto& name : names) list.value.push_back({name});
    return list;
}

bool all_known(const Model& model, const std::set<std::string>& roles) {
    return std::ranges::all_of(roles, [&](const auto& name) { return is_role(model, name); });
}

// ---- users

std::optional<Action> create_user(Random& random, Model& model, World&) {
    auto email = some_email(random);
    auto roles = some_roles(random, model);
    auto made = std::make_shared<UserId>();
    auto work = [=](Tx& tx) {
        identity::HashedUser wanted{.wanted = {.email = {email}}, .password = "hashed"};
        wanted.wanted.roles = list_of<List<identity::RoleName, 0, 20>>(roles);
        return identity::create_user(tx, actor, wanted).id;
    };
    return Action{"user " + email, keeping(made, work), [=](Model& now) -> std::string {
                      if (is_taken(now, email)) return "already_exists";
                      if (!all_known(now, roles)) return "invalid";
                      now.users[*made] = {.email = email, .roles = roles};
                      if (now.most_users && users_here(now) > *now.most_users) {
                          return "limit_reached";
                      }
                      return ok;
                  }};
}

std::optional<UserId> any_user(Random& random, const Model& model) {
    auto id = any_key(random, model.users, [](const User& one) { return one.tenant == tenant; });
    if (id && model.users.at(*id).tenant != tenant) return std::nullopt;
    return id;
}

std::optional<Action> update_user(Random& random, Model& model, World&) {
    auto id = any_user(random, model);
    if (!id) return std::nullopt;
    std::optional<bool> active;
    std::optional<std::set<std::string>> roles;
    if (random.chance(50)) active = random.chance(70);
    if (random.chance(50)) roles = some_roles(random, model);
    auto work = [=](Tx& tx) {
        identity::HashedChanges wanted{.wanted = {.id = *id}, .password = {}};
        if (active) wanted.wanted.active = {true, *active};
        if (roles) {
            wanted.wanted.roles = {true, list_of<List<identity::RoleName, 0, 20>>(*roles)};
        }
        identity::update_user(tx, actor, wanted);
    };
    return Action{"change a user", doing(work), [=](Model& now) -> std::string {
                      auto user = now.users.find(*id);
                      if (user == now.users.end()) return "not_found";
                      if (roles && !all_known(now, *roles)) return "invalid";
                      bool before = user->second.administers();
                      user->second.roles = roles.value_or(user->second.roles);
                      user->second.active = active.value_or(user->second.active);
                      bool fewer = before && !user->second.administers();
                      return fewer && administrators(now) == 0 ? "last_administrator" : ok;
                  }};
}

std::optional<Action> remove_user(Random& random, Model& model, World&) {
    auto id = any_user(random, model);
    if (!id) return std::nullopt;
    return Action{"remove a user", doing([id](Tx& tx) { identity::remove_user(tx, actor, {*id}); }),
                  [id](Model& now) -> std::string {
                      auto user = now.users.find(*id);
                      if (user == now.users.end()) return "not_found";
                      bool was = user->second.administers();
                      now.users.erase(user);
                      std::erase_if(now.keys,
                                    [&](const auto& one) { return one.second.owner == *id; });
                      return was && administrators(now) == 0 ? "last_administrator" : ok;
                  }};
}

// ---- roles

std::optional<Action> create_role(Random& random, Model&, World&) {
    auto name = "role-" + std::to_string(random.between(1, 4));
    bool known = !random.chance(10);
    auto made = std::make_shared<RoleId>();
    auto work = [=](Tx& tx) {
        identity::NewRole wanted{.name = {name}};
        wanted.permissions.value = {{known ? "orders:read" : "meals:read"}};
        return identity::create_role(tx, actor, wanted).id;
    };
    return Action{name, keeping(made, work), [=](Model& now) -> std::string {
                      if (!known) return "invalid";
                      if (is_role(now, name)) return "already_exists";
                      now.roles[*made] = name;
                      return ok;
                  }};
}

// Mostly one that somebody made, else a built-in one.
std::optional<RoleId> any_role(Random& random, const Model& model, const World& world) {
    if (!model.roles.empty() && !random.chance(20)) return random.one_of(model.roles).first;
    for (const auto& one : world.all<identity::Role>()) {
        if (one.name == admin) return one.id;  // of the first tenant, which was first
    }
    return std::nullopt;
}

std::optional<Action> update_role(Random& random, Model& model, World& world) {
    auto id = any_role(random, model, world);
    if (!id) return std::nullopt;
    bool built_in = !model.roles.contains(*id);
    return Action{"change a role", doing([id](Tx& tx) {
                      identity::RoleChanges wanted{.id = *id};
                      wanted.description = {true, Text<500>{"other"}};
                      identity::update_role(tx, actor, wanted);
                  }),
                  [=](Model& now) -> std::string {
                      if (built_in) return "built_in_role";
                      return now.roles.contains(*id) ? ok : "not_found";
                  }};
}

std::optional<Action> remove_role(Random& random, Model& model, World& world) {
    auto id = any_role(random, model, world);
    if (!id) return std::nullopt;
    bool built_in = !model.roles.contains(*id);
    return Action{"remove a role", doing([id](Tx& tx) { identity::remove_role(tx, actor, {*id}); }),
                  [=](Model& now) -> std::string {
                      if (built_in) return "built_in_role";
                      auto role = now.roles.find(*id);
                      if (role == now.roles.end()) return "not_found";
                      bool used = std::ranges::any_of(now.users, [&](const auto& one) {
                          return one.second.roles.contains(role->second);
                      });
                      if (used) return "role_in_use";
                      now.roles.erase(role);
                      return ok;
                  }};
}

// ---- keys

Actor acting_as(UserId id) {
    return {.kind = Actor::Kind::user,
            .tenant = tenant,
            .id = id.value,
            .user_id = id.value,
            .token_id = {},
            .permissions = std::make_shared<Permissions>(std::vector<std::string>{"*"})};
}

std::optional<Action> create_key(Random& random, Model& model, World&) {
    auto owner = any_user(random, model);
    if (!owner) return std::nullopt;
    auto made = std::make_shared<ApiKeyId>();
    auto secret = "sk_live_" + std::to_string(random.below(1'000'000'000));
    auto work = [=](Tx& tx) {
        identity::MadeApiKey wanted{.wanted = {.name = {"a key"}}, .key = secret};
        wanted.wanted.scopes.value = {{"orders:read"}};
        return identity::create_key(tx, acting_as(*owner), wanted).api_key->id;
    };
    return Action{"make a key", keeping(made, work), [=](Model& now) -> std::string {
                      if (!now.users.contains(*owner)) return "not_found";
                      now.keys[*made] = {.owner = *owner};
                      return ok;
                  }};
}

std::optional<Action> rotate_key(Random& random, Model& model, World&) {
    auto id = any_key(random, model.keys, [](const Key& one) { return !one.revoked; });
    if (!id) return std::nullopt;
    auto secret = "sk_live_" + std::to_string(random.below(1'000'000'000));
    return Action{"rotate a key",
                  doing([=](Tx& tx) { identity::rotate_key(tx, actor, {*id, secret}); }),
                  [=](Model& now) -> std::string {
                      auto key = now.keys.find(*id);
                      if (key == now.keys.end()) return "not_found";
                      return key->second.revoked ? "illegal_transition" : ok;
                  }};
}

std::optional<Action> revoke_key(Random& random, Model& model, World&) {
    auto id = any_key(random, model.keys, [](const Key& one) { return !one.revoked; });
    if (!id) return std::nullopt;
    return Action{"revoke a key", doing([id](Tx& tx) { identity::revoke_key(tx, actor, {*id}); }),
                  [id](Model& now) -> std::string {
                      auto key = now.keys.find(*id);
                      if (key == now.keys.end()) return "not_found";
                      key->second.revoked = true;
                      return ok;
                  }};
}

// ---- tenants

struct Founded {
    OrganizationId id;
    UserId administrator;
    Tenant number;
};

std::optional<Action> found(Random& random, Model&, World&) {
    auto name = "House " + std::to_string(random.between(1, 4));
    auto email = "owner@" + name.substr(6) + ".example.com";
    auto made = std::make_shared<Founded>();
    auto work = [=](Tx& tx) {
        flows::HashedTenant wanted{.wanted = {.name = {name}}, .password = "hashed"};
        wanted.wanted.administrator.email = {email};
        auto account = flows::create_tenant(tx, actor, wanted);
        auto owner = tx.in(account.tenant_number,
                           [&] { return tx.find<&identity::User::email>(email)->id; });
        return Founded{account.id, owner, account.tenant_number};
    };
    return Action{"found " + name, keeping(made, work), [=](Model& now) -> std::string {
                      bool known = std::ranges::any_of(
                          now.houses, [&](const auto& one) { return one.second.name == name; });
                      if (known) return "already_exists";
                      now.houses[made->id] = {.name = name};
                      now.users[made->administrator] = {
                          .email = email, .roles = {admin}, .tenant = made->number};
                      return ok;
                  }};
}

std::optional<OrganizationId> any_house(Random& random, const Model& model, bool suspended) {
    return any_key(random, model.houses,
                   [&](const House& one) { return !one.first && one.suspended == suspended; });
}

std::optional<Action> suspend(Random& random, Model& model, World&) {
    auto id = any_house(random, model, false);
    if (!id) return std::nullopt;
    return Action{"suspend a tenant",
                  doing([id](Tx& tx) { identity::suspend(tx, actor, {*id, {}}); }),
                  [id](Model& now) -> std::string {
                      auto& house = now.houses.at(*id);
                      if (house.first) return "own_tenant";
                      if (house.suspended) return "illegal_transition";
                      house.suspended = true;
                      return ok;
                  }};
}

std::optional<Action> resume(Random& random, Model& model, World&) {
    auto id = any_house(random, model, true);
    if (!id) return std::nullopt;
    return Action{"let a tenant go on",
                  doing([id](Tx& tx) { identity::resume(tx, actor, {*id, {}}); }),
                  [id](Model& now) -> std::string {
                      auto& house = now.houses.at(*id);
                      if (!house.suspended) return "illegal_transition";
                      house.suspended = false;
                      return ok;
                  }};
}

std::optional<Action> limit(Random& random, Model& model, World&) {
    std::optional<std::int64_t> most;
    if (random.chance(60)) most = random.between(2, 5);
    OrganizationId first;
    for (const auto& [id, house] : model.houses) first = house.first ? id : first;
    auto work = [=](Tx& tx) {
        identity::AccountChanges wanted{.id = first};
        wanted.limits.given = true;
        if (most) wanted.limits.value.users.emplace(*most);
        identity::change_limits(tx, actor, wanted);
    };
    return Action{"limit the users", doing(work), [most](Model& now) {
                      now.most_users = most;
                      return ok;
                  }};
}

// ---- comparing

void compare(const World& world, Model& model) {
    auto users = world.all<identity::User>();
    require_same(users.size(), model.users.size(), "the number of users");
    for (const auto& one : users) {
        const auto& user = model.users.at(one.id);
        require_same(one.email, user.email, "a user");
        require_same(one.active, user.active, "whether a user is active");
        require_same(std::set<std::string>(one.roles.begin(), one.roles.end()), user.roles,
                     "what a user may do");
    }
    std::map<RoleId, std::string> roles;
    for (const auto& one : world.all<identity::Role>()) {
        if (!one.built_in) roles[one.id] = one.name;
    }
    require_same(roles, model.roles, "the roles");
    auto keys = world.all<identity::ApiKey>();
    require_same(keys.size(), model.keys.size(), "the number of keys");
    for (const auto& one : keys) {
        require_same(one.status == identity::KeyStatus::revoked, model.keys.at(one.id).revoked,
                     "whether a key counts");
    }
    for (const auto& one : world.all<identity::Account>()) {
        const auto& house = model.houses.at(one.id);
        require_same(one.status == identity::AccountStatus::suspended, house.suspended,
                     "whether a tenant is suspended");
    }
}

}  // namespace

Noun identity_() {
    return {.name = "identity",
            .ways = {{2, create_user, "POST /users"},
                     {2, update_user, "PATCH /users/{id}"},
                     {1, remove_user, "DELETE /users/{id}"},
                     {1, create_role, "POST /roles"},
                     {1, update_role, "PATCH /roles/{id}"},
                     {1, remove_role, "DELETE /roles/{id}"},
                     {2, create_key, "POST /api-keys"},
                     {1, rotate_key, "POST /api-keys/{id}/rotate"},
                     {1, revoke_key, "DELETE /api-keys/{id}"},
                     {1, found, "POST /tenants"},
                     {1, suspend, "POST /tenants/{id}/suspend"},
                     {1, resume, "POST /tenants/{id}/resume"},
                     {1, limit, "PATCH /tenants/{id}"}},
            .compare = compare};
}

}  // namespace stateset::sim
