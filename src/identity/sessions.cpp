#include "identity/sessions.hpp"

#include <algorithm>

#include "identity/tenants.hpp"
#include "identity/throttle.hpp"
#include "platform/auth/installation.hpp"
#include "sql.hpp"

namespace stateset::identity {
namespace {

constexpr Span retry_term = seconds(10);  // how long a lost answer may be asked for again
constexpr std::size_t secret_bytes = 32;

struct LoginRow {
    UserId id;
    std::int64_t of_tenant = 0;
    Secret<std::string> password;
    bool active = false;
    std::optional<AccountStatus> account_status;
};

struct SessionRow {
    SessionId id;
    std::int64_t of_tenant = 0;
    std::optional<AccountStatus> account_status;
};
struct EndedRow {
    SessionId id;
    std::int64_t of_tenant = 0;
};

struct ByEmail {
    std::string email;
};
struct BySession {
    SessionId id;
};
struct Before {
    Time before;
};

// Failures count against the process, whichever door they come through.
Throttle& failures() {
    static Throttle throttle;
    return throttle;
}

void require_patience(const std::string& account, const std::string& address) {
    auto wait = std::max(failures().wait_s(account), failures().wait_s(address));
    if (wait > 0) throw Refusal(too_many_failures, "Too many failed logins.").retry_after(wait);
}

void require_going_on(std::optional<AccountStatus> account) {
    require(account != AccountStatus::suspended, tenant_suspended, suspended_detail);
}

void forget_ended(Desk& desk) {
    Before now{system_now()};  // a read that is run again must ask the same
    auto ended = desk.reads.run(no_tenant, [&](Reads& reads) {
        return reads.all<EndedRow>(sql::identity::ended_sessions, now);
    });
    for (const auto& row : ended) {
        desk.committer.run(system_actor(row.of_tenant), [&](Tx& tx) {
            auto* session = tx.find<Session>(row.id);
            if (session && session->expires_at < tx.now()) tx.remove(*session);
        });
    }
}

Tokens tokens_for(const Keyring& keys, UserId user, const RefreshToken& refresh, Time now) {
    return {.access_token = access_token(keys.signing, user, refresh.session, now),
            .refresh_token = text_of(refresh, keys.refresh)};
}

}  // namespace

Keyring keyring(Committer& committer) {
    return keyring_from(
        auth::installation_secret(committer, "tokens", [] { return stored(make_keyring()); }));
}

void share_failures(SharedFailures* with) { failures().share(with); }

Tokens login(Desk& desk, const Actor&, const Login& wanted) {
    auto account = "account " + auth::sha256(wanted.email.value);
    auto address = "address " + desk.request.peer;
    require_patience(account, address);
    auto user = desk.reads.run(no_tenant, [&](Reads& reads) {
        return reads.maybe<LoginRow>(sql::identity::login, ByEmail{wanted.email});
    });
    const auto& hash = user ? user->password.value : auth::dummy_hash();
    bool matches = auth::verify_password(hash, wanted.password.value);
    Refusal refusal(wrong_credentials, "The e-mail address or the password is wrong.");
    if (!matches || !user || !user->active) {
        failures().failed(account);
        failures().failed(address);
        throw refusal;
    }
    require_going_on(user->account_status);
    auto keys = keyring(desk.committer);
    RefreshToken first{.secret = auth::random_bytes(secret_bytes)};
    auto session = desk.committer.run(
        system_actor(user->of_tenant),
        [&](Tx& tx) -> std::optional<Session> {
            auto* now = tx.find<User>(user->id);
            bool still = now && now->active && now->password.value == user->password.value;
            return still ? std::optional(begin_session(tx, user->id, first)) : std::nullopt;
        },
        desk.request_id);
    if (!session) throw refusal;
    first.session = session->id;
    forget_ended(desk);
    return tokens_for(keys, user->id, first, session->rotated_at);
}

Tokens refresh(Desk& desk, const Actor&, const Refresh& wanted) {
    auto keys = keyring(desk.committer);
    Refusal refusal(invalid_refresh_token, "The refresh token is unknown, used or expired.");
    auto token = refresh_token_from(wanted.refresh_token.value, keys.refresh);
    if (!token) throw refusal;
    auto row = desk.reads.run(no_tenant, [&](Reads& reads) {
        return reads.maybe<SessionRow>(sql::identity::tenant_of_session, BySession{token->session});
    });
    if (!row) throw refusal;
    require_going_on(row->account_status);
    UserId user;
    Time now;
    auto renewal = desk.committer.run(
        system_actor(row->of_tenant),
        [&](Tx& tx) {
            auto outcome = renew(tx, *token, keys.refresh);
            now = tx.now();
            if (auto* session = tx.find<Session>(token->session)) user = session->user_id;
            return outcome;
        },
        desk.request_id);
    if (renewal == Renewal::refused) throw refusal;
    return tokens_for(keys, user, successor(*token, keys.refresh), now);
}

// The user's row stays locked: no other instance ends the sessions of this user meanwhile. One that
// begins after such an end counts, whatever the clocks say.
Session begin_session(Tx& tx, UserId id, const RefreshToken& first) {
    const auto& user = tx.get<User>(id);
    auto& session = tx.add(Session{.id = tx.new_id(),
                                   .user_id = id,
                                   .digest = {digest_of(first)},
                                   .rotated_at = tx.now(),
                                   .expires_at = tx.now() + refresh_term});
    session.created_at = std::max(tx.now(), user.sessions_from.value + Span{1});
    return session;
}

Renewal renew(Tx& tx, const RefreshToken& token, std::string_view key) {
    auto* found = tx.find<Session>(token.session);
    if (!found || found->revoked_at || found->expires_at <= tx.now()) return Renewal::refused;
    auto* user = tx.find<User>(found->user_id);
    if (!user || !user->active || found->created_at <= user->sessions_from.value) {
        return Renewal::refused;
    }
    auto digest = digest_of(token);
    if (token.generation == found->generation && digest == found->digest.value) {
        auto next = successor(token, key);
        auto& session = tx.edit(*found);
        session.former_digest.value = digest;
        session.digest.value = digest_of(next);
        session.generation = next.generation;
        session.rotated_at = tx.now();
        session.expires_at = tx.now() + refresh_term;
        return Renewal::renewed;
    }
    bool retry = token.generation + 1 == found->generation &&
                 digest == found->former_digest.value && tx.now() - found->rotated_at <= retry_term;
    if (retry) return Renewal::renewed;
    tx.edit(*found).revoked_at = tx.now();
    return Renewal::refused;
}

void end_session(Tx& tx, SessionId id) {
    auto* session = tx.find<Session>(id);
    if (session && !session->revoked_at) tx.edit(*session).revoked_at = tx.now();
}

void logout(Tx& tx, const Actor& actor, const Logout&) {
    auto session = uuid_from(actor.token_id);
    require(session.has_value(), no_session, "These credentials are no session.");
    end_session(tx, *session);
}

Me me(Reads& reads, const Actor& actor, const Nobody&) {
    return {.user = {user(reads, actor, {.id = actor.user_id})},
            .permissions = actor.permissions->granted()};
}

JsonWebKeys jwks(Desk& desk, const Actor&, const Nobody&) {
    auto key = keyring(desk.committer).signing;
    return {.keys = {{.kid = key.id, .x = auth::base64url(key.public_key)}}};
}

}  // namespace stateset::identity
