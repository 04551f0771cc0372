#pragma once
// Stock that is promised becomes free again because somebody says so: a reservation is released by
// hand, or a count shows that less is there than was promised.

#include "inventory/lots.hpp"
#include "orders/orders.hpp"

namespace stateset::flows {

// Releases a reservation, whoever holds it. An order that is being processed holds its stock whole
// or not at all: it loses all of it, its shipments that have not left are cancelled, and it goes
// back to pending, where it can be processed again; on hold likewise. One that has left in part
// loses this reservation only. A work order loses this reservation only, and stays where it is:
// what it lacks then can be reserved again, and until that is done it does not complete. Refuses
// with illegal_transition unless the reservation is active, and while a payment of the order is on
// its way. Emits inventory.released and order.updated.
inventory::Reservation release_reservation(Tx&, const Actor&, const inventory::ReleaseReservation&);

// Who holds stock that may have to be taken back, seen beforehand without a lock: unpaid ones
// first, the newest of these first, at most 100.
struct Holder {
    inventory::ReservationId id;
    std::optional<orders::OrderId> order_id;
    std::optional<Id<manufacturing::WorkOrder>> work_order_id;
    Quantity held;
    std::optional<inventory::LotId> lot_id;
};
using Holders = std::vector<Holder>;

// Locks them, their orders and work orders, and loads what belongs to these.
void load_holders(Tx&, const Holders&);
// Takes back from one after the other, as release_reservation does, until no more is promised of
// this balance, or of the lot named, than `most`; passes over those whose payment is on its way, so
// that more may stay promised.
void make_room(Tx&, const Holders&, const inventory::Balance&, const inventory::Adjust& of,
               Quantity most);
// One fault at `pointer` for each who holds the balance, or the lot, at most 20.
std::vector<Fault> name_holders(const Holders&, const inventory::Counted&,
                                std::string_view pointer);

struct Adjustment {
    inventory::Adjust wanted;
    Holders holders;
};
Adjustment find_holders(Reads&, const Actor&, const inventory::Adjust&);

// Says what is there. Below what is allocated it refuses with below_allocated, naming reservations
// (at most 20), unless release_reservations: true takes them back, at most 100 at a time. Refuses
// with precondition_failed when expected_version is not the balance's, and as inventory::arrive and
// inventory::leave do. Of an item tracked by lot it is about the lot named. Emits
// inventory.adjusted.
inventory::Balance adjust_stock(Tx&, const Actor&, const Adjustment&);

}  // namespace stateset::flows
