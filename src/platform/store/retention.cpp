#include "platform/store/retention.hpp"

#include "sql.hpp"

namespace stateset::store {
namespace {

struct Expired {
    Tenant tenant;
    Uuid id;
};

struct Wanted {
    Time before;
    std::int64_t most;
};

}  // namespace

Retention::Retention(Committer& committer, ReadPool& reads, Options options)
    : committer_(committer), reads_(reads), options_(std::move(options)) {
    thread_ = std::thread([this] { work(); });
}

Retention::~Retention() { stop(); }

void Retention::stop() {
    {
        std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Retention::work() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, options_.every, [this] { return stopping_.load(); })) {
        lock.unlock();
        all_of([this] { return forget(); });
        for (const auto& chore : options_.chores) {
            all_of([&] { return chore.forget(system_now() - chore.keep, options_.at_once); });
        }
        lock.lock();
    }
}

// Round after round until there is no whole one. What fails is tried again with the next.
void Retention::all_of(const std::function<std::size_t()>& round) {
    try {
        const auto most = static_cast<std::size_t>(options_.at_once);
        while (!stopping_ && options_.duty.held() && round() == most) {
        }
    } catch (const std::exception& failure) {
        if (options_.log) options_.log(failure.what());
    }
}

std::size_t Retention::forget() {
    // Outside of the read: one that is run again must ask the same.
    Wanted wanted{.before = system_now() - options_.keep, .most = options_.at_once};
    auto expired = reads_.run(no_tenant, [&](Reads& reads) {
        return reads.all<Expired>(sql::store::expired_records, wanted);
    });
    if (expired.empty()) return 0;
    committer_.run(system_actor(no_tenant), [&](Tx& tx) {
        auto records = tx.each(expired, [&](const Expired& one) {
            return tx.in(one.tenant, [&] { return tx.find<IdempotencyRecord>(one.id); });
        });
        for (std::size_t i = 0; i < records.size(); ++i) {
            if (records[i]) tx.in(expired[i].tenant, [&] { tx.remove(*records[i]); });
        }
    });
    return expired.size();
}

}  // namespace stateset::store
