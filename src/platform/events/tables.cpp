// The rows of this slice (platform/store/stored.hpp).

#include "platform/events/consumer.hpp"
#include "platform/store/stored.hpp"

namespace stateset {

template struct store::Stored<events::Cursor>;

}  // namespace stateset
