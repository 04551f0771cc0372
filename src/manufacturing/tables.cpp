// The rows of this slice (platform/store/stored.hpp).

#include "manufacturing/boms.hpp"
#include "manufacturing/work_orders.hpp"
#include "platform/store/stored.hpp"

namespace stateset {

template struct store::Stored<manufacturing::Bom>;
template struct store::Stored<manufacturing::BomItem>;
template struct store::Stored<manufacturing::Composition>;
template struct store::Stored<manufacturing::ItemCost>;
template struct store::Stored<manufacturing::WorkOrder>;
template struct store::Stored<manufacturing::WorkOrderItem>;
template struct store::Stored<manufacturing::Completion>;
template struct store::Stored<manufacturing::Consumption>;
template struct store::Stored<manufacturing::Output>;

}  // namespace stateset
