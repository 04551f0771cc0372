// The rows of this slice (platform/store/stored.hpp).

#include "platform/store/stored.hpp"
#include "platform/work/lease.hpp"
#include "platform/work/operation.hpp"

namespace stateset {

template struct store::Stored<work::Lease>;
template struct store::Stored<work::Operation>;

}  // namespace stateset
