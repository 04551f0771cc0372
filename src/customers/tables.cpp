// The rows of this slice (platform/store/stored.hpp).

#include "customers/customers.hpp"
#include "platform/store/stored.hpp"

namespace stateset {

template struct store::Stored<customers::Customer>;
template struct store::Stored<customers::Address>;

}  // namespace stateset
