#pragma once
// Every legal move of a payment and of a refund; what is not here is refused. `processing` means
// that the gateway's outcome is not known yet.

#include "payments/payments.hpp"

namespace stateset::payments {

inline constexpr Move<Status, Action> lifecycle[] = {
    {Status::processing, Action::authorize, Status::authorized},
    {Status::processing, Action::capture, Status::captured},
    {Status::processing, Action::decline, Status::failed},
    {Status::authorized, Action::capture, Status::captured},
    {Status::authorized, Action::void_, Status::voided},
    {Status::captured, Action::refund_part, Status::partially_refunded},
    {Status::captured, Action::refund_all, Status::refunded},
    {Status::partially_refunded, Action::refund_part, Status::partially_refunded},
    {Status::partially_refunded, Action::refund_all, Status::refunded},
};

inline constexpr Move<RefundStatus, RefundAction> refund_lifecycle[] = {
    {RefundStatus::processing, RefundAction::succeed, RefundStatus::succeeded},
    {RefundStatus::processing, RefundAction::fail, RefundStatus::failed},
};

}  // namespace stateset::payments
