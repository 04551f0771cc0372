#pragma once
// Tenants as the first of them administers them. An account says whether a tenant may go on and how
// much it may have; it is a row of the first tenant, so that others see none but by its leave.
//
// Suspending stops all who come with credentials of that tenant: requests are refused with
// tenant_suspended, here at once and at other instances within a second, and nobody signs in. What
// the tenant has begun goes on without them: payments settle, webhooks and messages go out. The
// first tenant cannot be suspended.
//
// What is limited by number is counted on the tenant's row in the transaction that adds it. A limit
// below what there is takes nothing away; it keeps more from coming.

#include "identity/identity.hpp"
#include "platform/core/lifecycle.hpp"

namespace stateset::identity {

inline constexpr Tenant first_tenant = 1;

inline constexpr Code tenant_suspended{
    "tenant_suspended", 403, "The tenant is suspended",
    "Ask the operator of this installation; nothing of yours is lost."};
inline constexpr Code first_tenant_only{"first_tenant_only", 403,
                                        "Only the first tenant administers tenants",
                                        "Ask an administrator of the installation's first tenant."};
inline constexpr Code limit_reached{"limit_reached", 409, "The tenant has all it may have",
                                    "Remove what is not needed, or ask the operator for more."};
inline constexpr Code own_tenant{"own_tenant", 409, "The first tenant cannot be suspended",
                                 "End sessions or revoke keys of its users instead."};

inline constexpr const char* suspended_detail = "The operator has suspended this tenant.";

enum class AccountStatus { active, suspended };
enum class AccountAction { suspend, resume };
inline constexpr Move<AccountStatus, AccountAction> account_lifecycle[] = {
    {AccountStatus::active, AccountAction::suspend, AccountStatus::suspended},
    {AccountStatus::suspended, AccountAction::resume, AccountStatus::active},
};

// Null: as many as the installation bears.
struct Limits {
    std::optional<Int<1, 1'000'000>> requests_per_second;  // of all its callers at one instance
    std::optional<Int<1, 1'000'000>> users, api_keys, webhook_endpoints;
    bool operator==(const Limits&) const = default;
};

struct Account {
    OrganizationId id;
    std::int64_t version = 1;
    std::int64_t tenant_number = 0;  // what `stateset admin --tenant` takes
    std::string name;
    AccountStatus status = AccountStatus::active;
    std::optional<std::string> reason;  // why it is suspended
    std::optional<Time> suspended_at;
    Limits limits;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

struct AccountById {
    OrganizationId id;
};

struct OnAccount {
    OrganizationId id;
    Reason reason;
};

struct AccountChanges {
    OrganizationId id;
    Change<Limits> limits;  // all of them: one that is not named is none
};

struct ListAccounts {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<AccountStatus> status;
};

// Refuses callers of other tenants with first_tenant_only.
void require_first(const Actor&);

// The account of a tenant just made; in any tenant.
Account open_account(Tx&, const Organization&);
// These run in the first tenant; an account of another is not found there. Suspend refuses with
// own_tenant, both with illegal_transition.
Account suspend(Tx&, const Actor&, const OnAccount&);
Account resume(Tx&, const Actor&, const OnAccount&);
Account change_limits(Tx&, const Actor&, const AccountChanges&);

Account account(Reads&, const Actor&, const AccountById&);
Page<Account> accounts(Reads&, const Actor&, const ListAccounts&);

// So many more of these has this tenant, or fewer. Refuses with limit_reached.
enum class Counted { users, api_keys, webhook_endpoints };
void count(Tx&, Counted, std::int64_t more);

}  // namespace stateset::identity

template <>
struct stateset::store::Table<stateset::identity::Account>
    : stateset::store::Named<"tenant_accounts", "tenant"> {
    using unique = Keys<Key<&stateset::identity::Account::tenant_number>>;
};
