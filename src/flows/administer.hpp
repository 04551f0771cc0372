#pragma once
// What the operator of the machine does without credentials: found tenants, suspend them and let
// them go on, make users and keys.
// The same code whether a server runs (it is asked through its door) or not.

#include <optional>
#include <string>
#include <vector>

#include "identity/identity.hpp"
#include "platform/store/committer.hpp"

namespace stateset::flows {

enum class Task {
    create_tenant,
    create_user,
    create_key,
    suspend_tenant,
    resume_tenant,
    show_gateway_secret,
    rotate_gateway_secret
};

// Values as they were typed; what they may be is checked when it is carried out.
struct AdminRequest {
    Task task = Task::create_tenant;
    std::optional<std::string> tenant;  // name or number; none: the first
    std::optional<std::string> name, email, password;
    std::optional<std::string> reason;  // why a tenant is suspended
    std::vector<std::string> roles, scopes;
};

struct AdminAnswer {
    std::optional<std::string> error;  // nothing was done
    std::optional<std::int64_t> tenant;
    std::optional<std::string> name, email;
    std::optional<std::string> password;  // when it was made up
    std::optional<std::string> id, key;
    std::optional<std::string> status;  // of a tenant that was suspended or resumed
};

// Throws Refusal. A user without a password gets one that is made up; a key without an e-mail
// address acts for the tenant's first administrator, without scopes it may do all that one may.
AdminAnswer administer(Committer&, ReadPool&, const AdminRequest&);

// The same with requests and answers as JSON; refusals are answers with `error`.
std::string administer(Committer&, ReadPool&, std::string_view request);

// The first tenant, made when there is none; and its built-in roles and every other tenant's
// brought up to date.
identity::Organization first_tenant(Committer&, ReadPool&);

}  // namespace stateset::flows
