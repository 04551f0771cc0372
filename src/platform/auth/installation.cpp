#include "platform/auth/installation.hpp"

#include "platform/auth/crypto.hpp"

namespace stateset::auth {

std::string installation_secret(Committer& committer, std::string_view name,
                                const std::function<std::string()>& make) {
    auto fresh = base64url(make());
    auto kept = committer.run(system_actor(no_tenant), [&](Tx& tx) {
        if (auto* found = tx.find<&InstallationSecret::name>(name)) return found->value.value;
        return tx
            .add(InstallationSecret{.id = tx.new_id(), .name = std::string(name), .value = {fresh}})
            .value.value;
    });
    return from_base64url(kept).value();
}

}  // namespace stateset::auth
