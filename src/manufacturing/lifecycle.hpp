#pragma once
// Every legal move of a work order; what is not here is refused. From on_hold `resume` goes back to
// where the work order was, which `manufacturing::move` knows.

#include "manufacturing/work_orders.hpp"

namespace stateset::manufacturing {

constexpr Move<Status, Action> lifecycle[] = {
    {Status::planned, Action::release, Status::released},
    {Status::planned, Action::cancel, Status::cancelled},
    {Status::released, Action::start, Status::in_progress},
    {Status::released, Action::hold, Status::on_hold},
    {Status::released, Action::cancel, Status::cancelled},
    {Status::in_progress, Action::complete, Status::completed},
    {Status::in_progress, Action::hold, Status::on_hold},
    {Status::in_progress, Action::cancel, Status::cancelled},
    {Status::on_hold, Action::resume, Status::released},
    {Status::on_hold, Action::resume, Status::in_progress},
    {Status::on_hold, Action::cancel, Status::cancelled},
};

// Moves a work order that is being edited. Refuses with illegal_transition.
void move(WorkOrder&, Action);

}  // namespace stateset::manufacturing
