#pragma once
// Every legal move of a return; what is not here is refused. Once goods have arrived it can only go
// on: they are here, and somebody has to say what becomes of them.

#include "returns/returns.hpp"

namespace stateset::returns {

inline constexpr Move<Status, Action> lifecycle[] = {
    {Status::requested, Action::approve, Status::approved},
    {Status::requested, Action::reject, Status::rejected},
    {Status::requested, Action::cancel, Status::cancelled},
    {Status::approved, Action::receive, Status::received},
    {Status::approved, Action::cancel, Status::cancelled},
    {Status::received, Action::inspect, Status::inspected},
    {Status::inspected, Action::complete, Status::completed},
};

}  // namespace stateset::returns
