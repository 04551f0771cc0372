#include "identity/gate.hpp"

#include <atomic>
#include <future>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <unordered_map>

#include "identity/permissions.hpp"
#include "identity/sessions.hpp"
#include "identity/tenants.hpp"
#include "platform/http/problem.hpp"
#include "sql.hpp"

namespace stateset::identity {
namespace {

constexpr const char* freshness_key = "identity";
constexpr std::chrono::milliseconds watch_pace{25}, longest_answer{1'000};
constexpr Span use_pace = minutes(1);  // how exactly the last use of a key is kept

struct SessionStanding {
    SessionId id;
    std::int64_t of_tenant = 0;
    UserId user_id;
    Time expires_at;
    std::vector<std::string> roles;
    std::optional<AccountStatus> account_status;
    std::optional<Limits> limits;
};
struct KeyStanding {
    ApiKeyId id;
    std::int64_t of_tenant = 0;
    UserId user_id;
    std::optional<Time> expires_at;
    std::vector<std::string> scopes, roles;
    std::optional<AccountStatus> account_status;
    std::optional<Limits> limits;
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

using Steady = std::chrono::steady_clock;

// Who stands behind a credential at this moment.
struct Standing {
    Actor actor;
    std::optional<Time> expires_at;
    Steady::time_point asked_at;
    bool suspended = false;                                     // its whole tenant is
    std::optional<Int<1, 1'000'000>> requests_per_second = {};  // of its whole tenant
};

// What the copies say about a credential. Neither: nothing.
struct Remembered {
    std::optional<Actor> actor;
    bool dead = false;   // it counts no more
    bool aging = false;  // to be looked up again soon
};

struct Waiter {
    std::function<void(Actor)> known;
    std::function<void(Refusal)> refused;
};

// One look-up of a credential, for all who ask for it meanwhile.
struct LookUp {
    std::string credential, digest;
    bool is_key = false;
    std::uint64_t seen = 0;  // of `changes`, before the snapshot that is read
    Steady::time_point asked_at;
    std::vector<Waiter> waiters;
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
                    .expires_at = std::nullopt,
                    .asked_at = {},
                    .suspended = row->account_status == AccountStatus::suspended,
                    .requests_per_second = row->limits.value_or(Limits{}).requests_per_second};
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
        .expires_at = row->expires_at,
        .asked_at = {},
        .suspended = row->account_status == AccountStatus::suspended,
        .requests_per_second = row->limits.value_or(Limits{}).requests_per_second};
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
    std::unordered_map<Tenant, std::int64_t> rates;      // of tenants that have a limit
    std::atomic<std::uint64_t> changes =
        0;  // counts what was thrown away, so that no stale read is kept

    std::mutex lookups_mutex;
    std::unordered_map<std::string, std::shared_ptr<LookUp>> lookups;  // by the credential's digest
    std::jthread watch;                                                // of other processes

    Remembered remembered(const std::string& digest, bool is_key);
    void look_up(std::string credential, const std::string& digest, bool is_key,
                 std::optional<Waiter>);
    void finish(const std::shared_ptr<LookUp>&, const std::optional<Actor>&, const Refusal&);
    std::optional<Actor> read(Reads&, const LookUp&);
    void keep(const LookUp&, const std::string& by, std::optional<Standing>);
    void forget(const std::vector<store::TableChanges>&);
    void watch_others(std::stop_token);
    void forget_all();
    void note_use(const Actor&);
    Steady::duration keep_for() const {
        return std::chrono::microseconds(options.keep_for->micros);
    }
    bool current(const Standing& standing) const {
        return !standing.expires_at || *standing.expires_at > options.clock();
    }
};

Gate::Gate(Committer& committer) : Gate(committer, Options{}) {}

Gate::Gate(Committer& committer, Options options)
    : state_(new State{.committer = committer, .options = std::move(options)}) {
    committer.listen([state = state_.get()](const auto& changes) { state->forget(changes); });
    if (!state_->options.shared) return;
    state_->watch = std::jthread(
        [state = state_.get()](std::stop_token stop) { state->watch_others(std::move(stop)); });
}

Gate::~Gate() = default;

void Gate::open(ReadPool& reads, auth::SigningKey key) {
    state_->reads = &reads;
    state_->key = std::move(key);
}

std::optional<std::int64_t> Gate::requests_per_second(Tenant tenant) const {
    std::shared_lock lock(state_->mutex);
    auto found = state_->rates.find(tenant);
    return found == state_->rates.end() ? std::nullopt : std::optional(found->second);
}

void Gate::identify(std::string credential, std::function<void(Actor)> known,
                    std::function<void(Refusal)> refused) {
    bool is_key = credential.starts_with("sk_");
    if (is_key && !auth::api_key_well_formed(credential)) return refused(unknown());
    auto digest = auth::sha256(credential);
    auto found = state_->remembered(digest, is_key);
    if (found.dead) return refused(unknown());
    if (found.actor) {
        if (found.aging) state_->look_up(std::move(credential), digest, is_key, std::nullopt);
        state_->note_use(*found.actor);
        return known(std::move(*found.actor));
    }
    state_->look_up(std::move(credential), digest, is_key,
                    Waiter{std::move(known), std::move(refused)});
}

// From the copies alone.
Remembered Gate::State::remembered(const std::string& digest, bool is_key) {
    std::shared_lock lock(mutex);
    auto by = digest;
    if (!is_key) {
        auto token = tokens.find(digest);
        if (token == tokens.end()) return {};
        if (token->second.expires_at <= options.clock()) return {.dead = true};
        by = to_string(token->second.session);
    }
    auto& standings = is_key ? keys : sessions;
    auto found = standings.find(by);
    if (found == standings.end()) return {};
    if (!current(found->second)) return {.dead = true};
    auto age =
        options.keep_for ? options.steady_clock() - found->second.asked_at : Steady::duration{};
    if (options.keep_for && age >= keep_for()) return {};
    return {.actor = found->second.actor, .aging = options.keep_for && age >= keep_for() / 2};
}

// Joins a look-up that is under way and recent enough, else begins one. Nobody joins one that began
// before a commit they may know of.
void Gate::State::look_up(std::string credential, const std::string& digest, bool is_key,
                          std::optional<Waiter> waiter) {
    auto lookup = std::make_shared<LookUp>(LookUp{.credential = std::move(credential),
                                                  .digest = digest,
                                                  .is_key = is_key,
                                                  .seen = changes.load(),
                                                  .asked_at = options.steady_clock(),
                                                  .waiters = {}});
    {
        std::scoped_lock lock(lookups_mutex);
        auto& latest = lookups[digest];
        bool fresh = latest && latest->seen == lookup->seen &&
                     (!options.keep_for || lookup->asked_at - latest->asked_at < keep_for());
        auto& joined = fresh ? latest : lookup;
        if (waiter) joined->waiters.push_back(std::move(*waiter));
        if (fresh) return;
        latest = lookup;
    }
    reads->submit(
        no_tenant, [this, lookup](Reads& from) { finish(lookup, read(from, *lookup), unknown()); },
        [this, lookup](const Refusal& refusal) { finish(lookup, std::nullopt, refusal); });
}

// Each who waits is known or, without an actor, refused.
void Gate::State::finish(const std::shared_ptr<LookUp>& lookup, const std::optional<Actor>& actor,
                         const Refusal& refusal) {
    std::vector<Waiter> waiters;
    {
        std::scoped_lock lock(lookups_mutex);
        waiters = std::move(lookup->waiters);
        auto latest = lookups.find(lookup->digest);
        if (latest != lookups.end() && latest->second == lookup) lookups.erase(latest);
    }
    if (actor && !waiters.empty()) note_use(*actor);
    for (auto& waiter : waiters) {
        if (actor) {
            waiter.known(*actor);
        } else {
            waiter.refused(refusal);
        }
    }
}

std::optional<Actor> Gate::State::read(Reads& from, const LookUp& lookup) {
    std::optional<Token> token;
    if (!lookup.is_key) {
        std::shared_lock lock(mutex);
        auto found = tokens.find(lookup.digest);
        if (found != tokens.end()) token = found->second;
    }
    if (!lookup.is_key && !token) {
        auto claims = verified(key, lookup.credential, options.clock());
        auto session = claims ? uuid_from(claims->sid) : std::nullopt;
        if (!session) return std::nullopt;
        token = Token{.session = *session, .expires_at = {claims->exp * 1'000'000}};
        // Kept before anything is asked: it is true whatever the database says.
        std::unique_lock lock(mutex);
        bound(tokens, options.most_remembered);
        tokens.emplace(lookup.digest, *token);
    }
    auto standing = lookup.is_key ? standing_of_key(from, lookup.digest)
                                  : standing_of_session(from, token->session);
    if (standing && !current(*standing)) standing.reset();
    bool suspended = standing && standing->suspended;
    if (suspended) standing.reset();
    keep(lookup, lookup.is_key ? lookup.digest : to_string(token->session), standing);
    require(!suspended, tenant_suspended, suspended_detail);
    return standing ? std::optional(standing->actor) : std::nullopt;
}

// Not when anything was thrown away since the read began: it may have been this.
void Gate::State::keep(const LookUp& lookup, const std::string& by,
                       std::optional<Standing> standing) {
    std::unique_lock lock(mutex);
    auto& standings = lookup.is_key ? keys : sessions;
    auto known = standings.find(by);
    if (known != standings.end() && known->second.asked_at > lookup.asked_at) return;
    if (known != standings.end()) standings.erase(known);
    if (!standing || changes != lookup.seen) return;
    standing->asked_at = lookup.asked_at;
    auto tenant = standing->actor.tenant;
    if (standing->requests_per_second) {
        rates[tenant] = *standing->requests_per_second;
    } else {
        rates.erase(tenant);
    }
    bound(standings, options.most_remembered);
    standings.emplace(by, std::move(*standing));
}

// One stamp stands for all that credentials depend on: it seldom changes.
void Gate::State::watch_others(std::stop_token stop) {
    Freshness::Stamp known;
    while (!stop.stop_requested()) {
        auto answer = std::make_shared<std::promise<Freshness::Stamp>>();
        auto now = answer->get_future();
        options.shared->current({freshness_key},
                                [answer](auto stamps) { answer->set_value(stamps.front()); });
        if (now.wait_for(longest_answer) == std::future_status::ready) {
            auto stamp = now.get();
            if (stamp.token != known.token) forget_all();
            known = std::move(stamp);
        }
        std::this_thread::sleep_for(watch_pace);
    }
}

void Gate::State::forget_all() {
    std::unique_lock lock(mutex);
    ++changes;
    sessions.clear();
    keys.clear();
}

// On the Committer's thread, after the commit and before anybody is answered.
void Gate::State::forget(const std::vector<store::TableChanges>& committed) {
    bool any = false;
    for (const auto& table : committed) {
        bool users = table.table->name == store::Table<User>::name;
        bool roles = table.table->name == store::Table<Role>::name;
        bool api_keys = table.table->name == store::Table<ApiKey>::name;
        bool ended = table.table->name == store::Table<Session>::name;
        bool accounts = table.table->name == store::Table<Account>::name;
        if (!users && !roles && !api_keys && !ended && !accounts) continue;
        if (table.changed.empty() && table.removed.empty()) continue;  // nobody knows new rows yet
        any = true;
        if (accounts) {  // a whole tenant's; seldom enough to ask for everybody anew
            forget_all();
            continue;
        }
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
    if (any && options.shared) options.shared->bump({freshness_key});
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
                              if (use && use->last_used_at < now) {
                                  tx.edit(*use).last_used_at = now;
                              } else if (!use && tx.find<ApiKey>(id)) {
                                  tx.add(KeyUse{.id = id, .last_used_at = now});
                              }
                              return store::Answer{};
                          },
                      .actor = system_actor(actor.tenant),
                      .request_id = {},
                      .done = [](const Outcome&) {}});
}

}  // namespace stateset::identity
