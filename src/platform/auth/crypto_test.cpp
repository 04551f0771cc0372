#include "platform/auth/crypto.hpp"

#include <argon2.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>
#include <stdexcept>

namespace stateset::auth {
namespace {

std::string from_hex(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
    return bytes;
}

std::string flipped(std::string text, std::size_t at) {
    text[at] = static_cast<char>(text[at] ^ 1);
    return text;
}

// The first key of RFC 8032 §7.1, which RFC 8037 uses too.
const SigningKey rfc_key{
    .id = "rfc",
    .private_key = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
    .public_key = from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")};

TEST(Encoding, matches_the_vectors_of_rfc_4648) {
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64url("\xfb\xff"), "-_8");
    EXPECT_EQ(hex(std::string_view("\x00\x7f\xff", 3)), "007fff");
}

TEST(Encoding, every_length_comes_back_as_it_was) {
    for (std::size_t size = 0; size < 70; ++size) {
        const auto bytes = random_bytes(size);
        EXPECT_EQ(from_base64(base64(bytes)), bytes);
        EXPECT_EQ(from_base64url(base64url(bytes)), bytes);
    }
}

TEST(Encoding, accepts_one_spelling_only) {
    for (const auto* text : {"Zg", "Zg=", "Zh==", " Zg==", "Zg==\n",
                             "Zm9v=", "Z===", "====", "Zm-v", "Zg==Zg==", "Zm\xc3\xb6"})
        EXPECT_FALSE(from_base64(text)) << text;
    for (const auto* text : {"Zg==", "Zh", "Z", "Zm+v", "Zm/v", "Zm9v\n", "Zm 9"})
        EXPECT_FALSE(from_base64url(text)) << text;
}

TEST(Digests, match_fips_180_and_rfc_4231) {
    EXPECT_EQ(hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'),
                              "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(hex(hmac_sha256({}, {})),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Digests, constant_time_comparison_still_compares) {
    EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
    EXPECT_TRUE(equal_in_constant_time({}, ""));
    EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

TEST(Signatures, match_rfc_8032) {
    EXPECT_EQ(hex(sign(rfc_key, "")),
              "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
              "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
    const SigningKey second{
        .id = "second",
        .private_key = from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
        .public_key = from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")};
    const auto signature = sign(second, "\x72");
    EXPECT_EQ(hex(signature),
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    EXPECT_TRUE(verify(second.public_key, "\x72", signature));
}

TEST(Signatures, key_id_is_the_thumbprint_of_rfc_8037) {
    EXPECT_EQ(key_id(rfc_key.public_key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(Signatures, a_changed_bit_or_another_key_does_not_verify) {
    const auto key = make_signing_key();
    const auto signature = sign(key, "ship it");
    ASSERT_TRUE(verify(key.public_key, "ship it", signature));
    EXPECT_FALSE(verify(key.public_key, "ship it.", signature));
    EXPECT_FALSE(verify(make_signing_key().public_key, "ship it", signature));
    for (std::size_t i = 0; i < signature.size(); ++i)
        EXPECT_FALSE(verify(key.public_key, "ship it", flipped(signature, i))) << i;
    EXPECT_FALSE(verify(key.public_key, "ship it", signature.substr(1)));
    EXPECT_FALSE(verify("short", "ship it", signature));
}

TEST(Tokens, a_jwt_splits_into_what_was_signed) {
    const auto key = make_signing_key();
    const auto token = jwt(key, R"({"sub":"u1"})");
    const auto parsed = split_jwt(token);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->header_json, R"({"typ":"at+jwt","alg":"EdDSA","kid":")" + key.id + R"("})");
    EXPECT_EQ(parsed->claims_json, R"({"sub":"u1"})");
    EXPECT_TRUE(verify(key.public_key, parsed->signed_part, parsed->signature));
}

TEST(Tokens, no_changed_character_verifies) {
    const auto key = make_signing_key();
    const auto token = jwt(key, R"({"sub":"u1","permissions":["orders:read"]})");
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        const auto parsed = split_jwt(changed);
        EXPECT_FALSE(parsed && verify(key.public_key, parsed->signed_part, parsed->signature)) << i;
    }
}

TEST(Tokens, anything_but_three_parts_and_a_signature_is_refused) {
    const auto token = jwt(rfc_key, "{}");
    const auto without_signature = token.substr(0, token.rfind('.'));
    EXPECT_TRUE(split_jwt(token));
    EXPECT_FALSE(split_jwt(""));
    EXPECT_FALSE(split_jwt(".."));
    EXPECT_FALSE(split_jwt("e30.e30"));
    EXPECT_FALSE(split_jwt(without_signature + "."));
    EXPECT_FALSE(split_jwt(without_signature + ".AAAA"));
    EXPECT_FALSE(split_jwt(token + "."));
    EXPECT_FALSE(split_jwt(token + "="));
    EXPECT_FALSE(split_jwt(" " + token));
    EXPECT_FALSE(split_jwt(jwt(rfc_key, std::string(9000, ' '))));
}

TEST(Tokens, a_key_id_that_would_need_escaping_is_refused) {
    auto key = rfc_key;
    key.id = R"(","alg":"none)";
    EXPECT_THROW(jwt(key, "{}"), std::invalid_argument);
}

TEST(Passwords, match_the_vector_of_the_reference_implementation) {
    constexpr auto vector =
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    EXPECT_TRUE(verify_password(vector, "password"));
    EXPECT_FALSE(verify_password(vector, "Password"));
    EXPECT_TRUE(password_needs_rehash(vector));
}

TEST(Passwords, the_reference_library_accepts_our_hashes) {
    const auto phc = hash_password("correct horse");
    EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << phc;
    EXPECT_EQ(argon2id_verify(phc.c_str(), "correct horse", 13), ARGON2_OK);
    EXPECT_NE(argon2id_verify(phc.c_str(), "correct h0rse", 13), ARGON2_OK);
    EXPECT_TRUE(verify_password(phc, "correct horse"));
    EXPECT_FALSE(verify_password(phc, "correct h0rse"));
    EXPECT_FALSE(password_needs_rehash(phc));
    EXPECT_NE(hash_password("correct horse"), phc) << "the salt must differ";
}

TEST(Passwords, zero_bytes_and_the_empty_password_are_passwords_like_others) {
    const auto phc = hash_password(std::string_view("a\0b", 3));
    EXPECT_TRUE(verify_password(phc, std::string_view("a\0b", 3)));
    EXPECT_FALSE(verify_password(phc, "a"));
    const auto empty = hash_password("");
    EXPECT_TRUE(verify_password(empty, ""));
    EXPECT_FALSE(verify_password(empty, "a"));
}

TEST(Passwords, hashes_of_another_shape_or_cost_are_refused) {
    const std::string tail = "c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    for (const auto& phc :
         {std::string(), std::string("plain"), "$argon2i$v=19$m=65536,t=2,p=1$" + tail,
          "$argon2id$v=16$m=65536,t=2,p=1$" + tail, "$argon2id$v=19$m=4194304,t=2,p=1$" + tail,
          "$argon2id$v=19$m=65536,t=99,p=1$" + tail, "$argon2id$v=19$m=65536,t=2,p=0$" + tail,
          "$argon2id$v=19$m=99999999999,t=2,p=1$" + tail,
          "$argon2id$v=19$m=65536,t=2,p=1$" + tail + "=",
          std::string("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ"),
          std::string("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$AAAA")})
        EXPECT_FALSE(verify_password(phc, "password")) << phc;
}

TEST(Passwords, the_dummy_costs_as_much_as_a_real_hash_and_matches_nothing) {
    const auto time_of = [](std::string_view phc) {
        auto fastest = std::chrono::nanoseconds::max();
        for (int i = 0; i < 3; ++i) {
            const auto start = std::chrono::steady_clock::now();
            EXPECT_FALSE(verify_password(phc, "guess"));
            fastest = std::min(fastest, std::chrono::steady_clock::now() - start);
        }
        return std::chrono::duration<double>(fastest).count();
    };
    EXPECT_FALSE(password_needs_rehash(dummy_hash()));
    EXPECT_FALSE(verify_password(dummy_hash(), ""));
    const auto ratio = time_of(dummy_hash()) / time_of(hash_password("real"));
    EXPECT_GT(ratio, 0.3);
    EXPECT_LT(ratio, 3.0);
}

TEST(Passwords, memory_goes_back_to_the_system) {
    const auto resident_kib = [] {
        std::ifstream status("/proc/self/statm");
        long total = 0;
        long resident = 0;
        status >> total >> resident;
        return resident * 4;
    };
    hash_password("warm");
    const auto before = resident_kib();
    for (int i = 0; i < 3; ++i) hash_password("again");
    EXPECT_LT(resident_kib() - before, 12 * 1024) << "one hash alone is 19 MiB";
}

TEST(Sealing, what_was_sealed_opens_with_the_same_key_and_context_only) {
    const auto key = random_bytes(32);
    for (const std::string secret : {"", "whsec_abc", "\x01\x02"}) {
        const auto sealed = seal(key, secret, "webhook_secret:7");
        EXPECT_EQ(open(key, sealed, "webhook_secret:7"), secret);
        EXPECT_FALSE(open(key, sealed, "webhook_secret:8"));
        EXPECT_FALSE(open(key, sealed, ""));
        EXPECT_FALSE(open(random_bytes(32), sealed, "webhook_secret:7"));
    }
    EXPECT_EQ(open(key, seal(key, "x", {}), {}), "x");
    EXPECT_NE(seal(key, "x", "c"), seal(key, "x", "c")) << "the nonce must differ";
}

TEST(Sealing, opens_what_another_implementation_sealed) {
    std::string key;
    for (char c = 0; c < 32; ++c) key += c;
    EXPECT_EQ(
        open(key,
             from_hex(
                 "016465666768696a6b6c6d6e6f3f73ad031ab637fc5dc3407af4bb224780b1a8259fdd8ccf55"),
             "webhook_secret:7"),
        "whsec_abc");
}

TEST(Sealing, no_changed_bit_or_cut_opens) {
    const auto key = random_bytes(32);
    const auto sealed = seal(key, "secret", "here");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        EXPECT_FALSE(open(key, flipped(sealed, i), "here")) << i;
        EXPECT_FALSE(open(key, sealed.substr(0, i), "here")) << i;
    }
    EXPECT_THROW(seal("short", "secret", "here"), std::invalid_argument);
    EXPECT_THROW(open("short", sealed, "here"), std::invalid_argument);
}

TEST(ApiKeys, are_well_formed_distinct_and_say_their_mode) {
    std::set<std::string> keys;
    for (int i = 0; i < 200; ++i) {
        const auto key = make_api_key(i % 2 ? KeyMode::live : KeyMode::test);
        EXPECT_EQ(key.size(), 44u);
        EXPECT_TRUE(key.starts_with(i % 2 ? "sk_live_" : "sk_test_"));
        EXPECT_TRUE(api_key_well_formed(key)) << key;
        keys.insert(key);
    }
    EXPECT_EQ(keys.size(), 200u);
}

TEST(ApiKeys, a_typing_error_is_noticed) {
    const auto key = make_api_key(KeyMode::live);
    for (std::size_t i = 0; i < key.size(); ++i) {
        auto changed = key;
        changed[i] = changed[i] == 'x' ? 'y' : 'x';
        EXPECT_FALSE(api_key_well_formed(changed)) << changed;
    }
    EXPECT_FALSE(api_key_well_formed(""));
    EXPECT_FALSE(api_key_well_formed(key + "0"));
    EXPECT_FALSE(api_key_well_formed(key.substr(1)));
}

TEST(WebhookSignatures, match_the_published_vector_of_standard_webhooks) {
    const auto secret = webhook_secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    ASSERT_TRUE(secret);
    EXPECT_EQ(webhook_signature(*secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                                R"({"test": 2432232314})"),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignatures, secrets_are_read_back_and_malformed_ones_refused) {
    const auto secret = make_webhook_secret();
    EXPECT_TRUE(secret.starts_with("whsec_"));
    EXPECT_NE(secret, make_webhook_secret());
    const auto bytes = webhook_secret_bytes(secret);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->size(), 24u);
    EXPECT_FALSE(webhook_secret_bytes(secret.substr(6)));
    EXPECT_FALSE(webhook_secret_bytes("whsec_"));
    EXPECT_FALSE(webhook_secret_bytes("whsec_AAAA"));
    EXPECT_FALSE(webhook_secret_bytes("whsec_" + base64(random_bytes(65))));
    EXPECT_FALSE(webhook_secret_bytes(secret + " "));
}

}  // namespace
}  // namespace stateset::auth
