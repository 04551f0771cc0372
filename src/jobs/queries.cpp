#include <algorithm>

#include "identity/permissions.hpp"
#include "jobs/jobs.hpp"
#include "sql.hpp"

namespace stateset::jobs {
namespace {

// So much is put together for who asks for the whole file at once.
constexpr std::int64_t most_at_once = std::int64_t{8} * 1024 * 1024;

// Who may not do what a job does finds none, as in the lists.
void require_visible(const Actor& actor, std::string_view permission) {
    require(actor.may(permission), codes::not_found, "There is no such job.");
}

// A list shows the kinds that its reader may import or export.
struct Visible {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Kind> kind;
    std::optional<Status> status;
    bool products, customers, stock, orders;
};

Visible visible(const Actor& actor, const ListJobs& wanted, std::string_view (*permission)(Kind)) {
    return {.limit = wanted.limit,
            .cursor = wanted.cursor,
            .kind = wanted.kind,
            .status = wanted.status,
            .products = actor.may(permission(Kind::products)),
            .customers = actor.may(permission(Kind::customers)),
            .stock = actor.may(permission(Kind::stock)),
            .orders = actor.may(permission(Kind::orders))};
}

struct OneChunk {
    Uuid job_id;
    std::int64_t number;
};

struct ByActor {
    Uuid actor_id;
};

struct UserStanding {
    Uuid id;
    std::vector<std::string> roles;
};

struct KeyStanding {
    Uuid id, user_id;
    std::optional<Time> expires_at;
    std::vector<std::string> scopes, roles;
};

struct OfTenant {
    std::int64_t of_tenant;
};

struct RoleGrants {
    std::string name;
    std::vector<std::string> permissions;
};

std::vector<std::string> granted_to(Reads& reads, Tenant tenant,
                                    const std::vector<std::string>& roles) {
    std::vector<std::string> permissions;
    for (const auto& role : reads.all<RoleGrants>(sql::identity::permissions, OfTenant{tenant})) {
        if (std::ranges::find(roles, role.name) == roles.end()) continue;
        permissions.insert(permissions.end(), role.permissions.begin(), role.permissions.end());
    }
    return permissions;
}

}  // namespace

Import one_import(Reads& reads, const Actor& actor, const OneImport& wanted) {
    auto job = reads.one<Import>(sql::jobs::one_import, wanted);
    require_visible(actor, permission_to_import(job.kind));
    return job;
}

Page<Import> imports(Reads& reads, const Actor& actor, const ListJobs& wanted) {
    return reads.page<Import>(sql::jobs::imports, visible(actor, wanted, permission_to_import));
}

store::Answer piece(Reads& reads, const Actor& actor, const PutChunk& wanted) {
    one_import(reads, actor, {wanted.id});
    store::Answer answer;
    answer.body =
        reads.one<Chunk>(sql::jobs::chunk, OneChunk{wanted.id.value, wanted.chunk}).content;
    return answer;
}

Page<LineError> errors(Reads& reads, const Actor& actor, const ListErrors& wanted) {
    one_import(reads, actor, {wanted.id});
    return reads.page<LineError>(sql::jobs::errors, wanted);
}

Export one_export(Reads& reads, const Actor& actor, const OneExport& wanted) {
    auto job = reads.one<Export>(sql::jobs::one_export, wanted);
    require_visible(actor, permission_to_export(job.kind));
    return job;
}

Page<Export> exports(Reads& reads, const Actor& actor, const ListJobs& wanted) {
    return reads.page<Export>(sql::jobs::exports, visible(actor, wanted, permission_to_export));
}

store::Answer content(Reads& reads, const Actor& actor, const GetContent& wanted) {
    auto job = one_export(reads, actor, {wanted.id});
    require(job.status == Status::completed, not_finished, "The export is not completed.");
    require(wanted.chunk || job.bytes <= most_at_once, in_parts,
            "The export has " + std::to_string(job.chunks) + " chunks.");
    auto first = wanted.chunk ? wanted.chunk->value : 1;
    auto last = wanted.chunk ? first : job.chunks;
    require(last <= job.chunks, codes::not_found, "The export has no such chunk.");
    store::Answer answer;
    for (auto number = first; number <= last; ++number) {
        auto piece = reads.maybe<Chunk>(sql::jobs::chunk, OneChunk{job.id.value, number});
        require(piece.has_value(), content_gone, "What an export wrote is kept for 7 days.");
        answer.body += piece->content;
    }
    return answer;
}

std::optional<Actor> standing_of(Reads& reads, Tenant tenant, const std::string& actor,
                                 Uuid actor_id, Time now) {
    if (actor.starts_with("api_key:")) {
        auto key = reads.maybe<KeyStanding>(sql::jobs::standing_of_key, ByActor{actor_id});
        if (!key || (key->expires_at && *key->expires_at <= now)) return std::nullopt;
        auto owners = granted_to(reads, tenant, key->roles);
        return Actor{
            .kind = Actor::Kind::api_key,
            .tenant = tenant,
            .id = key->id,
            .user_id = key->user_id,
            .token_id = {},
            .permissions = std::make_shared<Permissions>(identity::common(key->scopes, owners))};
    }
    auto user = reads.maybe<UserStanding>(sql::jobs::standing_of_user, ByActor{actor_id});
    if (!user) return std::nullopt;
    return Actor{
        .kind = Actor::Kind::user,
        .tenant = tenant,
        .id = user->id,
        .user_id = user->id,
        .token_id = {},
        .permissions = std::make_shared<Permissions>(granted_to(reads, tenant, user->roles))};
}

}  // namespace stateset::jobs
