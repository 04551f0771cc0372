#pragma once
// The tokens that callers carry. An access token is a JWT signed with Ed25519 that names the
// session and the user, and grants nothing by itself: permissions are read at each request. A
// refresh token is opaque: session, generation, 256 secret bits and a tag that shows it was made
// here, so that an old one is told from an invented one without keeping every digest.

#include <optional>
#include <string>
#include <string_view>

#include "identity/identity.hpp"
#include "platform/auth/crypto.hpp"

namespace stateset::identity {

inline constexpr std::string_view issuer = "stateset";
inline constexpr Span access_term = hours(1);
inline constexpr Span refresh_term = hours(24);

struct AccessClaims {
    std::string iss, sub, sid, jti;
    std::int64_t iat = 0, exp = 0;  // seconds since 1970
    std::optional<std::int64_t> nbf;
};

std::string access_token(const auth::SigningKey&, UserId, SessionId, Time now);

// The claims of a token that this key signed, that is meant for here and valid at `now`. Nothing
// for any other: another `alg`, `typ`, `kid` or `iss`, a claim we never write, one that is missing.
std::optional<AccessClaims> verified(const auth::SigningKey&, std::string_view token, Time now);

struct RefreshToken {
    SessionId session;
    std::int64_t generation = 0;
    std::string secret;  // 32 bytes
};

std::string text_of(const RefreshToken&, std::string_view key);
std::optional<RefreshToken> refresh_token_from(std::string_view text, std::string_view key);
// The same for the same token each time, so that a retry gets what the first try got.
RefreshToken successor(const RefreshToken&, std::string_view key);
std::string digest_of(const RefreshToken&);

// What all tokens of the installation are made with. One secret each, kept in the database.
struct Keyring {
    auth::SigningKey signing;
    std::string refresh;  // 32 bytes
};
Keyring make_keyring();
std::string stored(const Keyring&);
Keyring keyring_from(std::string_view stored);

}  // namespace stateset::identity
