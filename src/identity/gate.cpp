#include "identity/gate.hpp"

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

#include "identity/permissions.hpp"
#include "identity/sessions.hpp"
#include "platform/http/problem.hpp"
#include "sql.hpp"

namespace stateset::identity {
namespace {

constexpr Span use_pace = minutes(1);  // how exactly the last use of a key is kept

struct SessionStanding {
    SessionId id;
    std::int64_t of_tenant = 0;
    UserId user_id;
    Time expires_at;
    std::vector<std::string> roles;
};
struct KeyStanding {
    ApiKeyId id;
    std::int64_t of_tenant = 0;
    UserId user_id;
    std::optional<Time> expires_at;
    std::vector<std::string> scopes, roles;
};
struct Grants {
    std::string name;
    std::vector<std::string> permissions;
};

struct BySession {
    SessionId id;
};
struct ByDigest {
    std::string digest;
};
struct OfTenant {
    std::int64_t of_tenant = 0;
};

// Who stands behind a credential at this moment.
struct Standing {
    Actor actor;
    std::optional<Time> expires_at;
};

// What a credential says, which never changes: for a token its session and its end.
struct Token {
    Uuid session;
    Time expires_at;
};

std::vector<std::string> permissions_of(Reads& reads, std::int64_t tenant,
                                        const std::vector<std::string>& roles) {
    std::vector<std::string> permissions;
    for (const auto& role : reads.all<Grants>(sql::identity::permissions, OfTenant{tenant})) {
        if (std::ranges::find(roles, role.name) == roles.end()) continue;
        permissions.insert(permissions.end(), role.permissions.begin(), role.permissions.end());
    }
    return permissions;
}

std::optional<Standing> standing_of_session(Reads& reads, Uuid session) {
    auto row = reads.maybe<SessionStanding>(sql::identity::standing_of_session, BySession{session});
    if (!row) return std::nullopt;
    auto permissions = permissions_of(reads, row->of_tenant, row->roles);
    return Standing{.actor = {.kind = Actor::Kind::user,
                              .tenant = row->of_tenant,
                              .id = row->user_id.value,
                              .user_id = row->user_id.value,
                              .token_id = to_string(row->id),
                              .permissions = std::make_shared<Permissions>(std::move(permissions))},
                    .expires_at = std::nullopt};
}

std::optional<Standing> standing_of_key(Reads& reads, const std::string& digest) {
    auto row =
        reads.maybe<KeyStanding>(sql::identity::standing_of_key, ByDigest{auth::hex(digest)});
    if (!row) return std::nullopt;
    auto owners = permissions_of(reads, row->of_tenant, row->roles);
    return Standing{
        .actor = {.kind = Actor::Kind::api_key,
                  .tenant = row->of_tenant,
                  .id = row->id.value,
                  .user_id = row->user_id.value,
                  .token_id = {},
                  .permissions = std::make_shared<Permissions>(common(row->scopes, owners))},
        .expires_at = row->expires_at};
}

Refusal unknown() {
    return Refusal(http::codes::unauthenticated, "The credentials do not count (any more).");
}

template <class Map>
void bound(Map& map, std::size_t most) {
    while (map.size() >= most) map.erase(map.begin());
}

}  // namespace

struct Gate::State {
    Committer& committer;
    Options options;
    ReadPool* reads = nullptr;
    auth::SigningKey key;

    std::shared_mutex mutex;
    std::unordered_map<std::string, Token> tokens;       // by the token's digest
    std::unordered_map<std::string, Standing> sessions;  // by the session's id
    std::unordered_map<std::string, Standing> keys;      // by the key's digest
    std::unordered_map<Uuid, Time> uses;                 // keys whose use is written already
    std::atomic<std::uint64_t> changes =
        0;  // counts what was thrown away, so that no stale read is kept

    std::optional<Actor> remembered(const std::string& digest, bool is_key, bool& dead);
    std::optional<Actor> read(Reads&, const std::string& credential, const std::string& digest,
                              bool is_key, std::uint64_t seen);
    bool keep(std::unordered_map<std::string, Standing>&, const std::string& by, const Standing&,
              std::uint64_t seen);
    void forget(const std::vector<store::TableChanges>&);
    void note_use(const Actor&);
    bool current(const Standing& standing) const {
        return !standing.expires_at || *standing.expires_at > options.clock();
    }
};

Gate::Gate(Committer& committer) : Gate(committer, Options{}) {}

Gate::Gate(Committer& committer, Options options)
    : state_(new State{.committer = committer, .options = std::move(options)}) {
    committer.listen([state = state_.get()](const auto& changes) { state->forget(changes); });
}

Gate::~Gate() = default;

void Gate::open(ReadPool& reads, auth::SigningKey key) {
    state_->reads = &reads;
    state_->key = std::move(key);
}

void Gate::identify(std::string credential, std::function<void(Actor)> known,
                    std::function<void(Refusal)> refused) {
    bool is_key = credential.starts_with("sk_");
    if (is_key && !auth::api_key_well_formed(credential)) return refused(unknown());
    auto digest = auth::sha256(credential);
    bool dead = false;
    if (auto actor = state_->remembered(digest, is_key, dead)) {
        state_->note_use(*actor);
        return known(std::move(*actor));
    }
    if (dead) return refused(unknown());
    auto seen = state_->changes.load();  // before the snapshot that is read
    state_->reads->submit(
        no_tenant,
        [state = state_.get(), credential = std::move(credential), digest = std::move(digest),
         is_key, seen, known = std::move(known), refused](Reads& reads) {
            auto actor = state->read(reads, credential, digest, is_key, seen);
            if (!actor) return refused(unknown());
            state->note_use(*actor);
            known(std::move(*actor));
        },
        refused);
}

// From the copies alone. `dead`: they say that it counts no more.
std::optional<Actor> Gate::State::remembered(const std::string& digest, bool is_key, bool& dead) {
    std::shared_lock lock(mutex);
    auto by = digest;
    if (!is_key) {
        auto token = tokens.find(digest);
        if (token == tokens.end()) return std::nullopt;
        dead = token->second.expires_at <= options.clock();
        if (dead) return std::nullopt;
        by = to_string(token->second.session);
    }
    auto& standings = is_key ? keys : sessions;
    auto found = standings.find(by);
    if (found == standings.end()) return std::nullopt;
    dead = !current(found->second);
    return dead ? std::nullopt : std::optional<Actor>(found->second.actor);
}

std::optional<Actor> Gate::State::read(Reads& reads, const std::string& credential,
                                       const std::string& digest, bool is_key, std::uint64_t seen) {
    std::optional<Token> token;
    {
        std::shared_lock lock(mutex);
        auto found = tokens.find(digest);
        if (found != tokens.end()) token = found->second;
    }
    if (!is_key && !token) {
        auto claims = verified(key, credential, options.clock());
        auto session = claims ? uuid_from(claims->sid) : std::nullopt;
        if (!session) return std::nullopt;
        token = Token{.session = *session, .expires_at = {claims->exp * 1'000'000}};
        std::unique_lock lock(mutex);
        bound(tokens, options.most_remembered);
        tokens.emplace(digest, *token);
    }
    auto standing =
        is_key ? standing_of_key(reads, digest) : standing_of_session(reads, token->session);
    if (!standing || !current(*standing)) return std::nullopt;
    keep(is_key ? keys : sessions, is_key ? digest : to_string(token->session), *standing, seen);
    return standing->actor;
}

// Not when anything was thrown away since the read began: it may have been this.
bool Gate::State::keep(std::unordered_map<std::string, Standing>& standings, const std::string& by,
                       const Standing& standing, std::uint64_t seen) {
    std::unique_lock lock(mutex);
    if (changes != seen) return false;
    bound(standings, options.most_remembered);
    standings.insert_or_assign(by, standing);
    return true;
}

// On the Committer's thread, after the commit and before anybody is answered.
void Gate::State::forget(const std::vector<store::TableChanges>& committed) {
    for (const auto& table : committed) {
        bool users = table.table->name == store::Table<User>::name;
        bool roles = table.table->name == store::Table<Role>::name;
        bool api_keys = table.table->name == store::Table<ApiKey>::name;
        bool ended = table.table->name == store::Table<Session>::name;
        if (!users && !roles && !api_keys && !ended) continue;
        if (table.changed.empty() && table.removed.empty()) continue;  // nobody knows new rows yet
        std::unique_lock lock(mutex);
        ++changes;
        auto drop = [&](Tenant tenant, const store::Value& value) {
            auto id = std::get<Uuid>(value);
            auto concerned = [&](const auto& one) {
                const auto& actor = one.second.actor;
                if (roles) return actor.tenant == tenant;
                if (users) return actor.user_id == id;
                return actor.id == id;
            };
            if (ended) {
                sessions.erase(to_string(id));
            } else {
                if (!api_keys) std::erase_if(sessions, concerned);
                std::erase_if(keys, concerned);
            }
        };
        for (const auto& row : table.changed) drop(row.tenant, row.row[0]);
        for (const auto& [tenant, id] : table.removed) drop(tenant, id);
    }
}

// Lazily, without anybody waiting for it: a use that is lost was a use a minute ago.
void Gate::State::note_use(const Actor& actor) {
    if (actor.kind != Actor::Kind::api_key) return;
    auto now = options.clock();
    {
        std::shared_lock lock(mutex);
        auto last = uses.find(actor.id);
        if (last != uses.end() && now - last->second < use_pace) return;
    }
    {
        std::unique_lock lock(mutex);
        auto& last = uses[actor.id];
        if (last.micros != 0 && now - last < use_pace) return;
        last = now;
        if (uses.size() > options.most_remembered) uses.erase(uses.begin());
    }
    committer.submit({.work =
                          [id = actor.id, now](Tx& tx) {
                              auto* use = tx.find<KeyUse>(id);
                              if (use) {
                                  tx.edit(*use).last_used_at = now;
                              } else if (tx.find<ApiKey>(id)) {
                                  tx.add(KeyUse{.id = id, .last_used_at = now});
                              }
                              return store::Answer{};
                          },
                      .actor = system_actor(actor.tenant),
                      .request_id = {},
                      .done = [](const Outcome&) {}});
}

}  // namespace stateset::identity
