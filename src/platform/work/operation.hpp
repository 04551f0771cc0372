#pragma once
// Work that leaves the house. A command commits the intent as an `Operation`; its id is the
// idempotency key given to the outside party. The worker calls with no transaction open and commits
// the outcome through a second command. The request that started it merely waits a while. So the
// normal path is the recovery path: after a crash the same worker goes on.
//
// An operation is born leased to the instance that commits it, which starts it at once; when the
// lease runs out any instance takes it over. A call begins only while half of its lease is left and
// ends within that half; the clocks of two instances may differ by what it leaves. An outcome that
// stays unknown is asked for again, later and later, never guessed.

#include <atomic>
#include <functional>
#include <memory>

#include "platform/http/waiting.hpp"
#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"
#include "platform/work/started.hpp"

namespace stateset::work {

enum class OperationState { pending, done };

struct Operation {
    Uuid id;
    std::string kind;  // "payment.authorize"
    Uuid subject;      // what it is about, e.g. the payment
    OperationState state = OperationState::pending;
    int attempts = 0;  // calls whose outcome is known to be unknown
    RawJson data;      // what the call needs and nobody may change any more
    Time next_attempt_at;
    std::optional<std::string> lease_owner;
    std::optional<Time> lease_until;
    std::string request_id;  // of the request that began it; its outcome's events carry it
    Time created_at;
    Time updated_at;
};

// What came of a call. `known` false: the other side may or may not have acted.
struct Result {
    bool known = false;
    RawJson data;
};

// How one kind of operation is called and settled.
struct Kind {
    std::string_view name;
    // No transaction is open. Calls `done` exactly once, from any thread, in less than half the
    // time that a lease lasts. With attempts > 0 it asks what became of the earlier calls before it
    // acts again.
    std::function<void(const Operation&, std::function<void(Result)> done)> call;
    // Commits what came of it; runs in a command, under the locks it takes. Its answer goes to the
    // waiting request and is stored under its idempotency key: nullopt when an unknown outcome
    // should keep the caller waiting.
    std::function<std::optional<store::Answer>(Tx&, const Operation&, const Result&)> settle;
    // Asks for rows that `settle` will read first, so that they load together with the operation.
    // May be empty; what it throws does not count.
    std::function<void(Tx&, const Operation&)> prepare = {};
};

// How long an operation is kept for the instance that commits it: enough to start the call after
// the commit. Set once, before the first request.
inline std::atomic<Span> newborn_lease = seconds(30);

// In a command: commits the intent. The answer of the request must name the returned id (see
// `Started`).
Uuid begin(Tx&, std::string_view kind, Uuid subject, RawJson data);
// Carried out later, by whoever polls first: for work nobody waits for.
Uuid begin_later(Tx&, std::string_view kind, Uuid subject, RawJson data);
// The other side sent word that it has an outcome: asked for now instead of at its time. Nothing
// happens to an operation that is done or being worked on.
void hurry(Tx&, Uuid operation);

class Operations {
  public:
    struct Options {
        std::string instance;           // owner of leases
        Span lease = seconds(30);       // twice what any call may take
        Span first_retry = seconds(2);  // doubled up to most_retry
        Span most_retry = seconds(300);
        Span poll = seconds(1);
        // No other process works on this database: leases of an earlier one are void at the start.
        bool sole = false;
        std::function<void(std::string_view)> log;
    };
    Operations(Committer&, ReadPool&, http::Waiting&, std::vector<Kind>, Options);
    ~Operations();
    void start();
    void stop();  // begins no more calls, lets those under way end

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::work

template <>
struct stateset::store::Table<stateset::work::Operation>
    : stateset::store::Named<"operations", "operation"> {};
