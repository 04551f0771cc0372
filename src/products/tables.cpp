// The rows of this slice (platform/store/stored.hpp).

#include "platform/store/stored.hpp"
#include "products/products.hpp"

namespace stateset {

template struct store::Stored<products::Product>;
template struct store::Stored<products::Variant>;

}  // namespace stateset
