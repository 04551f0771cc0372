// The rows of this slice (platform/store/stored.hpp).

#include "platform/store/stored.hpp"
#include "returns/returns.hpp"

namespace stateset {

template struct store::Stored<returns::Return>;
template struct store::Stored<returns::ReturnItem>;

}  // namespace stateset
