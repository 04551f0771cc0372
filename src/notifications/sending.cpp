#include "notifications/sending.hpp"

namespace stateset::notifications {
namespace {

void settle(Message& message, const Outcome& outcome, Time now, const work::Schedule& schedule) {
    work::release(message);
    if (outcome.verdict != Verdict::not_made) work::note(message, outcome.attempt);
    switch (outcome.verdict) {
        case Verdict::delivered: return work::move_on(message, work::SendingAction::succeed);
        case Verdict::failed:
            return work::fail(message, schedule, outcome.chance, outcome.retry_after, now);
        case Verdict::refused: return work::move_on(message, work::SendingAction::give_up);
        case Verdict::not_made: return;
    }
}

std::vector<const Message*> found(Tx& tx, const std::vector<Held>& wanted) {
    return tx.each(wanted, [&](const Held& one) {
        return tx.in(one.tenant, [&] { return tx.find<Message>(one.id); });
    });
}

}  // namespace

void add_messages(Tx& tx, const std::vector<Draft>& drafts) {
    for (const auto& draft : drafts) {
        tx.in(draft.tenant, [&] {
            auto message = draft.message;
            message.id = tx.new_id();
            message.next_attempt_at = tx.now();
            tx.add(std::move(message));
        });
    }
}

void forget(Tx& tx, const std::vector<Held>& wanted) {
    auto messages = found(tx, wanted);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (messages[i]) tx.in(wanted[i].tenant, [&] { tx.remove(*messages[i]); });
    }
}

std::vector<Parcel> claim(Tx& tx, const Claim& wanted) {
    auto messages = found(tx, wanted.messages);
    std::vector<Parcel> claimed;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto* one = messages[i];
        if (!one || one->status != MessageStatus::pending) continue;
        if (*one->next_attempt_at > tx.now()) continue;  // somebody tried meanwhile
        if (work::is_held_by_another(*one, wanted, tx.now())) continue;
        auto tenant = wanted.messages[i].tenant;
        tx.in(tenant, [&] {
            auto& message = tx.edit(*one);
            work::lease(message, wanted.owner, tx.now() + wanted.lease);
            claimed.push_back({tenant, message});
        });
    }
    return claimed;
}

Time extend(Tx& tx, const std::vector<Held>& held, const std::string& owner, Span lease) {
    auto messages = found(tx, held);
    auto until = tx.now() + lease;
    for (std::size_t i = 0; i < held.size(); ++i) {
        if (!messages[i] || messages[i]->lease_owner.value != owner) continue;
        tx.in(held[i].tenant, [&] { tx.edit(*messages[i]).lease_until.value = until; });
    }
    return until;
}

void record(Tx& tx, const std::vector<Outcome>& outcomes, const work::Schedule& schedule) {
    std::vector<Held> wanted;
    for (const auto& outcome : outcomes) wanted.push_back(outcome.of);
    auto messages = found(tx, wanted);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (!messages[i] || messages[i]->lease_owner.value != outcomes[i].owner) continue;
        tx.in(wanted[i].tenant,
              [&] { settle(tx.edit(*messages[i]), outcomes[i], tx.now(), schedule); });
    }
}

}  // namespace stateset::notifications
