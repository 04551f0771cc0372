// The few pieces of cryptography StateSet stands on, each one call: digests, Ed25519 signatures and
// the JWTs made with them, Argon2id passwords, sealed secrets, API keys and Standard Webhooks.
//
// Bytes travel in std::string; text forms (hex, base64, PHC, JWT) are named as such. Decoders are
// strict: every byte string has exactly one accepted spelling, so a token cannot be varied and
// still pass. Functions return nullopt or false for whatever a stranger may have sent, and throw
// std::runtime_error only when the library itself fails (no entropy, no memory).
// Nothing here keeps state, so everything may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stateset::auth {

// Unpredictable bytes from the operating system's generator.
std::string random_bytes(std::size_t count);

std::string hex(std::string_view bytes);        // lower case
std::string base64(std::string_view bytes);     // RFC 4648 §4, padded
std::string base64url(std::string_view bytes);  // RFC 4648 §5, unpadded
std::optional<std::string> from_base64(std::string_view text);
std::optional<std::string> from_base64url(std::string_view text);

std::string sha256(std::string_view bytes);  // 32 raw bytes
std::string sha1(std::string_view bytes);    // 20 raw bytes; only where a protocol asks for it
std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 raw bytes

// Takes equally long wherever the difference is. Strings of unlike length are unequal at once.
bool equal_in_constant_time(std::string_view left, std::string_view right);

// An Ed25519 key pair, 32 raw bytes each. `id` is the `kid` of its tokens.
struct SigningKey {
    std::string id;
    std::string private_key;
    std::string public_key;
};

SigningKey make_signing_key();
// The JWK thumbprint of RFC 7638 and RFC 8037, base64url: 43 characters that follow from the key.
std::string key_id(std::string_view public_key);
std::string sign(const SigningKey& key, std::string_view bytes);  // 64 raw bytes
bool verify(std::string_view public_key, std::string_view bytes, std::string_view signature);

// A compact JWT with the header {"typ":"at+jwt","alg":"EdDSA","kid":key.id} over the claims as
// given. Throws std::invalid_argument when key.id holds anything but base64url characters.
std::string jwt(const SigningKey& key, std::string_view claims_json);

// The parts of a compact JWT, decoded but not yet believed: check `alg`, `typ` and `kid` in
// header_json, then verify(public_key, signed_part, signature), then the claims.
struct ParsedJwt {
    std::string header_json;
    std::string claims_json;
    std::string signed_part;  // what the signature covers, as sent
    std::string signature;    // 64 raw bytes
};

// Nothing for tokens over 8 KiB, not of three base64url parts, or without a 64 byte signature.
std::optional<ParsedJwt> split_jwt(std::string_view token);

// Argon2id in PHC form, `$argon2id$v=19$m=19456,t=2,p=1$salt$hash` (OWASP's first choice). Each
// call holds 19 MiB and tens of milliseconds of one core, so callers bound how many run at once and
// keep them off the event loops. The memory goes straight back to the system.
std::string hash_password(std::string_view password);
// False also for a `phc` this module would not have written, or that asks for over 256 MiB.
bool verify_password(std::string_view phc, std::string_view password);
// True when `phc` was made with other costs than hash_password uses now: hash again after a login.
bool password_needs_rehash(std::string_view phc);
// A well-formed hash of the same cost that no password matches. Verify against it when the account
// does not exist, so that the answer takes as long as for one that does.
const std::string& dummy_hash();

// Keeps a secret at rest: AES-256-GCM under a 32 byte key, a random nonce each time. `context` (for
// example "webhook_secret:" + id) is not stored but must be the same again, so that a sealed value
// moved to another row does not open. Throws std::invalid_argument for a key of another size.
std::string seal(std::string_view key, std::string_view plaintext, std::string_view context);
std::optional<std::string> open(std::string_view key, std::string_view sealed,
                                std::string_view context);

enum class KeyMode { live, test };

// `sk_live_` or `sk_test_`, 30 random base62 characters, 6 characters of checksum.
std::string make_api_key(KeyMode mode);
// Whether the checksum holds: refuses typing errors and scans without asking the store. It proves
// nothing else.
bool api_key_well_formed(std::string_view key);

// Standard Webhooks: `whsec_` + base64 of 24 random bytes, and the 24 to 64 bytes of such a secret.
std::string make_webhook_secret();
std::optional<std::string> webhook_secret_bytes(std::string_view secret);
// The value of `webhook-signature` for one secret; join two with a space while a secret rotates.
// `timestamp` is in Unix seconds, as in `webhook-timestamp`.
std::string webhook_signature(std::string_view secret_bytes, std::string_view id,
                              std::int64_t timestamp, std::string_view body);

}  // namespace stateset::auth
