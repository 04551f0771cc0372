#pragma once
// Every legal move of a shipment; what is not here is refused. Carriers may skip moving states:
// a parcel can be delivered without ever having been reported out for delivery. Nothing comes back
// from the end of the road: goods return to stock only through a return.

#include "shipments/shipments.hpp"

namespace stateset::shipments {

inline constexpr Move<Status, Action> lifecycle[] = {
    {Status::pending, Action::make_label, Status::label_created},
    {Status::pending, Action::cancel, Status::cancelled},
    {Status::label_created, Action::ship, Status::shipped},
    {Status::label_created, Action::cancel, Status::cancelled},
    {Status::shipped, Action::move, Status::in_transit},
    {Status::shipped, Action::out_for_delivery, Status::out_for_delivery},
    {Status::shipped, Action::deliver, Status::delivered},
    {Status::shipped, Action::fail, Status::exception},
    {Status::in_transit, Action::out_for_delivery, Status::out_for_delivery},
    {Status::in_transit, Action::deliver, Status::delivered},
    {Status::in_transit, Action::fail, Status::exception},
    {Status::out_for_delivery, Action::deliver, Status::delivered},
    {Status::out_for_delivery, Action::fail, Status::exception},
    {Status::exception, Action::move, Status::in_transit},
    {Status::exception, Action::out_for_delivery, Status::out_for_delivery},
    {Status::exception, Action::deliver, Status::delivered},
    {Status::exception, Action::return_to_sender, Status::returned_to_sender},
};

// Made, but still here: it holds goods of the order and may be cancelled.
constexpr bool still_here(Status status) {
    return status == Status::pending || status == Status::label_created;
}

// On its way: carriers may report about it.
constexpr bool moving(Status status) {
    return status == Status::shipped || status == Status::in_transit ||
           status == Status::out_for_delivery;
}

}  // namespace stateset::shipments
