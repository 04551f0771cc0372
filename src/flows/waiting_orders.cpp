#include "flows/waiting_orders.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "flows/backorders.hpp"
#include "sql.hpp"

namespace stateset::flows {
namespace {

using inventory::Balance;

// So that one pass stays short; the next follows at once while there is more.
constexpr std::int64_t most_at_once = 200;
// A busy shop changes balances in every batch; asking more often than this gains nobody anything.
constexpr std::chrono::milliseconds breath{10};

struct TurnsWanted {
    std::int64_t most;
};

// Something of it could be given to somebody.
bool has_available(const store::Row& row) {
    static constexpr auto on_hand = store::column_of<Balance, &Balance::on_hand>(),
                          allocated = store::column_of<Balance, &Balance::allocated>(),
                          quarantined = store::column_of<Balance, &Balance::quarantined>();
    auto at = [&](int column) {
        return std::get<std::int64_t>(row[static_cast<std::size_t>(column)]);
    };
    return at(on_hand) > at(allocated) + at(quarantined);
}

}  // namespace

struct WaitingOrders::State {
    Committer& committer;
    ReadPool& reads;
    Options options;

    std::mutex mutex;
    std::condition_variable wake;
    bool somebody_waits = true;  // as far as is known
    bool wake_now = false;
    bool stopping = false;
    std::thread thread;

    void work();
    bool over();
    void notice(const store::TableChanges&);
    bool pass();  // true: there may be more, and this pass got on
    bool attempt(Tenant, orders::OrderId, const std::vector<Turn>&);
};

WaitingOrders::WaitingOrders(Committer& committer, ReadPool& reads, Options options)
    : state_(new State{.committer = committer, .reads = reads, .options = std::move(options)}) {
    committer.listen([state = state_.get()](const std::vector<store::TableChanges>& changes) {
        for (const auto& table : changes) state->notice(table);
    });
}

WaitingOrders::~WaitingOrders() { stop(); }

void WaitingOrders::start() {
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

void WaitingOrders::stop() {
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
        state_->wake.notify_all();
    }
    if (state_->thread.joinable()) state_->thread.join();
}

void WaitingOrders::State::notice(const store::TableChanges& table) {
    bool began = table.table == &store::info<Backorder>() && !table.added.empty();
    bool stock = false;
    if (table.table == &store::info<Balance>()) {
        auto any = [](const std::vector<store::Written>& rows) {
            return std::ranges::any_of(rows, has_available, &store::Written::row);
        };
        stock = any(table.changed) || any(table.added);
    }
    if (!began && !stock) return;
    std::scoped_lock lock(mutex);
    somebody_waits |= began;
    if (!somebody_waits) return;
    wake_now = true;
    wake.notify_all();
}

void WaitingOrders::State::work() {
    const std::chrono::microseconds poll{options.poll.micros};
    std::unique_lock lock(mutex);
    while (!stopping) {
        bool ask = somebody_waits || options.shared;
        lock.unlock();
        try {
            while (ask && !over() && pass()) {
            }
        } catch (const std::exception& failure) {
            if (options.log) options.log(std::string("waiting orders: ") + failure.what());
        }
        lock.lock();
        wake.wait_for(lock, breath, [this] { return stopping; });
        wake.wait_for(lock, poll, [this] { return stopping || wake_now; });
        wake_now = false;
    }
}

bool WaitingOrders::State::over() {
    std::scoped_lock lock(mutex);
    return stopping || !options.duty.held();
}

bool WaitingOrders::State::pass() {
    auto any = reads.run(no_tenant, [](Reads& from) {
        return !from.all<Turn>(sql::flows::waiting, TurnsWanted{1}).empty();
    });
    {
        // What began to wait since the question was asked has said so, and counts.
        std::scoped_lock lock(mutex);
        somebody_waits = any || wake_now;
    }
    if (!any) return false;
    auto turns = reads.run(no_tenant, [](Reads& from) {
        return from.all<Turn>(sql::flows::turns, TurnsWanted{most_at_once});
    });
    // Orders in the order of their oldest line; their other turns go with it.
    std::vector<std::pair<Tenant, orders::OrderId>> sequence;
    std::map<orders::OrderId, std::vector<Turn>> by_order;
    for (const auto& turn : turns) {
        auto& its = by_order[turn.order_id];
        if (its.empty()) sequence.emplace_back(turn.tenant, turn.order_id);
        its.push_back(turn);
    }
    bool any_done = false;
    for (const auto& [tenant, order] : sequence) {
        if (over()) return false;
        any_done |= attempt(tenant, order, by_order[order]);
    }
    return any_done && turns.size() == most_at_once;
}

// One failure stops nobody else; what failed is found again by the next pass.
bool WaitingOrders::State::attempt(Tenant tenant, orders::OrderId order,
                                   const std::vector<Turn>& turns) {
    try {
        committer.run(system_actor(tenant), [&](Tx& tx) { fill_backorders(tx, order, turns); });
        return true;
    } catch (const std::exception& failure) {
        if (options.log) options.log(std::string("waiting orders: ") + failure.what());
        return false;
    }
}

}  // namespace stateset::flows
