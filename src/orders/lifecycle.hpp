#pragma once
// Every legal move of an order; what is not here is refused. From on_hold `release` goes back to
// where the order was, which `orders::move` knows. An order whose goods have begun to leave can be
// neither held nor cancelled: what is on its way comes back through a return.

#include "orders/orders.hpp"

namespace stateset::orders {

constexpr Move<Status, Action> lifecycle[] = {
    {Status::pending, Action::process, Status::processing},
    {Status::pending, Action::hold, Status::on_hold},
    {Status::pending, Action::cancel, Status::cancelled},
    {Status::processing, Action::hold, Status::on_hold},
    {Status::processing, Action::ship_part, Status::partially_shipped},
    {Status::processing, Action::ship, Status::shipped},
    {Status::processing, Action::cancel, Status::cancelled},
    {Status::processing, Action::reservations_expire, Status::pending},
    {Status::on_hold, Action::release, Status::pending},
    {Status::on_hold, Action::release, Status::processing},
    {Status::on_hold, Action::cancel, Status::cancelled},
    {Status::partially_shipped, Action::ship_part, Status::partially_shipped},
    {Status::partially_shipped, Action::ship, Status::shipped},
    {Status::shipped, Action::deliver, Status::delivered},
};

}  // namespace stateset::orders
