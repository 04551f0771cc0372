// The rows of this slice (platform/store/stored.hpp).

#include "identity/identity.hpp"
#include "identity/sessions.hpp"
#include "identity/tenants.hpp"
#include "platform/store/stored.hpp"

namespace stateset {

template struct store::Stored<identity::Organization>;
template struct store::Stored<identity::User>;
template struct store::Stored<identity::Role>;
template struct store::Stored<identity::ApiKey>;
template struct store::Stored<identity::KeyUse>;
template struct store::Stored<identity::Session>;
template struct store::Stored<identity::Account>;

}  // namespace stateset
