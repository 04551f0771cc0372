#include "identity/tokens.hpp"

#include <gtest/gtest.h>

namespace stateset::identity {
namespace {

const Time now{1'800'000'000'000'000};
constexpr std::int64_t now_s = 1'800'000'000;

struct Keys {
    auth::SigningKey ours = auth::make_signing_key(), theirs = auth::make_signing_key();
    std::string header = R"({"typ":"at+jwt","alg":"EdDSA","kid":")" + ours.id + "\"}";
    std::string claims = claims_with(R"("iss":"stateset")", now_s, now_s + 3600);

    static std::string claims_with(const std::string& first, std::int64_t iat, std::int64_t exp) {
        return "{" + first + R"(,"sub":"s","sid":"i","jti":"j","iat":)" + std::to_string(iat) +
               R"(,"exp":)" + std::to_string(exp) + "}";
    }
    std::string token(const std::string& head, const std::string& body,
                      const auth::SigningKey& by) const {
        auto covered = auth::base64url(head) + "." + auth::base64url(body);
        return covered + "." + auth::base64url(auth::sign(by, covered));
    }
};

TEST(AccessToken, names_its_session_for_an_hour) {
    auto key = auth::make_signing_key();
    UserId user(Uuid{1, 2});
    SessionId session(Uuid{3, 4});
    auto token = access_token(key, user, session, now);
    auto claims = verified(key, token, now);
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->sub, to_string(user));
    EXPECT_EQ(claims->sid, to_string(session));
    EXPECT_EQ(claims->exp - claims->iat, 3600);
    EXPECT_TRUE(verified(key, token, now + seconds(3599)));
    EXPECT_FALSE(verified(key, token, now + seconds(3600)));
    EXPECT_NE(access_token(key, user, session, now), token) << "each has a jti of its own";
}

TEST(AccessToken, is_refused_when_anything_in_it_is_not_as_we_write_it) {
    Keys keys;
    ASSERT_TRUE(verified(keys.ours, keys.token(keys.header, keys.claims, keys.ours), now));
    auto kid = R"(,"kid":")" + keys.ours.id + "\"}";
    const std::pair<const char*, std::string> headers[] = {
        {"alg none", R"({"typ":"at+jwt","alg":"none")" + kid},
        {"alg None", R"({"typ":"at+jwt","alg":"None")" + kid},
        {"alg HS256", R"({"typ":"at+jwt","alg":"HS256")" + kid},
        {"no alg", R"({"typ":"at+jwt")" + kid},
        {"alg twice", R"({"typ":"at+jwt","alg":"EdDSA","alg":"EdDSA")" + kid},
        {"typ JWT", R"({"typ":"JWT","alg":"EdDSA")" + kid},
        {"no typ", R"({"alg":"EdDSA")" + kid},
        {"no kid", R"({"typ":"at+jwt","alg":"EdDSA"})"},
        {"another kid", R"({"typ":"at+jwt","alg":"EdDSA","kid":"x"})"},
        {"a key of its own", R"({"typ":"at+jwt","alg":"EdDSA","jwk":{})" + kid},
        {"crit", R"({"typ":"at+jwt","alg":"EdDSA","crit":["exp"])" + kid},
        {"no JSON", "at+jwt"},
    };
    for (const auto& [what, header] : headers) {
        EXPECT_FALSE(verified(keys.ours, keys.token(header, keys.claims, keys.ours), now)) << what;
    }
    const auto with = Keys::claims_with;
    const std::pair<const char*, std::string> claims[] = {
        {"another issuer", with(R"("iss":"elsewhere")", now_s, now_s + 60)},
        {"expired", with(R"("iss":"stateset")", now_s - 60, now_s)},
        {"issued in the future", with(R"("iss":"stateset")", now_s + 61, now_s + 120)},
        {"not valid yet", with(R"("iss":"stateset","nbf":1800000061)", now_s, now_s + 120)},
        {"no issuer", with(R"("nbf":1)", now_s, now_s + 60)},
        {"exp as text", R"({"iss":"stateset","sub":"s","sid":"i","jti":"j","iat":1,"exp":"x"})"},
        {"no exp", R"({"iss":"stateset","sub":"s","sid":"i","jti":"j","iat":1})"},
        {"a stranger's claim", with(R"("iss":"stateset","admin":true)", now_s, now_s + 60)},
    };
    for (const auto& [what, body] : claims) {
        EXPECT_FALSE(verified(keys.ours, keys.token(keys.header, body, keys.ours), now)) << what;
    }
}

TEST(AccessToken, counts_only_with_our_signature) {
    Keys keys;
    auto good = keys.token(keys.header, keys.claims, keys.ours);
    auto covered = good.substr(0, good.rfind('.'));
    EXPECT_FALSE(verified(keys.ours, keys.token(keys.header, keys.claims, keys.theirs), now));
    EXPECT_FALSE(verified(keys.ours, covered + ".", now)) << "no signature";
    EXPECT_FALSE(verified(keys.ours, covered, now));
    // The public key as the secret of an HMAC: the classic confusion.
    auto head = R"({"typ":"at+jwt","alg":"HS256","kid":")" + keys.ours.id + "\"}";
    auto confused = auth::base64url(head) + "." + auth::base64url(keys.claims);
    auto mac = auth::hmac_sha256(keys.ours.public_key, confused);
    EXPECT_FALSE(verified(keys.ours, confused + "." + auth::base64url(mac), now));
    EXPECT_FALSE(verified(keys.ours, confused + "." + auth::base64url(mac + mac), now));
    auto other_claims =
        auth::base64url(keys.header) + "." +
        auth::base64url(Keys::claims_with(R"("iss":"stateset")", now_s, now_s + 7200));
    EXPECT_FALSE(verified(keys.ours, other_claims + good.substr(good.rfind('.')), now));
    for (auto nonsense : {"", ".", "..", "a.b.c", "sk_live_x"}) {
        EXPECT_FALSE(verified(keys.ours, nonsense, now)) << nonsense;
    }
}

TEST(RefreshToken, is_read_back_and_no_letter_of_it_can_be_changed) {
    const std::string key(32, 'k');
    RefreshToken token{.session = Uuid{1, 2}, .generation = 7, .secret = auth::random_bytes(32)};
    auto text = text_of(token, key);
    auto back = refresh_token_from(text, key);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->session, token.session);
    EXPECT_EQ(back->generation, 7);
    EXPECT_EQ(back->secret, token.secret);
    EXPECT_FALSE(refresh_token_from(text, std::string(32, 'x'))) << "made elsewhere";
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto varied = text;
        varied[i] = varied[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(refresh_token_from(varied, key)) << "at " << i;
    }
    EXPECT_FALSE(refresh_token_from(text + "A", key));
    EXPECT_FALSE(refresh_token_from("", key));
}

TEST(RefreshToken, has_one_successor) {
    const std::string key(32, 'k');
    RefreshToken token{.session = Uuid{1, 2}, .secret = auth::random_bytes(32)};
    auto next = successor(token, key);
    EXPECT_EQ(text_of(next, key), text_of(successor(token, key), key));
    EXPECT_EQ(next.generation, 1);
    EXPECT_NE(next.secret, token.secret);
    EXPECT_NE(successor(token, std::string(32, 'x')).secret, next.secret);
}

TEST(Keyring, survives_being_stored) {
    auto keys = make_keyring();
    auto back = keyring_from(stored(keys));
    EXPECT_EQ(back.signing.id, keys.signing.id);
    EXPECT_EQ(back.refresh, keys.refresh);
    auto token = access_token(keys.signing, UserId(Uuid{1, 2}), SessionId(Uuid{3, 4}), now);
    EXPECT_TRUE(verified(back.signing, token, now));
    EXPECT_THROW(keyring_from("short"), std::runtime_error);
}

}  // namespace
}  // namespace stateset::identity
