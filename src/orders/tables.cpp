// The rows of this slice (platform/store/stored.hpp).

#include "orders/orders.hpp"
#include "platform/store/stored.hpp"

namespace stateset {

template struct store::Stored<orders::Order>;
template struct store::Stored<orders::Tag>;
template struct store::Stored<orders::Line>;

}  // namespace stateset
