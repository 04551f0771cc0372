// The rows of this slice (platform/store/stored.hpp).

#include "jobs/jobs.hpp"
#include "platform/store/stored.hpp"

namespace stateset {

template struct store::Stored<jobs::Import>;
template struct store::Stored<jobs::Export>;
template struct store::Stored<jobs::LineError>;
template struct store::Stored<jobs::Chunk>;

}  // namespace stateset
