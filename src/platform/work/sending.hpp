#pragma once
// What is sent until somebody takes it: webhook deliveries, messages to customers. Each is a row of
// its own slice that lives through `sending_lifecycle`; a worker leases it, tries, and commits what
// came of it. The templates below act on such a row, which has `status`, `attempts` (the newest),
// `tries` (its place in the schedule), `next_attempt_at`, `lease_owner` and `lease_until`.

#include <string>

#include "platform/core/lifecycle.hpp"
#include "platform/work/schedule.hpp"

namespace stateset::work {

enum class SendingStatus { pending, delivered, dead };
enum class SendingAction { succeed, fail, give_up, retry };
inline constexpr Move<SendingStatus, SendingAction> sending_lifecycle[] = {
    {SendingStatus::pending, SendingAction::succeed, SendingStatus::delivered},
    {SendingStatus::pending, SendingAction::fail, SendingStatus::pending},
    {SendingStatus::pending, SendingAction::give_up, SendingStatus::dead},
    {SendingStatus::pending, SendingAction::retry, SendingStatus::pending},
    {SendingStatus::dead, SendingAction::retry, SendingStatus::pending},
};
inline constexpr std::size_t kept_attempts = 50;

// A claim has an `owner`, and is `alone` when nobody else works on this database: then whoever else
// holds a lease is dead.
template <class Sent, class Claim>
bool is_held_by_another(const Sent& sent, const Claim& claim, Time now) {
    const auto& until = sent.lease_until.value;
    bool dead_owner = claim.alone && sent.lease_owner.value != claim.owner;
    return until && *until > now && !dead_owner;
}

template <class Sent>
void lease(Sent& sent, const std::string& owner, Time until) {
    sent.lease_owner.value = owner;
    sent.lease_until.value = until;
}

template <class Sent>
void release(Sent& sent) {
    sent.lease_owner.value.reset();
    sent.lease_until.value.reset();
}

template <class Sent, class Attempt>
void note(Sent& sent, const Attempt& attempt) {
    if (sent.attempts.size() >= kept_attempts) sent.attempts.erase(sent.attempts.begin());
    sent.attempts.push_back(attempt);
}

template <class Sent>
void move_on(Sent& sent, SendingAction action) {
    sent.status = next(sending_lifecycle, sent.status, action);
    if (sent.status != SendingStatus::pending) sent.next_attempt_at.reset();
}

// It was not taken: to be tried again when the schedule says, dead at its end.
template <class Sent>
void fail(Sent& sent, const Schedule& schedule, double chance, std::optional<Span> retry_after,
          Time now) {
    auto wait = wait_after(schedule, ++sent.tries.value, chance, retry_after);
    move_on(sent, wait ? SendingAction::fail : SendingAction::give_up);
    if (wait) sent.next_attempt_at = now + *wait;
}

// Somebody wants it tried now; what was dead is tried as often as a new one. Refuses with
// illegal_transition.
template <class Sent>
void try_again(Sent& sent, Time now) {
    if (sent.status == SendingStatus::dead) sent.tries.value = 0;
    move_on(sent, SendingAction::retry);
    sent.next_attempt_at = now;
}

}  // namespace stateset::work
