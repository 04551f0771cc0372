#pragma once
// A session is one login and everything that follows from it: access tokens for an hour each, and a
// chain of refresh tokens of which only the newest counts. A retry within ten seconds gets the same
// successor again; later reuse means that a token was stolen, and ends the session.

#include "identity/tokens.hpp"
#include "platform/core/shared_failures.hpp"
#include "platform/http/desk.hpp"

namespace stateset::identity {

inline constexpr Code wrong_credentials{"wrong_credentials", 401, "Not logged in",
                                        "Check the e-mail address and the password."};
inline constexpr Code invalid_refresh_token{"invalid_refresh_token", 401,
                                            "The refresh token does not count", "Log in again."};
inline constexpr Code too_many_failures{"too_many_failures", 429, "Too many failed logins",
                                        "Wait as Retry-After says."};
inline constexpr Code no_session{"no_session", 409, "There is no session to end",
                                 "Revoke the API key instead."};

struct Session {
    SessionId id;
    UserId user_id;
    std::int64_t generation = 0;  // of the newest refresh token
    Secret<std::string> digest;   // of its secret
    Secret<std::optional<std::string>> former_digest;
    Time rotated_at, expires_at;
    std::optional<Time> revoked_at;
    Time created_at;
};

struct Login {
    Email email;
    Text<1000> password;
};

struct Refresh {
    Text<200> refresh_token;
};

struct Logout {
    std::optional<Text<200>> refresh_token;  // not needed: the access token names the session
};

struct Tokens {
    std::string access_token, refresh_token, token_type = "Bearer";
    std::int64_t expires_in = access_term.micros / 1'000'000;
    std::int64_t refresh_expires_in = refresh_term.micros / 1'000'000;
};

struct JsonWebKey {
    std::string kty = "OKP", crv = "Ed25519", alg = "EdDSA", use = "sig", kid, x;
};
struct JsonWebKeys {
    std::vector<JsonWebKey> keys;
};

enum class Renewal { renewed, refused };

// A command: moves the session on to the successor of this token, or ends it when the token was
// used before. Refusing has an effect, so it is no Refusal.
Renewal renew(Tx&, const RefreshToken&, std::string_view key);
Session begin_session(Tx&, UserId, const RefreshToken& first);
void end_session(Tx&, SessionId);

// Refuses with wrong_credentials, in the same time whether or not the user exists, and with
// too_many_failures.
Tokens login(Desk&, const Actor&, const Login&);
Tokens refresh(Desk&, const Actor&, const Refresh&);
void logout(Tx&, const Actor&, const Logout&);
Me me(Reads&, const Actor&, const struct Nobody&);
JsonWebKeys jwks(Desk&, const Actor&, const struct Nobody&);

struct Nobody {};

Keyring keyring(Committer&);

// Failed logins count together with those at other instances from now on; null: no more.
void share_failures(SharedFailures*);

}  // namespace stateset::identity

template <>
struct stateset::store::Table<stateset::identity::Session>
    : stateset::store::Named<"sessions", "session"> {};
