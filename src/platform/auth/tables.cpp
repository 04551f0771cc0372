// The rows of this slice (platform/store/stored.hpp).

#include "platform/auth/installation.hpp"
#include "platform/store/stored.hpp"

namespace stateset {

template struct store::Stored<auth::InstallationSecret>;

}  // namespace stateset
