// The rows of this slice (platform/store/stored.hpp).

#include "notifications/notifications.hpp"
#include "platform/store/stored.hpp"

namespace stateset {

template struct store::Stored<notifications::Template>;
template struct store::Stored<notifications::Message>;

}  // namespace stateset
