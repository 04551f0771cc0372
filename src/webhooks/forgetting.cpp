#include "webhooks/forgetting.hpp"

#include "sql.hpp"
#include "webhooks/webhooks.hpp"

namespace stateset::webhooks {
namespace {

struct Ended {
    Tenant tenant = no_tenant;
    DeliveryId id;
};

struct Wanted {
    Time before;
    std::int64_t most = 0;
};

}  // namespace

std::size_t forget_ended(Committer& committer, ReadPool& reads, Time before, std::int64_t most) {
    Wanted wanted{.before = before, .most = most};
    auto ended = reads.run(no_tenant, [&](Reads& snapshot) {
        return snapshot.all<Ended>(sql::webhooks::ended_before, wanted);
    });
    if (ended.empty()) return 0;
    committer.run(system_actor(no_tenant), [&](Tx& tx) {
        auto found = tx.each(ended, [&](const Ended& one) {
            return tx.in(one.tenant, [&] { return tx.find<Delivery>(one.id); });
        });
        for (std::size_t i = 0; i < found.size(); ++i) {
            // Retried since it was found: it is owed again.
            if (!found[i] || found[i]->status == DeliveryStatus::pending) continue;
            tx.in(ended[i].tenant, [&] { tx.remove(*found[i]); });
        }
    });
    return ended.size();
}

}  // namespace stateset::webhooks
