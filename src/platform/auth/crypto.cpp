#include "platform/auth/crypto.hpp"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/mman.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <stdexcept>

namespace stateset::auth {
namespace {

constexpr std::size_t digest_bytes = 32;
constexpr std::size_t sha1_bytes = 20;
constexpr std::size_t key_bytes = 32;
constexpr std::size_t signature_bytes = 64;
// The request target and header limits of the edge let nothing longer through anyway.
constexpr std::size_t most_token_bytes = 8 * 1024;

// GCM's own sizes. The leading byte names the form, so that another cipher can follow one day.
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr char sealed_form = '\x01';

// OWASP's recommendation; api.md promises at least this.
constexpr std::uint32_t password_memory_kib = 19456;
constexpr std::uint32_t password_passes = 2;
constexpr std::uint32_t password_lanes = 1;
constexpr std::size_t salt_bytes = 16;
// A hash that arrived by an import must not be able to ask for all of the machine.
constexpr std::uint32_t most_password_memory_kib = 256 * 1024;
constexpr std::uint32_t most_password_passes = 16;

constexpr std::string_view base62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t api_key_prefix_size = 8;
constexpr std::size_t api_key_random_size = 30;
constexpr std::size_t api_key_checksum_size = 6;  // 62^6 > 2^32

constexpr std::string_view webhook_secret_prefix = "whsec_";
constexpr std::size_t fewest_webhook_secret_bytes = 24;
constexpr std::size_t most_webhook_secret_bytes = 64;

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeDigest {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeCipher {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Digest = std::unique_ptr<EVP_MD_CTX, FreeDigest>;
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void demand(bool held, const char* what) {
    if (!held) throw std::runtime_error(std::string("cryptography failed: ") + what);
}

// Fetching an algorithm takes longer than using it, so it is done once for the process.
const EVP_MD* sha256_algorithm() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    demand(algorithm, "fetching SHA-256");
    return algorithm;
}

bool is_base64url(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return base62.find(c) != std::string_view::npos || c == '-' || c == '_';
    });
}

// ---- passwords --------------------------------------------------------------------------------

struct Phc {
    std::uint32_t memory_kib = password_memory_kib;
    std::uint32_t passes = password_passes;
    std::uint32_t lanes = password_lanes;
    std::string salt;
    std::string hash;
};

// PHC strings use the plain alphabet without padding.
std::string unpadded_base64(std::string_view bytes) {
    auto text = base64(bytes);
    while (text.ends_with('=')) text.pop_back();
    return text;
}

std::optional<std::string> from_unpadded_base64(std::string_view text) {
    if (text.find('=') != std::string_view::npos) return std::nullopt;
    return from_base64(std::string(text) + std::string((4 - text.size() % 4) % 4, '='));
}

bool take(std::string_view& text, std::string_view wanted) {
    if (!text.starts_with(wanted)) return false;
    text.remove_prefix(wanted.size());
    return true;
}

bool take(std::string_view& text, std::uint32_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

std::string print(const Phc& phc) {
    return "$argon2id$v=19$m=" + std::to_string(phc.memory_kib) +
           ",t=" + std::to_string(phc.passes) + ",p=" + std::to_string(phc.lanes) + "$" +
           unpadded_base64(phc.salt) + "$" + unpadded_base64(phc.hash);
}

std::optional<Phc> parse(std::string_view text) {
    Phc phc;
    const bool costs = take(text, "$argon2id$v=19$m=") && take(text, phc.memory_kib) &&
                       take(text, ",t=") && take(text, phc.passes) && take(text, ",p=") &&
                       take(text, phc.lanes) && take(text, "$");
    if (!costs || phc.memory_kib > most_password_memory_kib || phc.passes > most_password_passes)
        return std::nullopt;
    const auto middle = text.find('$');
    if (middle == std::string_view::npos) return std::nullopt;
    auto salt = from_unpadded_base64(text.substr(0, middle));
    auto hash = from_unpadded_base64(text.substr(middle + 1));
    if (!salt || !hash || hash->size() != digest_bytes) return std::nullopt;
    phc.salt = std::move(*salt);
    phc.hash = std::move(*hash);
    return phc;
}

// malloc would keep the 19 MiB: its threshold for mapping grows after the first large free. Mapped
// by hand they are gone at once, and no trim has to stop the other threads.
int map_memory(std::uint8_t** memory, std::size_t size) {
    void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (mapped == MAP_FAILED) return ARGON2_MEMORY_ALLOCATION_ERROR;
    *memory = static_cast<std::uint8_t*>(mapped);
    return ARGON2_OK;
}

void unmap_memory(std::uint8_t* memory, std::size_t size) { munmap(memory, size); }

// The hash of the password under phc's costs and salt; nothing when Argon2 refuses those.
std::optional<std::string> argon2id(const Phc& phc, std::string_view password) {
    std::string hash(digest_bytes, '\0');
    std::string secret(password);
    std::string salt = phc.salt;
    argon2_context context{};
    context.out = bytes_of(hash);
    context.outlen = static_cast<std::uint32_t>(hash.size());
    context.pwd = bytes_of(secret);
    context.pwdlen = static_cast<std::uint32_t>(secret.size());
    context.salt = bytes_of(salt);
    context.saltlen = static_cast<std::uint32_t>(salt.size());
    context.t_cost = phc.passes;
    context.m_cost = phc.memory_kib;
    context.lanes = phc.lanes;
    context.threads = phc.lanes;
    context.version = ARGON2_VERSION_13;
    context.allocate_cbk = map_memory;
    context.free_cbk = unmap_memory;
    const int outcome = argon2id_ctx(&context);
    OPENSSL_cleanse(secret.data(), secret.size());
    demand(outcome != ARGON2_MEMORY_ALLOCATION_ERROR, "memory for a password hash");
    if (outcome != ARGON2_OK) return std::nullopt;
    return hash;
}

// ---- API keys ---------------------------------------------------------------------------------

std::string random_base62(std::size_t count) {
    constexpr unsigned fair = 256 - 256 % 62;  // bytes beyond would favour the first characters
    std::string text;
    while (text.size() < count) {
        for (const char byte : random_bytes(count)) {
            const auto value = static_cast<unsigned char>(byte);
            if (value < fair && text.size() < count) text += base62[value % 62];
        }
    }
    return text;
}

std::string api_key_checksum(std::string_view key_without_it) {
    const auto digest = sha256(key_without_it);
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(digest[i]);
    std::string text(api_key_checksum_size, '0');
    for (auto place = text.rbegin(); place != text.rend(); ++place, value /= 62)
        *place = base62[value % 62];
    return text;
}

}  // namespace

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    demand(RAND_bytes(bytes_of(bytes), static_cast<int>(count)) == 1, "no random bytes");
    return bytes;
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        text += digits[static_cast<unsigned char>(byte) >> 4];
        text += digits[static_cast<unsigned char>(byte) & 15];
    }
    return text;
}

std::string base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP ends it with a zero byte
    EVP_EncodeBlock(bytes_of(text), bytes_of(bytes), static_cast<int>(bytes.size()));
    text.pop_back();
    return text;
}

std::string base64url(std::string_view bytes) {
    auto text = unpadded_base64(bytes);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.empty()) return std::string();
    if (text.size() % 4 != 0) return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int decoded =
        EVP_DecodeBlock(bytes_of(bytes), bytes_of(text), static_cast<int>(text.size()));
    if (decoded != static_cast<int>(bytes.size())) return std::nullopt;
    const auto padding = text.ends_with("==") ? 2u : text.ends_with('=') ? 1u : 0u;
    bytes.resize(bytes.size() - padding);
    // EVP forgives white space and stray bits; only the spelling we would write ourselves passes.
    if (base64(bytes) != text) return std::nullopt;
    return bytes;
}

std::optional<std::string> from_base64url(std::string_view text) {
    if (!is_base64url(text)) return std::nullopt;
    std::string plain(text);
    std::replace(plain.begin(), plain.end(), '-', '+');
    std::replace(plain.begin(), plain.end(), '_', '/');
    return from_unpadded_base64(plain);
}

std::string sha256(std::string_view bytes) {
    std::string digest(digest_bytes, '\0');
    demand(EVP_Digest(bytes.data(), bytes.size(), bytes_of(digest), nullptr, sha256_algorithm(),
                      nullptr) == 1,
           "SHA-256");
    return digest;
}

std::string sha1(std::string_view bytes) {
    std::string digest(sha1_bytes, '\0');
    demand(
        EVP_Digest(bytes.data(), bytes.size(), bytes_of(digest), nullptr, EVP_sha1(), nullptr) == 1,
        "SHA-1");
    return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    std::string digest(digest_bytes, '\0');
    // A null key means "the former one" to OpenSSL; an empty key must stay an empty key.
    const void* key_data = key.empty() ? "" : key.data();
    demand(HMAC(sha256_algorithm(), key_data, static_cast<int>(key.size()), bytes_of(bytes),
                bytes.size(), bytes_of(digest), nullptr),
           "HMAC-SHA256");
    return digest;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

SigningKey make_signing_key() {
    SigningKey made{.id = {}, .private_key = random_bytes(key_bytes), .public_key = {}};
    const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                               bytes_of(made.private_key), key_bytes));
    demand(key != nullptr, "making a signing key");
    made.public_key.resize(key_bytes);
    std::size_t size = key_bytes;
    demand(EVP_PKEY_get_raw_public_key(key.get(), bytes_of(made.public_key), &size) == 1,
           "reading a public key");
    made.id = key_id(made.public_key);
    return made;
}

std::string key_id(std::string_view public_key) {
    return base64url(
        sha256(R"({"crv":"Ed25519","kty":"OKP","x":")" + base64url(public_key) + R"("})"));
}

std::string sign(const SigningKey& key, std::string_view bytes) {
    const Key loaded(EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, bytes_of(key.private_key), key.private_key.size()));
    demand(loaded != nullptr, "a signing key must be 32 bytes");
    const Digest context(EVP_MD_CTX_new());
    std::string signature(signature_bytes, '\0');
    std::size_t size = signature.size();
    demand(context &&
               EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, loaded.get()) == 1 &&
               EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(bytes),
                              bytes.size()) == 1,
           "signing");
    return signature;
}

bool verify(std::string_view public_key, std::string_view bytes, std::string_view signature) {
    if (public_key.size() != key_bytes || signature.size() != signature_bytes) return false;
    const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(public_key),
                                              public_key.size()));
    const Digest context(EVP_MD_CTX_new());
    return key && context &&
           EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(bytes),
                            bytes.size()) == 1;
}

std::string jwt(const SigningKey& key, std::string_view claims_json) {
    if (!is_base64url(key.id)) throw std::invalid_argument("a key id is base64url");
    auto token = base64url(R"({"typ":"at+jwt","alg":"EdDSA","kid":")" + key.id + R"("})") + "." +
                 base64url(claims_json);
    return token + "." + base64url(sign(key, token));
}

std::optional<ParsedJwt> split_jwt(std::string_view token) {
    if (token.size() > most_token_bytes) return std::nullopt;
    const auto first = token.find('.');
    const auto second = first == token.npos ? token.npos : token.find('.', first + 1);
    if (second == token.npos) return std::nullopt;
    auto header = from_base64url(token.substr(0, first));
    auto claims = from_base64url(token.substr(first + 1, second - first - 1));
    auto signature = from_base64url(token.substr(second + 1));
    if (!header || !claims || !signature || signature->size() != signature_bytes)
        return std::nullopt;
    return ParsedJwt{.header_json = std::move(*header),
                     .claims_json = std::move(*claims),
                     .signed_part = std::string(token.substr(0, second)),
                     .signature = std::move(*signature)};
}

std::string hash_password(std::string_view password) {
    Phc phc{.salt = random_bytes(salt_bytes), .hash = {}};
    auto hash = argon2id(phc, password);
    demand(hash.has_value(), "hashing a password");
    phc.hash = std::move(*hash);
    return print(phc);
}

bool verify_password(std::string_view phc, std::string_view password) {
    const auto stored = parse(phc);
    if (!stored) return false;
    const auto hash = argon2id(*stored, password);
    return hash && equal_in_constant_time(*hash, stored->hash);
}

bool password_needs_rehash(std::string_view phc) {
    const auto stored = parse(phc);
    return !stored || stored->memory_kib != password_memory_kib ||
           stored->passes != password_passes || stored->lanes != password_lanes;
}

const std::string& dummy_hash() {
    // Random bytes in place of a hash: nobody knows a password for them, and making it is free.
    static const std::string hash =
        print({.salt = random_bytes(salt_bytes), .hash = random_bytes(digest_bytes)});
    return hash;
}

std::string seal(std::string_view key, std::string_view plaintext, std::string_view context) {
    if (key.size() != key_bytes) throw std::invalid_argument("a sealing key has 32 bytes");
    const auto nonce = random_bytes(nonce_bytes);
    const Cipher cipher(EVP_CIPHER_CTX_new());
    std::string hidden(plaintext.size(), '\0');
    std::string tag(tag_bytes, '\0');
    int size = 0;
    demand(cipher &&
               EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), bytes_of(key), bytes_of(nonce),
                                   nullptr) == 1 &&
               EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(context),
                                 static_cast<int>(context.size())) == 1 &&
               EVP_EncryptUpdate(cipher.get(), bytes_of(hidden), &size, bytes_of(plaintext),
                                 static_cast<int>(plaintext.size())) == 1 &&
               EVP_EncryptFinal_ex(cipher.get(), nullptr, &size) == 1 &&
               EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, tag.data()) == 1,
           "sealing");
    return sealed_form + nonce + hidden + tag;
}

std::optional<std::string> open(std::string_view key, std::string_view sealed,
                                std::string_view context) {
    if (key.size() != key_bytes) throw std::invalid_argument("a sealing key has 32 bytes");
    if (sealed.size() < 1 + nonce_bytes + tag_bytes || sealed[0] != sealed_form)
        return std::nullopt;
    const auto nonce = sealed.substr(1, nonce_bytes);
    const auto hidden = sealed.substr(1 + nonce_bytes, sealed.size() - 1 - nonce_bytes - tag_bytes);
    std::string tag(sealed.substr(sealed.size() - tag_bytes));
    const Cipher cipher(EVP_CIPHER_CTX_new());
    std::string plaintext(hidden.size(), '\0');
    int size = 0;
    demand(cipher &&
               EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), bytes_of(key), bytes_of(nonce),
                                   nullptr) == 1 &&
               EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(context),
                                 static_cast<int>(context.size())) == 1 &&
               EVP_DecryptUpdate(cipher.get(), bytes_of(plaintext), &size, bytes_of(hidden),
                                 static_cast<int>(hidden.size())) == 1 &&
               EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()) == 1,
           "opening a sealed secret");
    if (EVP_DecryptFinal_ex(cipher.get(), nullptr, &size) != 1) return std::nullopt;
    return plaintext;
}

std::string make_api_key(KeyMode mode) {
    auto key =
        (mode == KeyMode::live ? "sk_live_" : "sk_test_") + random_base62(api_key_random_size);
    return key + api_key_checksum(key);
}

bool api_key_well_formed(std::string_view key) {
    constexpr auto body_size = api_key_prefix_size + api_key_random_size;
    if (key.size() != body_size + api_key_checksum_size) return false;
    if (!key.starts_with("sk_live_") && !key.starts_with("sk_test_")) return false;
    if (key.find_first_not_of(base62, api_key_prefix_size) != std::string_view::npos) return false;
    return api_key_checksum(key.substr(0, body_size)) == key.substr(body_size);
}

std::string make_webhook_secret() {
    return std::string(webhook_secret_prefix) + base64(random_bytes(fewest_webhook_secret_bytes));
}

std::optional<std::string> webhook_secret_bytes(std::string_view secret) {
    if (!take(secret, webhook_secret_prefix)) return std::nullopt;
    auto bytes = from_base64(secret);
    if (!bytes || bytes->size() < fewest_webhook_secret_bytes ||
        bytes->size() > most_webhook_secret_bytes)
        return std::nullopt;
    return bytes;
}

std::string webhook_signature(std::string_view secret_bytes, std::string_view id,
                              std::int64_t timestamp, std::string_view body) {
    std::string covered;
    covered.reserve(id.size() + body.size() + 24);
    covered.append(id).append(".").append(std::to_string(timestamp)).append(".").append(body);
    return "v1," + base64(hmac_sha256(secret_bytes, covered));
}

}  // namespace stateset::auth
