#pragma once
// Secrets of the whole installation (cursor key, signing keys). They live in the database, and the
// first writer wins, so that all instances agree; they are made when first asked for.

#include <functional>
#include <string>
#include <string_view>

#include "platform/store/committer.hpp"

namespace stateset::auth {

struct InstallationSecret {
    Uuid id;
    std::string name;
    Secret<std::string> value;  // base64url
    Time created_at;
};

// The bytes of the secret with this name; `make` gives them when there are none yet.
std::string installation_secret(Committer&, std::string_view name,
                                const std::function<std::string()>& make);

}  // namespace stateset::auth

template <>
struct stateset::store::Table<stateset::auth::InstallationSecret>
    : stateset::store::Named<"installation_secrets", "installation_secret"> {
    using unique = Keys<Key<&stateset::auth::InstallationSecret::name>>;
};
