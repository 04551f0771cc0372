// The rows of this slice (platform/store/stored.hpp).

#include "platform/store/event.hpp"
#include "platform/store/idempotency.hpp"
#include "platform/store/stored.hpp"

namespace stateset {

template struct store::Stored<store::Event>;
template struct store::Stored<store::IdempotencyRecord>;

}  // namespace stateset
