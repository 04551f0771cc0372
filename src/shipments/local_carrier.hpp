#pragma once
// Carriers come in two kinds. A local one makes its tracking numbers here, without asking anybody:
// a shipment has its label at once. Any other is asked over the network or by a person: its
// shipment stays `pending` until `make_label` brings the number, by a clerk's request or by the
// outcome of an operation of kind "shipment.label".

#include <string>
#include <string_view>

#include "shipments/shipments.hpp"

namespace stateset::shipments {

struct LocalCarrier {
    std::string_view code;
    // The same shipment always gets the same number, for a command may run again.
    std::string (*tracking_number)(ShipmentId);
};

const LocalCarrier* local_carrier(std::string_view code);  // null: not made here

inline constexpr std::string_view default_carrier = "sandbox";

// "SB", 18 digits that follow from the id, and a check digit over them (GS1 modulo 10).
std::string sandbox_tracking_number(ShipmentId);
bool is_sandbox_tracking_number(std::string_view);

}  // namespace stateset::shipments
