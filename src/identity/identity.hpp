#pragma once
// Who may do what. A tenant has users; a user has roles, a role grants permissions; an API key acts
// for its owner with scopes of its own and never with more than the owner has at that moment.
//
// Invariants: an e-mail address belongs to one user over all tenants; a tenant keeps at least one
// active administrator; nobody grants what they do not have, and nobody changes a user who may do
// more than they may; the built-in roles stay as they are. Passwords and keys are stored as digests
// and never shown, but for the one answer that hands a new key over.

#include "platform/core/input.hpp"
#include "platform/store/reads.hpp"
#include "platform/store/tx.hpp"

namespace stateset::identity {

struct Organization;
struct User;
struct Role;
struct ApiKey;
struct Session;
using OrganizationId = Id<Organization>;
using UserId = Id<User>;
using RoleId = Id<Role>;
using ApiKeyId = Id<ApiKey>;
using SessionId = Id<Session>;

inline constexpr Code last_administrator{"last_administrator", 409,
                                         "The tenant would have no administrator",
                                         "Make somebody else an administrator first."};
inline constexpr Code built_in_role{"built_in_role", 409, "A built-in role stays as it is",
                                    "Make a role of your own with the permissions you want."};
inline constexpr Code role_in_use{"role_in_use", 409, "Users have this role",
                                  "Take the role from them first."};
inline constexpr Code exceeds_own_permissions{
    "exceeds_own_permissions", 403, "You would grant more than you have",
    "Ask somebody who holds the permission named in `detail`."};

// A tenant, as the installation sees it. Its row lies in tenant 0; `number` is what other rows call
// their tenant.
struct Organization {
    OrganizationId id;
    std::int64_t number = 0;
    std::string name;
    std::int64_t administrators = 0;  // active users with the role admin
    Time created_at;
    std::int64_t users = 0, api_keys = 0, webhook_endpoints = 0;  // keys: those not revoked
};

struct User {
    UserId id;
    std::int64_t version = 1;
    std::string email;
    std::optional<std::string> name;
    Secret<std::string> password;    // Argon2id, PHC form
    std::vector<std::string> roles;  // names
    bool active = true;
    Secret<Time> sessions_from;  // sessions begun before do not count: see end_sessions
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

struct Role {
    RoleId id;
    std::int64_t version = 1;
    std::string name;
    std::optional<std::string> description;
    std::vector<std::string> permissions;
    bool built_in = false;
    std::int64_t user_count = 0;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

enum class KeyStatus { active, revoked };

struct ApiKey {
    ApiKeyId id;
    std::int64_t version = 1;
    UserId user_id;  // whom it acts for
    std::string name;
    std::string prefix;  // the beginning of the key, to tell keys apart
    Secret<std::string> digest;
    std::vector<std::string> scopes;
    KeyStatus status = KeyStatus::active;
    std::optional<Time> expires_at;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

// When a key was last used, to the minute.
struct KeyUse {
    ApiKeyId id;
    Time last_used_at;
};

// ---- inputs ----

using Password = Text<128, 8>;
using PermissionName = Text<64>;
using RoleName = Text<50>;

struct NewUser {
    Email email;
    std::optional<Text<200>> name;
    Password password;
    List<RoleName, 0, 20> roles;
};

struct UserChanges {
    UserId id;
    Change<Email> email;
    Change<std::optional<Text<200>>> name;
    Change<Password> password;
    Change<List<RoleName, 0, 20>> roles;
    Change<bool> active;
};

// The same with the password hashed, which takes too long for a command.
struct HashedUser {
    NewUser wanted;
    std::string password;
};
struct HashedChanges {
    UserChanges wanted;
    std::string password;  // empty: stays
};

struct UserById {
    UserId id;
};

struct ListUsers {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Email> email;
    std::optional<bool> active;
};

struct NewRole {
    RoleName name;
    std::optional<Text<500>> description;
    List<PermissionName, 1, 100> permissions;
};

struct RoleChanges {
    RoleId id;
    Change<std::optional<Text<500>>> description;
    Change<List<PermissionName, 1, 100>> permissions;
};

struct RoleById {
    RoleId id;
};

struct ListRoles {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
};

struct NewApiKey {
    Text<100> name;
    List<PermissionName, 1, 100> scopes;
    std::optional<Time> expires_at;
};

struct ApiKeyById {
    ApiKeyId id;
};

// The same with a key made for it.
struct MadeApiKey {
    NewApiKey wanted;
    std::string key;
};
struct MadeRotation {
    ApiKeyId id;
    std::string key;
};

struct ListApiKeys {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<UserId> user_id;
    std::optional<KeyStatus> status;
};

// ---- what is shown ----

struct IssuedApiKey {
    Flat<ApiKey> api_key;
    std::string key;  // once
};

struct ListedApiKey {
    ApiKeyId id;
    std::int64_t version = 1;
    UserId user_id;
    std::string name, prefix;
    std::vector<std::string> scopes;
    KeyStatus status = KeyStatus::active;
    std::optional<Time> expires_at, last_used_at;
    Time created_at, updated_at;
};

struct Me {
    Flat<User> user;
    std::vector<std::string> permissions;  // of these credentials, at this moment
};

// ---- commands ----

struct NewOrganization {
    std::string name;
    bool first = false;  // of the installation; its number is 1
};
// A tenant with the built-in roles and nobody in it. Runs in tenant 0; see flows/found_tenant.hpp.
Organization create_tenant(Tx&, const NewOrganization&);
// All sessions of a user end now, also those that another instance began by a clock that is ahead
// by no more than `most_skew`.
inline constexpr Span most_skew = seconds(10);
void end_sessions(Tx&, User&);
// Brings the built-in roles of one tenant to what this version says they are.
void keep_built_in_roles(Tx&);

HashedUser hash_new(const NewUser&);
HashedChanges hash_changed(const UserChanges&);
// Refuse with already_exists (e-mail), exceeds_own_permissions, last_administrator, limit_reached.
User create_user(Tx&, const Actor&, const HashedUser&);
User update_user(Tx&, const Actor&, const HashedChanges&);
void remove_user(Tx&, const Actor&, const UserById&);

// Refuse with already_exists (name), exceeds_own_permissions, built_in_role, role_in_use.
Role create_role(Tx&, const Actor&, const NewRole&);
Role update_role(Tx&, const Actor&, const RoleChanges&);
void remove_role(Tx&, const Actor&, const RoleById&);

MadeApiKey make_key(const NewApiKey&);
MadeRotation make_rotation(const ApiKeyById&);
// Refuse with exceeds_own_permissions; create also with limit_reached, rotate with
// illegal_transition for a revoked key.
IssuedApiKey create_key(Tx&, const Actor&, const MadeApiKey&);
IssuedApiKey rotate_key(Tx&, const Actor&, const MadeRotation&);
void revoke_key(Tx&, const Actor&, const ApiKeyById&);

// ---- queries ----

User user(Reads&, const Actor&, const UserById&);
Page<User> users(Reads&, const Actor&, const ListUsers&);
Role role(Reads&, const Actor&, const RoleById&);
Page<Role> roles(Reads&, const Actor&, const ListRoles&);
ListedApiKey api_key(Reads&, const Actor&, const ApiKeyById&);
Page<ListedApiKey> api_keys(Reads&, const Actor&, const ListApiKeys&);

}  // namespace stateset::identity

namespace stateset {
class Api;
namespace identity {
void routes(Api&);
}
}  // namespace stateset

template <>
struct stateset::store::Table<stateset::identity::Organization>
    : stateset::store::Named<"tenants", "tenant"> {
    using unique = Keys<Key<&stateset::identity::Organization::number>,
                        Key<&stateset::identity::Organization::name>>;
};
template <>
struct stateset::store::Table<stateset::identity::User> : stateset::store::Named<"users", "user"> {
    using unique = Keys<Key<&stateset::identity::User::email>>;
};
template <>
struct stateset::store::Table<stateset::identity::Role> : stateset::store::Named<"roles", "role"> {
    using unique = Keys<Key<&stateset::identity::Role::name>>;
};
template <>
struct stateset::store::Table<stateset::identity::ApiKey>
    : stateset::store::Named<"api_keys", "api_key"> {
    using parent = Child<"users", &stateset::identity::ApiKey::user_id>;
};
template <>
struct stateset::store::Table<stateset::identity::KeyUse>
    : stateset::store::Named<"api_key_uses", "api_key_use"> {};
