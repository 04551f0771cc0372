#pragma once
// What comes with a warranty has it from the day it is delivered.

#include "shipments/shipments.hpp"
#include "warranties/warranties.hpp"

namespace stateset::flows {

// A part of delivering a shipment, in the same transaction: registers a warranty for what is in it
// of products with `warranty_months`, one for each piece whose serial number is known and one for
// the rest of each line. A piece that its customer registered by hand keeps that warranty; one that
// was somebody else's before loses the old one. Emits warranty.registered and warranty.voided. The
// order must be locked, and the shipment have its delivered_at.
void register_warranties(Tx&, const orders::Order&, const shipments::Shipment&);

}  // namespace stateset::flows
