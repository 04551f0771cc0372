// The rows of this slice (platform/store/stored.hpp).

#include "platform/store/stored.hpp"
#include "taxes/taxes.hpp"

namespace stateset {

template struct store::Stored<taxes::Country>;
template struct store::Stored<taxes::Rate>;

}  // namespace stateset
