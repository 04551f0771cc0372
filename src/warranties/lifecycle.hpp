#pragma once
// Every legal move of a warranty and of a claim; what is not here is refused. A warranty that is
// extended and still over is expired again at once. Nobody asks for `supersede`: it happens when
// the piece is sold and delivered to somebody else.

#include "warranties/warranties.hpp"

namespace stateset::warranties {

constexpr Move<Status, Action> lifecycle[] = {
    {Status::active, Action::extend, Status::active},
    {Status::active, Action::expire, Status::expired},
    {Status::active, Action::void_, Status::void_},
    {Status::active, Action::supersede, Status::void_},
    {Status::expired, Action::extend, Status::active},
    {Status::expired, Action::supersede, Status::void_},
};

constexpr Move<ClaimStatus, ClaimAction> claim_lifecycle[] = {
    {ClaimStatus::submitted, ClaimAction::review, ClaimStatus::under_review},
    {ClaimStatus::submitted, ClaimAction::approve, ClaimStatus::approved},
    {ClaimStatus::submitted, ClaimAction::reject, ClaimStatus::rejected},
    {ClaimStatus::submitted, ClaimAction::withdraw, ClaimStatus::withdrawn},
    {ClaimStatus::under_review, ClaimAction::approve, ClaimStatus::approved},
    {ClaimStatus::under_review, ClaimAction::reject, ClaimStatus::rejected},
    {ClaimStatus::under_review, ClaimAction::withdraw, ClaimStatus::withdrawn},
    {ClaimStatus::approved, ClaimAction::resolve, ClaimStatus::resolved},
};

}  // namespace stateset::warranties
