// The rows of this slice (platform/store/stored.hpp).

#include "flows/backorders.hpp"
#include "platform/store/stored.hpp"

namespace stateset {

template struct store::Stored<flows::Backorder>;

}  // namespace stateset
