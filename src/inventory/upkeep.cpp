#include "inventory/upkeep.hpp"

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "inventory/lots.hpp"
#include "sql.hpp"

namespace stateset::inventory {
namespace {

// So that one pass stays short; the next follows at once while there is more.
constexpr std::int64_t most_at_once = 200;
// A transaction of another process that read a location before it changed ends within this time;
// then what it wrote is looked at once more.
constexpr std::chrono::seconds longest_transaction{60};

struct Due {
    Tenant tenant;
    ReservationId id;
    std::optional<Id<orders::Order>> order_id;
};

struct DueWanted {
    Time now;
    std::int64_t most;
};

struct Outdated {
    Tenant tenant;
    BalanceId id;
    ItemId item_id;
    LocationId location_id;
};

struct OutdatedWanted {
    std::int64_t most;
};

struct Everything {};
struct Changes {
    std::int64_t changes;
};

void expire_if_due(Tx& tx, ReservationId id) {
    auto* reservation = tx.find<Reservation>(id);
    bool due = reservation && reservation->status == ReservationStatus::active &&
               reservation->expires_at && *reservation->expires_at <= tx.now();
    if (due) release(tx, *reservation, ReservationAction::expire);
}

void follow_location(Tx& tx, const Outdated& outdated) {
    auto found = tx.each(std::vector{outdated}, [&](const Outdated& one) {
        tx.find<Item>(one.item_id);
        return std::pair{tx.find<Balance>(one.id), tx.peek<Location>(one.location_id)};
    });
    auto [old, location] = found.front();
    if (!old || !location) return;
    auto& balance = tx.edit(*old);
    balance.priority.value = location->priority;
    balance.open.value = location->active;
}

}  // namespace

struct Upkeep::State {
    Committer& committer;
    ReadPool& reads;
    Options options;

    std::mutex mutex;
    std::condition_variable wake;
    bool locations_changed = true;  // what the last process left undone
    bool wake_now = false;
    bool stopping = false;
    std::thread thread;

    // The thread's own: how often locations had changed when last asked, where others change them.
    std::optional<std::int64_t> changes_seen;
    std::optional<std::chrono::steady_clock::time_point> look_again_at;

    void work();
    bool over();
    void notice_changed_locations();
    bool expire_due();       // true: there may be more, and this pass got on
    bool update_outdated();  // likewise
    template <class F>
    bool attempt(Tenant, const F& command);
};

Upkeep::Upkeep(Committer& committer, ReadPool& reads, Options options)
    : state_(new State{.committer = committer, .reads = reads, .options = std::move(options)}) {
    committer.listen([state = state_.get()](const std::vector<store::TableChanges>& changes) {
        for (const auto& table : changes) {
            if (table.table != &store::info<Location>() || table.changed.empty()) continue;
            std::scoped_lock lock(state->mutex);
            state->locations_changed = state->wake_now = true;
            state->wake.notify_all();
        }
    });
}

Upkeep::~Upkeep() { stop(); }

void Upkeep::start() {
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

void Upkeep::stop() {
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
        state_->wake.notify_all();
    }
    if (state_->thread.joinable()) state_->thread.join();
}

void Upkeep::State::work() {
    const std::chrono::microseconds poll{options.poll.micros};
    std::unique_lock lock(mutex);
    while (!stopping) {
        lock.unlock();
        try {
            if (options.shared) notice_changed_locations();
            while (!over() && expire_due()) {
            }
            while (!over() && update_outdated()) {
            }
            while (!over() && expire_lots(reads, [this](Tenant tenant, const auto& command) {
                return !over() && attempt(tenant, command);
            })) {
            }
        } catch (const std::exception& failure) {
            if (options.log) options.log(std::string("looking after stock: ") + failure.what());
        }
        lock.lock();
        wake.wait_for(lock, poll, [this] { return stopping || wake_now; });
        wake_now = false;
    }
}

bool Upkeep::State::over() {
    std::scoped_lock lock(mutex);
    return stopping || !options.duty.held();
}

// Asks whether any location has changed since the last time, and says so to the next pass.
void Upkeep::State::notice_changed_locations() {
    if (!options.duty.held()) {
        changes_seen.reset();
        return;
    }
    auto found = reads.run(no_tenant, [](Reads& from) {
        return from.one<Changes>(sql::inventory::location_changes, Everything{});
    });
    auto now = std::chrono::steady_clock::now();
    bool changed = changes_seen != found.changes;
    bool again = look_again_at && *look_again_at <= now;
    if (!changed && !again) return;
    look_again_at = changed ? std::optional(now + longest_transaction) : std::nullopt;
    changes_seen = found.changes;
    std::scoped_lock lock(mutex);
    locations_changed = true;
}

bool Upkeep::State::expire_due() {
    // Outside of the read: one that is run again must ask the same.
    DueWanted wanted{system_now(), most_at_once};
    auto due = reads.run(no_tenant,
                         [&](Reads& from) { return from.all<Due>(sql::inventory::due, wanted); });
    std::set<Id<orders::Order>> seen;
    bool any_done = false;
    for (const auto& one : due) {
        if (over()) return false;
        if (one.order_id && !seen.insert(*one.order_id).second) continue;
        any_done |= attempt(one.tenant, [&](Tx& tx) {
            if (one.order_id) {
                options.expire_order(tx, *one.order_id);
            } else {
                expire_if_due(tx, one.id);
            }
        });
    }
    return any_done && due.size() == most_at_once;
}

bool Upkeep::State::update_outdated() {
    {
        std::scoped_lock lock(mutex);
        if (!std::exchange(locations_changed, false)) return false;
    }
    auto outdated = reads.run(no_tenant, [](Reads& from) {
        return from.all<Outdated>(sql::inventory::outdated, OutdatedWanted{most_at_once});
    });
    bool all_done = true;
    for (const auto& one : outdated) {
        if (over()) return false;
        all_done &= attempt(one.tenant, [&](Tx& tx) { follow_location(tx, one); });
    }
    bool more = !all_done || outdated.size() == most_at_once;
    if (more) {
        std::scoped_lock lock(mutex);
        locations_changed = true;
    }
    return all_done && more;
}

// One failure stops nobody else; what failed is found again by the next pass.
template <class F>
bool Upkeep::State::attempt(Tenant tenant, const F& command) {
    try {
        committer.run(system_actor(tenant), command);
        return true;
    } catch (const std::exception& failure) {
        if (options.log) options.log(std::string("looking after stock: ") + failure.what());
        return false;
    }
}

}  // namespace stateset::inventory
