#include "identity/identity.hpp"
#include "identity/sessions.hpp"
#include "identity/tenants.hpp"
#include "platform/http/api.hpp"

namespace stateset::identity {
namespace {

void session_routes(Group auth) {
    auth.post("/login", login,
              {.summary = "Log in with e-mail address and password",
               .refuses = {&wrong_credentials, &too_many_failures, &tenant_suspended},
               .status = 200,
               .open = true,
               .secret = true});
    auth.post("/refresh", refresh,
              {.summary = "Exchange a refresh token for new tokens",
               .refuses = {&invalid_refresh_token, &tenant_suspended},
               .status = 200,
               .open = true,
               .secret = true});
    auth.post("/logout", logout,
              {.summary = "End this session and all its tokens", .refuses = {&no_session}});
    auth.get("/me", me, {.summary = "Read who you are and what you may do"});
}

void user_routes(Group users) {
    const std::vector<const Code*> refuses{&codes::already_exists, &exceeds_own_permissions,
                                           &last_administrator};
    users.get("", identity::users, {.summary = "List users", .needs = "identity:manage"});
    users.post("", before(hash_new, create_user),
               {.summary = "Create a user",
                .needs = "identity:manage",
                .refuses = {&codes::already_exists, &exceeds_own_permissions, &limit_reached}});
    users.get("/{id}", user, {.summary = "Read a user", .needs = "identity:manage"});
    users.patch("/{id}", before(hash_changed, update_user),
                {.summary = "Change a user", .needs = "identity:manage", .refuses = refuses});
    users.remove("/{id}", remove_user,
                 {.summary = "Remove a user with its API keys",
                  .needs = "identity:manage",
                  .refuses = {&exceeds_own_permissions, &last_administrator}});
}

void role_routes(Group roles) {
    roles.get("", identity::roles, {.summary = "List roles", .needs = "identity:manage"});
    roles.post("", create_role,
               {.summary = "Create a role",
                .needs = "identity:manage",
                .refuses = {&codes::already_exists, &exceeds_own_permissions}});
    roles.get("/{id}", role, {.summary = "Read a role", .needs = "identity:manage"});
    roles.patch("/{id}", update_role,
                {.summary = "Change a role",
                 .needs = "identity:manage",
                 .refuses = {&built_in_role, &exceeds_own_permissions}});
    roles.remove("/{id}", remove_role,
                 {.summary = "Remove a role that no user has",
                  .needs = "identity:manage",
                  .refuses = {&built_in_role, &role_in_use, &exceeds_own_permissions}});
}

void key_routes(Group keys) {
    keys.get("", api_keys, {.summary = "List API keys", .needs = "identity:manage"});
    keys.post("", before(make_key, create_key),
              {.summary = "Create an API key",
               .needs = "identity:manage",
               .detail = "The key acts for you, within its scopes and never with more than you "
                         "may. It is shown in this answer only.",
               .refuses = {&exceeds_own_permissions, &limit_reached},
               .secret = true});
    keys.get("/{id}", api_key, {.summary = "Read an API key", .needs = "identity:manage"});
    keys.post("/{id}/rotate", before(make_rotation, rotate_key),
              {.summary = "Replace an API key by a new one",
               .needs = "identity:manage",
               .detail = "The old key stops counting at once; the new one is shown in this answer "
                         "only.",
               .refuses = {&exceeds_own_permissions, &codes::illegal_transition},
               .secret = true});
    keys.remove("/{id}", revoke_key, {.summary = "Revoke an API key", .needs = "identity:manage"});
}

void describe_fields(Api& api) {
    api.describe({
        {"password", {"8 to 128 characters; stored as an Argon2id hash.", "correct horse"}},
        {"roles", {"Names of the roles the user has.", "[\"viewer\"]"}},
        {"active", {"Whether the user may log in and its keys count.", "true"}},
        {"permissions", {"What it grants: `slice:action`, either may be `*`.", "[\"*:read\"]"}},
        {"built_in", {"Came with the server and stays as it is.", "true"}},
        {"user_count", {"How many users have the role.", "3"}},
        {"user_id", {"The user it acts for.", ""}},
        {"prefix", {"How the key begins, to tell keys apart.", "sk_live_Zk3v"}},
        {"scopes", {"What the key may do, within what its owner may.", "[\"orders:read\"]"}},
        {"expires_at", {"When it ends.", "2027-01-01T00:00:00Z"}},
        {"last_used_at", {"When it was last used, to the minute; null if never.", ""}},
        {"key", {"The key itself, shown once.", "sk_live_…"}},
        {"access_token", {"Bearer token for requests, a JWT.", "eyJ0eXAi…"}},
        {"refresh_token", {"Opaque token for new tokens; counts once.", "rt_…"}},
        {"token_type", {"How to send the access token.", "Bearer"}},
        {"expires_in", {"Seconds until the access token ends.", "3600"}},
        {"refresh_expires_in", {"Seconds until the refresh token ends.", "86400"}},
        {"keys", {"The public keys of access tokens.", ""}},
        {"kty", {"Key type of RFC 7517.", "OKP"}},
        {"crv", {"Curve of RFC 8037.", "Ed25519"}},
        {"alg", {"Algorithm of RFC 7518.", "EdDSA"}},
        {"use", {"What the key is for.", "sig"}},
        {"kid", {"Id of the key: its thumbprint.", ""}},
        {"x", {"The public key, base64url.", ""}},
    });
}

}  // namespace

void routes(Api& api) {
    session_routes(api.group("/auth", "Auth"));
    session_routes({api, "/auth", "Auth"});
    api.root("Auth").get(
        "/.well-known/jwks.json", jwks,
        {.summary = "Read the keys that access tokens are signed with", .open = true});
    user_routes(api.group("/users", "Users"));
    role_routes(api.group("/roles", "Roles"));
    key_routes(api.group("/api-keys", "API keys"));
    describe_fields(api);
}

}  // namespace stateset::identity
