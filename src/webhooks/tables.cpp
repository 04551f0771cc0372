// The rows of this slice (platform/store/stored.hpp).

#include "platform/store/stored.hpp"
#include "webhooks/webhooks.hpp"

namespace stateset {

template struct store::Stored<webhooks::Endpoint>;
template struct store::Stored<webhooks::Delivery>;
template struct store::Stored<webhooks::Replay>;

}  // namespace stateset
