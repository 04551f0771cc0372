#include "identity/tokens.hpp"

#include <array>

namespace stateset::identity {
namespace {

constexpr std::string_view refresh_prefix = "rt_";
constexpr std::size_t id_bytes = 16, generation_bytes = 8, secret_bytes = 32, tag_bytes = 16;
constexpr std::size_t key_bytes = 32;
constexpr std::int64_t micros_per_second = 1'000'000;
// Clocks of two machines may differ by this much.
constexpr std::int64_t leeway_s = 60;

struct AccessHeader {
    std::string typ, alg, kid;
};

// Claims as text, without the optional one.
struct WrittenClaims {
    std::string iss, sub, sid, jti;
    std::int64_t iat = 0, exp = 0;
};

void append_number(std::string& bytes, std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
}

std::uint64_t number_at(std::string_view bytes, std::size_t at) {
    std::uint64_t number = 0;
    for (std::size_t i = at; i < at + 8; ++i) {
        number = number << 8 | static_cast<unsigned char>(bytes[i]);
    }
    return number;
}

template <class T>
std::optional<T> decoded(const std::string& json) {
    try {
        return json::decode<T>(json::parse(json));
    } catch (const Refusal&) {
        return std::nullopt;
    }
}

std::string tag_of(std::string_view payload, std::string_view key) {
    return auth::hmac_sha256(key, "tag" + std::string(payload)).substr(0, tag_bytes);
}

}  // namespace

std::string access_token(const auth::SigningKey& key, UserId user, SessionId session, Time now) {
    auto seconds = now.micros / micros_per_second;
    return auth::jwt(
        key, json::to_text(WrittenClaims{.iss = std::string(issuer),
                                         .sub = to_string(user),
                                         .sid = to_string(session),
                                         .jti = auth::base64url(auth::random_bytes(16)),
                                         .iat = seconds,
                                         .exp = seconds + access_term.micros / micros_per_second}));
}

std::optional<AccessClaims> verified(const auth::SigningKey& key, std::string_view token,
                                     Time now) {
    auto parsed = auth::split_jwt(token);
    if (!parsed) return std::nullopt;
    auto header = decoded<AccessHeader>(parsed->header_json);
    if (!header || header->alg != "EdDSA" || header->typ != "at+jwt" || header->kid != key.id) {
        return std::nullopt;
    }
    if (!auth::verify(key.public_key, parsed->signed_part, parsed->signature)) return std::nullopt;
    auto claims = decoded<AccessClaims>(parsed->claims_json);
    auto seconds = now.micros / micros_per_second;
    if (!claims || claims->iss != issuer || claims->exp <= seconds ||
        claims->iat > seconds + leeway_s || claims->nbf.value_or(0) > seconds + leeway_s) {
        return std::nullopt;
    }
    return claims;
}

std::string text_of(const RefreshToken& token, std::string_view key) {
    std::string payload;
    append_number(payload, token.session.value.high);
    append_number(payload, token.session.value.low);
    append_number(payload, static_cast<std::uint64_t>(token.generation));
    payload += token.secret;
    return std::string(refresh_prefix) + auth::base64url(payload + tag_of(payload, key));
}

std::optional<RefreshToken> refresh_token_from(std::string_view text, std::string_view key) {
    if (!text.starts_with(refresh_prefix)) return std::nullopt;
    auto bytes = auth::from_base64url(text.substr(refresh_prefix.size()));
    if (!bytes || bytes->size() != id_bytes + generation_bytes + secret_bytes + tag_bytes) {
        return std::nullopt;
    }
    auto payload = std::string_view(*bytes).substr(0, bytes->size() - tag_bytes);
    auto tag = std::string_view(*bytes).substr(payload.size());
    if (!auth::equal_in_constant_time(tag, tag_of(payload, key))) return std::nullopt;
    return RefreshToken{.session = Uuid{number_at(payload, 0), number_at(payload, 8)},
                        .generation = static_cast<std::int64_t>(number_at(payload, id_bytes)),
                        .secret = std::string(payload.substr(id_bytes + generation_bytes))};
}

RefreshToken successor(const RefreshToken& token, std::string_view key) {
    return {.session = token.session,
            .generation = token.generation + 1,
            .secret = auth::hmac_sha256(key, "successor" + text_of(token, key))};
}

std::string digest_of(const RefreshToken& token) { return auth::hex(auth::sha256(token.secret)); }

Keyring make_keyring() {
    return {.signing = auth::make_signing_key(), .refresh = auth::random_bytes(key_bytes)};
}

std::string stored(const Keyring& keys) {
    return keys.signing.private_key + keys.signing.public_key + keys.refresh;
}

Keyring keyring_from(std::string_view stored) {
    if (stored.size() != 3 * key_bytes) throw std::runtime_error("the keyring is damaged");
    auto part = [&](std::size_t i) { return std::string(stored.substr(i * key_bytes, key_bytes)); };
    return {.signing = {.id = auth::key_id(part(1)), .private_key = part(0), .public_key = part(1)},
            .refresh = part(2)};
}

}  // namespace stateset::identity
