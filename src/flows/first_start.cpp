#include "flows/first_start.hpp"

#include "flows/administer.hpp"

namespace stateset::flows {
namespace {

constexpr const char* made_up_email = "admin@localhost.localdomain";

}  // namespace

std::optional<Administrator> first_start(Committer& committer, ReadPool& reads,
                                         const FirstStart& wanted) {
    auto tenant = first_tenant(committer, reads);
    if (tenant.administrators > 0) return std::nullopt;
    AdminRequest request{.task = Task::create_user,
                         .tenant = std::to_string(tenant.number),
                         .email = wanted.email.value_or(made_up_email),
                         .password = wanted.password,
                         .roles = {"admin"}};
    try {
        auto made = administer(committer, reads, request);
        if (!made.password) return std::nullopt;
        return Administrator{.email = *made.email, .password = *made.password};
    } catch (const Refusal& refusal) {
        // Of several instances that start at once one makes it.
        if (first_tenant(committer, reads).administrators > 0) return std::nullopt;
        throw std::runtime_error("the first administrator: " + refusal.detail());
    }
}

}  // namespace stateset::flows
