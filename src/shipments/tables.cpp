// The rows of this slice (platform/store/stored.hpp).

#include "platform/store/stored.hpp"
#include "shipments/shipments.hpp"

namespace stateset {

template struct store::Stored<shipments::Shipment>;
template struct store::Stored<shipments::ShipmentItem>;
template struct store::Stored<shipments::Carrier>;
template struct store::Stored<shipments::CarrierMessage>;

}  // namespace stateset
