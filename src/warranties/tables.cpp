// The rows of this slice (platform/store/stored.hpp).

#include "platform/store/stored.hpp"
#include "warranties/warranties.hpp"

namespace stateset {

template struct store::Stored<warranties::Warranty>;
template struct store::Stored<warranties::Claim>;

}  // namespace stateset
