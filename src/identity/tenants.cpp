#include "identity/tenants.hpp"

#include <array>

#include "sql.hpp"

namespace stateset::identity {
namespace {

std::int64_t& counted(Organization& organization, Counted what) {
    switch (what) {
        case Counted::users: return organization.users;
        case Counted::api_keys: return organization.api_keys;
        case Counted::webhook_endpoints: return organization.webhook_endpoints;
    }
    throw std::logic_error("nothing that is counted");
}

// None: 0.
std::int64_t limit_of(const Limits& limits, Counted what) {
    auto number = [](const auto& limit) { return limit ? limit->value : 0; };
    switch (what) {
        case Counted::users: return number(limits.users);
        case Counted::api_keys: return number(limits.api_keys);
        case Counted::webhook_endpoints: return number(limits.webhook_endpoints);
    }
    return 0;
}

}  // namespace

void require_first(const Actor& actor) {
    require(actor.tenant == first_tenant, first_tenant_only,
            "Your credentials belong to another tenant.");
}

// The first tenant's own beginning is nothing that somebody did.
Account open_account(Tx& tx, const Organization& organization) {
    return tx.in(first_tenant, [&] {
        auto& account = tx.add(Account{.id = organization.id,
                                       .tenant_number = organization.number,
                                       .name = organization.name});
        if (organization.number != first_tenant) tx.emit("tenant.created", account);
        return account;
    });
}

Account suspend(Tx& tx, const Actor&, const OnAccount& wanted) {
    auto& account = tx.edit<Account>(wanted.id);
    require(account.tenant_number != first_tenant, own_tenant,
            "Nobody could take it back: this tenant administers the others.");
    account.status = next(account_lifecycle, account.status, AccountAction::suspend);
    account.suspended_at = tx.now();
    if (wanted.reason && !wanted.reason->value.empty()) account.reason = wanted.reason->value;
    tx.emit("tenant.suspended", account);
    return account;
}

Account resume(Tx& tx, const Actor&, const OnAccount& wanted) {
    auto& account = tx.edit<Account>(wanted.id);
    account.status = next(account_lifecycle, account.status, AccountAction::resume);
    account.suspended_at.reset();
    account.reason.reset();
    tx.emit("tenant.resumed", account);
    return account;
}

Account change_limits(Tx& tx, const Actor&, const AccountChanges& wanted) {
    auto& account = tx.edit<Account>(wanted.id);
    wanted.limits.apply(account.limits);
    tx.emit("tenant.updated", account);
    return account;
}

Account account(Reads& reads, const Actor&, const AccountById& wanted) {
    return reads.one<Account>(sql::identity::account, wanted);
}

Page<Account> accounts(Reads& reads, const Actor& actor, const ListAccounts& wanted) {
    require_first(actor);
    return reads.page<Account>(sql::identity::accounts, wanted);
}

// Both rows are asked for at once. Without a tenant's row, as in a test of another slice, nothing
// is counted.
void count(Tx& tx, Counted what, std::int64_t more) {
    if (more == 0) return;
    auto number = tx.tenant();
    auto organization = [&] { return tx.find<&Organization::number>(number); };
    auto account = [&] { return tx.peek<&Account::tenant_number>(number); };
    tx.each(std::array{no_tenant, first_tenant}, [&](Tenant place) {
        return tx.in(place, [&] {
            return place == no_tenant ? organization() != nullptr : account() != nullptr;
        });
    });
    auto* found = tx.in(no_tenant, [&] {
        auto* row = organization();
        return row ? &tx.edit(*row) : nullptr;
    });
    if (!found) return;
    counted(*found, what) += more;
    auto* terms = tx.in(first_tenant, account);
    auto limit = terms && more > 0 ? limit_of(terms->limits, what) : 0;
    require(limit == 0 || counted(*found, what) <= limit, limit_reached,
            "The tenant may have " + std::to_string(limit) + " " +
                std::string(reflect::name(what)) + ".");
}

}  // namespace stateset::identity
