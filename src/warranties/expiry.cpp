#include "warranties/expiry.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "sql.hpp"
#include "warranties/warranties.hpp"

namespace stateset::warranties {
namespace {

// So that one pass stays short; the next follows at once while there is more.
constexpr std::int64_t most_at_once = 200;
constexpr std::int64_t micros_per_day = hours(24).micros;
// How soon an instance that was not given its duty yet looks again.
constexpr Span patience = seconds(1);

struct Over {
    Tenant tenant;
    WarrantyId id;
};

struct OverWanted {
    Date today;
    std::int64_t most;
};

}  // namespace

struct Expiry::State {
    Committer& committer;
    ReadPool& reads;
    Options options;

    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
    std::thread thread;

    void work();
    bool may_go_on();
    bool expire_some();  // true: there may be more, and this pass got on
    bool attempt(const Over&);
    std::chrono::microseconds rest() const;
};

Expiry::Expiry(Committer& committer, ReadPool& reads, Options options)
    : state_(new State{.committer = committer, .reads = reads, .options = std::move(options)}) {}

Expiry::~Expiry() { stop(); }

void Expiry::start() {
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

void Expiry::stop() {
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
        state_->wake.notify_all();
    }
    if (state_->thread.joinable()) state_->thread.join();
}

void Expiry::State::work() {
    std::unique_lock lock(mutex);
    while (!stopping) {
        lock.unlock();
        try {
            while (may_go_on() && expire_some()) {
            }
        } catch (const std::exception& failure) {
            if (options.log) options.log(std::string("expiring warranties: ") + failure.what());
        }
        auto until = rest();
        lock.lock();
        wake.wait_for(lock, until, [this] { return stopping; });
    }
}

bool Expiry::State::may_go_on() {
    std::scoped_lock lock(mutex);
    return !stopping && options.duty.held();
}

bool Expiry::State::expire_some() {
    // Outside of the read: one that is run again must ask the same.
    OverWanted wanted{date_of(options.clock()), most_at_once};
    auto over = reads.run(
        no_tenant, [&](Reads& from) { return from.all<Over>(sql::warranties::over, wanted); });
    bool any_done = false;
    for (const auto& one : over) {
        if (!may_go_on()) return false;
        any_done |= attempt(one);
    }
    return any_done && over.size() == most_at_once;
}

// One failure stops nobody else; what failed is found again by the next pass.
bool Expiry::State::attempt(const Over& one) {
    try {
        committer.run(system_actor(one.tenant), [&](Tx& tx) { expire_if_over(tx, one.id); });
        return true;
    } catch (const std::exception& failure) {
        if (options.log) options.log(std::string("expiring warranties: ") + failure.what());
        return false;
    }
}

// Until the day ends, if that is sooner.
std::chrono::microseconds Expiry::State::rest() const {
    if (!options.duty.held()) return std::chrono::microseconds(patience.micros);
    auto left_of_day = micros_per_day - options.clock().micros % micros_per_day;
    return std::chrono::microseconds(std::min(options.every.micros, left_of_day));
}

}  // namespace stateset::warranties
